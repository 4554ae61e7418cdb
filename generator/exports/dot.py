"""The graph for Graphviz: a box a node, a frame a team, an arrow from who counts on whom."""

import re
from collections.abc import Iterable, Iterator

from generator.graph.edges import DEPENDING, Graph, Relation
from generator.names import Ref

_SHAPES = {"model": "box3d", "system": "box", "topic": "cds", "feature_view": "folder"}
_LEFT_OUT = frozenset({"team", "person", "flow", "experiment", "migration"})


def dot(graph: Graph, *, people: bool = False) -> str:
    """The text of a .dot file: models, systems and resources by the team that owns them; `people` adds everything else.

    Whatever a card is called, its name is text in the picture: nothing in it is markup or ends the quotes.
    """
    refs = [ref for ref in graph.refs if people or ref.kind not in _LEFT_OUT]
    rows = ["digraph modelbook {", "  rankdir=LR;", '  node [fontname="Helvetica"];', *_frames(graph, refs)]
    return "\n".join([*rows, *_arrows(graph, frozenset(refs), people=people), "}"]) + "\n"


def quoted(text: str) -> str:
    """A text as an ID of the DOT language that shows as this text: no escape of it means anything to Graphviz."""
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _frames(graph: Graph, refs: Iterable[Ref]) -> Iterator[str]:
    owned: dict[Ref | None, list[Ref]] = {}
    for ref in refs:
        owned.setdefault(_team(graph, ref), []).append(ref)
    for team in sorted((team for team in owned if team), key=str):
        yield f"  subgraph {quoted(f'cluster_{team.id}')} {{"
        yield f"    label={_label(graph.get_name(team))};"
        yield from (f"    {_node(graph, ref)}" for ref in owned[team])
        yield "  }"
    yield from (f"  {_node(graph, ref)}" for ref in owned.get(None, ()))


def _label(text: str) -> str:
    """A text as a label, in which Graphviz would read `&lt;` as a character."""
    return quoted(text.replace("&", "&amp;"))


def _team(graph: Graph, ref: Ref) -> Ref | None:
    """The first owner that is a team, in the order of the card; of an owning person the team."""
    for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY):
        if edge.target.kind == "team":
            return edge.target
        teams = graph.list_outgoing_edges(edge.target, Relation.MEMBER_OF)
        if teams:
            return teams[0].target
    return None


def _node(graph: Graph, ref: Ref) -> str:
    style = "" if ref in graph.cards else ", style=dashed"
    shape = _SHAPES.get(ref.kind, "ellipse")
    return (
        f"{quoted(str(ref))} [label={_label(graph.get_name(ref))}, tooltip={quoted(str(ref))}, shape={shape}{style}];"
    )


def _arrows(graph: Graph, refs: frozenset[Ref], *, people: bool) -> Iterator[str]:
    """One arrow for all edges of one relation between two nodes."""
    drawn = {
        (edge.source, edge.target, edge.relation)
        for edge in graph.edges
        if edge.source in refs and edge.target in refs and (people or edge.relation in DEPENDING)
    }
    for source, target, relation in sorted(drawn):
        style = ", style=dashed" if relation is Relation.FALLS_BACK_TO else ""
        yield f"  {quoted(str(source))} -> {quoted(str(target))} [label={quoted(relation.value)}{style}];"
