"""Generated files other than pages: styles, badges, the map's data, redirects, and pages.json."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from generator.answers.badge import render_badges
from generator.diagrams import STYLESHEET, UseMap, render_svg_file
from generator.grouping import group_pairs
from generator.json_text import render_json, render_json_items
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.maps import (
    is_split,
    link_nodes,
    list_map_teams,
    list_pictures,
    list_team_pictures,
)
from generator.pages.feed import FEED_PATH, render_feed
from generator.pages.paths import RULES_PATH, PageLocation, get_card_path, get_html_file, get_output_path
from generator.pages.site_page import SitePage
from generator.settings import PageSection
from generator.values import FrozenValue

FOLDER = "assets/modelbook"
_TEAM_MAP = "map of team "
_REDIRECT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{code}</title>
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={page}#{code}">
<link rel="canonical" href="{page}">
</head>
<body>
<p>This page has moved: <a href="{page}#{code}">{code} on the page of rules</a></p>
</body>
</html>
"""
"""The file at the address that a rule's page had before all rules were on one page."""


def list_assets(book: Book, *, directory_urls: bool) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of each generated file; the theme's own files are MkDocs' to copy."""
    for group in list_asset_groups(book):
        yield from render_assets(book, group, directory_urls=directory_urls)


def list_asset_groups(book: Book) -> list[str]:
    """List the names of the groups in which files are rendered: what a group reads of the book is one thing."""
    teams = [f"{_TEAM_MAP}{team.id}" for team in list_map_teams(book)]
    return [
        "styles",
        *([] if is_split(book) else ["map"]),
        *teams,
        "badges",
        *(["feed"] if book.site_url else []),
        "rules",
    ]


def render_assets(book: Book, group: str, *, directory_urls: bool) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of each file in a group."""
    match group:
        case "styles":
            yield f"{FOLDER}/diagrams.css", STYLESHEET
        case "badges":
            for path, svg in render_badges(book.ledger):
                yield f"{FOLDER}/{path}", svg
        case "feed":
            yield FEED_PATH, render_feed(book, directory_urls=directory_urls)
        case "rules":
            for rule in book.rules:
                old = PageLocation(f"reference/codes/{rule.code}.md", directory_urls)
                redirect = _REDIRECT.format(code=rule.code, page=old.get_href(RULES_PATH))
                yield get_html_file(old.path, directory_urls=directory_urls), redirect
        case _:
            team = Ref("team", group.removeprefix(_TEAM_MAP))  # not parsed: the one of cards without a team has no id
            pictures = list_pictures(book) if group == "map" else list_team_pictures(book, team)
            for file, picture in pictures:
                yield file, _render_picture(book, file, picture, directory_urls=directory_urls)


def _render_picture(book: Book, file: str, picture: UseMap, *, directory_urls: bool) -> str:
    """Render a picture of the map as a file, with links relative to it."""
    above = "../" * file.count("/")

    def find_href(reference: str) -> str | None:
        ref = Ref.parse(reference)
        if ref not in book.graph:
            return None
        return above + get_output_path(get_card_path(ref), directory_urls=directory_urls)

    return render_svg_file(link_nodes(picture, find_href))


class OwnPage(FrozenValue):
    """A page that the author wrote in Markdown."""

    source: str
    """Its Markdown file."""
    title: str
    path: str
    """Its HTML file in the site."""
    section: PageSection = "docs"


class RenderedPageEntry(NamedTuple):
    """The entry of a page in pages.json, as text."""

    key: str
    parent: str | None
    source: str
    """Its Markdown file."""
    text: str


def render_page_entry(page: SitePage, *, directory_urls: bool) -> RenderedPageEntry:
    """Render the entry of a page in pages.json."""
    entry: dict[str, object] = {
        "path": get_html_file(page.path, directory_urls=directory_urls),
        "ref": page.key,
        "title": page.title,
        "parent": page.parent,
        "labels": list(page.labels),
        "source": {"file": page.file, "line": page.line} if page.file else None,
        "digest": page.digest,
        "section": page.section,
    }
    more = {"state": page.state, "alias": page.alias, "aliases": list(page.aliases), "account": page.account}
    entry |= {key: value for key, value in more.items() if value}
    return RenderedPageEntry(page.key, page.parent, page.path, render_json_items([entry]))


def render_own_entry(own: OwnPage, parent: str | None) -> RenderedPageEntry:
    """Render the entry of a page of the author in pages.json."""
    key = f"page:{own.source.removesuffix('.md')}"
    entry: dict[str, object] = {
        "path": own.path, "ref": key, "title": own.title, "parent": parent, "labels": [], "source": None,
        "digest": None, "section": own.section,
    }  # fmt: skip
    return RenderedPageEntry(key, parent, own.source, render_json_items([entry]))


def join_manifest(
    title: str, site_url: str | None, entries: Iterable[RenderedPageEntry], navigation: Sequence[str] = ()
) -> str:
    """Return pages.json, version 1: the pages of the site for publishing them elsewhere, parents first.

    The pages below one parent are in the order of the navigation, which is given as Markdown files; those that are not
    in it follow.
    """
    positions = {path: number for number, path in enumerate(navigation)}
    listed = sorted(entries, key=lambda entry: positions.get(entry.source, len(positions)))
    keys = {entry.key for entry in listed}
    children = group_pairs((entry.parent if entry.parent in keys else None, entry) for entry in listed)
    ordered: list[str] = []
    stack = [*reversed(children.get(None, ()))]
    while stack:
        entry = stack.pop()
        ordered.append(entry.text)
        stack += reversed(children.get(entry.key, ()))
    head = render_json({"version": 1, "site_url": site_url, "title": title}).removesuffix("\n}")
    pages = "[\n" + ",\n".join(ordered) + "\n ]" if ordered else "[]"
    return f'{head},\n "pages": {pages}\n}}\n'
