"""The graph for Graphviz: a box for each node, a frame for each team, an arrow from a dependent to its dependency."""

import re
from collections.abc import Iterator

from generator.graph.edges import DEPENDING, Graph, Relation
from generator.graph.people import find_team, list_owners
from generator.names import Ref

_SHAPES = {"model": "box3d", "system": "box", "topic": "cds", "feature_view": "folder"}
_PEOPLE = frozenset({"team", "person", "flow", "experiment", "migration"})


def render_dot(graph: Graph, *, people: bool = False) -> str:
    """Render models, systems and resources by the team that owns them as a .dot file; `people` adds the other kinds.

    Names are text: no markup in them has an effect.
    """
    refs = [ref for ref in graph.refs if people or ref.kind not in _PEOPLE]
    lines = ["digraph modelbook {", "  rankdir=LR;", '  node [fontname="Helvetica"];', *_render_nodes(graph, refs)]
    shown = frozenset(refs)
    arrows = {  # one for all edges of one relation between two nodes
        (edge.source, edge.target, edge.relation)
        for edge in graph.edges
        if edge.source in shown and edge.target in shown and (people or edge.relation in DEPENDING)
    }
    for source, target, relation in sorted(arrows):
        style = ", style=dashed" if relation is Relation.FALLS_BACK_TO else ""
        lines.append(f"  {quote(str(source))} -> {quote(str(target))} [label={quote(relation.value)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _render_nodes(graph: Graph, refs: list[Ref]) -> Iterator[str]:
    """Render the nodes, those of each team in a frame."""
    owned: dict[Ref | None, list[str]] = {}
    for ref in refs:
        style = "" if ref in graph.cards else ", style=dashed"
        label = f"label={_quote_label(graph.get_name(ref))}, tooltip={quote(str(ref))}"
        node = f"{quote(str(ref))} [{label}, shape={_SHAPES.get(ref.kind, 'ellipse')}{style}];"
        teams = (team for owner in list_owners(graph, ref) if (team := find_team(graph, owner)).kind == "team")
        owned.setdefault(next(teams, None), []).append(node)
    for team in sorted((team for team in owned if team), key=str):
        yield f"  subgraph {quote(f'cluster_{team.id}')} {{"
        yield f"    label={_quote_label(graph.get_name(team))};"
        yield from (f"    {node}" for node in owned[team])
        yield "  }"
    yield from (f"  {node}" for node in owned.get(None, ()))


def quote(text: str) -> str:
    """Quote a text as an ID of the DOT language, without any escape that Graphviz knows."""
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quote_label(text: str) -> str:
    """Quote a text as a label, in which Graphviz would replace `&lt;` by a character."""
    return quote(text.replace("&", "&amp;"))
