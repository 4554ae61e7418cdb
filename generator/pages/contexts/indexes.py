"""The table of a kind, with its filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import DEPENDING, Relation
from generator.grouping import group_pairs
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, build_badge, resolve_owners
from generator.pages.contexts.people import list_responsibilities
from generator.pages.paths import SiteSection
from generator.schema import Card, Experiment, Flow, Migration, Model, Person, System, Team

Cell = Ref | Badge | date | str | int | tuple[Ref, ...] | None
Filter = tuple[str, str]
"""The name of a filter, and the word by which it finds a row."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A card in the table of its kind."""

    ref: Ref
    cells: tuple[Cell, ...]
    filters: tuple[Filter, ...]
    aliases: tuple[str, ...]
    """Its other names and the ids of its copies, by which the filter finds it."""
    summary: str
    family: str = ""


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """Rows of one family, or a single row without one."""

    family: str
    rows: tuple[IndexRow, ...]


@dataclass(frozen=True, slots=True)
class IndexView:
    """The table of a kind."""

    section: SiteSection
    columns: tuple[str, ...]
    rows: tuple[IndexRow, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    """Each filter with its words."""
    groups: tuple[IndexGroup, ...]
    """The rows with those of a family together, in the place of the family's name."""


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


def build_index_view(book: Book, section: SiteSection) -> IndexView:
    """Build the table of a kind, sorted by name, with the words of its filters."""
    if section.kind == "resource":
        rows = tuple(_build_resource_row(book, ref) for ref in book.list_resources())
    else:
        refs = (ref for ref in book.graph.cards if ref.kind == section.kind)
        rows = tuple(_build_card_row(book, book.graph.cards[ref].card) for ref in book.sort_by_name(refs))
    filters = list_filters(row.filters for row in rows)
    return IndexView(section, _COLUMNS[section.kind], rows, filters, _group_rows(book, rows))


def list_filters(rows: Iterable[tuple[Filter, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List the filters of a table with their words, without those that have only one."""
    words: dict[str, set[str]] = {}
    for filters in rows:
        for name, word in filters:
            words.setdefault(name, set()).add(word)
    return tuple((name, tuple(sorted(choice))) for name, choice in words.items() if len(choice) > 1)


def _group_rows(book: Book, rows: Iterable[IndexRow]) -> tuple[IndexGroup, ...]:
    families = group_pairs(((row.family, "" if row.family else str(row.ref)), row) for row in rows)
    groups = [IndexGroup(members[0].family, tuple(members)) for members in families.values()]
    return tuple(sorted(groups, key=lambda one: (one.family or book.graph.get_name(one.rows[0].ref)).casefold()))


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
    match card:
        case Model():
            uses = len(list_model_uses(book.graph, card.ref))
            return (
                (owners, build_badge(card.lifecycle), build_badge(card.serving), uses, card.review_by),
                (("lifecycle", card.lifecycle.value), ("serving", card.serving.value), *by_function),
            )
        case Flow():
            return (owners, card.trigger, len(card.steps)), ()
        case System():
            uses = len(list_system_uses(book.graph, card.ref))
            return (owners, build_badge(card.type), uses), (("type", card.type.value), *by_function)
        case Experiment():
            cleanup = card.cleanup
            due, open_items = (cleanup.due, len(cleanup.open_items)) if cleanup else (None, 0)
            cells = (owners, build_badge(card.status), card.ended_on, due, open_items)
            return cells, (("status", card.status.value),)
        case Migration():
            done = sum(wave.is_done for wave in card.waves)
            progress = f"{done} of {len(card.waves)}"
            return (owners, build_badge(card.status), len(card.moves), progress), (("status", card.status.value),)
        case Team():
            function = titles.get(card.function or "", card.function or "")
            lead = Ref("person", card.lead) if card.lead else None
            count = len(list_responsibilities(book, card.ref))
            return (function, lead, card.channel, count), ((("function", function),) if function else ())
        case Person():
            member_of = Ref("team", card.team) if card.team else None
            by_team = (("team", book.graph.get_name(member_of)),) if member_of else ()
            count = len(list_responsibilities(book, card.ref))
            return (member_of, card.role, count), (*by_team, ("state", "left" if book.has_left(card.ref) else "here"))
        case _:
            return (), ()


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
