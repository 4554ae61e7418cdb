"""The change that makes one page match the site: its creation, update or removal; or the reason why it is held."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from generator.confluence.sync.difference import (
    describe_difference,
    first_lines,
    line_diff,
    same_content,
    text_digest,
)
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile, file_digest
from generator.confluence.sync.markers import insert_markers, markers_of
from generator.confluence.sync.states import Gone, Live, Missing, New, Orphan, PageDetails, PageState, Snapshot
from generator.confluence.sync.values import (
    Action,
    Change,
    Conflict,
    Consent,
    DetachedComment,
    FileChange,
    FileRemoval,
    HoldReason,
    PublishSettings,
)
from generator.confluence.wiki import Descendant, Status

_SETTINGS = {
    HoldReason.EDITED: "manual_edits",
    HoldReason.MOVED: "manual_moves",
    HoldReason.ARCHIVED: "archived_pages",
    HoldReason.TRASHED: "trashed_pages",
    HoldReason.TITLE: "taken_titles",
    HoldReason.COMMENTS: "inline_comments",
}
"""The setting with the policy of each reason; a page with any other reason is held."""
_ADVICE = {
    HoldReason.EDITED: "copy the edit to {card}, or restore the published version, or set `manual_edits: overwrite`",
    HoldReason.MOVED: "move it back below {above}, or set `manual_moves: overwrite`",
    HoldReason.ARCHIVED: "restore it in the wiki, or remove {card}",
    HoldReason.TRASHED: "restore it in the wiki, or remove {card}, or set `trashed_pages: overwrite`",
}
_UNSEEN = (
    "page {page_id} was deleted, or this account may not view it: let the account view it, or remove {card}, or set "
    "`trashed_pages: overwrite`"
)
"""The advice for a removed page of which the wiki shows nothing; restrictions can hide it."""


def plan_creation(draft: Draft, depth: int, body: str) -> Change:
    """Return the creation of a page."""
    more = ((Action.LABELS, draft.labels), (Action.ATTACHMENTS, draft.files), (Action.STATE, draft.state))
    return replace(
        _begin_change(draft, depth),
        actions=(Action.CREATE, *(action for action, some in more if some)),
        owned=False,
        text=text_digest(body),
        saves=True,
        message="First published",
        new_labels=draft.labels,
        uploads=tuple(FileChange(name, digest) for name, digest in sorted(draft.files.items())),
        diff=first_lines(body),
    )


def _begin_change(draft: Draft, depth: int) -> Change:
    return Change(
        *(draft.ref, draft.card, draft.path, (), draft.title, draft.parent, depth),
        digest=draft.digest,
        body=draft.body,
        state=draft.state,
        appearance=draft.appearance,
    )


def plan_update(
    live: Live,
    depth: int,
    details: PageDetails,
    snapshot: Snapshot,
    settings: PublishSettings,
    render: Callable[[], str],
) -> Change | None:
    """Return the change that makes a published page match the book; None if it does."""
    draft, page, entry = live.draft, live.page, live.published
    files = _list_our_files(live, details, settings.book)
    wanted, ours, labels = frozenset(draft.labels), frozenset(entry.labels), details.labels.get(page.id)
    if labels is None:  # they are read for every page with labels that changes
        ours |= frozenset() if live.published.recorded else wanted
        labels = ours | wanted
    elif settings.label_prefix:
        ours |= {label for label in labels if label.startswith(settings.label_prefix)}
    change = replace(
        _begin_change(draft, depth),
        parent=live.parent,
        old_ref=entry.ref if entry.ref != draft.ref else "",
        old_title=page.title if page.title != draft.title else "",
        old_parent=_describe_parent(page.parent_id, snapshot) if page.parent_id != live.parent_id else "",
        page_id=page.id,
        url=page.url,
        version=page.version.number,
        owned=live.published.owned,
        saves=live.needs_version,
        new_labels=tuple(label for label in draft.labels if label not in labels),
        old_labels=tuple(sorted((ours & labels) - wanted)),
        held_labels=tuple(sorted(ours & labels & wanted)),
        uploads=tuple(
            FileChange(name, digest, files[name].id if name in files else "")
            for name, digest in sorted(draft.files.items())
            if name not in files or files[name].digest != digest
        ),
        removals=tuple(FileRemoval(name, file.id) for name, file in sorted(files.items()) if name not in draft.files),
        held_files={name: file.id for name, file in sorted(files.items()) if draft.files.get(name) == file.digest},
    )
    if change.saves:
        change = _plan_version(change, details.bodies.get(page.id, ""), render())
    possible = (
        (Action.UPDATE, change.saves and (change.diff or not (change.old_title or change.old_parent))),
        (Action.RENAME, change.old_title or change.old_ref),
        (Action.MOVE, change.old_parent),
        (Action.LABELS, change.new_labels or change.old_labels),
        (Action.ATTACHMENTS, change.uploads or change.removals),
        (Action.STATE, change.state != entry.state),
        (Action.APPEARANCE, change.appearance != entry.appearance),
    )
    actions = tuple(action for action, applies in possible if applies)
    is_recorded = live.published.recorded and change.owned and not live.touched and entry.digest == draft.digest
    return None if not actions and is_recorded else replace(change, actions=actions or (Action.RECORD,))


def _list_our_files(live: Live, details: PageDetails, book: str) -> Mapping[str, HeldFile]:
    """Return our files on a page: those in the manifest that are still there, and those that our comment marks.

    A file of a user in the place of ours counts as ours until it would be replaced, which the wiki is asked before.
    """
    known, there = live.published.files or {}, details.files.get(live.page.id)
    if there is not None:
        names = {each.name for each in there}
        marked = {each.name: HeldFile(digest, each.id) for each in there if (digest := file_digest(each.comment, book))}
        return {name: file for name, file in known.items() if name in names} | marked
    if live.is_as_wanted:
        ids = {name: file.id for name, file in known.items()}
        return {name: HeldFile(digest, ids.get(name, "")) for name, digest in live.draft.files.items()}
    return known


def _describe_parent(parent_id: str | None, snapshot: Snapshot) -> str:
    if parent_id is None:
        return "the top of the space"
    if parent_id == snapshot.host:
        return "the parent page of the book"
    ref = snapshot.refs.get(parent_id)
    return f"page {parent_id}" if ref is None else snapshot.published[ref].title


def _plan_version(change: Change, present: str, body: str) -> Change:
    """Return the change with its new version: the comments that keep their place or lose it, the diff, the message.

    There is none if the page looks as before, for example if only the id of a card changes to which it links.
    """
    if not (change.old_title or change.old_parent) and same_content(present, body):
        return replace(change, saves=False)
    markers = markers_of(present)
    _, lost = insert_markers(body, markers)
    words = {each.ref: each.text for each in reversed(markers)}
    files = [f"{'changed' if each.id else '+'} {each.name}" for each in change.uploads]
    files += [f"- {each.name}" for each in change.removals]
    message = (
        f"renamed from {change.old_title}" if change.old_title else "",
        f"moved from below {change.old_parent}" if change.old_parent else "",
        describe_difference(present, body),
        f"files: {', '.join(files)}" if files else "",
    )
    return replace(
        change,
        text=text_digest(body),
        message="; ".join(filter(None, message)) or "Formatting",
        markers=tuple(each for each in markers if each.ref not in lost),
        remarks=tuple(DetachedComment(ref, words[ref], "", "") for ref in sorted(lost)),
        diff=line_diff(present, body),
    )


def find_blocked(orphans: Iterable[Orphan], leaving: Collection[str], details: PageDetails) -> Mapping[str, Descendant]:
    """Return the child that keeps each page which cannot go, by page id. A page that stays keeps its parents.

    `leaving` are the ids of pages that move elsewhere before.
    """
    going = {state.page.id for state in orphans}
    kept: dict[str, Descendant] = {}
    while True:
        staying = {
            page_id: child
            for page_id in going
            for child in reversed(details.children.get(page_id, ()))  # the first child counts
            if child.id not in going and child.id not in leaving
        }
        if not staying:
            return kept
        kept |= staying
        going -= staying.keys()


def plan_removal(state: Orphan | Gone, snapshot: Snapshot, settings: PublishSettings) -> Change:
    """Return the removal of a page; one that users have removed is only taken from the manifest."""
    entry, page = state.published, state.page if isinstance(state, Orphan) else None
    archives = settings.orphans == "archive" and snapshot.flavour.archives
    removal = Action.ARCHIVE if archives else Action.TRASH
    # Pages are removed from the leaves up, by their depth when they were published.
    seen, parent = {state.ref}, entry.parent
    while parent is not None and parent not in seen and parent in snapshot.published:
        seen.add(parent)
        parent = snapshot.published[parent].parent
    return Change(
        ref=state.ref,
        card="",
        path="",
        actions=(Action.RECORD if page is None else removal,),
        title=entry.title if page is None else page.title,
        parent=entry.parent,
        depth=len(seen) - 1,
        page_id=entry.page_id,
        url="" if page is None else page.url,
        version=0 if page is None else page.version.number,
        owned=state.published.owned,
    )


def get_policy(reason: HoldReason, settings: PublishSettings, consent: Consent) -> str:
    """Return the policy for a reason: `stop`, `hold` or `overwrite`."""
    if reason is HoldReason.COMMENTS and consent.comments:
        return "overwrite"
    return str(getattr(settings, _SETTINGS[reason])) if reason in _SETTINGS else "hold"


def hold_page(state: PageState, reason: HoldReason, words: str, *, stops: bool = False) -> Conflict:
    """Return the conflict of a page that is left as it is."""
    card = "" if isinstance(state, Orphan | Gone) else state.draft.card
    if isinstance(state, New):
        return Conflict(state.ref, card, state.draft.title, "", reason, stops, words=words)
    url = "" if state.page is None else state.page.url
    return Conflict(state.ref, card, state.published.title, url, reason, stops, words=words)


def find_conflicts(
    state: PageState, snapshot: Snapshot, details: PageDetails, settings: PublishSettings, consent: Consent
) -> Iterator[tuple[str, Conflict]]:
    """Yield what users did to a page, each with its policy."""
    if isinstance(state, New | Gone) or (isinstance(state, Orphan) and settings.orphans == "keep"):
        return
    if isinstance(state, Missing):
        is_archived = state.page is not None and state.page.status is Status.ARCHIVED
        reasons = [HoldReason.ARCHIVED if is_archived else HoldReason.TRASHED]
    else:
        happened = ((HoldReason.EDITED, state.edited), (HoldReason.MOVED, state.misplaced))
        reasons = [reason for reason, is_so in happened if is_so]
    rivals = snapshot.former_refs.get(state.ref, ())
    if isinstance(state, Orphan) and len(rivals) > 1:
        alias = state.ref.partition(":")[2]
        words = f"{' and '.join(rivals)} have the alias {alias!r}: keep it in one card, or remove the page by hand"
        yield "hold", hold_page(state, HoldReason.CLAIMED, words)
    card = "" if isinstance(state, Orphan) else state.draft.source.file
    parent = snapshot.published.get(state.published.parent or "")
    above = "the parent page of the book" if parent is None else repr(parent.title)
    for reason in reasons:
        policy = get_policy(reason, settings, consent)
        advice = _UNSEEN if isinstance(state, Missing) and state.page is None else _ADVICE[reason]
        words = advice.format(card=card, above=above, page_id=state.published.page_id)
        if reason is HoldReason.EDITED and not card:
            words = "its card was removed: remove the page by hand once the text is no longer needed"
        conflict = hold_page(state, reason, words, stops=policy == "stop")
        if reason is HoldReason.EDITED and not isinstance(state, Missing):
            who, when = details.get_name(state.page.version.author), state.page.version.created_at
            conflict = replace(conflict, who=who, when=when, diff=tuple(_diff_edit(state, details)))
        yield policy, conflict


def _diff_edit(state: Live | Orphan, details: PageDetails) -> Iterator[str]:
    """Yield our version against the present one, both as the wiki stored them, so that its rewriting cancels out."""
    entry, page = state.published, state.page
    if page.title != entry.title:
        yield f"- title: {entry.title}"
        yield f"+ title: {page.title}"
    ours, theirs = details.versions.get((page.id, entry.version)), details.bodies.get(page.id)
    if ours is not None and theirs is not None:
        yield from line_diff(ours, theirs)
    else:
        yield "@@ the published version is unknown"
