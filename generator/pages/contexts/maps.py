"""The map: which system uses which model, as one picture for a small book and by pairs of teams for a large one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from generator.diagrams import DiagramGroup, UseLine, UseMap
from generator.graph.consumers import ModelUse, list_model_uses
from generator.graph.edges import DEPENDING, Edge
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

    models_of: Ref
    systems_of: Ref
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
    return tuple(sorted(ref for ref in book.graph.cards if ref.kind in {"model", "system"}))


def list_map_edges(book: Book) -> tuple[Edge, ...]:
    """Return the connections between models and systems, one for each pair."""
    refs = list_map_nodes(book)
    known = frozenset(refs)
    pairs: dict[tuple[Ref, Ref], Edge] = {}
    for ref in refs:
        for edge in book.graph.list_outgoing_edges(ref, *DEPENDING):
            if edge.target in known and edge.source != edge.target:
                pairs.setdefault((edge.source, edge.target), edge)
    return tuple(pairs[pair] for pair in sorted(pairs))


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
    teams = {_find_team(book, ref) for ref in list_map_nodes(book)}
    return tuple(sorted(teams, key=lambda team: (_get_team_name(book, team).casefold(), team)))


def get_team_map_path(team: Ref) -> str:
    """Return the Markdown file of a team's page of the map."""
    return f"map/{team.id}.md"


def build_team_map_view(book: Book, team: Ref) -> TeamMapView:
    """Build a team's page of the map: a picture for each team whose systems use its models."""
    refs = [ref for ref in list_map_nodes(book) if _find_team(book, ref) == team]
    name = _get_team_name(book, team)
    by_team: defaultdict[Ref, list[ModelUse]] = defaultdict(list)
    for use in _list_uses(book, refs):
        by_team[_find_team(book, use.system)].append(use)
    pairs = []
    for other in sorted(by_team, key=lambda other: (_get_team_name(book, other).casefold(), other)):
        uses = sorted(by_team[other], key=lambda use: CRITICALITIES.index(use.criticality))
        shown = _cut_uses(uses)
        title = f"{name}, used by {_get_team_name(book, other)}"
        boxes = sorted({end for use in shown for end in (use.model, use.system)})
        picture = _build_picture(book, title, boxes, shown)
        file = f"assets/modelbook/map/{team.id}/{other.id}.svg"
        pairs.append(PairView(other.id, title, picture, file, tuple(uses), len(shown)))
    return TeamMapView(team, name, tuple(pairs), _list_rows(book, refs))


def list_pictures(book: Book) -> Iterator[tuple[str, UseMap]]:
    """Yield the file of each picture of the map, and the picture."""
    if not is_split(book):
        refs = list_map_nodes(book)
        yield PICTURE_FILE, _build_picture(book, f"Map of {book.title}", refs, _list_uses(book, refs))
    for team in list_map_teams(book):
        for pair in build_team_map_view(book, team).pairs:
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


def _find_team(book: Book, ref: Ref) -> Ref:
    return find_owning_team(book, ref) or NO_TEAM


def _get_team_name(book: Book, team: Ref) -> str:
    return "No team" if team == NO_TEAM else book.graph.get_name(team)


def _list_rows(book: Book, refs: Iterable[Ref]) -> tuple[MapRow, ...]:
    wanted = frozenset(refs)
    needs: dict[Ref, list[Ref]] = {ref: [] for ref in wanted}
    needed_by: dict[Ref, list[Ref]] = {ref: [] for ref in wanted}
    for edge in list_map_edges(book):
        if edge.source in wanted:
            needs[edge.source].append(edge.target)
        if edge.target in wanted:
            needed_by[edge.target].append(edge.source)
    by_name = book.sort_by_name
    return tuple(
        MapRow(ref, team, _get_team_name(book, team), by_name(needs[ref]), by_name(needed_by[ref]))
        for ref in by_name(wanted)
        for team in [_find_team(book, ref)]
    )


def _build_picture(book: Book, title: str, refs: Sequence[Ref], uses: Sequence[ModelUse]) -> UseMap:
    known = frozenset(refs)
    lines = [
        UseLine(str(use.model), str(use.system), use.criticality.value if use.criticality else "")
        for use in uses
        if {use.model, use.system} <= known
    ]
    teams = {ref: _find_team(book, ref) for ref in refs}
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
        pair = _find_team(book, use.model), _find_team(book, use.system)
        counts[pair] += 1
        if use.criticality is Criticality.HIGH:
            high.add(pair)
    models = Counter(_find_team(book, ref) for ref in refs if ref.kind == "model")

    def sort(teams: Iterable[Ref]) -> list[Ref]:
        return sorted(teams, key=lambda team: (_get_team_name(book, team).casefold(), team))

    columns = sort({systems_of for _, systems_of in counts})
    rows = []
    for team in sort(models):
        path = get_team_map_path(team)
        found = {
            other: TeamPair(
                team,
                other,
                _get_team_name(book, other),
                f"{path}#{other.id}",
                counts[team, other],
                (team, other) in high,
            )
            for other in columns
            if (team, other) in counts
        }
        cells = tuple(found.get(other) for other in columns) if len(columns) <= MATRIX_TEAMS else ()
        rows.append(TeamRow(team, _get_team_name(book, team), path, models[team], tuple(found.values()), cells))
    shown = tuple(_get_team_name(book, team) for team in columns) if len(columns) <= MATRIX_TEAMS else ()
    return shown, tuple(rows)
