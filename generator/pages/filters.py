"""The filters of templates that need the book: links to cards, values of facts, diagrams, prose."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from generator.diagrams import BurnDownChart, Diagram, DiagramNode, TieredDiagram, Timeline, UseMap, render_svg
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key
from generator.pages.book import Book
from generator.pages.contexts.maps import link_nodes
from generator.pages.contexts.parts import Badge, GapMarker, LabelledLink, build_badge
from generator.pages.markup import escape_attribute, escape_part, escape_text, is_linkable, render_prose
from generator.pages.paths import PageLocation, get_card_path, get_rule_path
from generator.pages.render import OnPage, TemplateFilter
from generator.reads import suspend_recording
from generator.schema.days import format_day


class Filters:
    """The filters of one book. Links are relative, so most filters need the location of the page."""

    def __init__(self, book: Book, *, draws: bool = True) -> None:
        self._book = book
        self._draws = draws
        self._here = PageLocation("")
        """The page of the links in `_links` and `_anchors`."""
        self._links: dict[Ref, Markup] = {}
        self._anchors: dict[Ref, Markup] = {}

    def to_mapping(self) -> dict[str, TemplateFilter | OnPage]:
        """Return the filters by the names that templates use."""
        return {
            "link": OnPage(self._render_link),
            "links": OnPage(
                lambda here, refs: Markup(", ".join([self._render_link(here, ref) for ref in refs]))  # noqa: S704
            ),
            "linked": OnPage(self._render_linked),
            "anchor": OnPage(self._render_anchor),
            "value": OnPage(self._render_value),
            "values": OnPage(self._render_values),
            "badge": _render_badge,
            "name": OnPage(lambda _, ref: self._book.graph.get_name(ref)),
            "href": OnPage(lambda here, path: escape_attribute(here.get_href(path))),
            "page": OnPage(lambda here, path: Markup(here.get_markdown_link(path))),  # noqa: S704 - a path of ours
            "rule": OnPage(
                lambda here, code: Markup(f"[{escape_text(code)}]({here.get_markdown_link(get_rule_path(code))})")  # noqa: S704
            ),
            "diagram": OnPage(self._render_diagram),
            "prose": OnPage(self._render_prose),
            "day": _render_day,
            "word": lambda word: build_badge(str(word)),
            "number": lambda number: f"{number:,}",
            "grouped": _list_groups,
            "sorted": lambda names: sorted(names, key=build_sort_key),
            "data": _render_data,
            "cells": OnPage(self._render_cells),
        }

    def _visit(self, here: PageLocation) -> None:
        """Forget the links that differ on the page."""
        if here.folder != self._here.folder:
            self._links = {}
        if here.base != self._here.base:
            self._anchors = {}
        self._here = here

    def _has_page(self, ref: Ref) -> bool:
        """Return whether a card or resource has a page, which is no other read than that of its name."""
        with suspend_recording():
            return ref in self._book.graph

    def _render_link(self, here: PageLocation, ref: Ref | None) -> Markup:
        """Render a Markdown link to a card's page; its name alone if it has no page."""
        if ref is None:
            return Markup("")
        name = self._book.graph.get_name(ref)
        if here is not self._here:
            self._visit(here)
        link = self._links.get(ref)
        if link is None:
            link = escape_text(name)
            if self._has_page(ref):
                link = Markup(f"[{link}]({here.get_markdown_link(get_card_path(ref))})")  # noqa: S704 - escaped
            self._links[ref] = link
        return link

    def _render_linked(self, here: PageLocation, text: str, refs: Iterable[Ref]) -> Markup:
        """Render a text in which the first occurrence of the name of each card is a link to its page."""
        names = {self._book.graph.get_name(ref): ref for ref in reversed(tuple(refs))}
        if not names:
            return escape_text(text)
        # The longest name first: "RYL v3" is not a link to RYL.
        pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True))
        rendered: list[Markup] = []
        for number, part in enumerate(re.split(f"({pattern})", text)):
            ref = names.pop(part, None) if number % 2 else None
            rendered.append(escape_part(part) if ref is None else self._render_link(here, ref))
        return Markup("").join(rendered)

    def _render_anchor(self, here: PageLocation, ref: Ref) -> Markup:
        """Render the same link in raw HTML."""
        name = self._book.graph.get_name(ref)
        if here is not self._here:
            self._visit(here)
        anchor = self._anchors.get(ref)
        if anchor is None:
            anchor = escape_text(name)
            if self._has_page(ref):
                anchor = Markup(f'<a href="{here.get_href(get_card_path(ref))}">{anchor}</a>')  # noqa: S704 - escaped
            self._anchors[ref] = anchor
        return anchor

    def _render_value(self, here: PageLocation, value: object) -> Markup:
        """Render any value of a fact or a table cell in HTML."""
        match value:
            case None | "":
                return Markup("")
            case Ref():
                return self._render_anchor(here, value)
            case Badge():
                return _render_badge(value)
            case GapMarker():
                return Markup('<span class="mb-missing">{}</span>').format(escape_text(value.words))
            case LabelledLink() if is_linkable(value.target):
                target, label = escape_attribute(value.target), _render_label(value)
                css = Markup(' class="mb-url"' if value.is_printed else "")  # noqa: S704 - a constant
                return Markup('<a{} href="{}">{}</a>').format(css, target, label)
            case LabelledLink():
                return Markup("<code>{}</code>").format(_render_label(value))
            case date():
                return _render_day(value)
            case tuple():
                return self._render_values(here, value)
            case _:
                return escape_text(value)

    def _render_values(self, here: PageLocation, values: Iterable[object]) -> Markup:
        return Markup(", ".join([self._render_value(here, value) for value in values]))  # noqa: S704 - markup

    def _render_cells(self, here: PageLocation, cells: Iterable[object], columns: Iterable[str]) -> Markup:
        """Render the cells of a row below the names of its other columns, which label them on a phone."""
        pairs = zip(columns, cells, strict=True)
        rendered = [
            f'<td data-label="{escape_attribute(column)}">{self._render_value(here, cell)}</td>'
            for column, cell in pairs
        ]
        return Markup("".join(rendered))  # noqa: S704 - just escaped

    def _render_prose(self, here: PageLocation, markdown: str) -> Markup:
        return render_prose(
            markdown, lambda address: here.get_href(path) if (path := self._find_path(address)) else None
        )

    def _render_diagram(self, here: PageLocation, diagram: Diagram, prefix: str = "d") -> Markup:
        """Render a diagram as a figure, with links from its nodes to their pages."""
        if not self._draws:
            return Markup("")
        match diagram:
            case Timeline() | BurnDownChart():
                linked: Diagram = diagram
            case UseMap():
                linked = link_nodes(diagram, lambda reference: self._find_href(here, reference))
            case TieredDiagram():
                linked = replace(diagram, columns=tuple(self._link_nodes(here, column) for column in diagram.columns))
            case _:
                groups = tuple(replace(group, href=self._find_href(here, group.id)) for group in diagram.groups)
                linked = replace(diagram, nodes=self._link_nodes(here, diagram.nodes), groups=groups)
        svg = render_svg(linked, prefix)
        figure = f'<figure class="mb-diagram mb-figure" data-search-exclude>\n{svg}\n</figure>'
        return Markup(figure)  # noqa: S704 - the renderer escapes

    def _link_nodes(self, here: PageLocation, nodes: Iterable[DiagramNode]) -> tuple[DiagramNode, ...]:
        return tuple(msgspec.structs.replace(node, href=self._find_href(here, node.id)) for node in nodes)

    def _find_href(self, here: PageLocation, reference: str) -> str | None:
        """Find the link of a node; None if it has no page or its page is this one."""
        path = self._find_path(reference)
        return here.get_href(path) if path and path != here.path else None

    def _find_path(self, reference: str) -> str | None:
        """Find the page of a card from text such as `model:ryl`; None if it has no page."""
        try:
            ref = Ref.parse(reference)
        except ValueError:
            return None
        return get_card_path(ref) if ref in self._book.graph else None


