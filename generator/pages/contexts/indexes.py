"""The table of a kind, with its filters; with many rows, an overview and tables of each team."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import field
from msgspec.structs import replace

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import DEPENDING, Relation
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key, sort_refs
from generator.pages.book import INDEX_ROWS, INDEX_WORDS, Book
from generator.pages.contexts.page_parts import (
    Division,
    PagePart,
    RowGroup,
    divide_rows,
    has_too_many,
    list_team_groups,
)
from generator.pages.contexts.parts import Badge, build_badge, resolve_owners
from generator.pages.contexts.people import count_responsibilities
from generator.pages.paths import SiteSection, get_section
from generator.reads import keep_derived
from generator.schema import Card, Experiment, Flow, Migration, Model, Person, System, Team
from generator.values import FrozenValue

Cell = Ref | Badge | date | str | int | tuple[Ref, ...] | None
Filter = tuple[str, str]
"""The name of a filter, and the word by which it finds a row."""


class IndexRow(FrozenValue):
    """A card in the table of its kind."""

    ref: Ref
    cells: tuple[Cell, ...]
    filters: tuple[Filter, ...]
    aliases: tuple[str, ...]
    """Its other names and the ids of its copies, by which the filter finds it."""
    summary: str
    family: str = ""


class IndexGroup(FrozenValue):
    """Rows of one family, or a single row without one."""

    family: str
    rows: tuple[IndexRow, ...]


class IndexView(FrozenValue):
    """The table of a kind."""

    section: SiteSection
    columns: tuple[str, ...]
    rows: tuple[IndexRow, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    """Each filter with its words."""
    groups: tuple[IndexGroup, ...]
    """The rows with those of a family together, in the place of the family's name."""
    divisions: tuple[Division[Ref], ...] = ()
    """The groups of rows that have pages of their own; empty if this page has all rows."""
    counted: tuple[str, ...] = ()
    """The words of a filter by which the overview counts the rows, such as those of the lifecycle."""
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The number of rows for each of these words, by the id of the group."""
    part: PagePart[Ref] | None = None
    """The part of a divided table that this page has; None on the index itself."""
    total: int = 0
    """The number of rows of the whole table."""


_COLUMNS: dict[str, tuple[str, ...]] = {
    "model": ("Owner", "Lifecycle", "Serving", "Consumers", "Review by"),
    "flow": ("Owner", "Trigger", "Steps"),
    "system": ("Owner", "Type", "Models used"),
    "experiment": ("Owner", "Status", "Ended on", "Clean-up due", "Open items"),
    "migration": ("Owner", "Status", "Moves", "Waves done"),
    "team": ("Function", "Lead", "Channel", "Responsibilities"),
    "person": ("Team", "Role", "Responsibilities"),
    "resource": ("Type", "Owner", "Used by", "Produced by"),
}


def list_index_refs(book: Book, section: SiteSection) -> tuple[Ref, ...]:
    """List the nodes of a kind in the order of their pages: the cards by name, resources by type and id."""
    return _sort_refs(book, section, _list_refs(book, section))


def _list_refs(book: Book, section: SiteSection) -> tuple[Ref, ...]:
    if section.kind == "resource":
        return book.list_resources()
    return tuple(ref for ref in book.graph.cards if ref.kind == section.kind)


def _sort_refs(book: Book, section: SiteSection, refs: Sequence[Ref]) -> tuple[Ref, ...]:
    return tuple(sort_refs(refs)) if section.kind == "resource" else book.sort_by_name(refs)


def build_index_view(book: Book, section: SiteSection, *, has_all_rows: bool = False) -> IndexView:
    """Build the table of a kind, sorted by name, with the words of its filters.

    With `has_all_rows`, the overview of a divided table has its rows too. Only templates of the author show them.
    """
    refs = _list_refs(book, section)
    if not has_too_many(len(refs)):
        return _build_table(book, section, refs)
    overview = _build_overview(book, section, refs)
    if not has_all_rows:
        return overview
    table = _build_table(book, section, refs)
    return replace(table, divisions=overview.divisions, counted=overview.counted, counts=overview.counts)


def build_index_part(book: Book, part: PagePart[Ref]) -> IndexView:
    """Build a page with some of the rows of a divided table."""
    table = _build_table(book, get_section(part.rows[0].kind), part.rows)
    return replace(table, part=part)


def _build_table(book: Book, section: SiteSection, refs: Sequence[Ref]) -> IndexView:
    columns, rows = _COLUMNS[section.kind], tuple(_get_row(book, ref) for ref in _sort_refs(book, section, refs))
    kept = [index for index in range(len(columns)) if any(row.cells[index] not in {None, "", ()} for row in rows)]
    if rows and len(kept) < len(columns):
        columns = tuple(columns[index] for index in kept)
        rows = tuple(replace(row, cells=tuple(row.cells[index] for index in kept)) for row in rows)
    filters = list_filters(row.filters for row in rows)
    families = group_pairs(((row.family, "" if row.family else str(row.ref)), row) for row in rows)
    groups = [IndexGroup(members[0].family, members) for members in families.values()]
    groups.sort(key=lambda one: build_sort_key(one.family or book.graph.get_name(one.rows[0].ref)))
    return IndexView(section, columns, rows, filters, tuple(groups), total=len(rows))


def _build_overview(book: Book, section: SiteSection, refs: Sequence[Ref]) -> IndexView:
    """Build an index without rows; it reads no name of a card, and nothing that only its parts show."""
    folder, list_groups = _choose_groups(book, section)
    sort = functools.partial(_sort_refs, book, section)
    divisions = divide_rows(refs, f"{section.folder}/{folder}", section.title, list_groups, sort)
    words = {ref: _find_word(book, ref) for ref in refs}
    choice = sorted(set(words.values()))
    counted = tuple(choice) if len(choice) > 1 else ()
    counts: dict[str, tuple[int, ...]] = {}
    for division in divisions:
        found = Counter(words[ref] for part in division.parts for ref in part.rows)
        counts[division.group.id] = tuple(found[word] for word in counted)
    return IndexView(section, (), (), (), (), divisions, counted, counts, total=len(refs))


def _choose_groups(book: Book, section: SiteSection) -> tuple[str, Callable[[Ref], Iterable[RowGroup]] | None]:
    """Choose the folder and the groups of a table with too many rows."""

    def list_types(ref: Ref) -> Iterable[RowGroup]:
        word = ref.kind.replace("_", " ")
        yield RowGroup(ref.kind, word.capitalize(), f"{section.title}: {word}")

    match section.kind:
        case "resource":
            return "by-type", list_types
        case "team":
            return "by-name", None
        case _:
            return "by-team", lambda ref: list_team_groups(book, ref, section.title)


def list_filters(rows: Iterable[tuple[Filter, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List the filters of a table with their words, without those that have only one."""
    words: dict[str, set[str]] = {}
    for filters in rows:
        for name, word in filters:
            words.setdefault(name, set()).add(word)
    return tuple(
        (name, tuple(sorted(choice, key=lambda word: (build_sort_key(word), word))))
        for name, choice in words.items()
        if len(choice) > 1
    )


