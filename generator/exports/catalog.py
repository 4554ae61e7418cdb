"""catalog.json: the whole graph for scripts, with the versioned schema `catalog.schema.json`.

A script can rely on every key that the schema names. A new key does not raise VERSION; a key that is removed or changes
its meaning does.
"""

import io
import json
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, BinaryIO

import msgspec

from generator.evidence.records import NO_EVIDENCE, CodeUse, Evidence, EvidenceRecord, SeenCall
from generator.evidence.sightings import NAMES_OF_PEOPLE
from generator.findings import Position
from generator.graph.edge_text import describe_declaration
from generator.graph.edges import Graph, Relation
from generator.json_text import render_json, render_json_items
from generator.load.collected import origin_to_data
from generator.names import Ref
from generator.printable import escape_json
from generator.schema import Card
from generator.schema.base import AS_WRITTEN
from generator.settings import RULE_SETTINGS, Settings
from generator.values import FrozenValue

FORMAT = "modelbook-catalog"
VERSION = 1

_NODES, _EDGES = b',\n "nodes": ', b',\n "edges": '
_OPENING, _SEPARATOR, _CLOSING = b"[\n", b",\n", b"\n ]"

Data = dict[str, Any]
Text = bytes | memoryview


class CatalogPieces(FrozenValue):
    """The parts of catalog.json as UTF-8: a node and the edges from it can be replaced without the others.

    They can be iterators, which render each part when it is written.
    """

    head: Text
    nodes: Iterable[Text]
    """Each node of the graph, in its order."""
    edges: Iterable[Text]
    """The edges from each of them; empty without an edge."""
    tail: Text

    def join(self) -> bytes:
        """Return the file."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()

    def write(self, file: BinaryIO) -> bytes:
        """Write the file, and return the lengths by which `update_catalog` finds the pieces in it."""
        lengths = array("I", [len(self.head)])
        file.write(self.head)
        for label, pieces in ((_NODES, self.nodes), (_EDGES, self.edges)):
            file.write(label)
            before = _OPENING
            for piece in pieces:
                lengths.append(len(piece))
                if piece:
                    file.write(before)
                    file.write(piece)
                    before = _SEPARATOR
            file.write(_CLOSING if before == _SEPARATOR else b"[]")
        lengths.append(len(self.tail))
        file.write(self.tail)
        return lengths.tobytes()


def render_catalog(
    graph: Graph,
    name: str,
    pages: Mapping[Ref, str] | None = None,
    evidence: Evidence = NO_EVIDENCE,
    settings: Settings | None = None,
) -> CatalogPieces:
    """Render the graph as JSON, sorted: every node with its card, every edge with its reason. It can be written once.

    `pages` has the paths of the pages within the site, if there is one. Of the settings, those that rules read are
    exported.
    """
    stated = {} if settings is None else {"settings": settings.model_dump(mode="json", include={*RULE_SETTINGS})}
    head = render_json({"format": FORMAT, "version": VERSION, "name": name, **stated}, escape_json).removesuffix("\n}")
    found = "" if evidence == NO_EVIDENCE else render_json({"evidence": _build_evidence(evidence)}, escape_json)
    tail = f",{found[1:]}\n" if found else "\n}\n"
    return CatalogPieces(
        head.encode(),
        (render_catalog_node(graph, ref, (pages or {}).get(ref)) for ref in graph.refs),
        (render_catalog_edges(graph, ref) for ref in graph.refs),
        tail.encode(),
    )


def list_changed_nodes(before: Graph, after: Graph, changed: Collection[Ref]) -> frozenset[Ref]:
    """List the nodes whose entry or edges in catalog.json can differ after a change of some cards."""
    cards = frozenset(changed)
    several = [(before.declared.get(ref, ()), after.declared.get(ref, ())) for ref in cards]
    return cards | {edge.source for old, new in several if old != new for edge in (*old, *new)}


def update_catalog(
    file: bytes, lengths: bytes, former: Sequence[Ref], graph: Graph, refs: Iterable[Ref], pages: Mapping[Ref, str]
) -> tuple[bytes, bytes] | None:
    """Return the file with other pieces for some nodes of the graph, and its lengths; None if it is another file.

    The file is that before the change, too large to be kept twice; `lengths` are those of its pieces, and `former` its
    nodes. The nodes in `refs`, also added and removed ones, are rendered again, with the paths of their pages in
    `pages`.
    """
    head, *several, tail = array("I", lengths)
    sizes, changed = (several[: len(several) // 2], several[len(several) // 2 :]), sorted(refs)
    places = [(place := bisect_left(former, ref), place + (former[place : place + 1] == (ref,))) for ref in changed]
    there = frozenset(graph.refs)
    nodes = [render_catalog_node(graph, ref, pages.get(ref)) if ref in there else None for ref in changed]
    edges = [render_catalog_edges(graph, ref) if ref in there else None for ref in changed]
    view, position, blocks, updated_sizes = memoryview(file), head, [], list[int]()
    for label, of_block, rendered in ((_NODES, sizes[0], nodes), (_EDGES, sizes[1], edges)):
        position += len(label) + len(_OPENING)
        pieces, kept = _replace_pieces(view[position:], of_block, [*zip(places, rendered, strict=True)])
        blocks.append(pieces)
        updated_sizes += kept
        size = sum(size + len(_SEPARATOR) for size in of_block if size)
        position += size - len(_SEPARATOR) + len(_CLOSING) if size else 0
    if len(file) != position + tail or len(sizes[0]) != len(former):
        return None
    updated = CatalogPieces(view[:head], blocks[0], blocks[1], view[position:]).join()
    return updated, array("I", [head, *updated_sizes, tail]).tobytes()


def _replace_pieces(
    block: memoryview, sizes: Sequence[int], changed: Sequence[tuple[tuple[int, int], bytes | None]]
) -> tuple[list[Text], list[int]]:
    """Return the pieces of a block with other ones, and all sizes; pieces in a row that stay are one piece.

    The block begins with its first piece, and has pieces of these sizes. `changed` has the numbers from which and up to
    which pieces are replaced, with the new piece or None, in order.
    """
    starts = [*accumulate((size + len(_SEPARATOR) if size else 0 for size in sizes), initial=0)]
    pieces, kept, first = list[Text](), list[int](), 0
    for (place, end), piece in (*changed, ((len(sizes), len(sizes)), None)):
        pieces.append(block[starts[first] : max(0, starts[place] - len(_SEPARATOR))])
        kept += sizes[first:place]
        if piece is not None:
            pieces.append(piece)
            kept.append(len(piece))
        first = end
    return pieces, kept


def render_catalog_node(graph: Graph, ref: Ref, page: str | None) -> bytes:
    """Render a node of catalog.json, with the path of its page within the site."""
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
    return render_json_items([node], escape_json).encode()


def render_catalog_edges(graph: Graph, ref: Ref) -> bytes:
    """Render the edges from a node, as in catalog.json; empty without an edge."""
    edges = sorted(
        graph.list_outgoing_edges(ref),
        key=lambda edge: (edge.target, edge.relation, edge.role, edge.step, edge.position),
    )
    entries: list[Data] = []
    for edge in edges:
        stated: Data = {
            "from": str(edge.source),
            "to": str(edge.target),
            "relation": edge.relation.value,
            "reason": describe_declaration(edge),
            "declared_by": str(edge.declared_by),
            **_to_place(edge.position),
        }
        optional: Data = {"why": edge.why, "role": edge.role, "step": edge.step}
        entries.append(stated | {key: value for key, value in optional.items() if value})
    return render_json_items(entries, escape_json).encode()


def _build_evidence(evidence: Evidence) -> Data:
    """Return the records of evidence with the keys of their files, apart from names and addresses of people."""
    uses = (one for one in evidence.code if isinstance(one, CodeUse) and one.kind not in NAMES_OF_PEOPLE)
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


def _to_place(position: Position) -> Data:
    return {"file": position.file, "line": position.line}


def to_written_data(card: Card) -> Data:
    """Return a card as plain data without defaults: `kind` and `id` first, the author's own keys as written."""
    stated = card.model_dump(mode="json", by_alias=True, exclude_defaults=True, context=AS_WRITTEN)
    return {"kind": card.kind, "id": card.id, **stated}
