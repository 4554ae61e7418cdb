"""A page of the site as it should be in the wiki, reduced to what can be compared, and its title, which exists once."""

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from generator.confluence.built import Wanted
from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.sync.manifest import LETTERS, short_digest
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import TITLE_LIMIT, Flavour, Page, Status
from generator.findings import Finding, Position
from generator.values import FrozenValue

_LONGEST_LABEL = 255
_REFUSED_IN_LABELS = re.compile(r"""[-\s:;,.?&\[\]()#^*@!"'<>/\\|]+""")


class Draft(FrozenValue):
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
        storage=short_digest(storage.resolve({ref: ref for ref in storage.refs})),
        files={each.name: each.digest[:LETTERS] for each in wanted.converted.attachments},
        findings=wanted.findings,
        links=storage.refs,
        state=entry.state if is_cloud else "",
        appearance=appearance if is_cloud else "",
    )


def wiki_labels(words: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Return labels in lower case, sorted, without duplicates; refused characters become hyphens."""
    labels = {_REFUSED_IN_LABELS.sub("-", word.lower()).strip("-") for word in words}
    return tuple(sorted({f"{prefix}{label}"[:_LONGEST_LABEL] for label in labels if label}))


class TitleHolder(FrozenValue):
    """A foreign page with a title that a page of the book needs."""

    page: Page
    ref: str | None = None
    """The reference that its property claims for this book; None for a foreign page."""


def fold_title(title: str) -> str:
    """Return a title in the form in which Confluence compares it: in lower case, where `Straße` is not `Strasse`."""
    return " ".join(title.split()).lower()


def list_candidates(ref: str, title: str, settings: PublishSettings) -> tuple[str, ...]:
    """Return the titles that a page may have, the best first; none if they are too long."""
    kind, _, identifier = ref.partition(":")
    suffix = settings.title_suffix
    fallback = None if suffix is None else title + suffix.format(kind=kind, id=identifier)
    return tuple(each for each in (title, fallback) if each is not None and len(each) <= TITLE_LIMIT)


def list_new_titles(
    wanted: Mapping[str, str], current: Mapping[str, str], settings: PublishSettings
) -> tuple[str, ...]:
    """Return the titles that a page would newly take: only these can be taken by pages that are not known.

    `current` are the titles that our pages have now. The title of the last publish is out of date if a user has
    renamed or removed the page.
    """
    asked: dict[str, str] = {}
    for ref, title in wanted.items():
        choices = list_candidates(ref, title, settings)
        if current.get(ref) not in choices:
            asked.update((fold_title(each), each) for each in choices)
    return tuple(asked.values())


def assign_titles(
    wanted: Mapping[str, str],
    current: Mapping[str, str],
    staying: Mapping[str, str],
    holders: Collection[str],
    settings: PublishSettings,
) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the title of every page of the book, and the pages whose titles others have, with the one of ours if any.

    A page in `staying` keeps its title in the wiki; any other keeps its current title if that is one of its candidates.
    The pages that are not those of cards come first: cards are below them. A page for which no candidate is free gets a
    title that no page has: readers see a broken link to it, and no link to a foreign page.
    """
    given = {ref: staying[ref] for ref in wanted if ref in staying}
    used = {fold_title(title): ref for ref, title in staying.items()}
    choices = {ref: list_candidates(ref, title, settings) for ref, title in wanted.items() if ref not in given}
    for ref, titles in choices.items():
        now = current.get(ref)
        if now in titles and fold_title(now) not in used:
            given[ref] = now
            used[fold_title(now)] = ref
    refused: dict[str, str | None] = {}
    for ref, titles in sorted(choices.items(), key=lambda choice: not choice[0].startswith("page:")):
        if ref in given:
            continue
        free = next((each for each in titles if fold_title(each) not in used and fold_title(each) not in holders), None)
        if free is None:
            refused[ref] = used.get(fold_title(wanted[ref]))
            given[ref] = make_unused_title(wanted[ref], ref)
        else:
            given[ref] = free
            used[fold_title(free)] = ref
    return given, refused


def make_unused_title(title: str, mark: str) -> str:
    """Return a title that no page has."""
    suffix = f" ({mark})"
    return f"{title[: TITLE_LIMIT - len(suffix)]}{suffix}"


def find_title_conflict(draft: Draft, owner: str | None, holder: TitleHolder | None) -> Finding | None:
    """Return who has the title of a page, and how to free it; None if the title is only too long.

    `owner` is the reference of another page of the book that has it, `holder` a page outside the book.
    """
    hint = "rename the card, or set `title_suffix` in the configuration"
    if len(draft.title) > TITLE_LIMIT or (holder is None and owner is None):
        return None  # its length has a finding of its own
    if holder is None:
        by, fix = f"the page of {owner}", ""
    else:
        url, archived = holder.page.url, holder.page.status is Status.ARCHIVED
        kind = "archived page" if archived else "page"
        if holder.ref == draft.ref and archived:
            by = f"our own archived page {url}"
            fix = "restore it in Confluence, which is enough: it is then taken up again"
        elif holder.ref is not None:
            by, fix = f"our own {kind} {url} of {holder.ref}", "rename or delete that page in Confluence"
        elif archived:
            by, fix = f"the archived page {url}, which the book does not own", "restore or delete that page"
        else:
            by, fix = f"{url}, which the book does not own", ""
    message = f"the title {draft.title!r} is taken by {by}"
    return TITLE_TAKEN.at(draft.source, message, f"{fix}, or {hint}" if fix else hint)
