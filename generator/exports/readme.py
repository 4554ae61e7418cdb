"""A model's card as the README.md of the model's own repository, with the front matter of the Hugging Face Hub."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from generator.answers.observations import SightingIndex, describe_sighting
from generator.drafts.yaml_writing import render_yaml
from generator.errors import UserError
from generator.exports.catalog import Data, to_written_data
from generator.exports.markdown import (
    escape_html,
    escape_paragraphs,
    escape_text,
    isolate_markdown,
    render_code,
    render_code_block,
    render_link,
    render_table,
)
from generator.graph.consumers import list_model_uses
from generator.graph.edges import Graph, Relation
from generator.graph.people import has_left, list_owners
from generator.names import Ref, suggest_name
from generator.schema import Model, Person, Team
from generator.schema.model import ModelCardSections

_DETAILS = ("license", "license_name", "license_link", "library_name", "pipeline_tag", "language", "base_model")
_ORIGIN, _HINT = "Generated from ", ". Edit that file."
_REFERENCE = re.compile(r"(?<!!)\[(?P<label>[^\[\]]*)\]\((?P<ref>[a-z][a-z0-9_]*:[A-Za-z0-9][\w.-]*)\)")


def render_readme(
    graph: Graph,
    ref: Ref,
    today: date,
    site: str = "",
    sightings: SightingIndex | None = None,
    functions: Mapping[str, str] | None = None,
) -> str:
    """Render the README of a model on a day; raise UserError if the book has no such model.

    `site` is the address of the model's page, if it has one. The `sightings` add the uses that no card declares.
    `functions` are the functions of the company with their titles.
    """
    card = _get_model(graph, ref)
    blocks = _render_blocks(graph, card, today, sightings, functions or {})
    front_matter, title = "\n".join(_render_front_matter(card)), f"# {escape_text(card.name)}"
    parts = (front_matter, title, *blocks, "---", _render_origin(graph, ref, site))
    return "\n\n".join(filter(None, parts)) + "\n"


def render_section(
    graph: Graph,
    ref: Ref,
    today: date,
    site: str = "",
    sightings: SightingIndex | None = None,
    functions: Mapping[str, str] | None = None,
) -> str:
    """Render the same as a part of a README with other text, which the card cannot change.

    It has no title and no front matter, which are those of the whole file.
    """
    card = _get_model(graph, ref)
    blocks = (*_render_blocks(graph, card, today, sightings, functions or {}), _render_origin(graph, ref, site))
    return isolate_markdown("\n\n".join(filter(None, blocks))) + "\n"


def _get_model(graph: Graph, ref: Ref) -> Model:
    card = graph.cards[ref].card if ref in graph.cards else None
    if not isinstance(card, Model):
        hint = suggest_name(ref.id, [one.id for one in graph.cards if one.kind == "model"])
        raise UserError(f"unknown model {ref.id!r}{f': {hint}' if hint else ''}")
    return card


def is_generated(text: str) -> bool:
    """Return whether a README is one that `render_readme` makes, with nothing that an author added below it."""
    last = text.rstrip().rpartition("\n")[2]
    return last.startswith(_ORIGIN) and last.endswith(_HINT)


def _render_origin(graph: Graph, ref: Ref, site: str) -> str:
    shown_at = f", shown at {render_link(site, site)}" if site else ""
    loaded = graph.cards[ref]
    file, place = loaded.document.file, ""
    if loaded.origin is not None:
        file, place = loaded.origin.path, f" in {escape_text(loaded.origin.repository.name)}"
    return f"{_ORIGIN}{render_code(file)}{place}{shown_at}{_HINT}"


def _render_blocks(
    graph: Graph, card: Model, today: date, sightings: SightingIndex | None, functions: Mapping[str, str]
) -> Iterator[str]:
    """Render the card below its title."""
    yield escape_paragraphs(card.summary)
    yield render_table(
        ("", ""), [(f"**{label}**", value) for label, value in _list_facts(graph, card, today, functions)]
    )
    for name in ModelCardSections.model_fields if card.card is not None else ():
        section = getattr(card.card, name)
        if name != "extras" and section is not None:
            yield f"## {name.replace('_', ' ').capitalize()}"
            yield _render_data(section)
    yield from _render_contract(card)
    if uses := list_model_uses(graph, card.ref):
        header = ("System", "Why", "Where users notice", "Criticality")
        cells = [
            (
                _describe_node(graph, use.system, today),
                "; ".join(map(escape_text, use.whys)),
                escape_text(", ".join(use.surfaces)),
                escape_text(use.criticality or ""),
            )
            for use in uses
        ]
        yield "## Consumers"
        yield render_table(header, cells)
    if found := sightings.list_undocumented(card.ref) if sightings else ():
        users = (_describe_node(graph, one.user, today) if one.user else escape_text(one.name) for one in found)
        evidence = (escape_text(describe_sighting(one)) for one in found)
        yield "## Undeclared uses"
        yield "No card declares these uses; their purpose is unknown."
        yield render_table(("User", "Evidence"), zip(users, evidence, strict=True))
    yield escape_html(_REFERENCE.sub(lambda match: match["label"], graph.cards[card.ref].body))
    if card.links:
        yield "## Links"
        yield "\n".join(f"- {render_link(label, target)}" for label, target in card.links.items())
    if card.notes:
        yield "## Notes"
        yield escape_paragraphs(card.notes)


def _render_front_matter(card: Model) -> Iterator[str]:
    """Render the metadata of the Hub, if any: https://huggingface.co/docs/hub/model-cards#model-card-metadata."""
    sections = to_written_data(card).get("card", {})
    details, training_data = sections.get("model_details"), sections.get("training_data")
    known: Data = {key: details[key] for key in _DETAILS if key in details} if isinstance(details, Mapping) else {}
    if card.tags:
        known["tags"] = list(card.tags)
    if isinstance(training_data, Mapping) and isinstance(training_data.get("datasets"), list):
        known["datasets"] = training_data["datasets"]
    if results := list(_list_results(sections.get("metrics"), known.get("pipeline_tag"))):
        known["model-index"] = [{"name": card.id, "results": results}]
    if known:
        yield "---"
        yield from (line for key, value in known.items() for line in render_yaml(key, value))
        yield "---"


