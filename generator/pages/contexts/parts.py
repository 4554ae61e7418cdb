"""The small values that every page is made of."""

from collections.abc import Collection, Iterable
from datetime import date

from generator.evidence.source_links import FileLinks, build_origin_links
from generator.findings import DRAFT_TAG, Finding
from generator.graph.edges import Relation
from generator.graph.people import TeamAddresses, get_team, get_team_addresses, resolve_owner
from generator.load.bind import LoadedCard
from generator.names import Ref, build_sort_key
from generator.pages.book import Book
from generator.pages.markup import is_linkable
from generator.schema import Card, Experiment, Flow, Migration
from generator.schema.card import OwnedCard
from generator.values import FrozenValue


class Badge(FrozenValue):
    """A word with a colour, which only repeats its meaning."""

    word: str
    colour: str
    """green, blue, yellow, red or grey."""


class LabelledLink(FrozenValue):
    """A link with a label; the label alone if the target cannot be linked."""

    label: str
    target: str
    is_printed: bool = False
    """Whether paper shows the address after the label."""
    is_path: bool = False
    """Whether the label is a path, whose lines end only behind a slash."""


class GapMarker(FrozenValue):
    """A missing value, shown as a gap."""

    words: str = "missing"


Value = str | Ref | Badge | LabelledLink | GapMarker | date


class FactRow(FrozenValue):
    """A fact with its name."""

    name: str
    values: tuple[Value, ...]
    detail: "str | tuple[Value, ...]" = ""
    """A second, smaller line."""


class OriginView(FrozenValue):
    """The repository that a card was collected from, with the addresses of its file there."""

    repository: str
    """The name of the repository, such as `shop/web`."""
    url: str
    """The address of the repository; empty if it has none for browsers."""
    path: str
    """The path of the file in the repository."""
    line: int
    commit: str
    """The commit that was collected, abbreviated."""
    committed_on: date | None
    links: FileLinks
    """The file at the commit, and where it is edited, its history and its authors; each is empty if not known."""


class CardView(FrozenValue):
    """The part that the pages of all cards have in common."""

    ref: Ref
    title: str
    kind: str
    """The word for the kind, as in `model` or `feature view`."""
    lead: str
    badges: tuple[Badge, ...]
    facts: tuple[FactRow, ...]
    notes: str
    prose: str
    """The Markdown body of the card."""
    findings: tuple[Finding, ...]
    source: str
    """The card's file; empty for a resource without a card."""
    today: date
    """The day of the book."""
    aliases: tuple[str, ...] = ()
    strip: tuple[FactRow, ...] = ()
    """The facts below the summary: without those that the badges and the aliases show, with all links in one fact."""
    properties: tuple[FactRow, ...] = ()
    """The computed facts, which reports in Confluence list."""
    changed_on: date | None = None
    """The day of the last change of its facts in git; None for a collected card."""
    origin: OriginView | None = None
    """The repository that the card was collected from; None for a card of the book itself."""
    known: frozenset[Finding] = frozenset()
    """The findings that the baseline lists."""


class Participation(FrozenValue):
    """A flow, an experiment or a migration that a card is part of."""

    ref: Ref
    what: str
    badge: Badge | None


_COLOURS = {
    "production": "green", "experimental": "blue", "deprecated": "yellow", "retired": "grey",
    "running": "blue", "concluded": "yellow", "cleaned": "green", "draft": "grey", "planned": "grey", "done": "green",
    "rolled_back": "red", "reverted": "red", "failed": "red",
    "next": "blue", "open": "yellow", "overdue": "red", "left": "red", "winner": "green",
    "removed": "green",
    "high": "red", "medium": "yellow", "low": "grey", "error": "red", "warning": "yellow", "info": "blue",
}  # fmt: skip


def build_badge(word: str) -> Badge:
    """Return the word with its colour; grey if it has none."""
    return Badge(word.replace("_", " "), _COLOURS.get(word, "grey"))


def build_state_badge(card: Card | None) -> Badge | None:
    """Return the badge of a card's lifecycle or status; None if it has neither."""
    state = getattr(card, "lifecycle", None) or getattr(card, "status", None)
    return build_badge(state) if state else None


def build_card_view(
    book: Book,
    card: Card,
    badges: tuple[Badge, ...],
    facts: tuple[FactRow, ...],
    strip: tuple[FactRow, ...] | None = None,
    properties: tuple[FactRow, ...] = (),
) -> CardView:
    """Build the common part of a card's page, without facts that have no value.

    `strip` has the facts for the strip if it shows fewer than `facts`; links and own keys follow.
    """
    loaded = book.graph.cards[card.ref]
    extras = tuple(
        FactRow(_format_label(key[2:]), (str(value),))
        for key, value in card.extras.items()
        if isinstance(value, str | int | float) and str(value) != ""
    )
    common = (
        FactRow("Also called", card.aliases),
        *(FactRow(_format_label(label), (LabelledLink(target, target),)) for label, target in card.links.items()),
        *extras,
    )
    timeline = book.list_trail(card.ref)
    return CardView(
        ref=card.ref,
        title=card.name,
        kind=_format_label(card.ref.kind).lower(),
        lead=card.summary or "",
        badges=(*badges, build_badge(DRAFT_TAG)) if card.is_draft else badges,
        facts=tuple(fact for fact in (*facts, *common) if fact.values),
        notes=card.notes or "",
        prose=loaded.body,
        findings=book.list_findings(card.ref),
        source=loaded.document.file,
        today=book.today,
        aliases=card.aliases,
        strip=_build_strip(card, badges, facts if strip is None else strip, extras),
        properties=tuple(fact for fact in properties if fact.values),
        changed_on=timeline[-1].on if timeline and loaded.origin is None else None,
        origin=build_origin(book, loaded),
        known=book.list_known(card.ref),
    )


