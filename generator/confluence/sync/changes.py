"""The change that makes one page match the site."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import first_lines, in_words, line_diff, text_digest
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile, file_digest
from generator.confluence.sync.markers import anchored, markers_of
from generator.confluence.sync.states import Live, PageDetails, Snapshot
from generator.confluence.sync.values import Action, Change, DetachedComment, FileChange, FileRemoval


@dataclass(frozen=True, slots=True)
class PlanContext:
    """The values that every change depends on."""

    snapshot: Snapshot
    settings: PublishSettings
    depths: Mapping[str, int]
    render: Callable[[Draft, Mapping[str, str]], str]
    """Returns the body of a page as it is sent, with the titles of all pages."""
    page_ids: Mapping[str, str | None]
    """The ids of the pages that others can be below, by reference; None for a page to create."""

    def parent_id(self, live: Live) -> str | None:
        """Return the wanted parent of a page; None if it is still to be created.

        A page whose parent is missing and held stays where it is.
        """
        if live.draft.parent is None:
            return self.snapshot.host
        return self.page_ids.get(live.draft.parent, live.page.parent_id)


def plan_creation(draft: Draft, titles: Mapping[str, str], context: PlanContext) -> Change:
    """Return the creation of a page."""
    body = context.render(draft, titles)
    more = ((Action.LABELS, draft.labels), (Action.ATTACHMENTS, draft.files), (Action.STATE, draft.state))
    return Change(
        ref=draft.ref,
        card=draft.card,
        path=draft.path,
        actions=(Action.CREATE, *(action for action, some in more if some)),
        title=draft.title,
        parent=draft.parent,
        depth=context.depths[draft.ref],
        owned=False,
        digest=draft.digest,
        body=draft.body,
        text=text_digest(body),
        saves=True,
        message="First published",
        new_labels=draft.labels,
        uploads=tuple(FileChange(name, digest) for name, digest in sorted(draft.files.items())),
        state=draft.state,
        appearance=draft.appearance,
        diff=first_lines(body),
    )


def is_as_wanted(live: Live) -> bool:
    """Return whether the last publish of a page is what the book wants, and nobody has edited it since."""
    return not live.edited and live.published.entry.digest == live.draft.digest


def is_placed_otherwise(live: Live, context: PlanContext) -> bool:
    """Return whether a page has another title or parent than wanted."""
    return live.page.title != live.draft.title or live.page.parent_id != context.parent_id(live)


def needs_version(live: Live, context: PlanContext) -> bool:
    """Return whether a page needs a new version: for its text, its title or its place."""
    if is_placed_otherwise(live, context):
        return True
    return not is_as_wanted(live) and (live.edited or live.published.entry.body != live.draft.body)


def plan_update(live: Live, titles: Mapping[str, str], details: PageDetails, context: PlanContext) -> Change | None:
    """Return the change that makes a published page match the book; None if it does."""
    draft, page, entry = live.draft, live.page, live.published.entry
    files = _list_our_files(live, details, context.settings.book)
    labels = details.labels.get(page.id)
    ours = frozenset(entry.labels)
    if labels is None:  # they are read for every page with labels that changes
        ours |= frozenset() if live.published.recorded else frozenset(draft.labels)
        labels = ours | frozenset(draft.labels)
    elif context.settings.label_prefix:
        ours |= {label for label in labels if label.startswith(context.settings.label_prefix)}
    change = Change(
        ref=draft.ref,
        card=draft.card,
        path=draft.path,
        actions=(),
        title=draft.title,
        parent=draft.parent,
        depth=context.depths[draft.ref],
        old_title=page.title if page.title != draft.title else "",
        old_parent=_describe_old_parent(live, context),
        page_id=page.id,
        url=page.url,
        parent_id=page.parent_id or "",
        version=page.version.number,
        owned=live.published.owned,
        digest=draft.digest,
        body=draft.body,
        saves=needs_version(live, context),
        new_labels=tuple(label for label in draft.labels if label not in labels),
        old_labels=tuple(sorted((ours & labels) - frozenset(draft.labels))),
        held_labels=tuple(sorted(ours & labels & frozenset(draft.labels))),
        uploads=tuple(
            FileChange(name, digest, files[name].id if name in files else "")
            for name, digest in sorted(draft.files.items())
            if name not in files or files[name].digest != digest
        ),
        removals=tuple(FileRemoval(name, file.id) for name, file in sorted(files.items()) if name not in draft.files),
        held_files={name: file.id for name, file in sorted(files.items()) if draft.files.get(name) == file.digest},
        state=draft.state,
        appearance=draft.appearance,
    )
    if change.saves:
        body, present = context.render(draft, titles), details.bodies.get(page.id, "")
        change = _with_comments(replace(change, text=text_digest(body)), present, body)
        change = replace(change, diff=line_diff(present, body), message=_describe_version(change, present, body))
    actions = tuple(_list_actions(change, live))
    is_recorded = live.published.recorded and change.owned and not live.touched and entry.digest == draft.digest
    if not actions and is_recorded:
        return None
    return replace(change, actions=actions or (Action.RECORD,))


def _list_our_files(live: Live, details: PageDetails, book: str) -> Mapping[str, HeldFile]:
    """Return our files on a page: those in the manifest that are still there, and those that our comment marks.

    A file of a user in the place of ours counts as ours until it would be replaced, which the wiki is asked before.
    """
    known = dict(live.published.entry.files or {})
    if live.page.id in details.files:
        there = details.files[live.page.id]
        marked = {each.name: HeldFile(digest, each.id) for each in there if (digest := file_digest(each.comment, book))}
        names = {each.name for each in there}
        return {**{name: file for name, file in known.items() if name in names}, **marked}
    if is_as_wanted(live):
        return {
            name: HeldFile(each, known[name].id if name in known else "") for name, each in live.draft.files.items()
        }
    return known


def _describe_old_parent(live: Live, context: PlanContext) -> str:
    """Return the title of the present parent, if the page is moved."""
    snapshot, parent_id = context.snapshot, live.page.parent_id
    if parent_id == context.parent_id(live):
        return ""
    if parent_id is None:
        return "the top of the space"
    if parent_id == snapshot.host:
        return "the parent page of the book"
    ref = snapshot.refs.get(parent_id)
    return f"page {parent_id}" if ref is None else snapshot.published[ref].entry.title


def _with_comments(change: Change, present: str, body: str) -> Change:
    """Return the change with the comments that keep their place, and those whose words are gone."""
    markers = markers_of(present)
    lost = anchored(body, markers).lost if markers else frozenset()
    first = {each.ref: each for each in reversed(markers)}
    return replace(
        change,
        markers=tuple(each for each in markers if each.ref not in lost),
        remarks=tuple(DetachedComment(ref, first[ref].text, "", "") for ref in sorted(lost)),
    )


def _list_actions(change: Change, live: Live) -> Iterator[Action]:
    entry = live.published.entry
    if change.saves and (change.diff or not (change.old_title or change.old_parent)):
        yield Action.UPDATE
    if change.old_title:
        yield Action.RENAME
    if change.old_parent:
        yield Action.MOVE
    if change.new_labels or change.old_labels:
        yield Action.LABELS
    if change.uploads or change.removals:
        yield Action.ATTACHMENTS
    if change.state != entry.state:
        yield Action.STATE
    if change.appearance != entry.appearance:
        yield Action.APPEARANCE


def _describe_version(change: Change, present: str, body: str) -> str:
    files = [f"{'changed' if each.id else '+'} {each.name}" for each in change.uploads]
    files += [f"- {each.name}" for each in change.removals]
    parts = (
        f"renamed from {change.old_title}" if change.old_title else "",
        f"moved from below {change.old_parent}" if change.old_parent else "",
        in_words(present, body),
        f"files: {', '.join(files)}" if files else "",
    )
    return "; ".join(part for part in parts if part)
