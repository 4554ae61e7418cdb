"""Whether a plan that was made some time ago is still true: same wiki, same site."""

from collections.abc import Iterator

from generator.confluence.built import Built
from generator.confluence.manifest.manifest import read_manifest
from generator.confluence.plan.draft import draft_of, places_of
from generator.confluence.plan.values import Change, Plan
from generator.confluence.wiki import Page, Status, Wiki

_AGAIN = "make the plan again"


def untrue(plan: Plan, wiki: Wiki, built: Built) -> tuple[str, ...]:
    """What has changed since the plan was made; empty where nothing has."""
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
    head = read_manifest(wiki.properties(plan.host), plan.settings.book, plan.host).head
    if (0 if head is None else head.version) != plan.head_version:
        yield f"the book was published since the plan was made: {_AGAIN}"
        return
    touched = [change for change in plan.changes if change.page_id]
    pages = wiki.pages([change.page_id for change in touched]) if touched else {}
    for change in touched:
        yield from _of_page(change, pages.get(change.page_id))


def _of_page(change: Change, page: Page | None) -> Iterator[str]:
    """A page that was gone when the plan was made has no version there."""
    if page is None or page.status is not Status.CURRENT:
        if change.version:
            yield f"{change.old_title or change.title!r} is not there any more: {_AGAIN}"
    elif page.version.number != change.version:
        who = page.version.author.name or page.version.author.id
        yield f"{page.title!r} was saved by {who} at {page.version.created_at}: {_AGAIN}"
