"""The built site as desired pages: those that `pages.json` lists, each read and converted only when it is needed."""

import functools
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from msgspec import structs

from generator.confluence.storage.cache import ConversionCache
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.links import list_page_links
from generator.confluence.storage.nodes import PageTarget
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.rules import BROKEN_LINK, TITLE_TOO_LONG
from generator.confluence.storage.write import ConvertedPage
from generator.confluence.wiki import TITLE_LIMIT, Flavour
from generator.errors import UserError
from generator.findings import Finding, Position
from generator.grouping import group_pairs
from generator.settings import PUBLISHED_SECTIONS
from generator.values import FrozenValue

VERSION = 1
"""The version of `pages.json` that this release reads."""
_BUILD = "run `modelbook build`"


class PageEntry(msgspec.Struct, frozen=True):
    """A page as `pages.json` lists it, with its title in the wiki."""

    path: str
    """The path relative to the folder of the site, with forward slashes."""
    ref: str
    """Its identity: `model:ryl`, or `page:index` for a page without a card."""
    title: str
    """The title in the wiki: the heading, with the abbreviation of a model or a system in brackets."""
    parent: str | None = None
    labels: tuple[str, ...] = ()
    source: Position | None = None
    """The card from which it was made."""
    alias: str = ""
    """The abbreviation of a model or a system."""
    aliases: tuple[str, ...] = ()
    """The other names of the card; a former id is one of them."""
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
        """The position of a finding about the page: its card, else the page itself."""
        return self.source or Position(self.path)


