"""A plan carried out: lock, titles, new pages from the top down, changed pages, removals, manifest."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby

from generator.confluence.built import Built
from generator.confluence.sync import writes
from generator.confluence.sync.draft import places_of
from generator.confluence.sync.gather import AT_ONCE
from generator.confluence.sync.lock import LockLostError, LockOwner, ManifestWriter
from generator.confluence.sync.manifest import Manifest, read_claim
from generator.confluence.sync.order import arrange_pages
from generator.confluence.sync.page_writer import (
    ApplyContext,
    create,
    finish,
    pending_entry,
    refuse_changed,
    step_aside,
    write,
)
from generator.confluence.sync.values import (
    Action,
    Change,
    DetachedComment,
    Failure,
    Outcome,
    Plan,
    Result,
    failure_of,
)
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
    Wiki,
    WikiProblem,
)

_BATCH = 20
"""Pages that are read at once before they are written."""
_REFUSALS = 3
"""Different pages that the wiki refuses in a row before a run stops."""
_REFUSED = (NoPermission, NotFound, Refused)
_STOPPING = (Unauthorized, RateLimited, Unavailable)
"""Problems that the next page would have too."""

Progress = Callable[[int, int, str], None]
"""Called after each page with the number of finished pages, the number of all, and the title."""


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """Everything that applying needs beside the plan and the wiki."""

    owner: LockOwner
    png_of_svg: Callable[[str], bytes]
    sleep: Callable[[float], None]


def _ignore_progress(_done: int, _total: int, _title: str) -> None:
    """Show nothing."""


def apply(
    plan: Plan,
    wiki: Wiki,
    built: Built,
    environment: RunEnvironment,
    *,
    manifest: Manifest,
    progress: Progress = _ignore_progress,
) -> Result:
    """Apply a plan that was made from `manifest` a moment ago, or refuse it."""
    untouched = Result(Outcome.NOTHING, held=plan.conflicts, unconfirmed=plan.unconfirmed)
    if plan.refusals:
        return replace(untouched, outcome=Outcome.REFUSED, refusals=plan.refusals)
    if plan.empty:
        return untouched
    built = built.for_flavour(wiki.flavour)
    writer = ManifestWriter(wiki, manifest, environment.owner)
    pending = ((change.ref, pending_entry(change, writer.entry(change.ref))) for change in plan.changes)
    try:
        writer.take({ref: entry for ref, entry in pending if entry is not None})
    except LockLostError as lost:
        return Result(Outcome.REFUSED, refusals=(str(lost),))
    except WikiProblem as problem:
        return Result(Outcome.REFUSED, refusals=(_describe_missing_lock(plan, problem),))
    context = ApplyContext(
        wiki,
        plan,
        built,
        {entry.ref: entry for entry in built.entries},
        places_of(plan.titles, plan.space.key),
        {change.ref: change.page_id for change in plan.changes if change.page_id},
        writer,
        environment.png_of_svg,
        _AccountId(wiki).get,
    )
    limit = 1 if plan.settings.refused_pages == "stop" else _REFUSALS
    return _carry_out(context, _Tally(len(plan.changes), progress, limit=limit), environment.sleep)


class _AccountId:
    """The id of the account, asked for once and only if it is needed."""

    def __init__(self, wiki: Wiki) -> None:
        self._wiki = wiki
        self._lock = threading.Lock()
        self._id: str | None = None

    def get(self) -> str:
        with self._lock:
            if self._id is None:
                self._id = self._wiki.account().id
            return self._id


def _describe_missing_lock(plan: Plan, problem: WikiProblem) -> str:
    """Return why nothing could begin, with the fix if it is a matter of permission."""
    if isinstance(problem, NoPermission | NotFound):
        fix = "let this account edit it, or set `parent` to a page that it may edit"
        return f"the parent {plan.host} of the book cannot be written to ({problem}): {fix}"
    return f"the lock on the parent {plan.host} could not be taken: {problem}"


@dataclass
class _Tally:
    """What has happened so far; one for all threads."""

    total: int
    progress: Progress
    done: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    dangling: list[tuple[str, DetachedComment]] = field(default_factory=list)
    unsure: bool = False
    """Whether something may have been written that the manifest does not have."""
    refused: int = 0
    """Pages that were refused in a row."""
    limit: int = _REFUSALS
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def finished(self, change: Change, dangling: Iterable[DetachedComment] = ()) -> None:
        with self.lock:
            self.refused = 0
            self.done.append(change)
            self.dangling += [(change.title, remark) for remark in dangling]
            self.progress(len(self.done), self.total, change.title)

    def failed(self, change: Change, problem: WikiProblem) -> None:
        """Record a page that could not be written; stop the run if the next page would not be written either."""
        stopping = isinstance(problem, _STOPPING)
        with self.lock:
            if not self.stopped.is_set() or not stopping:
                self.failures.append(failure_of(change, problem))
            self.unsure = self.unsure or stopping or isinstance(problem, LostAnswer)
            self.refused = self.refused + 1 if isinstance(problem, _REFUSED) and problem.status is not None else 0
            # A page that cannot be created is a matter of the space: the next one decides.
            in_space = isinstance(problem, NoPermission) and problem.content_id is None
            if stopping or self.refused >= self.limit or (in_space and self.refused > 1):
                self.stopped.set()


def _carry_out(context: ApplyContext, tally: _Tally, sleep: Callable[[float], None]) -> Result:
    try:
        _apply_in_order(context, tally, sleep)
    except LockLostError:
        tally.unsure = True
    except BaseException:
        tally.unsure = True
        raise
    finally:
        _release(context, tally)
    return _summarize(context, tally)


def _release(context: ApplyContext, tally: _Tally) -> None:
    """Release the lock even if the run failed; if the wiki does not allow it, it expires."""
    try:
        context.manifest.release(finished=not tally.unsure)
    except LockLostError as lost:
        tally.failures.append(Failure("", "", "", str(lost)))
    except WikiProblem as problem:
        if not tally.failures:
            said = f"everything is written but the manifest, which the next run completes: {problem}"
            tally.failures.append(Failure("", "", "", said))


def _apply_in_order(context: ApplyContext, tally: _Tally, sleep: Callable[[float], None]) -> None:
    changes = context.plan.changes
    aside = [change for change in changes if change.aside]
    _each_after_look(context, aside, lambda change, page: step_aside(context, change, page), tally)
    for level in _by_depth(change for change in changes if change.creates):
        _create_level(context, level, tally)
    failed = {failure.ref for failure in tally.failures}
    changed = [change for change in changes if not (change.creates or change.forgets or change.ref in failed)]
    for level in _by_depth(changed):
        _each_after_look(
            context, level, lambda change, page: tally.finished(change, write(context, change, page)), tally
        )
    for change in changes:
        if change.forgets and Action.RECORD in change.actions:
            context.manifest.note(change.ref, None)
            tally.finished(change)
    if not tally.stopped.is_set():
        tally.failures += arrange_pages(context, {failure.ref for failure in tally.failures})
        _remove(context, tally, sleep)


def _by_depth(changes: Iterable[Change]) -> list[list[Change]]:
    """Return the changes by depth, from the top: what is below waits for what is above."""
    ordered = sorted(changes, key=lambda change: change.depth)
    return [list(level) for _, level in groupby(ordered, key=lambda change: change.depth)]


def _attempt(change: Change, work: Callable[[], object], tally: _Tally) -> None:
    """Do the work for a page unless the run has stopped; a problem with one page does not keep the others."""
    if tally.stopped.is_set():
        return
    try:
        work()
    except WikiProblem as problem:
        tally.failed(change, problem)
    except BaseException:
        tally.stopped.set()  # what waits in the pool must not be written after an interruption
        raise


def _create_level(context: ApplyContext, level: Sequence[Change], tally: _Tally) -> None:
    """Create the pages of one depth: siblings one after the other in the site's order, everything else at once."""
    finishing: list[Future[None]] = []

    def finish_page(change: Change, page: Page) -> None:
        finish(context, change, page)
        tally.finished(change)

    def create_page(change: Change) -> None:
        page = create(context, change)
        if page is not None:
            finishing.append(pool.submit(_attempt, change, lambda: finish_page(change, page), tally))

    def create_siblings(siblings: Sequence[Change]) -> None:
        for change in siblings:
            _attempt(change, lambda change=change: create_page(change), tally)  # type: ignore[misc]

    by_parent: dict[str | None, list[Change]] = {}
    for change in level:
        by_parent.setdefault(change.parent, []).append(change)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(create_siblings, by_parent.values()))
        for future in finishing:
            future.result()


