"""One page's part of a plan, step by step in the order that a kill between any two leaves repairable.

The body comes last: its version's message is signed with the digest of the whole state, labels and files included,
so a signed version proves that everything before it was done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from generator.confluence.apply import sure
from generator.confluence.apply.register import Register
from generator.confluence.built import Built, Wanted
from generator.confluence.built import Entry as SitePage
from generator.confluence.manifest.entry import Entry, HeldFile, short_digest
from generator.confluence.manifest.marks import file_comment, ownership, page_key, placeholder, signed
from generator.confluence.plan.draft import Draft, body_of, draft_of
from generator.confluence.plan.markers import anchored
from generator.confluence.plan.values import Change, FileChange, Plan, Remark
from generator.confluence.storage.attachments import content_of
from generator.confluence.storage.write import Place
from generator.confluence.wiki import NewPage, Page, PageUpdate, Refused, Upload, VersionConflict, Wiki


@dataclass(frozen=True, slots=True)
class Bench:
    """What writing a page takes."""

    wiki: Wiki
    plan: Plan
    built: Built
    site_pages: Mapping[str, SitePage]
    places: Mapping[str, Place]
    page_ids: Mapping[str, str]
    """Of the pages that the plan changes, by reference; of the others the register knows them."""
    register: Register
    png_of_svg: Callable[[str], bytes]

    def parent_id(self, parent: str | None) -> str | None:
        """The page to put a page below; None where it could not be created."""
        if parent is None:
            return self.plan.host
        entry = self.register.entry(parent)
        return self.page_ids.get(parent) if entry is None else entry.page_id


def create(bench: Bench, change: Change) -> Page | None:
    """The new page with its first body; None where the page above it is missing."""
    parent_id = bench.parent_id(change.parent)
    if parent_id is None:
        return None
    book, token = bench.plan.settings.book, bench.register.token
    new = NewPage(bench.plan.space, change.title, placeholder(book, token, change.ref), parent_id)
    page = sure.created(bench.wiki, new, book, token, change.ref)
    bench.register.note(change.ref, Entry(change.ref, page.id, page.version.number, page.title, change.parent))
    return page


def step_aside(bench: Bench, change: Change) -> None:
    """Another title for the moment, under the same text; the page is as the plan saw it or is left alone."""
    page = bench.wiki.page(change.page_id, body=True)
    _refuse_changed(change, page)
    message = signed("Makes room for another page's title", bench.plan.settings.book, short_digest(change.aside))
    update = PageUpdate(page.id, change.aside, page.body or "", page.version.number + 1, message)
    written = sure.updated(bench.wiki, update, bench.plan.settings.book)
    entry = bench.register.entry(change.ref)
    base = Entry(change.ref, page.id, 0, "", change.parent) if entry is None else entry
    moved = replace(base, page_id=page.id, version=written.version.number, title=change.aside, digest=base.digest or "")
    bench.register.note(change.ref, moved)


def _refuse_changed(change: Change, page: Page) -> None:
    if page.version.number != change.version:
        said = f"somebody saved version {page.version.number} since the plan was made; make it again"
        raise VersionConflict(f"page {change.title!r}", said, 409)


def write(bench: Bench, change: Change) -> tuple[Remark, ...]:
    """Everything that belongs to the page; gives the comments that lost their place against the plan."""
    wanted = bench.built.wanted(bench.site_pages[change.ref])
    draft = draft_of(wanted, bench.places, bench.plan.settings)
    if draft.digest != change.digest:
        raise Refused(f"page {change.title!r}", "the site was built anew since the plan was made; make it again")
    held = bench.register.entry(change.ref)
    page_id = change.page_id or (held.page_id if held is not None else "")
    if not change.owned:
        value = ownership(bench.plan.settings.book, bench.plan.host, page_id, change.ref)
        sure.owned(bench.wiki, page_id, page_key(bench.plan.settings.book), value)
    files = {name: HeldFile(draft.files[name], identifier) for name, identifier in change.held_files.items()}
    files |= {each.name: _upload(bench, page_id, each, wanted) for each in change.uploads}
    if change.new_labels:
        bench.wiki.add_labels(page_id, change.new_labels)
    version = _version_before(change, held)
    if change.saves:
        version = _save(bench, change, page_id, version, wanted).version.number
    _clear(bench, change, page_id)
    bench.register.note(change.ref, _entry(draft, page_id, version, files))
    return _dangling(bench, change, page_id)


def _version_before(change: Change, held: Entry | None) -> int:
    """The version to build on: this run may have made one since the plan, by creating or stepping aside."""
    made_here = change.creates or bool(change.aside)
    return held.version if made_here and held is not None else change.version


def _entry(draft: Draft, page_id: str, version: int, files: Mapping[str, HeldFile]) -> Entry:
    return Entry(
        draft.ref, page_id, version, draft.title, draft.parent, draft.digest, draft.body, draft.labels, dict(files)
    )


def _upload(bench: Bench, page_id: str, change: FileChange, wanted: Wanted) -> HeldFile:
    attachment = next(each for each in wanted.converted.attachments if each.name == change.name)
    try:
        content = content_of(attachment, bench.built.site.read_file, bench.png_of_svg)
    except FileNotFoundError as error:
        raise Refused(f"file {change.name}", "the site has lost it since the plan was made; build it again") from error
    book, minor = bench.plan.settings.book, not bench.plan.settings.notify
    upload = Upload(change.name, content, attachment.media_type, file_comment(book, change.digest), minor)
    return HeldFile(change.digest, sure.uploaded(bench.wiki, page_id, change.id, upload, book).id)


def _save(bench: Bench, change: Change, page_id: str, version: int, wanted: Wanted) -> Page:
    settings = bench.plan.settings
    body = anchored(body_of(wanted, bench.places), change.markers).storage
    update = PageUpdate(
        page_id,
        change.title,
        body,
        version + 1,
        signed(change.message, settings.book, change.digest),
        minor=not settings.notify,
        parent_id=bench.parent_id(change.parent) if change.old_parent else None,
    )
    return sure.updated(bench.wiki, update, settings.book)


def _clear(bench: Bench, change: Change, page_id: str) -> None:
    """What the page has no more; last, as the old text may show it."""
    for label in change.old_labels:
        sure.label_removed(bench.wiki, page_id, label)
    for file in change.removals:
        sure.file_removed(bench.wiki, page_id, file.name, file.id, bench.plan.settings.book)


def _dangling(bench: Bench, change: Change, page_id: str) -> tuple[Remark, ...]:
    """Asked again after the save: a comment whose marker was put back and that dangles all the same."""
    if not change.markers:
        return ()
    kept = {marker.ref for marker in change.markers}
    found = bench.wiki.inline_comments(page_id)
    lost = [each for each in found if each.marker in kept and each.state == "dangling"]
    return tuple(Remark(each.marker, each.selection, each.author.name or each.author.id, "") for each in lost)
