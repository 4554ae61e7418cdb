"""A book, what was published of it, and the wiki as it is now: values for the planner, without a wiki."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from generator.confluence.sync.draft import Draft, TitleHolder
from generator.confluence.sync.manifest import HeldFile, Manifest, ManifestEntry, file_comment, short_digest
from generator.confluence.sync.planner import PlanInput, make_plan
from generator.confluence.sync.states import PageDetails, PageState, Snapshot, read_states
from generator.confluence.sync.values import NO_CONSENT, Consent, Plan, PublishSettings
from generator.confluence.wiki import (
    Account,
    Attachment,
    Descendant,
    Flavour,
    InlineComment,
    Page,
    PageVersion,
    Space,
    Status,
)
from generator.findings import Finding, Position

SETTINGS = PublishSettings(space="BOOK")
HOST = "host"
ADA = Account("u1", "Ada Admin")


def make_draft(ref: str, parent: str | None = None, **changes: object) -> Draft:
    path = f"{ref.replace(':', '/')}.html"
    position = Position(f"cards/{ref.partition(':')[2]}.yml", 3)
    draft = Draft(ref, path, position, ref.title(), parent, ("model",), "first", {}, ())
    return replace(draft, **changes)


def get_page_id(ref: str) -> str:
    return f"id of {ref}"


def make_page(draft: Draft, version: int = 1, **changes: object) -> Page:
    above = HOST if draft.parent is None else get_page_id(draft.parent)
    written = PageVersion(version, "", author=ADA, created_at="2026-11-03T09:12:00Z")
    page_id = get_page_id(draft.ref)
    page = Page(page_id, "1", draft.title, Status.CURRENT, above, written, None, f"https://w/{draft.ref}")
    return replace(page, **changes)


def make_entry(draft: Draft, version: int = 1, **changes: object) -> ManifestEntry:
    files = {name: HeldFile(digest, f"file {name}") for name, digest in draft.files.items()}
    entry = ManifestEntry(
        draft.ref, get_page_id(draft.ref), version, draft.title, draft.parent, draft.digest, draft.body, draft.labels,
        files,
    )  # fmt: skip
    return replace(entry, **changes)


def make_child(page: Page) -> Descendant:
    return Descendant(page.id, "page", page.title, page.status)


@dataclass
class World:
    """What the planner reads. `publish` records pages as published; tests change the wiki and the book after that."""

    drafts: list[Draft] = field(default_factory=list)
    published: dict[str, ManifestEntry] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str | None] = field(default_factory=dict)
    foreign_children: dict[str, tuple[Descendant, ...]] = field(default_factory=dict)
    flavour: Flavour = Flavour.CLOUD
    settings: PublishSettings = SETTINGS
    holders: dict[str, TitleHolder] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    """Labels and files as users left them; of other pages, as they were published."""
    files: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)
    comments: dict[str, tuple[InlineComment, ...]] = field(default_factory=dict)
    consent: Consent = NO_CONSENT
    orders: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """What the last plan read, by the name of the field."""

    def publish(self, *drafts: Draft) -> None:
        titles = {draft.ref: draft.title for draft in drafts}
        for draft in drafts:
            self.published[draft.ref] = make_entry(draft.with_titles(titles))
            page = make_page(draft)
            self.pages[page.id] = page
            self.bodies[page.id] = self.versions[page.id] = render(draft.with_titles(titles))
        self.drafts = list(drafts)
        for parent in {draft.parent for draft in drafts}:
            self.orders[parent or ""] = short_digest([draft.ref for draft in drafts if draft.parent == parent])

    def change_page(self, ref: str, **changes: object) -> None:
        page_id = get_page_id(ref)
        self.pages[page_id] = replace(self.pages[page_id], **changes)

    def edit(self, ref: str, body: str, **changes: object) -> None:
        """Save a page as a person does: a new version of the text and of what else is given."""
        page = self.pages[get_page_id(ref)]
        version = replace(page.version, number=page.version.number + 1)
        self.change_page(ref, version=version, **changes)
        self.bodies[page.id] = body

    @property
    def snapshot(self) -> Snapshot:
        space = Space("1", "BOOK", "Book", "home")
        manifest = Manifest("modelbook", HOST, intact=True, orders=self.orders)
        return Snapshot(self.flavour, space, HOST, manifest, self.published, self.pages, {})

    def read(self, name: str, keys: tuple[Any, ...]) -> Mapping[Any, Any]:
        """Return the details that are asked for, and only those."""
        self.asked[name] = (*self.asked.get(name, ()), *keys)
        children: dict[str, tuple[Descendant, ...]] = dict.fromkeys(self.pages, ())
        for page in self.pages.values():
            if page.parent_id in children and page.status is Status.CURRENT:
                children[page.parent_id] += (make_child(page),)
        for page_id, found in self.foreign_children.items():
            children[page_id] += found
        entries = {each.page_id: each for each in self.published.values()}
        known: dict[str, Mapping[Any, Any]] = {
            "bodies": self.bodies,
            "versions": {key: self.versions[key[0]] for key in keys if name == "versions"},
            "labels": {page_id: frozenset(entry.labels) for page_id, entry in entries.items()} | self.labels,
            "files": {page_id: make_attachments(entry) for page_id, entry in entries.items()} | self.files,
            "children": children,
            "comments": dict.fromkeys(self.pages, ()) | self.comments,
            "names": {key: self.names.get(key, key) for key in keys},
        }
        return {key: known[name][key] for key in keys if name != "bodies" or key in self.bodies}

    @property
    def states(self) -> tuple[PageState, ...]:
        self.asked.clear()
        return tuple(read_states(self.snapshot, self.drafts, self.settings, PageDetails(self.read)).values())

    def get_state(self, ref: str) -> PageState:
        return next(state for state in self.states if state.ref == ref)

    @property
    def given(self) -> PlanInput:
        return PlanInput(
            snapshot=self.snapshot,
            drafts=tuple(self.drafts),
            holders=self.holders,
            settings=self.settings,
            render=lambda draft, _titles: render(draft),
            details=PageDetails(self.read),
            consent=self.consent,
            findings=self.findings,
        )

    def plan(self) -> Plan:
        self.asked.clear()
        return make_plan(self.given)


def make_attachments(entry: ManifestEntry) -> tuple[Attachment, ...]:
    """Return our files on a page as the wiki lists them."""
    return tuple(
        Attachment(file.id, name, file_comment("modelbook", file.digest), 1)
        for name, file in (entry.files or {}).items()
    )


def render(draft: Draft) -> str:
    return f"<p>{' '.join([draft.storage, *draft.targets])}</p>"
