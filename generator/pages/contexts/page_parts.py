"""Pages that are divided: with many rows, a page is an overview, and each team has a page with its own rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from generator.graph.edges import Graph
from generator.graph.people import list_owning_teams
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key
from generator.pages.book import PART_OWNERS, Book
from generator.pages.paths import get_section
from generator.reads import keep_derived
from generator.values import FrozenValue

MOST_ROWS = 600
"""The most rows of a table on one page, and the most teams that have pages of their own."""
NO_TEAM = Ref("team", "-no-team")
"""The place of cards that no team owns. No card has this id, because it begins with a hyphen."""

Row = TypeVar("Row")


class RowGroup(FrozenValue):
    """A team whose rows have pages of their own, or another group of rows."""

    id: str
    """The name of its file."""
    name: str
    title: str
    """The title of its page."""
    ref: Ref | None = None
    """The team, if it has a card."""


class PagePart(FrozenValue, Generic[Row]):
    """A page with rows of a divided page."""

    group: RowGroup
    path: str
    """Its Markdown file."""
    title: str
    number: int
    """Its place among the pages of its group, from 1."""
    rows: tuple[Row, ...]


class Division(FrozenValue, Generic[Row]):
    """A group of rows with its pages: one, or several if it has too many rows for one."""

    group: RowGroup
    count: int
    parts: tuple[PagePart[Row], ...]


def get_part_key(part: PagePart[Row]) -> str:
    """Return the key of the page of a part."""
    return f"page:{part.path.removesuffix('.md')}"


def has_too_many(count: int) -> bool:
    """Return whether a page has too many rows for one table."""
    return count > MOST_ROWS


def cut_rows(rows: Sequence[Row]) -> tuple[tuple[Row, ...], int]:
    """Return the rows that fit on a page, and the number of the others."""
    return tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)


def divide_rows(
    rows: Sequence[Row],
    folder: str,
    title: str,
    list_groups: Callable[[Row], Iterable[RowGroup]] | None,
    sort: Callable[[Sequence[Row]], Sequence[Row]] = tuple,
) -> tuple[Division[Row], ...]:
    """Divide the rows of a page into pages below a folder; the groups are sorted by name.

    `folder` is that of the Markdown files, such as `models/by-team`, and `title` that of the pages without a group.
    Each group that `list_groups` returns for a row gets the row; without it, or with too many groups, the rows are cut
    in their order. `sort` sorts the rows of a group with several pages; they keep their order in a group with one.
    """
    everything = RowGroup("all", "All", title)
    found = group_pairs((group, row) for row in rows for group in (list_groups(row) if list_groups else [everything]))
    if has_too_many(len(found)):
        found = {everything: tuple(rows)}
    ordered = sorted(found, key=lambda group: (group.id == NO_TEAM.id, build_sort_key(group.name), group.id))
    sorted_rows = {group: sort(members) if has_too_many(len(members)) else members for group, members in found.items()}
    return tuple(Division(group, len(found[group]), _cut_pages(sorted_rows[group], folder, group)) for group in ordered)


def _cut_pages(rows: Sequence[Row], folder: str, group: RowGroup) -> tuple[PagePart[Row], ...]:
    starts = range(0, len(rows), MOST_ROWS)
    return tuple(
        PagePart(
            group,
            f"{folder}/{group.id}.md" if number == 1 else f"{folder}/{group.id}/{number}.md",
            group.title if len(starts) == 1 else f"{group.title}, part {number}",
            number,
            tuple(rows[start : start + MOST_ROWS]),
        )
        for number, start in enumerate(starts, 1)
    )


def build_team_group(book: Book, team: Ref, title: str) -> RowGroup:
    """Build the group of the rows of a team; `title` is that of the divided page."""
    if team == NO_TEAM:
        return RowGroup(team.id, "No team", f"{title} without a team")
    name = book.graph.get_name(team)
    return RowGroup(team.id, name, f"{title} of {name}", team)


def list_team_groups(book: Book, ref: Ref, title: str) -> Iterator[RowGroup]:
    """List the groups of the teams that own a card; `title` is that of the divided page."""
    return (build_team_group(book, team, title) for team in list_teams(book.graph, ref))


def find_index_path(book: Book, kind: str, team: Ref) -> str:
    """Return the page with all cards of a kind that a team owns: the index of the kind, or the part of the team."""
    section = get_section(kind)
    if team in get_part_owners(book).get(kind, ()):
        return f"{section.folder}/by-team/{team.id}.md"
    return section.path


@keep_derived(PART_OWNERS)
def get_part_owners(book: Book) -> Mapping[str, frozenset[Ref]]:
    """Return the teams with pages of their own, by the kinds whose indexes are divided."""
    graph = book.graph
    by_kind = group_pairs((ref.kind, ref) for ref in graph.cards)
    divided = {kind: refs for kind, refs in by_kind.items() if has_too_many(len(refs))}
    teams = {kind: frozenset(team for ref in refs for team in list_teams(graph, ref)) for kind, refs in divided.items()}
    return {kind: owners for kind, owners in teams.items() if not has_too_many(len(owners))}


def list_teams(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """List the teams that own a card, themselves or through a member; `NO_TEAM` if no team does."""
    return tuple(team for team in list_owning_teams(graph, ref) if team.kind == "team") or (NO_TEAM,)
