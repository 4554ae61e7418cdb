"""The removal of pages whose cards are gone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.conflicts import hold_page
from generator.confluence.sync.states import Gone, Orphan, PageDetails, PageState, Snapshot
from generator.confluence.sync.values import Action, Change, Conflict, Consent, Trouble
from generator.confluence.wiki import Descendant, Flavour


@dataclass(frozen=True, slots=True)
class Removals:
    """The pages that are removed, those that stay for a page below, and those that wait for a confirmation."""

    changes: Mapping[str, Change]
    kept: Mapping[str, Conflict]
    unconfirmed: tuple[Conflict, ...]


def await_confirmation(
    states: Collection[PageState], snapshot: Snapshot, settings: PublishSettings, consent: Consent
) -> bool:
    """Return whether the pages without a card stay because the user has not confirmed their removal.

    Many removals, or the removal of all pages, need a confirmation, however small the book may be: an empty site or a
    wrong folder looks like that.
    """
    if consent.removals or settings.orphans == "keep":
        return False
    orphans = sum(isinstance(state, Orphan) for state in states)
    gone = sum(isinstance(state, Gone) for state in states)
    is_many = orphans > max(3, len(snapshot.published) * settings.removal_percent / 100)
    return orphans > 0 and (is_many or orphans + gone == len(snapshot.published))


def plan_removals(
    states: Sequence[PageState],
    leaving: Collection[str],
    snapshot: Snapshot,
    details: PageDetails,
    settings: PublishSettings,
    *,
    waits: bool,
) -> Removals:
    """Return what becomes of the pages without a card.

    `leaving` are the ids of pages that move elsewhere before; `waits` is the result of `await_confirmation`.
    """
    gone = [state for state in states if isinstance(state, Gone)]
    orphans = [state for state in states if isinstance(state, Orphan)] if settings.orphans != "keep" else []
    blocked = {} if waits else find_blocked(orphans, leaving, details)
    removed = [state for state in orphans if state.page.id not in blocked]
    unconfirmed = removed if waits else []
    going: list[Orphan | Gone] = [*gone, *([] if waits else removed)]
    words = "confirm with `--yes removals`, or restore its card"
    return Removals(
        {state.ref: plan_removal(state, snapshot, settings) for state in going},
        {
            state.ref: keep_parent(state, blocked[state.page.id], snapshot)
            for state in orphans
            if state.page.id in blocked
        },
        tuple(hold_page(state, Trouble.REMOVAL, words) for state in unconfirmed),
    )


def find_blocked(orphans: Iterable[Orphan], leaving: Collection[str], details: PageDetails) -> Mapping[str, Descendant]:
    """Return the child that keeps each page which cannot go, by page id. A page that stays keeps its parents."""
    going = {state.page.id for state in orphans}
    kept: dict[str, Descendant] = {}
    while True:
        staying: dict[str, Descendant] = {}
        for page_id in going:
            children = details.children.get(page_id, ())
            child = next((child for child in children if child.id not in going and child.id not in leaving), None)
            if child is not None:
                staying[page_id] = child
        if not staying:
            return kept
        kept |= staying
        going -= staying.keys()


def plan_removal(state: Orphan | Gone, snapshot: Snapshot, settings: PublishSettings) -> Change:
    """Return the removal of a page; one that users have removed is only taken from the manifest."""
    page = state.page if isinstance(state, Orphan) else None
    archives = settings.orphans == "archive" and snapshot.flavour is Flavour.CLOUD
    removal = Action.ARCHIVE if archives else Action.TRASH
    # Pages are removed from the leaves up, by their depth when they were published.
    depth, seen = 0, {state.ref}
    parent = state.published.entry.parent
    while parent is not None and parent not in seen and parent in snapshot.published:
        seen.add(parent)
        depth, parent = depth + 1, snapshot.published[parent].entry.parent
    return Change(
        ref=state.ref,
        card="",
        path="",
        actions=(Action.RECORD if page is None else removal,),
        title=state.published.entry.title if page is None else page.title,
        parent=state.published.entry.parent,
        depth=depth,
        page_id=state.published.entry.page_id,
        url="" if page is None else page.url,
        version=0 if page is None else page.version.number,
        owned=state.published.owned,
    )


def keep_parent(state: Orphan, child: Descendant, snapshot: Snapshot) -> Conflict:
    """Return the conflict of a page that stays for a page below it.

    A page that is not ours is never moved; one of ours can stay because a user changed it.
    """
    if child.id in snapshot.refs:
        words = f"our own {child.title!r} stays below it: settle that page first, and this one can go"
    else:
        words = f"{child.title!r} stands below it and is not ours: move that elsewhere, and this page can go"
    return hold_page(state, Trouble.CHILDREN, words)
