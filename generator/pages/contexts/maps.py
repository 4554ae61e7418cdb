"""The map: which system uses which model, as one picture for a small book and by pairs of teams for a large one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from generator.diagrams import DiagramGroup, UseLine, UseMap
from generator.graph.consumers import ModelUse, list_model_uses
from generator.graph.edges import DEPENDING, Graph
from generator.graph.people import find_owning_team
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key, sort_refs
from generator.pages.book import MAP_TEAMS, TEAM_NODES, Book
from generator.pages.contexts.diagrams import build_node
from generator.pages.contexts.page_parts import NO_TEAM, cut_rows, has_too_many
from generator.reads import keep_derived
from generator.schema.card import CRITICALITIES, Criticality
from generator.values import FrozenValue

PICTURE_BOXES = 40
"""The most boxes in a picture; a larger book has a picture for each pair of teams."""
MATRIX_TEAMS = 20
"""The most teams in the columns of the table of teams; with more, a list has the pairs."""
MOST_PICTURES = 20
"""The most pictures on the page of a team; the pairs with fewer uses are a table below them."""
OTHER_TEAMS = "-other-teams"
"""The anchor of this table. No team has this id, because it begins with a hyphen."""
_MOST_PAIRS, _MOST_PAIRS_IN_ALL = 20, 2400
"""The most pairs in a row of the map, and in all rows."""
PICTURE_FILE = "assets/modelbook/map.svg"
_KINDS = frozenset({"model", "system"})


class MapRow(FrozenValue):
    """A model or a system with its connections."""

    ref: Ref
    team: Ref
    team_name: str
    needs: tuple[Ref, ...]
    needed_by: tuple[Ref, ...]


class TeamPair(FrozenValue):
    """The uses of one team's models by another team's systems."""

    name: str
    """The name of the team with the systems."""
    path: str
    """The page with the picture, and its anchor."""
    count: int
    is_high: bool
    """Whether at least one use is of high criticality."""


class TeamRow(FrozenValue):
    """A team with models, and the teams whose systems use them."""

    team: Ref
    name: str
    path: str
    """Its page of the map."""
    models: int
    pairs: tuple[TeamPair, ...]
    cells: tuple[TeamPair | None, ...]
    """The pairs by the columns of the table; empty if there are too many teams for a table."""
    shown: tuple[TeamPair, ...] = ()
    """The pairs that a list names: those with the most uses if there are too many."""

    @property
    def more(self) -> int:
        """The number of pairs that a list does not name."""
        return len(self.pairs) - len(self.shown)


class MapView(FrozenValue):
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


class PairView(FrozenValue):
    """The picture of one pair of teams."""

    anchor: str
    title: str
    picture: UseMap
    standalone: str
    uses: tuple[ModelUse, ...]
    shown: int
    """The uses in the picture: the most critical ones if there are too many boxes."""


class TeamMapView(FrozenValue):
    """The content of a team's page of the map."""

    team: Ref
    name: str
    pairs: tuple[PairView, ...]
    rows: tuple[MapRow, ...]
    others: tuple[TeamPair, ...] = ()
    """The pairs without a picture."""
    more_rows: int = 0
    """The number of models and systems that the list does not have."""


def list_map_nodes(book: Book) -> tuple[Ref, ...]:
    """Return the models and systems, sorted."""
    return tuple(sort_refs(ref for ref in book.graph.cards if ref.kind in _KINDS))


def is_split(book: Book) -> bool:
    """Return whether the map has a page for each team, because one picture would have too many boxes."""
    return len(list_map_nodes(book)) > PICTURE_BOXES


def build_map_view(book: Book) -> MapView:
    """Build the map of the book."""
    refs = list_map_nodes(book)
    split = is_split(book)
    uses = _list_uses(book, refs)
    rows = () if has_too_many(len(refs)) else _list_rows(book, refs)
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
    return tuple(_sort_teams(book, get_map_teams(book)))


@keep_derived(MAP_TEAMS)
def get_map_teams(book: Book) -> tuple[Ref, ...]:
    """Return the teams with models or systems."""
    return tuple(sort_refs(book.graph.cache_result(_group_nodes)))


def get_team_map_path(team: Ref) -> str:
    """Return the Markdown file of a team's page of the map."""
    return f"map/{team.id}.md"


def build_team_map_view(book: Book, team: Ref) -> TeamMapView:
    """Build a team's page of the map."""
    refs, more_rows = cut_rows(book.sort_by_name(get_team_nodes(book, team)))
    uses = _list_uses_by_team(book, team)
    drawn = _choose_drawn(book, {other: len(found) for other, found in uses.items()})
    return TeamMapView(
        team=team,
        name=_get_team_name(book, team),
        pairs=tuple(_build_pair(book, team, other, uses[other]) for other in drawn),
        rows=_list_rows(book, refs),
        others=tuple(
            TeamPair(
                name=_get_team_name(book, other),
                path=get_team_map_path(team),
                count=len(uses[other]),
                is_high=any(map(_is_high, uses[other])),
            )
            for other in _sort_teams(book, uses.keys() - set(drawn))
        ),
        more_rows=more_rows,
    )


def _list_uses_by_team(book: Book, team: Ref) -> Mapping[Ref, tuple[ModelUse, ...]]:
    """List the uses of a team's models by the teams of the systems."""
    uses = _list_uses(book, get_team_nodes(book, team))
    return group_pairs((_find_team(book.graph, use.system), use) for use in uses)


