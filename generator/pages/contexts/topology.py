"""The pages of flows, systems and resources: how things are connected."""

from dataclasses import dataclass

from generator.diagrams import GraphDiagram
from generator.graph.consumers import ModelUse, list_system_uses
from generator.graph.dependencies import DependencyOrder, compute_flow_order
from generator.graph.edges import DEPENDING, Edge, Relation
from generator.graph.people import get_team, get_team_addresses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.diagrams import build_flow_diagram, build_neighbourhood, list_flow_edges
from generator.pages.contexts.parts import (
    CardView,
    FactRow,
    GapMarker,
    LabelledLink,
    Participation,
    Value,
    build_badge,
    build_card_view,
    build_optional_fact,
    build_owners_fact,
    list_participations,
    resolve_owners,
)
from generator.pages.markup import is_linkable
from generator.schema import Flow, System
from generator.schema.topology import ResourceFeature


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
    """The content of a flow's page."""

    card: CardView
    trigger: str
    steps: tuple[StepRow, ...]
    picture: GraphDiagram
    order: DependencyOrder


def build_flow_view(book: Book, flow: Flow) -> FlowView:
    """Build the content of a flow's page."""
    facts = (build_owners_fact(book, flow), build_optional_fact("Trigger", flow.trigger))
    return FlowView(
        card=build_card_view(book, flow, (), facts),
        trigger=flow.trigger or "",
        steps=tuple(
            StepRow(number, Ref.parse(step.subject), step.verb, Ref.parse(step.object), step.note or "")
            for number, step in enumerate(flow.steps, 1)
        ),
        picture=build_flow_diagram(book, flow),
        order=compute_flow_order(list_flow_edges(book, flow)),
    )


@dataclass(frozen=True, slots=True)
class SystemView:
    """The content of a system's page."""

    card: CardView
    uses: tuple[ModelUse, ...]
    needs: tuple[Edge, ...]
    needed_by: tuple[Edge, ...]
    touches: tuple[Participation, ...]
    picture: GraphDiagram


def build_system_view(book: Book, system: System) -> SystemView:
    """Build the content of a system's page."""
    ref = system.ref
    badge = build_badge(system.type)
    lifecycle = (build_badge(system.lifecycle),) if system.lifecycle else ()
    repository = (LabelledLink(system.repo, system.repo),) if system.repo else ()
    facts = (
        build_owners_fact(book, system),
        FactRow("On call", _build_on_call(book, system)),
        FactRow("Type", (badge,)),
        FactRow("Lifecycle", lifecycle),
        FactRow("Repository", repository),
    )
    uses = list_system_uses(book.graph, ref)
    models = {use.model for use in uses}
    return SystemView(
        card=build_card_view(book, system, (badge, *lifecycle), facts),
        uses=uses,
        needs=tuple(edge for edge in book.graph.list_outgoing_edges(ref, *DEPENDING) if edge.target not in models),
        needed_by=book.graph.list_incoming_edges(ref, *DEPENDING),
        touches=list_participations(book, ref),
        picture=build_neighbourhood(book, ref),
    )


def _build_on_call(book: Book, system: System) -> tuple[Value, ...]:
    """Return the on-call of the team that owns a system, or a gap; nothing if a person owns it."""
    owners = resolve_owners(book, system)
    team = get_team(book.graph, owners[0].id) if owners and owners[0].kind == "team" else None
    if team is None:
        return ()
    on_call = get_team_addresses(team).on_call
    if is_linkable(on_call):
        return (LabelledLink(f"{team.name} on call", on_call),)
    return (on_call or GapMarker("No on-call"),)


@dataclass(frozen=True, slots=True)
class ResourceView:
    """The content of a resource's page, also of a resource without a card."""

    card: CardView
    features: tuple[ResourceFeature, ...]
    read_by: tuple[Edge, ...]
    filled_by: tuple[Edge, ...]
    others: tuple[str, ...]
    """The consumers without a card."""
    touches: tuple[Participation, ...]
    picture: GraphDiagram


def build_resource_view(book: Book, ref: Ref) -> ResourceView:
    """Build the content of a resource's page."""
    resource = book.get_resource(ref)
    badge = build_badge(ref.kind)
    if resource is None:
        lead = "Named in other cards; it has no card."
        findings = book.list_findings(ref)
        card = CardView(
            ref, ref.id, badge.word, lead, (badge,), (), "", "", findings=findings, source="", today=book.today
        )
    else:
        created_for = Ref.parse(resource.created_for) if resource.created_for else None
        facts = (
            build_owners_fact(book, resource),
            FactRow("Type", (badge,)),
            build_optional_fact("Location", resource.location),
            build_optional_fact("Kept for", resource.retention),
            build_optional_fact("Created for", created_for),
        )
        card = build_card_view(book, resource, (badge,), facts)
    return ResourceView(
        card=card,
        features=resource.features if resource else (),
        read_by=book.graph.list_incoming_edges(ref, *DEPENDING),
        filled_by=book.graph.list_outgoing_edges(ref, Relation.PUBLISHED_BY, Relation.WRITTEN_BY),
        others=resource.consumers if resource else (),
        touches=list_participations(book, ref),
        picture=build_neighbourhood(book, ref),
    )
