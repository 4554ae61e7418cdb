"""The page of a model."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.checks.curl_reviews import CurlReview, review_curls
from generator.checks.field_paths import index_schemas
from generator.contracts.render import as_json, render, sample
from generator.diagrams import GraphDiagram
from generator.graph.consumers import ModelUse, list_model_uses
from generator.graph.duties import DutyKind
from generator.graph.edges import Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.contract import ContractView, contract_view
from generator.pages.contexts.parts import (
    Badge,
    CardView,
    Fact,
    Missing,
    Value,
    badge,
    card_view,
    day_or_missing,
    lifecycle_badge,
    optional,
    owners_fact,
)
from generator.pages.contexts.pictures import neighbourhood
from generator.schema import Experiment, Flow, Migration, Model, Resource
from generator.schema.base import Data
from generator.schema.model import Contract


@dataclass(frozen=True, slots=True)
class Contact:
    """A function of the company with the person to call."""

    function: str
    person: Ref | None
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A feature that the model reads."""

    view: Ref
    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is called."""

    environment: str
    url: str
    host: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A flow, experiment or migration that the model is part of."""

    ref: Ref
    what: str
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the Model Cards paper: paragraphs, a list, or a table."""

    title: str
    paragraphs: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ModelView:
    """All that a model's page shows."""

    card: CardView
    endpoints: tuple[Endpoint, ...]
    curl: str
    curl_is_written: bool
    curl_checked_against: tuple[str, ...]
    """What a written curl was compared with and agrees with: `endpoint`, `contract`."""
    curl_has_side_effects: bool
    contract: ContractView | None
    features: tuple[FeatureRow, ...]
    uses: tuple[ModelUse, ...]
    contacts: tuple[Contact, ...]
    stakeholders: tuple[Ref, ...]
    fallback: Ref | None
    fallback_of: tuple[Ref, ...]
    successor: Ref | None
    picture: GraphDiagram
    touches: tuple[Touch, ...]
    sections: tuple[Section, ...]


def model_view(book: Book, model: Model) -> ModelView:
    """Everything that a model's page shows, from its card and the graph."""
    ref = model.ref
    contract = contract_view(model.contract) if model.contract else None
    review = _curl_review(book, model)
    return ModelView(
        card=card_view(book, model, (lifecycle_badge(model.lifecycle), badge(model.serving)), _facts(book, model)),
        endpoints=tuple(
            Endpoint(environment, url, urlsplit(url).hostname or "") for environment, url in model.endpoints.items()
        ),
        curl=model.curl or sample_call(model, contract),
        curl_is_written=model.curl is not None,
        curl_checked_against=review.checked_against if review else (),
        curl_has_side_effects=review is not None and bool(review.side_effects),
        contract=contract,
        features=tuple(_features(book, model)),
        uses=list_model_uses(book.graph, ref),
        contacts=contacts(book, model),
        stakeholders=tuple(Ref.parse(text) for text in model.stakeholders),
        fallback=Ref("model", model.fallback) if model.fallback else None,
        fallback_of=book.list_sources(ref, Relation.FALLS_BACK_TO),
        successor=Ref("model", model.successor) if model.successor else None,
        picture=neighbourhood(book, ref),
        touches=tuple(touches(book, ref)),
        sections=tuple(_sections(model)),
    )


def _curl_review(book: Book, model: Model) -> CurlReview | None:
    """Return the review of a written curl, the same as that of the rules; None if there is no such curl."""
    if model.curl is None:
        return None
    loaded = book.cards.by_ref[model.ref]
    return review_curls([loaded], index_schemas([loaded])).get(model.ref)


def _facts(book: Book, model: Model) -> tuple[Fact, ...]:
    reviewed: Value = model.review_by or Missing("not planned")
    duties = book.duties.get(model.ref, ())
    late = any(duty.kind is DutyKind.REVIEW and duty.is_overdue for duty in duties)
    return (
        owners_fact(book, model),
        Fact("Lifecycle", (lifecycle_badge(model.lifecycle),)),
        Fact("Serving", (badge(model.serving),)),
        optional("Version", model.version),
        day_or_missing("Deployed on", model.deployed_on),
        Fact("Review by", (reviewed, badge("overdue")) if late else (reviewed,)),
        optional("Successor", Ref("model", model.successor) if model.successor else None),
    )