@keep_derived(INDEX_ROWS)
def _get_row(book: Book, ref: Ref) -> IndexRow:
    """Return the row of a node, which an index and its parts share."""
    is_resource = get_section(ref.kind).kind == "resource"
    return _build_resource_row(book, ref) if is_resource else _build_card_row(book, book.graph.cards[ref].card)


def _build_card_row(book: Book, card: Card) -> IndexRow:
    owners = resolve_owners(book, card)
    by_owner: tuple[Filter, ...] = tuple(("owner", book.graph.get_name(owner)) for owner in owners)
    cells, filters = _build_cells(book, card, owners)
    family = (card.family or "") if isinstance(card, Model) else ""
    copies = tuple(copy.id for copy in card.instances) if isinstance(card, Model) else ()
    by_family: tuple[Filter, ...] = (("family", family),) if family else ()
    names = (*card.aliases, *copies)
    return IndexRow(card.ref, cells, (*by_owner, *filters, *by_family), names, card.summary or "", family)


def _build_cells(book: Book, card: Card, owners: tuple[Ref, ...]) -> tuple[tuple[Cell, ...], tuple[Filter, ...]]:
    """Return the cells of a row, and its filters by other values than the owner."""
    titles = book.settings.functions
    teams = (book.get_card(owner) for owner in owners)
    functions = sorted({team.function for team in teams if isinstance(team, Team) and team.function})
    by_function = tuple(("function", titles.get(function, function)) for function in functions)
    word = _find_word(book, card.ref)
    match card:
        case Model():
            uses = len(list_model_uses(book.graph, card.ref))
            return (
                (owners, build_badge(card.lifecycle), build_badge(card.serving), uses, card.review_by),
                (("lifecycle", word), ("serving", card.serving.value), *by_function),
            )
        case Flow():
            return (owners, card.trigger, len(card.steps)), ()
        case System():
            uses = len(list_system_uses(book.graph, card.ref))
            return (owners, build_badge(card.type), uses), (("type", word), *by_function)
        case Experiment():
            cleanup = card.cleanup
            due, open_items = (cleanup.due, len(cleanup.open_items)) if cleanup else (None, 0)
            cells = (owners, build_badge(card.status), card.ended_on, due, open_items)
            return cells, (("status", word),)
        case Migration():
            done = sum(wave.is_done for wave in card.waves)
            progress = f"{done} of {len(card.waves)}"
            return (owners, build_badge(card.status), len(card.moves), progress), (("status", word),)
        case Team():
            function = titles.get(card.function or "", card.function or "")
            lead = Ref("person", card.lead) if card.lead else None
            count = count_responsibilities(book, card.ref)
            return (function, lead, card.channel, count), ((("function", function),) if function else ())
        case Person():
            member_of = Ref("team", card.team) if card.team else None
            by_team = (("team", book.graph.get_name(member_of)),) if member_of else ()
            count = count_responsibilities(book, card.ref)
            return (member_of, card.role, count), (*by_team, ("state", word))
        case _:
            return (), ()


@keep_derived(INDEX_WORDS)
def _find_word(book: Book, ref: Ref) -> str:
    """Find the word by which the overview of a divided table counts a row; empty if it counts none of the kind."""
    match book.get_card(ref):
        case Model() as card:
            return card.lifecycle.value
        case System() as card:
            return card.type.value
        case Experiment() | Migration() as card:
            return card.status.value
        case Person():
            return "left" if book.has_left(ref) else "here"
        case _:
            return ""


def _build_resource_row(book: Book, ref: Ref) -> IndexRow:
    card = book.get_resource(ref)
    owners = resolve_owners(book, card) if card else ()
    readers = len({edge.source for edge in book.graph.list_incoming_edges(ref, *DEPENDING)})
    return IndexRow(
        ref=ref,
        cells=(
            build_badge(ref.kind),
            owners,
            readers,
            book.list_targets(ref, Relation.PUBLISHED_BY, Relation.WRITTEN_BY),
        ),
        filters=(*(("owner", book.graph.get_name(owner)) for owner in owners), ("type", ref.kind.replace("_", " "))),
        aliases=card.aliases if card else (),
        summary=(card.summary or "") if card else "named only",
    )
