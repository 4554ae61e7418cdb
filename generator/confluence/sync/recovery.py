"""Pages of ours that the manifest does not list: after a run that was killed, or when the manifest itself is lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from generator.confluence.sync.gather import gathered
from generator.confluence.sync.manifest import ManifestEntry, Run
from generator.confluence.sync.marks import claim_of, is_placeholder, owned_ref, page_key, placeholder_ref, signature
from generator.confluence.sync.states import Published
from generator.confluence.wiki import Page, Space, Status, Wiki
from generator.errors import UserError

_DAY = 24 * 60 * 60
"""Seconds by which our clock and the wiki's may differ, generously."""


def rebuilt(wiki: Wiki, space: Space, book: str, host: str) -> dict[str, tuple[Published, Page]]:
    """Return every page of the space that carries our property; UserError if they belong to another place."""
    claimed = [(page, carried.value) for page, carried in wiki.pages_with_property(space, page_key(book))]
    current = [(page, value) for page, value in claimed if page.status is Status.CURRENT]
    owned = {page.id: ref for page, value in current if (ref := owned_ref(value, book, host, page.id)) is not None}
    if not owned:
        _refuse_other_hosts(current, book, host, space)
    return published_as([page for page, _ in current if page.id in owned], owned, wiki, book)


def unlisted(
    wiki: Wiki, listing: Iterable[Page], known: frozenset[str], run: Run, book: str, host: str
) -> dict[str, tuple[Published, Page]]:
    """What an interrupted run has written and not told: pages with its token, or with our property.

    Only pages that were saved since it began, or that are signed, can be: the others are not asked.
    """
    strange = [page for page in listing if page.status is Status.CURRENT and page.id not in known and page.id != host]
    recent = [page for page in strange if _digest(page, book) or _since(page, run.since - _DAY)]
    bodies = wiki.pages([page.id for page in recent if not _digest(page, book)], body=True)
    begun = dict(_begun(bodies.values(), book, run.token))
    asked = [page.id for page in recent if page.id not in begun]
    owned = dict(_owned(gathered(lambda page_id: claim_of(wiki, page_id, book, host), asked)))
    found = published_as([page for page in recent if page.id in owned], owned, wiki, book)
    for page in recent:
        if page.id in begun:
            entry = ManifestEntry(begun[page.id], page.id, page.version.number, page.title, None)
            found.setdefault(begun[page.id], (Published(entry, owned=False, recorded=False), page))
    return found


def _digest(page: Page, book: str) -> str | None:
    """Of what we published as the present version, as its message says."""
    return signature(page.version.message, book, page.version.number)


def _begun(pages: Iterable[Page], book: str, token: str) -> Iterator[tuple[str, str]]:
    for page in pages:
        ref = placeholder_ref(page.body or "", book, token)
        if ref is not None:
            yield page.id, ref


def _owned(claims: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((page_id, ref) for page_id, ref in claims.items() if ref is not None)


def published_as(
    pages: Sequence[Page], owned: Mapping[str, str], wiki: Wiki, book: str
) -> dict[str, tuple[Published, Page]]:
    """Return the pages as far as they tell themselves: a signed version is ours, a first body is unfinished.

    Anything else was edited since; version 0 says that ours is not known any more.
    """
    unsigned = [page.id for page in pages if not _digest(page, book)]
    bodies = wiki.pages(unsigned, body=True) if unsigned else {}
    found: dict[str, tuple[Published, Page]] = {}
    for page in sorted(pages, key=lambda each: int(each.id)):
        ref, digest = owned[page.id], _digest(page, book) or ""
        body = bodies[page.id].body if page.id in bodies else ""
        ours = digest or is_placeholder(body or "", book, ref)
        entry = ManifestEntry(ref, page.id, page.version.number if ours else 0, page.title, None, digest)
        found.setdefault(ref, (Published(entry, recorded=False), page))
    return found


def _since(page: Page, moment: int) -> bool:
    """Return whether a page was saved after a moment; where the wiki's date cannot be read it may have been."""
    try:
        saved = datetime.fromisoformat(page.version.created_at)
    except ValueError:
        return True
    return (saved if saved.tzinfo else saved.replace(tzinfo=UTC)).timestamp() >= moment


def _refuse_other_hosts(claimed: Iterable[tuple[Page, object]], book: str, host: str, space: Space) -> None:
    """A book of the same name elsewhere in the space is not taken over, and not published a second time either."""
    for page, value in claimed:
        other = str(value.get("host")) if isinstance(value, Mapping) else ""
        if other != host and owned_ref(value, book, other, page.id) is not None:
            raise UserError(
                f"the space {space.key} has a book named {book!r} below page {other} already: "
                f"set `parent: {other}`, or give this one another name with `book:`"
            )
