"""The page of a model."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec.structs import replace

from generator.answers.card_history import find_last_review
from generator.answers.observations import EvidenceSource
from generator.answers.verdict import Verdict
from generator.checks.curl_reviews import review_curl
from generator.checks.field_paths import get_contract_schemas
from generator.contracts.fields import Field, list_fields
from generator.contracts.render import render_payload
from generator.contracts.samples import make_sample_call
from generator.diagrams import GraphDiagram
from generator.graph.consumers import ModelUse, list_model_uses
from generator.graph.duties import DutyKind
from generator.graph.edges import DEPENDING, Relation
from generator.graph.people import resolve_owner
from generator.names import Ref, format_count
from generator.pages.book import Book
from generator.pages.contexts.contacts import ContactRow, list_contacts
from generator.pages.contexts.diagrams import build_neighbourhood
from generator.pages.contexts.evidence import VerifiedRow, list_verified
from generator.pages.contexts.inventory import ModelInventory, build_model_inventory, list_inventory_facts
from generator.pages.contexts.lifecycle import (
    LifecycleStep,
    OperationsRow,
    list_lifecycle_steps,
    list_missing_operations,
    list_operations,
    list_operations_facts,
)
from generator.pages.contexts.parts import (
    CardView,
    FactRow,
    GapMarker,
    Participation,
    Value,
    build_badge,
    build_card_view,
    build_link_fact,
    build_optional_fact,
    build_owners_fact,
    list_participations,
)
from generator.pages.contexts.verdict import AnswerView, ConsumerRow, build_answer_view, build_consumer_rows
from generator.schema import Model
from generator.schema.base import Data
from generator.schema.model import Contract
from generator.values import FrozenValue

_MOST_NAMED = 4
"""The most consumers and surfaces in the page properties."""


class InstanceRow(FrozenValue):
    """An endpoint of a copy of the model."""

    id: str
    environment: str
    url: str
    verified: VerifiedRow | None = None


class FeatureRow(FrozenValue):
    """A feature that the model reads."""

    view: Ref
    name: str
    type: str
    description: str


class EndpointRow(FrozenValue):
    """An endpoint of a model."""

    environment: str
    url: str
    host: str
    verified: VerifiedRow | None = None
    """Its last answer to the example; None if it was never verified."""


class ExampleView(FrozenValue):
    """A request with its response, as JSON."""

    name: str
    request: str
    response: str


class ContractView(FrozenValue):
    """The request and the response of a model."""

    method: str
    request: tuple[Field, ...]
    response: tuple[Field, ...]
    examples: tuple[ExampleView, ...]
    headers: tuple[tuple[str, str], ...]
    operation: str


class ModelCardSection(FrozenValue):
    """A section of the paper "Model Cards for Model Reporting": paragraphs, a list, or a table."""

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns, with the title instead of `name`; `>` marks a column of numbers."""
        headings = []
        for number, name in enumerate(self.columns):
            title = self.title if name in {"name", ""} else name[:1].upper() + name[1:]
            cells = [row[number].removeprefix("-").replace(".", "", 1) for row in self.rows]
            is_numeric = bool(cells) and all(map(str.isdecimal, cells))
            # A space keeps a sign of the card's own from being such a mark.
            headings.append(f">{title}" if is_numeric else f" {title}" if title[:1] == ">" else title)
        return tuple(headings)


class ModelView(FrozenValue):
    """The content of a model's page."""

    card: CardView
    endpoints: tuple[EndpointRow, ...]
    is_verified: bool
    """Whether any of its endpoints was verified."""
    curl: str
    curl_origin: str
    """What a generated curl was made of, or why there is none."""
    curl_is_written: bool
    curl_checked_against: tuple[str, ...]
    """The sources with which a hand-written curl agrees: `endpoint`, `contract`."""
    curl_has_side_effects: bool
    contract: ContractView | None
    features: tuple[FeatureRow, ...]
    uses: tuple[ModelUse, ...]
    contacts: tuple[ContactRow, ...]
    stakeholders: tuple[Ref, ...]
    fallback: Ref | None
    is_fallback_retired: bool
    fallback_of: tuple[Ref, ...]
    successor: Ref | None
    picture: GraphDiagram
    touches: tuple[Participation, ...]
    sections: tuple[ModelCardSection, ...]
    answer: AnswerView
    consumers: tuple[ConsumerRow, ...]
    consumer_count: int
    instances: tuple[InstanceRow, ...]
    timeout_ms: int | None
    needs: tuple[Ref, ...]
    operations: tuple[OperationsRow, ...]
    missing_operations: tuple[str, ...]
    """The parts of the operations that a model in production should have."""
    steps: tuple[LifecycleStep, ...]
    inventory: ModelInventory | None
    """None if the card has none of its fields."""


