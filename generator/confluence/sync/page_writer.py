"""One page's part of a plan, step by step in the order that a kill between any two leaves repairable.

The body comes last: its version's message is signed with the digest of the whole state, labels and files included,
so a signed version proves that everything before it was done.
"""

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Built, PageEntry, Wanted
from generator.confluence.storage.attachments import read_content
from generator.confluence.storage.write import WikiLocation
from generator.confluence.sync import writes as sure
from generator.confluence.sync.draft import Draft, body_of, draft_of
from generator.confluence.sync.lock import Register
from generator.confluence.sync.manifest import HeldFile, ManifestEntry, short_digest
from generator.confluence.sync.markers import anchored, markers_of
from generator.confluence.sync.marks import file_comment, file_digest, ownership, page_key, placeholder, signed
from generator.confluence.sync.values import Change, DetachedComment, FileChange, Marker, Plan
from generator.confluence.wiki import NewPage, Page, PageUpdate, Refused, Upload, VersionConflict, Wiki


@dataclass(frozen=True, slots=True)
class Bench:
    """What writing a page takes."""

    wiki: Wiki
    plan: Plan
    built: Built
    site_pages: Mapping[str, PageEntry]
    places: Mapping[str, WikiLocation]
    page_ids: Mapping[str, str]
    """Of the pages that the plan changes, by reference; of the others the register knows them."""
    register: Register
    png_of_svg: Callable[[str], bytes]
    is_stale: Callable[[], bool]
    """Whether what the plan saw is some time ago, so that comments may have been made since."""

    def parent_id(self, parent: str | None) -> str | None:
        """Return the page to put a page below; None if it could not be created."""
        if parent is None:
            return self.plan.host
        entry = self.register.entry(parent)
        return self.page_ids.get(parent) if entry is None else entry.page_id


def create(bench: Bench, change: Change) -> Page | None:
    """Return the new page with its first body; None if the page above it is missing."""
    parent_id = bench.parent_id(change.parent)
    if parent_id is None:
        return None
    book, token = bench.plan.settings.book, bench.register.token
    new = NewPage(bench.plan.space, change.title, placeholder(book, token, change.ref), parent_id)
    page = sure.created(bench.wiki, new, book, token, change.ref)
    bench.register.note(change.ref, ManifestEntry(change.ref, page.id, page.version.number, page.title, change.parent))
    return page


def step_aside(bench: Bench, change: Change) -> None:
    """Another title for the moment, under the same text; the page is as the plan saw it or is left alone."""
    page = bench.wiki.page(change.page_id, body=True)
    _refuse_changed(change, page)
    number = page.version.number + 1
    words, digest = "Makes room for another page's title", short_digest(change.aside)
    message = signed(words, bench.plan.settings.book, digest, number)
    update = PageUpdate(page.id, change.aside, page.body or "", number, message)
    written = sure.updated(bench.wiki, update, bench.plan.settings.book)
    entry = bench.register.entry(change.ref)
    base = ManifestEntry(change.ref, page.id, 0, "", change.parent) if entry is None else entry
    moved = replace(base, page_id=page.id, version=written.version.number, title=change.aside, digest=base.digest or "")
    bench.register.note(change.ref, moved)


def _refuse_changed(change: Change, page: Page) -> None:
    if page.version.number != change.version:
        said = f"somebody saved version {page.version.number} since the plan was made; make it again"
        raise VersionConflict(f"page {change.title!r}", said, 409)


def write(bench: Bench, change: Change) -> tuple[DetachedComment, ...]:
    """Return everything that belongs to the page; gives the comments that lost their place against the plan."""
    wanted = bench.built.wanted(bench.site_pages[change.ref])
    draft = draft_of(wanted, bench.places, bench.plan.settings)
    if draft.digest != change.digest:
        raise Refused(f"page {change.title!r}", "the site was built anew since the plan was made; make it again")
    held = bench.register.entry(change.ref)
    page_id = change.page_id or (held.page_id if held is not None else "")
    if not change.owned:
        value = ownership(bench.plan.settings.book, bench.plan.host, page_id, change.ref)
        sure.owned(bench.wiki, page_id, page_key(bench.plan.settings.book), value)
    strange = _strange_files(bench, change, page_id)
    files = {name: HeldFile(draft.files[name], identifier) for name, identifier in change.held_files.items()}
    files |= {each.name: _upload(bench, page_id, each, wanted) for each in change.uploads}
    if change.new_labels:
        bench.wiki.add_labels(page_id, change.new_labels)
    version = _version_before(change, held)
    markers = change.markers
    if change.saves:
        body = body_of(wanted, bench.places)
        markers = _markers_now(bench, change, page_id, version, body)
        version = _save(bench, change, page_id, version, anchored(body, markers).storage).version.number
    _clear(bench, change, page_id, strange)
    bench.register.note(change.ref, _entry(draft, page_id, version, files))
    return _dangling(bench, page_id, markers)


