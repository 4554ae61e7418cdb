"""Several questions at once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.gather import gathered
from generator.confluence.sync.journal import Trace
from generator.confluence.sync.manifest import Manifest, ManifestEntry, Run, read_manifest
from generator.confluence.sync.marks import claim_of
from generator.confluence.sync.recovery import published_as, rebuilt, unlisted
from generator.confluence.sync.states import DetailQueries, PageDetails, Published, Snapshot
from generator.confluence.sync.titles import TitleHolder, same
from generator.confluence.wiki import NoPermission, NotFound, Page, Space, Status, Wiki
from generator.errors import UserError


def fetch_details(wiki: Wiki, questions: DetailQueries, known: PageDetails) -> PageDetails:
    """Return the answers to all questions; nothing is asked that no question needs, or that is known already."""
    return known.joined(_answers(wiki, questions.beyond(known)))


def _answers(wiki: Wiki, questions: DetailQueries) -> PageDetails:
    return PageDetails(
        bodies=_bodies(wiki, questions.bodies),
        versions={page_id: body for (page_id, _), body in _versions(wiki, questions.versions).items()},
        labels=gathered(wiki.labels, questions.details),
        files=gathered(wiki.attachments, questions.details),
        children=gathered(wiki.children, questions.children),
        names=names_of(wiki, questions.accounts),
    )


def _bodies(wiki: Wiki, page_ids: tuple[str, ...]) -> dict[str, str]:
    if len(page_ids) == 1:
        return {page_ids[0]: wiki.page(page_ids[0], body=True).body or ""}
    found = wiki.pages(page_ids, body=True) if page_ids else {}
    return {page_id: page.body or "" for page_id, page in found.items()}


def names_of(wiki: Wiki, accounts: Iterable[str]) -> dict[str, str]:
    """What people call the accounts; one that is gone keeps its id."""

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


_UNSEEN = "there is no page {host} that this account can see: correct `parent`, or let the account view it"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait for another run to end."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    patience: float = 0
    """Seconds at most; 0 tells at once who is publishing."""


def read_snapshot(wiki: Wiki, settings: PublishSettings, trace: Trace | None, waiting: Waiting) -> Snapshot:
    """Return the space, the manifest and our pages as they stand; UserError if the configuration leads nowhere."""
    space = _space(wiki, settings)
    host = settings.parent or space.homepage_id
    if host is None:
        raise UserError(f"the space {space.key} has no home page: set `parent` to the id of the page to publish under")
    manifest, busy = _manifest(wiki, host, settings.book, trace, waiting)
    if not manifest.intact:
        return _lost(wiki, Snapshot(wiki.flavour, space, host, manifest, {}, {}, busy), settings)
    entries = {**manifest.entries, **_traced(trace, manifest)}
    published = {ref: Published(entry, owned=entry.finished) for ref, entry in entries.items() if entry is not None}
    pages = dict(wiki.pages([host, *(each.entry.page_id for each in published.values())]))
    _refuse_removed(pages.pop(host, None), host)
    snapshot = Snapshot(wiki.flavour, space, host, manifest, published, pages, busy)
    return snapshot if manifest.run is None or busy else _interrupted(wiki, snapshot, manifest.run, settings)


def _space(wiki: Wiki, settings: PublishSettings) -> Space:
    try:
        return wiki.space(settings.space)
    except NotFound as error:
        raise UserError(
            f"there is no space {settings.space!r} that this account can see: "
            "correct `space`, or let the account view it"
        ) from error


def _manifest(wiki: Wiki, host: str, book: str, trace: Trace | None, waiting: Waiting) -> tuple[Manifest, Run | None]:
    """Return the manifest, and who holds it; a run whose journal lies open on this machine holds nothing any more."""
    given_up = waiting.now() + waiting.patience
    while True:
        manifest = _read(wiki, host, book)
        run = manifest.run
        if run is None or run.until <= waiting.now() or (trace is not None and trace.token == run.token):
            return manifest, None
        if waiting.now() >= given_up:
            return manifest, run
        waiting.sleep(min(10.0, max(1.0, run.until - waiting.now())))


def _read(wiki: Wiki, host: str, book: str) -> Manifest:
    try:
        return read_manifest(wiki.properties(host), book, host)
    except NotFound as error:
        raise UserError(_UNSEEN.format(host=host)) from error


def _refuse_removed(page: Page | None, host: str) -> None:
    """Nothing can be published below a page that is gone, and what stood below it is not where we left it."""
    if page is None:
        raise UserError(_UNSEEN.format(host=host))
    if page.status is not Status.CURRENT:
        where = "in the trash" if page.status is Status.TRASHED else page.status.value
        raise UserError(
            f"the page {host} ({page.title!r}), which the book hangs under, is {where}: "
            "restore it in Confluence, or set `parent` to another page"
        )


def _seen(wiki: Wiki, page_id: str) -> Page | None:
    try:
        return wiki.page(page_id)
    except NotFound:
        return None


def _traced(trace: Trace | None, manifest: Manifest) -> Mapping[str, ManifestEntry | None]:
    """What the journal adds: only where it was kept by the very run that the manifest misses."""
    known = trace is not None and manifest.run is not None and trace.token == manifest.run.token
    return trace.entries if trace is not None and known else {}


def _lost(wiki: Wiki, snapshot: Snapshot, settings: PublishSettings) -> Snapshot:
    """No manifest that can be believed: the pages tell. A space with no page but the host has none of ours."""
    listing = tuple(wiki.pages_in_space(snapshot.space))
    hosts = [page for page in listing if page.id == snapshot.host]
    _refuse_removed(hosts[0] if hosts else _seen(wiki, snapshot.host), snapshot.host)
    found = rebuilt(wiki, snapshot.space, settings.book, snapshot.host) if len(listing) > len(hosts) else {}
    rest = snapshot.with_found(found, listing)
    run = snapshot.manifest.run
    return rest if run is None or snapshot.busy else _interrupted(wiki, rest, run, settings)


def _interrupted(wiki: Wiki, snapshot: Snapshot, run: Run, settings: PublishSettings) -> Snapshot:
    listing = snapshot.listing if snapshot.listing is not None else tuple(wiki.pages_in_space(snapshot.space))
    known = frozenset(each.entry.page_id for each in snapshot.published.values())
    return snapshot.with_found(unlisted(wiki, listing, known, run, settings.book, snapshot.host), listing)


_A_LISTING_IS_CHEAPER = 4
"""Titles from which on the whole space is listed instead of asking for each."""


def disputed(
    wiki: Wiki, snapshot: Snapshot, titles: Collection[str], refs: Collection[str]
) -> tuple[Snapshot, dict[str, TitleHolder]]:
    """Return the snapshot with unlisted pages of ours that have one of the titles, and the holders of the others.

    A page that was removed and brought back, or that this account did not see for a while, carries our property
    still: where its card is there (`refs`) it is taken back, with its history and its comments. One request more
    for each page that is not listed and has one of the titles.
    """
    found = _found(wiki, snapshot, titles)
    claims = gathered(lambda page_id: _claim(wiki, page_id, snapshot), [page.id for page in found])
    holders = {same(page.title): TitleHolder(page, claims[page.id]) for page in found}
    back = dict(_returned(found, claims, refs, snapshot))
    if not back:
        return snapshot, holders
    pages = [page for page in found if page.id in back]
    taken = snapshot.with_found(published_as(pages, back, wiki, snapshot.manifest.book))
    ours = {each.entry.page_id for each in taken.published.values()}
    return taken, {title: each for title, each in holders.items() if each.page.id not in ours}


def _found(wiki: Wiki, snapshot: Snapshot, titles: Collection[str]) -> list[Page]:
    ours = {each.entry.page_id for each in snapshot.published.values()}
    return [page for page in _having(wiki, snapshot, titles) if page.id not in ours]


def _having(wiki: Wiki, snapshot: Snapshot, titles: Collection[str]) -> Iterable[Page]:
    if snapshot.listing is None and len(titles) <= _A_LISTING_IS_CHEAPER:
        answers = gathered(lambda title: wiki.page_titled(snapshot.space, title), titles)
        return [page for page in answers.values() if page is not None]
    listing = snapshot.listing if snapshot.listing is not None else wiki.pages_in_space(snapshot.space)
    asked = {same(title) for title in titles}
    return [page for page in listing if same(page.title) in asked]


def _claim(wiki: Wiki, page_id: str, snapshot: Snapshot) -> str | None:
    """Return the reference that the page carries for this book; what this account must not look into claims nothing."""
    try:
        return claim_of(wiki, page_id, snapshot.manifest.book, snapshot.host)
    except (NotFound, NoPermission):
        return None


def _returned(
    found: Iterable[Page], claims: Mapping[str, str | None], refs: Collection[str], snapshot: Snapshot
) -> Iterator[tuple[str, str]]:
    """Yield the pages that stand there while the ones that are listed for their references do not."""
    holding = snapshot.holding
    for page in found:
        ref = claims[page.id]
        if ref is not None and ref in refs and ref not in holding and page.status is Status.CURRENT:
            yield page.id, ref