def build_model_view(book: Book, model: Model) -> ModelView:
    """Build the content of a model's page."""
    ref = model.ref
    review = None
    if model.curl is not None and not model.is_retired:
        review = review_curl(book.cards.by_ref[ref], model, get_contract_schemas(model).get("request"))
    facts, strip = _build_facts(book, model)
    sample = make_sample_call(model)
    badges = [build_badge(model.lifecycle), build_badge(model.serving)]
    verdict = book.judge_removal(ref)
    stated = next((one.criticality for one in verdict.consumers if one.criticality is not None), None)  # the highest
    badges += [replace(build_badge(stated), word=f"{stated} criticality")] if stated else []
    consumers = build_consumer_rows(book, model, verdict)
    verified = list_verified(book, ref)
    return ModelView(
        card=build_card_view(book, model, tuple(badges), facts, strip, _list_properties(book, model, verdict)),
        endpoints=tuple(
            EndpointRow(environment, url, urlsplit(url).hostname or "", verified.get(("", environment)))
            for environment, url in model.endpoints.items()
        ),
        is_verified=bool(verified),
        curl=model.curl or sample.command,
        curl_origin="" if model.curl else sample.origin,
        curl_is_written=model.curl is not None,
        curl_checked_against=review.checked_against if review else (),
        curl_has_side_effects=review is not None and bool(review.side_effects),
        contract=_build_contract_view(model.contract) if model.contract else None,
        features=tuple(_list_features(book, model)),
        uses=list_model_uses(book.graph, ref),
        contacts=list_contacts(book, model),
        stakeholders=tuple(Ref.parse(text) for text in model.stakeholders),
        fallback=Ref("model", model.fallback) if model.fallback else None,
        is_fallback_retired=model.fallback is not None and book.graph.is_retired(Ref("model", model.fallback)),
        fallback_of=book.list_sources(ref, Relation.FALLS_BACK_TO),
        successor=Ref("model", model.successor) if model.successor else None,
        picture=build_neighbourhood(book, ref),
        touches=list_participations(book, ref),
        sections=tuple(_list_sections(model)),
        answer=build_answer_view(verdict),
        consumers=consumers,
        consumer_count=max(len(verdict.consumers), len(consumers)),
        instances=tuple(
            InstanceRow(instance.id, environment, url, verified.get((instance.id, environment)))
            for instance in model.instances
            for environment, url in (instance.endpoints or {"": ""}).items()
        ),
        timeout_ms=model.timeout_ms if model.fallback is None else None,
        needs=tuple(one for one in book.list_targets(ref, *DEPENDING) if one.id != model.fallback),
        operations=tuple(list_operations(book, model)),
        missing_operations=tuple(list_missing_operations(model)),
        steps=tuple(list_lifecycle_steps(book, model)),
        inventory=build_model_inventory(book, model),
    )


def _build_facts(book: Book, model: Model) -> tuple[tuple[FactRow, ...], tuple[FactRow, ...]]:
    """Return all facts of a model, and the few for the strip at the top of its page."""
    successor = Ref("model", model.successor) if model.successor else None
    duties = book.duties.get(model.ref, ())
    is_overdue = any(duty.kind is DutyKind.REVIEW and duty.is_overdue for duty in duties)
    review_by: tuple[Value, ...] = (model.review_by or GapMarker("not planned"),)
    if model.is_retired and not model.review_by:
        review_by = ()
    owners = build_owners_fact(book, model)
    links, unused = (build_link_fact("Runbook", model.runbook),), model.confirmed_unused
    next_review = FactRow("Review by", (*review_by, build_badge("overdue")) if is_overdue else review_by)
    facts = (
        owners,
        FactRow("Lifecycle", (build_badge(model.lifecycle),)),
        FactRow("Serving", (build_badge(model.serving),)),
        build_optional_fact("Version", model.version),
        build_optional_fact("Deployed on", model.deployed_on or (None if model.is_retired else GapMarker())),
        next_review,
        build_optional_fact("Successor", successor),
        build_optional_fact("Announced end", model.sunset_on),
        build_optional_fact("Callers wait", f"{model.timeout_ms} ms" if model.timeout_ms else None),
        *links,
        build_optional_fact("Family", model.family),
        FactRow("Copies", tuple(instance.id for instance in model.instances)),
        *list_operations_facts(book, model),
        *list_inventory_facts(book, model),
        FactRow("Confirmed unused", (unused.on, resolve_owner(book.graph, unused.by)) if unused else ()),
    )
    reviewed_on = find_last_review(book.list_trail(model.ref))
    version: Value = model.version or GapMarker("not stated")
    strip = (
        owners,
        FactRow("Version", (version,), ("live since", model.deployed_on) if model.deployed_on else ()),
        replace(next_review, name="Next review", detail=("reviewed on", reviewed_on) if reviewed_on else ()),
        build_optional_fact("Successor", successor),
        build_optional_fact("Family", model.family),
        *links,
    )
    return facts, strip


