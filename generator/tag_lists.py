"""The lists of pages by tag, which Material's tags plugin has made: in the page of tags, and in its file for scripts.

They are replaced in the files. If a file does not have the former lists, the plugin has to make it.
"""

import html
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from generator.exports.markdown import escape_inline
from generator.exports.site_markdown import get_markdown_path, render_markdown_page
from generator.pages.tags_page import choose_listed_tags
from generator.values import FrozenValue

# As in the plugin's templates, fragments/tags/default/listing.html and tag.html.
_ITEM = """\
      <li>
        <a href="{above}{url}">
          {title}
        </a>
      </li>
    
"""  # noqa: W293
_TAG = '<span class="md-tag">{}</span>'


class TaggedPage(NamedTuple):
    """A page with tags."""

    url: str
    """Its address relative to the site."""
    title: str
    tags: tuple[str, ...]
    """Sorted."""


class TagLists(FrozenValue):
    """The pages with tags, and the files that list them."""

    pages: Sequence[TaggedPage]
    """The author's own pages, then those of the book in the order of the site."""
    listing: str
    """The HTML file of the page of tags; empty if there is none, or more than one."""
    listed: frozenset[str]
    """The tags whose pages it lists; it names others with the number of their pages."""
    export: str
    """The file with all tags for scripts; empty if there is none."""


def update_tag_files(
    former: TagLists, pages: Sequence[TaggedPage], read: Callable[[str], bytes | None]
) -> dict[str, bytes] | None:
    """Return the files that list other pages than before; None if only the plugin can make them."""
    files: dict[str, bytes] = {}
    if list(pages) == list(former.pages):
        return files
    if former.export:
        if read(former.export) != _render_export(former.pages):
            return None
        files[former.export] = _render_export(pages)
    tags = _find_touched_tags(former, pages)
    before, after = _group_pages(former.pages, tags), _group_pages(pages, tags)
    if before == after:
        return files
    path = get_markdown_path(former.listing)
    page, markdown = read(former.listing), read(path)
    has_same_parts = tags is not None or _has_same_parts(former.listed, before, after)
    if not former.listing or page is None or markdown is None or not has_same_parts:
        return None
    texts = {former.listing: page.decode(), path: markdown.decode()}
    for tag, listed in after.items():
        if tag in former.listed and listed != before[tag]:
            changed = _replace_list(texts[former.listing], former.listing, tag, before[tag], listed)
            changed_markdown = _replace_markdown_list(texts[path], former.listing, tag, before[tag], listed)
        elif len(listed) != len(before[tag]):
            old, new = (f"{{}}: {len(pages)} pages" for pages in (before[tag], listed))
            name = f"- {escape_inline(html.unescape(tag))}"
            changed = _replace_once(texts[former.listing], old.format(f"<li>{tag}"), new.format(f"<li>{tag}"))
            changed_markdown = _replace_once(texts[path], old.format(name), new.format(name))
        else:
            continue
        if changed is None or changed_markdown is None:
            return None
        texts = {former.listing: changed, path: changed_markdown}
    return files | {name: text.encode() for name, text in texts.items()}


def _find_touched_tags(former: TagLists, pages: Sequence[TaggedPage]) -> frozenset[str] | None:
    """Find the tags whose lists can differ; None if any can, or if a page has other tags."""
    if not former.listing or [page.tags for page in former.pages] != [page.tags for page in pages]:
        return None
    pairs = zip(former.pages, pages, strict=True)
    return former.listed.intersection(tag for old, new in pairs if old != new for tag in new.tags)


def _render_export(pages: Iterable[TaggedPage]) -> bytes:
    mappings = [{"item": {"url": page.url, "title": page.title}, "tags": [*page.tags]} for page in pages]
    return json.dumps({"mappings": mappings}).encode()


def _group_pages(pages: Iterable[TaggedPage], tags: frozenset[str] | None = None) -> Mapping[str, list[TaggedPage]]:
    """Return the pages of each tag, or of some tags, by title, as the plugin sorts them."""
    by_tag: dict[str, list[TaggedPage]] = {}
    for page in sorted(pages, key=lambda page: page.title):
        for tag in page.tags if tags is None else tags.intersection(page.tags):
            by_tag.setdefault(tag, []).append(TaggedPage(page.url, page.title, ()))
    return by_tag


def _has_same_parts(
    listed: frozenset[str], before: Mapping[str, Sequence[TaggedPage]], after: Mapping[str, Sequence[TaggedPage]]
) -> bool:
    """Return whether the page of tags lists and names the same tags as before, in the same order."""
    counts, former = ({tag: len(pages) for tag, pages in one.items()} for one in (after, before))
    order, former_order = ([(-one[tag], tag) for tag in one if tag not in listed] for one in (counts, former))
    is_same = [tag for _, tag in sorted(order)] == [tag for _, tag in sorted(former_order)]
    return counts.keys() == former.keys() and is_same and choose_listed_tags(counts) == listed


def _replace_once(text: str, old: str, new: str) -> str | None:
    return text.replace(old, new) if text.count(old) == 1 else None


def _replace_list(
    text: str, path: str, tag: str, before: Collection[TaggedPage], after: Collection[TaggedPage]
) -> str | None:
    """Return the page of tags with another list for a tag; None if it does not have the list before."""
    marker, old = _TAG.format(tag), _render_list(path, before)
    start = text.find("  <ul>\n", text.find(marker))
    if text.count(marker) != 1 or not text.startswith(old, start):
        return None
    return text[:start] + _render_list(path, after) + text[start + len(old) :]


def _render_list(path: str, pages: Iterable[TaggedPage]) -> str:
    above = "../" * path.count("/")
    items = (_ITEM.format(above=above, url=page.url, title=page.title) for page in pages)
    return f"  <ul>\n    \n{''.join(items)}    \n  </ul>\n"


def _replace_markdown_list(
    text: str, path: str, tag: str, before: Sequence[TaggedPage], after: Iterable[TaggedPage]
) -> str | None:
    """Return the Markdown of the page of tags with another list for a tag; None if it does not have the list before."""
    heading = f"\n\n## {escape_inline(html.unescape(tag))}\n\n"
    head, found, rest = text.partition(heading)
    items, end, rest = rest.partition("\n\n") if "\n\n" in rest else (rest.removesuffix("\n"), "\n", "")
    lines = dict(zip(before, items.split("\n"), strict=False))
    if not found or text.count(heading) != 1 or len(lines) != items.count("\n") + 1 or len(lines) != len(before):
        return None
    return head + found + "\n".join(lines.get(page) or _render_item(path, page) for page in after) + end + rest


def _render_item(path: str, page: TaggedPage) -> str:
    file = f"{page.url}index.html" if page.url.endswith("/") else page.url
    return render_markdown_page(_render_list(path, [page]), path, {file}, {}).splitlines()[-1]
