"""The comparison of the wiki with the site, from what the wiki has now, without the records of earlier runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import quoteattr

from lxml import etree

from generator.confluence.built import Built, PageEntry
from generator.confluence.rest import Wiki
from generator.confluence.storage.nodes import shorten_text
from generator.confluence.storage.parse import normalise_storage
from generator.confluence.storage.readable import to_readable_lines
from generator.confluence.sync.draft import Draft, draft_of, list_candidates, make_unused_title
from generator.confluence.sync.manifest import file_digest, page_key, parse_claim
from generator.confluence.sync.parallel import fetch_each
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import TITLE_LIMIT, Flavour, Page, PageRecord, ParentKind, Property, Space, Status
from generator.grouping import group_pairs
from generator.values import FrozenValue

_PART = 50
"""The pages whose bodies are in memory at a time."""
_LONGEST_LINE, _CONTEXT = 160, 40
"""The characters that are shown of a line that differs, and those of them before the first difference."""


class Difference(FrozenValue):
    """A difference between a page in the wiki and the page that the site would publish."""

    ref: str
    kind: str
    """`missing`, `property`, `extra`, `title`, `place`, `order`, `text`, `label`, `file` or `state`."""
    url: str
    """The address of the page; of the parent of the book if the page is missing."""
    message: str


@dataclass(frozen=True)
class _Book:
    """The managed pages that were found in the wiki."""

    wiki: Wiki
    settings: PublishSettings
    space: Space
    parent: Page
    records: Mapping[str, PageRecord]
    """The managed pages by reference."""
    holders: Mapping[str, Page]
    """The pages of other owners that have the titles of missing pages, by the reference of the missing page."""

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The managed pages by reference, without their bodies."""
        return {ref: record.page for ref, record in self.records.items()}

    def find_owner(self, ref: str) -> str:
        """Find the managed page that has the title of a missing one; return its reference, "" if there is none."""
        holder = self.holders.get(ref)
        return self.refs.get(holder.id, "") if holder is not None else ""

    @cached_property
    def refs(self) -> dict[str, str]:
        """The references by page id; that of the book's parent is ""."""
        return {self.parent.id: "", **{page.id: ref for ref, page in self.pages.items()}}


def verify(
    wiki: Wiki,
    built: Built,
    settings: PublishSettings,
    chosen: Callable[[PageEntry], bool] = lambda _entry: True,
    report: Callable[[int, int], object] = lambda _done, _total: None,
) -> tuple[Difference, ...]:
    """Return the differences of the chosen pages in the order of the site, then the pages that it does not have.

    `report` receives the number of pages that are compared, and the number of all chosen pages.
    Comments, labels and files of other people are no differences. It costs one request for each `flavour.bulk` pages
    below the parent, and for each `_PART` bodies; for each page, one for its children, its files and its state, if it
    has any; and on Cloud one for its property and labels.
    """
    built = built.for_flavour(wiki.flavour)
    book = _find_pages(wiki, built, settings)
    entries = [entry for entry in built.entries if chosen(entry)]
    found = list(_compare_pages(book, built, entries, report))
    listed = {entry.ref for entry in built.entries}
    if len(entries) == len(listed):
        roots = tuple(entry.ref for entry in built.entries if entry.parent is None)
        orders = _compare_order(book, book.parent.id, roots, book.parent.kind)
        found.extend(Difference("", kind, book.parent.url, message) for kind, message in orders)
        extra = sorted(ref for ref in book.pages if ref not in listed)
        message = "the site has no such page: remove it with `modelbook publish apply --yes removals`"
        found.extend(Difference(ref, "extra", book.pages[ref].url, message) for ref in extra)
    return tuple(found)


def _find_pages(wiki: Wiki, built: Built, settings: PublishSettings) -> _Book:
    """Find the pages with the ownership property of the book: below its parent, else by the titles of the site."""
    space = wiki.space(settings.space)
    parent = wiki.parent(settings.parent or space.homepage_id or "")
    below = wiki.descendants(parent.id, kind=parent.kind)
    current = [each.id for each in below if each.kind == "page" and each.status is Status.CURRENT]
    records = _read_records(wiki, current, settings.book)
    found = {ref: record for record in records.values() if (ref := _get_ref(record, settings.book, parent.id))}
    # A page can have been moved out of the tree, and the search index of Data Center lags.
    absent = {entry.ref: entry.title for entry in built.entries if entry.ref not in found}
    titled = fetch_each(lambda title: wiki.page_titled(space, title), absent.values())
    holders = {ref: page for ref, title in absent.items() if (page := titled[title]) is not None}
    moved = [page.id for page in holders.values() if page.status is Status.CURRENT and page.id not in records]
    records |= _read_records(wiki, moved, settings.book)
    for ref, page in holders.items():
        if page.id in records and _get_ref(records[page.id], settings.book, parent.id) == ref:
            found[ref] = records[page.id]
    return _Book(wiki, settings, space, parent, found, holders)


def _read_records(wiki: Wiki, page_ids: list[str], book: str) -> dict[str, PageRecord]:
    size = 1 if wiki.flavour is Flavour.CLOUD else wiki.flavour.bulk
    batches = [tuple(page_ids[start : start + size]) for start in range(0, len(page_ids), size)]
    records = fetch_each(lambda batch: wiki.page_records(batch, page_key(book)), batches)
    return {page_id: record for part in records.values() for page_id, record in part.items()}


def _get_ref(record: PageRecord, book: str, parent_id: str) -> str:
    """Return the reference of a page of the book; "" for another page."""
    claim = parse_claim([Property("", page_key(book), record.value, 0)], book, record.page.id)
    return claim.ref if claim is not None and claim.host == parent_id else ""


