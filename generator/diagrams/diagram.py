"""The contents of diagrams, independent of rendering: graphs, tiers, timelines and burn-down charts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from generator.values import FrozenValue

FOCUS = "focus"
"""The state of the node that is the subject of its diagram; captions omit it."""


class DiagramNode(FrozenValue):
    """A node of a diagram. All its text is data: it is shown as typed and never interpreted."""

    id: str
    label: str
    kind: str
    """model, system, team, person, flow, experiment, migration, or the type of a resource, such as topic; empty for a
    box that represents several nodes, such as `and 16 more`."""
    href: str | None = None
    """The target of the link: http, https or relative. Any other address is dropped during rendering."""
    group: str | None = None
    note: str = ""
    """A second, smaller line."""
    state: str = ""
    """`focus` for the subject of the diagram; any other word, such as retired or missing, is part of the caption."""


class DiagramEdge(FrozenValue):
    """An arrow from one node to another."""

    source: str
    target: str
    label: str = ""
    relation: str = ""
    """The verb, as a CSS class: publishes and consumes are dashed, fallback is dotted."""
    href: str | None = None


class DiagramGroup(FrozenValue):
    """A frame around the nodes that name it; a group without nodes is not drawn."""

    id: str
    label: str
    href: str | None = None


class GraphDiagram(FrozenValue):
    """Nodes and arrows. Raises ValueError for duplicate ids, and for edges and nodes that name an unknown id."""

    title: str
    description: str
    """A text alternative for readers who cannot see the diagram."""
    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...]
    groups: tuple[DiagramGroup, ...] = ()

    def __post_init__(self) -> None:
        ends = (end for edge in self.edges for end in (edge.source, edge.target))
        check_ids("node", [node.id for node in self.nodes], ends)
        named = (node.group for node in self.nodes if node.group is not None)
        check_ids("group", [group.id for group in self.groups], named)


class TieredDiagram(FrozenValue):
    """Columns of nodes from left to right, such as dependents by distance. Raises ValueError as GraphDiagram does."""

    title: str
    description: str
    columns: tuple[tuple[DiagramNode, ...], ...]
    edges: tuple[DiagramEdge, ...]
    """From one column to the next; their labels are not drawn."""

    def __post_init__(self) -> None:
        ends = (end for edge in self.edges for end in (edge.source, edge.target))
        check_ids("node", [node.id for column in self.columns for node in column], ends)


class TimelineRow(FrozenValue):
    """A bar of a timeline, or a mark for a single day if start and end are equal."""

    label: str
    start: date
    end: date | None
    """None for an open end: the bar extends to the edge of the diagram."""
    state: str = ""
    """planned, running, done and so on: shown as a word with the dates."""
    href: str | None = None


class Timeline(FrozenValue):
    """Bars on a time axis, in the order given: the waves of a migration, the experiments of a model."""

    title: str
    description: str
    rows: tuple[TimelineRow, ...]
    today: date | None = None
    """The day of a vertical line; there is no line by default, so that the output does not change from day to day."""


class DatedCount(FrozenValue):
    """A count and its day."""

    on: date
    count: int


class BurnDownChart(FrozenValue):
    """A count over time, such as the overdue items of each week."""

    title: str
    description: str
    counts: tuple[DatedCount, ...]
    """In the order of their days."""


class UseLine(FrozenValue):
    """The use of a model by a system."""

    model: str
    system: str
    criticality: str = ""
    """high, medium or low; empty if no card gives it."""


class UseMap(FrozenValue):
    """Models and systems in two columns, grouped by team, with a line for each use.

    Raises ValueError for duplicate ids, and for lines and boxes that name an unknown id.
    """

    title: str
    description: str
    models: tuple[DiagramNode, ...]
    systems: tuple[DiagramNode, ...]
    groups: tuple[DiagramGroup, ...]
    """The teams; each box names one."""
    lines: tuple[UseLine, ...]

    def __post_init__(self) -> None:
        nodes = (*self.models, *self.systems)
        check_ids(
            "node", [node.id for node in nodes], (end for line in self.lines for end in (line.model, line.system))
        )
        check_ids("group", [group.id for group in self.groups], (str(node.group) for node in nodes))


Diagram = GraphDiagram | TieredDiagram | Timeline | BurnDownChart | UseMap


def check_ids(kind: str, defined: Sequence[str], used: Iterable[str]) -> None:
    """Raise ValueError for ids that are defined twice, and for ids that are used but not defined."""
    counts = Counter(defined)
    duplicates = sorted(name for name, count in counts.items() if count > 1)
    if duplicates:
        raise ValueError(f"duplicate {kind} ids: {', '.join(duplicates)}")
    unknown = sorted(set(used) - counts.keys())
    if unknown:
        raise ValueError(f"unknown {kind} ids: {', '.join(unknown)}")