def _each_after_look(
    context: ApplyContext, changes: Sequence[Change], work: Callable[[Change, Page], object], tally: _Tally
) -> None:
    """Do the work for pages that are as the plan saw them, several at once.

    Each batch is read right before it is written: a page that was put into the trash since would come back without
    its text, and a comment that was made since would lose its place.
    """
    for start in range(0, len(changes), _BATCH):
        batch = changes[start : start + _BATCH]
        if tally.stopped.is_set():
            return
        try:
            pages = context.wiki.pages([change.page_id for change in batch], body=True)
        except WikiProblem as problem:
            tally.failed(batch[0], problem)
            continue

        def attempt(change: Change, pages: Mapping[str, Page] = pages) -> None:
            page = pages.get(change.page_id)
            _attempt(change, lambda: work(change, refuse_changed(context, change, page)), tally)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(attempt, batch))


def _remove(context: ApplyContext, tally: _Tally, sleep: Callable[[float], None]) -> None:
    """Remove pages, children before their parents; a page whose child stays is kept too."""
    leaving = sorted((change for change in context.plan.changes if change.removes), key=lambda change: -change.depth)
    if not leaving:
        return
    try:
        pages = context.wiki.pages([change.page_id for change in leaving])
    except WikiProblem as problem:
        tally.failed(leaving[0], problem)
        return
    going = {change.page_id for change in leaving}
    archived: list[Change] = []

    def remove(change: Change) -> None:
        page = pages.get(change.page_id)
        if page is not None and page.status is Status.CURRENT:
            _refuse_kept(context, change, page, going)
            if Action.ARCHIVE in change.actions:
                archived.append(change)
                return
            writes.trash_page(context.wiki, change.page_id)
        context.manifest.note(change.ref, None)
        tally.finished(change)

    for change in leaving:
        failures = len(tally.failures)
        _attempt(change, lambda change=change: remove(change), tally)  # type: ignore[misc]
        if len(tally.failures) > failures:
            going.discard(change.page_id)
    if archived:
        _attempt(archived[0], lambda: _archive(context, archived, tally, sleep), tally)


