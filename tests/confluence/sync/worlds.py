"""A book, what was published of it, and the wiki as it is now: values for the planner, without a wiki."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.changes import Desk
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile, Manifest, ManifestEntry
from generator.confluence.sync.planner import make_plan
from generator.confluence.sync.states import Case, PageDetails, Published, Snapshot, cases_of
from generator.confluence.sync.titles import Titles
from generator.confluence.sync.values import Plan
from generator.confluence.wiki import Account, Child, Flavour, Page, PageVersion, Space, Status
from generator.findings import Finding, Position

SETTINGS = PublishSettings(space="BOOK", manual_edits="stop")
HOST = "host"
ADA = Account("u1", "Ada Admin")


def make_draft(ref: str, parent: str | None = None, **changes: object) -> Draft:
    path = f"{ref.replace(':', '/')}.html"
    draft = Draft(ref, path, Position(f"cards/{ref[-1]}.yml", 3), ref.title(), parent, ("model",), "first", {}, ())
    return replace(draft, **changes)  # type: ignore[arg-type]


def get_page_id(ref: str) -> str:
    return f"id of {ref}"


def make_page(draft: Draft, version: int = 1, **changes: object) -> Page:
    above = HOST if draft.parent is None else get_page_id(draft.parent)
    written = PageVersion(version, "", minor=False, author=ADA, created_at="2026-11-03T09:12:00Z")
    page_id = get_page_id(draft.ref)
    page = Page(page_id, "1", draft.title, Status.CURRENT, above, None, written, None, f"https://w/{draft.ref}")
    return replace(page, **changes)  # type: ignore[arg-type]


def make_entry(draft: Draft, version: int = 1, **changes: object) -> ManifestEntry:
    files = {name: HeldFile(digest, f"file {name}") for name, digest in draft.files.items()}
    entry = ManifestEntry(
        draft.ref, get_page_id(draft.ref), version, draft.title, draft.parent, draft.digest, draft.body, draft.labels,
        files,
    )  # fmt: skip
    return replace(entry, **changes)  # type: ignore[arg-type]


def make_child(page: Page) -> Child:
    return Child(page.id, "page", page.title, page.status)


@dataclass
class World:
    """What the planner reads. `publish` records pages as published; tests change the wiki and the book after that."""

    drafts: list[Draft] = field(default_factory=list)
    published: dict[str, Published] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str | None] = field(default_factory=dict)
    foreign_children: dict[str, tuple[Child, ...]] = field(default_factory=dict)
    flavour: Flavour = Flavour.CLOUD
    settings: PublishSettings = SETTINGS
    refused: dict[str, Finding] = field(default_factory=dict)

    def publish(self, *drafts: Draft) -> None:
        for draft in drafts:
            self.published[draft.ref] = Published(make_entry(draft))
            page = make_page(draft)
            self.pages[page.id] = page
            self.bodies[page.id] = self.versions[page.id] = render(draft)
        self.drafts = list(drafts)

    def change_page(self, ref: str, **changes: object) -> None:
        page_id = get_page_id(ref)
        self.pages[page_id] = replace(self.pages[page_id], **changes)  # type: ignore[arg-type]

    def edit(self, ref: str, body: str, **changes: object) -> None:
        """Save a page as a person does: a new version of the text and of what else is given."""
        page = self.pages[get_page_id(ref)]
        version = replace(page.version, number=page.version.number + 1)
        self.change_page(ref, version=version, **changes)
        self.bodies[page.id] = body

    @property
    def snapshot(self) -> Snapshot:
        space = Space("1", "BOOK", "Book", "home")
        manifest = Manifest("modelbook", HOST, intact=True)
        return Snapshot(self.flavour, space, HOST, manifest, self.published, self.pages)

    @property
    def details(self) -> PageDetails:
        children: dict[str, tuple[Child, ...]] = dict.fromkeys(self.pages, ())
        for page in self.pages.values():
            if page.parent_id in children and page.status is Status.CURRENT:
                children[page.parent_id] += (make_child(page),)
        for page_id, found in self.foreign_children.items():
            children[page_id] += found
        return PageDetails(bodies=self.bodies, versions=self.versions, children=children)

    @property
    def cases(self) -> tuple[Case, ...]:
        return cases_of(self.snapshot, self.drafts)

    def get_case(self, ref: str) -> Case:
        return next(case for case in self.cases if case.ref == ref)

    @property
    def desk(self) -> Desk:
        return Desk(self.snapshot, self.details, self.settings, render, compute_depths(self.drafts))

    def plan(self) -> Plan:
        titles = Titles({draft.ref: draft.title for draft in self.drafts}, self.refused)
        return make_plan(self.cases, self.desk, titles, {})


def render(draft: Draft) -> str:
    return f"<p>{draft.body}</p>"


def compute_depths(drafts: list[Draft]) -> Mapping[str, int]:
    parents = {draft.ref: draft.parent for draft in drafts}

    def depth(ref: str) -> int:
        parent = parents[ref]
        return 0 if parent is None else 1 + depth(parent)

    return {ref: depth(ref) for ref in parents}
