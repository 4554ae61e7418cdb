"""The map: which system uses which model, as one picture for a small book and by pairs of teams for a large one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.diagrams import DiagramGroup, UseLine, UseMap
from generator.graph.consumers import ModelUse, list_model_uses
from generator.graph.edges import DEPENDING, Graph
from generator.grouping import group_pairs
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.diagrams import build_node, find_owning_team
from generator.schema.card import CRITICALITIES, Criticality

PICTURE_BOXES = 40
"""The most boxes in a picture; a larger book has a picture for each pair of teams."""
MATRIX_TEAMS = 20
"""The most teams in the columns of the table of teams; with more, a list has the pairs."""
LISTED_NODES = 600
"""The most models and systems in the list of the map; with more, each team's page has its own."""
PICTURE_FILE = "assets/modelbook/map.svg"
_KINDS = frozenset({"model", "system"})
NO_TEAM = Ref("team", "-no-team")
"""The place of models and systems that no team owns. No card has this id, because it begins with a hyphen."""


@dataclass(frozen=True, slots=True)
class MapRow:
    """A model or a system with its connections."""

    ref: Ref
    team: Ref
    team_name: str
    needs: tuple[Ref, ...]
    needed_by: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class TeamPair:
    """The uses of one team's models by another team's systems."""

    name: str
    """The name of the team with the systems."""
    path: str
    """The page with the picture, and its anchor."""
    count: int
    is_high: bool
    """Whether at least one use is of high criticality."""


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with models, and the teams whose systems use them."""

    team: Ref
    name: str
    path: str
    """Its page of the map."""
    models: int
    pairs: tuple[TeamPair, ...]
    cells: tuple[TeamPair | None, ...]
    """The pairs by the columns of the table; empty if there are too many teams for a table."""


@dataclass(frozen=True, slots=True)
class MapView:
    """The content of the map: a picture, or a table of teams, and a list of everything."""

    picture: UseMap | None
    """None if the book has too many boxes for one picture."""
    standalone: str
    """The file of the picture, which a browser can zoom."""
    columns: tuple[str, ...]
    """The names of the teams in the columns of the table."""
    teams: tuple[TeamRow, ...]
    rows: tuple[MapRow, ...]
    models: int
    systems: int
    is_interactive: bool = False
    """Always false; templates of earlier releases read it."""


@dataclass(frozen=True, slots=True)
class PairView:
    """The picture of one pair of teams."""

    anchor: str
    title: str
    picture: UseMap
    standalone: str
    uses: tuple[ModelUse, ...]
    shown: int
    """The uses in the picture: the most critical ones if there are too many boxes."""


@dataclass(frozen=True, slots=True)
class TeamMapView:
    """The content of a team's page of the map."""

    team: Ref
    name: str
    pairs: tuple[PairView, ...]
    rows: tuple[MapRow, ...]


def list_map_nodes(book: Book) -> tuple[Ref, ...]:
    """Return the models and systems, sorted."""
    return tuple(sorted(ref for ref in book.graph.cards if ref.kind in _KINDS))


def is_split(book: Book) -> bool:
    """Return whether the map has a page for each team, because one picture would have too many boxes."""
    return len(list_map_nodes(book)) > PICTURE_BOXES


def build_map_view(book: Book) -> MapView:
    """Build the map of the book."""
    refs = list_map_nodes(book)
    split = is_split(book)
    uses = _list_uses(book, refs)
    rows = _list_rows(book, refs) if len(refs) <= LISTED_NODES else ()
    columns, teams = _build_teams(book, refs, uses) if split else ((), ())
    kinds = Counter(ref.kind for ref in refs)
    return MapView(
        picture=None if split else _build_picture(book, f"Map of {book.title}", refs, uses),
        standalone=PICTURE_FILE,
        columns=columns,
        teams=teams,
        rows=rows,
        models=kinds["model"],
        systems=kinds["system"],
    )


def list_map_teams(book: Book) -> tuple[Ref, ...]:
    """List the teams that have a page of the map, by name; none if one picture shows everything."""
    if not is_split(book):
        return ()
    return tuple(_sort_teams(book, book.graph.cache_result(_group_nodes)))


def get_team_map_path(team: Ref) -> str:
    """Return the Markdown file of a team's page of the map."""
    return f"map/{team.id}.md"


def build_team_map_view(book: Book, team: Ref) -> TeamMapView:
    """Build a team's page of the map."""
    rows = _list_rows(book, book.graph.cache_result(_group_nodes)[team])
    return TeamMapView(team, _get_team_name(book, team), tuple(_list_pairs(book, team)), rows)


def _list_pairs(book: Book, team: Ref) -> Iterator[PairView]:
    """Yield a picture for each team whose systems use the models of a team."""
    uses_by_team = group_pairs(
        (_find_team(book.graph, use.system), use)
        for use in _list_uses(book, book.graph.cache_result(_group_nodes)[team])
    )
    for other in _sort_teams(book, uses_by_team):
        uses = sorted(uses_by_team[other], key=lambda use: CRITICALITIES.index(use.criticality))
        shown = _cut_uses(uses)
        title = f"{_get_team_name(book, team)}, used by {_get_team_name(book, other)}"
        boxes = sorted({end for use in shown for end in (use.model, use.system)})
        picture = _build_picture(book, title, boxes, shown)
        file = f"assets/modelbook/map/{team.id}/{other.id}.svg"
        yield PairView(other.id, title, picture, file, tuple(uses), len(shown))