def _strange_files(bench: Bench, change: Change, page_id: str) -> frozenset[str]:
    """The names under which somebody else's files stand now; Refused if one of ours would go over such a file."""
    replaced = {each.name for each in change.uploads if each.id}
    if not replaced and not change.removals:
        return frozenset()
    book = bench.plan.settings.book
    there = bench.wiki.attachments(page_id)
    strange = frozenset(each.name for each in there if file_digest(each.comment, book) is None)
    taken = sorted(replaced & strange)
    if taken:
        said = "somebody has put a file of their own in the place of ours; rename or remove it, then publish again"
        raise Refused(f"file {taken[0]}", said, 409)
    return strange


def _markers_now(bench: Bench, change: Change, page_id: str, version: int, body: str) -> tuple[Marker, ...]:
    """The comments to put back: those of the plan, or, where that is some time ago, those of the page as it stands.

    Raises Refused if one made since would lose its place, to which nobody said yes.
    """
    if change.creates or not bench.is_stale():
        return change.markers
    page = bench.wiki.page(page_id, body=True)
    if page.version.number != version:
        raise VersionConflict(f"page {change.title!r}", f"somebody saved version {page.version.number}", 409)
    markers = markers_of(page.body or "")
    lost = anchored(body, markers).lost
    if lost - {each.marker for each in change.remarks}:
        said = "somebody commented on words that go, since the plan was made; make it again"
        raise Refused(f"page {change.title!r}", said, 409)
    return tuple(each for each in markers if each.ref not in lost)


def _version_before(change: Change, held: ManifestEntry | None) -> int:
    """Return the version to build on: this run may have made one since the plan, by creating or stepping aside."""
    made_here = change.creates or bool(change.aside)
    return held.version if made_here and held is not None else change.version


def _entry(draft: Draft, page_id: str, version: int, files: Mapping[str, HeldFile]) -> ManifestEntry:
    return ManifestEntry(
        draft.ref, page_id, version, draft.title, draft.parent, draft.digest, draft.body, draft.labels, dict(files)
    )


def _upload(bench: Bench, page_id: str, change: FileChange, wanted: Wanted) -> HeldFile:
    attachment = next(each for each in wanted.converted.attachments if each.name == change.name)
    try:
        content = read_content(attachment, bench.built.site.read_file, bench.png_of_svg)
    except FileNotFoundError as error:
        raise Refused(f"file {change.name}", "the site has lost it since the plan was made; build it again") from error
    book, minor = bench.plan.settings.book, not bench.plan.settings.notify
    upload = Upload(change.name, content, attachment.media_type, file_comment(book, change.digest), minor)
    return HeldFile(change.digest, sure.uploaded(bench.wiki, page_id, change.id, upload, book).id)


def _save(bench: Bench, change: Change, page_id: str, version: int, body: str) -> Page:
    settings = bench.plan.settings
    update = PageUpdate(
        page_id,
        change.title,
        body,
        version + 1,
        signed(change.message, settings.book, change.digest, version + 1),
        minor=not settings.notify,
        parent_id=bench.parent_id(change.parent) if change.old_parent else None,
    )
    return sure.updated(bench.wiki, update, settings.book)


def _clear(bench: Bench, change: Change, page_id: str, strange: Container[str]) -> None:
    """What the page has no more; last, as the old text may show it. A file that is somebody else's now stays."""
    for label in change.old_labels:
        sure.label_removed(bench.wiki, page_id, label)
    for file in change.removals:
        if file.name not in strange:
            sure.file_removed(bench.wiki, page_id, file.name, file.id, bench.plan.settings.book)


def _dangling(bench: Bench, page_id: str, markers: Collection[Marker]) -> tuple[DetachedComment, ...]:
    """Asked again after the save: a comment whose marker was put back and that dangles all the same."""
    if not markers:
        return ()
    kept = {marker.ref for marker in markers}
    found = bench.wiki.inline_comments(page_id)
    lost = [each for each in found if each.marker in kept and each.state == "dangling"]
    return tuple(DetachedComment(each.marker, each.selection, each.author.name or each.author.id, "") for each in lost)
