"""What has to be done to one page so that it is as the site says."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import first_lines, in_words, line_diff, sentence, text_digest
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile
from generator.confluence.sync.markers import anchored, markers_of
from generator.confluence.sync.marks import file_digest
from generator.confluence.sync.states import Case, PageDetails, Snapshot, card_of, parent_id_of, placed_otherwise
from generator.confluence.sync.values import Action, Change, DetachedComment, FileChange, FileRemoval
from generator.confluence.wiki import Page

FIRST = "First published"


@dataclass(frozen=True, slots=True)
class Desk:
    """What every change is worked out with."""

    snapshot: Snapshot
    details: PageDetails
    settings: PublishSettings
    storage: Callable[[Draft], str]
    """A page's body as it would be sent."""
    depths: Mapping[str, int]


def creation(case: Case, desk: Desk) -> Change:
    """A page that is not there yet; it is written once everything that it links to is."""
    draft = case.draft
    assert draft is not None, "only what is wanted is created"
    body = desk.storage(draft)
    return Change(
        ref=draft.ref,
        card=card_of(case),
        path=draft.path,
        actions=_actions(Action.CREATE, labels=draft.labels, files=draft.files),
        title=draft.title,
        parent=draft.parent,
        depth=desk.depths[draft.ref],
        owned=False,
        digest=draft.digest,
        text=text_digest(body),
        body=draft.body,
        saves=True,
        message=FIRST,
        new_labels=draft.labels,
        uploads=tuple(FileChange(name, digest) for name, digest in sorted(draft.files.items())),
        diff=first_lines(body),
    )


def _actions(first: Action, *, labels: Collection[str], files: Collection[str]) -> tuple[Action, ...]:
    more = ((Action.LABELS, labels), (Action.ATTACHMENTS, files))
    return (first, *(action for action, some in more if some))


@dataclass(frozen=True, slots=True)
class _Now:
    """Labels and files of ours on the page, and those that are known to be there whoever put them."""

    labels: frozenset[str]
    all_labels: frozenset[str]
    files: Mapping[str, HeldFile]


def adjustment(case: Case, desk: Desk) -> Change | None:
    """What makes a published page as it should be; None if it is."""
    draft, page, held = case.draft, case.present, case.held
    assert draft is not None, "only what is wanted is adjusted"
    assert page is not None, "and only where it is"
    assert held is not None, "and was published"
    now = _now(case, draft, desk)
    saves = _saves(case, draft, page, desk)
    change = Change(
        ref=draft.ref,
        card=card_of(case),
        path=draft.path,
        actions=(),
        title=draft.title,
        parent=draft.parent,
        depth=desk.depths[draft.ref],
        old_title=page.title if page.title != draft.title else "",
        old_parent=_old_parent(draft, page, desk.snapshot),
        page_id=page.id,
        parent_id=page.parent_id or "",
        version=page.version.number,
        owned=held.owned,
        digest=draft.digest,
        body=draft.body,
        saves=saves,
        held_labels=tuple(label for label in draft.labels if label in now.labels),
        new_labels=tuple(label for label in draft.labels if label not in now.all_labels),
        old_labels=tuple(sorted(now.labels - frozenset(draft.labels))),
        uploads=tuple(_uploads(draft, now)),
        removals=tuple(
            FileRemoval(name, each.id) for name, each in sorted(now.files.items()) if name not in draft.files
        ),
        held_files={name: each.id for name, each in sorted(now.files.items()) if draft.files.get(name) == each.digest},
    )
    return _told(change, case, draft, desk)


def _saves(case: Case, draft: Draft, page: Page, desk: Desk) -> bool:
    """Return whether a new version is needed: for the text, the title and the place."""
    entry = case.entry
    assert entry is not None, "the page was published"
    if placed_otherwise(draft, page, desk.snapshot):
        return True
    if case.as_wanted:
        return False
    return case.suspected or entry.body != draft.body


def _now(case: Case, draft: Draft, desk: Desk) -> _Now:
    """What of ours is on the page: as the entry says, or, where that does not tell all, as the wiki does."""
    entry, page = case.entry, case.present
    assert entry is not None, "the page was published"
    assert page is not None, "and is there"
    known = dict(entry.files or {})
    if page.id in desk.details.labels:
        there = desk.details.labels[page.id]
        ours = frozenset(entry.labels) | _by_prefix(there, desk.settings.label_prefix)
        return _Now(ours & there, there, {**known, **_files_there(page.id, desk)})
    if case.as_wanted:
        files = {name: HeldFile(digest, known.get(name, HeldFile("", "")).id) for name, digest in draft.files.items()}
        return _Now(frozenset(entry.labels) | frozenset(draft.labels), frozenset(draft.labels), {**known, **files})
    return _Now(frozenset(entry.labels), frozenset(entry.labels), known)


