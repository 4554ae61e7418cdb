"""The author's own pages in `docs/`: their places in the site, and their contents, read as the engines read them."""

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pathspec.gitignore import GitIgnoreSpec

from generator.errors import UserError
from generator.load.files import parse_front_matter
from generator.load.nodes import as_list, as_mapping
from generator.load.yaml_reader import read_documents
from generator.pages.article import ArticleConverter
from generator.pages.assets import OwnPage
from generator.pages.paths import NAVIGATION, get_html_file, replace_old_rule_links
from generator.pages.site_page import SitePage
from generator.pages.tags_page import TAGS_PATH, choose_listed_tags, render_tags_page
from generator.schema.base import to_plain_data
from generator.settings import PageSection
from generator.values import FrozenValue

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SECTIONS: dict[str, PageSection] = {TAGS_PATH: "tags", **{page.path: page.section for page in NAVIGATION.pages}}
"""The sections of the author's own pages that replace a page with a fixed place."""
_EXCLUDED = (".*", "/templates/")
"""The files that MkDocs never publishes: https://www.mkdocs.org/user-guide/configuration/#exclude_docs."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNREAD = frozenset({"object", "script", "style"})
_INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup"})


def get_own_section(path: str, meta: Mapping[str, Any]) -> PageSection:
    """Return the section of an own page in the setting `confluence.pages`."""
    return _SECTIONS.get(path) or ("guide" if meta.get("section") == "guide" else "docs")


def build_navigation(
    own_paths: Iterable[str], guide: Sequence[str], pages: Iterable[SitePage], *, has_tags: bool
) -> list[Any]:
    """Build the value of `nav` in mkdocs.yml for a book without one: `guide` is the order of the own pages."""
    fixed = NAVIGATION.select({page.path for page in pages})
    paths = sorted(path for path in own_paths if path != fixed.home.path)
    own = [*(path for path in guide if path in paths), *(path for path in paths if path not in guide)]
    return fixed.to_mkdocs(own, [{"Tags": TAGS_PATH}] if has_tags else [])


def list_nav_pages(nav: object, title: str = "") -> Iterator[tuple[str, str]]:
    """List the path and the title of every entry of a navigation."""
    match nav:
        case str():
            yield nav, title
        case list():
            for entry in nav:
                yield from list_nav_pages(entry)
        case dict():
            for name, entry in nav.items():
                yield from list_nav_pages(entry, str(name))
        case _:
            pass


def list_own_files(folder: Path, excluded: Iterable[str] = ()) -> list[str]:
    """List the files of `docs/` that engines publish, in the order of MkDocs: the index first, folders last.

    Links to folders are followed. `excluded` has patterns as in .gitignore, from `exclude_docs` in mkdocs.yml.
    """
    spec = GitIgnoreSpec.from_lines([*_EXCLUDED, *excluded])
    found: list[str] = []
    for path, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        names.sort(key=lambda name: (posixpath.splitext(name)[0] not in {"index", "README"}, name))
        below = Path(path).relative_to(folder)
        paths = [(below / name).as_posix() for name in names]
        # MkDocs reads README.md as index.md, unless the folder has both.
        found += [one for one in paths if not (one.endswith("README.md") and f"{one[:-9]}index.md" in paths)]
    return [path for path in found if not spec.match_file(path)]


class OwnText(FrozenValue):
    """An own page with its contents."""

    page: OwnPage
    meta: Mapping[str, Any]
    """Its front matter."""
    markdown: str
    """Its file, with old links replaced."""
    article: str
    """The HTML of its text."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags in its front matter."""
        return tuple(str(tag) for tag in as_list(self.meta.get("tags")) if tag)


