"""A page of the site as it should stand in the wiki, reduced to what can be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Wanted
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.write import WikiLocation
from generator.confluence.sync.manifest import LETTERS, short_digest
from generator.findings import Finding, Position


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published of a page, without its text."""

    ref: str
    path: str
    source: Position
    """Where its author changes it: the card, else the page itself."""
    title: str
    parent: str | None
    labels: tuple[str, ...]
    body: str
    """Digest of the storage that is sent, with its links resolved."""
    files: Mapping[str, str]
    """Digests of its files by their name in the wiki."""
    findings: tuple[Finding, ...]
    links: frozenset[str] = frozenset()
    """The references of the pages that it links to."""

    @property
    def digest(self) -> str:
        """Of everything that is published; it signs the version in the wiki."""
        files = [[name, digest] for name, digest in sorted(self.files.items())]
        return short_digest([self.title, self.parent, list(self.labels), self.body, files])


def places_of(titles: Mapping[str, str], space: str) -> dict[str, WikiLocation]:
    """Where links between pages lead.

    By title: every Confluence takes that, and after a rename the pages that link there have new words anyway. The
    space is named because Confluence's newer editor otherwise refuses some links (CONFCLOUD-69902).
    """
    return {ref: WikiLocation(title, space) for ref, title in titles.items()}


def body_of(wanted: Wanted, places: Mapping[str, WikiLocation]) -> str:
    """Return the storage of a page as it is sent."""
    return wanted.converted.storage.resolve(places)


def draft_of(wanted: Wanted, places: Mapping[str, WikiLocation], settings: PublishSettings) -> Draft:
    """Return the page reduced to digests, so that thousands fit in memory."""
    entry = wanted.entry
    return Draft(
        entry.ref,
        entry.path,
        entry.position,
        places[entry.ref].title,
        entry.parent,
        wiki_labels(entry.labels, settings.label_prefix),
        short_digest(body_of(wanted, places)),
        {each.name: each.digest[:LETTERS] for each in wanted.converted.attachments},
        wanted.findings,
        wanted.converted.storage.refs,
    )


def relinked(draft: Draft, wanted: Wanted, places: Mapping[str, WikiLocation]) -> Draft:
    """Return the same page with its links leading to other places; its own title stays the one that is wanted."""
    return replace(draft, body=short_digest(body_of(wanted, places)))


_LONGEST = 255
_REFUSED = frozenset(" :;,.?&[]()#^*@!\"'<>/\\|")


def wiki_labels(words: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Lower case, sorted, each once; what no label may hold becomes a hyphen."""
    labels = (_label(word) for word in words)
    return tuple(sorted({f"{prefix}{label}"[:_LONGEST] for label in labels if label}))


def _label(word: str) -> str:
    plain = "".join("-" if sign in _REFUSED or sign.isspace() else sign for sign in word.strip().lower())
    return "-".join(part for part in plain.split("-") if part)
