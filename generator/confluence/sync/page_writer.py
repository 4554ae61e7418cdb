"""The steps of writing one page, in an order that leaves nothing unknown if a run is killed between two of them.

A new page is created with its final body, then gets its files and labels. A changed page gets its new files and labels
first, then its body, and loses the old ones last. The ownership property comes after everything else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Built, PageEntry, Wanted
from generator.confluence.storage.attachments import read_content
from generator.confluence.storage.write import WikiLocation
from generator.confluence.sync import writes
from generator.confluence.sync.draft import Draft, body_of, draft_of
from generator.confluence.sync.lock import ManifestWriter
from generator.confluence.sync.manifest import (
    UNFINISHED,
    HeldFile,
    ManifestEntry,
    MarkVersion,
    PendingVersion,
    file_comment,
    file_digest,
    ownership,
    page_key,
)
from generator.confluence.sync.markers import SETTLED, anchored, markers_of
from generator.confluence.sync.values import Change, DetachedComment, FileChange, Marker, Plan
from generator.confluence.wiki import (
    NewPage,
    Page,
    PageUpdate,
    Property,
    Refused,
    Status,
    Upload,
    VersionConflict,
    Wiki,
)

_WIDTH, _EDITOR = "content-appearance-published", "editor"
"""The properties in which Cloud keeps how a page is shown and edited."""
_STATE_COLORS = {"deprecated": "#ffc400", "retired": "#ff7452", "review overdue": "#8777d9"}
_GREY = "#8993a4"


@dataclass(frozen=True, slots=True)
class ApplyContext:
    """Everything that writing a page needs."""

    wiki: Wiki
    plan: Plan
    built: Built
    site_pages: Mapping[str, PageEntry]
    places: Mapping[str, WikiLocation]
    page_ids: Mapping[str, str]
    """The ids of the pages that the plan changes, by reference; the manifest has the others."""
    manifest: ManifestWriter
    png_of_svg: Callable[[str], bytes]
    account_id: Callable[[], str]
    """Returns the id of the account that publishes; asked for only if an answer is lost."""

    @property
    def book(self) -> str:
        """The name of the book."""
        return self.plan.settings.book

    def parent_id(self, parent: str | None) -> str | None:
        """Return the id of the page above; None if it could not be created."""
        if parent is None:
            return self.plan.host
        entry = self.manifest.entry(parent)
        return self.page_ids.get(parent) if entry is None else entry.page_id

    def wanted(self, change: Change) -> tuple[Wanted, Draft]:
        """Return the page of a change as it is built now; raise Refused if that is not what was planned."""
        wanted = self.built.wanted(self.site_pages[change.ref])
        draft = draft_of(wanted, self.plan.settings, self.plan.flavour).with_titles(self.plan.titles)
        if draft.digest != change.digest:
            raise Refused(f"page {change.title!r}", "the site was built anew since the plan was made; make it again")
        return wanted, draft


def pending_entry(change: Change, known: ManifestEntry | None) -> ManifestEntry | None:
    """Return the entry that tells the next run what this one is about to write; None if it writes no page."""
    if change.forgets or not (change.saves or change.aside or change.new_labels or change.uploads or change.removals):
        return None
    if change.creates:
        pending = PendingVersion(1, change.text, change.body)
        return ManifestEntry(change.ref, "", 0, change.title, change.parent, labels=change.new_labels, pending=pending)
    title = change.old_title or change.title
    entry = known or ManifestEntry(
        change.ref, change.page_id, change.version, title, change.parent, UNFINISHED, files=None
    )
    version = change.version + change.saves + bool(change.aside)
    pending = PendingVersion(version, change.text, change.body if change.saves else "")
    labels = tuple(dict.fromkeys((*entry.labels, *change.new_labels)))
    return replace(entry, page_id=change.page_id, version=change.version, labels=labels, pending=pending)


def create(context: ApplyContext, change: Change) -> Page | None:
    """Create a page with its final body; return None if the page above it is missing."""
    parent_id = context.parent_id(change.parent)
    if parent_id is None:
        return None
    wanted, draft = context.wanted(change)
    new = NewPage(context.plan.space, change.title, body_of(wanted, context.places), parent_id)
    page = writes.create_page_once(context.wiki, new, context.book, context.account_id)
    entry = ManifestEntry(
        *(change.ref, page.id, page.version.number, page.title, change.parent, UNFINISHED, draft.body),
        labels=change.new_labels,
    )
    context.manifest.note(change.ref, entry)
    return page


def finish(context: ApplyContext, change: Change, page: Page) -> None:
    """Give a new page its files, its labels and its ownership property."""
    wanted, draft = context.wanted(change)
    files = {each.name: _upload(context, page.id, each, wanted) for each in change.uploads}
    if change.new_labels:
        context.wiki.add_labels(page.id, change.new_labels)
    version = _set_appearance(context, change, page.id, page.version.number)
    _mark_and_note(context, change, draft, page.id, version, files)


def step_aside(context: ApplyContext, change: Change, page: Page) -> None:
    """Give a page another title for the moment, under the same text, because another page takes its title."""
    message = "Makes room for another page's title"
    update = PageUpdate(page.id, change.aside, page.body or "", page.version.number + 1, message)
    written = writes.update_page_once(context.wiki, update, context.account_id)
    known = context.manifest.entry(change.ref)
    entry = known or ManifestEntry(change.ref, page.id, 0, "", change.parent, UNFINISHED)
    moved = replace(entry, page_id=page.id, version=written.version.number, title=change.aside)
    context.manifest.note(change.ref, moved)


def version_before(context: ApplyContext, change: Change) -> int:
    """Return the version that a change builds on; this run may have made one since the plan, by stepping aside."""
    entry = context.manifest.entry(change.ref)
    return entry.version if change.aside and entry is not None and entry.title == change.aside else change.version


def refuse_changed(context: ApplyContext, change: Change, page: Page | None) -> Page:
    """Return the page as it is now; raise a problem if it is not as the plan saw it."""
    call = f"page {change.title!r}"
    if page is None or page.status is not Status.CURRENT:
        where = "is not there any more" if page is None else f"is {page.status.value}"
        raise Refused(call, f"it {where} since the plan was made; make it again")
    if page.version.number != version_before(context, change):
        said = f"somebody saved version {page.version.number} since the plan was made; make it again"
        raise VersionConflict(call, said, 409)
    return page


def write(context: ApplyContext, change: Change, page: Page) -> tuple[DetachedComment, ...]:
    """Write everything that belongs to a page, and return the comments that lost their place against the plan."""
    wanted, draft = context.wanted(change)
    unmanaged = _unmanaged_files(context, change)
    files = {name: HeldFile(draft.files[name], identifier) for name, identifier in change.held_files.items()}
    files |= {each.name: _upload(context, page.id, each, wanted) for each in change.uploads}
    if change.new_labels:
        context.wiki.add_labels(page.id, change.new_labels)
    version, dangling = page.version.number, tuple[DetachedComment, ...]()
    if change.saves:
        version, dangling = _save(context, change, page, body_of(wanted, context.places))
    for label in change.old_labels:
        writes.remove_label(context.wiki, page.id, label)
    for file in change.removals:
        if file.name not in unmanaged:
            writes.remove_file(context.wiki, page.id, file.name, file.id, context.book)
    version = _set_appearance(context, change, page.id, version)
    _mark_and_note(context, change, draft, page.id, version, files)
    return dangling


def _mark_and_note(
    context: ApplyContext, change: Change, draft: Draft, page_id: str, version: int, files: Mapping[str, HeldFile]
) -> None:
    """Write the ownership property, and record the page as finished."""
    key, settings = page_key(context.book), context.plan.settings
    known = context.manifest.entry(change.ref)
    mark = known.mark if known is not None and known.page_id == page_id else None
    current = None if mark is None else Property(mark.id, key, None, mark.version)
    value = ownership(settings.book, context.plan.host, page_id, change.ref, version, draft.digest)
    stored = writes.overwrite_property(context.wiki, page_id, key, current, value)
    entry = ManifestEntry(
        *(draft.ref, page_id, version, draft.title, draft.parent, draft.digest, draft.body),
        labels=tuple(sorted({*change.held_labels, *change.new_labels})),
        files=dict(files),
        mark=MarkVersion(stored.id, stored.version),
        state=change.state,
        appearance=change.appearance,
    )
    context.manifest.note(change.ref, entry)


def _set_appearance(context: ApplyContext, change: Change, page_id: str, version: int) -> int:
    """Set the content state, the width and the editor where they are not as recorded; return the page's version."""
    known = context.manifest.entry(change.ref)
    state, appearance = ("", "") if known is None else (known.state, known.appearance)
    if change.appearance != appearance:
        for word in change.appearance.split():
            key = _EDITOR if word in ("v1", "v2") else _WIDTH
            writes.overwrite_property(context.wiki, page_id, key, None, word)
    if change.state != state:
        # The state is kept with a version, so that setting it makes one:
        # https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-states/
        name = change.state.capitalize()
        version += writes.set_state_once(context.wiki, page_id, name, _STATE_COLORS.get(change.state, _GREY))
    return version