def _by_prefix(labels: frozenset[str], prefix: str) -> frozenset[str]:
    return frozenset(label for label in labels if prefix and label.startswith(prefix))


def _files_there(page_id: str, desk: Desk) -> dict[str, HeldFile]:
    """Return our files on a page, known by their comment."""
    digests = ((each, file_digest(each.comment, desk.settings.book)) for each in desk.details.files.get(page_id, ()))
    return {each.name: HeldFile(digest, each.id) for each, digest in digests if digest is not None}


def _uploads(draft: Draft, now: _Now) -> Iterator[FileChange]:
    for name, digest in sorted(draft.files.items()):
        held = now.files.get(name)
        if held is None or held.digest != digest:
            yield FileChange(name, digest, "" if held is None else held.id)


def _old_parent(draft: Draft, page: Page, snapshot: Snapshot) -> str:
    """Return the title above, where the page moves; its id where that page is not ours."""
    if page.parent_id == parent_id_of(draft, snapshot):
        return ""
    if page.parent_id is None:
        return "the top of the space"
    if page.parent_id == snapshot.host:
        return "the page that the book hangs under"
    ref = snapshot.refs.get(page.parent_id)
    return snapshot.published[ref].entry.title if ref is not None else f"page {page.parent_id}"


def _told(change: Change, case: Case, draft: Draft, desk: Desk) -> Change | None:
    """Return the change with its diff, its message, its comments and its actions; None if nothing is left of it."""
    body = desk.storage(draft) if change.saves else ""
    present = desk.details.bodies.get(change.page_id, "") if change.saves else ""
    unfinished = case.entry is not None and not case.entry.finished and not case.suspected
    diff = _diff(present, body, unfinished=unfinished) if change.saves else ()
    actions = tuple(_kinds(change, diff))
    if not actions and not _unknown_to_manifest(change, case):
        return None
    message = FIRST if unfinished else _message(change, present, body)
    text = text_digest(body) if change.saves else ""
    told = replace(
        change, actions=actions or (Action.RECORD,), diff=diff, message=message if change.saves else "", text=text
    )
    return _with_comments(told, present, body)


def _diff(present: str, body: str, *, unfinished: bool) -> tuple[str, ...]:
    return first_lines(body) if unfinished else line_diff(present, body)


def _with_comments(change: Change, present: str, body: str) -> Change:
    """Return the markers to put back, and the comments whose words are gone; who wrote those is asked later."""
    markers = markers_of(present)
    lost = anchored(body, markers).lost if markers else frozenset()
    first = {each.ref: each for each in reversed(markers)}
    return replace(
        change,
        markers=tuple(each for each in markers if each.ref not in lost),
        remarks=tuple(DetachedComment(ref, first[ref].text, "", "") for ref in sorted(lost)),
    )


def _kinds(change: Change, diff: tuple[str, ...]) -> Iterator[Action]:
    if change.saves and (diff or not (change.old_title or change.old_parent)):
        yield Action.UPDATE
    if change.old_title:
        yield Action.RENAME
    if change.old_parent:
        yield Action.MOVE
    if change.new_labels or change.old_labels:
        yield Action.LABELS
    if change.uploads or change.removals:
        yield Action.ATTACHMENTS


def _unknown_to_manifest(change: Change, case: Case) -> bool:
    entry = case.entry
    assert entry is not None, "the page was published"
    told_by_page = case.held is None or not case.held.recorded or case.touched
    return told_by_page or not change.owned or entry.digest != change.digest


def _message(change: Change, present: str, body: str) -> str:
    return sentence(
        (
            f"renamed from {change.old_title}" if change.old_title else "",
            f"moved from below {change.old_parent}" if change.old_parent else "",
            in_words(present, body) if body else "",
            _files_in_words(change),
        )
    )


def _files_in_words(change: Change) -> str:
    words = [f"{'changed' if each.id else '+'} {each.name}" for each in change.uploads]
    words += [f"- {each.name}" for each in change.removals]
    return f"files: {', '.join(words)}" if words else ""
