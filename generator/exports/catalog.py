"""catalog.json: the whole graph for scripts, with the versioned schema `catalog.schema.json`.

A script can rely on every key that the schema names. A new key does not raise VERSION; a key that is removed or changes
its meaning does.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from generator.answers.data import origin_to_data
from generator.evidence.records import NO_EVIDENCE, CodeUse, Evidence, EvidenceRecord, NameKind, SeenCall
from generator.findings import Position
from generator.graph.edge_text import describe_declaration
from generator.graph.edges import Edge, Graph, Relation
from generator.names import Ref
from generator.printable import escape_json
from generator.schema import Card
from generator.schema.base import AS_WRITTEN
from generator.settings import RULE_SETTINGS, Settings

FORMAT = "modelbook-catalog"
VERSION = 1
_PEOPLE = frozenset({NameKind.PERSON, NameKind.EMAIL})

Data = dict[str, Any]


def build_catalog(
    graph: Graph,
    name: str,
    pages: Mapping[Ref, str] | None = None,
    evidence: Evidence = NO_EVIDENCE,
    settings: Settings | None = None,
) -> Data:
    """Return the graph as plain data, sorted: every node with its card, every edge with its reason.

    Args:
        graph: The cards and the edges between them.
        name: The name of the book.
        pages: The paths of the pages within the site, if there is one.
        evidence: The evidence of the book.
        settings: The settings of the book, of which those that rules read are exported.

    """
    found = {} if evidence == NO_EVIDENCE else {"evidence": _build_evidence(evidence)}
    stated = {} if settings is None else {"settings": settings.model_dump(mode="json", include={*RULE_SETTINGS})}
    edges = sorted(
        graph.edges,
        key=lambda edge: (edge.source, edge.target, edge.relation, edge.role, edge.step, edge.position),
    )
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        **stated,
        "nodes": [_build_node(graph, ref, (pages or {}).get(ref)) for ref in graph.refs],
        "edges": [_build_edge(edge) for edge in edges],
        **found,
    }


def _build_evidence(evidence: Evidence) -> Data:
    """Return the records of evidence with the keys of their files, apart from names and addresses of people."""
    uses = (one for one in evidence.code if isinstance(one, CodeUse) and one.kind not in _PEOPLE)
    calls = (one for one in evidence.traffic if isinstance(one, SeenCall))
    return {
        "code_on": str(evidence.code_on) if evidence.code_on else None,
        "traffic_on": str(evidence.traffic_on) if evidence.traffic_on else None,
        "repositories": _build_records(evidence.repositories),
        "uses": _build_records(uses),
        "calls": _build_records(calls),
        "verifications": _build_records(evidence.verifications),
    }


def _build_records(records: Iterable[EvidenceRecord]) -> list[Data]:
    rows: list[Data] = [msgspec.to_builtins(record) for record in records]
    for row in rows:
        row.pop("row")
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def render_catalog(data: Data) -> str:
    """Render the catalog as the text of a file."""
    return escape_json(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def _build_node(graph: Graph, ref: Ref, page: str | None) -> Data:
    loaded = graph.cards.get(ref)
    node: Data = {"ref": str(ref), "kind": ref.kind, "id": ref.id, "name": graph.get_name(ref), "card": None}
    if page is not None:
        node["page"] = page
    if loaded is not None:
        owners = sorted({str(edge.target) for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY)})
        node |= {**_to_place(loaded.at()), "owners": owners, "card": to_written_data(loaded.card)}
        if loaded.origin is not None:
            node["source"] = origin_to_data(loaded.origin)
        if loaded.body:
            node["prose"] = loaded.body
    return node


def _build_edge(edge: Edge) -> Data:
    stated: Data = {
        "from": str(edge.source),
        "to": str(edge.target),
        "relation": edge.relation.value,
        "reason": describe_declaration(edge),
        "declared_by": str(edge.declared_by),
        **_to_place(edge.position),
    }
    optional: Data = {"why": edge.why, "role": edge.role, "step": edge.step}
    return stated | {key: value for key, value in optional.items() if value}


def _to_place(position: Position) -> Data:
    return {"file": position.file, "line": position.line}


def to_written_data(card: Card) -> Data:
    """Return a card as plain data without defaults: `kind` and `id` first, the author's own keys as written."""
    stated = card.model_dump(mode="json", by_alias=True, exclude_defaults=True, context=AS_WRITTEN)
    return {"kind": card.kind, "id": card.id, **stated}