def contacts(book: Book, model: Model) -> tuple[Contact, ...]:
    """The functions of the company, each with its contact or a visible gap; further ones of the card after them."""
    titles = book.settings.functions
    return tuple(
        _contact(book, titles.get(function, function), model.contacts.get(function))
        for function in [*titles, *(extra for extra in model.contacts if extra not in titles)]
    )


def _contact(book: Book, function: str, person: str | None) -> Contact:
    if person is None:
        return Contact(function, None)
    ref = Ref("person", person)
    return Contact(function, ref, book.has_left(ref))


def sample_call(model: Model, contract: ContractView | None) -> str:
    """The curl made from endpoint, contract and first example; empty where there is no endpoint."""
    url = model.endpoints.get("production") or next(iter(model.endpoints.values()), "")
    if not url.startswith("http"):
        return ""
    declared = model.contract or Contract()
    payload: Data = contract.examples[0].request_data if contract and contract.examples else None
    method = contract.method if contract else declared.method
    return render(sample(url, payload, method, tuple(declared.headers.items())))


def _features(book: Book, model: Model) -> list[FeatureRow]:
    rows: list[FeatureRow] = []
    for feature in model.features:
        view = Ref("feature_view", feature.view)
        known = _described(book.get_resource(view)).get(feature.name, ("", ""))
        rows.append(FeatureRow(view, feature.name, feature.type or known[0], feature.description or known[1]))
    return rows


def _described(view: Resource | None) -> dict[str, tuple[str, str]]:
    features = view.features if view else ()
    return {feature.name: (feature.type or "", feature.description or "") for feature in features}


def touches(book: Book, ref: Ref) -> list[Touch]:
    """The flows, experiments and migrations that a node is part of."""
    found: dict[Ref, Touch] = {}
    edges = [*book.graph.list_incoming_edges(ref), *book.graph.list_outgoing_edges(ref)]
    for edge in sorted(edges, key=lambda edge: (edge.declared_by, edge.step)):
        card = book.get_card(edge.declared_by)
        if isinstance(card, Flow):
            earlier = found.get(card.ref)
            what = f"{earlier.what}, {edge.step}" if earlier else f"step {edge.step}"
            found[card.ref] = Touch(card.ref, what, None)
        elif isinstance(card, Experiment) and card.ref not in found:
            what = f"variant {edge.role}" if edge.relation is Relation.TESTS else str(edge.relation)
            found[card.ref] = Touch(card.ref, what, badge(card.status))
        elif isinstance(card, Migration) and card.ref not in found:
            what = "moves it" if edge.relation is Relation.MOVES else "falls back to it"
            found[card.ref] = Touch(card.ref, what, badge(card.status))
    return sorted(found.values(), key=lambda touch: (touch.ref.kind, book.graph.get_name(touch.ref)))


def _sections(model: Model) -> list[Section]:
    if model.card is None:
        return []
    given = [(name, getattr(model.card, name)) for name in type(model.card).model_fields if name != "extras"]
    return [_section(name.replace("_", " ").capitalize(), value) for name, value in given if value is not None]


def _section(title: str, value: Data) -> Section:
    match value:
        case list() if value and all(isinstance(item, dict) for item in value):
            columns = tuple(dict.fromkeys(key for item in value for key in item))
            rows = tuple(tuple(_plain(item.get(column)) for column in columns) for item in value)
            return Section(title, (), columns, rows)
        case dict():
            return Section(title, (), ("", "value"), tuple((str(key), _plain(item)) for key, item in value.items()))
        case list():
            return Section(title, (), (), tuple((_plain(item),) for item in value))
        case _:
            return Section(title, tuple(part for part in str(value).split("\n\n") if part.strip()))


def _plain(value: Data) -> str:
    match value:
        case None:
            return ""
        case bool() | dict() | list():
            return as_json(value)
        case _:
            return str(value)