def _unmanaged_files(context: ApplyContext, change: Change) -> frozenset[str]:
    """Return the names of files of other people; raise Refused if a managed file would replace one of them."""
    replaced = {each.name for each in change.uploads if each.id}
    if not replaced and not change.removals:
        return frozenset()
    there = context.wiki.attachments(change.page_id)
    unmanaged = frozenset(each.name for each in there if file_digest(each.comment, context.book) is None)
    taken = sorted(replaced & unmanaged)
    if taken:
        said = "somebody has put a file of their own in the place of ours; rename or remove it, then publish again"
        raise Refused(f"file {taken[0]}", said)
    return unmanaged


def _upload(context: ApplyContext, page_id: str, change: FileChange, wanted: Wanted) -> HeldFile:
    attachment = next(each for each in wanted.converted.attachments if each.name == change.name)
    try:
        content = read_content(attachment, context.built.site.read_file, context.png_of_svg)
    except FileNotFoundError as error:
        raise Refused(f"file {change.name}", "the site has lost it since the plan was made; build it again") from error
    comment, minor = file_comment(context.book, change.digest), not context.plan.settings.notify
    upload = Upload(change.name, content, attachment.media_type, comment, minor)
    return HeldFile(change.digest, writes.upload_file(context.wiki, page_id, change.id, upload, context.book).id)


