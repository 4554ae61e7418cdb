"""Nodes and edge labels as blocks of measured lines: sizes are ours, Graphviz only places them."""

from dataclasses import dataclass
from functools import lru_cache

from generator.diagrams.metrics import CAPTION, LABEL, NOTE, Font, width
from generator.diagrams.picture import Edge, Group, Node
from generator.diagrams.shapes import Look, look_of
from generator.diagrams.wrapping import wrapped

_WIDEST = 176
_NARROWEST = 64
FOCUS = "focus"
"""The state that marks the subject of the picture; it is not a word for the caption."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in one font."""

    text: str
    font: Font

    @property
    def width(self) -> float:
        """In user units."""
        return width(self.text, self.font)


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its lines and its outer size in user units."""

    node: Node
    look: Look
    lines: tuple[Line, ...]
    width: float
    height: float


def box_of(node: Node) -> Box:
    """The node with its text wrapped, as large as its text and shape need."""
    look = look_of(node.kind)
    lines = (
        *lines_of(caption(node), CAPTION, most=1),
        *lines_of(shown(node), LABEL, most=3),
        *lines_of(node.note, NOTE, most=2),
    )
    inner = max((line.width for line in lines), default=0)
    height = sum(line.font.leading for line in lines) + look.shape.above + look.shape.below
    return Box(node, look, lines, max(inner + 2 * look.shape.beside, _NARROWEST), height)


def shown(named: Node | Group) -> str:
    """What it is called in the picture: its label, or its id where the label is blank."""
    return named.label if named.label.split() else named.id


def caption(node: Node) -> str:
    """What kind of thing it is, and its state in a word: neither is left to colour alone."""
    words = [node.kind, "" if node.state == FOCUS else node.state]
    return " · ".join(word.replace("_", " ").upper() for word in words if word)


def full_name(node: Node) -> str:
    """The whole of the node in one line, for tooltips and screen readers: nothing is shortened here."""
    spoken = caption(node).replace(" · ", ", ").lower()
    described = f"{shown(node)} ({spoken})" if spoken else shown(node)
    return f"{described}: {node.note}" if node.note else described


def edge_lines(edge: Edge) -> tuple[Line, ...]:
    """The edge's label, wrapped."""
    return lines_of(edge.label, NOTE, most=2, limit=150)


@lru_cache(maxsize=16_384)
def lines_of(text: str, font: Font, most: int, limit: float = _WIDEST) -> tuple[Line, ...]:
    """The text wrapped into lines of one font; kept, since the same names stand in many pictures of a book."""
    return tuple(Line(line, font) for line in wrapped(text, limit, most, font))
