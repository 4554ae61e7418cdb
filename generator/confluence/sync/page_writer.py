"""The steps of writing one page, in an order that leaves nothing unknown if a run is killed between two of them.

A new page is created with its final body, then gets its files and labels. A changed page gets its new files and labels
first, then its body, and loses the old ones last. The ownership property comes after everything else.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial

from msgspec.structs import replace

from generator.confluence.built import Built, Wanted
from generator.confluence.rest import Wiki
from generator.confluence.storage.attachments import read_content
from generator.confluence.sync import writes
from generator.confluence.sync.draft import Draft, draft_of
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
from generator.confluence.sync.markers import SETTLED, insert_markers, markers_of
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
)

_WIDTH, _EDITOR = "content-appearance-published", "editor"
"""The properties in which Cloud keeps how a page is shown and edited."""
_STATE_COLORS = {"deprecated": "#ffc400", "retired": "#ff7452", "review overdue": "#8777d9"}
_GREY = "#8993a4"


def pending_entry(change: Change, entries: Mapping[str, ManifestEntry]) -> ManifestEntry | None:
    """Return the entry that records the coming write for the next run; None if no page is written."""
    if change.forgets or not (change.saves or change.aside or change.new_labels or change.uploads or change.removals):
        return None
    if change.creates:
        pending = PendingVersion(1, change.text, change.body)
        return ManifestEntry(change.ref, "", 0, change.title, change.parent, labels=change.new_labels, pending=pending)
    known = entries[change.ref]
    version = change.version + change.saves + bool(change.aside)
    pending = PendingVersion(version, change.text, change.body if change.saves else "")
    labels = tuple(dict.fromkeys((*known.labels, *change.new_labels)))
    return replace(known, page_id=change.page_id, version=change.version, labels=labels, pending=pending)


class PageWriter:
    """The pages of a plan as they are written, by several threads."""

    def __init__(
        self, wiki: Wiki, plan: Plan, built: Built, manifest: ManifestWriter, png_of_svg: Callable[[str], bytes]
    ) -> None:
        self.wiki, self.plan, self.manifest = wiki, plan, manifest
        self._built = built.for_flavour(wiki.flavour)
        self._site_pages = {entry.ref: entry for entry in built.entries}
        self._png_of_svg = png_of_svg
        self._account_id = cache(lambda: wiki.account().id)  # asked for only if an answer is lost

    def parent_id(self, parent: str | None) -> str | None:
        """Return the id of the page above; None if it could not be created."""
        if parent is None:
            return self.plan.host
        return self.manifest.entries[parent].page_id if parent in self.manifest.entries else None

    def create(self, change: Change) -> Page | None:
        """Create a page with its final body; return None if the page above it is missing."""
        parent_id = self.parent_id(change.parent)
        if parent_id is None:
            return None
        wanted, draft = self._convert(change)
        body = wanted.converted.storage.resolve(self.plan.titles, self.plan.space.key)
        new = NewPage(self.plan.space, change.title, body, parent_id)
        page = writes.create_page_once(self.wiki, new, self.plan.settings.book, self._account_id)
        entry = ManifestEntry(
            *(change.ref, page.id, page.version.number, page.title, change.parent, UNFINISHED, draft.body),
            labels=change.new_labels,
        )
        self.manifest.note(change.ref, entry)
        return page

    def set_temporary_title(self, change: Change, page: Page) -> None:
        """Give a page another title for the moment, under the same text, because another page takes its title."""
        message = "Makes room for another page's title"
        update = PageUpdate(page.id, change.aside, page.body or "", page.version.number + 1, message)
        written = writes.update_page_once(self.wiki, update, self._account_id)
        moved = replace(self.manifest.entries[change.ref], version=written.version.number, title=change.aside)
        self.manifest.note(change.ref, moved)

    def refuse_changed(self, change: Change, page: Page | None) -> Page:
        """Return the page as it is now; raise a problem if it is not as the plan saw it."""
        call, version = f"page {change.title!r}", change.version
        if page is None or page.status is not Status.CURRENT:
            where = "is not there any more" if page is None else f"is {page.status.value}"
            raise Refused(call, f"it {where} since the plan was made; make it again")
        entry = self.manifest.entries[change.ref]
        if change.aside and entry.title == change.aside:
            version = entry.version  # this run made it by giving it the temporary title
        if page.version.number != version:
            message = f"a user saved version {page.version.number} since the plan was made; make it again"
            raise VersionConflict(call, message, 409)
        return page

    def write(self, change: Change, page: Page) -> tuple[DetachedComment, ...]:
        """Write everything that belongs to a page and is not there yet, and record the page as finished.

        Return the comments that lost their place against the plan.
        """
        wiki, book = self.wiki, self.plan.settings.book
        wanted, draft = self._convert(change)
        managed = self._find_managed_files(change)
        files = {name: HeldFile(draft.files[name], identifier) for name, identifier in change.held_files.items()}
        files |= {each.name: self._upload(page.id, each, wanted) for each in change.uploads}
        if change.new_labels:
            wiki.add_labels(page.id, change.new_labels)
        version, dangling = page.version.number, tuple[DetachedComment, ...]()
        if change.saves and not change.creates:
            body = wanted.converted.storage.resolve(self.plan.titles, self.plan.space.key)
            version, dangling = self._save(change, page, body)
        for label in change.old_labels:
            writes.remove_once(partial(wiki.remove_label, page.id, label))
        for file in change.removals:
            if file.name in managed:
                writes.remove_once(partial(wiki.delete_attachment, managed[file.name]))
        known = self.manifest.entries[change.ref]
        version = self._set_appearance(change, known, page.id, version)
        stored = writes.overwrite_property(
            wiki,
            page.id,
            page_key(book),
            known.mark and Property(known.mark.id, page_key(book), None, known.mark.version),
            ownership(book, self.plan.host, page.id, change.ref, version, draft.digest),
        )
        entry = ManifestEntry(
            *(draft.ref, page.id, version, draft.title, change.parent, draft.digest, draft.body),
            labels=tuple(sorted({*change.held_labels, *change.new_labels})),
            files=files,
            mark=MarkVersion(stored.id, stored.version),
            state=change.state,
            appearance=change.appearance,
        )
        self.manifest.note(change.ref, entry)
        return dangling

    def _convert(self, change: Change) -> tuple[Wanted, Draft]:
        """Return the page of a change as it is built now; raise Refused if it differs from the plan."""
        wanted = self._built.wanted(self._site_pages[change.ref])
        draft = draft_of(wanted, self.plan.settings, self.plan.flavour).with_titles(self.plan.titles)
        if draft.digest != change.digest:
            raise Refused(f"page {change.title!r}", "the site was rebuilt since the plan was made; make it again")
        return wanted, draft

    def _set_appearance(self, change: Change, known: ManifestEntry, page_id: str, version: int) -> int:
        """Set the content state, the width and the editor if they differ from the record; return the page's version."""
        if change.appearance != known.appearance:
            for word in change.appearance.split():
                key = _EDITOR if word in ("v1", "v2") else _WIDTH
                writes.overwrite_property(self.wiki, page_id, key, None, word)
        if change.state != known.state:
            # The state is kept with a version, so that setting it makes one:
            # https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-states/
            color = _STATE_COLORS.get(change.state, _GREY)
            version += writes.set_state_once(self.wiki, page_id, change.state.capitalize(), color)
        return version

    def _find_managed_files(self, change: Change) -> Mapping[str, str]:
        """Return the ids of our files by name, if some change; raise Refused if one would replace that of a user."""
        replaced = {each.name for each in change.uploads if each.id}
        if not replaced and not change.removals:
            return {}
        book, there = self.plan.settings.book, self.wiki.attachments(change.page_id)
        managed = {each.name: each.id for each in there if file_digest(each.comment, book) is not None}
        taken = sorted(replaced.intersection(each.name for each in there) - managed.keys())
        if taken:
            message = "a user replaced a managed file by another one; rename or remove it, then publish again"
            raise Refused(f"file {taken[0]}", message)
        return managed

    def _upload(self, page_id: str, change: FileChange, wanted: Wanted) -> HeldFile:
        attachment = next(each for each in wanted.converted.attachments if each.name == change.name)
        try:
            content = read_content(attachment, self._built.site.read_file, self._png_of_svg)
        except FileNotFoundError as error:
            message = "the site has lost it since the plan was made; build it again"
            raise Refused(f"file {change.name}", message) from error
        settings = self.plan.settings
        comment = file_comment(settings.book, change.digest)
        upload = Upload(change.name, content, attachment.media_type, comment, minor=not settings.notify)
        return HeldFile(change.digest, writes.upload_file(self.wiki, page_id, change.id, upload, settings.book).id)

    def _save(self, change: Change, page: Page, body: str) -> tuple[int, tuple[DetachedComment, ...]]:
        """Save the body with the comments of the page as it is now; return its version and the comments that got lost.

        Raise Refused if a comment that was made since the plan would lose its place, which was not confirmed.
        """
        markers = markers_of(page.body or "")
        _, lost = insert_markers(body, markers)
        unconfirmed = lost - {each.marker for each in change.remarks}
        if unconfirmed:  # a comment that is settled may go
            comments = self.wiki.inline_comments(page.id)
            unconfirmed &= {each.marker for each in comments if each.state not in SETTLED}
        if unconfirmed:
            message = "since the plan was made, a user commented on words that are to be removed; make it again"
            raise Refused(f"page {change.title!r}", message)
        kept = tuple(each for each in markers if each.ref not in lost)
        update = PageUpdate(
            page.id,
            change.title,
            insert_markers(body, kept)[0],
            page.version.number + 1,
            change.message,
            minor=not self.plan.settings.notify,
            parent_id=self.parent_id(change.parent) if change.old_parent else None,
        )
        version = writes.update_page_once(self.wiki, update, self._account_id).version.number
        if not markers:
            return version, ()
        # Save once more for the comments that were made during the save and whose words are still there.
        known = {marker.ref for marker in kept}
        dangling = [each for each in self.wiki.inline_comments(page.id) if each.state == "dangling"]
        late = tuple(Marker(each.marker, each.selection, "", "") for each in dangling if each.marker not in known)
        late = tuple(each for each in late if each.ref not in insert_markers(body, late)[1])
        if late:
            again = replace(update, body=insert_markers(body, (*kept, *late))[0], version=version + 1)
            version = writes.update_page_once(self.wiki, again, self._account_id).version.number
        return version, tuple(
            DetachedComment(each.marker, each.selection, each.author.name or each.author.id, "")
            for each in dangling
            if each.marker in known
        )
