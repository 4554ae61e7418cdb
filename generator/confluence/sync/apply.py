"""A plan carried out: lock, titles, new pages from the top down, texts, removals, manifest."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from generator.confluence.built import Built
from generator.confluence.sync import writes as sure
from generator.confluence.sync.draft import places_of
from generator.confluence.sync.journal import Journal
from generator.confluence.sync.lock import LockOwner, Overtaken, Register
from generator.confluence.sync.manifest import Manifest, read_manifest
from generator.confluence.sync.marks import claim_of
from generator.confluence.sync.page_writer import Bench, create, step_aside, write
from generator.confluence.sync.truth import untrue
from generator.confluence.sync.values import (
    NO_CONSENT,
    Action,
    Change,
    Consent,
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
    Status,
    Unauthorized,
    Unavailable,
    Wiki,
    WikiProblem,
)

AT_ONCE = 4
_FRESH = 10
"""Seconds for which the comments that the plan saw are taken for all there are."""
_HOPELESS = (Unauthorized, NoPermission, RateLimited, Unavailable)
"""Answers after which the next page would fare no better."""

Progress = Callable[[int, int, str], None]
"""Told after each page: how many are done, of how many, and the title."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What applying takes beside the plan and the wiki."""

    owner: str
    """Who publishes, in words that others understand: the lock shows it."""
    token: str
    """Something that no other run has: new pages carry it until they are written."""
    journal: Journal
    png_of_svg: Callable[[str], bytes]
    now: Callable[[], float]
    """Seconds since 1970."""
    sleep: Callable[[float], None]


def _unheard(_done: int, _total: int, _title: str) -> None:
    """Nobody watches."""


def apply(
    plan: Plan,
    wiki: Wiki,
    built: Built,
    tools: Tools,
    *,
    manifest: Manifest | None = None,
    consent: Consent = NO_CONSENT,
    progress: Progress = _unheard,
) -> Result:
    """Does exactly what the plan says, or refuses.

    `manifest` is what the plan was made from a moment ago; without it, as for a plan from a file, the wiki is first
    held against the plan, and any difference refuses it.
    """
    refusals = plan.refusals(consent)
    if refusals:
        return Result(Outcome.REFUSED, refusals=refusals)
    if plan.empty:
        return Result(Outcome.NOTHING)
    built = built.for_flavour(wiki.flavour)
    if manifest is None:
        differences = untrue(plan, wiki, built)
        if differences:
            return Result(Outcome.REFUSED, refusals=differences)
        manifest = read_manifest(wiki.properties(plan.host), plan.settings.book, plan.host)
    started = tools.now()
    register = Register(wiki, plan.host, manifest, tools.journal, LockOwner(tools.owner, tools.token, tools.now))
    try:
        register.take(quietly=_is_one_save(plan, manifest))
    except Overtaken as overtaken:
        return Result(Outcome.REFUSED, refusals=(str(overtaken),))
    except WikiProblem as problem:
        return Result(Outcome.REFUSED, refusals=(_without_lock(plan, problem),))
    places = places_of(plan.titles, plan.space.key)
    pages = {entry.ref: entry for entry in built.entries}
    page_ids = {change.ref: change.page_id for change in plan.changes if change.page_id}

    def is_stale() -> bool:
        return tools.now() - started > _FRESH

    bench = Bench(wiki, plan, built, pages, places, page_ids, register, tools.png_of_svg, is_stale)
    return _carried_out(bench, _Tally(len(plan.changes), progress), tools)


def _is_one_save(plan: Plan, manifest: Manifest) -> bool:
    """Return whether all there is to do is one page that stands already: its own version keeps two runs apart."""
    if len(plan.changes) != 1 or manifest.run is not None:
        return False
    [change] = plan.changes
    return not (change.creates or change.forgets or change.aside)


def _without_lock(plan: Plan, problem: WikiProblem) -> str:
    """Return why nothing could begin, and what to do where it is a matter of permission."""
    if isinstance(problem, NoPermission | NotFound):
        fix = "let this account edit it, or set `parent` to a page that it may edit"
        return f"the page {plan.host}, which the book hangs under, cannot be written to ({problem}): {fix}"
    return f"the lock on the page {plan.host} could not be taken: {problem}"


