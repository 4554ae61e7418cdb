"""The pages of what stands around the models: flows, systems, experiments, migrations, resources."""

from dataclasses import dataclass
from datetime import date

from generator.diagrams import GraphDiagram, Timeline
from generator.graph.consumers import ModelUse, list_system_uses
from generator.graph.dependencies import DependencyOrder, compute_flow_order, compute_order
from generator.graph.duties import DutyKind
from generator.graph.edges import DEPENDING, Edge, Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.model import Touch, touches
from generator.pages.contexts.parts import (
    Address,
    Badge,
    CardView,
    Fact,
    Missing,
    badge,
    card_view,
    optional,
    owner_ref,
    owners_fact,
)
from generator.pages.contexts.pictures import flow_edges, flow_picture, migration_picture, neighbourhood
from generator.schema import Experiment, Flow, Migration, Resource, System
from generator.schema.resource import ResourceFeature


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a flow."""

    number: int
    subject: Ref
    verb: str
    object: Ref
    note: str


@dataclass(frozen=True, slots=True)
class FlowView:
    """All that a flow's page shows."""

    card: CardView
    trigger: str
    steps: tuple[StepRow, ...]
    picture: GraphDiagram
    order: DependencyOrder


def flow_view(book: Book, flow: Flow) -> FlowView:
    """Everything that a flow's page shows."""
    steps = tuple(
        StepRow(number, Ref.parse(step.subject), step.verb, Ref.parse(step.object), step.note or "")
        for number, step in enumerate(flow.steps, 1)
    )
    facts = (owners_fact(book, flow), optional("Trigger", flow.trigger))
    implied = compute_flow_order(flow_edges(book, flow))
    return FlowView(card_view(book, flow, (), facts), flow.trigger or "", steps, flow_picture(book, flow), implied)


@dataclass(frozen=True, slots=True)
class SystemView:
    """All that a system's page shows."""

    card: CardView
    uses: tuple[ModelUse, ...]
    needs: tuple[Edge, ...]
    needed_by: tuple[Edge, ...]
    touches: tuple[Touch, ...]
    picture: GraphDiagram


def system_view(book: Book, system: System) -> SystemView:
    """Everything that a system's page shows."""
    ref = system.ref
    facts = (owners_fact(book, system), Fact("Type", (badge(system.type),)), repository(system.repo))
    models = {use.model for use in list_system_uses(book.graph, ref)}
    return SystemView(
        card=card_view(book, system, (badge(system.type),), facts),
        uses=list_system_uses(book.graph, ref),
        needs=tuple(edge for edge in book.graph.list_outgoing_edges(ref, *DEPENDING) if edge.target not in models),
        needed_by=book.graph.list_incoming_edges(ref, *DEPENDING),
        touches=tuple(touches(book, ref)),
        picture=neighbourhood(book, ref),
    )


def repository(address: str | None) -> Fact:
    """Where the code is."""
    return Fact("Repository", (Address(address, address),) if address else ())


@dataclass(frozen=True, slots=True)
class VariantRow:
    """An arm of an experiment."""

    name: str
    model: Ref | None
    traffic: float
    note: str
    is_winner: bool


@dataclass(frozen=True, slots=True)
class CleanupRow:
    """One thing that an experiment leaves behind."""

    remove: Ref
    owner: Ref | None
    done_on: date | None
    badge: Badge
    note: str


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """All that an experiment's page shows."""

    card: CardView
    variants: tuple[VariantRow, ...]
    cleanup: tuple[CleanupRow, ...]
    due: date | None
    open_count: int
    winner: str
    decided_by: Ref | None
    decided_on: date | None
    reason: str
    hypothesis: str


def experiment_view(book: Book, experiment: Experiment) -> ExperimentView:
    """Everything that an experiment's page shows."""
    decision, cleanup = experiment.decision, experiment.cleanup
    facts = (
        owners_fact(book, experiment),
        Fact("Status", (badge(experiment.status),)),
        optional("Started on", experiment.started_on),
        optional("Ended on", experiment.ended_on),
        optional("Runs in", Ref.parse(experiment.where) if experiment.where else None),
        optional("Metric", experiment.metric),
        optional("Clean-up due", cleanup.due if cleanup else None),
    )
    return ExperimentView(
        card=card_view(book, experiment, (badge(experiment.status),), facts),
        variants=tuple(
            VariantRow(
                name,
                Ref("model", variant.model) if variant.model else None,
                variant.traffic,
                variant.note or "",
                decision is not None and decision.winner == name,
            )
            for name, variant in experiment.variants.items()
        ),
        cleanup=tuple(cleanup_rows(book, experiment)),
        due=cleanup.due if cleanup else None,
        open_count=len(cleanup.open_items) if cleanup else 0,
        winner=decision.winner if decision else "",
        decided_by=Ref("person", decision.by) if decision else None,
        decided_on=decision.decided_on if decision else None,
        reason=(decision.reason or "") if decision else "",
        hypothesis=experiment.hypothesis or "",
    )


