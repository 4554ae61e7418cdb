"""The plan of a publish: each page is changed, left as it is, or held."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from generator.confluence.storage.nodes import shorten_text
from generator.confluence.storage.readable import to_readable_lines
from generator.confluence.sync.changes import (
    find_blocked,
    find_conflicts,
    get_policy,
    hold_page,
    plan_creation,
    plan_removal,
    plan_update,
)
from generator.confluence.sync.difference import contains_edit, same_content
from generator.confluence.sync.draft import (
    Draft,
    TitleHolder,
    assign_titles,
    find_title_conflict,
    fold_title,
    make_unused_title,
)
from generator.confluence.sync.manifest import short_digest
from generator.confluence.sync.markers import SETTLED
from generator.confluence.sync.states import (
    Gone,
    Live,
    Missing,
    New,
    Orphan,
    PageDetails,
    PageState,
    Snapshot,
    read_states,
)
from generator.confluence.sync.values import (
    NO_CONSENT,
    Change,
    Conflict,
    Consent,
    HoldReason,
    Plan,
    PublishSettings,
)
from generator.confluence.wiki import Flavour, Status
from generator.findings import Finding, Severity, apply_severities, sort_findings
from generator.grouping import group_pairs
from generator.values import FrozenValue

_MOST_OF_A_COMMENT = 120


class PlanInput(FrozenValue):
    """The values that a plan is made from."""

    snapshot: Snapshot
    drafts: tuple[Draft, ...]
    """Parents before children, siblings in the order of the site."""
    holders: Mapping[str, TitleHolder]
    """Foreign pages by their normalized titles, if a page of the book needs that title."""
    settings: PublishSettings
    render: Callable[[Draft, Mapping[str, str]], str]
    """Returns the body of a page as it is sent, with the titles of all pages."""
    details: PageDetails
    consent: Consent = NO_CONSENT
    severities: Mapping[str, Severity | None] | None = None
    findings: tuple[Finding, ...] = ()
    """Findings about links between pages."""


def make_plan(given: PlanInput) -> Plan:
    """Return the plan. The same site, wiki and settings give the same plan, to the byte."""
    snapshot, severities = given.snapshot, dict(given.severities or {})
    found = read_states(snapshot, given.drafts, given.settings, given.details)
    copied = _accept_copied_edits(given, found)
    states = {**found, **copied}
    of_pages = (finding for draft in given.drafts for finding in draft.findings)
    findings = apply_severities((*of_pages, *given.findings), severities)
    held, overwritten = _find_conflicts(given, states, findings)
    decided, held, titles, taken = _decide(given, states, held)
    changes = _set_aside(decided, states)
    for ref in overwritten.keys() & changes.keys():
        change, conflict = changes[ref], overwritten[ref]
        is_undone = conflict.hindrance in (HoldReason.MOVED, HoldReason.TRASHED)
        effect = "goes with the page" if change.removes else "is undone" if is_undone else "is written over"
        note = f"{conflict.event}, which {effect}"
        changes[ref] = replace(change, notes=(note,), diff=change.diff or conflict.diff)
    for ref in copied.keys() & changes.keys():
        changes[ref] = replace(changes[ref], notes=(*changes[ref].notes, "the edit in the wiki is in the card now"))
    conflicts = [held[ref] for ref in states if ref in held]
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
        conflicts=tuple(each for each in conflicts if each.hindrance is not HoldReason.REMOVAL),
        unconfirmed=tuple(each for each in conflicts if each.hindrance is HoldReason.REMOVAL),
        findings=tuple(sort_findings((*findings, *apply_severities(taken, severities)))),
        titles=dict(sorted(titles.items())),
        orders=_list_orders(given.drafts, states, changes, snapshot),
        busy=snapshot.busy,
        interrupted=snapshot.manifest.run is not None and snapshot.busy is None,
    )


def _accept_copied_edits(given: PlanInput, states: Mapping[str, PageState]) -> dict[str, Live]:
    """Return the pages whose edits are in their cards by now, as if they were published like that.

    A page with the storage that would be sent is not written again. If the card has the words of the edit, the page is
    updated: other words may have changed too, and the editor of the wiki adds markup of its own.
    """
    edited = [state for state in states.values() if isinstance(state, Live) and state.edited]
    if not edited:
        return {}
    wanted = {draft.ref: draft.title for draft in given.drafts}
    titles, _ = assign_titles(wanted, given.snapshot.holding, {}, given.holders.keys(), given.settings)
    accepted: dict[str, Live] = {}
    for state in edited:
        draft, page, entry = state.draft.with_titles(titles), state.page, state.published
        theirs, body = given.details.bodies.get(page.id), given.render(draft, titles)
        ours = given.details.versions.get((page.id, entry.version))
        if theirs is None or page.title != draft.title:
            continue
        if same_content(theirs, body) or (ours is not None and contains_edit(ours, theirs, body)):
            entry = replace(entry, version=page.version.number, title=page.title)
            accepted[state.ref] = replace(state, published=entry, edited=False, touched=True)
    return accepted


def _find_conflicts(
    given: PlanInput, states: Mapping[str, PageState], findings: Iterable[Finding]
) -> tuple[dict[str, Conflict], dict[str, Conflict]]:
    """Return the pages that are held for what users did to them or for their errors, and those that are overwritten."""
    held: dict[str, Conflict] = {}
    overwritten: dict[str, Conflict] = {}
    errors = group_pairs(
        ((each.position.file, each.position.line), each) for each in findings if each.severity is Severity.ERROR
    )
    for ref, state in states.items():
        for policy, conflict in find_conflicts(state, given.snapshot, given.details, given.settings, given.consent):
            (overwritten if policy == "overwrite" else held).setdefault(ref, conflict)
        if ref not in held and not isinstance(state, Orphan | Gone):
            found = errors.get((state.draft.source.file, state.draft.source.line), ())
            words = "; ".join(f"{each.code} {each.message}" for each in found)
            held |= {ref: hold_page(state, HoldReason.ERRORS, words)} if found else {}
    return held, overwritten


def _decide(
    given: PlanInput, states: Mapping[str, PageState], held: dict[str, Conflict]
) -> tuple[dict[str, Change], dict[str, Conflict], Mapping[str, str], list[Finding]]:
    """Return the pages that change, those that are held, all titles, and the findings about taken titles.

    A page that is held can hold others: its missing children, and a page that wants its title. So the steps are
    repeated until no page is added to those that are held.
    """
    findings: list[Finding] = []
    comment_policy = get_policy(HoldReason.COMMENTS, given.settings, given.consent)
    while True:
        free = _place_pages(given, states, held)
        removed, kept = _plan_removals(given, states, free)
        titles, refused = _assign_titles(given, states, {**kept, **held})
        for ref, owner in refused.items():
            draft = next(draft for draft in given.drafts if draft.ref == ref)
            finding = find_title_conflict(draft, owner, given.holders.get(fold_title(draft.title)))
            words = "its title is too long" if finding is None else f"{finding.code} {finding.message}: {finding.hint}"
            findings += [] if finding is None else [finding]
            stops = get_policy(HoldReason.TITLE, given.settings, given.consent) == "stop"
            held[ref] = hold_page(free[ref], HoldReason.TITLE, words, stops=stops)
        if refused:
            continue
        changes = _plan_changes(given, free, titles)
        commented = [ref for ref, change in changes.items() if change.remarks]
        if not commented or comment_policy == "overwrite":
            return {**changes, **removed}, {**kept, **held}, titles, findings
        for ref in commented:
            remarks = (f"{each.author or 'a user'} on {each.selection!r}: {each.body}" for each in changes[ref].remarks)
            words = f"resolve the comment of {'; '.join(remarks)}, or confirm with `--yes comments`"
            held[ref] = hold_page(states[ref], HoldReason.COMMENTS, words, stops=comment_policy == "stop")


def _place_pages(given: PlanInput, states: Mapping[str, PageState], held: dict[str, Conflict]) -> dict[str, PageState]:
    """Return the pages that are not held, each with its parent; hold those that cannot be created without theirs.

    A page that exists is published where it is if its parent is missing and held, or stays below the page itself.
    """
    ids: dict[str | None, str | None] = {None: given.snapshot.host}  # None for a page to create
    for draft in given.drafts:
        state, parent = states[draft.ref], draft.parent
        if isinstance(state, Live):
            ids[draft.ref] = state.page.id
            continue
        if draft.ref not in held and parent in held and parent not in ids:
            words = f"the page of {parent} is missing: resolve its conflict first"
            held[draft.ref] = hold_page(state, HoldReason.PARENT, words, stops=held[parent].stops)
        if draft.ref not in held:
            ids[draft.ref] = None
    free = {ref: state for ref, state in states.items() if ref not in held}
    above: dict[str, str | None] = {page.id: page.parent_id for page in given.snapshot.pages.values()}
    refs: dict[str, str | None] = {given.snapshot.host: None, **given.snapshot.refs}
    depths = _compute_depths(given.drafts)
    for draft in sorted(given.drafts, key=lambda draft: depths[draft.ref]):  # as they are written
        placed = free.get(draft.ref)
        present = placed.page.parent_id if isinstance(placed, Live) else None
        target = (ids[draft.parent] or draft.parent) if draft.parent in ids else present
        if isinstance(placed, Live):
            if draft.parent not in ids or _is_below(target, placed.page.id, above):
                parent = refs.get(present or "", draft.parent)
                free[draft.ref] = replace(placed, parent_id=present, parent=parent)
            else:
                above[placed.page.id] = target
                free[draft.ref] = replace(placed, parent_id=ids[draft.parent], parent=draft.parent)
        elif placed is not None:
            above[draft.ref] = target
    return free


def _compute_depths(drafts: Sequence[Draft]) -> dict[str | None, int]:
    """Return the number of ancestors of each page in the book, by reference."""
    depths: dict[str | None, int] = {None: -1}
    for draft in drafts:
        depths[draft.ref] = depths[draft.parent] + 1
    return depths


def _is_below(page_id: str | None, top: str, above: Mapping[str, str | None]) -> bool:
    """Return whether a page is another one or below it; `above` are the parents by page."""
    seen = set[str]()
    while page_id is not None and page_id != top and page_id not in seen:
        seen.add(page_id)
        page_id = above.get(page_id)
    return page_id == top


def _plan_removals(
    given: PlanInput, states: Mapping[str, PageState], free: Mapping[str, PageState]
) -> tuple[dict[str, Change], dict[str, Conflict]]:
    """Return the pages without a card that are removed, and those that stay.

    Many removals, or the removal of all pages, need a confirmation, however small the book may be: an empty site or a
    wrong folder looks like that. A page with a child that stays is kept: a foreign page is never moved.
    """
    snapshot, settings = given.snapshot, given.settings
    removed = {state.ref: plan_removal(state, snapshot, settings) for state in free.values() if isinstance(state, Gone)}
    kept: dict[str, Conflict] = {}
    if settings.orphans == "keep":
        return removed, kept
    orphans = [state for state in free.values() if isinstance(state, Orphan)]
    count = sum(isinstance(state, Orphan) for state in states.values())
    is_many = count > max(3, len(snapshot.published) * settings.removal_percent / 100)
    leaves_none = count + sum(isinstance(state, Gone) for state in states.values()) == len(snapshot.published)
    if (is_many or leaves_none) and not given.consent.removals:
        words = "confirm with `--yes removals`, or restore its card or its section in `pages`"
        return removed, {state.ref: hold_page(state, HoldReason.REMOVAL, words) for state in orphans}
    lives = [state for state in free.values() if isinstance(state, Live)]
    leaving = {state.page.id for state in lives if state.page.parent_id != state.parent_id}
    given.details.fetch(children=(state.page.id for state in orphans))
    blocked = find_blocked(orphans, leaving, given.details)
    for state in orphans:
        child = blocked.get(state.page.id)
        if child is None:
            removed[state.ref] = plan_removal(state, snapshot, settings)
            continue
        words = f"the foreign page {child.title!r} is below it: move that page elsewhere"
        if child.id in snapshot.refs:
            words = f"our own page {child.title!r} stays below it: resolve its conflict first"
        kept[state.ref] = hold_page(state, HoldReason.CHILDREN, words)
    return removed, kept


def _assign_titles(
    given: PlanInput, states: Mapping[str, PageState], held: Mapping[str, Conflict]
) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the titles of all pages, and the pages that are not held whose titles other pages have.

    A page that is held or that stays without a card keeps its title.
    """
    keeps, staying = given.settings.orphans == "keep", dict[str, str]()
    for ref, state in states.items():
        page = None if isinstance(state, New) else state.page
        stays = ref in held or isinstance(state, Gone) or (isinstance(state, Orphan) and keeps)
        if stays and page is not None and page.status in (Status.CURRENT, Status.ARCHIVED):
            staying[ref] = page.title
    for draft in given.drafts:
        if draft.ref not in staying and draft.ref in held and held[draft.ref].hindrance is HoldReason.TITLE:
            staying[draft.ref] = make_unused_title(draft.title, draft.ref)
    wanted = {draft.ref: draft.title for draft in given.drafts}
    titles, refused = assign_titles(wanted, given.snapshot.holding, staying, given.holders.keys(), given.settings)
    return titles, {ref: owner for ref, owner in refused.items() if ref not in held}


