"""A plan for a built site: the site is read and converted once, and the wiki asked for what the plan needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from msgspec import structs

from generator.confluence.built import Built, Wanted, find_broken_anchors
from generator.confluence.rest import Wiki
from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.draft import Draft, assign_titles, draft_of
from generator.confluence.sync.lock import is_abandoned
from generator.confluence.sync.manifest import UNFINISHED, Manifest, Run, read_manifest
from generator.confluence.sync.parallel import fetch_each
from generator.confluence.sync.planner import PlanInput, make_plan
from generator.confluence.sync.recovery import accept_pending, settle_titles
from generator.confluence.sync.states import PageDetails, Snapshot
from generator.confluence.sync.values import NO_CONSENT, Consent, Plan, PublishSettings
from generator.confluence.wiki import NoPermission, NotFound, NotOffered, Page, ParentKind, Space, Status
from generator.errors import UserError
from generator.findings import Severity
from generator.values import FrozenValue

_UNSEEN = "there is no page or folder {} that this account can see: correct `parent`, or let the account view it"


def read_details(wiki: Wiki, name: str, keys: tuple[Any, ...]) -> Mapping[Any, Any]:
    """Return what a plan needs of some pages, for a field of `PageDetails` by its name.

    What the wiki refuses is left out: a page can disappear during the plan, and does not hold up the others.
    """
    if name == "bodies" and len(keys) > 1:
        return {page_id: page.body or "" for page_id, page in wiki.pages(keys, body=True).items()}
    readers: dict[str, Callable[[Any], object]] = {
        "bodies": lambda page_id: wiki.page(page_id, body=True).body or "",
        "versions": lambda key: wiki.page(key[0], body=True, version=key[1]).body,
        "labels": wiki.labels,
        "files": wiki.attachments,
        "children": wiki.children,
        "comments": wiki.inline_comments,
        "names": wiki.account_name,
    }

    def read(key: Any) -> tuple[object, ...]:  # noqa: ANN401 - a key of the field
        try:
            return (readers[name](key),)
        except (NotFound, NoPermission):
            return ()

    return {key: found for key, answers in fetch_each(read, keys).items() for found in answers}


class Waiting(FrozenValue):
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
    snapshot = Snapshot(wiki.flavour, space, host, manifest, {}, {}, {}, busy)
    if not manifest.intact and host == space.homepage_id:
        listing = tuple(wiki.pages_in_space(space))
        home = next((page for page in listing if page.id == host), None) or wiki.pages([host]).get(host)
        _refuse_page(home, host, space)
        return replace(snapshot, listing=listing)
    entries = manifest.entries
    page_ids = [entry.page_id for entry in entries.values()]
    if manifest.kind is ParentKind.FOLDER:
        if not manifest.intact:
            _refuse_page(wiki.parent(host), host, space)
        pages = dict(wiki.pages(page_ids))
    else:
        pages = dict(wiki.pages([host, *page_ids]))
        _refuse_page(pages.pop(host, None), host, space)
    published = {ref: structs.replace(entry, recorded=entry.digest != UNFINISHED) for ref, entry in entries.items()}
    published |= accept_pending(wiki, entries, pages)
    return replace(snapshot, published=published, pages=pages)


def _read_manifest(wiki: Wiki, host: str, book: str, waiting: Waiting) -> tuple[Manifest, Run | None]:
    """Read the manifest and who holds the lock; a run whose process on this machine has ended holds nothing."""
    given_up, kind = waiting.now() + waiting.patience, ParentKind.PAGE
    while True:
        try:
            manifest = read_manifest(wiki.properties(host, kind=kind), book, host, kind)
        except (NotFound, NotOffered) as error:
            if kind is ParentKind.FOLDER:
                raise UserError(_UNSEEN.format(host)) from error
            kind = ParentKind.FOLDER
            continue
        run = manifest.run
        if run is None or run.until <= waiting.now() or is_abandoned(run):
            return manifest, None
        if waiting.now() >= given_up:
            return manifest, run
        waiting.sleep(min(10.0, max(1.0, run.until - waiting.now())))


def _refuse_page(page: Page | None, host: str, space: Space) -> None:
    """Raise UserError if nothing can be published below a page."""
    if page is None:
        raise UserError(_UNSEEN.format(host))
    if page.status is not Status.CURRENT:
        where = "in the trash" if page.status is Status.TRASHED else page.status.value
        raise UserError(
            f"the {page.kind} {host} ({page.title!r}), the parent of the book, is {where}: "
            "restore it in Confluence, or set `parent` to another page"
        )
    if page.space_id != space.id:
        raise UserError(
            f"the parent {host} is not in the space {space.key}: set `space` to the key of its space, "
            f"or `parent` to a page or folder of {space.key}"
        )


class Prepared(FrozenValue):
    """A plan, with the manifest that applying it would otherwise read again."""

    plan: Plan
    manifest: Manifest


def prepare(
    wiki: Wiki,
    built: Built,
    settings: PublishSettings,
    waiting: Waiting,
    *,
    consent: Consent = NO_CONSENT,
    severities: Mapping[str, Severity | None] | None = None,
    report: Callable[[int, int], object] = lambda _done, _total: None,
) -> Prepared:
    """Return the plan for a built site. `report` receives the number of pages that are read, and that of all pages.

    An unchanged book costs one request for the space, one for the manifest, and one for every `flavour.bulk` pages.
    """
    snapshot = replace(read_snapshot(wiki, settings, waiting), former_refs=built.former_refs).with_renamed()
    built = built.for_flavour(wiki.flavour)
    pages = {entry.ref: entry for entry in built.entries}
    named = pages | {old: pages[refs[0]] for old, refs in built.former_refs.items()}

    def render(ref: str, titles: Mapping[str, str]) -> str:
        return built.wanted(named[ref]).converted.storage.resolve(titles, snapshot.space.key)

    wanted = {entry.ref: entry.title for entry in built.entries}
    titles, _ = assign_titles(wanted, snapshot.holding, {}, (), settings)

    # A page is converted only if a page without a known version has to be recognized.
    found, holders = settle_titles(
        wiki,
        snapshot,
        built.entries,
        settings,
        lambda ref: text_digest(render(ref, titles)) if ref in named else None,
    )
    drafts: list[Draft] = []

    def convert_pages() -> Iterator[Wanted]:
        for page in built.all_wanted():
            drafts.append(draft_of(page, settings, wiki.flavour))
            report(len(drafts), len(built.entries))
            yield page

    broken = find_broken_anchors(convert_pages())
    given = PlanInput(
        snapshot=found,
        drafts=tuple(drafts),
        holders=holders,
        settings=settings,
        render=lambda draft, titles: render(draft.ref, titles),
        details=PageDetails(partial(read_details, wiki)),
        consent=consent,
        severities=severities,
        findings=broken,
    )
    plan = make_plan(given)
    return Prepared(plan, found.record_found())