def list_pictures(book: Book) -> Iterator[tuple[str, UseMap]]:
    """Yield the file of each picture of the map, and the picture."""
    if not is_split(book):
        refs = list_map_nodes(book)
        yield PICTURE_FILE, _build_picture(book, f"Map of {book.title}", refs, _list_uses(book, refs))
    for team in list_map_teams(book):
        for pair in _list_pairs(book, team):
            yield pair.standalone, pair.picture


def link_nodes(picture: UseMap, find_href: Callable[[str], str | None]) -> UseMap:
    """Return a picture whose boxes and teams link to their pages; `find_href` gets a reference such as `model:ryl`."""
    return replace(
        picture,
        models=tuple(replace(node, href=find_href(node.id)) for node in picture.models),
        systems=tuple(replace(node, href=find_href(node.id)) for node in picture.systems),
        groups=tuple(
            replace(group, href=find_href(group.id)) if group.id != str(NO_TEAM) else group for group in picture.groups
        ),
    )


def _list_uses(book: Book, refs: Iterable[Ref]) -> list[ModelUse]:
    return [use for ref in refs if ref.kind == "model" for use in list_model_uses(book.graph, ref)]


def _cut_uses(uses: Sequence[ModelUse]) -> list[ModelUse]:
    """Return the first uses whose models and systems fit into one picture."""
    boxes = set[Ref]()
    shown: list[ModelUse] = []
    for use in uses:
        if len(boxes | {use.model, use.system}) <= PICTURE_BOXES:
            boxes |= {use.model, use.system}
            shown.append(use)
    return shown


def _group_nodes(graph: Graph) -> Mapping[Ref, tuple[Ref, ...]]:
    """Return the models and systems by their teams."""
    return group_pairs((_find_team(graph, ref), ref) for ref in sorted(graph.cards) if ref.kind in _KINDS)


def _find_team(graph: Graph, ref: Ref) -> Ref:
    return find_owning_team(graph, ref) or NO_TEAM


def _sort_teams(book: Book, teams: Iterable[Ref]) -> list[Ref]:
    return sorted(teams, key=lambda team: (_get_team_name(book, team).casefold(), team))


def _get_team_name(book: Book, team: Ref) -> str:
    return "No team" if team == NO_TEAM else book.graph.get_name(team)


def _list_rows(book: Book, refs: Iterable[Ref]) -> tuple[MapRow, ...]:
    cards = book.graph.cards

    def select(ref: Ref, others: Iterable[Ref]) -> tuple[Ref, ...]:
        return tuple(other for other in others if other.kind in _KINDS and other in cards and other != ref)

    return tuple(
        MapRow(
            ref=ref,
            team=team,
            team_name=_get_team_name(book, team),
            needs=select(ref, book.list_targets(ref, *DEPENDING)),
            needed_by=select(ref, book.list_sources(ref, *DEPENDING)),
        )
        for ref in book.sort_by_name(refs)
        for team in [_find_team(book.graph, ref)]
    )


def _build_picture(book: Book, title: str, refs: Sequence[Ref], uses: Sequence[ModelUse]) -> UseMap:
    known = frozenset(refs)
    lines = [
        UseLine(str(use.model), str(use.system), use.criticality.value if use.criticality else "")
        for use in uses
        if {use.model, use.system} <= known
    ]
    teams = {ref: _find_team(book.graph, ref) for ref in refs}
    return UseMap(
        title=title,
        description=f"{len(refs)} models and systems with {len(lines)} uses; the list has all of them.",
        models=tuple(build_node(book, ref, group=teams[ref]) for ref in refs if ref.kind == "model"),
        systems=tuple(build_node(book, ref, group=teams[ref]) for ref in refs if ref.kind == "system"),
        groups=tuple(DiagramGroup(str(team), _get_team_name(book, team)) for team in sorted(set(teams.values()))),
        lines=tuple(lines),
    )


def _build_teams(
    book: Book, refs: Sequence[Ref], uses: Iterable[ModelUse]
) -> tuple[tuple[str, ...], tuple[TeamRow, ...]]:
    """Build the table of teams: those with models in rows, those whose systems use them in columns."""
    counts: Counter[tuple[Ref, Ref]] = Counter()
    high = set[tuple[Ref, Ref]]()
    for use in uses:
        pair = _find_team(book.graph, use.model), _find_team(book.graph, use.system)
        counts[pair] += 1
        if use.criticality is Criticality.HIGH:
            high.add(pair)
    models = Counter(_find_team(book.graph, ref) for ref in refs if ref.kind == "model")
    columns = _sort_teams(book, {systems_of for _, systems_of in counts})
    rows = []
    for team in _sort_teams(book, models):
        path = get_team_map_path(team)
        found = {
            other: TeamPair(
                name=_get_team_name(book, other),
                path=f"{path}#{other.id}",
                count=counts[team, other],
                is_high=(team, other) in high,
            )
            for other in columns
            if (team, other) in counts
        }
        cells = tuple(found.get(other) for other in columns) if len(columns) <= MATRIX_TEAMS else ()
        rows.append(TeamRow(team, _get_team_name(book, team), path, models[team], tuple(found.values()), cells))
    shown = tuple(_get_team_name(book, team) for team in columns) if len(columns) <= MATRIX_TEAMS else ()
    return shown, tuple(rows)
