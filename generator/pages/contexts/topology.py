"""The pages of flows, systems and resources: how things are connected."""

from collections.abc import Iterable, Iterator
from datetime import date

from generator.diagrams import GraphDiagram
from generator.graph.consumers import ModelUse, list_system_uses
from generator.graph.dependencies import DependencyOrder, compute_flow_order
from generator.graph.edges import DEPENDING, Edge, Relation
from generator.graph.people import get_team, get_team_addresses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.diagrams import build_flow_diagram, build_neighbourhood, list_flow_edges
from generator.pages.contexts.evidence import (
    MISSING,
    EvidenceRow,
    FoundUseRow,
    build_code_evidence,
    build_declaration,
    build_traffic_evidence,
    find_scan,
    find_sighting,
    is_call_expected,
    list_first_days,
    list_found_needs,
    list_found_users,
)
from generator.pages.contexts.parts import (
    Badge,
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
from generator.schema import Flow, Model, System
from generator.schema.topology import ResourceFeature
from generator.values import FrozenValue


class StepRow(FrozenValue):
    """A step of a flow."""

    number: int
    subject: Ref
    verb: str
    object: Ref
    note: str


class FlowView(FrozenValue):
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


class UsedModelRow(FrozenValue):
    """A model that a system uses, with all that is known about the use."""

    ref: Ref
    whys: tuple[str, ...]
    surfaces: tuple[str, ...]
    fields: tuple[str, ...]
    configured_in: tuple[str, ...]
    criticality: Badge
    evidence: tuple[EvidenceRow, ...]
    is_documented: bool
    """Whether a card declares the use; else it was only found in code or seen in traffic."""


class SystemView(FrozenValue):
    """The content of a system's page."""

    card: CardView
    uses: tuple[ModelUse, ...]
    models: tuple[UsedModelRow, ...]
    """The models that it uses, those that no card declares first."""
    needs: tuple[Edge, ...]
    found_needs: tuple[FoundUseRow, ...]
    """The other cards that it uses by the evidence, but that no card declares."""
    needed_by: tuple[Edge, ...]
    found: tuple[FoundUseRow, ...]
    """The users of the system by the evidence."""
    is_scanned: bool
    """Whether the code of the system was scanned."""
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
        models=tuple(_list_used_models(book, ref, uses)),
        needs=tuple(edge for edge in book.graph.list_outgoing_edges(ref, *DEPENDING) if edge.target not in models),
        found_needs=list_found_needs(book, ref),
        needed_by=book.graph.list_incoming_edges(ref, *DEPENDING),
        found=list_found_users(book, ref),
        is_scanned=find_scan(book, system) is not None,
        touches=list_participations(book, ref),
        picture=build_neighbourhood(book, ref),
    )


def _list_used_models(book: Book, system: Ref, uses: Iterable[ModelUse]) -> Iterator[UsedModelRow]:
    """List the models that a system uses: those that are only found, then the declared ones."""
    declared = {use.model: use for use in uses}
    found = {ref: find_sighting(book, system, ref) for ref in book.sightings.targets.get(system, ())}
    only_found = [ref for ref, one in found.items() if one is not None and ref.kind == "model" and ref not in declared]
    for ref in (*book.sort_by_name(only_found), *declared):
        sighting, use, model = found.get(ref), declared.get(ref), book.get_card(ref)
        declaration = EvidenceRow(MISSING, "No card declares it")
        if use is not None:
            recorded = list_first_days(book, ref).get(str(system))
            declaration = build_declaration(book, system, ref, use, recorded)
        elif sighting is not None and sighting.is_documented:
            declaration = build_declaration(book, system, ref, None)
        is_expected = isinstance(model, Model) and is_call_expected(book, model, system)
        yield UsedModelRow(
            ref=ref,
            whys=use.whys if use else (),
            surfaces=use.surfaces if use else (),
            fields=use.fields if use else (),
            configured_in=use.configured_in if use else (),
            criticality=build_badge((use.stated_criticality if use else None) or "not stated"),
            evidence=(
                declaration,
                build_code_evidence(book, system, sighting.uses if sighting else ()),
                build_traffic_evidence(book, sighting.calls if sighting else (), is_expected=is_expected),
            ),
            is_documented=use is not None or (sighting is not None and sighting.is_documented),
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


class ResourceView(FrozenValue):
    """The content of a resource's page, also of a resource without a card."""

    card: CardView
    features: tuple[ResourceFeature, ...]
    read_by: tuple[Edge, ...]
    filled_by: tuple[Edge, ...]
    others: tuple[str, ...]
    """The consumers without a card."""
    found: tuple[FoundUseRow, ...]
    """Its users by the evidence."""
    searched_on: date | None
    """The day of the newest commit that was searched; None if no code was."""
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
            ref, ref.id, badge.word, lead, (badge,), (), "", "", findings=findings, source="", today=book.today,
            known=book.list_known(ref),
        )  # fmt: skip
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
        found=list_found_users(book, ref),
        searched_on=book.evidence.code_on,
        touches=list_participations(book, ref),
        picture=build_neighbourhood(book, ref),
    )
