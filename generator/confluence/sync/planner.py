"""The plan of a publish: each page is changed, left as it is, or held."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.changes import (
    PlanContext,
    is_as_wanted,
    is_placed_otherwise,
    needs_version,
    plan_creation,
    plan_update,
)
from generator.confluence.sync.conflicts import (
    describe_overwrite,
    describe_trouble,
    get_policy,
    group_by_position,
    hold_for_comments,
    hold_for_errors,
    hold_page,
    list_troubles,
)
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.markers import name_comments
from generator.confluence.sync.removals import Removals, await_confirmation, plan_removals
from generator.confluence.sync.states import (
    DetailQueries,
    Fetch,
    Gone,
    Live,
    Missing,
    New,
    Orphan,
    PageDetails,
    PageState,
    Snapshot,
    compare_versions,
    depths_of,
    list_queries,
    match_pages,
)
from generator.confluence.sync.titles import (
    TitleHolder,
    Titles,
    assign_titles,
    fold_title,
    make_unused_title,
    title_findings,
)
from generator.confluence.sync.values import NO_CONSENT, Change, Conflict, Consent, Plan, Trouble, order_digest
from generator.confluence.wiki import Status
from generator.findings import Finding, Severity, apply_severities, sort_findings
from generator.grouping import group_pairs


@dataclass(frozen=True, slots=True)
class PlanInput:
    """The values that a plan is made from; details of pages are fetched when they are needed."""

    snapshot: Snapshot
    drafts: tuple[Draft, ...]
    """Parents before children, siblings in the order of the site."""
    holders: Mapping[str, TitleHolder]
    """Pages that are not ours, by their normalized titles, as far as a page of the book wants these."""
    settings: PublishSettings
    render: Callable[[Draft, Mapping[str, str]], str]
    fetch: Fetch
    consent: Consent = NO_CONSENT
    severities: Mapping[str, Severity | None] | None = None
    findings: tuple[Finding, ...] = ()
    """Findings about links between pages."""


@dataclass(frozen=True, slots=True)
class _Decisions:
    """The pages that change, those that are held, and the titles of all."""

    changes: Mapping[str, Change]
    held: Mapping[str, Conflict]
    removals: Removals
    titles: Titles
    findings: tuple[Finding, ...]
    """Findings about titles of other pages."""


def make_plan(given: PlanInput) -> Plan:
    """Return the plan. The same site, wiki and settings give the same plan, to the byte."""
    snapshot, severities = given.snapshot, dict(given.severities or {})
    matched = match_pages(snapshot, given.drafts)
    waits = await_confirmation(matched, snapshot, given.settings, given.consent)
    details = given.fetch(list_queries(matched, given.settings, removes=not waits), PageDetails())
    states = {state.ref: state for state in compare_versions(matched, details)}
    of_pages = (finding for draft in given.drafts for finding in draft.findings)
    findings = apply_severities((*of_pages, *given.findings), severities)
    held, overwritten = _find_conflicts(states, given, details, findings)
    decided = _decide(given, states, details, held)
    changes = {**decided.changes, **decided.removals.changes}
    for ref, conflict in overwritten.items():
        if ref in changes:
            note, diff = describe_overwrite(conflict, changes[ref]), changes[ref].diff or conflict.diff
            changes[ref] = replace(changes[ref], notes=(note,), diff=diff)
    changes = _set_aside(changes, states)
    conflicts = {**decided.removals.kept, **decided.held}
    return Plan(
        settings=given.settings,
        consent=given.consent,
        flavour=snapshot.flavour,
        space=snapshot.space,
        host=snapshot.host,
        head_version=0 if snapshot.manifest.head is None else snapshot.manifest.head.version,
        pages=len(given.drafts),
        owned=len(snapshot.published),
        changes=tuple(changes[ref] for ref in states if ref in changes),
        conflicts=tuple(conflicts[ref] for ref in states if ref in conflicts),
        unconfirmed=decided.removals.unconfirmed,
        findings=tuple(sort_findings((*findings, *apply_severities(decided.findings, severities)))),
        titles=dict(sorted(decided.titles.by_ref.items())),
        orders=_list_orders(given.drafts, states, changes, snapshot.manifest.orders),
        busy=snapshot.busy,
        interrupted=snapshot.manifest.run is not None and snapshot.busy is None,
    )


def _decide(
    given: PlanInput, states: Mapping[str, PageState], details: PageDetails, troubled: Mapping[str, Conflict]
) -> _Decisions:
    """Decide what becomes of each page, given the pages that are held for what users did to them.

    A page that is held can hold others: its missing children, and a page that wants its title. So the steps are
    repeated until no page is added to those that are held.
    """
    settings, held, findings = given.settings, dict(troubled), dict[str, Finding]()
    drafts, depths = {draft.ref: draft for draft in given.drafts}, depths_of(given.drafts)
    title_stops = get_policy(Trouble.TITLE, settings, given.consent) == "stop"
    comment_policy = get_policy(Trouble.COMMENTS, settings, given.consent)
    waits = await_confirmation(tuple(states.values()), given.snapshot, settings, given.consent)
    while True:
        _hold_missing_children(given.drafts, states, held)
        context = PlanContext(given.snapshot, settings, depths, given.render, _list_parent_ids(states, held))
        free = {ref: state for ref, state in states.items() if ref not in held}
        lives = [state for state in free.values() if isinstance(state, Live)]
        leaving = {state.page.id for state in lives if state.page.parent_id != context.parent_id(state)}
        removals = plan_removals(tuple(free.values()), leaving, given.snapshot, details, settings, waits=waits)
        titles = _assign_titles(given, states, held, removals)
        refused = [ref for ref in titles.refused if ref not in held]
        if refused:
            taken = dict(title_findings(titles, drafts, given.holders))
            for ref in refused:
                finding, words = taken.get(ref), "its title is too long"
                if finding is not None:
                    findings[ref] = finding
                    words = f"{finding.code} {finding.message}: {finding.hint}"
                held[ref] = hold_page(states[ref], Trouble.TITLE, words, stops=title_stops)
            continue
        details = _fetch_for_changes(free, titles, details, context, given.fetch)
        changes = _plan_changes(free, titles, details, context)
        details = _fetch_comments(changes, details, given.fetch)
        changes = name_comments(changes, details.comments, details.names)
        commented = [state for state in lives if state.ref in changes and changes[state.ref].remarks]
        if not commented or comment_policy == "overwrite":
            return _Decisions(changes, held, removals, titles, tuple(findings.values()))
        for state in commented:
            held[state.ref] = hold_for_comments(state, changes[state.ref], stops=comment_policy == "stop")


def _find_conflicts(
    states: Mapping[str, PageState], given: PlanInput, details: PageDetails, findings: Sequence[Finding]
) -> tuple[dict[str, Conflict], dict[str, Conflict]]:
    """Return the pages that are held for what users did to them or for their errors, and those that are overwritten."""
    held: dict[str, Conflict] = {}
    overwritten: dict[str, Conflict] = {}
    errors = group_by_position(finding for finding in findings if finding.severity is Severity.ERROR)
    for ref, state in states.items():
        if isinstance(state, Orphan) and given.settings.orphans == "keep":
            continue
        for trouble in list_troubles(state):
            policy = get_policy(trouble, given.settings, given.consent)
            conflict = describe_trouble(state, trouble, given.snapshot, details, stops=policy == "stop")
            (overwritten if policy == "overwrite" else held).setdefault(ref, conflict)
        if ref not in held and not isinstance(state, Orphan | Gone):
            source = state.draft.source
            found = errors.get((source.file, source.line))
            if found:
                held[ref] = hold_for_errors(state, found)
    return held, overwritten


def _hold_missing_children(drafts: Sequence[Draft], states: Mapping[str, PageState], held: dict[str, Conflict]) -> None:
    """Add the pages that cannot be created without their parent; pages that exist are published where they are."""
    for draft in drafts:
        parent = states.get(draft.parent or "")
        is_missing = not isinstance(states[draft.ref], Live)
        if draft.ref in held or not is_missing or parent is None or isinstance(parent, Live):
            continue
        if parent.ref in held:
            words = f"the page of {parent.ref} is not there; settle that first"
            held[draft.ref] = hold_page(states[draft.ref], Trouble.PARENT, words, stops=held[parent.ref].stops)


def _list_parent_ids(states: Mapping[str, PageState], held: Mapping[str, Conflict]) -> Mapping[str, str | None]:
    """Return the ids of the pages that others can be below; None for those to create."""
    found: dict[str, str | None] = {}
    for ref, state in states.items():
        if isinstance(state, Live):
            found[ref] = state.page.id
        elif isinstance(state, New | Missing) and ref not in held:
            found[ref] = None
    return found


def _assign_titles(
    given: PlanInput, states: Mapping[str, PageState], held: Mapping[str, Conflict], removals: Removals
) -> Titles:
    """Return the titles of all pages; a page that is held or that stays without a card keeps its title."""
    staying: dict[str, str] = {}
    for ref, state in states.items():
        page = None if isinstance(state, New) else state.page
        if page is None or page.status not in (Status.CURRENT, Status.ARCHIVED):
            continue
        if ref in held or isinstance(state, Gone) or (isinstance(state, Orphan) and ref not in removals.changes):
            staying[ref] = page.title
    for draft in given.drafts:
        conflict = held.get(draft.ref)
        if conflict is not None and conflict.hindrance is Trouble.TITLE and draft.ref not in staying:
            staying[draft.ref] = make_unused_title(draft.title, draft.ref)
    wanted = {draft.ref: draft.title for draft in given.drafts}
    return assign_titles(wanted, given.snapshot.holding, staying, given.holders.keys(), given.settings)


def _fetch_for_changes(
    free: Mapping[str, PageState], titles: Titles, details: PageDetails, context: PlanContext, fetch: Fetch
) -> PageDetails:
    """Fetch the bodies, labels and files of the pages that change; what users removed is added again with a change."""
    lives = [_with_titles(state, titles) for state in free.values() if isinstance(state, Live)]
    changing = [live for live in lives if not is_as_wanted(live) or is_placed_otherwise(live, context)]
    entries = {live.page.id: live.published.entry for live in changing}
    return fetch(
        DetailQueries(
            bodies=tuple(live.page.id for live in changing if needs_version(live, context)),
            labels=tuple(
                live.page.id
                for live in changing
                if live.draft.labels or entries[live.page.id].labels or not live.published.recorded
            ),
            files=tuple(
                live.page.id for live in changing if entries[live.page.id].files != {} or not live.published.recorded
            ),
        ),
        details,
    )


def _with_titles(live: Live, titles: Titles) -> Live:
    return replace(live, draft=live.draft.with_titles(titles.by_ref))


def _plan_changes(
    free: Mapping[str, PageState], titles: Titles, details: PageDetails, context: PlanContext
) -> dict[str, Change]:
    """Return the changes of the pages of the book."""
    changes: dict[str, Change] = {}
    for ref, state in free.items():
        if isinstance(state, New | Missing):
            changes[ref] = plan_creation(state.draft.with_titles(titles.by_ref), titles.by_ref, context)
        elif isinstance(state, Live):
            change = plan_update(_with_titles(state, titles), titles.by_ref, details, context)
            if change is not None:
                changes[ref] = change
    return changes


def _fetch_comments(changes: Mapping[str, Change], details: PageDetails, fetch: Fetch) -> PageDetails:
    """Fetch the comments that would lose their place, with the names of their authors."""
    page_ids = tuple(change.page_id for change in changes.values() if change.remarks)
    if not page_ids:
        return details
    details = fetch(DetailQueries(comments=page_ids), details)
    authors = (each.author for page_id in page_ids for each in details.comments[page_id])
    unnamed = dict.fromkeys(author.id for author in authors if author.id and not author.name)
    return fetch(DetailQueries(accounts=tuple(unnamed)), details)


def _set_aside(changes: Mapping[str, Change], states: Mapping[str, PageState]) -> dict[str, Change]:
    """Give a temporary title to each page whose title another page of ours gets."""
    result = dict(changes)
    present = {fold_title(state.page.title): state for state in states.values() if isinstance(state, Live | Orphan)}
    for ref, change in changes.items():
        holder = present.get(fold_title(change.title))
        if holder is not None and holder.ref != ref and (change.creates or change.old_title):
            aside = make_unused_title(holder.page.title, f"{holder.ref} {holder.page.id}")
            result[holder.ref] = replace(result[holder.ref], aside=aside)
    return result


def _list_orders(
    drafts: Sequence[Draft],
    states: Mapping[str, PageState],
    changes: Mapping[str, Change],
    published: Mapping[str, str],
) -> Mapping[str, tuple[str, ...]]:
    """Return the children of each parent whose order may differ in the wiki, in the order of the site.

    `published` are the digests of the orders that were published last, by the reference of the parent.
    """
    there = (draft for draft in drafts if isinstance(states[draft.ref], Live) or draft.ref in changes)
    children = group_pairs((draft.parent or "", draft.ref) for draft in there)
    arriving = {change.parent or "" for change in changes.values() if change.creates or change.old_parent}
    return {
        parent: refs
        for parent, refs in sorted(children.items())
        if len(refs) > 1
        and (not parent or parent in changes or isinstance(states[parent], Live))
        and (parent in arriving or published.get(parent) != order_digest(refs))
    }
