"""Titles of pages in a space, where each title exists once."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from generator.confluence.settings import PublishSettings
from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.sync.draft import Draft
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
    """The titles of pages by reference, and the refs whose titles other pages have, with a holder of ours if any."""

    by_ref: Mapping[str, str]
    refused: Mapping[str, str | None]


def fold_title(title: str) -> str:
    """Return a title in the form in which Confluence compares it: in lower case, where `Straße` is not `Strasse`."""
    return " ".join(title.split()).lower()


def list_candidates(ref: str, title: str, settings: PublishSettings) -> tuple[str, ...]:
    """Return the titles that a page may have, the best first; none if they are too long."""
    fallback = settings.suffixed(title, ref)
    return tuple(each for each in (title, fallback) if each is not None and len(each) <= TITLE_LIMIT)


def list_new_titles(
    wanted: Mapping[str, str], current: Mapping[str, str], settings: PublishSettings
) -> tuple[str, ...]:
    """Return the titles that a page would newly take: only these can be taken by pages that are not known.

    `current` are the titles that our pages have now. The title of the last publish is out of date if somebody has
    renamed or removed the page.
    """
    asked: dict[str, str] = {}
    for ref, title in wanted.items():
        choices = list_candidates(ref, title, settings)
        if current.get(ref) not in choices:
            asked.update((fold_title(each), each) for each in choices)
    return tuple(asked.values())


def assign_titles(
    wanted: Mapping[str, str],
    current: Mapping[str, str],
    staying: Mapping[str, str],
    holders: Collection[str],
    settings: PublishSettings,
) -> Titles:
    """Return the title of every page of the book, in the order of the site.

    A page in `staying` keeps its title in the wiki; any other keeps its current title if that is one of its
    candidates. A page for which no candidate is free gets a title that no page has: readers see a broken link to it,
    and no link to the page of somebody else.
    """
    given = {ref: staying[ref] for ref in wanted if ref in staying}
    used = {fold_title(title): ref for ref, title in staying.items()}
    for ref, title in wanted.items():
        now = current.get(ref)
        if (
            ref not in given
            and now is not None
            and now in list_candidates(ref, title, settings)
            and fold_title(now) not in used
        ):
            given[ref] = now
            used[fold_title(now)] = ref
    refused: dict[str, str | None] = {}
    for ref, title in wanted.items():
        if ref in given:
            continue
        choices = list_candidates(ref, title, settings)
        free = next(
            (each for each in choices if fold_title(each) not in used and fold_title(each) not in holders),
            None,
        )
        if free is None:
            refused[ref] = used.get(fold_title(title))
            given[ref] = make_unused_title(title, ref)
        else:
            given[ref] = free
            used[fold_title(free)] = ref
    return Titles(given, refused)


def make_unused_title(title: str, mark: str) -> str:
    """Return a title that no page has."""
    suffix = f" ({mark})"
    return f"{title[: TITLE_LIMIT - len(suffix)]}{suffix}"


def title_findings(
    titles: Titles, drafts: Mapping[str, Draft], holders: Mapping[str, TitleHolder]
) -> Iterator[tuple[str, Finding]]:
    """Yield the reference and the finding of each page whose title another page has."""
    for ref, owner in titles.refused.items():
        draft = drafts[ref]
        hint = "rename the card, or set `title_suffix` in the configuration"
        holder = holders.get(fold_title(draft.title))
        if len(draft.title) > TITLE_LIMIT or (holder is None and owner is None):
            continue  # its length has a finding of its own
        if holder is None:
            by, fix = f"the page of {owner}", ""
        else:
            by, fix = _describe_holder(ref, holder)
        message = f"the title {draft.title!r} is taken by {by}"
        yield ref, TITLE_TAKEN.at(draft.source, message, f"{fix}, or {hint}" if fix else hint)


def _describe_holder(ref: str, holder: TitleHolder) -> tuple[str, str]:
    """Return whose page has the title, and what frees it."""
    url, archived = holder.page.url, holder.page.status is Status.ARCHIVED
    if holder.ref == ref and archived:
        return f"our own archived page {url}", "restore it in Confluence, which is enough: it is then taken up again"
    if holder.ref is not None:
        kind = "archived page" if archived else "page"
        return f"our own {kind} {url} of {holder.ref}", "rename or delete that page in Confluence"
    if archived:
        return f"the archived page {url}, which is not ours", "restore or delete that page"
    return f"{url}, which is not ours", ""
