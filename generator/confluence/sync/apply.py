"""A plan carried out: lock, titles, new pages from the top down, changed pages, removals, manifest."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import groupby

from msgspec.structs import replace

from generator.confluence.built import Built
from generator.confluence.rest import Wiki
from generator.confluence.rest.rate_limit import IN_FLIGHT
from generator.confluence.sync import writes
from generator.confluence.sync.lock import LockLostError, ManifestWriter, RunEnvironment
from generator.confluence.sync.manifest import Manifest, parse_claim
from generator.confluence.sync.order import arrange_pages
from generator.confluence.sync.page_writer import PageWriter, pending_entry
from generator.confluence.sync.values import Action, Change, DetachedComment, Failure, Outcome, Plan, Result
from generator.confluence.wiki import (
    LostAnswer,
    NoPermission,
    NotFound,
    Page,
    RateLimited,
    Refused,
    Status,
    Unauthorized,
    Unavailable,
    WikiProblem,
)
from generator.grouping import group_pairs

_BATCH = 20
"""Pages that are read at once before they are written."""
_REFUSALS = 3
"""Different pages that the wiki refuses in a row before a run stops."""
_REFUSED = (NoPermission, NotFound, Refused)
_STOPPING = (Unauthorized, RateLimited, Unavailable)
"""Problems that the next page would have too."""

Progress = Callable[[int, int], None]
"""Called after each page with the number of finished pages and the number of all."""


def apply(
    plan: Plan,
    wiki: Wiki,
    built: Built,
    environment: RunEnvironment,
    *,
    manifest: Manifest,
    progress: Progress = lambda _done, _total: None,
) -> Result:
    """Apply a plan that was made from `manifest` a moment ago, or refuse it."""
    untouched = Result(Outcome.NOTHING, held=plan.conflicts, unconfirmed=plan.unconfirmed)
    if plan.refusals:
        return replace(untouched, outcome=Outcome.REFUSED, refusals=plan.refusals)
    if plan.empty:
        return untouched
    lock = ManifestWriter(wiki, manifest, environment)
    pending = ((change.ref, pending_entry(change, lock.entries)) for change in plan.changes)
    try:
        lock.take({ref: entry for ref, entry in pending if entry is not None})
    except LockLostError as lost:
        return Result(Outcome.REFUSED, refusals=(str(lost),))
    except WikiProblem as problem:
        message = f"the lock on the parent {plan.host} could not be taken: {problem}"
        if isinstance(problem, NoPermission | NotFound):
            fix = "let this account edit it, or set `parent` to a page that it may edit"
            message = f"the parent {plan.host} of the book cannot be written to ({problem}): {fix}"
        return Result(Outcome.REFUSED, refusals=(message,))
    writer = PageWriter(wiki, plan, built, lock, environment.png_of_svg)
    return _PlanRun(writer, environment.sleep, progress).carry_out()


class _PlanRun:
    """The changes of a plan being written, and the results so far; shared by all threads."""

    def __init__(self, writer: PageWriter, sleep: Callable[[float], None], progress: Progress) -> None:
        self._writer, self._wiki, self._plan = writer, writer.wiki, writer.plan
        self._sleep, self._progress = sleep, progress
        self._done: list[Change] = []
        self._failures: list[Failure] = []
        self._dangling: list[tuple[str, DetachedComment]] = []
        self._is_unsure = False
        """Whether something may have been written that the manifest does not have."""
        self._refused_in_row = 0
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def carry_out(self) -> Result:
        """Write all changes, and release the lock even if that fails; a lock that stays expires."""
        try:
            self._write_changes()
        except BaseException as error:
            self._is_unsure = True
            if not isinstance(error, LockLostError):
                raise
        finally:
            try:
                self._writer.manifest.release(finished=not self._is_unsure)
            except LockLostError as lost:
                self._failures.append(Failure("", "", "", str(lost)))
            except WikiProblem as problem:
                if not self._failures:
                    message = f"everything is written but the manifest, which the next run completes: {problem}"
                    self._failures.append(Failure("", "", "", message))
        plan, failures = self._plan, self._failures
        order = {change.ref: number for number, change in enumerate(plan.changes)}
        left = len(plan.changes) - len(self._done) - sum(failure.ref != "" for failure in failures)
        return Result(
            Outcome.INCOMPLETE if failures or left else Outcome.DONE,
            tuple(sorted(self._done, key=lambda change: order[change.ref])),
            tuple(sorted(failures, key=lambda failure: order.get(failure.ref, -1))),
            left=left,
            dangling=tuple(self._dangling),
            held=plan.conflicts,
            unconfirmed=plan.unconfirmed,
        )

    def _write_changes(self) -> None:
        changes = self._plan.changes
        self._write_existing([change for change in changes if change.aside], self._writer.set_temporary_title)
        for level in _group_by_depth(change for change in changes if change.creates):
            self._create_level(level)
        failed = {failure.ref for failure in self._failures}
        changed = (change for change in changes if not (change.creates or change.forgets or change.ref in failed))
        for level in _group_by_depth(changed):
            self._write_existing(level, self._write)
        for change in changes:
            if change.forgets and Action.RECORD in change.actions:
                self._forget(change)
        if not self._stopped.is_set():
            self._failures += arrange_pages(self._writer, {failure.ref for failure in self._failures})
            self._remove_pages()

    def _write(self, change: Change, page: Page) -> None:
        self._finish(change, self._writer.write(change, page))

    def _forget(self, change: Change) -> None:
        self._writer.manifest.note(change.ref, None)
        self._finish(change)

    def _finish(self, change: Change, dangling: Iterable[DetachedComment] = ()) -> None:
        """Record a page that was written."""
        with self._lock:
            self._refused_in_row = 0
            self._done.append(change)
            self._dangling += [(change.title, remark) for remark in dangling]
            self._progress(len(self._done), len(self._plan.changes))

    def _fail(self, change: Change, problem: WikiProblem, url: str = "") -> None:
        """Record a page that could not be written; stop the run if the next page would not be written either."""
        is_stopping = isinstance(problem, _STOPPING)
        with self._lock:
            if not self._stopped.is_set() or not is_stopping:
                failure = Failure(change.ref, change.title, change.card, str(problem), change.url or url)
                self._failures.append(failure)
            self._is_unsure = self._is_unsure or is_stopping or isinstance(problem, LostAnswer)
            is_refused = isinstance(problem, _REFUSED) and problem.status is not None
            self._refused_in_row = self._refused_in_row + 1 if is_refused else 0
            limit = 1 if self._plan.settings.refused_pages == "stop" else _REFUSALS
            if isinstance(problem, NoPermission) and problem.content_id is None:
                # A page that cannot be created is a matter of the space: the next one decides.
                limit = min(limit, 2)
            if is_stopping or self._refused_in_row >= limit:
                self._stopped.set()

    def _attempt(self, change: Change, work: Callable[[], object], url: str = "") -> bool:
        """Do the work for a page unless the run has stopped, and return whether it was done.

        A problem with one page does not keep the others.
        """
        if self._stopped.is_set():
            return False
        try:
            work()
        except WikiProblem as problem:
            self._fail(change, problem, url)
            return False
        except BaseException:
            self._stopped.set()  # what waits in the pool must not be written after an interruption
            raise
        return True

    def _create_level(self, level: Sequence[Change]) -> None:
        """Create the pages of one depth: siblings one after the other in the site's order, everything else at once."""
        writing: list[Future[bool]] = []

        def create(change: Change) -> None:
            page = self._writer.create(change)
            if page is not None:
                writing.append(pool.submit(self._attempt, change, partial(self._write, change, page), page.url))

        def create_siblings(siblings: Sequence[Change]) -> None:
            for change in siblings:
                self._attempt(change, partial(create, change))

        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            list(pool.map(create_siblings, group_pairs((change.parent, change) for change in level).values()))
            for future in writing:
                future.result()

    def _write_existing(self, changes: Sequence[Change], work: Callable[[Change, Page], object]) -> None:
        """Do the work for pages that are as the plan saw them, several at once.

        Each batch is read right before it is written: a page that was put into the trash since would come back without
        its text, and a comment that was made since would lose its place.
        """
        for start in range(0, len(changes), _BATCH):
            batch = changes[start : start + _BATCH]
            if self._stopped.is_set():
                return
            try:
                pages = self._wiki.pages([change.page_id for change in batch], body=True)
            except WikiProblem as problem:
                self._fail(batch[0], problem)
                continue

            def attempt(change: Change, pages: Mapping[str, Page] = pages) -> None:
                page = pages.get(change.page_id)
                self._attempt(change, lambda: work(change, self._writer.refuse_changed(change, page)))

            with ThreadPoolExecutor(IN_FLIGHT) as pool:
                list(pool.map(attempt, batch))

    def _remove_pages(self) -> None:
        """Remove pages, children before their parents; a page whose child stays is kept too."""
        failed = {failure.ref for failure in self._failures}  # a page that could not step aside
        removed = (change for change in self._plan.changes if change.removes and change.ref not in failed)
        leaving = sorted(removed, key=lambda change: -change.depth)
        if not leaving:
            return
        try:
            pages = self._wiki.pages([change.page_id for change in leaving])
        except WikiProblem as problem:
            self._fail(leaving[0], problem)
            return
        going = {change.page_id for change in leaving}
        archived: list[Change] = []

        def remove(change: Change) -> None:
            page = pages.get(change.page_id)
            if page is not None and page.status is Status.CURRENT:
                self._refuse_kept(change, page, going)
                if Action.ARCHIVE in change.actions:
                    archived.append(change)
                    return
                writes.trash_page(self._wiki, change.page_id)
            self._forget(change)

        for change in leaving:
            if not self._attempt(change, partial(remove, change)):
                going.discard(change.page_id)
        for start in range(0, len(archived), writes.ARCHIVE_LIMIT):
            part = archived[start : start + writes.ARCHIVE_LIMIT]
            self._attempt(part[0], partial(self._archive_pages, part))

    def _archive_pages(self, changes: Sequence[Change]) -> None:
        """Archive pages, children before their parents, in one request if the wiki takes them so."""
        try:
            after = writes.archive_pages(self._wiki, tuple(change.page_id for change in changes), self._sleep)
        except _REFUSED as problem:
            if len(changes) == 1:
                message = f"{problem.message}; set `orphans: trash` if this Confluence cannot archive pages"
                raise type(problem)(problem.call, message, problem.status, changes[0].page_id) from problem
            # Only the premium edition takes several pages: v1 document, POST content/archive, 400. One that this
            # account may not archive keeps no others but those above it.
            kept = set[str | None]()
            for change in changes:
                if change.ref in kept and not self._stopped.is_set():
                    self._fail(change, Refused(f"page {change.title!r}", "a page below it could not be archived"))
                elif self._attempt(change, partial(self._archive_pages, [change])):
                    continue
                kept.add(change.parent)
            return
        for change in changes:
            page = after.get(change.page_id)
            if page is not None and page.status is Status.CURRENT:
                message = "the wiki did not archive it; try again later, or set `orphans: trash`"
                self._fail(change, Refused(f"page {change.title!r}", message))
            else:
                self._forget(change)

    def _refuse_kept(self, change: Change, page: Page, going: set[str]) -> None:
        """Raise a problem if a page must stay: it was saved, or got a child, since the plan was made."""
        self._writer.refuse_changed(change, page)
        call, book = f"page {change.title!r}", self._plan.settings.book
        claim = parse_claim(self._wiki.properties(change.page_id), book, change.page_id) if change.owned else None
        # A killed run can leave the former reference of a renamed card in the property.
        is_ours = claim is not None and claim.host == self._plan.host and claim.ref not in self._plan.titles
        if change.owned and not is_ours:
            message = "a user removed its ownership property; remove the page by hand, or set `orphans: keep`"
            raise Refused(call, message)
        child = next((each for each in self._wiki.children(page.id) if each.id not in going), None)
        if child is not None:
            raise Refused(call, f"{child.title!r} is below it: move that page elsewhere, or resolve its conflict")


def _group_by_depth(changes: Iterable[Change]) -> list[list[Change]]:
    """Return the changes by depth, from the top: a page waits for its parent."""
    ordered = sorted(changes, key=lambda change: change.depth)
    return [list(level) for _, level in groupby(ordered, key=lambda change: change.depth)]
