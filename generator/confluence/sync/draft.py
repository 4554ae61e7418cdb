"""A page of the site as it should be in the wiki, reduced to what can be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Wanted
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.write import WikiLocation
from generator.confluence.sync.manifest import LETTERS, short_digest
from generator.confluence.wiki import Flavour
from generator.findings import Finding, Position

_LONGEST_LABEL = 255
_REFUSED_IN_LABELS = frozenset(" :;,.?&[]()#^*@!\"'<>/\\|")


@dataclass(frozen=True, slots=True)
class Draft:
    """A page to publish, without its text."""

    ref: str
    path: str
    source: Position
    """Where its author changes it: the card, else the page itself."""
    title: str
    """The title of the site, until `with_titles` sets the title in the wiki."""
    parent: str | None
    labels: tuple[str, ...]
    storage: str
    """The digest of the storage, whose links name references."""
    files: Mapping[str, str]
    """Digests of its files by their name in the wiki."""
    findings: tuple[Finding, ...]
    links: frozenset[str] = frozenset()
    """The references of the pages that it links to."""
    state: str = ""
    """The content state; "" for an ordinary page."""
    appearance: str = ""
    """The width and the editor, as in `full-width v2`; "" for the wiki's own choice."""
    targets: tuple[str, ...] = ()
    """The titles of the pages that it links to."""

    @property
    def card(self) -> str:
        """The place for a message: `cards/ryl.yml:3`."""
        return f"{self.source.file}:{self.source.line}"

    @property
    def body(self) -> str:
        """The digest of the storage with its links resolved."""
        return short_digest([self.storage, list(self.targets)])

    @property
    def digest(self) -> str:
        """The digest of everything that is published."""
        files = [[name, digest] for name, digest in sorted(self.files.items())]
        more = [self.state, self.appearance] if self.state or self.appearance else []
        return short_digest([self.title, self.parent, list(self.labels), self.body, files, *more])

    def with_titles(self, titles: Mapping[str, str]) -> "Draft":
        """Return the draft with its title in the wiki, and those of the pages that it links to."""
        return replace(self, title=titles[self.ref], targets=tuple(titles[ref] for ref in sorted(self.links)))


def draft_of(wanted: Wanted, settings: PublishSettings, flavour: Flavour) -> Draft:
    """Return the page reduced to digests, so that thousands fit in memory."""
    entry, storage, is_cloud = wanted.entry, wanted.converted.storage, flavour is Flavour.CLOUD
    appearance = " ".join(filter(None, ("full-width" if settings.full_width else "", settings.editor)))
    return Draft(
        *(entry.ref, entry.path, entry.position, entry.title, entry.parent),
        labels=wiki_labels(entry.labels, settings.label_prefix),
        storage=short_digest(storage.resolve({ref: WikiLocation(ref) for ref in storage.refs})),
        files={each.name: each.digest[:LETTERS] for each in wanted.converted.attachments},
        findings=wanted.findings,
        links=storage.refs,
        state=entry.state if is_cloud else "",
        appearance=appearance if is_cloud else "",
    )


def places_of(titles: Mapping[str, str], space: str) -> dict[str, WikiLocation]:
    """Return the targets of links between pages: their titles, so that a page can link to one created after it.

    The space is named because Confluence's newer editor otherwise refuses some links (CONFCLOUD-69902).
    """
    return {ref: WikiLocation(title, space) for ref, title in titles.items()}


def body_of(wanted: Wanted, places: Mapping[str, WikiLocation]) -> str:
    """Return the storage of a page as it is sent."""
    return wanted.converted.storage.resolve(places)


def wiki_labels(words: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Return labels in lower case, sorted, without duplicates; refused characters become hyphens."""
    labels: set[str] = set()
    for word in words:
        plain = "".join("-" if sign in _REFUSED_IN_LABELS or sign.isspace() else sign for sign in word.strip().lower())
        label = "-".join(filter(None, plain.split("-")))
        if label:
            labels.add(f"{prefix}{label}"[:_LONGEST_LABEL])
    return tuple(sorted(labels))