def cleanup_rows(book: Book, experiment: Experiment) -> list[CleanupRow]:
    """The clean-up list, each item with its state on the day of the book."""
    cleanup = experiment.cleanup
    if cleanup is None:
        return []
    duties = book.duties.get(experiment.ref, ())
    late = {duty.path[2] for duty in duties if duty.kind is DutyKind.CLEANUP and duty.is_overdue}
    fallback = owner_ref(book, experiment.owners[0]) if experiment.owners else None
    return [
        CleanupRow(
            Ref.parse(item.remove),
            owner_ref(book, item.owner) if item.owner else fallback,
            item.done_on,
            badge("done" if item.done_on else "overdue" if index in late else "open"),
            item.note or "",
        )
        for index, item in enumerate(cleanup.items)
    ]


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A step of a rollout."""

    number: int
    scope: str
    traffic: float
    moves: tuple[Ref, ...]
    planned_on: date | None
    done_on: date | None
    badge: Badge
    note: str


@dataclass(frozen=True, slots=True)
class MigrationView:
    """All that a migration's page shows."""

    card: CardView
    moves: tuple[Ref, ...]
    order: DependencyOrder
    waves: tuple[WaveRow, ...]
    fallback: Ref | None
    retires: tuple[str, ...]
    picture: Timeline | None


def migration_view(book: Book, migration: Migration) -> MigrationView:
    """Everything that a migration's page shows."""
    moves = tuple(Ref.parse(text) for text in migration.moves)
    fallback = Ref("model", migration.fallback) if migration.fallback else None
    done = sum(wave.done_on is not None for wave in migration.waves)
    facts = (
        owners_fact(book, migration),
        Fact("Status", (badge(migration.status),)),
        Fact("Progress", (f"{done} of {len(migration.waves)} waves done",) if migration.waves else ()),
        Fact("Fallback", (fallback or Missing("none"),)),
    )
    picture = migration_picture(migration)
    return MigrationView(
        card=card_view(book, migration, (badge(migration.status),), facts),
        moves=moves,
        order=compute_order(book.graph, moves),
        waves=tuple(_waves(book, migration)),
        fallback=fallback,
        retires=migration.retires,
        picture=picture if picture.rows else None,
    )


def _waves(book: Book, migration: Migration) -> list[WaveRow]:
    rows: list[WaveRow] = []
    late = {duty.key for duty in book.duties.get(migration.ref, ()) if duty.is_overdue}
    for number, wave in enumerate(migration.waves, 1):
        rows.append(
            WaveRow(
                number,
                "; ".join(f"{key}: {', '.join(words)}" for key, words in wave.scope.items()) or "everything",
                wave.traffic,
                tuple(Ref.parse(text) for text in wave.moves),
                wave.planned_on,
                wave.done_on,
                badge("done" if wave.done_on else "overdue" if str(number) in late else "planned"),
                wave.note or "",
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class ResourceView:
    """All that a resource's page shows; also of one that is only named."""

    card: CardView
    features: tuple[ResourceFeature, ...]
    read_by: tuple[Edge, ...]
    filled_by: tuple[Edge, ...]
    others: tuple[str, ...]
    """Readers without a card."""
    touches: tuple[Touch, ...]
    picture: GraphDiagram


def resource_view(book: Book, ref: Ref, resource: Resource | None) -> ResourceView:
    """Everything that a resource's page shows."""
    kind = ref.kind.replace("_", " ")
    if resource is None:
        findings = book.list_findings(ref)
        named = "Named in other cards; it has no card of its own."
        card = CardView(ref, ref.id, kind, named, (badge(kind),), (), "", "", findings, "")
    else:
        created = Ref.parse(resource.created_for) if resource.created_for else None
        facts = (
            owners_fact(book, resource),
            Fact("Type", (badge(kind),)),
            optional("Location", resource.location),
            optional("Kept for", resource.retention),
            optional("Created for", created),
        )
        card = card_view(book, resource, (badge(kind),), facts)
    return ResourceView(
        card=card,
        features=resource.features if resource else (),
        read_by=book.graph.list_incoming_edges(ref, *DEPENDING),
        filled_by=book.graph.list_outgoing_edges(ref, Relation.PUBLISHED_BY, Relation.WRITTEN_BY),
        others=resource.consumers if resource else (),
        touches=tuple(touches(book, ref)),
        picture=neighbourhood(book, ref),
    )
