"""Graphviz's coordinates turned into ours: origin top left, y downwards, user units."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.diagrams.boxes import Box
from generator.diagrams.dot import Arrow, Plan
from generator.diagrams.picture import Edge, Picture
from generator.diagrams.places import HEAD, MARGIN, Enclosure, Layout, Placed, Point, Route
from generator.diagrams.shapes import Frame


def read(picture: Picture, plan: Plan, answer: Mapping[str, Any]) -> Layout:
    """The layout in Graphviz's JSON for a plan (Any: its shape is that of the graph we wrote)."""
    paper = _Paper(*map(float, answer["bb"].split(",")))
    objects = {each["name"]: each for each in answer["objects"]}
    edges = {each["id"]: each for each in answer.get("edges", ()) if "id" in each}
    boxes = tuple(paper.placed(box, objects[f"n{n}"]["pos"]) for n, box in enumerate(plan.boxes))
    return Layout(
        width=paper.right - paper.left + 2 * MARGIN,
        height=paper.top - paper.bottom + 2 * MARGIN,
        boxes=boxes,
        routes=tuple(
            paper.route(edge, arrow, edges[f"e{n}"]) or _straight(edge, arrow, boxes)
            for n, (edge, arrow) in enumerate(zip(picture.edges, plan.arrows, strict=True))
        ),
        enclosures=tuple(
            Enclosure(cluster.group, cluster.label, paper.frame(objects[f"cluster_{n}"]["bb"]))
            for n, cluster in enumerate(plan.clusters)
        ),
    )


def _straight(edge: Edge, arrow: Arrow, boxes: Sequence[Placed]) -> Route:
    """For an edge that Graphviz lost: from the middle, under the boxes, to the side of the other."""
    start, (x, y) = boxes[arrow.tail].frame.middle, boxes[arrow.head].frame.middle
    frame = boxes[arrow.head].frame
    across, down = x - start[0], y - start[1]
    # How much of the way the target's own frame takes, at its upper or lower or at its left or right side.
    inside = min(frame.width / 2 / abs(across) if across else 1.0, frame.height / 2 / abs(down) if down else 1.0, 1.0)
    length = math.hypot(across, down) or 1.0
    tip = (x - across * inside, y - down * inside)
    base = (tip[0] - across / length * HEAD, tip[1] - down / length * HEAD)
    return Route(edge, (start, start, base, base), tip, arrow.lines, _middle((start, start, base, base)))


def _middle(points: Sequence[Point]) -> Point:
    """The middle of the middle curve of a chain, by Bezier's formula."""
    first = (len(points) - 1) // 3 // 2 * 3
    weights = (0.125, 0.375, 0.375, 0.125)
    curve = points[first : first + 4]
    x, y = (sum(w * p[axis] for w, p in zip(weights, curve, strict=True)) for axis in (0, 1))
    return (x, y)


@dataclass(frozen=True, slots=True)
class _Paper:
    """Graphviz's bounding box (y upwards), which its coordinates are moved and turned over from."""

    left: float
    bottom: float
    right: float
    top: float

    def point(self, text: str) -> Point:
        x, y = map(float, text.split(","))
        return (x - self.left + MARGIN, self.top - y + MARGIN)

    def placed(self, box: Box, position: str) -> Placed:
        x, y = self.point(position)
        return Placed(box, Frame(x - box.width / 2, y - box.height / 2, box.width, box.height))

    def frame(self, corners: str) -> Frame:
        left, bottom, right, top = corners.split(",")
        x, y = self.point(f"{left},{top}")
        return Frame(x, y, float(right) - float(left), float(top) - float(bottom))

    def route(self, edge: Edge, arrow: Arrow, found: Mapping[str, str]) -> Route | None:
        """The curve from source to target, whichever way round it was laid out; None where it was lost."""
        if "pos" not in found:
            return None
        words = found["pos"].split()
        points = tuple(self.point(word) for word in words if word[0] not in "es")
        tips = [self.point(word[2:]) for word in words if word[0] in "es"]
        way = points[::-1] if arrow.against else points
        label_at = self.point(found["lp"]) if "lp" in found else _middle(way)
        return Route(edge, way, tips[0] if tips else way[-1], arrow.lines, label_at)