def build_origin(book: Book, loaded: LoadedCard) -> OriginView | None:
    """Return the repository that a card was collected from; None for a card of the book itself."""
    origin = loaded.origin
    if origin is None:
        return None
    repository = origin.repository
    return OriginView(
        repository.name,
        repository.url if is_linkable(repository.url) else "",
        origin.path,
        loaded.at().line,
        repository.short_commit,
        repository.day,
        build_origin_links(origin, loaded.at().line, book.settings.source_url),
    )


def _build_strip(
    card: Card, badges: Collection[Badge], facts: Iterable[FactRow], extras: Iterable[FactRow]
) -> tuple[FactRow, ...]:
    """Return the facts of the strip: without repeated badges, and with the links of several facts in one."""
    shown = [fact for fact in facts if not all(value in badges for value in fact.values)]
    bare = [
        fact for fact in shown if all(isinstance(one, LabelledLink) and one.label == one.target for one in fact.values)
    ]
    links = [(fact.name, one.target) for fact in bare for one in fact.values if isinstance(one, LabelledLink)]
    links += [(_format_label(label), target) for label, target in card.links.items()]
    named = {"Code" if name == "Repository" else name: target for name, target in links}
    labelled = tuple(LabelledLink(name if is_linkable(to) else f"{name}: {to}", to) for name, to in named.items())
    return (*(fact for fact in shown if fact not in bare), *([FactRow("Links", labelled)] if labelled else []), *extras)


def build_owners_fact(book: Book, card: OwnedCard) -> FactRow:
    """Return the owners of a card with the channel of the first, or a gap."""
    owners = resolve_owners(book, card)
    team = get_team(book.graph, owners[0].id) if owners and owners[0].kind == "team" else None
    detail = (build_chat_link(get_team_addresses(team)),) if team is not None else ""
    return FactRow("Owner" if len(owners) == 1 else "Owners", owners or (GapMarker("No owner"),), detail)


def build_chat_link(addresses: TeamAddresses) -> Value:
    """Return the chat of a team as a link with the name of its channel; the name alone if there is no link."""
    return LabelledLink(addresses.channel or "Chat", addresses.chat) if addresses.chat else addresses.channel


def build_optional_fact(name: str, value: Value | None) -> FactRow:
    """Return a fact that the page omits if there is no value."""
    return FactRow(name, (value,) if value else ())


def build_link_fact(name: str, target: str | None) -> FactRow:
    """Return a fact that is a link, or text to copy; the page omits it if there is no value."""
    return FactRow(name, (LabelledLink(target, target),) if target else ())


def resolve_owners(book: Book, card: Card) -> tuple[Ref, ...]:
    """Return the owners of a card in the order of the card."""
    return tuple(resolve_owner(book.graph, owner) for owner in card.owners) if isinstance(card, OwnedCard) else ()


def list_participations(book: Book, ref: Ref) -> tuple[Participation, ...]:
    """Return the flows, experiments and migrations that a node is part of, by kind and name."""
    found: dict[Ref, Participation] = {}
    edges = [*book.graph.list_incoming_edges(ref), *book.graph.list_outgoing_edges(ref)]
    for edge in sorted(edges, key=lambda edge: (edge.declared_by, edge.step)):
        card = book.get_card(edge.declared_by)
        if isinstance(card, Flow):
            earlier = found.get(card.ref)
            what = f"{earlier.what.replace('step ', 'steps ')}, {edge.step}" if earlier else f"step {edge.step}"
            found[card.ref] = Participation(card.ref, what, None)
        elif isinstance(card, Experiment) and card.ref not in found:
            what = f"variant {edge.role}" if edge.relation is Relation.TESTS else str(edge.relation)
            found[card.ref] = Participation(card.ref, what, build_badge(card.status))
        elif isinstance(card, Migration) and card.ref not in found:
            what = "moves it" if edge.relation is Relation.MOVES else "falls back to it"
            found[card.ref] = Participation(card.ref, what, build_badge(card.status))
    return tuple(sorted(found.values(), key=lambda one: (one.ref.kind, build_sort_key(book.graph.get_name(one.ref)))))


def _format_label(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ")
    return {"mlflow": "MLflow", "repo": "Repository"}.get(key, words[:1].upper() + words[1:])