def _list_properties(book: Book, model: Model, verdict: Verdict) -> tuple[FactRow, ...]:
    """List the computed facts, with which a report in Confluence answers whether models can be switched off."""
    names = [one.name for one in verdict.consumers]
    users = ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else "")
    surfaces = dict.fromkeys(surface for one in verdict.consumers for surface in one.surfaces)
    next_change = min((one.due for one in verdict.reasons if one.due and one.due >= book.today), default=None)
    criticality = next((one.criticality_text for one in verdict.consumers), None)
    return (
        FactRow("Can it be switched off", (verdict.sentence.partition(".")[0],)),
        build_optional_fact("Criticality", criticality),
        build_optional_fact("Used by", users),
        FactRow("Surfaces", tuple(surfaces)[:_MOST_NAMED]),
        build_optional_fact("Fallback", Ref("model", model.fallback) if model.fallback else None),
        build_optional_fact("Next change", next_change),
        *_list_evidence_properties(book, model, verdict),
    )


def _list_evidence_properties(book: Book, model: Model, verdict: Verdict) -> Iterator[FactRow]:
    """List the facts about the evidence; none of a source that was not looked at."""
    for one in verdict.observations:
        if one.was_looked_at:
            count = len({(user.ref, user.name) for user in one.consumers})
            label = "Found in code" if one.source is EvidenceSource.CODE else "Seen in traffic"
            yield FactRow(label, (format_count(count, "consumer"),))
    if any(one.was_looked_at for one in verdict.observations):
        undeclared = [user.name for user in verdict.consumers if not user.is_declared]
        yield build_optional_fact("Undeclared uses", ", ".join(undeclared[:_MOST_NAMED]) or "none")
    yield build_optional_fact("Last verified", book.evidence.get_last_valid_day(model.ref))


def _build_contract_view(contract: Contract) -> ContractView:
    return ContractView(
        method=contract.method,
        request=() if contract.request is None else list_fields(contract.request),
        response=() if contract.response is None else list_fields(contract.response),
        examples=tuple(
            ExampleView(
                name=example.name or "",
                request="" if example.request is None else render_payload(example.request),
                response="" if example.response is None else render_payload(example.response),
            )
            for example in contract.examples
        ),
        headers=tuple(contract.headers.items()),
        operation=contract.operation or "",
    )


def _list_features(book: Book, model: Model) -> list[FeatureRow]:
    """Return the features with the type and the description of their view if the model gives none."""
    rows: list[FeatureRow] = []
    for feature in model.features:
        view = Ref("feature_view", feature.view)
        known = book.index_features(view).get(feature.name)
        feature_type = feature.type or (known.type if known else None) or ""
        description = feature.description or (known.description if known else None) or ""
        rows.append(FeatureRow(view, feature.name, feature_type, description))
    return rows


def _list_sections(model: Model) -> list[ModelCardSection]:
    """Return the sections of `card:`, each in the form that its value needs."""
    if model.card is None:
        return []
    sections: list[ModelCardSection] = []
    for name in type(model.card).model_fields:
        title, value = name.replace("_", " ").capitalize(), getattr(model.card, name)
        if name == "extras" or value is None:
            continue
        match value:
            case list() if value and all(isinstance(item, dict) for item in value):
                columns = tuple(dict.fromkeys(key for item in value for key in item))
                rows = tuple(tuple(_format_cell(item.get(column)) for column in columns) for item in value)
                sections.append(ModelCardSection(title, columns=columns, rows=rows))
            case dict():
                rows = tuple((str(key), _format_cell(item)) for key, item in value.items())
                sections.append(ModelCardSection(title, columns=("", "value"), rows=rows))
            case list():
                sections.append(ModelCardSection(title, rows=tuple((_format_cell(item),) for item in value)))
            case _:
                paragraphs = tuple(part for part in str(value).split("\n\n") if part.strip())
                sections.append(ModelCardSection(title, paragraphs))
    return sections


def _format_cell(value: Data) -> str:
    if value is None:
        return ""
    return render_payload(value) if isinstance(value, bool | dict | list) else str(value)
