"""The two sides held against each other, kind by kind, in both directions."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

from tests.confluence.parity.addresses import Surroundings, is_plain_text_in_wiki, leads_alike, shows_alike
from tests.confluence.parity.items import KINDS, Item, Kind, Side, collapsed, tokens, visible
from tests.confluence.parity.languages import is_coloured_as
from tests.confluence.parity.on_site import read_site
from tests.confluence.parity.on_wiki import read_wiki

_MOST_PARTS = 12
"""Into so many links at most a single one around blocks is looked for."""
_IN_ORDER: frozenset[Kind] = frozenset({"heading", "cell", "code", "list item"})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a kind the site shows, and which of them the wiki does not, or shows otherwise or besides."""

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
        """Whether the wiki page shows everything that the site shows, as it is there, and nothing else."""
        return not self.dangling and not any(tally.missing for tally in self.tallies)

    @property
    def missing(self) -> tuple[str, ...]:
        """All that is not carried, in words."""
        return (*(text for tally in self.tallies for text in tally.missing), *self.dangling)


def parity(html: str, storage: str, around: Surroundings) -> Parity:
    """Whether each heading, cell, code block, item, link, image, fact and word of the page is in the resolved body.

    Texts are equal but for whitespace, signs and numbers included, and so are levels, spans, states and languages.
    """
    site, wiki = read_site(html, around.title), read_wiki(storage, around.title)
    tallies = (*(_tally(kind, site, wiki, around) for kind in KINDS), _word_tally(site, wiki))
    dangling = tuple(
        f"anchor {item.anchor!r} of link {item.text!r}"
        for item in wiki.items
        if item.anchor and not item.target and item.anchor not in wiki.anchors
    )
    return Parity(around.path, tallies, dangling, tuple(sorted(Counter(site.dropped).items())))


Same = Callable[[Item, Item], bool]


def _tally(kind: Kind, site: Side, wiki: Side, around: Surroundings) -> Tally:
    wanted = [item for item in site.items if item.kind == kind]
    if kind in {"link", "diagram link"}:
        wanted = [item for item in wanted if not is_plain_text_in_wiki(item.target.strip(), around)]
    found = [item for item in wiki.items if item.kind == kind]

    def same(item: Item, other: Item) -> bool:
        alike = is_coloured_as(item.form, other.form) if kind == "code" else item.form == other.form
        return alike and _is_same(item, other, around)

    if kind == "diagram link":
        told = [str(item) for item in wanted if not any(same(item, other) for other in found)]
    elif kind in _IN_ORDER:
        told = _in_order(wanted, found, same)
    else:
        told = _anywhere(wanted, found, same)
    return Tally(kind, len(wanted), tuple(told))


def _is_same(item: Item, other: Item, around: Surroundings) -> bool:
    match item.kind:
        case "code":
            return visible(item.text).rstrip("\n") == visible(other.text).rstrip("\n")
        case "diagram link":
            return leads_alike(item.target.strip(), other, around)
        case "link":
            return _same_text(item, other) and leads_alike(item.target.strip(), other, around)
        case "image":
            return _same_text(item, other) and shows_alike(item.target, other.target, around)
        case _:
            return _same_text(item, other)


def _same_text(item: Item, other: Item) -> bool:
    return collapsed(item.text) == collapsed(other.text)


def _in_order(wanted: list[Item], found: list[Item], same: Same) -> list[str]:
    """What is not at its place: pairwise as long as both sides run alike, behind that what remains on either."""
    start = next((n for n, pair in enumerate(zip(wanted, found, strict=False)) if not same(*pair)), None)
    if start is None:
        start = min(len(wanted), len(found))
    end = 0
    while end < min(len(wanted), len(found)) - start and same(wanted[-1 - end], found[-1 - end]):
        end += 1
    return list(_pairs(wanted[start : len(wanted) - end], found[start : len(found) - end]))


def _pairs(wanted: list[Item], found: list[Item]) -> Iterable[str]:
    for item, other in zip_longest(wanted, found):
        yield f"{item}, but there is {other}" if item and other else str(item) if item else f"besides: {other}"


def _anywhere(wanted: list[Item], found: list[Item], same: Same) -> list[str]:
    """What has no counterpart of its own, wherever it stands."""
    free, missing = list(found), list[Item]()
    for item in wanted:
        match = next((other for other in free if same(item, other)), None)
        if match is None:
            missing.append(item)
        else:
            free.remove(match)
    lost = [item for item in missing if not _taken_in_parts(item, free, same)]
    besides = [other for other in free if not _is_picture_of(other, wanted, same)]
    return [*map(str, lost), *(f"besides: {other}" for other in besides)]


def _is_picture_of(link: Item, wanted: list[Item], same: Same) -> bool:
    """Return whether a link without text is the picture of one that is there with its words."""
    return (
        link.kind == "link"
        and not link.text.strip()
        and any(same(each, replace(link, text=each.text)) for each in wanted)
    )


def _taken_in_parts(item: Item, free: list[Item], same: Same) -> bool:
    """Return whether a link around several blocks is there as one link for each; those are then taken."""
    for start in range(len(free)):
        for end in range(start + 2, min(start + _MOST_PARTS, len(free)) + 1):
            parts = free[start:end]
            joined = " ".join(part.text for part in parts)
            if item.kind == "link" and all(same(item, replace(part, text=joined)) for part in parts):
                del free[start:end]
                return True
    return False


def _word_tally(site: Side, wiki: Side) -> Tally:
    wanted, found = tokens(site.text), tokens(wiki.text)
    return Tally("word", len(wanted), tuple(_differences(wanted, found)) if wanted != found else ())


def _differences(wanted: list[str], found: list[str]) -> Iterable[str]:
    lost, besides = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    yield from (f"word {word!r} ({number} of {wanted.count(word)})" for word, number in sorted(lost.items()))
    yield from (f"besides: word {word!r} ({number} times)" for word, number in sorted(besides.items()))
    if not lost and not besides:
        yield f"the order of the words near {_parting(wanted, found)!r}"


def _parting(wanted: list[str], found: list[str]) -> str:
    place = next(n for n, pair in enumerate(zip(wanted, found, strict=False)) if pair[0] != pair[1])
    return " ".join(wanted[max(0, place - 3) : place + 5])