@dataclass
class _Tally:
    """What has happened so far; one for all threads."""

    total: int
    progress: Progress
    done: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    """References of the pages that are there now and were not before."""
    dangling: list[tuple[str, DetachedComment]] = field(default_factory=list)
    unsure: bool = False
    """Whether something may have been written that nobody knows of."""
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def finished(self, change: Change, dangling: Iterable[DetachedComment] = ()) -> None:
        with self.lock:
            self.done.append(change)
            self.dangling += [(change.title, remark) for remark in dangling]
            self.progress(len(self.done), self.total, change.title)

    def failed(self, failure: Failure, *, hopeless: bool, unsure: bool) -> None:
        with self.lock:
            if not self.stopped.is_set() or not hopeless:
                self.failures.append(failure)
            self.unsure = self.unsure or unsure or hopeless
            if hopeless:
                self.stopped.set()


def _carried_out(bench: Bench, tally: _Tally, tools: Tools) -> Result:
    try:
        _in_order(bench, tally, tools)
    except Overtaken:
        tally.stopped.set()
    finally:
        _release(bench, tally)
    return _result(bench, tally)


def _release(bench: Bench, tally: _Tally) -> None:
    """The lock goes even when the run failed; where the wiki does not let it, it runs out by itself."""
    try:
        bench.register.release(finished=not tally.unsure and not tally.stopped.is_set())
    except Overtaken as overtaken:
        tally.failures.append(Failure("", "", "", str(overtaken)))
    except WikiProblem as problem:
        if not tally.failures:
            said = f"everything is written but the manifest, which the next run completes: {problem}"
            tally.failures.append(Failure("", "", "", said))


def _in_order(bench: Bench, tally: _Tally, tools: Tools) -> None:
    changes = bench.plan.changes
    staying = [change for change in changes if not change.forgets]
    _each([change for change in changes if change.aside], lambda change: step_aside(bench, change), tally)
    for level in _levels([change for change in changes if change.creates]):
        _each(level, lambda change: _create(bench, change, tally), tally)
    for level in _levels([change for change in staying if not change.creates or change.ref in tally.created]):
        _each(level, lambda change: _write(bench, change, tally), tally)
    if not tally.failures:
        _remove(bench, tally, tools)


def _create(bench: Bench, change: Change, tally: _Tally) -> None:
    if create(bench, change) is not None:
        tally.created.add(change.ref)


def _levels(changes: Iterable[Change]) -> list[list[Change]]:
    """Return the changes by depth, from the top: what is below waits for what is above."""
    ordered = sorted(changes, key=lambda change: change.depth)
    return [list(level) for _, level in groupby(ordered, key=lambda change: change.depth)]


def _each(changes: Sequence[Change], work: Callable[[Change], object], tally: _Tally) -> None:
    """Does the work for all of them, several at once; one that fails does not keep the others."""

    def guarded(change: Change) -> None:
        if tally.stopped.is_set():
            return
        try:
            work(change)
        except WikiProblem as problem:
            hopeless, unsure = isinstance(problem, _HOPELESS), isinstance(problem, LostAnswer)
            tally.failed(failure_of(change, problem), hopeless=hopeless, unsure=unsure)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            list(pool.map(guarded, changes))
        except BaseException:
            tally.stopped.set()  # what waits in the pool must not be written after an interruption
            raise


def _write(bench: Bench, change: Change, tally: _Tally) -> None:
    if any(failure.ref == change.ref for failure in tally.failures):
        return
    tally.finished(change, write(bench, change))


def _remove(bench: Bench, tally: _Tally, tools: Tools) -> None:
    for change in bench.plan.changes:
        if change.forgets and Action.RECORD in change.actions:
            bench.register.note(change.ref, None)
            tally.finished(change)
    try:
        done, failures = removed(bench, bench.plan.changes, tools.sleep)
    except WikiProblem as problem:
        leaving = next(change for change in bench.plan.changes if change.removes)
        tally.failed(failure_of(leaving, problem), hopeless=isinstance(problem, _HOPELESS), unsure=True)
        return
    tally.failures += failures
    for change in done:
        tally.finished(change)


def _result(bench: Bench, tally: _Tally) -> Result:
    order = {change.ref: number for number, change in enumerate(bench.plan.changes)}
    done = tuple(sorted(tally.done, key=lambda change: order[change.ref]))
    failures = tuple(sorted(tally.failures, key=lambda failure: order.get(failure.ref, -1)))
    left = len(bench.plan.changes) - len(done) - sum(failure.ref != "" for failure in failures)
    outcome = Outcome.DONE if not failures and not left else Outcome.INCOMPLETE
    return Result(outcome, done, failures, left=left, dangling=tuple(tally.dangling))


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