def _render_label(link: LabelledLink) -> Markup:
    label = escape_text(link.label)
    return Markup(str(label).replace("/", "/<wbr>")) if link.is_path else label  # noqa: S704 - just escaped


@lru_cache(maxsize=1024)
def _render_badge(badge: Badge) -> Markup:
    return Markup(f'<span class="mb-badge mb-badge--{badge.colour}">{escape_text(badge.word)}</span>')  # noqa: S704


@lru_cache(maxsize=4096)
def _render_day(day: date | None) -> Markup:
    return Markup("" if day is None else f'<time datetime="{day}">{format_day(day)}</time>')  # noqa: S704 - digits


@lru_cache(maxsize=4_096)
def _render_data(filters: tuple[tuple[str, str], ...], names: tuple[str, ...] = ()) -> Markup:
    """Render the words of a row by which readers filter a table, and its further names, as attributes of HTML."""
    attributes = [(name, "|".join(words)) for name, words in _list_groups(filters)]
    rendered = [
        f' data-{escape_attribute(name)}="{escape_attribute(words)}"'
        for name, words in (*attributes, ("text", " ".join(names)))
    ]
    return Markup("".join(rendered))  # noqa: S704 - just escaped


def _list_groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Return pairs of a name and a word as one entry for each name, with all its words."""
    return list(group_pairs(pairs).items())
