"""The few requests that every plan begins with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from generator.confluence.manifest.entry import ManifestEntry
from generator.confluence.manifest.journal import Trace
from generator.confluence.manifest.manifest import Manifest, Run, read_manifest
from generator.confluence.plan.seen import Ground, Published
from generator.confluence.settings import PublishSettings
from generator.confluence.survey.recovery import rebuilt, unlisted
from generator.confluence.wiki import NotFound, Page, Space, Status, Wiki
from generator.errors import UserError

_UNSEEN = "there is no page {host} that this account can see: correct `parent`, or let the account view it"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait for another run to end."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    patience: float = 0
    """Seconds at most; 0 tells at once who is publishing."""


def ground_of(wiki: Wiki, settings: PublishSettings, trace: Trace | None, waiting: Waiting) -> Ground:
    """Return the space, the manifest and our pages as they stand; UserError if the configuration leads nowhere."""
    space = _space(wiki, settings)
    host = settings.parent or space.homepage_id
    if host is None:
        raise UserError(f"the space {space.key} has no home page: set `parent` to the id of the page to publish under")
    manifest, busy = _manifest(wiki, host, settings.book, trace, waiting)
    if not manifest.intact:
        return _lost(wiki, Ground(wiki.flavour, space, host, manifest, {}, {}, busy), settings)
    entries = {**manifest.entries, **_traced(trace, manifest)}
    published = {ref: Published(entry, owned=entry.finished) for ref, entry in entries.items() if entry is not None}
    pages = dict(wiki.pages([host, *(each.entry.page_id for each in published.values())]))
    _refuse_removed(pages.pop(host, None), host)
    ground = Ground(wiki.flavour, space, host, manifest, published, pages, busy)
    return ground if manifest.run is None or busy else _interrupted(wiki, ground, manifest.run, settings)


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


def _lost(wiki: Wiki, ground: Ground, settings: PublishSettings) -> Ground:
    """No manifest that can be believed: the pages tell. A space with no page but the host has none of ours."""
    listing = tuple(wiki.pages_in_space(ground.space))
    hosts = [page for page in listing if page.id == ground.host]
    _refuse_removed(hosts[0] if hosts else _seen(wiki, ground.host), ground.host)
    found = rebuilt(wiki, ground.space, settings.book, ground.host) if len(listing) > len(hosts) else {}
    rest = ground.with_found(found, listing)
    run = ground.manifest.run
    return rest if run is None or ground.busy else _interrupted(wiki, rest, run, settings)


def _interrupted(wiki: Wiki, ground: Ground, run: Run, settings: PublishSettings) -> Ground:
    listing = ground.listing if ground.listing is not None else tuple(wiki.pages_in_space(ground.space))
    known = frozenset(each.entry.page_id for each in ground.published.values())
    return ground.with_found(unlisted(wiki, listing, known, run, settings.book, ground.host), listing)
