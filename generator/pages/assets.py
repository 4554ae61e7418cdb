"""Generated files other than pages: styles, badges, the map's data, redirects, and pages.json."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from generator.answers.badge import render_badges
from generator.diagrams import STYLESHEET, compute_positions
from generator.grouping import group_pairs
from generator.pages.book import Book
from generator.pages.contexts.diagrams import MAP_NODES, find_owning_team, list_map_edges, list_map_nodes
from generator.pages.paths import NAVIGATION, RULES_PATH, PageLocation, get_card_path, get_html_file
from generator.pages.site import SitePage
from generator.settings import PageSection

FOLDER = "assets/modelbook"
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
_SPREAD = 4
"""The layout leaves room for dots; on the map, they have names."""


def list_assets(book: Book, *, directory_urls: bool) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of each generated file; the theme's own files are MkDocs' to copy."""
    yield f"{FOLDER}/diagrams.css", STYLESHEET
    if len(list_map_nodes(book)) > MAP_NODES:
        data = _render_map_data(book, directory_urls=directory_urls).replace("<", "\\u003c")
        yield f"{FOLDER}/map.js", f"window.modelbookMap = {data};\n"
    for path, svg in render_badges(book.ledger):
        yield f"{FOLDER}/{path}", svg
    for rule in book.rules:
        old = PageLocation(f"reference/codes/{rule.code}.md", directory_urls)
        redirect = _REDIRECT.format(code=rule.code, page=old.get_href(RULES_PATH))
        yield get_html_file(old.path, directory_urls=directory_urls), redirect


def _render_map_data(book: Book, *, directory_urls: bool) -> str:
    """Render the map's nodes with their positions, and its edges, as JSON for cytoscape.js."""
    refs = list_map_nodes(book)
    location = PageLocation("map.md", directory_urls)
    edges = [{"source": str(edge.target), "target": str(edge.source)} for edge in list_map_edges(book)]
    positions = compute_positions([str(ref) for ref in refs], [(edge["source"], edge["target"]) for edge in edges])
    nodes: list[dict[str, object]] = []
    for ref in refs:
        team = find_owning_team(book, ref)
        data = {
            "id": str(ref),
            "label": book.graph.get_name(ref),
            "kind": ref.kind,
            "team": book.graph.get_name(team) if team else "",
            "href": location.get_href(get_card_path(ref)),
        }
        x, y = positions[str(ref)]
        nodes.append({"data": data, "position": {"x": round(x * _SPREAD), "y": round(y * _SPREAD)}})
    elements = {"nodes": nodes, "edges": [{"data": edge} for edge in edges]}
    return json.dumps(elements, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page that the author wrote in Markdown."""

    source: str
    """Its Markdown file."""
    title: str
    path: str
    """Its HTML file in the site."""
    section: PageSection = "docs"


def render_manifest(
    title: str,
    site_url: str | None,
    pages: Iterable[SitePage],
    own_pages: Iterable[OwnPage],
    navigation: Sequence[str] = (),
    *,
    directory_urls: bool,
) -> str:
    """Render pages.json, version 1: the pages of the site for publishing them elsewhere, parents first.

    The pages below one parent are in the order of the navigation, which is given as Markdown files; those that are not
    in it follow.
    """
    positions = {path: number for number, path in enumerate(navigation)}
    entries: list[tuple[int, dict[str, object]]] = []
    for page in pages:
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
        more = {"state": page.state, "alias": page.alias, "account": page.account}
        entry |= {key: value for key, value in more.items() if value}
        entries.append((positions.get(page.path, len(positions)), entry))
    home = NAVIGATION.home.key
    root = home if any(entry["ref"] == home for _, entry in entries) else None
    for own in own_pages:
        ref = f"page:{own.source.removesuffix('.md')}"
        entry = {"path": own.path, "ref": ref, "title": own.title, "parent": root, "labels": [], "source": None}
        entries.append((positions.get(own.source, len(positions)), entry | {"digest": None, "section": own.section}))
    entries.sort(key=itemgetter(0))
    refs = {entry["ref"] for _, entry in entries}
    children = group_pairs((entry["parent"] if entry["parent"] in refs else None, entry) for _, entry in entries)
    ordered: list[dict[str, object]] = []
    stack = [*reversed(children.get(None, ()))]
    while stack:
        ordered.append(stack.pop())
        stack += reversed(children.get(ordered[-1]["ref"], ()))
    book = {"version": 1, "site_url": site_url, "title": title, "pages": ordered}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"
