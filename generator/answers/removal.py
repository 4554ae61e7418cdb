"""The reasons for and against the removal of a model, each with what it links to."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import partial

from generator.answers.observations import EvidenceSource, Observation
from generator.answers.used_by import KnownConsumer
from generator.evidence.sightings import UNKNOWN_CALLER
from generator.graph.consumers import list_model_uses
from generator.graph.edges import DEPENDING, FLOWING, Graph, Relation
from generator.graph.waves import find_next_wave, get_moves
from generator.names import Ref
from generator.schema import KINDS, Experiment, Flow, Migration, Model
from generator.schema.days import format_day
from generator.schema.rollouts import ExperimentStatus
from generator.values import FrozenValue


class ReasonKind(StrEnum):
    """The weight of a reason; the value is the word for a screen reader."""

    BLOCKS = "Blocks"
    WAIT = "Wait"
    FINE = "Fine"


class ReasonTopic(StrEnum):
    """What a reason is about."""

    CONSUMER = "consumer"
    FALLBACK = "fallback"
    EXPERIMENT = "experiment"
    MIGRATION = "migration"
    CLEANUP = "clean-up"
    FLOW = "flow"
    SUNSET = "announced end"
    ONLY_USER = "only user"


class VerdictReason(FrozenValue):
    """A reason with its text and the cards that it links to."""

    kind: ReasonKind
    topic: ReasonTopic
    text: str
    refs: tuple[Ref, ...] = ()
    due: date | None = None
    decides: bool = True
    """Whether it contradicts that a retired model is off; open clean-up does not."""


def list_removal_reasons(
    graph: Graph, model: Model, consumers: Sequence[KnownConsumer], observations: Sequence[Observation], today: date
) -> tuple[VerdictReason, ...]:
    """List the reasons: first those that block, then those to wait for, then those that are fine."""
    found = [
        *_list_consumer_reasons(graph, model, consumers, observations),
        *_list_fallback_reasons(graph, model),
        *_list_experiment_reasons(graph, model),
        *_list_migration_reasons(graph, model),
        *_list_flow_reasons(graph, model, consumers),
    ]
    if (day := model.sunset_on) is not None:
        kind, verb = (ReasonKind.WAIT, "is") if day > today else (ReasonKind.FINE, "was")
        text = f"Its announced end {verb} on {format_day(day)}."
        found.append(VerdictReason(kind, ReasonTopic.SUNSET, text, (), day))
    shared = frozenset[Ref]().union(*(one.shared for one in observations))
    found += _list_only_user_reasons(graph, model, shared)
    order = list(ReasonKind)
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def _list_consumer_reasons(
    graph: Graph, model: Model, consumers: Sequence[KnownConsumer], observations: Iterable[Observation]
) -> Iterator[VerdictReason]:
    for one in consumers:
        where = f", shown in {' and '.join(one.surfaces)}" if one.surfaces else ""
        through = f" through {' and '.join(map(graph.get_name, one.through))}" if one.through else ""
        share = f", {one.traffic_share * 100:g} % of its traffic" if one.traffic_share is not None else ""
        seen = ""
        if not one.is_declared:
            words = {EvidenceSource.CODE: "found in code", EvidenceSource.TRAFFIC: "seen in traffic"}
            found = " and ".join(words[source] for source in one.sources)
            seen = f", {found}, which no card declares" if found else ", which no card declares"
        name = f"an {one.name}" if one.name == UNKNOWN_CALLER and one.ref is None else one.name
        text = f"Used by {name}{through}{where}{share}{seen}; criticality {one.criticality_text}"
        refs = tuple(ref for ref in (one.ref, *one.through) if ref is not None)
        if one.move is not None:
            migration, day = graph.get_name(one.move.migration), format_day(one.move.on)
            text = f"{text}. It moves with {migration}, wave {one.move.wave}, on {day}"
            refs, due = (*refs, one.move.migration), one.move.on
        else:
            due = None
        kind = ReasonKind.BLOCKS if one.is_blocking else ReasonKind.WAIT
        yield VerdictReason(kind, ReasonTopic.CONSUMER, f"{text}.", refs, due)
    if not consumers:
        retired = [use.system for use in list_model_uses(graph, model.ref) if graph.is_retired(use.system)]
        looked = [one.source.value for one in observations if one.was_looked_at]
        elsewhere = f", and none was seen in {' or '.join(looked)}" if looked else ""
        text = f"No card names a consumer{elsewhere}."
        if retired:
            names = graph.get_name(retired[0]) if len(retired) == 1 else f"all {len(retired)}"
            text = f"No consumer is in use: {names} {'is' if len(retired) == 1 else 'are'} retired."
        yield VerdictReason(ReasonKind.FINE, ReasonTopic.CONSUMER, text, tuple(retired) if len(retired) == 1 else ())


def _list_fallback_reasons(graph: Graph, model: Model) -> Iterator[VerdictReason]:
    sources = dict.fromkeys(edge.source for edge in graph.list_incoming_edges(model.ref, Relation.FALLS_BACK_TO))
    for ref in sources:
        if not graph.is_retired(ref):
            text = f"It is the fallback of {graph.get_name(ref)}."
            yield VerdictReason(ReasonKind.WAIT, ReasonTopic.FALLBACK, text, (ref,))
    fallback = Ref("model", model.fallback) if model.fallback is not None else None
    if fallback is not None and not graph.is_retired(fallback):
        after = f" after {model.timeout_ms} ms" if model.timeout_ms else ""
        text = f"If it fails, {graph.get_name(fallback)} answers{after}."
        yield VerdictReason(ReasonKind.FINE, ReasonTopic.FALLBACK, text, (fallback,))


def _list_experiment_reasons(graph: Graph, model: Model) -> Iterator[VerdictReason]:
    edges = graph.list_incoming_edges(model.ref, Relation.TESTS, Relation.REMOVES)
    tested = {edge.source for edge in edges if edge.relation is Relation.TESTS}
    for ref in dict.fromkeys(edge.source for edge in edges):
        experiment = graph.cards[ref].card
        if not isinstance(experiment, Experiment):
            continue
        is_tested = ref in tested
        if is_tested and experiment.status in {ExperimentStatus.DRAFT, ExperimentStatus.RUNNING}:
            text = f"{experiment.name} tests it; the experiment is {experiment.status}."
            yield VerdictReason(ReasonKind.WAIT, ReasonTopic.EXPERIMENT, text, (ref,), experiment.ended_on)
        cleanup = experiment.cleanup
        if str(model.ref) in graph.derived.get("open removals", ref, partial(_find_open_removals, experiment)):
            text = f"The clean-up after {experiment.name} removes it."
            yield VerdictReason(ReasonKind.FINE, ReasonTopic.CLEANUP, text, (ref,))
        items = cleanup.open_items if cleanup and is_tested else ()
        others = [item for item in items if item.remove != str(model.ref)]
        if cleanup and others:
            due = min((day for item in others if (day := item.due or cleanup.due)), default=None)
            count = f"{len(others)} {'item' if len(others) == 1 else 'items'}"
            text = f"Clean-up open after {experiment.name}: {count}{f', due {format_day(due)}' if due else ''}."
            refs = (ref, *(Ref.parse(item.remove) for item in others))
            yield VerdictReason(ReasonKind.WAIT, ReasonTopic.CLEANUP, text, refs, due, decides=False)


def _find_open_removals(experiment: Experiment) -> frozenset[str]:
    """Find the items that the clean-up of an experiment has still to remove."""
    cleanup = experiment.cleanup
    return frozenset(item.remove for item in cleanup.open_items) if cleanup else frozenset()


def _list_migration_reasons(graph: Graph, model: Model) -> Iterator[VerdictReason]:
    edges = graph.list_incoming_edges(model.ref, Relation.MOVES, Relation.RESCUED_BY)
    for ref in dict.fromkeys(edge.source for edge in edges):
        migration = graph.cards[ref].card
        if not isinstance(migration, Migration) or not migration.is_open:
            continue
        upcoming, day = "", None
        if following := find_next_wave(migration):
            number, day = following[0], following[1].planned_on
            upcoming = f", wave {number} of {len(migration.waves)}{f' on {format_day(day)}' if day else ''}"
        verb = "moves it" if str(model.ref) in get_moves(graph, ref) else "falls back to it"
        text = f"{migration.name} {verb}{upcoming}."
        yield VerdictReason(ReasonKind.WAIT, ReasonTopic.MIGRATION, text, (ref,), day)


def _list_flow_reasons(graph: Graph, model: Model, consumers: Sequence[KnownConsumer]) -> Iterator[VerdictReason]:
    """Yield the flows of others that name the model, if no consumer in them is listed already.

    A flow in which only the model depends on anything, as imports write it, does not need the model.
    """
    listed = {one.ref for one in consumers}
    edges = (*graph.list_incoming_edges(model.ref, *FLOWING), *graph.list_outgoing_edges(model.ref, *FLOWING))
    flows: dict[Ref, bool] = {}
    for edge in edges:
        flow = graph.cards[edge.declared_by].card
        others = (
            step.subject != str(model.ref) or step.publishes or step.writes
            for step in (flow.steps if isinstance(flow, Flow) else ())
        )
        if any(others):
            is_listed = edge.source in listed or (edge.target == model.ref and graph.is_retired(edge.source))
            flows[edge.declared_by] = flows.get(edge.declared_by, False) or is_listed
    for ref, is_listed in flows.items():
        if not is_listed:
            text = f"The flow {graph.get_name(ref)} names it."
            yield VerdictReason(ReasonKind.WAIT, ReasonTopic.FLOW, text, (ref,))


def _list_only_user_reasons(graph: Graph, model: Model, shared: frozenset[Ref]) -> Iterator[VerdictReason]:
    """Yield the features and topics that only this model reads or fills, which can be removed with it.

    `shared` are those that others use by the evidence.
    """
    reads = dict.fromkeys(edge.target for edge in graph.list_outgoing_edges(model.ref, *FLOWING))
    fills = dict.fromkeys(
        edge.source for edge in graph.list_incoming_edges(model.ref, Relation.PUBLISHED_BY, Relation.WRITTEN_BY)
    )
    for ref in reads:
        if ref.kind in KINDS or ref in fills or ref in shared:
            continue
        if all(edge.source == model.ref for edge in graph.list_incoming_edges(ref, *DEPENDING)):
            text = f"Only it reads {graph.get_name(ref)}, which can be removed too."
            yield VerdictReason(ReasonKind.FINE, ReasonTopic.ONLY_USER, text, (ref,))
    for ref in fills:
        if all(edge.target == model.ref for edge in graph.list_outgoing_edges(ref, *FLOWING)):
            text = f"Only it fills {graph.get_name(ref)}, which stops with it."
            yield VerdictReason(ReasonKind.FINE, ReasonTopic.ONLY_USER, text, (ref,))