def _choose_drawn(book: Book, counts: Mapping[Ref, int]) -> list[Ref]:
    """Choose the teams whose uses of one team's models have a picture: those with the most uses, by name."""
    most = sorted(counts, key=lambda other: (-counts[other], build_sort_key(_get_team_name(book, other)), other))
    return _sort_teams(book, most[:MOST_PICTURES])


def _build_pair(book: Book, team: Ref, other: Ref, found: Iterable[ModelUse]) -> PairView:
    uses = sorted(found, key=lambda use: CRITICALITIES.index(use.criticality))
    shown = _cut_uses(uses)
    title = f"{_get_team_name(book, team)}, used by {_get_team_name(book, other)}"
    boxes = sort_refs({end for use in shown for end in (use.model, use.system)})
    picture = _build_picture(book, title, boxes, shown)
    file = f"assets/modelbook/map/{team.id}/{other.id}.svg"
    return PairView(other.id, title, picture, file, tuple(uses), len(shown))


def list_pictures(book: Book) -> Iterator[tuple[str, UseMap]]:
    """Yield the file of each picture of the map, and the picture."""
    if not is_split(book):
        refs = list_map_nodes(book)
        yield PICTURE_FILE, _build_picture(book, f"Map of {book.title}", refs, _list_uses(book, refs))
    for team in list_map_teams(book):
        yield from list_team_pictures(book, team)


def list_team_pictures(book: Book, team: Ref) -> Iterator[tuple[str, UseMap]]:
    """Yield the file of each picture on a team's page of the map, and the picture."""
    uses = _list_uses_by_team(book, team)
    for other in _choose_drawn(book, {other: len(found) for other, found in uses.items()}):
        pair = _build_pair(book, team, other, uses[other])
        yield pair.standalone, pair.picture


def link_nodes(picture: UseMap, find_href: Callable[[str], str | None]) -> UseMap:
    """Return a picture whose boxes and teams link to their pages; `find_href` gets a reference such as `model:ryl`."""
    return replace(
        picture,
        models=tuple(msgspec.structs.replace(node, href=find_href(node.id)) for node in picture.models),
        systems=tuple(msgspec.structs.replace(node, href=find_href(node.id)) for node in picture.systems),
        groups=tuple(
            replace(group, href=find_href(group.id)) if group.id != str(NO_TEAM) else group for group in picture.groups
        ),
    )


def _is_high(use: ModelUse) -> bool:
    return any(statement.criticality is Criticality.HIGH for statement in use.statements)


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


@keep_derived(TEAM_NODES)
def get_team_nodes(book: Book, team: Ref) -> tuple[Ref, ...]:
    """Return the models and systems of a team; none if it has no page of the map."""
    return book.graph.cache_result(_group_nodes).get(team, ())


def _group_nodes(graph: Graph) -> Mapping[Ref, tuple[Ref, ...]]:
    """Return the models and systems by their teams."""
    return group_pairs((_find_team(graph, ref), ref) for ref in sort_refs(graph.cards) if ref.kind in _KINDS)


def _find_team(graph: Graph, ref: Ref) -> Ref:
    return find_owning_team(graph, ref) or NO_TEAM


def _sort_teams(book: Book, teams: Iterable[Ref]) -> list[Ref]:
    return sorted(teams, key=lambda team: (build_sort_key(_get_team_name(book, team)), team))


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
        groups=tuple(DiagramGroup(str(team), _get_team_name(book, team)) for team in sort_refs(set(teams.values()))),
        lines=tuple(lines),
    )


def _build_teams(
    book: Book, refs: Sequence[Ref], uses: Sequence[ModelUse]
) -> tuple[tuple[str, ...], tuple[TeamRow, ...]]:
    """Build the table of teams: those with models in rows, those whose systems use them in columns."""
    teams = {ref: _find_team(book.graph, ref) for ref in {*refs, *(use.system for use in uses)}}
    counts: defaultdict[Ref, Counter[Ref]] = defaultdict(Counter)
    high = set[tuple[Ref, Ref]]()
    for use in uses:
        team, other = teams[use.model], teams[use.system]
        counts[team][other] += 1
        if _is_high(use):
            high.add((team, other))
    models = Counter(teams[ref] for ref in refs if ref.kind == "model")
    columns = _sort_teams(book, {other for others in counts.values() for other in others})
    has_columns = len(columns) <= MATRIX_TEAMS
    most = max(1, min(_MOST_PAIRS, _MOST_PAIRS_IN_ALL // max(1, len(models))))
    rows = []
    for team in _sort_teams(book, models):
        path, drawn = get_team_map_path(team), set(_choose_drawn(book, counts[team]))
        found = {
            other: TeamPair(
                name=_get_team_name(book, other),
                path=f"{path}#{other.id if other in drawn else OTHER_TEAMS}",
                count=counts[team][other],
                is_high=(team, other) in high,
            )
            for other in _sort_teams(book, counts[team])
        }
        by_count = sorted(found.values(), key=lambda pair: -pair.count)[:most]
        rows.append(
            TeamRow(
                team=team,
                name=_get_team_name(book, team),
                path=path,
                models=models[team],
                pairs=tuple(found.values()),
                cells=tuple(found.get(other) for other in columns) if has_columns else (),
                shown=tuple(by_count if len(found) > most else found.values()),
            )
        )
    return tuple(_get_team_name(book, team) for team in columns) if has_columns else (), tuple(rows)
