"""catalog.json: the whole graph for scripts, with a schema and a version that only grows.

A script may rely on every key that the schema names. A new key raises nothing; a key that goes, or changes its
meaning, raises VERSION.
"""

import json
from collections.abc import Mapping
from importlib import resources

from generator.exports.data import Data, card_data
from generator.findings import Position
from generator.graph.edges import Edge, Graph, Relation
from generator.names import Ref
from generator.printable import escape_json

FORMAT = "modelbook-catalog"
VERSION = 1
SCHEMA_FILE = "catalog.schema.json"


def catalog(graph: Graph, name: str, pages: Mapping[Ref, str] | None = None) -> Data:
    """The graph as plain data: every node with its card, every edge with its reason; sorted, the same in every run.

    `name` is the book's; `pages` are the paths of the nodes' pages within the site, where there is one.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "nodes": [_node(graph, ref, (pages or {}).get(ref)) for ref in graph.refs],
        "edges": [_edge(edge) for edge in sorted(graph.edges, key=_order)],
    }


def catalog_text(data: Data) -> str:
    """The catalog as the text of a file."""
    return escape_json(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def catalog_schema() -> Data:
    """The JSON Schema (2020-12) that every catalog of this version keeps."""
    text = resources.files("generator.exports").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: Data = json.loads(text)
    return schema


def _node(graph: Graph, ref: Ref, page: str | None) -> Data:
    loaded = graph.cards.get(ref)
    node: Data = {"ref": str(ref), "kind": ref.kind, "id": ref.id, "name": graph.get_name(ref), "card": None}
    if page is not None:
        node["page"] = page
    if loaded is None:
        return node
    owners = sorted({str(edge.target) for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY)})
    node |= {**_place(loaded.at()), "owners": owners, "card": card_data(loaded.card)}
    if loaded.body:
        node["prose"] = loaded.body
    return node


def _edge(edge: Edge) -> Data:
    said: Data = {
        "from": str(edge.source),
        "to": str(edge.target),
        "relation": edge.relation.value,
        "reason": edge.reason,
        "declared_by": str(edge.declared_by),
        **_place(edge.position),
    }
    told: Data = {"why": edge.why, "role": edge.role, "step": edge.step}
    return said | {key: value for key, value in told.items() if value}


def _place(position: Position) -> Data:
    return {"file": position.file, "line": position.line}


def _order(edge: Edge) -> tuple[Ref, Ref, str, str, int, Position]:
    return edge.source, edge.target, edge.relation, edge.role, edge.step, edge.position