def _plan_changes(given: PlanInput, free: Mapping[str, PageState], titles: Mapping[str, str]) -> dict[str, Change]:
    """Return the changes of the pages of the book."""
    titled = {
        ref: replace(state, draft=state.draft.with_titles(titles))
        for ref, state in free.items()
        if isinstance(state, New | Missing | Live)
    }
    lives = [state for state in titled.values() if isinstance(state, Live)]
    # What users removed is added again with a change.
    changing = [live for live in lives if not live.is_as_wanted or live.is_placed_otherwise]
    entries = {live.page.id: live.published for live in changing}
    unrecorded = {live.page.id for live in changing if not live.published.recorded}
    labelled = {live.page.id for live in changing if live.draft.labels or live.published.labels}
    given.details.fetch(
        bodies=(live.page.id for live in changing if live.needs_version),
        labels=(page_id for page_id in entries if page_id in labelled | unrecorded),
        files=(page_id for page_id, entry in entries.items() if entry.files != {} or page_id in unrecorded),
    )
    depths = _compute_depths(given.drafts)
    changes: dict[str, Change] = {}
    for ref, state in titled.items():
        if isinstance(state, Live):
            body = partial(given.render, state.draft, titles)
            change = plan_update(state, depths[ref], given.details, given.snapshot, given.settings, body)
            changes |= {} if change is None else {ref: change}
        else:
            changes[ref] = plan_creation(state.draft, depths[ref], given.render(state.draft, titles))
    return _name_comments(changes, given.details)


