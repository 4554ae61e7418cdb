"""The two sides held against each other, kind by kind."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from generator.confluence.parity.items import KINDS, Item, Kind, Side, letters, visible, words
from generator.confluence.parity.on_site import read_site
from generator.confluence.parity.on_wiki import read_wiki

_IN_ORDER: frozenset[Kind] = frozenset({"heading", "cell", "code"})
_ROOT = "https://site.invalid/"
"""Stands for the site while addresses are joined; the name is reserved, so no real link has it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The page's place in the book."""

    path: str
    title: str
    names: Mapping[str, str]
    """How each published page is named in links, by its path: its title, or its content id."""
    site_url: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a kind the site shows, and which of them the wiki does not."""

    kind: str
    on_site: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parity:
    """The verdict on one page."""

    path: str
    tallies: tuple[Tally, ...]
    dangling: tuple[str, ...]
    """Links within the wiki page to an anchor that it does not have."""
    dropped: tuple[tuple[str, int], ...]
    """What is for the site alone, by name, with how often."""

    @property
    def holds(self) -> bool:
        """Whether everything that the site shows is on the wiki page."""
        return not self.dangling and not any(tally.missing for tally in self.tallies)

    @property
    def missing(self) -> tuple[str, ...]:
        """All that is not carried, in words."""
        return (*(text for tally in self.tallies for text in tally.missing), *self.dangling)


def parity(html: str, storage: str, around: Surroundings) -> Parity:
    """Whether each heading, cell, code block, link, image, fact and word of the page is in the resolved body."""
    site, wiki = read_site(html), read_wiki(storage, around.title)
    tallies = (*(_tally(kind, site, wiki, around) for kind in KINDS), _word_tally(site, wiki))
    dangling = tuple(
        f"anchor {item.anchor!r} of link {item.text!r}"
        for item in wiki.items
        if item.anchor and not item.target and item.anchor not in wiki.anchors
    )
    return Parity(around.path, tallies, dangling, tuple(sorted(Counter(site.dropped).items())))


def _tally(kind: Kind, site: Side, wiki: Side, around: Surroundings) -> Tally:
    wanted = [item for item in site.items if item.kind == kind]
    found = [item for item in wiki.items if item.kind == kind or (kind, item.kind) == ("diagram link", "link")]
    same = _SAME.get(kind, _same_words)
    if kind in _IN_ORDER:
        missing = _missing_in_order(wanted, found, same, around)
    elif kind == "diagram link":
        missing = [item for item in wanted if not any(same(item, other, around) for other in found)]
    else:
        missing = _missing(wanted, found, same, around)
    return Tally(kind, len(wanted), tuple(map(str, missing)))


Same = Callable[[Item, Item, Surroundings], bool]


def _missing_in_order(wanted: list[Item], found: list[Item], same: Same, around: Surroundings) -> list[Item]:
    """What has no counterpart after the counterpart of the item before it."""
    missing: list[Item] = []
    position = 0
    for item in wanted:
        places = (index for index in range(position, len(found)) if same(item, found[index], around))
        place = next(places, None)
        if place is None:
            missing.append(item)
        else:
            position = place + 1
    return missing


def _missing(wanted: list[Item], found: list[Item], same: Same, around: Surroundings) -> list[Item]:
    """What has no counterpart of its own, wherever it stands."""
    free, missing = list(found), list[Item]()
    for item in wanted:
        match = next((other for other in free if same(item, other, around)), None)
        if match is None:
            missing.append(item)
        else:
            free.remove(match)
    return missing


def _word_tally(site: Side, wiki: Side) -> Tally:
    wanted = Counter(words(site.text))
    missing = wanted - Counter(words(wiki.text))
    shown = (f"word {word!r} ({number} of {wanted[word]})" for word, number in sorted(missing.items()))
    return Tally("word", wanted.total(), tuple(shown))


def _same_words(item: Item, other: Item, _around: Surroundings) -> bool:
    """The item's words in their order, with others between them at most: an abbreviation may be spelled out."""
    remaining = iter(words(other.text))
    return all(word in remaining for word in words(item.text))


def _same_code(item: Item, other: Item, _around: Surroundings) -> bool:
    return visible(item.text).rstrip("\n") == visible(other.text).rstrip("\n")


def _same_picture(item: Item, other: Item, _around: Surroundings) -> bool:
    return " ".join(item.text.split()) == " ".join(other.text.split())


def _same_link(item: Item, other: Item, around: Surroundings) -> bool:
    return _same_words(item, other, around) and _leads_alike(item.target.strip(), other, around)


def _leads_alike(href: str, other: Item, around: Surroundings) -> bool:
    """Whether an address of the site and a link of the wiki mean the same."""
    full, fragment = urldefrag(urljoin(urljoin(_ROOT, around.path), _on_root(href, around)))
    if not full.startswith(_ROOT):
        return other.target in {href, f"https:{href}"}
    path = unquote(urlsplit(full).path).lstrip("/")
    published = next((choice for choice in (path, f"{path}index.html") if choice in around.names), None)
    if published is None:
        return _leads_to_file(path, other.target, around)
    anchor = "" if fragment == "top" else letters(unquote(fragment))
    own = {""} if published == around.path and anchor else set[str]()
    return letters(other.anchor) == anchor and other.target in {f"page:{around.names[published]}", *own}


def _on_root(href: str, around: Surroundings) -> str:
    """The address with the site's own host and folder taken off, where it names them."""
    own = (around.site_url or _ROOT).rstrip("/") + "/"
    folder = urlsplit(own).path
    within = next((prefix for prefix in (own, folder) if href.startswith(prefix)), None)
    return href if within is None else _ROOT + href[len(within) :]


def _leads_to_file(path: str, target: str, around: Surroundings) -> bool:
    if target.startswith("file:"):
        return letters(target.removeprefix("file:")).endswith(letters(path.rpartition("/")[2]))
    return around.site_url is not None and unquote(target).startswith(f"{around.site_url.rstrip('/')}/{path}")


_SAME: Mapping[Kind, Same] = {
    "code": _same_code,
    "link": _same_link,
    "diagram link": _same_link,
    "image": _same_picture,
}
