"""The built site as wanted pages: what `pages.json` lists, each page read and converted only when it is asked for."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.nodes import ConversionLoss, PageTarget, compute_digest
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.result import ConvertedPage
from generator.confluence.storage.rules import BROKEN_LINK, TITLE_TOO_LONG
from generator.errors import UserError
from generator.findings import Finding, Position
from generator.grouping import group_pairs
from generator.settings import PUBLISHED_SECTIONS

VERSION = 1
"""The version of `pages.json` that this release reads."""
LONGEST_TITLE = 255
_BUILD = "run `modelbook build`"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page as `pages.json` lists it."""

    path: str
    """Relative to the site's folder, with forward slashes."""
    ref: str
    """Its identity: `model:ryl`, or `page:index` for a page without a card."""
    title: str
    """The title in the wiki: the heading, with the abbreviation of a model or a system in brackets."""
    parent: str | None
    labels: tuple[str, ...]
    source: Position | None
    """The card that it was made from."""
    digest: str
    """Of the built page, as the site's build stamped it."""
    heading: str = ""
    """The title on the site; empty if it is the same."""
    section: str = ""
    """The section in the setting `pages`; empty if an older release built the site."""
    state: str = ""
    """The state of the card if it is not the ordinary one: `deprecated`, `retired` or `review overdue`."""
    account: str = ""
    """The account of the card's person in Confluence; empty if it is not known."""

    @property
    def position(self) -> Position:
        """Where a finding about the page stands: at its card, else at the page itself."""
        return self.source or Position(self.path)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page as it should be in the wiki."""

    entry: PageEntry
    converted: ConvertedPage

    @property
    def digest(self) -> str:
        """The same as long as nothing that is published of the page changes, whatever the wiki's ids are."""
        entry = self.entry
        state: list[object] = [entry.title, entry.parent, sorted(set(entry.labels)), self.converted.digest]
        state += [entry.state] if entry.state else []
        return compute_digest(json.dumps(state).encode())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the wiki cannot take of it, at the card."""
        position = self.entry.position
        return (*self._title(position), *(_finding(loss, position) for loss in self.converted.losses))

    def _title(self, position: Position) -> tuple[Finding, ...]:
        length = len(self.entry.title)
        if length <= LONGEST_TITLE:
            return ()
        message = f"the title has {length} characters: {self.entry.title[:40]}…"
        return (TITLE_TOO_LONG.at(position, message, f"keep it to {LONGEST_TITLE}"),)


@dataclass(frozen=True, slots=True)
class Built:
    """The published pages of a built site in the order of the tree, without their contents in memory."""

    folder: Path
    title: str
    site_url: str | None
    entries: tuple[PageEntry, ...]
    """Parents before children, siblings as the site lists them."""
    site: SourceSite

    def wanted(self, entry: PageEntry) -> Wanted:
        """Return the page, read and converted now; UserError if the site has lost its file."""
        html = self.site.read_file(entry.path)
        if html is None:
            raise UserError(f"{self.folder / entry.path} is listed in pages.json but missing; {_BUILD}")
        return Wanted(entry, convert_page(html, SourcePage(entry.path, entry.heading or entry.title), self.site))

    def all_wanted(self) -> Iterator[Wanted]:
        """Return every page in the order of the tree, one at a time: thousands need no more memory than one."""
        return map(self.wanted, self.entries)


def read_site(
    folder: Path,
    links_of_svg: Callable[[str], tuple[tuple[str, str], ...]],
    drawing_key: str = "",
    sections: Collection[str] = PUBLISHED_SECTIONS,
) -> Built:
    """Read the pages of some sections from the site in a folder.

    Raises:
        UserError: The site is missing, stale or of another version; the message has the command to run.

    """
    listing = _listing(folder / "pages.json")
    try:
        entries = tuple(_entry(item, folder) for item in listing["pages"])
        title, site_url = str(listing["title"]), listing.get("site_url") or None
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{folder / 'pages.json'} is not a list of pages ({error!r}); {_BUILD}") from error
    _unique(entries, folder)
    published = tuple(entry for entry in entries if not entry.section or entry.section in sections)
    refs = {entry.path: entry.ref for entry in published}
    unpublished = frozenset(entry.path for entry in entries) - refs.keys()
    site = SourceSite(refs, _reader(folder), links_of_svg, site_url, drawing_key, unpublished)
    return Built(folder, title, site_url, _in_tree_order(published, folder), site)


def dangling(pages: Iterable[Wanted]) -> tuple[Finding, ...]:
    """Return the links to an anchor that the page they lead to does not have; what each page keeps is a few names."""
    anchors: dict[str, frozenset[str]] = {}
    links: list[tuple[PageEntry, PageTarget]] = []
    for page in pages:
        anchors[page.entry.ref] = frozenset(page.converted.anchors)
        links += [(page.entry, link) for link in page.converted.links if link.anchor]
    return tuple(
        BROKEN_LINK.at(entry.position, f"a link leads to #{link.anchor} of {link.ref}, which has no such anchor")
        for entry, link in links
        if link.anchor not in anchors.get(link.ref, frozenset())
    )


def _listing(file: Path) -> Mapping[str, Any]:
    """Return the parsed file; Any because it comes from outside and is checked entry by entry."""
    if not file.parent.is_dir():
        raise UserError(f"{file.parent} is not a folder; {_BUILD}")
    try:
        listing = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing, so nobody knows what to publish; {_BUILD}") from error
    except (ValueError, OSError) as error:
        raise UserError(f"{file} cannot be read ({error}); {_BUILD}") from error
    if not isinstance(listing, dict) or not isinstance(listing.get("version"), int):
        raise UserError(f"{file} names no version; {_BUILD}")
    if listing["version"] > VERSION:
        raise UserError(f"{file} was written by a newer Modelbook; update this one, or {_BUILD}")
    if listing["version"] < VERSION:
        raise UserError(f"{file} was written by an older Modelbook; {_BUILD}")
    return listing


def _entry(item: object, folder: Path) -> PageEntry:
    """Return one page; KeyError, TypeError or ValueError says what is wrong with it."""
    if not isinstance(item, dict):
        message = f"a page has to be a mapping, not {item!r}"
        raise TypeError(message)
    source, path = item.get("source"), _text(item, "path")
    _refuse_outside(path, folder)
    parent = item.get("parent")
    heading, alias = " ".join(_text(item, "title").split()), " ".join(str(item.get("alias", "")).split())
    title = f"{heading} ({alias})" if alias else heading
    if len(title) > LONGEST_TITLE:
        title = heading
    return PageEntry(
        path=path,
        ref=_text(item, "ref"),
        title=title,
        parent=None if parent is None else str(parent),
        labels=tuple(str(label) for label in item.get("labels", ())),
        source=None if source is None else Position(_text(source, "file"), int(source.get("line", 1))),
        digest=str(item.get("digest", "")),
        heading=heading if heading != title else "",
        section=str(item.get("section", "")),
        state=str(item.get("state", "")),
        account=str(item.get("account", "")),
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item[key]
    if not isinstance(value, str) or not value.strip():
        message = f"{key} has to be text, not {value!r}"
        raise ValueError(message)
    return value


def _refuse_outside(path: str, folder: Path) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or pure.as_posix() != path:
        raise UserError(f"{folder / 'pages.json'} lists {path!r}, which is not a path within the site; {_BUILD}")


def _reader(folder: Path) -> Callable[[str], bytes | None]:
    """Reads files of the site, and nothing else: a link out of the folder counts as missing."""
    root = folder.resolve()

    def read_file(path: str) -> bytes | None:
        try:
            file = (root / path).resolve()
            return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None
        except (OSError, ValueError):
            return None

    return read_file


def _unique(entries: tuple[PageEntry, ...], folder: Path) -> None:
    for key in ("ref", "path"):
        seen: set[str] = set()
        for value in (str(getattr(entry, key)) for entry in entries):
            if value in seen:
                raise UserError(f"{folder / 'pages.json'} lists {value!r} twice; {_BUILD}")
            seen.add(value)


def _in_tree_order(entries: tuple[PageEntry, ...], folder: Path) -> tuple[PageEntry, ...]:
    """Depth first from the roots, siblings as listed; a page whose parent is not published is a root."""
    known = {entry.ref for entry in entries}
    rooted = [entry if entry.parent in known else replace(entry, parent=None) for entry in entries]
    children = group_pairs((entry.parent, entry) for entry in rooted)
    placed: list[PageEntry] = []
    stack = [*reversed(children.get(None, ()))]
    while stack:
        placed.append(stack.pop())
        stack.extend(reversed(children.get(placed[-1].ref, ())))
    if len(placed) < len(entries):
        lost = sorted(known - {entry.ref for entry in placed})
        raise UserError(f"{folder / 'pages.json'}: the parents of {lost[0]} form a circle; {_BUILD}")
    return tuple(placed)


def _finding(loss: ConversionLoss, position: Position) -> Finding:
    under = f" under {loss.section!r}" if loss.section else ""
    near = f", near {loss.near!r}" if loss.near else ""
    return loss.rule.at(position, f"{loss.what}{under}{near}")
