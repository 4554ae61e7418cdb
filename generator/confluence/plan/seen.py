"""What the wiki was seen to hold, as the plan is given it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from generator.confluence.manifest.entry import ManifestEntry
from generator.confluence.manifest.manifest import Manifest, Run
from generator.confluence.wiki import Attachment, Child, Flavour, InlineComment, Page, Space, Status


@dataclass(frozen=True, slots=True)
class Published:
    """A page of ours, from the manifest, the journal or the page itself."""

    entry: ManifestEntry
    owned: bool = True
    """Whether the page carries its ownership property; where not, its first body has told whose it is."""
    recorded: bool = True
    """Whether the entry tells all; where not, only the page is known: a manifest was lost, a run was killed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every plan begins with: a few requests, however many pages there are."""

    flavour: Flavour
    space: Space
    host: str
    """The id of the page that the book hangs under."""
    manifest: Manifest
    published: Mapping[str, Published]
    """By reference."""
    pages: Mapping[str, Page]
    """Our pages as they stand, by id; what is gone for good is absent."""
    busy: Run | None = None
    """A run that holds the lock."""
    listing: tuple[Page, ...] | None = None
    """Every page of the space, where it had to be read."""

    @property
    def refs(self) -> dict[str, str]:
        """The references of our pages, by id."""
        return {each.entry.page_id: ref for ref, each in self.published.items()}

    @property
    def holding(self) -> dict[str, str]:
        """The titles that our pages have now, by reference, as far as readers still find the pages."""
        standing = ((ref, self.pages.get(each.entry.page_id)) for ref, each in self.published.items())
        return {ref: page.title for ref, page in standing if page is not None and page.status is Status.CURRENT}

    def with_found(
        self, found: Mapping[str, tuple[Published, Page]], listing: tuple[Page, ...] | None = None
    ) -> "Ground":
        """Return the ground with pages that were found; they count where the page that is listed is not there."""
        published, pages = dict(self.published), dict(self.pages)
        standing = self.holding
        for ref, (each, page) in found.items():
            if ref not in standing:
                published[ref] = each
                pages[page.id] = page
        return replace(self, published=published, pages=pages, listing=self.listing if listing is None else listing)


@dataclass(frozen=True, slots=True)
class Questions:
    """What has to be looked up before a plan can be made; page ids throughout."""

    bodies: tuple[str, ...] = ()
    """As they stand now."""
    versions: tuple[tuple[str, int], ...] = ()
    """Bodies as they were in a version."""
    details: tuple[str, ...] = ()
    """Labels and files."""
    children: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Account ids whose names the wiki did not tell."""

    def beyond(self, known: "Evidence") -> "Questions":
        """Return those that are not answered yet."""
        return Questions(
            tuple(page_id for page_id in self.bodies if page_id not in known.bodies),
            tuple(version for version in self.versions if version[0] not in known.versions),
            tuple(page_id for page_id in self.details if page_id not in known.labels),
            tuple(page_id for page_id in self.children if page_id not in known.children),
            tuple(account for account in self.accounts if account not in known.names),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """The answers, by page id."""

    bodies: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """None if that version is not there any more."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[Child, ...]] = field(default_factory=dict)
    comments: Mapping[str, tuple[InlineComment, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """By account id."""

    def joined(self, more: "Evidence") -> "Evidence":
        """These answers and more of them."""
        both = ({**getattr(self, each.name), **getattr(more, each.name)} for each in fields(self))
        return Evidence(*both)
