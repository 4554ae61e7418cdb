"""Diagrams rendered as inline SVG."""

import math

from generator.diagrams import svg
from generator.diagrams.charts import render_burn_down, render_timeline
from generator.diagrams.diagram import BurnDownChart, Diagram, GraphDiagram, TieredDiagram, Timeline, UseMap
from generator.diagrams.dot import INDENT
from generator.diagrams.graph_layout import compute_graph_layout
from generator.diagrams.graphviz import Graphviz
from generator.diagrams.layout import EdgeRoute, Layout, compute_tier_layout, describe_node, get_display_name
from generator.diagrams.shapes import outline_rectangle
from generator.diagrams.stylesheet import FILE_STYLESHEET
from generator.diagrams.use_map import render_use_map

RENDERER_VERSION = "5"
"""Raise it when the rendering changes, so that cached images are rendered again; a test compares the output."""

_ARROWHEAD_HALF_WIDTH = 3.6


def render_svg(diagram: Diagram, prefix: str = "d", graphviz: Graphviz | None = None) -> str:
    """Render a diagram as inline SVG for a page with STYLESHEET; equal diagrams have equal SVG.

    `prefix` makes the ids unique within the page; `graphviz` computes coordinates instead of the default.
    """
    match diagram:
        case Timeline():
            size, parts = render_timeline(diagram)
        case BurnDownChart():
            size, parts = render_burn_down(diagram)
        case UseMap() if diagram.models or diagram.systems:
            size, parts = render_use_map(diagram, prefix)
        case TieredDiagram() if diagram.columns:
            size, parts = _render_layout(compute_tier_layout(diagram))
        case GraphDiagram() if diagram.nodes:
            size, parts = _render_layout(compute_graph_layout(diagram, graphviz))
        case _:
            size, parts = svg.render_empty()
    return svg.render_canvas(prefix, diagram.title, diagram.description, size, parts)


def render_svg_file(diagram: Diagram) -> str:
    """Render a diagram as an SVG file of its own, which a browser can zoom; it has its style and loads nothing."""
    inline = render_svg(diagram)
    picture = inline[inline.index("<svg") : inline.rindex("</svg>") + len("</svg>")]
    start, rest = picture.split(">", 1)
    start = start.replace('class="mb-picture"', 'class="mb-diagram mb-picture"')
    return f"{start}>{svg.render_element('style', {}, FILE_STYLESHEET)}{rest}\n"


def _render_layout(layout: Layout) -> tuple[svg.Size, list[str]]:
    """Return the size and the parts from back to front; the Tab key follows the order of the diagram's nodes."""
    parts = [svg.render_path("mb-frame", outline_rectangle(group.frame, 8)) for group in layout.groups]
    names = {placed.box.node.id: get_display_name(placed.box.node) for placed in layout.boxes}
    parts += (_render_route(route, names[route.edge.source], names[route.edge.target]) for route in layout.routes)
    # Headings are above the edges, some of which pass under a heading into the frame.
    for placed_group in layout.groups:
        name, frame = get_display_name(placed_group.group), placed_group.frame
        heading = svg.render_lines([placed_group.heading], frame.x + INDENT, frame.y + 6)
        parts.append(svg.render_part(["mb-group"], name, name, placed_group.group.href, heading))
    for placed in layout.boxes:
        node, style, frame = placed.box.node, placed.box.style, placed.frame
        outline = svg.render_path("mb-shape", style.outline(frame))
        text = svg.render_lines(placed.box.lines, frame.middle[0], frame.y + style.top_padding)
        classes = ("mb-node", f"mb-{style.family}", svg.make_css_class("mb-state", node.state))
        parts.append(svg.render_part(classes, get_display_name(node), describe_node(node), node.href, outline, text))
    return (layout.width, layout.height), parts


def _render_route(route: EdgeRoute, source: str, target: str) -> str:
    """Render the line, its arrowhead and its label."""
    edge = route.edge
    description = f"{source} → {target}: {edge.label}" if edge.label else f"{source} → {target}"
    start, *rest = (f"{svg.format_number(x)} {svg.format_number(y)}" for x, y in route.points)
    line = svg.render_path("mb-route", f"M{start}C{' '.join(rest)}")
    # The arrowhead is a path, because a marker would need an id and its own colour.
    (x, y), tip = route.points[-1], route.tip
    across, down = tip[0] - x, tip[1] - y
    length = math.hypot(across, down) or 1.0
    half = _ARROWHEAD_HALF_WIDTH
    side_x, side_y = -down / length * half, across / length * half
    head = svg.render_path(
        "mb-head", svg.format_points([tip, (x + side_x, y + side_y), (x - side_x, y - side_y)]) + "z"
    )
    label_height = sum(line.font.leading for line in route.lines)
    label = svg.render_lines(route.lines, route.label_at[0], route.label_at[1] - label_height / 2)
    classes = ("mb-edge", svg.make_css_class("mb-rel", edge.relation))
    return svg.render_part(classes, description, description, edge.href, line, head, label)
