"""A model's card as the README.md of the model's own repository; its front matter is that of the Hugging Face Hub."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.drafts.yaml_writing import render_yaml
from generator.errors import UserError
from generator.exports.data import Data, card_data
from generator.exports.markdown import code, escape_html, fence, lines, link, table, text
from generator.graph.consumers import list_model_uses
from generator.graph.edges import Graph, Relation
from generator.graph.people import has_left
from generator.names import Ref, suggest_name
from generator.schema import Model, Person, Team
from generator.schema.model import ModelCardSections

_DETAILS = ("license", "license_name", "license_link", "library_name", "pipeline_tag", "language", "base_model")
_REFERENCE = re.compile(r"(?<!!)\[(?P<label>[^\[\]]*)\]\((?P<ref>[a-z][a-z0-9_]*:[A-Za-z0-9][\w.-]*)\)")
Block = str


def readme(graph: Graph, ref: Ref, today: date, site: str = "") -> str:
    """The text of the README on a day; `site` is the address of the model's page, if it has one.

    Raises UserError for anything but a model of the book.
    """
    loaded = graph.cards.get(ref)
    if loaded is None or not isinstance(loaded.card, Model):
        models = [one.id for one in graph.cards if one.kind == "model"]
        message = f"there is no model {ref.id!r}; {suggest_name(ref.id, models)}"
        raise UserError(message)
    book = _Book(graph, ref, today, loaded.card, loaded.body)
    blocks = [f"# {text(loaded.card.name)}", lines(loaded.card.summary), *_blocks(book)]
    made = f"Made from {code(loaded.document.file)}{f', shown at {link(site, site)}' if site else ''}; change it there."
    return "\n".join(_front_matter(loaded.card)) + "\n\n" + "\n\n".join([*filter(None, blocks), "---", made]) + "\n"


@dataclass(frozen=True, slots=True)
class _Book:
    """A model with what the book around it knows."""

    graph: Graph
    ref: Ref
    today: date
    card: Model
    body: str

    def name(self, ref: Ref) -> str:
        """A node in words, with how to reach it."""
        card = self.graph.cards[ref].card if ref in self.graph.cards else None
        reach = [card.email] if isinstance(card, Team | Person) and card.email else []
        reach += [card.channel] if isinstance(card, Team) and card.channel else []
        left = f", left on {card.left_on}" if isinstance(card, Person) and has_left(self.graph, ref, self.today) else ""
        told = f" ({text(', '.join(reach))})" if reach else ""
        return f"{text(self.graph.get_name(ref))}{told}{left}"


def _front_matter(card: Model) -> Iterator[str]:
    """The metadata of the Hub: what the card says of licence, library, tags, data and results."""
    sections = card_data(card).get("card", {})
    details = sections.get("model_details")
    data = sections.get("training_data")
    known: Data = {key: details[key] for key in _DETAILS if key in details} if isinstance(details, Mapping) else {}
    if card.tags:
        known["tags"] = list(card.tags)
    if isinstance(data, Mapping) and isinstance(data.get("datasets"), list):
        known["datasets"] = data["datasets"]
    results = list(_results(sections.get("metrics"), known.get("pipeline_tag")))
    if results:
        known["model-index"] = [{"name": card.id, "results": results}]
    yield "---"
    yield from (line for key, value in known.items() for line in render_yaml(key, value))
    yield "---"


def _results(metrics: object, task: object) -> Iterator[Data]:
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, Mapping) and isinstance(metric.get("value"), int | float) and "name" in metric:
            name, dataset = str(metric["name"]), str(metric.get("dataset") or "unknown")
            yield {
                "task": {"type": str(task or "other")},
                "dataset": {"name": dataset, "type": _slug(dataset, "-")},
                "metrics": [{"type": _slug(name, "_"), "name": name, "value": metric["value"]}],
            }


def _slug(name: str, mark: str) -> str:
    return re.sub(r"[^a-z0-9]+", mark, name.lower()).strip(mark) or "unknown"


def _blocks(book: _Book) -> Iterator[Block]:
    yield table(("", ""), [(f"**{label}**", value) for label, value in _facts(book)])
    yield from _sections(book.card.card)
    yield from _calling(book.card)
    yield from _consumers(book)
    if book.body:
        yield escape_html(_REFERENCE.sub(lambda match: match["label"], book.body))
    if book.card.links:
        yield "## Links"
        yield "\n".join(f"- {link(label, target)}" for label, target in book.card.links.items())
    if book.card.notes:
        yield "## Notes"
        yield lines(book.card.notes)


def _facts(book: _Book) -> Iterator[tuple[str, str]]:
    card, graph, ref = book.card, book.graph, book.ref
    yield "Lifecycle", card.lifecycle.value
    yield "Serving", card.serving.value
    for label, value in (("Version", card.version), ("Deployed on", card.deployed_on), ("Review by", card.review_by)):
        if value:
            yield label, text(value)
    if card.aliases:
        yield "Also called", ", ".join(map(code, card.aliases))
    owners = [book.name(edge.target) for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY)]
    if owners:
        yield "Owners", ", ".join(owners)
    for edge in graph.list_outgoing_edges(ref, Relation.CONTACT):
        yield f"Contact, {text(edge.role)}", book.name(edge.target)
    for edge in graph.list_outgoing_edges(ref, Relation.FALLS_BACK_TO, Relation.SUCCEEDED_BY):
        yield ("Fallback" if edge.relation is Relation.FALLS_BACK_TO else "Successor"), book.name(edge.target)


def _sections(card: ModelCardSections | None) -> Iterator[Block]:
    for name in ModelCardSections.model_fields if card is not None else ():
        value = getattr(card, name)
        if name != "extras" and value is not None:
            yield f"## {name.replace('_', ' ').capitalize()}"
            yield _shown(value)


def _shown(value: Any) -> Block:  # noqa: ANN401 - sections hold any data
    match value:
        case list() if value and all(isinstance(item, Mapping) for item in value):
            keys = list(dict.fromkeys(str(key) for item in value for key in item))
            return table([text(key) for key in keys], [[_inline(item.get(key)) for key in keys] for item in value])
        case list():
            return "\n".join(f"- {_inline(item)}" for item in value)
        case Mapping():
            return "\n".join(f"- **{text(key)}:** {_inline(item)}" for key, item in value.items())
        case _:
            return lines(value)


def _inline(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(_inline, value))
        case Mapping():
            return "; ".join(f"{text(key)}: {_inline(item)}" for key, item in value.items())
        case _:
            return text(value)


def _calling(card: Model) -> Iterator[Block]:
    if card.endpoints:
        yield "## Endpoints"
        yield table(
            ("Environment", "Address"), [(text(name), code(address)) for name, address in card.endpoints.items()]
        )
    contract = card.contract
    if contract is None:
        return
    yield "## Contract"
    if contract.openapi and contract.operation:
        yield f"The operation {code(contract.operation)}."
    for title, schema in (("Request", contract.request), ("Response", contract.response)):
        if schema is not None:
            yield f"### {title}"
            yield fence(schema, "json")
    for number, example in enumerate(contract.examples, 1):
        yield f"### Example: {text(example.name or number)}"
        yield from (fence(one, "json") for one in (example.request, example.response) if one is not None)


def _consumers(book: _Book) -> Iterator[Block]:
    uses = list_model_uses(book.graph, book.ref)
    if uses:
        yield "## Consumers"
        rows = [
            (
                book.name(use.system),
                "; ".join(map(text, use.whys)),
                text(", ".join(use.surfaces)),
                text(use.criticality or ""),
            )
            for use in uses
        ]
        yield table(("System", "Why", "Where users notice", "Criticality"), rows)
