"""The files of the search index, which `search.js` reads: names.js, and the words of all texts in several files."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from generator.grouping import cut_lines
from generator.pages.paths import get_output_path
from generator.pages.search import SearchEntry, convert_own_pages
from generator.pages.site_page import SitePage

FOLDER = "search"
"""The folder of the index in the site, which Material uses too."""
CHUNK_SIZE = 64_000
"""The size of a file of words, in characters. A query loads the few files in which its words may be."""
NAME_SEPARATOR = " · "
_SUMMARY_LENGTH = 120
_LAST_DIGITS, _FIRST_LAST_DIGIT = 56, ord("#")
_MORE_DIGITS, _FIRST_MORE_DIGIT = 28, ord("a")


def list_search_entries(
    pages: Iterable[SitePage], own_pages: Iterable[Mapping[str, Any]], *, directory_urls: bool
) -> list[SearchEntry]:
    """List the entries of all pages: those of the book, then those in Material's index of the author's own pages."""
    entries: list[SearchEntry] = []
    for page in pages:
        entry = page.search_entry or SearchEntry((page.title,), page.description)
        url = get_output_path(page.path, directory_urls=directory_urls)
        entries.append(replace(entry, location="" if url == "index.html" else url))
        entries += [replace(each, location=f"{url}#{each.location}") for each in page.search_sections]
    return [*entries, *convert_own_pages(own_pages)]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The files of the index."""

    version: str
    """A digest of its content, by which the worker recognizes files of another build."""
    starts: tuple[str, ...]
    """The first word of each file of words."""
    files: Mapping[str, str]
    """The text of each file by its name."""

    @property
    def record(self) -> dict[str, object]:
        """The only record of Material's index, which the page passes to the worker."""
        return {"location": "", "title": "", "text": "", "version": self.version, "starts": self.starts}


def render_search_index(entries: Sequence[SearchEntry]) -> SearchIndex:
    """Render the index of all pages."""
    rows = [_render_row(entry) for entry in entries]
    postings = (f"{word} {encode_rows(rows)}" for word, rows in _list_postings(entries))
    chunks = list(cut_lines(postings, CHUNK_SIZE))
    starts = tuple(chunk[0].partition(" ")[0] for chunk in chunks)
    names = f"{_to_json(rows)},{_to_json(starts)}"
    words = [_to_json("\n".join(chunk)) for chunk in chunks]
    version = hashlib.blake2b("\0".join([names, *words]).encode(), digest_size=8).hexdigest()
    # Scripts, because a page from a local folder can load nothing else. ASCII, because the page chooses the encoding.
    files = {f"words-{number}.js": f'modelbookSearch.addWords("{version}",{number},{text});\n'
             for number, text in enumerate(words)}  # fmt: skip
    files["names.js"] = f'modelbookSearch.addNames("{version}",{names});\n'
    return SearchIndex(version, starts, files)


def _render_row(entry: SearchEntry) -> list[object]:
    """Return an entry as `[location, title, labels, summary, weight]`; the title contains all names."""
    summary = " ".join(entry.summary.split())
    if len(summary) > _SUMMARY_LENGTH:
        summary = summary[:_SUMMARY_LENGTH].rpartition(" ")[0] + " …"
    title = NAME_SEPARATOR.join(dict.fromkeys(" ".join(name.split()) for name in entry.names))
    return [entry.location, title, list(entry.labels), summary, entry.weight]


def _list_postings(entries: Iterable[SearchEntry]) -> Iterator[tuple[str, list[int]]]:
    """List each word with the rows of the entries that have it in their text, in the order of JavaScript's strings."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, entry in enumerate(entries):
        for word in entry.words.split():
            rows[word].append(row)
    for word in sorted(rows, key=lambda word: word.encode("utf-16-be")):
        yield word, rows[word]


def encode_rows(rows: Sequence[int]) -> str:
    """Encode increasing numbers as their differences; small differences have one character.

    The last digit of a difference is one of the 56 characters from `#` to `Z`, digits before it are among the 28 from
    `a` to `|`. So no separator is needed, and nothing to escape in a JavaScript string.
    """
    return "".join([_encode_number(row - before - 1) for before, row in zip([-1, *rows], rows, strict=False)])


@lru_cache(maxsize=65_536)
def _encode_number(number: int) -> str:
    rest, last = divmod(number, _LAST_DIGITS)
    text = chr(_FIRST_LAST_DIGIT + last)
    while rest:
        rest, digit = divmod(rest, _MORE_DIGITS)
        text = chr(_FIRST_MORE_DIGIT + digit) + text
    return text


def _to_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
