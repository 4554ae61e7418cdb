"""Which title each page gets in the wiki, where a space has every title once."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.confluence.built import PageEntry
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.wiki import TITLE_LIMIT, Page, Status
from generator.findings import Finding


@dataclass(frozen=True, slots=True)
class TitleHolder:
    """A page that has a title which one of ours wants."""

    page: Page
    ref: str | None = None
    """The reference that its property claims for this book; None if it is not ours."""


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles by reference, and the findings about pages that can have none."""

    by_ref: Mapping[str, str]
    refused: Mapping[str, Finding]
    """By the reference of the page that cannot be published."""


def same(title: str) -> str:
    """What two titles share that Confluence takes for one: it compares them in lower case, where `Straße` and
    `Strasse` stay two.
    """
    return " ".join(title.split()).lower()


def candidates(page: PageEntry, settings: PublishSettings) -> tuple[str, ...]:
    """Return the titles that a page may have, the best first."""
    fallback = settings.suffixed(page.title, page.ref)
    return tuple(title for title in (page.title, fallback) if title is not None and len(title) <= TITLE_LIMIT)


def questioned(pages: Iterable[PageEntry], holding: Mapping[str, str], settings: PublishSettings) -> tuple[str, ...]:
    """Return the titles that a page would newly take: only of these the wiki has to say whether they are free.

    `holding` are the titles that our pages have now: what a page was called when it was published says nothing
    once somebody has renamed or removed it.
    """
    asked: dict[str, str] = {}
    for page in pages:
        if holding.get(page.ref) not in candidates(page, settings):
            asked.update((same(title), title) for title in candidates(page, settings))
    return tuple(asked.values())


def titled(
    pages: Iterable[PageEntry],
    holding: Mapping[str, str],
    holders: Mapping[str, TitleHolder],
    settings: PublishSettings,
) -> Titles:
    """Return a title for every page. One that has a good title keeps it; `holders` are the pages that nothing lists as
    ours, by what is same about their titles.

    A page that can have none keeps its own words for the links to it, and gets a finding.
    """
    listed = list(pages)
    given = dict(_kept(listed, holding, settings))
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
    pages: Iterable[PageEntry], holding: Mapping[str, str], settings: PublishSettings
) -> Iterator[tuple[str, str]]:
    for page in pages:
        held = holding.get(page.ref)
        if held is not None and held in candidates(page, settings):
            yield page.ref, held


def settled(titles: Titles, changed: Collection[str], standing: Mapping[str, Page]) -> dict[str, str]:
    """What every page is called once the plan is applied, which is where links lead.

    One that stays as it is keeps the title that it has in the wiki (`standing`, by reference). One that is neither
    there nor created, and whose title another page has, gets a title that nobody has: a link that leads nowhere is
    seen, and one that leads to somebody else's page is not.
    """
    held = {same(page.title) for page in standing.values()}
    called: dict[str, str] = {}
    for ref, title in titles.by_ref.items():
        if ref in changed or (ref not in standing and ref not in titles.refused and same(title) not in held):
            called[ref] = title
        else:
            called[ref] = standing[ref].title if ref in standing else nobodys(title, ref)
    return called


def nobodys(title: str, mark: str) -> str:
    """Return a title that nobody gives to a page, for want of a better one."""
    suffix = f" ({mark})"
    return f"{title[: TITLE_LIMIT - len(suffix)]}{suffix}"


def taken(page: PageEntry, holder: TitleHolder | None, ref: str | None) -> Finding:
    """Return the finding about a title that another page has."""
    hint = "rename the card, or set `title_suffix` in the configuration"
    by, first = (f"the page of {ref}", "") if holder is None else _whose(page, holder)
    message = f"the title {page.title!r} is taken by {by}"
    return TITLE_TAKEN.at(page.position, message, f"{first}, or {hint}" if first else hint)


def _whose(page: PageEntry, holder: TitleHolder) -> tuple[str, str]:
    """Whose page has the title, and what would free it."""
    url, archived = holder.page.url, holder.page.status is Status.ARCHIVED
    if holder.ref == page.ref and archived:
        return f"our own archived page {url}", "restore it in Confluence, which is enough: it is then taken up again"
    if holder.ref is not None:
        kind = "archived page" if archived else "page"
        return f"our own {kind} {url} of {holder.ref}", "rename or delete that page in Confluence"
    if archived:
        return f"the archived page {url}, which is not ours", "restore or delete that page"
    return f"{url}, which is not ours", ""