class Wanted(FrozenValue):
    """A page as it should be in the wiki."""

    entry: PageEntry
    converted: ConvertedPage

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The content that the wiki cannot store, at the card."""
        entry, found = self.entry, list[Finding]()
        if len(entry.title) > TITLE_LIMIT:
            message = f"the title has {len(entry.title)} characters: {entry.title[:40]}…"
            found.append(TITLE_TOO_LONG.at(entry.position, message, f"keep it to {TITLE_LIMIT}"))
        for loss in self.converted.losses:
            under = f" under {loss.section!r}" if loss.section else ""
            near = f", near {loss.near!r}" if loss.near else ""
            found.append(loss.rule.at(entry.position, f"{loss.what}{under}{near}"))
        return tuple(found)


@dataclass(frozen=True)
class Built:
    """The published pages of a built site in the order of the tree, without their contents in memory."""

    folder: Path
    entries: tuple[PageEntry, ...]
    """Parents before children, siblings as the site lists them."""
    site: SourceSite
    cache: Path | None = None
    """The folder of the cache; None to convert each page again."""

    @property
    def former_refs(self) -> dict[str, tuple[str, ...]]:
        """The pages by each reference that they can have had before: their kind with an alias of their card."""
        refs = {entry.ref for entry in self.entries}
        named = (
            (f"{entry.ref.partition(':')[0]}:{alias}", entry.ref) for entry in self.entries for alias in entry.aliases
        )
        return {ref: several for ref, several in group_pairs(dict.fromkeys(named)).items() if ref not in refs}

    def for_flavour(self, flavour: Flavour) -> "Built":
        """Return the site with its pages for a flavour of Confluence."""
        return replace(self, site=structs.replace(self.site, is_cloud=flavour is Flavour.CLOUD))

    def wanted(self, entry: PageEntry) -> Wanted:
        """Return the page, read and converted now; UserError if its file is missing."""
        ids, children = (found.get(entry.ref, frozenset()) for found in (self._linked_ids, self._children))
        page = SourcePage(entry.path, entry.heading or entry.title, ids, children, entry.account)
        return Wanted(entry, self._convert(self._read(entry), page))

    def all_wanted(self) -> Iterator[Wanted]:
        """Return every page in the order of the tree, one at a time: thousands need no more memory than one."""
        return map(self.wanted, self.entries)

    def _read(self, entry: PageEntry) -> bytes:
        html = self.site.read_file(entry.path)
        if html is None:
            raise UserError(f"{self.folder / entry.path} is listed in pages.json but missing; {_BUILD}")
        return html

    @functools.cached_property
    def _convert(self) -> Callable[[bytes, SourcePage], ConvertedPage]:
        if self.cache is None:
            return functools.partial(convert_page, site=self.site)
        return ConversionCache(self.cache, self.folder, self.site).convert

    @functools.cached_property
    def _children(self) -> Mapping[str, frozenset[str]]:
        pairs = group_pairs((entry.parent, entry.ref) for entry in self.entries if entry.parent is not None)
        return {parent: frozenset(refs) for parent, refs in pairs.items()}

    @functools.cached_property
    def _linked_ids(self) -> Mapping[str, frozenset[str]]:
        """The ids of each page to which other pages link: only these need an anchor."""
        links = (link for entry in self.entries for link in list_page_links(self._read(entry), entry.path, self.site))
        return {ref: frozenset(ids) for ref, ids in group_pairs((link.ref, link.identifier) for link in links).items()}


def read_site(
    folder: Path,
    links_of_svg: Callable[[str], tuple[tuple[str, str], ...]],
    drawing_key: str = "",
    sections: Collection[str] = PUBLISHED_SECTIONS,
    cache: Path | None = None,
) -> Built:
    """Read the pages of some sections; UserError with the command to run if the site is missing, stale or invalid."""
    file = folder / "pages.json"
    listing = _read_listing(file)
    try:
        listed = msgspec.convert(listing["pages"], list[PageEntry])
    except (KeyError, ValueError) as error:
        raise UserError(f"{file} is not a list of pages ({error!r}); {_BUILD}") from error
    entries = [_complete_entry(entry, file) for entry in listed]
    for key in ("ref", "path"):
        seen: set[str] = set()
        for value in (str(getattr(entry, key)) for entry in entries):
            if value in seen:
                raise UserError(f"{file} lists {value!r} twice; {_BUILD}")
            seen.add(value)
    root = folder.resolve()

    @functools.cache
    def resolve_folder(name: str) -> Path:
        return (root / name).resolve()

    def read_file(path: str) -> bytes | None:
        """Read a file of the site; a link out of the folder is treated as missing."""
        parent, _, name = path.rpartition("/")
        try:
            found = resolve_folder(parent) / name
            if found.is_symlink():
                found = found.resolve()
            return found.read_bytes() if found.is_relative_to(root) and found.is_file() else None
        except (OSError, ValueError):
            return None

    published = tuple(entry for entry in entries if not entry.section or entry.section in sections)
    refs = {entry.path: entry.ref for entry in published}
    unpublished = frozenset(entry.path for entry in entries) - refs.keys()
    site = SourceSite(refs, read_file, links_of_svg, listing.get("site_url") or None, drawing_key, unpublished)
    return Built(folder, _sort_by_tree(published, folder), site, cache)


def find_broken_anchors(pages: Iterable[Wanted]) -> tuple[Finding, ...]:
    """Return a finding for each link to an anchor that its page does not have."""
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


def _read_listing(file: Path) -> Mapping[str, Any]:
    """Parse the file. Its entries are checked later, one by one."""
    if not file.parent.is_dir():
        raise UserError(f"no site in {file.parent}: {_BUILD}")
    try:
        listing = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing, so there is nothing to publish; {_BUILD}") from error
    except (ValueError, OSError) as error:
        raise UserError(f"{file} cannot be read ({error}); {_BUILD}") from error
    version = listing.get("version") if isinstance(listing, dict) else None
    if not isinstance(version, int):
        raise UserError(f"{file} names no version; {_BUILD}")
    if version > VERSION:
        raise UserError(f"{file} was written by a newer Modelbook; update this one, or {_BUILD}")
    if version < VERSION:
        raise UserError(f"{file} was written by an older Modelbook; {_BUILD}")
    return dict(listing)


def _complete_entry(entry: PageEntry, file: Path) -> PageEntry:
    """Return a page with its title in the wiki; UserError if a text is empty or the path leads out of the site."""
    for name in ("path", "ref", "title"):
        if not getattr(entry, name).strip():
            raise UserError(f"{file} is not a list of pages ({name} has to be text); {_BUILD}")
    pure = PurePosixPath(entry.path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in entry.path or pure.as_posix() != entry.path:
        raise UserError(f"{file} lists {entry.path!r}, which is not a path within the site; {_BUILD}")
    heading, alias = " ".join(entry.title.split()), " ".join(entry.alias.split())
    title = f"{heading} ({alias})" if alias and len(heading) + len(alias) + 3 <= TITLE_LIMIT else heading
    return msgspec.structs.replace(entry, title=title, heading=heading if heading != title else "")


def _sort_by_tree(entries: tuple[PageEntry, ...], folder: Path) -> tuple[PageEntry, ...]:
    """Sort pages depth first, siblings as listed; a page whose parent is not published is a root."""
    known = {entry.ref for entry in entries}
    rooted = [entry if entry.parent in known else msgspec.structs.replace(entry, parent=None) for entry in entries]
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