def _list_results(metrics: object, task: object) -> Iterator[Data]:
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, Mapping) and isinstance(metric.get("value"), int | float) and "name" in metric:
            name, dataset = str(metric["name"]), str(metric.get("dataset") or "unknown")
            yield {
                "task": {"type": str(task or "other")},
                "dataset": {"name": dataset, "type": _to_slug(dataset, "-")},
                "metrics": [{"type": _to_slug(name, "_"), "name": name, "value": metric["value"]}],
            }


def _to_slug(name: str, mark: str) -> str:
    return re.sub(r"[^a-z0-9]+", mark, name.lower()).strip(mark) or "unknown"


def _list_facts(graph: Graph, card: Model, today: date, functions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "Lifecycle", card.lifecycle.value
    yield "Serving", card.serving.value
    for label, value in (("Version", card.version), ("Deployed on", card.deployed_on), ("Review by", card.review_by)):
        if value:
            yield label, escape_text(value)
    if card.aliases:
        yield "Also called", ", ".join(map(render_code, card.aliases))
    if owners := list_owners(graph, card.ref):
        yield "Owners", ", ".join(_describe_node(graph, owner, today) for owner in owners)
    for edge in graph.list_outgoing_edges(card.ref, Relation.CONTACT):
        yield f"Contact, {escape_text(functions.get(edge.role, edge.role))}", _describe_node(graph, edge.target, today)
    for edge in graph.list_outgoing_edges(card.ref, Relation.FALLS_BACK_TO, Relation.SUCCEEDED_BY):
        label = "Fallback" if edge.relation is Relation.FALLS_BACK_TO else "Successor"
        yield label, _describe_node(graph, edge.target, today)


def _describe_node(graph: Graph, ref: Ref, today: date) -> str:
    """Return the name of a node, with the address and the channel of a team or a person."""
    card = graph.cards[ref].card if ref in graph.cards else None
    reach = [card.email] if isinstance(card, Team | Person) and card.email else []
    reach += [card.channel] if isinstance(card, Team) and card.channel else []
    left = f", left on {card.left_on}" if isinstance(card, Person) and has_left(graph, ref, today) else ""
    reached = f" ({escape_text(', '.join(reach))})" if reach else ""
    return f"{escape_text(graph.get_name(ref))}{reached}{left}"


def _render_data(value: Any) -> str:  # noqa: ANN401 - sections have any data
    match value:
        case list() if value and all(isinstance(item, Mapping) for item in value):
            keys = list(dict.fromkeys(str(key) for item in value for key in item))
            rows = [[_render_inline(item.get(key)) for key in keys] for item in value]
            return render_table([escape_text(key) for key in keys], rows)
        case list():
            return "\n".join(f"- {_render_inline(item)}" for item in value)
        case Mapping():
            return "\n".join(f"- **{escape_text(key)}:** {_render_inline(item)}" for key, item in value.items())
        case _:
            return escape_paragraphs(value)


def _render_inline(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(_render_inline, value))
        case Mapping():
            return "; ".join(f"{escape_text(key)}: {_render_inline(item)}" for key, item in value.items())
        case _:
            return escape_text(value)


def _render_contract(card: Model) -> Iterator[str]:
    if card.endpoints:
        yield "## Endpoints"
        rows = [(escape_text(name), render_code(address)) for name, address in card.endpoints.items()]
        yield render_table(("Environment", "Address"), rows)
    contract = card.contract
    if contract is None:
        return
    yield "## Contract"
    if contract.openapi and contract.operation:
        yield f"The operation {render_code(contract.operation)}."
    for title, schema in (("Request", contract.request), ("Response", contract.response)):
        if schema is not None:
            yield f"### {title}"
            yield render_code_block(schema, "json")
    for number, example in enumerate(contract.examples, 1):
        yield f"### Example: {escape_text(example.name or number)}"
        yield from (render_code_block(one, "json") for one in (example.request, example.response) if one is not None)
