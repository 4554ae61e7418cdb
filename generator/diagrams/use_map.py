"""Maps of uses: models on the left, systems on the right, both grouped by team, and a line for each use.

The order keeps lines from crossing: boxes and groups are sorted by the mean place of their other ends, in turns.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import fsum

from generator.diagrams import svg
from generator.diagrams.diagram import DiagramGroup, DiagramNode, UseLine, UseMap
from generator.diagrams.shapes import Frame, outline_rectangle
from generator.diagrams.text import HEADING, LABEL, wrap_text
from generator.grouping import group_pairs
from generator.names import build_sort_key
from generator.values import FrozenValue

WIDTH = 744.0
_COLUMN = 216.0
_BOX_HEIGHT, _GAP, _PADDING, _GROUP_GAP, _HEADING_HEIGHT = 26.0, 5.0, 8.0, 12.0, 24.0
_SWEEPS = 6

_Groups = list[tuple[DiagramGroup, Sequence[DiagramNode]]]


class _PlacedColumn(FrozenValue):
    """A placed column: the frames of its groups and of its boxes."""

    groups: tuple[tuple[DiagramGroup, Frame], ...]
    frames: Mapping[str, Frame]


def render_use_map(diagram: UseMap, prefix: str) -> tuple[svg.Size, list[str]]:
    """Return the size and the parts of a map of uses, from back to front.

    A box that the pointer or the keyboard is on dims everything that it has no line to; `:has()` needs no script.
    """
    left, right = _sort_columns(diagram)
    heights = [_measure_column(column) for column in (left, right)]
    placed = [_place_column(column, x, max(heights)) for column, x in ((left, 0.0), (right, WIDTH - _COLUMN))]
    frames = {**placed[0].frames, **placed[1].frames}
    nodes = [node for column in (left, right) for _, members in column for node in members]
    numbers = {node.id: number for number, node in enumerate(nodes)}
    neighbours: defaultdict[str, set[int]] = defaultdict(set)
    for line in diagram.lines:
        neighbours[line.model].add(numbers[line.system])
        neighbours[line.system].add(numbers[line.model])
    parts: list[str] = []
    for column in placed:
        for group, frame in column.groups:
            parts.append(svg.render_path("mb-frame", outline_rectangle(frame, 4)))
            heading = svg.render_lines(wrap_text(group.label, HEADING, 1, _COLUMN - 16), frame.x + 8, frame.y + 4)
            parts.append(svg.render_part(["mb-group"], group.label, group.label, group.href, heading))
    names = {node.id: node.label for node in nodes}
    for line, start, end in _route_lines(diagram.lines, frames):
        middle = svg.format_number((start[0] + end[0]) / 2)
        (x, y), (to_x, to_y) = (tuple(map(svg.format_number, point)) for point in (start, end))
        path = svg.render_path("mb-use", f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}")
        ends = [f"mb-to-{numbers[end]}" for end in (line.model, line.system)]
        classes = ["mb-line", svg.make_css_class("mb-use", line.criticality or "unknown"), *ends]
        text = f"{names[line.system]} uses {names[line.model]}"
        described = f"{text}: {line.criticality} criticality" if line.criticality else text
        parts.append(svg.render_part(classes, text, described, None, path))
    for node in nodes:
        frame = frames[node.id]
        radius = _BOX_HEIGHT / 2 if node.kind == "model" else 3
        shape = svg.render_path("mb-shape", outline_rectangle(frame, radius))
        text = svg.render_lines(wrap_text(node.label, LABEL, 1, _COLUMN - 36), frame.x + 12, frame.y + 5)
        others = sorted({numbers[node.id], *neighbours[node.id]})
        classes = [
            "mb-box",
            f"mb-{node.kind}",
            svg.make_css_class("mb-state", node.state),
            f"mb-n-{numbers[node.id]}",
            *(f"mb-to-{number}" for number in others),
        ]
        state = f", {node.state}" if node.state else ""
        parts.append(svg.render_part(classes, node.label, f"{node.label} ({node.kind}{state})", node.href, shape, text))
    scope = f"{prefix}-uses"
    rules = "".join(
        f"#{scope}:has(>.mb-n-{number}:is(:hover,:focus-visible,.mb-pinned))"
        f">:is(.mb-box,.mb-line):not(.mb-to-{number}){{opacity:.15}}"
        for number in range(len(nodes))
    )
    style = svg.render_element("style", {}, rules)
    drawing = svg.render_element("g", {"id": scope, "class": "mb-uses-map"}, *parts)
    return (WIDTH, max(heights)), [style, drawing]


def count_crossings(lines: Sequence[UseLine], places: Mapping[str, float]) -> int:
    """Count the pairs of lines that cross, given the place of each box in its column."""
    ends = [(places[line.model], places[line.system]) for line in lines]
    pairs = ((one, other) for index, one in enumerate(ends) for other in ends[index + 1 :])
    return sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for one, other in pairs)


def _sort_columns(diagram: UseMap) -> tuple[_Groups, _Groups]:
    """Sort groups and boxes so that few lines cross; the best order of all sweeps is kept."""
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for line in diagram.lines:
        neighbours[line.model].append(line.system)
        neighbours[line.system].append(line.model)
    listed = sorted(diagram.groups, key=lambda group: (build_sort_key(group.label), group.id))
    columns: list[_Groups] = []
    for nodes in (diagram.models, diagram.systems):
        ordered = sorted(nodes, key=lambda node: (build_sort_key(node.label), node.id))
        members = group_pairs((node.group, node) for node in ordered)
        columns.append([(group, members[group.id]) for group in listed if group.id in members])
    best, fewest = columns, count_crossings(diagram.lines, _index_places(columns))
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        places = _index_places(columns)
        moved = (sweep + 1) % 2
        columns = list(columns)
        columns[moved] = _sort_column(columns[moved], neighbours, places)
        crossings = count_crossings(diagram.lines, _index_places(columns))
        if crossings < fewest:
            best, fewest = columns, crossings
    return best[0], best[1]


def _index_places(columns: Sequence[_Groups]) -> dict[str, float]:
    """Return the place of each box in its column, from 0 at the top to 1, so that columns of any length compare."""
    places: dict[str, float] = {}
    for column in columns:
        ids = [node.id for _, members in column for node in members]
        places |= {node_id: index / len(ids) for index, node_id in enumerate(ids)}
    return places


def _sort_column(column: _Groups, neighbours: Mapping[str, Sequence[str]], places: Mapping[str, float]) -> _Groups:
    def find_center(node: DiagramNode) -> float:
        ends = neighbours.get(node.id, ())
        return fsum([places[end] for end in ends]) / len(ends) if ends else places[node.id]

    centers = {node.id: find_center(node) for _, members in column for node in members}
    within = [(group, sorted(members, key=lambda node: centers[node.id])) for group, members in column]
    return sorted(within, key=lambda pair: fsum([centers[node.id] for node in pair[1]]) / len(pair[1]))


def _measure_column(column: _Groups) -> float:
    heights = [_measure_group(members) for _, members in column]
    return sum(heights) + _GROUP_GAP * max(0, len(heights) - 1)


def _measure_group(members: Sequence[DiagramNode]) -> float:
    return _HEADING_HEIGHT + len(members) * (_BOX_HEIGHT + _GAP) - _GAP + _PADDING


def _place_column(column: _Groups, x: float, height: float) -> _PlacedColumn:
    """Place a column; the groups of the shorter one spread over the whole height."""
    spare = (height - _measure_column(column)) / max(1, len(column))
    y = spare / 2
    groups: list[tuple[DiagramGroup, Frame]] = []
    frames: dict[str, Frame] = {}
    for group, members in column:
        size = _measure_group(members)
        groups.append((group, Frame(x, y, _COLUMN, size)))
        for index, node in enumerate(members):
            top = y + _HEADING_HEIGHT + index * (_BOX_HEIGHT + _GAP)
            frames[node.id] = Frame(x + _PADDING, top, _COLUMN - 2 * _PADDING, _BOX_HEIGHT)
        y += size + _GROUP_GAP + spare
    return _PlacedColumn(tuple(groups), frames)


def _route_lines(lines: Sequence[UseLine], frames: Mapping[str, Frame]) -> list[tuple[UseLine, svg.Point, svg.Point]]:
    """Return the ends of each line; the lines of a box leave it in the order of their other ends."""
    slots: dict[tuple[str, UseLine], float] = {}
    by_end: defaultdict[str, list[tuple[float, UseLine]]] = defaultdict(list)
    for line in lines:
        by_end[line.model].append((frames[line.system].y, line))
        by_end[line.system].append((frames[line.model].y, line))
    for end, found in by_end.items():
        ordered = sorted(found, key=lambda pair: (pair[0], pair[1].model, pair[1].system))
        for index, (_, line) in enumerate(ordered, 1):
            slots[end, line] = frames[end].y + frames[end].height * index / (len(ordered) + 1)
    ordered_lines = sorted(lines, key=lambda line: (line.criticality == "high", line.model, line.system))
    return [
        (line, (frames[line.model].right, slots[line.model, line]), (frames[line.system].x, slots[line.system, line]))
        for line in ordered_lines
    ]