def _name_comments(changes: Mapping[str, Change], details: PageDetails) -> dict[str, Change]:
    """Return the changes with the author and text of each comment that loses its place, without settled comments."""
    page_ids = [change.page_id for change in changes.values() if change.remarks]
    details.fetch(comments=page_ids)
    details.fetch_names(each.author for page_id in page_ids for each in details.comments.get(page_id, ()))
    named = dict(changes)
    for ref, change in changes.items():
        if not change.remarks or change.page_id not in details.comments:
            continue
        comments = details.comments[change.page_id]
        by_marker = {each.marker: each for each in comments if each.state not in SETTLED}
        remarks = [each for each in change.remarks if each.marker in by_marker]
        for number, remark in enumerate(remarks):
            comment = by_marker[remark.marker]
            body = shorten_text(" ".join(to_readable_lines(comment.body)), _MOST_OF_A_COMMENT)
            remarks[number] = replace(remark, author=details.get_name(comment.author), body=body)
        named[ref] = replace(change, remarks=tuple(remarks))
    return named


def _set_aside(changes: Mapping[str, Change], states: Mapping[str, PageState]) -> dict[str, Change]:
    """Give a temporary title to each page whose title another page of the book gets."""
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
    snapshot: Snapshot,
) -> Mapping[str, tuple[str, ...]]:
    """Return the children of each parent whose order may differ in the wiki, in the order of the site."""
    published, is_by_title = snapshot.manifest.orders, snapshot.flavour is Flavour.DATACENTER
    there = (draft for draft in drafts if isinstance(states[draft.ref], Live) or draft.ref in changes)
    children = group_pairs((draft.parent or "", draft.ref) for draft in there)
    # Data Center shows the pages that were never moved by title, so that another title is another place.
    arriving = {
        change.parent or ""
        for change in changes.values()
        if change.creates or change.old_parent or (change.old_title and is_by_title)
    }
    return {
        parent: refs
        for parent, refs in sorted(children.items())
        if len(refs) > 1
        and (not parent or parent in changes or isinstance(states[parent], Live))
        and (parent in arriving or published.get(parent) != short_digest(refs))
    }
