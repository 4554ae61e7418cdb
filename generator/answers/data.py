"""Answers as data: what `--json` prints and what the server for agents returns."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from generator.answers.card_history import CardHistory
from generator.answers.debt import DebtItem, Ledger
from generator.answers.diff import BookDiff
from generator.answers.impact import Impact
from generator.answers.ordering import OrderCheck, Ordering
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Position
from generator.graph.edges import Edge
from generator.load.collected import origin_to_data
from generator.names import Ref
from generator.secrets.redaction import redact_data
from generator.values import FrozenValue

VERSION = 1
"""The version of every JSON answer: a removed key, or one whose meaning changes, raises it; a new key does not."""

Data = dict[str, Any]


def build_answer_data(data: Mapping[str, Any], missing: Iterable[Position] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return the data of an answer with its `version` and without secrets.

    An answer from the graph also has `left_out`: the positions of the cards that are `missing` in it.
    """
    left_out = {} if missing is None else {"left_out": [f"{place.file}:{place.line}" for place in missing]}
    return redact_data({"version": VERSION, **data, **left_out})


def to_data(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return an answer as data: the fields of its values by name, except references, which become text.

    A record of evidence has the keys that it has in its file.
    """
    if isinstance(value, Edge | FrozenValue | Position):
        return {name: to_data(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, msgspec.Struct) and not isinstance(value, Ref):
        return msgspec.to_builtins(value)
    return [to_data(one) for one in value] if isinstance(value, list | tuple) else value


def impact_to_data(found: Impact) -> Data:
    """Return the dependents of a card as data."""
    return {
        "ref": found.ref,
        "name": found.name,
        "affected": [
            {"ref": one.ref, "name": one.name, "distance": one.distance, "reasons": one.reasons,
             "only_weakened": one.only_weakened}
            for one in found.affected
        ],
        "told": to_data(found.told),
        "surfaces": to_data(found.surfaces),
        "rescues": to_data(found.rescues),
        "named_by": found.named_by,
        "found": to_data(found.found),
    }  # fmt: skip


def order_to_data(ordering: Ordering) -> Data:
    """Return a migration order as data."""
    return {
        "waves": ordering.waves, "reasons": to_data(ordering.reasons), "cycles": ordering.cycles,
        "remaining": to_data(ordering.remaining),
    }  # fmt: skip


def order_check_to_data(checked: OrderCheck) -> Data:
    """Return the comparison of a migration with the order as data."""
    return {
        "migration": checked.migration, "moves": checked.moves, "violations": to_data(checked.violations),
        "unknown": checked.unknown, **order_to_data(checked.ordering),
    }  # fmt: skip


def ledger_to_data(ledger: Ledger) -> Data:
    """Return the ledger as data; the items of a team are those of `entries` and `open` that name it."""
    teams = [
        {
            "team": one.team, "name": one.name, "owed": len(one.entries), "open": len(one.open),
            "oldest": one.oldest, "suppressed": len(one.suppressed),
            "open_findings": {severity.value: count for severity, count in one.open_findings},
        }
        for one in ledger.teams
    ]  # fmt: skip
    return {
        "today": ledger.today,
        "entries": [item_to_data(item) for item in ledger.entries],
        "open": [item_to_data(item) for item in ledger.open],
        "by_kind": {kind.value: count for kind, count in ledger.by_kind},
        "teams": teams,
        "suppressed": [suppressed_to_data(one) for one in ledger.suppressed],
    }


def item_to_data(item: DebtItem) -> Data:
    """Return an overdue or open item as data for JSON."""
    duty = item.duty
    return {
        "subject": item.subject, "name": item.name, "kind": item.kind, "what": item.what, "teams": item.teams,
        "since": item.since, "days": item.days, "code": duty.code, "key": duty.key, "state": duty.state,
        "due": duty.due, "owners": duty.owners,
    }  # fmt: skip


def finding_to_data(finding: Finding) -> Data:
    """Return a finding as data for JSON; `source` is its place in the repository of a collected card."""
    source = finding.source
    place = {} if source is None else {
        "repository": source.repository, "file": source.position.file, "line": source.position.line,
        "column": source.position.column, "url": source.url,
    }  # fmt: skip
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "file": finding.position.file,
        "line": finding.position.line,
        "column": finding.position.column,
        "message": finding.message,
        "hint": finding.hint,
        "card": str(finding.subject) if finding.subject else None,
        "softened_from": finding.softened_from.value if finding.softened_from else None,
        **({"source": place} if place else {}),
    }


def suppressed_to_data(one: Suppressed) -> Data:
    """Return a suppressed finding as data for JSON."""
    return {**finding_to_data(one.finding), "reason": one.reason}


def history_to_data(found: CardHistory) -> Data:
    """Return the history of a card as data."""
    events = [
        {
            "day": event.on, "landed_on": event.landed_on, "subject": event.subject, "aspect": event.kind,
            "which": event.key, "change": event.change.name.lower(), "before": event.before, "after": event.after,
            "said_by": event.declared_by,
            "commit": {"id": event.commit.id, "author": event.commit.author, "message": event.commit.message},
        }
        for event in (one.event for one in found.events)
    ]  # fmt: skip
    source = {"source": origin_to_data(found.origin)} if found.origin is not None else {}
    return {"ref": found.ref, "name": found.name, "notes": found.notes, "events": events, **source}


def diff_to_data(found: BookDiff) -> Data:
    """Return the differences between two books as data."""
    return {
        "deletions": [
            {"ref": one.ref, "name": one.name, "accepted": one.is_accepted, "consumers": to_data(one.consumers)}
            for one in found.deletions
        ],
        "verdicts": [
            {"ref": one.ref, "name": one.name, "before": {"kind": one.kind_before, "sentence": one.before},
             "after": {"kind": one.kind_after, "sentence": one.after}}
            for one in found.verdicts
        ],
        "affected": to_data(found.affected),
        "told": to_data(found.told),
        "cards": [
            {"ref": card.ref, "name": card.name, "change": card.change.name.lower(), "renamed_from": card.renamed_from,
             "facts": [
                 {"aspect": fact.kind, "which": fact.key, "change": fact.change.name.lower(), "before": fact.before,
                  "after": fact.after, "declared_by": fact.declared_by, "text": fact.text}
                 for fact in card.facts
             ],
             "other_keys": card.other_keys}
            for card in found.cards
        ],
        "unknown": found.unknown,
    }  # fmt: skip
