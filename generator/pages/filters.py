"""The filters of templates that know the book: links to cards, values of the fact panel, pictures, prose.

Those that link take the page that is being written first, because links are relative to it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from generator.diagrams import BurnDownChart, Diagram, DiagramNode, TieredDiagram, Timeline, render_svg
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, GapMarker, LabelledLink, build_badge
from generator.pages.escaping import attribute, is_linkable, text
from generator.pages.paths import PageLocation, get_card_path
from generator.pages.prose import prose
from generator.pages.render import Filter, OnPage

_HTML = Markup


class Filters:
    """The filters of one book."""

    def __init__(self, book: Book, *, draws: bool = True) -> None:
        self._book = book
        self._draws = draws
        self._links: dict[tuple[str, Ref], Markup] = {}
        """The links made so far, by the folder that they stand in."""

    def table(self) -> dict[str, Filter | OnPage]:
        """The filters by the names that templates use."""
        return {
            "link": OnPage(self.link),
            "links": OnPage(self.links),
            "anchor": OnPage(self.anchor),
            "value": OnPage(self.value),
            "values": OnPage(self.values),
            "badge": _badge,
            "name": self.name,
            "href": OnPage(self.href),
            "page": OnPage(self.page),
            "diagram": OnPage(self.diagram),
            "prose": OnPage(self.prose),
            "day": _day,
            "word": lambda word: build_badge(str(word)),
            "grouped": _grouped,
        }

    def name(self, ref: Ref) -> str:
        """What people call a card."""
        return self._book.graph.get_name(ref)

    def link(self, here: PageLocation, ref: Ref | None) -> Markup:
        """A Markdown link to a card's page."""
        if ref is None:
            return _HTML("")
        made = self._links.get((here.folder, ref))
        if made is None:
            made = self._links[here.folder, ref] = self._link(here, ref)
        return made

    def _link(self, here: PageLocation, ref: Ref) -> Markup:
        label = text(self._book.graph.get_name(ref))
        return _HTML(f"[{label}]({here.get_markdown_link(get_card_path(ref))})") if ref in self._book.graph else label

    def links(self, here: PageLocation, refs: Iterable[Ref]) -> Markup:
        """Markdown links, separated by commas."""
        return _HTML(", ".join([self.link(here, ref) for ref in refs]))

    def anchor(self, here: PageLocation, ref: Ref) -> Markup:
        """A link to a card's page in raw HTML."""
        label = text(self._book.graph.get_name(ref))
        if ref not in self._book.graph:
            return label
        return _HTML(f'<a href="{here.get_href(get_card_path(ref))}">{label}</a>')

    def href(self, here: PageLocation, path: str) -> Markup:
        """The way to a page or file, for raw HTML."""
        return attribute(here.get_href(path))

    def page(self, here: PageLocation, path: str) -> Markup:
        """The way to a page's Markdown file, for a Markdown link."""
        return _HTML(here.get_markdown_link(path))

    def value(self, here: PageLocation, value: object) -> Markup:
        """Any value of a fact or a cell, in HTML."""
        match value:
            case None | "":
                return _HTML("")
            case Ref():
                return self.anchor(here, value)
            case Badge():
                return _badge(value)
            case GapMarker():
                return _HTML('<span class="mb-missing">{}</span>').format(text(value.words))
            case LabelledLink():
                return _address(value)
            case date():
                return _day(value)
            case tuple():
                return self.values(here, value)
            case _:
                return text(value)

    def values(self, here: PageLocation, values: Iterable[object]) -> Markup:
        """Several values, separated by commas."""
        return _HTML(", ".join([self.value(here, value) for value in values]))

    def prose(self, here: PageLocation, markdown: str) -> Markup:
        """A card's own Markdown, made safe."""

        def resolve(address: str) -> str | None:
            try:
                ref = Ref.parse(address)
            except ValueError:
                return None
            return here.get_href(get_card_path(ref)) if ref in self._book.graph else None

        return _HTML(prose(markdown, resolve))

    def diagram(self, here: PageLocation, picture: Diagram, prefix: str = "d") -> Markup:
        """A picture as a figure; its nodes lead to their pages."""
        if not self._draws:
            return _HTML("")
        drawn = render_svg(self._linked(here, picture), prefix)
        return _HTML(f'<figure class="mb-diagram mb-figure" data-search-exclude>\n{drawn}\n</figure>')

    def _linked(self, here: PageLocation, picture: Diagram) -> Diagram:
        match picture:
            case Timeline():
                rows = tuple(
                    replace(row, label=self._label(row.label), href=self._way(here, row.label)) for row in picture.rows
                )
                return replace(picture, rows=rows)
            case TieredDiagram():
                return replace(picture, columns=tuple(self._nodes(here, column) for column in picture.columns))
            case BurnDownChart():
                return picture
            case _:
                groups = tuple(replace(group, href=self._way(here, group.id)) for group in picture.groups)
                return replace(picture, nodes=self._nodes(here, picture.nodes), groups=groups)

    def _nodes(self, here: PageLocation, nodes: Iterable[DiagramNode]) -> tuple[DiagramNode, ...]:
        return tuple(replace(node, href=self._way(here, node.id)) for node in nodes)

    def _way(self, here: PageLocation, text_ref: str) -> str | None:
        try:
            ref = Ref.parse(text_ref)
        except ValueError:
            return None
        path = get_card_path(ref)
        return here.get_href(path) if ref in self._book.graph and path != here.path else None

    def _label(self, label: str) -> str:
        try:
            ref = Ref.parse(label)
        except ValueError:
            return label
        return self._book.graph.get_name(ref)


def _badge(badge: Badge) -> Markup:
    """A word in its colour."""
    return _HTML(f'<span class="mb-badge mb-badge--{badge.colour}">{text(badge.word)}</span>')


def _day(day: date | None) -> Markup:
    """A day that machines read too."""
    return _HTML("" if day is None else f'<time datetime="{day}">{day}</time>')


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Pairs as one entry a name, with all its words."""
    found: dict[str, list[str]] = {}
    for name, word in pairs:
        found.setdefault(name, []).append(word)
    return list(found.items())


def _address(address: LabelledLink) -> Markup:
    if not is_linkable(address.target):
        return _HTML("<code>{}</code>").format(text(address.label))
    return _HTML('<a href="{}">{}</a>').format(attribute(address.target), text(address.label))