def _refuse_kept(context: ApplyContext, change: Change, page: Page, going: set[str]) -> None:
    """Raise a problem if a page must stay: it was saved, or got a child, since the plan was made."""
    refuse_changed(context, change, page)
    call = f"page {change.title!r}"
    claim = read_claim(context.wiki, change.page_id, context.book) if change.owned else None
    if change.owned and (claim is None or (claim.ref, claim.host) != (change.ref, context.plan.host)):
        said = "somebody took away the mark that makes it ours; remove the page by hand, or set `orphans: keep`"
        raise Refused(call, said)
    child = next((each for each in context.wiki.children(page.id) if each.id not in going), None)
    if child is not None:
        raise Refused(call, f"{child.title!r} stands below it; move that elsewhere, or settle that page first")


def _archive(context: ApplyContext, changes: Sequence[Change], tally: _Tally, sleep: Callable[[float], None]) -> None:
    after = writes.archive_pages(context.wiki, tuple(change.page_id for change in changes), sleep)
    for change in changes:
        page = after.get(change.page_id)
        if page is not None and page.status is Status.CURRENT:
            said = "the wiki did not archive it; try again later, or set `orphans: trash`"
            tally.failed(change, Refused(f"page {change.title!r}", said))
        else:
            context.manifest.note(change.ref, None)
            tally.finished(change)


def _summarize(context: ApplyContext, tally: _Tally) -> Result:
    order = {change.ref: number for number, change in enumerate(context.plan.changes)}
    done = tuple(sorted(tally.done, key=lambda change: order[change.ref]))
    failures = tuple(sorted(tally.failures, key=lambda failure: order.get(failure.ref, -1)))
    left = len(context.plan.changes) - len(done) - sum(failure.ref != "" for failure in failures)
    outcome = Outcome.DONE if not failures and not left else Outcome.INCOMPLETE
    return Result(
        outcome,
        done,
        failures,
        left=left,
        dangling=tuple(tally.dangling),
        held=context.plan.conflicts,
        unconfirmed=context.plan.unconfirmed,
    )
