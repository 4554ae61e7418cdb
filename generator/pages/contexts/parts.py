"""The small values that every page is made of."""

from dataclasses import dataclass
from datetime import date

from generator.findings import Finding
from generator.names import Ref
from generator.pages.book import Book
from generator.schema import Card
from generator.schema.card import OwnedCard
from generator.schema.model import Lifecycle


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a colour; the word says it all."""

    word: str
    colour: str
    """green, blue, yellow, red or grey."""


@dataclass(frozen=True, slots=True)
class Address:
    """A label with where it leads; shown as text where that cannot be linked."""

    label: str
    target: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that should be there; the reader sees the gap."""

    words: str = "missing"


Value = str | Ref | Badge | Address | Missing | date


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the fact panel."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """What the page of any card shows above and below its own part."""

    ref: Ref
    title: str
    kind: str
    """The word for the kind, as in `model` or `feature view`."""
    lead: str
    badges: tuple[Badge, ...]
    facts: tuple[Fact, ...]
    notes: str
    prose: str
    """The Markdown body of the card."""
    findings: tuple[Finding, ...]
    source: str
    """The card's file; empty for what is only named."""


_COLOURS = {
    "production": "green",
    "experimental": "blue",
    "deprecated": "yellow",
    "retired": "grey",
    "running": "blue",
    "concluded": "yellow",
    "cleaned": "green",
    "draft": "grey",
    "planned": "grey",
    "done": "green",
    "rolled_back": "red",
    "open": "yellow",
    "overdue": "red",
    "left": "red",
    "high": "red",
    "medium": "yellow",
    "low": "grey",
    "error": "red",
    "warning": "yellow",
    "info": "blue",
    "winner": "green",
}


def badge(word: str) -> Badge:
    """The word with its colour; grey where it has none."""
    return Badge(word.replace("_", " "), _COLOURS.get(word, "grey"))


def lifecycle_badge(lifecycle: Lifecycle) -> Badge:
    """Where in its life a model is."""
    return badge(lifecycle.value)


def card_view(book: Book, card: Card, badges: tuple[Badge, ...], facts: tuple[Fact, ...]) -> CardView:
    """The common part of a card's page; facts without values are left out."""
    loaded = book.graph.cards[card.ref]
    common = (
        Fact("Also called", card.aliases),
        *(Fact(_words(label), (Address(target, target),)) for label, target in card.links.items()),
        *(Fact(_words(key[2:]), (str(value),)) for key, value in card.extras.items() if _is_scalar(value)),
    )
    return CardView(
        ref=card.ref,
        title=card.name,
        kind=_words(card.ref.kind).lower(),
        lead=card.summary or "",
        badges=badges,
        facts=tuple(fact for fact in (*facts, *common) if fact.values),
        notes=card.notes or "",
        prose=loaded.body,
        findings=book.list_findings(card.ref),
        source=loaded.document.file,
    )


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and str(value) != ""


def owners_fact(book: Book, card: OwnedCard) -> Fact:
    """Who answers for a card, with the gap visible."""
    owners = tuple(owner_ref(book, owner) for owner in card.owners)
    return Fact("Owner" if len(owners) == 1 else "Owners", owners or (Missing("nobody"),))


def owner_ref(book: Book, owner: str) -> Ref:
    """An owner as it is written: a team or a person."""
    if ":" in owner:
        return Ref.parse(owner)
    team = Ref("team", owner)
    return team if team in book.graph else Ref("person", owner)


def optional(name: str, value: Value | None) -> Fact:
    """A fact that is left out when there is none."""
    return Fact(name, (value,) if value else ())


def day_or_missing(name: str, day: date | None) -> Fact:
    """A day that should be known."""
    return Fact(name, (day or Missing(),))


def _words(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ")
    return {"mlflow": "MLflow", "repo": "Repository"}.get(key, words[:1].upper() + words[1:])
