"""MB71x: the calls seen in traffic, compared with the cards."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from generator.checks.rule import RuleContext, Violation, rule
from generator.evidence.records import SeenCall
from generator.evidence.retirements import is_finished
from generator.evidence.sightings import UNKNOWN_CALLER, Sighting, list_sightings
from generator.evidence.traffic.targets import GRPC, SHARED_WITHOUT_PATH
from generator.findings import Severity
from generator.graph.consumers import list_model_uses
from generator.graph.edges import Relation
from generator.grouping import group_pairs
from generator.names import Ref, format_count
from generator.schema import Migration, Model, System
from generator.schema.rollouts import MigrationStatus

_NAMED = 3
"""The number of callers and sources that a message names; the others are counted."""
_GATEWAY = re.compile(
    r"(?:[^/]*/)?(?:istio-(?:ingress|egress)gateway|activator|kourier[\w-]*|ingress-nginx[\w-]*|envoy-gateway[\w-]*)"
)
"""The gateways of Istio, Knative and Kubernetes, which pass on the calls of others."""


def _list_called(context: RuleContext) -> Iterator[tuple[Ref, tuple[Sighting, ...]]]:
    """List the models and systems that were called, each with its callers."""
    for ref in context.select(context.cache_result(_list_targets)):
        if ref in context.graph.cards and ref.kind != "migration":
            sightings = list_sightings(context.graph, context.evidence, ref)
            yield ref, tuple(sighting for sighting in sightings if sighting.calls)


def _list_targets(context: RuleContext) -> frozenset[Ref]:
    """List the nodes that were called."""
    return frozenset(Ref.parse(call.ref) for call in context.evidence.traffic if isinstance(call, SeenCall))


def _describe_calls(calls: Sequence[SeenCall]) -> str:
    """Describe calls by their number and the period in which they were seen."""
    requests = sum(call.requests for call in calls)
    last_on = max((call.last_on for call in calls if call.last_on is not None), default=None)
    return f"{format_count(requests, 'request')}{f' up to {last_on}' if last_on else ''}"


def _describe_callers(callers: Iterable[tuple[str, Sequence[SeenCall]]]) -> str:
    several = sorted(callers, key=lambda one: (-sum(call.requests for call in one[1]), one[0]))
    names = ((f"{name}s" if name == UNKNOWN_CALLER else name, calls) for name, calls in several[:_NAMED])
    named = [f"{name} ({_describe_calls(calls)})" for name, calls in names]
    return ", ".join(named) + (f" and {len(several) - _NAMED:,} more" if len(several) > _NAMED else "")


@rule("MB711", "caller-not-documented", Severity.WARNING)
def caller_not_documented(context: RuleContext) -> Iterator[Violation]:
    """Checks that a card declares every use of a model or a system that `modelbook reconcile` sees in traffic.

    Why: the owner of the model does not know this caller, and breaks it with the next change.
    Fix: add the model under `uses:` of the calling system, or another system under `depends_on:`.
    """
    for target, sightings in _list_called(context):
        for sighting in sightings:
            user = sighting.user
            if user is None or sighting.is_documented:
                continue
            if context.graph.is_retired(target) or context.graph.is_retired(user):
                continue  # MB713 reports both
            loaded = context.graph.cards[user]
            text = f"{user} calls {target}, but no card declares it: {_describe_calls(sighting.calls)}"
            hint, path = f"add `{target}` under `depends_on:`", "depends_on"
            if target.kind == "model" and user.kind == "system":
                hint, path = f"add `- {{model: {target.id}, why: …}}` under `uses:`", "uses"
            elif user.kind == "model":
                hint, path = f"add a flow with the step `{{from: {user}, calls: {target}}}`", "id"
            yield Violation(loaded.at(path), text, hint, user)


@rule("MB712", "documented-but-silent", Severity.INFO, kinds=(Model,))
def documented_but_silent(context: RuleContext) -> Iterator[Violation]:
    """Checks that the traffic has a call for every use of an online model.

    Why: a use that ended keeps a model alive. It may also be rare, or take a path that the traffic does not show.
    Fix: ask the owner of the system, then remove the use or set `confirmed_on:`. A model that is only the fallback of
    another one is not checked, nor one with callers that have no name in the traffic: the system may be one of them.
    """
    sources = context.evidence.sources
    named: list[str] = []
    for one in sources[:_NAMED]:
        details = [one.window] if one.window else []
        details += [f"up to {one.last_on}"] if one.last_on is not None else []
        named.append(f"{one.source} ({' '.join(details)})" if details else one.source)
    searched = ", ".join(named) + (f" and {len(sources) - _NAMED:,} more" if len(sources) > _NAMED else "")
    is_blurred = any(source.undecided.keys() & {GRPC, SHARED_WITHOUT_PATH} for source in sources)
    for loaded, model in context.list_current_models() if sources else ():
        sightings = list_sightings(context.graph, context.evidence, loaded.ref)
        called = [sighting for sighting in sightings if sighting.calls]
        if not model.serving.is_online or (is_blurred and not called) or any(one.user is None for one in called):
            continue
        callers = {sighting.user for sighting in called}
        main = {edge.source for edge in context.graph.list_incoming_edges(loaded.ref, Relation.FALLS_BACK_TO)}
        reported = set[Ref]()
        for edge in context.graph.list_incoming_edges(loaded.ref, Relation.USES):
            system = context.find(edge.source, System)
            if system is None or system.is_retired or edge.source in callers | reported:
                continue
            uses = context.graph.list_outgoing_edges(edge.source, Relation.USES)
            is_fallback = any(use.target in main for use in uses)  # of another model that the system uses
            if is_fallback or _is_newer(context, edge.source, loaded.ref):
                continue
            reported.add(edge.source)
            text = f"{edge.source} declares a use of {loaded.ref}, but no call was seen in {searched}"
            hint = "ask its owner: remove the use, or set `confirmed_on:`"
            yield Violation(edge.position, text, hint, edge.declared_by)


def _is_newer(context: RuleContext, system: Ref, model: Ref) -> bool:
    """Return whether the use began, or was confirmed, after the traffic."""
    last = context.evidence.traffic_on
    if last is None:
        return False
    for use in list_model_uses(context.graph, model):
        days = (day for one in use.statements for day in (one.since, one.confirmed_on) if day is not None)
        if use.system == system and max(days, default=date.min) > last:
            return True
    return False


@rule("MB713", "retired-yet-called", Severity.WARNING)
def retired_yet_called(context: RuleContext) -> Iterator[Violation]:
    """Checks that nothing calls what a migration retires, nor a retired model or system, and that none of these calls.

    Why: the calls fail on the day on which the old host is switched off, if they have an answer at all.
    Fix: find the callers, with `modelbook scan` or with their owners, and move them. It is an error once the migration
    is done: by its status, or because all its waves are. Calls before the last wave are no error, and calls before the
    migration starts are only information.
    """
    for loaded, migration in context.list_cards(Migration):
        if migration.status is MigrationStatus.ROLLED_BACK:
            continue
        done_on = max((wave.done_on for wave in migration.waves if wave.done_on is not None), default=None)
        for index, retired in enumerate(migration.retires):
            calls = [
                call
                for call in context.evidence.list_records(SeenCall, loaded.ref)
                if call.name == retired.text.strip()
            ]
            if calls:
                is_planned = migration.status is MigrationStatus.PLANNED
                state = "will be retired, and is" if is_planned else "is retired, but still"
                callers = group_pairs((call.system or call.caller or UNKNOWN_CALLER, call) for call in calls)
                text = f"{retired.text!r} {state} called by {_describe_callers(callers.items())}"
                last_on = max((call.last_on for call in calls if call.last_on is not None), default=None)
                is_late = last_on is not None and (done_on is None or last_on > done_on)
                severity = Severity.INFO if is_planned else None
                severity = Severity.ERROR if is_finished(migration) and is_late else severity
                hint = "move these callers, or correct the status of the migration"
                yield Violation(loaded.at("retires", index), text, hint, loaded.ref, severity)
    for target, sightings in _list_called(context):
        if sightings and context.graph.is_retired(target):
            loaded = context.graph.cards[target]
            named = _describe_callers((str(one.user or one.name), one.calls) for one in sightings)
            hint = "move these callers, or correct `lifecycle:`"
            yield Violation(loaded.at("lifecycle"), f"{target} is retired, but still called by {named}", hint, target)
        for sighting in sightings:
            user = sighting.user
            if user is not None and context.graph.is_retired(user):
                text = f"{user} is retired, but still calls {target}: {_describe_calls(sighting.calls)}"
                hint = "switch it off, or correct `lifecycle:`"
                yield Violation(context.graph.cards[user].at("lifecycle"), text, hint, user)


@rule("MB714", "caller-unknown", Severity.INFO)
def caller_unknown(context: RuleContext) -> Iterator[Violation]:
    """Checks that every caller in the traffic is a system of the book.

    Why: the call cannot be attributed, so nobody is asked before the model changes. Access logs often name only an
    address or a library, and metrics of a gateway name only the gateway.
    Fix: add the name to `seen_as:` of its system, as a workload, a service account or a user agent, or write a card for
    the system. If the source has no name of the caller, set a user agent in its client.
    """
    for target, sightings in _list_called(context):
        unknown = [sighting for sighting in sightings if sighting.user is None]
        if unknown and not context.graph.is_retired(target):
            loaded = context.graph.cards[target]
            callers = _describe_callers((one.name, one.calls) for one in unknown)
            text = f"{target} is called by programs without a card: {callers}"
            hint = "add the name to `seen_as:` of the system, or write a card: modelbook new system ID"
            if all(one.name == UNKNOWN_CALLER for one in unknown):
                hint = "set a user agent in the client"
            elif all(one.name == UNKNOWN_CALLER or _GATEWAY.fullmatch(one.name) for one in unknown):
                hint = "reconcile the access log of the gateway, or traces: its metrics do not name the callers"
            yield Violation(loaded.at(), text, hint, target)
