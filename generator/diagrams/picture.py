"""What a picture shows, free of how it is drawn: nodes and edges, bars on a time axis, a count over time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the picture. Every text in it is data: it is shown as typed, never interpreted."""

    id: str
    label: str
    kind: str
    """model, system, team, person, flow, experiment, migration, or a resource's type such as topic; empty for a box
    that stands for several things, as in `and 16 more`."""
    href: str | None = None
    """Where a click leads: http, https or relative. Anything else is dropped when drawn."""
    group: str | None = None
    note: str = ""
    """A second, smaller line."""
    state: str = ""
    """`focus` for the subject of the picture; any other word (retired, missing) is shown in the caption."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one node to another."""

    source: str
    target: str
    label: str = ""
    relation: str = ""
    """The verb, as a CSS class: publishes and consumes are dashed, fallback is dotted."""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around the nodes that name it; one without nodes is not drawn."""

    id: str
    label: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and arrows, checked when built: ids are unique and every end exists, else ValueError."""

    title: str
    description: str
    """The picture in words, for those who do not see it."""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        nodes = _unique("node", (node.id for node in self.nodes))
        groups = _unique("group", (group.id for group in self.groups))
        _known("node", nodes, (end for edge in self.edges for end in (edge.source, edge.target)))
        _known("group", groups, (node.group for node in self.nodes if node.group is not None))


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a timeline, or a single day where start and end are the same."""

    label: str
    start: date
    end: date | None
    """None while it goes on: the bar then runs to the edge of the picture."""
    state: str = ""
    """planned, running, done ...: shown as a word beside the dates."""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars on a time axis, in the order given: the waves of a migration, the experiments of a model."""

    title: str
    description: str
    rows: tuple[Row, ...]
    today: date | None = None
    """Draws a line at this day; left out by default, so that the same cards give the same bytes tomorrow."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """Columns of nodes that lead from left to right, checked as a picture is: what follows from something, by steps."""

    title: str
    description: str
    columns: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]
    """From a column to the next one; their labels are not drawn."""

    def __post_init__(self) -> None:
        nodes = _unique("node", (node.id for column in self.columns for node in column))
        _known("node", nodes, (end for edge in self.edges for end in (edge.source, edge.target)))


@dataclass(frozen=True, slots=True)
class Measure:
    """A count on a day."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class Burndown:
    """A count over time, the earliest day first: what is owed, week by week."""

    title: str
    description: str
    measures: tuple[Measure, ...]


Drawing = Picture | Timeline | Tiers | Burndown
"""Everything that can be drawn."""


def _unique(what: str, ids: Iterable[str]) -> frozenset[str]:
    """The ids as a set; ValueError names those given twice."""
    counts = Counter(ids)
    twice = sorted(name for name, number in counts.items() if number > 1)
    if twice:
        message = f"{what} ids given twice: {', '.join(twice)}"
        raise ValueError(message)
    return frozenset(counts)


def _known(what: str, known: frozenset[str], used: Iterable[str]) -> None:
    """ValueError names what is used but not there."""
    missing = sorted(set(used) - known)
    if missing:
        message = f"the picture has no {what} {', '.join(missing)}"
        raise ValueError(message)
