"""Whether a plan that was made some time ago is still true: same wiki, same site."""

from collections.abc import Iterable, Iterator, Mapping

from generator.confluence.built import Built
from generator.confluence.sync.draft import draft_of, places_of
from generator.confluence.sync.manifest import Manifest, read_manifest
from generator.confluence.sync.markers import markers_of
from generator.confluence.sync.marks import claim_of
from generator.confluence.sync.values import Change, Plan
from generator.confluence.wiki import Page, Status, Wiki

_AGAIN = "make the plan again"


def untrue(plan: Plan, wiki: Wiki, built: Built) -> tuple[str, ...]:
    """What has changed since the plan was made; empty if nothing has."""
    return (*_of_site(plan, built), *_of_wiki(plan, wiki))


def _of_site(plan: Plan, built: Built) -> Iterator[str]:
    pages = {entry.ref: entry for entry in built.entries}
    if pages.keys() != plan.titles.keys():
        yield f"the site has other pages than when the plan was made: {_AGAIN}"
        return
    places = places_of(plan.titles, plan.space.key)
    for change in plan.changes:
        if change.digest and draft_of(built.wanted(pages[change.ref]), places, plan.settings).digest != change.digest:
            yield f"{change.title!r} was built anew since the plan was made: {_AGAIN}"


def _of_wiki(plan: Plan, wiki: Wiki) -> Iterator[str]:
    manifest = read_manifest(wiki.properties(plan.host), plan.settings.book, plan.host)
    if (0 if manifest.head is None else manifest.head.version) != plan.head_version:
        yield f"the book was published since the plan was made: {_AGAIN}"
        return
    touched = [change for change in plan.changes if change.page_id]
    strange = next((change for change in touched if not _is_ours(change, manifest, plan, wiki)), None)
    if strange is not None:
        yield f"the page {strange.page_id} is not ours, the plan was not made by this program: {_AGAIN}"
        return
    pages = {**_pages(wiki, touched, body=False), **_pages(wiki, touched, body=True)}
    for change in touched:
        yield from _of_page(change, pages.get(change.page_id))


def _is_ours(change: Change, manifest: Manifest, plan: Plan, wiki: Wiki) -> bool:
    """Return whether the manifest has the page, or, where it does not, the page itself says so."""
    entry = manifest.entries.get(change.ref)
    is_known = entry is not None and entry.page_id == change.page_id
    return is_known or claim_of(wiki, change.page_id, plan.settings.book, plan.host) == change.ref


def _pages(wiki: Wiki, changes: Iterable[Change], *, body: bool) -> Mapping[str, Page]:
    """Return the pages whose text is replaced with their bodies, the others without."""
    wanted = [change.page_id for change in changes if change.saves is body]
    return wiki.pages(wanted, body=body) if wanted else {}


def _of_page(change: Change, page: Page | None) -> Iterator[str]:
    """A page that was gone when the plan was made has no version there."""
    title = change.old_title or change.title
    if page is None or page.status is not Status.CURRENT:
        if change.version:
            yield f"{title!r} is not there any more: {_AGAIN}"
    elif page.version.number != change.version:
        who = page.version.author.name or page.version.author.id
        yield f"{page.title!r} was saved by {who} at {page.version.created_at}: {_AGAIN}"
    elif not change.removes and (page.parent_id or "") != change.parent_id:
        yield f"{page.title!r} was moved since the plan was made: {_AGAIN}"
    elif change.saves and {each.ref for each in markers_of(page.body or "")} != _comments(change):
        yield f"somebody commented on {page.title!r} since the plan was made: {_AGAIN}"


def _comments(change: Change) -> set[str]:
    return {*(each.ref for each in change.markers), *(each.marker for each in change.remarks)}
