"""Pages whose cards are gone leave the tree, leaves first, as the plan saw them or not at all."""

from collections.abc import Callable, Iterable

from generator.confluence.apply import sure
from generator.confluence.apply.page import Bench
from generator.confluence.manifest.claims import claim_of
from generator.confluence.plan.result import Failure
from generator.confluence.plan.values import Action, Change
from generator.confluence.wiki import Page, Status


def removed(
    bench: Bench, changes: Iterable[Change], sleep: Callable[[float], None]
) -> tuple[list[Change], list[Failure]]:
    """Removes the pages; gives those that are gone, and why the others are not."""
    leaving = sorted((change for change in changes if change.removes), key=lambda change: -change.depth)
    if not leaving:
        return [], []
    there = bench.wiki.pages([change.page_id for change in leaving])
    going = {change.page_id for change in leaving}
    reasons = {change.ref: _changed(bench, change, there.get(change.page_id), going) for change in leaving}
    failures = [
        Failure(change.ref, change.title, change.card, why) for change in leaving if (why := reasons[change.ref])
    ]
    good = [change for change in leaving if not reasons[change.ref]]
    _archive(bench, [change for change in good if Action.ARCHIVE in change.actions], there, failures, sleep)
    for change in good:
        if Action.TRASH in change.actions and _stands(there.get(change.page_id)):
            sure.trashed(bench.wiki, change.page_id)
    failed = {failure.ref for failure in failures}
    done = [change for change in good if change.ref not in failed]
    for change in done:
        bench.register.note(change.ref, None)
    return done, failures


def _stands(page: Page | None) -> bool:
    return page is not None and page.status is Status.CURRENT


def _changed(bench: Bench, change: Change, page: Page | None, going: set[str]) -> str:
    """Return why a page must stay: somebody saved it, or put a page below it, since the plan was made."""
    if page is None or page.status is not Status.CURRENT:
        return ""
    entry = bench.register.entry(change.ref)
    version = entry.version if change.aside and entry is not None else change.version
    if page.version.number != version:
        return f"somebody saved version {page.version.number} since the plan was made; make it again"
    if claim_of(bench.wiki, change.page_id, bench.plan.settings.book, bench.plan.host) != change.ref:
        return "somebody took away the mark that makes it ours; remove the page by hand, or set `orphans: keep`"
    child = next((each for each in bench.wiki.children(page.id) if each.id not in going), None)
    return "" if child is None else f"{child.title!r} was put below it since the plan was made; make it again"


def _archive(
    bench: Bench,
    changes: list[Change],
    there: Iterable[str],
    failures: list[Failure],
    sleep: Callable[[float], None],
) -> None:
    known = set(there)
    page_ids = tuple(change.page_id for change in changes if change.page_id in known)
    if not page_ids:
        return
    after = sure.archived(bench.wiki, page_ids, sleep)
    for change in changes:
        if _stands(after.get(change.page_id)):
            said = "the wiki did not archive it; try again later, or set `orphans: trash`"
            failures.append(Failure(change.ref, change.title, change.card, said))
