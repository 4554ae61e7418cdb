"""Anything that can be drawn as inline SVG: our own marks on the coordinates of the layout."""

import math
from collections.abc import Iterable, Iterator

from generator.diagrams.boxes import full_name, shown
from generator.diagrams.burndown import burndown
from generator.diagrams.canvas import Size, canvas, lines, nothing, part
from generator.diagrams.chart import chart
from generator.diagrams.dot import INDENT
from generator.diagrams.graphviz import Graphviz
from generator.diagrams.layout import arrange
from generator.diagrams.markup import css_class, number, path
from generator.diagrams.picture import Burndown, Drawing, Node, Picture, Tiers, Timeline
from generator.diagrams.places import Enclosure, Layout, Placed, Point, Route
from generator.diagrams.shapes import rounded
from generator.diagrams.tiers import arrange_tiers

_HEAD_HALF_WIDTH = 3.6


def svg(picture: Drawing, prefix: str = "d", supplier: Graphviz | None = None) -> str:
    """The picture as inline SVG for a page whose stylesheet holds STYLESHEET; same picture, same text.

    `prefix` makes the ids unique within the page; `supplier` is whom to ask for coordinates instead of the default.
    """
    size, parts = _drawn(picture, supplier)
    return canvas(prefix, picture.title, picture.description, size, parts)


def _drawn(picture: Drawing, supplier: Graphviz | None) -> tuple[Size, Iterator[str]]:
    match picture:
        case Timeline():
            return chart(picture)
        case Burndown():
            return burndown(picture)
        case Tiers() if picture.columns:
            layout = arrange_tiers(picture)
        case Picture() if picture.nodes:
            layout = arrange(picture, supplier)
        case _:
            return nothing()
    return (layout.width, layout.height), _parts((placed.box.node for placed in layout.boxes), layout)


def _parts(nodes: Iterable[Node], layout: Layout) -> Iterator[str]:
    """From back to front, nodes in the picture's own order: it is the order of the tab key."""
    labels = {node.id: shown(node) for node in nodes}
    yield from map(_ground, layout.enclosures)
    for route in layout.routes:
        yield _route(route, labels[route.edge.source], labels[route.edge.target])
    yield from map(_heading, layout.enclosures)
    yield from map(_box, layout.boxes)


def _ground(enclosure: Enclosure) -> str:
    return path("mb-frame", rounded(8)(enclosure.frame))


def _heading(enclosure: Enclosure) -> str:
    """Above the edges, which may have to pass under it into the frame."""
    frame, group = enclosure.frame, enclosure.group
    name = shown(group)
    return part(["mb-group"], name, name, group.href, lines([enclosure.label], frame.x + INDENT, frame.y + 6))


def _box(placed: Placed) -> str:
    box, frame = placed.box, placed.frame
    outline = path("mb-shape", box.look.shape.path(frame))
    text = lines(box.lines, frame.middle[0], frame.y + box.look.shape.above)
    node, classes = box.node, _classes(box.node, box.look.family)
    return part(classes, shown(node), full_name(node), node.href, outline, text)


def _classes(node: Node, family: str) -> tuple[str, ...]:
    return ("mb-node", f"mb-{family}", css_class("mb-state", node.state))


def _route(route: Route, source: str, target: str) -> str:
    """The line, its arrow head and its label; the name says it in words."""
    said = f"{source} → {target}"
    spoken = f"{said}: {route.edge.label}" if route.edge.label else said
    height = sum(line.font.leading for line in route.lines)
    label = lines(route.lines, route.label_at[0], route.label_at[1] - height / 2)
    line = path("mb-route", _curve(route.points))
    head = path("mb-head", _head(route.points[-1], route.tip))
    classes = ("mb-edge", css_class("mb-rel", route.edge.relation))
    return part(classes, spoken, spoken, route.edge.href, line, head, label)


def _curve(points: tuple[Point, ...]) -> str:
    start, *rest = (f"{number(x)} {number(y)}" for x, y in points)
    return f"M{start}C{' '.join(rest)}"


def _head(base: Point, tip: Point) -> str:
    """A triangle from the end of the line to the tip; a marker would need an id and a colour of its own."""
    across, down = tip[0] - base[0], tip[1] - base[1]
    length = math.hypot(across, down) or 1.0
    side = (-down / length * _HEAD_HALF_WIDTH, across / length * _HEAD_HALF_WIDTH)
    corners = (tip, (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1]))
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "z"
