"""Reading the wiki: what every plan begins with, and the details that only some pages need."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from generator.confluence.built import PageEntry
from generator.confluence.settings import PublishSettings
from generator.confluence.sync.gather import gathered
from generator.confluence.sync.lock import is_abandoned
from generator.confluence.sync.manifest import UNFINISHED, Claim, Manifest, Run, read_claim, read_manifest
from generator.confluence.sync.recovery import (
    TextOf,
    accept_claims,
    accept_creations,
    accept_pending,
    find_claims,
    refuse_other_hosts,
)
from generator.confluence.sync.states import DetailQueries, PageDetails, Published, Snapshot
from generator.confluence.sync.titles import TitleHolder, fold_title, list_candidates, list_new_titles
from generator.confluence.wiki import (
    NoPermission,
    NotFound,
    NotOffered,
    Page,
    ParentKind,
    Space,
    Status,
    Wiki,
)
from generator.errors import UserError


def fetch_details(wiki: Wiki, questions: DetailQueries, known: PageDetails) -> PageDetails:
    """Return the answers to all questions; nothing is asked that no question needs, or that is known already."""
    return known.joined(_answers(wiki, questions.beyond(known)))


def _answers(wiki: Wiki, questions: DetailQueries) -> PageDetails:
    return PageDetails(
        bodies=_bodies(wiki, questions.bodies),
        versions={page_id: body for (page_id, _), body in _versions(wiki, questions.versions).items()},
        labels=gathered(wiki.labels, questions.labels),
        files=gathered(wiki.attachments, questions.files),
        children=gathered(wiki.children, questions.children),
        comments=gathered(wiki.inline_comments, questions.comments),
        names=names_of(wiki, questions.accounts),
    )


def _bodies(wiki: Wiki, page_ids: tuple[str, ...]) -> dict[str, str]:
    if len(page_ids) == 1:
        return {page_ids[0]: wiki.page(page_ids[0], body=True).body or ""}
    found = wiki.pages(page_ids, body=True) if page_ids else {}
    return {page_id: page.body or "" for page_id, page in found.items()}


def names_of(wiki: Wiki, accounts: Iterable[str]) -> dict[str, str]:
    """Return the display names of accounts; one that is gone keeps its id."""

    def name(account_id: str) -> str:
        try:
            return wiki.account_name(account_id)
        except (NotFound, NoPermission):
            return account_id

    return gathered(name, accounts)


def _versions(wiki: Wiki, asked: tuple[tuple[str, int], ...]) -> dict[tuple[str, int], str | None]:
    def stored(version: tuple[str, int]) -> str | None:
        try:
            return wiki.page(version[0], body=True, version=version[1]).body
        except NotFound:
            return None

    return gathered(stored, asked)


_UNSEEN = "there is no page or folder {host} that this account can see: correct `parent`, or let the account view it"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait for another run to end."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    patience: float = 0
    """Seconds at most; 0 reports another run at once."""


def read_snapshot(wiki: Wiki, settings: PublishSettings, waiting: Waiting) -> Snapshot:
    """Read the space, the manifest and the managed pages; raise UserError if the configuration is wrong."""
    try:
        space = wiki.space(settings.space)
    except NotFound as error:
        raise UserError(
            f"there is no space {settings.space!r} that this account can see: "
            "correct `space`, or let the account view it"
        ) from error
    host = settings.parent or space.homepage_id
    if host is None:
        raise UserError(f"the space {space.key} has no home page: set `parent` to the id of the page to publish under")
    manifest, busy = _read_manifest(wiki, host, settings.book, waiting)
    snapshot = Snapshot(wiki.flavour, space, host, manifest, {}, {}, busy)
    if manifest.kind is ParentKind.FOLDER and not manifest.intact:
        _refuse_other_space(wiki.parent(host).space_id, host, space)
    if not manifest.intact and host == space.homepage_id:
        listing = tuple(wiki.pages_in_space(space))
        home = next((page for page in listing if page.id == host), None) or wiki.pages([host]).get(host)
        _refuse_page(home, host, space)
        return replace(snapshot, listing=listing)
    entries = manifest.entries
    asked = [host] if manifest.kind is ParentKind.PAGE else []
    pages = dict(wiki.pages([*asked, *(entry.page_id for entry in entries.values())]))
    if asked:
        _refuse_page(pages.pop(host, None), host, space)
    published = {
        ref: Published(entry, owned=entry.owned, recorded=entry.digest != UNFINISHED) for ref, entry in entries.items()
    }
    published |= accept_pending(wiki, entries, pages)
    return replace(snapshot, published=published, pages=pages)


def _read_manifest(wiki: Wiki, host: str, book: str, waiting: Waiting) -> tuple[Manifest, Run | None]:
    """Read the manifest and who holds the lock; a run whose process on this machine has ended holds nothing."""
    given_up = waiting.now() + waiting.patience
    while True:
        manifest = _read_properties(wiki, host, book)
        run = manifest.run
        if run is None or run.until <= waiting.now() or is_abandoned(run):
            return manifest, None
        if waiting.now() >= given_up:
            return manifest, run
        waiting.sleep(min(10.0, max(1.0, run.until - waiting.now())))


def _read_properties(wiki: Wiki, host: str, book: str) -> Manifest:
    try:
        return read_manifest(wiki.properties(host), book, host)
    except NotFound as error:
        try:
            stored = wiki.properties(host, kind=ParentKind.FOLDER)
        except (NotFound, NotOffered):
            raise UserError(_UNSEEN.format(host=host)) from error
        return read_manifest(stored, book, host, ParentKind.FOLDER)


def _refuse_page(page: Page | None, host: str, space: Space) -> None:
    """Raise UserError if nothing can be published below a page."""
    if page is None:
        raise UserError(_UNSEEN.format(host=host))
    if page.status is not Status.CURRENT:
        where = "in the trash" if page.status is Status.TRASHED else page.status.value
        raise UserError(
            f"the page {host} ({page.title!r}), which the book hangs under, is {where}: "
            "restore it in Confluence, or set `parent` to another page"
        )
    _refuse_other_space(page.space_id, host, space)


def _refuse_other_space(space_id: str, host: str, space: Space) -> None:
    if space_id != space.id:
        raise UserError(
            f"the parent {host} is not in the space {space.key}: set `space` to the key of its space, "
            f"or `parent` to a page or folder of {space.key}"
        )


_A_LISTING_IS_CHEAPER = 4
"""Titles from which on the whole space is listed instead of asking for each."""


def settle_titles(
    wiki: Wiki, snapshot: Snapshot, entries: Collection[PageEntry], settings: PublishSettings, text_of: TextOf
) -> tuple[Snapshot, dict[str, TitleHolder]]:
    """Find the managed pages that the manifest does not have, and the holders of titles that pages would newly take.

    A page that was restored, or that a killed run created, is taken up again with its history and its comments. It
    costs one request for each page that is not in the manifest and has one of the titles.
    """
    book, host = settings.book, snapshot.host
    claims: dict[str, Claim | None] = {}

    def read(page_id: str) -> Claim | None:
        try:
            return read_claim(wiki, page_id, book)
        except (NotFound, NoPermission):
            return None

    if not snapshot.manifest.intact:
        snapshot = _search_parent(wiki, snapshot, entries, settings, claims, read, text_of)
    begun, named = snapshot.manifest.begun, {entry.ref: entry.title for entry in entries}
    titles = (
        *list_new_titles(named, snapshot.holding, settings),
        *(entry.title for entry in begun.values()),
    )
    known = {each.entry.page_id for each in snapshot.published.values()}
    found = [page for page in _list_titled(wiki, snapshot, titles) if page.id not in known]
    claims |= gathered(read, [page.id for page in found if page.id not in claims])
    refuse_other_hosts(() if snapshot.published else claims.values(), book, host, snapshot.space)
    ours = {page.id: each for page in found if (each := claims[page.id]) is not None and each.host == host}
    wanted = {
        fold_title(title): entry.ref
        for entry in entries
        for title in reversed(list_candidates(entry.ref, entry.title, settings))
    }
    wanted |= {fold_title(entry.title): ref for ref, entry in begun.items()}
    refs = {*wanted.values(), *begun}
    back: list[Page] = []
    unmarked: dict[str, Page] = {}
    for page in found:
        claim = claims[page.id]
        if page.status is not Status.CURRENT:
            continue
        if page.id in ours and ours[page.id].ref in refs and ours[page.id].ref not in snapshot.holding:
            back.append(page)
        elif (
            claim is None
            and fold_title(page.title) in wanted
            and wanted[fold_title(page.title)] not in snapshot.holding
        ):
            unmarked[wanted[fold_title(page.title)]] = page
    snapshot = snapshot.with_found(accept_claims(wiki, back, ours, text_of))
    snapshot = snapshot.with_found(accept_creations(wiki, unmarked, begun, text_of))
    known = {each.entry.page_id for each in snapshot.published.values()}
    holders = {
        fold_title(page.title): TitleHolder(page, ours[page.id].ref if page.id in ours else None)
        for page in found if page.id not in known
    }  # fmt: skip
    return snapshot, holders


def _search_parent(
    wiki: Wiki,
    snapshot: Snapshot,
    entries: Collection[PageEntry],
    settings: PublishSettings,
    claims: dict[str, Claim | None],
    read: Callable[[str], Claim | None],
    text_of: TextOf,
) -> Snapshot:
    """Return the snapshot with the managed pages below the parent of a book whose manifest is lost or not written yet.

    Only pages with a title of the book, and those around managed pages, are asked for their property.
    """
    parents: dict[str, str | None]
    if snapshot.listing is not None:
        titles = {page.id: page.title for page in snapshot.listing}
        parents = {page.id: page.parent_id for page in snapshot.listing}
    else:
        below = wiki.descendants(snapshot.host, kind=snapshot.manifest.kind)
        titles = {each.id: each.title for each in below if each.kind == ParentKind.PAGE}
        parents = {each.id: each.parent_id for each in below if each.kind == ParentKind.PAGE}
    wanted = {fold_title(title) for entry in entries for title in list_candidates(entry.ref, entry.title, settings)}
    asked = [page_id for page_id, title in titles.items() if fold_title(title) in wanted and page_id != snapshot.host]
    claims |= find_claims(parents, asked, read, snapshot.host)
    ours = {page_id: each for page_id, each in claims.items() if each is not None and each.host == snapshot.host}
    if not ours:
        return snapshot
    if snapshot.listing is not None:
        pages = [page for page in snapshot.listing if page.id in ours]
    else:
        pages = list(wiki.pages(ours).values())
    current = [page for page in pages if page.status is Status.CURRENT]
    return snapshot.with_found(accept_claims(wiki, current, ours, text_of))


def _list_titled(wiki: Wiki, snapshot: Snapshot, titles: Collection[str]) -> list[Page]:
    """Return the pages of the space that have one of the titles, in whatever way needs fewer requests."""
    if snapshot.listing is None and len(titles) <= _A_LISTING_IS_CHEAPER:
        answers = gathered(lambda title: wiki.page_titled(snapshot.space, title), titles)
        return [page for page in answers.values() if page is not None]
    asked = {fold_title(title) for title in titles}
    listing = snapshot.listing if snapshot.listing is not None else wiki.pages_in_space(snapshot.space)
    return [page for page in listing if fold_title(page.title) in asked]
