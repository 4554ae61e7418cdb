"""The table of a kind, with what it can be filtered by."""

from dataclasses import dataclass
from datetime import date

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import DEPENDING, Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, badge, owner_ref
from generator.pages.contexts.people import list_responsibilities
from generator.pages.paths import SiteSection
from generator.schema import Experiment, Flow, Migration, Model, Person, Resource, System, Team
from generator.schema.card import Card, OwnedCard

Cell = Ref | Badge | date | str | int | tuple[Ref, ...] | None


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A card in the table of its kind."""

    ref: Ref
    cells: tuple[Cell, ...]
    filters: tuple[tuple[str, str], ...]
    """What the row can be filtered by: (filter, word)."""
    aliases: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class IndexView:
    """The table of a kind."""

    section: SiteSection
    columns: tuple[str, ...]
    rows: tuple[IndexRow, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    """Each filter with the words to choose from."""


_COLUMNS: dict[str, tuple[str, ...]] = {
    "model": ("Owner", "Lifecycle", "Serving", "Consumers", "Review by"),
    "flow": ("Owner", "Trigger", "Steps"),
    "system": ("Owner", "Type", "Models used"),
    "experiment": ("Owner", "Status", "Ended on", "Clean-up due", "Open items"),
    "migration": ("Owner", "Status", "Moves", "Waves done"),
    "team": ("Function", "Lead", "Channel", "Answers for"),
    "person": ("Team", "Role", "Counted on by"),
    "resource": ("Type", "Owner", "Needed by", "Filled by"),
}


def index_view(book: Book, section: SiteSection) -> IndexView:
    """The table of a kind, by name, with the words to filter by."""
    rows = tuple(_resource_rows(book) if section.kind == "resource" else _card_rows(book, section.kind))
    words: dict[str, set[str]] = {}
    for row in rows:
        for name, word in row.filters:
            words.setdefault(name, set()).add(word)
    filters = tuple((name, tuple(sorted(choice))) for name, choice in words.items() if len(choice) > 1)
    return IndexView(section, _COLUMNS[section.kind], rows, filters)


def _card_rows(book: Book, kind: str) -> list[IndexRow]:
    cards = sorted(
        (loaded.card for ref, loaded in book.graph.cards.items() if ref.kind == kind),
        key=lambda card: (card.name.casefold(), card.ref),
    )
    return [_row(book, card, *_cells(book, card)) for card in cards]


def _row(book: Book, card: Card, cells: tuple[Cell, ...], filters: tuple[tuple[str, str], ...]) -> IndexRow:
    owners = owners_of(book, card)
    owned = tuple(("owner", book.graph.get_name(owner)) for owner in owners)
    return IndexRow(card.ref, cells, (*owned, *filters), card.aliases, card.summary or "")


def owners_of(book: Book, card: Card) -> tuple[Ref, ...]:
    """Who answers for a card."""
    return tuple(owner_ref(book, owner) for owner in card.owners) if isinstance(card, OwnedCard) else ()


def _cells(book: Book, card: Card) -> tuple[tuple[Cell, ...], tuple[tuple[str, str], ...]]:
    owners = owners_of(book, card)
    match card:
        case Model():
            filters = (("lifecycle", card.lifecycle.value), ("serving", card.serving.value), *_functions(book, owners))
            uses = len(list_model_uses(book.graph, card.ref))
            return (owners, badge(card.lifecycle), badge(card.serving), uses, card.review_by), filters
        case Flow():
            return (owners, card.trigger, len(card.steps)), ()
        case System():
            uses = len(list_system_uses(book.graph, card.ref))
            return (owners, badge(card.type), uses), (("type", card.type.value), *_functions(book, owners))
        case Experiment():
            cleanup = card.cleanup
            due, left = (cleanup.due, len(cleanup.open_items)) if cleanup else (None, 0)
            return (owners, badge(card.status), card.ended_on, due, left), (("status", card.status.value),)
        case Migration():
            done = sum(wave.done_on is not None for wave in card.waves)
            cells = (owners, badge(card.status), len(card.moves), f"{done} of {len(card.waves)}")
            return cells, (("status", card.status.value),)
        case Team():
            function = book.settings.functions.get(card.function or "", card.function or "")
            lead = Ref("person", card.lead) if card.lead else None
            number = len(list_responsibilities(book, card.ref))
            return (function, lead, card.channel, number), ((("function", function),) if function else ())
        case Person():
            team = Ref("team", card.team) if card.team else None
            state = "left" if book.has_left(card.ref) else "here"
            words = (("team", book.graph.get_name(team)),) if team else ()
            return (team, card.role, len(list_responsibilities(book, card.ref))), (*words, ("state", state))
        case _:
            return (), ()


def _functions(book: Book, owners: tuple[Ref, ...]) -> tuple[tuple[str, str], ...]:
    cards = (book.get_card(owner) for owner in owners)
    found = {card.function for card in cards if isinstance(card, Team) and card.function}
    return tuple(("function", book.settings.functions.get(function, function)) for function in sorted(found))


def _resource_rows(book: Book) -> list[IndexRow]:
    rows: list[IndexRow] = []
    for ref, card in book.list_resources():
        readers = len({edge.source for edge in book.graph.list_incoming_edges(ref, *DEPENDING)})
        fillers = book.list_targets(ref, Relation.PUBLISHED_BY, Relation.WRITTEN_BY)
        owners = owners_of(book, card) if isinstance(card, Resource) else ()
        filters = (*(("owner", book.graph.get_name(owner)) for owner in owners), ("type", ref.kind.replace("_", " ")))
        cells: tuple[Cell, ...] = (badge(ref.kind), owners, readers, fillers)
        aliases = card.aliases if card else ()
        rows.append(IndexRow(ref, cells, filters, aliases, (card.summary or "") if card else "named only"))
    return rows