def _compare_pages(
    book: _Book, built: Built, entries: list[PageEntry], report: Callable[[int, int], object]
) -> Iterator[Difference]:
    """Yield the differences of pages, whose bodies are read in parts."""
    children = group_pairs((entry.parent, entry.ref) for entry in built.entries)
    located = [(entry, book.pages.get(entry.ref)) for entry in built.entries]
    candidates = {entry.ref: list_candidates(entry.ref, entry.title, book.settings) for entry in built.entries}
    kept = {entry.ref: page.title for entry, page in located if page and page.title in candidates[entry.ref]}
    # Confluence changes the links to a page that a person renames.
    renamed = {page.title: entry.title for entry, page in located if page and entry.ref not in kept}
    titles = {entry.ref: kept.get(entry.ref, entry.title) for entry in built.entries}
    # A page that cannot have its title is not published, and links to it have no target.
    refused = [
        entry
        for entry, page in located
        if page is None and (book.find_owner(entry.ref) or len(entry.title) > TITLE_LIMIT)
    ]
    titles |= {entry.ref: make_unused_title(entry.title, entry.ref) for entry in refused}
    bodies: Mapping[str, Page] = {}
    for number, entry in enumerate(entries):
        if number % _PART == 0:
            report(number, len(entries))
            part = entries[number : number + _PART]
            bodies = book.wiki.pages([book.pages[one.ref].id for one in part if one.ref in book.pages], body=True)
        page, holder = book.pages.get(entry.ref), book.holders.get(entry.ref)
        owner, title = book.find_owner(entry.ref), shorten_text(entry.title, TITLE_LIMIT)
        if page is None and holder is not None and holder.status is Status.CURRENT and not owner:
            message = f"{title!r} has no ownership property of this book"
            yield Difference(entry.ref, "property", holder.url, message)
        elif page is None:
            state = "not in the wiki" if holder is None else holder.status.value
            state = f"not in the wiki: {owner} has the title" if owner else state
            yield Difference(entry.ref, "missing", (holder or book.parent).url, f"{title!r} is {state}")
        if page is None:
            continue
        wanted = built.wanted(entry)
        stored = bodies[page.id].body if page.id in bodies else None
        draft, labels = draft_of(wanted, book.settings, book.wiki.flavour), book.records[entry.ref].labels
        above, expected = book.refs.get(page.parent_id or "", "another page"), entry.parent or ""
        top = "the parent of the book"
        messages = [
            *([] if entry.ref in kept else [("title", f"title {page.title!r}: expected {entry.title!r}")]),
            *([] if above == expected else [("place", f"below {above or top}: expected {expected or top}")]),
            *_compare_order(book, page.id, children.get(entry.ref, ())),
            *_compare_text(wanted.converted.storage.resolve(titles, book.space.key), stored or "", renamed),
            *(("label", f"label {label!r} is missing") for label in draft.labels if label not in labels),
            *_compare_files(book, draft, page),
        ]
        if draft.state:
            state = book.wiki.content_state(page.id) or ""
            if state.lower() != draft.state:
                messages.append(("state", f"content state {state!r}: expected {draft.state!r}"))
        yield from (Difference(entry.ref, kind, page.url, message) for kind, message in messages)


def _compare_order(
    book: _Book, content_id: str, expected: tuple[str, ...], kind: ParentKind = ParentKind.PAGE
) -> Iterator[tuple[str, str]]:
    refs = book.refs
    if len(expected) < 2:
        return
    children = [refs[child.id] for child in book.wiki.children(content_id, kind=kind) if child.id in refs]
    common = [ref for ref in expected if ref in children]
    order = [ref for ref in children if ref in common]
    wrong = next((pair for pair in zip(order, common, strict=True) if pair[0] != pair[1]), None)
    if wrong is not None:
        yield "order", f"order of the pages below: {wrong[0]} is where {wrong[1]} is expected"


def _compare_text(wanted: str, stored: str, renamed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the first line that differs; what Confluence changes on save and inline comments are no difference."""
    try:
        expected, found = normalise_storage(wanted), normalise_storage(stored)
        for title, former in renamed.items():
            found = found.replace(f"ri:content-title={quoteattr(title)}", f"ri:content-title={quoteattr(former)}")
        if found == expected:
            return
        ours, theirs = to_readable_lines(wanted), to_readable_lines(stored)
    except etree.XMLSyntaxError:
        yield "text", "the text is not valid storage format"
        return
    missing = next((line for line in ours if line not in theirs), None)
    besides = next((line for line in theirs if line not in ours), None)
    if missing is None and besides is None:
        yield "text", "the format or the order of the text differs"
    else:
        pairs = [(word, line) for word, line in (("expected", missing), ("found", besides)) if line is not None]
        one, other = missing or "", besides or ""
        same = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
        start = max(0, (min(len(one), len(other)) if same is None else same) - _CONTEXT)
        yield "text", " but ".join(f"{word} {_cut_line(line, start)!r}" for word, line in pairs)


def _cut_line(line: str, start: int) -> str:
    """Return the part of a line with its first difference."""
    return ("…" if start else "") + shorten_text(line[start:], _LONGEST_LINE)


def _compare_files(book: _Book, draft: Draft, page: Page) -> Iterator[tuple[str, str]]:
    stored = {each.name: each for each in book.wiki.attachments(page.id)} if draft.files else {}
    for name, digest in draft.files.items():
        if name not in stored:
            yield "file", f"file {name!r} is missing"
        elif file_digest(stored[name].comment, book.settings.book) != digest:
            yield "file", f"file {name!r} is another one"
    for name, file in stored.items():
        if name not in draft.files and file_digest(file.comment, book.settings.book) is not None:
            yield "file", f"file {name!r} is not on the site"
