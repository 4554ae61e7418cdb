"""The files of the search index, which `search.js` reads: names.js, and the words of all texts in several files."""

import hashlib
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Protocol, TypeVar

from msgspec.structs import replace

from generator.grouping import cut_lines
from generator.pages.paths import get_output_path
from generator.pages.search import SearchEntry
from generator.pages.site_page import SitePage
from generator.values import FrozenValue

FOLDER = "search"
"""The folder of the index in the site, which Material uses too."""
CHUNK_SIZE = 64_000
"""The size of a file of words, in characters. A query loads the few files in which its words may be."""
NAME_SEPARATOR = " · "
_SUMMARY_LENGTH = 120
_LAST_DIGITS, _FIRST_LAST_DIGIT = 56, ord("#")
_MORE_DIGITS, _FIRST_MORE_DIGIT = 28, ord("a")


class SearchPage(Protocol):
    """A page with an entry in the search."""

    @property
    def path(self) -> str:
        """Its Markdown file."""

    @property
    def ref(self) -> str:
        """The reference of its card; empty if it is not the page of a card."""

    @property
    def section(self) -> str:
        """The kind of its card."""


Page = TypeVar("Page", bound=SearchPage)


def sort_for_search(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the pages in the order of the index: that of the site, but the cards of a kind by their ids.

    A card that gets another name keeps the number of its row, which is in the lines of all its words.
    """
    for is_card, run in groupby(pages, key=lambda page: page.ref and page.section):
        several = list(run)
        yield from sorted(several, key=lambda page: page.path) if is_card else several


def list_page_entries(page: SitePage, *, directory_urls: bool) -> list[SearchEntry]:
    """List the entries of a page and its sections, with their addresses."""
    entry = page.search_entry or SearchEntry((page.title,), page.description)
    url = get_output_path(page.path, directory_urls=directory_urls)
    whole = replace(entry, location="" if url == "index.html" else url)
    return [whole, *(replace(each, location=f"{url}#{each.location}") for each in page.search_sections)]


class SearchIndex(FrozenValue):
    """The files of the index."""

    version: str
    """A digest of its content, by which the worker recognizes files of another build."""
    starts: tuple[str, ...]
    """The first word of each file of words."""
    names: str
    """The rows of all entries, and `starts`, as arguments of JavaScript."""
    words: tuple[str, ...]
    """The lines of each file of words, as JSON."""

    @property
    def record(self) -> dict[str, object]:
        """The only record of Material's index, which the page passes to the worker."""
        return {"location": "", "title": "", "text": "", "version": self.version, "starts": list(self.starts)}

    def render_files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the text of each file.

        They are scripts, because a page from a local folder can load nothing else, and ASCII, because the page chooses
        the encoding.
        """
        for number, text in enumerate(self.words):
            yield f"words-{number}.js", f'modelbookSearch.addWords("{self.version}",{number},{text});\n'
        yield "names.js", f'modelbookSearch.addNames("{self.version}",{self.names});\n'


def render_search_index(entries: Sequence[SearchEntry]) -> SearchIndex:
    """Render the index of all pages."""
    return join_search_index(map(render_row, entries), list_postings([entry.words for entry in entries]))


def join_search_index(rows: Iterable[str], postings: Iterable[str]) -> SearchIndex:
    """Return the index with the rows of all entries, and the line of each word in the order of JavaScript's strings."""
    chunks = list(cut_lines(postings, CHUNK_SIZE))
    starts = tuple(chunk[0].partition(" ")[0] for chunk in chunks)
    names = f"[{','.join(rows)}],{_to_json(starts)}"
    words = tuple(_to_json("\n".join(chunk)) for chunk in chunks)
    digest = hashlib.blake2b(names.encode(), digest_size=8)
    for text in words:
        digest.update(f"\0{text}".encode())
    return SearchIndex(digest.hexdigest(), starts, names, words)


def render_row(entry: SearchEntry) -> str:
    """Return an entry as `[location, title, labels, summary, weight]`; the title contains all names."""
    summary = " ".join(entry.summary.split())
    if len(summary) > _SUMMARY_LENGTH:
        summary = summary[:_SUMMARY_LENGTH].rpartition(" ")[0] + " …"
    title = NAME_SEPARATOR.join(dict.fromkeys(" ".join(name.split()) for name in entry.names))
    return _to_json([entry.location, title, list(entry.labels), summary, entry.weight])


def list_postings(texts: Iterable[str]) -> list[str]:
    """List a line for each word in the texts, with the numbers of the texts that have it."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for word in text.split():
            rows[word].append(row)
    return [f"{word} {encode_rows(rows[word])}" for word in sorted(rows, key=_get_order)]


def update_postings(lines: Sequence[str], changes: Mapping[int, tuple[str, str]]) -> list[str]:
    """Return the lines after texts have changed: `changes` has the words before and after by the number of a text."""
    removed: defaultdict[str, set[int]] = defaultdict(set)
    added: defaultdict[str, set[int]] = defaultdict(set)
    for row, (before, after) in changes.items():
        former, current = set(before.split()), set(after.split())
        for word in former - current:
            removed[word].add(row)
        for word in current - former:
            added[word].add(row)
    kept = list(lines)
    # From the end, so that the places before stay.
    for word in sorted(removed.keys() | added.keys(), key=_get_order, reverse=True):
        place = bisect_left(lines, _get_order(word), key=lambda line: _get_order(line.partition(" ")[0]))
        is_known = place < len(lines) and lines[place].startswith(f"{word} ")
        rows = set(_decode_rows(lines[place].partition(" ")[2])) if is_known else set()
        rows = (rows - removed[word]) | added[word]
        kept[place : place + is_known] = [f"{word} {encode_rows(sorted(rows))}"] if rows else []
    return kept


def _get_order(word: str) -> bytes:
    return word.encode("utf-16-be")  # as JavaScript compares strings


def encode_rows(rows: Sequence[int]) -> str:
    """Encode increasing numbers as their differences; small differences have one character.

    The last digit of a difference is one of the 56 characters from `#` to `Z`, digits before it are among the 28 from
    `a` to `|`. So no separator is needed, and nothing to escape in a JavaScript string.
    """
    return "".join([_encode_number(row - before - 1) for before, row in zip([-1, *rows], rows, strict=False)])


@lru_cache(maxsize=4_096)
def _encode_number(number: int) -> str:
    rest, last = divmod(number, _LAST_DIGITS)
    text = chr(_FIRST_LAST_DIGIT + last)
    while rest:
        rest, digit = divmod(rest, _MORE_DIGITS)
        text = chr(_FIRST_MORE_DIGIT + digit) + text
    return text


def _decode_rows(text: str) -> Iterator[int]:
    row, high = -1, 0
    for letter in text:
        code = ord(letter)
        if code >= _FIRST_MORE_DIGIT:
            high = high * _MORE_DIGITS + code - _FIRST_MORE_DIGIT
        else:
            row += high * _LAST_DIGITS + code - _FIRST_LAST_DIGIT + 1
            high = 0
            yield row


def _to_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