def _save(context: ApplyContext, change: Change, page: Page, body: str) -> tuple[int, tuple[DetachedComment, ...]]:
    """Save the body with the comments of the page as it is now; return its version and the comments that got lost.

    Raise Refused if a comment that was made since the plan would lose its place, which nobody has confirmed.
    """
    markers = markers_of(page.body or "")
    lost = anchored(body, markers).lost
    unconfirmed = lost - {each.marker for each in change.remarks}
    if unconfirmed:  # a comment that is settled may go
        comments = context.wiki.inline_comments(page.id)
        unconfirmed &= {each.marker for each in comments if each.state not in SETTLED}
    if unconfirmed:
        said = "somebody commented on words that go, since the plan was made; make it again"
        raise Refused(f"page {change.title!r}", said)
    kept = tuple(each for each in markers if each.ref not in lost)
    update = PageUpdate(
        page.id,
        change.title,
        anchored(body, kept).storage,
        page.version.number + 1,
        change.message,
        minor=not context.plan.settings.notify,
        parent_id=context.parent_id(change.parent) if change.old_parent else None,
    )
    version = writes.update_page_once(context.wiki, update, context.account_id).version.number
    if not markers:
        return version, ()
    return _restore_comments(context, replace(update, version=version), body, kept)


def _restore_comments(
    context: ApplyContext, written: PageUpdate, body: str, kept: tuple[Marker, ...]
) -> tuple[int, tuple[DetachedComment, ...]]:
    """Look at the comments after a save, and save once more for those made during it whose words are still there."""
    comments = context.wiki.inline_comments(written.page_id)
    known = {marker.ref for marker in kept}
    dangling = [each for each in comments if each.state == "dangling"]
    strays = tuple(Marker(each.marker, each.selection, "", "") for each in dangling if each.marker not in known)
    lost = anchored(body, strays).lost
    found = tuple(each for each in strays if each.ref not in lost)
    version = written.version
    if found:
        again = replace(written, body=anchored(body, (*kept, *found)).storage, version=version + 1)
        version = writes.update_page_once(context.wiki, again, context.account_id).version.number
    gone = [each for each in dangling if each.marker in known]
    return version, tuple(
        DetachedComment(each.marker, each.selection, each.author.name or each.author.id, "") for each in gone
    )