def read_own_page(
    folder: Path, path: str, titles: Mapping[str, str], converter: ArticleConverter, *, directory_urls: bool
) -> OwnText:
    """Read an own page. `titles` are those that `nav` gives to Markdown files. Raises UserError if it is not text."""
    try:
        text = replace_old_rule_links((folder / path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{folder.name}/{path} cannot be read: {error}") from None
    matter = parse_front_matter(text)
    meta: Mapping[str, Any] = {}
    if matter is not None and matter.is_closed:
        documents, _ = read_documents(matter.yaml, path, is_card=False)
        meta = as_mapping(to_plain_data(documents[0].root.to_plain())) if documents else {}
    article = converter.convert(matter.body if matter is not None and matter.is_closed else text)
    parent, name = posixpath.split(posixpath.splitext(path)[0])
    built_as = posixpath.join(parent, "index.md" if name == "README" else f"{name}.md")
    words = posixpath.splitext(posixpath.basename(path))[0].replace("-", " ").replace("_", " ")
    title = titles.get(path) or str(meta.get("title") or "")
    if not title:  # that of the first element, as MkDocs finds it
        first = next(iter(_parse(article)), None)
        title = " ".join(first.text_content().split()) if first is not None and first.tag == "h1" else ""
    title = title or (words.capitalize() if words.lower() == words else words)
    output = get_html_file(built_as, directory_urls=directory_urls)
    return OwnText(OwnPage(path, title, output, get_own_section(path, meta)), meta, text, article)


def _parse(article: str) -> "HtmlElement":
    from lxml import html  # noqa: PLC0415 - MkDocs reads these pages itself

    return html.fragment_fromstring(article, create_parent="div")


def build_tags_page(pages: Iterable[SitePage], own: Iterable[OwnText], *, directory_urls: bool) -> OwnText:
    """Build the page of tags as an engine does, for agents: each tag with its pages."""
    tagged = [(page.labels, page.title, page.path) for page in pages]
    tagged += [(text.tags, text.page.title, text.page.source) for text in own]
    listed = choose_listed_tags(Counter(tag for tags, _, _ in tagged for tag in tags))
    links = sorted((tag, title, path) for tags, title, path in tagged for tag in tags if tag in listed)
    article = "<h1>Tags</h1>"
    for tag, group in groupby(links, key=itemgetter(0)):
        items = "".join(f'<li><a href="{quote(path)}">{escape(title)}</a></li>' for _, title, path in group)
        article += f"<h2>{escape(tag)}</h2><ul>{items}</ul>"
    page = OwnPage(TAGS_PATH, "Tags", get_html_file(TAGS_PATH, directory_urls=directory_urls), "tags")
    markdown = render_tags_page(escape(tag, quote=False) for tags, _, _ in tagged for tag in tags)
    return OwnText(page, {"search": {"exclude": True}}, markdown, article)


def list_search_records(text: OwnText, *, directory_urls: bool) -> Iterator[Mapping[str, Any]]:
    """List a page and its sections as records of Material's index, from which the search takes own pages."""
    search = as_mapping(text.meta.get("search"))
    if search.get("exclude"):
        return
    path = quote(text.page.path)
    location = path.removesuffix("index.html") if directory_urls else path
    boost = {"boost": search["boost"]} if "boost" in search else {}
    sections = [_Section()]
    _collect_sections(_parse(text.article), sections)
    for section in sections:
        if not section.is_excluded:
            yield {
                "location": f"{location}#{section.identifier}" if section.identifier else location,
                "title": escape("".join(section.title) or text.page.title),
                "text": escape("".join(section.text)),
                "tags": list(text.tags),
                **boost,
            }


@dataclass(slots=True)
class _Section:
    """A heading with the text up to the next one; the first section is the page."""

    identifier: str = ""
    title: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    is_excluded: bool = False


def _collect_sections(element: "HtmlElement", sections: list[_Section]) -> None:
    """Add the texts of an element to the last section; each heading with an anchor begins a new one."""
    is_excluded = "data-search-exclude" in element.attrib
    if element.tag in _HEADINGS and element.get("id"):
        page = sections[0]
        is_page = element.tag == "h1" and len(sections) == 1 and not page.title and not "".join(page.text).strip()
        if not is_page:
            sections.append(_Section(str(element.get("id"))))
        sections[-1].title.append(element.text_content())
        sections[-1].is_excluded = is_excluded
        return
    if is_excluded or not isinstance(element.tag, str) or element.tag in _UNREAD:
        return
    space = "" if element.tag in _INLINE else " "
    sections[-1].text += [space, element.text or ""]
    for child in element:
        _collect_sections(child, sections)
        sections[-1].text.append(child.tail or "")
    sections[-1].text.append(space)
