"""The plan: every case decided, every page either changed, left alone, or in conflict."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.sync.changes import Desk, adjustment, creation
from generator.confluence.sync.conflicts import conflicts_of, keeps_children, removable, removal_of, with_notes
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.states import Case, acknowledged, card_of
from generator.confluence.sync.titles import Titles, nobodys, same
from generator.confluence.sync.values import Change, Conflict, Plan, Trouble
from generator.confluence.wiki import TITLE_LIMIT
from generator.findings import Finding, Position, Severity, apply_severities, sort_findings


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of every page."""

    changes: Mapping[str, Change]
    conflicts: Mapping[str, Conflict]
    findings: tuple[Finding, ...] = ()


def make_plan(
    cases: Sequence[Case],
    desk: Desk,
    titles: Titles,
    severities: Mapping[str, Severity | None],
    findings: Iterable[Finding] = (),
) -> Plan:
    """What publishing would do. The same site, wiki and settings give the same plan, to the byte.

    `findings` are those about the book as a whole; what each page brings along is in its draft.
    """
    known = acknowledged(cases, desk.details)
    decided = _freed(_with_orphans(known, _wanted(known, desk, titles), desk), known)
    drafts = [case.draft for case in known if case.draft is not None]
    found = (
        *(finding for draft in drafts for finding in draft.findings),
        *findings,
        *_without_title(titles, decided),
        *decided.findings,
    )
    snapshot = desk.snapshot
    changes = with_notes(decided.changes, known, snapshot, desk.details, desk.settings)
    return Plan(
        settings=desk.settings,
        flavour=snapshot.flavour,
        space=snapshot.space,
        host=snapshot.host,
        head_version=0 if snapshot.manifest.head is None else snapshot.manifest.head.version,
        pages=len(drafts),
        owned=len(snapshot.published),
        changes=tuple(changes[case.ref] for case in known if case.ref in changes),
        conflicts=tuple(decided.conflicts[case.ref] for case in known if case.ref in decided.conflicts),
        findings=tuple(sort_findings(apply_severities(found, dict(severities)))),
        titles=dict(sorted(titles.by_ref.items())),
        busy=snapshot.busy,
        interrupted=snapshot.manifest.run is not None and snapshot.busy is None,
    )


def _without_title(titles: Titles, decided: _Decided) -> Iterator[Finding]:
    """The pages that can have no title; one that is left as it is anyway needs none."""
    left_alone = {ref for ref, conflict in decided.conflicts.items() if not conflict.stops}
    return (finding for ref, finding in titles.refused.items() if ref not in left_alone)


def _wanted(cases: Iterable[Case], desk: Desk, titles: Titles) -> _Decided:
    """Return the pages of the site, parents first, as a page without one above it cannot be placed."""
    listed = list(cases)
    conflicts = conflicts_of(listed, desk.snapshot, desk.details, desk.settings)
    changes: dict[str, Change] = {}
    standing: set[str | None] = {None}
    for case in listed:
        draft = case.draft
        if draft is None:
            continue
        if case.ref in conflicts or case.ref in titles.refused or len(draft.title) > TITLE_LIMIT:
            standing |= {case.ref} if case.present is not None else set()
            continue
        if draft.parent not in standing:
            conflicts[case.ref] = _without_parent(case, draft, conflicts)
            continue
        standing.add(case.ref)
        change = creation(case, desk) if case.present is None else adjustment(case, desk)
        if change is not None:
            changes[case.ref] = change
    return _Decided(changes, conflicts)


def _without_parent(case: Case, draft: Draft, conflicts: Mapping[str, Conflict]) -> Conflict:
    above = conflicts.get(draft.parent or "")
    words = f"the page of {draft.parent} is not there; settle that first"
    stops = above is None or above.stops
    return Conflict(case.ref, card_of(case), draft.title, "", Trouble.PARENT, stops=stops, words=words)


def _with_orphans(cases: Iterable[Case], decided: _Decided, desk: Desk) -> _Decided:
    """Pages whose cards are gone go too, but for those that somebody changed or built upon."""
    orphans = [case for case in cases if case.draft is None and case.ref not in decided.conflicts]
    vanished = [case for case in orphans if case.present is None]
    present = [case for case in orphans if case.present is not None and desk.settings.orphans != "keep"]
    leaving = {change.page_id for change in decided.changes.values() if change.old_parent}
    going, kept = removable(present, leaving, desk.details)
    changes, conflicts = dict(decided.changes), dict(decided.conflicts)
    for case in (*vanished, *present):
        if case.page is not None and case.page.id in kept:
            conflicts[case.ref] = keeps_children(case, kept[case.page.id], desk.snapshot)
        elif case.present is None or case.present.id in going:
            changes[case.ref] = removal_of(case, desk.snapshot, desk.settings)
    return _Decided(changes, conflicts)


def _freed(decided: _Decided, cases: Iterable[Case]) -> _Decided:
    """Titles that pass from one of our pages to another: who has it steps aside first, or who wants it waits.

    A page that waits keeps its own title, which another one may be waiting for: so until nothing changes.
    """
    holders = {same(case.present.title): case for case in cases if case.present is not None}
    changes, findings = dict(decided.changes), list(decided.findings)
    while True:
        refused = dict(_refused(changes, holders))
        if not refused:
            return replace(decided, changes=_stepping_aside(changes, holders), findings=tuple(findings))
        findings += refused.values()
        changes = {ref: change for ref, change in changes.items() if ref not in refused}


def _refused(changes: Mapping[str, Change], holders: Mapping[str, Case]) -> Iterator[tuple[str, Finding]]:
    for ref, change, holder in _passing(changes, holders):
        held = changes.get(holder.ref)
        if held is None or not (held.removes or held.old_title):
            yield ref, _taken(change, holder)


def _taken(change: Change, holder: Case) -> Finding:
    file, _, line = change.card.rpartition(":")
    message = f"the title {change.title!r} is taken by the page of {holder.ref}, which stays as it is"
    return TITLE_TAKEN.at(Position(file, int(line)), message, "rename the card, or settle that page first")


def _stepping_aside(changes: Mapping[str, Change], holders: Mapping[str, Case]) -> dict[str, Change]:
    aside = {holder.ref: holder for _, _, holder in _passing(changes, holders)}
    return {
        ref: replace(change, aside=_aside(aside[ref])) if ref in aside else change for ref, change in changes.items()
    }


def _aside(holder: Case) -> str:
    """Return a title that nobody wants, for the moment between two of ours."""
    assert holder.present is not None, "only a page that is there holds a title"
    return nobodys(holder.present.title, f"{holder.ref} {holder.present.id}")


def _passing(changes: Mapping[str, Change], holders: Mapping[str, Case]) -> Iterator[tuple[str, Change, Case]]:
    """Yield the changes that want a title which another page of ours has at present."""
    for ref, change in changes.items():
        holder = holders.get(same(change.title))
        if holder is not None and holder.ref != ref and (change.creates or change.old_title):
            yield ref, change, holder
