"""Which title each page gets in the wiki, where a space has every title once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.confluence.built import Entry as SitePage
from generator.confluence.manifest.entry import Entry
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.wiki import TITLE_LIMIT, Page, Status
from generator.findings import Finding


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles by reference, and the findings about pages that can have none."""

    by_ref: Mapping[str, str]
    refused: Mapping[str, Finding]
    """By the reference of the page that cannot be published."""


def same(title: str) -> str:
    """What two titles share that Confluence takes for one: it does not tell upper from lower case."""
    return " ".join(title.split()).casefold()


def candidates(page: SitePage, settings: PublishSettings) -> tuple[str, ...]:
    """The titles that a page may have, the best first."""
    fallback = settings.suffixed(page.title, page.ref)
    return tuple(title for title in (page.title, fallback) if title is not None and len(title) <= TITLE_LIMIT)


def questioned(pages: Iterable[SitePage], published: Mapping[str, Entry], settings: PublishSettings) -> tuple[str, ...]:
    """The titles that a page would newly take: only of these the wiki has to say whether they are free."""
    asked: dict[str, str] = {}
    for page in pages:
        held = published.get(page.ref)
        if held is None or held.title not in candidates(page, settings):
            asked.update((same(title), title) for title in candidates(page, settings))
    return tuple(asked.values())


def titled(
    pages: Iterable[SitePage],
    published: Mapping[str, Entry],
    holders: Mapping[str, Page],
    settings: PublishSettings,
) -> Titles:
    """A title for every page. One that has a good title keeps it; `holders` are foreign pages by what is same.

    A page that can have none keeps its own words for the links to it, and gets a finding.
    """
    listed = list(pages)
    given = dict(_kept(listed, published, settings))
    used = {same(title): ref for ref, title in given.items()}
    refused: dict[str, Finding] = {}
    for page in listed:
        if page.ref in given:
            continue
        free = (title for title in candidates(page, settings) if same(title) not in (*used, *holders))
        title = next(free, None)
        given[page.ref] = page.title if title is None else title
        if title is not None:
            used[same(title)] = page.ref
        elif candidates(page, settings):
            refused[page.ref] = taken(page, holders.get(same(page.title)), used.get(same(page.title)))
    return Titles(given, refused)


def _kept(
    pages: Iterable[SitePage], published: Mapping[str, Entry], settings: PublishSettings
) -> Iterator[tuple[str, str]]:
    for page in pages:
        held = published.get(page.ref)
        if held is not None and held.title in candidates(page, settings):
            yield page.ref, held.title


def taken(page: SitePage, holder: Page | None, ref: str | None) -> Finding:
    """The finding about a title that somebody else has."""
    hint = "rename the card, or set `title_suffix` in the configuration"
    if holder is not None and holder.status is Status.ARCHIVED:
        by, hint = f"the archived page {holder.url}", f"restore or delete that page, or {hint}"
    elif holder is not None:
        by = f"{holder.url}, which is not ours"
    else:
        by = f"the page of {ref}"
    return TITLE_TAKEN.at(page.position, f"the title {page.title!r} is taken by {by}", hint)
