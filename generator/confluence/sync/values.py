"""The plan of a publish, and its result."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import field
from pydantic import StringConstraints

from generator.confluence.sync.manifest import Run
from generator.confluence.wiki import Flavour, Space
from generator.findings import Finding
from generator.settings import ConfluenceSettings
from generator.values import FrozenValue

FORMAT = 3
"""The version of saved plans."""


class PublishSettings(ConfluenceSettings):
    """The configuration's own, but for the space: here it is certain."""

    space: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    """The key of the space, as in `BOOK`."""


class Action(StrEnum):
    """An operation on a page, in the order of reports."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    MOVE = "move"
    LABELS = "labels"
    ATTACHMENTS = "attachments"
    STATE = "state"
    APPEARANCE = "appearance"
    ARCHIVE = "archive"
    TRASH = "trash"
    RECORD = "record"
    """Nothing changes on the page; only the manifest is brought up to date."""


class HoldReason(StrEnum):
    """The reason why a page is held: left as it is."""

    EDITED = "edited by hand"
    MOVED = "moved by hand"
    TRASHED = "removed by hand"
    ARCHIVED = "archived by hand"
    TITLE = "without a valid title"
    COMMENTS = "commented on"
    ERRORS = "held for its errors"
    PARENT = "left without a page above it"
    CHILDREN = "kept for its children"
    CLAIMED = "claimed by several cards"
    REMOVAL = "kept until its removal is confirmed"


class Marker(FrozenValue):
    """The place of an inline comment: the marked words with the text around them."""

    ref: str
    """The `ac:ref` that the comment and the marker share."""
    text: str
    before: str
    after: str


class DetachedComment(FrozenValue):
    """An open inline comment whose words change."""

    marker: str
    selection: str
    author: str
    body: str
    """Its text, shortened."""


class FileChange(FrozenValue):
    """A file to upload; `id` is the attachment that it replaces, "" for a new one."""

    name: str
    digest: str
    id: str = ""


class FileRemoval(FrozenValue):
    """A managed file that the page no longer has."""

    name: str
    id: str
    """"" if the wiki has to be asked for it."""


class Change(FrozenValue):
    """All operations on one page."""

    ref: str
    card: str
    """The place of its card: `cards/ryl.yml:3`."""
    path: str
    """The page in the site; "" for one that the site no longer has."""
    actions: tuple[Action, ...]
    title: str
    parent: str | None
    """The reference of the page that it is put or stays under; None for a page at the top of the book."""
    depth: int
    """The number of its ancestors in the book: parents are written first."""
    old_ref: str = ""
    """The former reference, if the card got another id."""
    old_title: str = ""
    """The present title, if the page is renamed."""
    old_parent: str = ""
    """The title of the present parent, if the page is moved."""
    page_id: str = ""
    """"" for a page to create, which has no address and no present parent either."""
    url: str = ""
    version: int = 0
    """The present version, which the change is based on."""
    owned: bool = True
    """Whether the page has its ownership property."""
    digest: str = ""
    """Of the published state; "" for a page to remove."""
    body: str = ""
    """The digest of the storage."""
    text: str = ""
    """The digest of the readable text of the new version; "" if no version is written."""
    saves: bool = False
    """Whether the page gets a new version, with the message below."""
    message: str = ""
    new_labels: tuple[str, ...] = ()
    old_labels: tuple[str, ...] = ()
    """Managed labels to remove."""
    held_labels: tuple[str, ...] = ()
    """Managed labels that stay."""
    uploads: tuple[FileChange, ...] = ()
    removals: tuple[FileRemoval, ...] = ()
    held_files: Mapping[str, str] = field(default_factory=dict)
    """The ids of the files that stay as they are, by name."""
    state: str = ""
    appearance: str = ""
    markers: tuple[Marker, ...] = ()
    """The comments that keep their place."""
    remarks: tuple[DetachedComment, ...] = ()
    """The open comments that lose their place."""
    aside: str = ""
    """A temporary title, because another page of the book gets its present one."""
    diff: tuple[str, ...] = ()
    """Lines that begin with `+ `, `- ` or two spaces, with `@@` for omitted lines."""
    notes: tuple[str, ...] = ()
    """The edits of users that are overwritten, with who and when, or that are in the card now."""

    @property
    def creates(self) -> bool:
        """Whether the page is new."""
        return Action.CREATE in self.actions

    @property
    def removes(self) -> bool:
        """Whether the page is removed."""
        return Action.ARCHIVE in self.actions or Action.TRASH in self.actions

    @property
    def forgets(self) -> bool:
        """Whether the page is no longer ours afterwards."""
        return not self.digest


class Conflict(FrozenValue):
    """A page that is held: left as it is."""

    ref: str
    card: str
    title: str
    url: str
    hindrance: HoldReason
    stops: bool = False
    """Whether nothing at all is published until it is settled."""
    who: str = ""
    when: str = ""
    """ISO 8601, as the wiki writes it."""
    words: str = ""
    """What to do about it."""
    diff: tuple[str, ...] = ()
    """The edit of a user: our version against the present one."""

    @property
    def event(self) -> str:
        """Who did what when: `edited by hand by Ada Admin on 2025-11-03 09:12`."""
        when = f" on {self.when[:16]}".replace("T", " ") if self.when else ""
        return f"{self.hindrance}{f' by {self.who}' if self.who else ''}{when}"

    @property
    def fails(self) -> bool:
        """Whether it makes the exit status 1: not if there is nothing that the book wants of the page."""
        return self.hindrance not in (HoldReason.CHILDREN, HoldReason.REMOVAL)


class Consent(FrozenValue):
    """The confirmations of the user."""

    removals: bool = False
    comments: bool = False


NO_CONSENT = Consent()


class Plan(FrozenValue):
    """The changes of a publish, which is applied as it is or not at all."""

    settings: PublishSettings
    consent: Consent
    flavour: Flavour
    space: Space
    host: str
    """The id of the parent page of the book."""
    head_version: int
    """The version of the manifest's head, which every publish raises; 0 if it is missing."""
    pages: int
    """Pages of the book."""
    owned: int
    """Pages of the book that were in the wiki before."""
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    unconfirmed: tuple[Conflict, ...]
    """The pages that stay because their removal was not confirmed."""
    findings: tuple[Finding, ...]
    titles: Mapping[str, str]
    """The title of every page, by reference: links contain it."""
    orders: Mapping[str, tuple[str, ...]]
    """Children in the order of the site, by the reference of their parent ("" for the top of the book), of each parent
    below which the order changes or a page is new.
    """
    busy: Run | None = None
    interrupted: bool = False
    """Whether a run was killed and its lock is still to be removed."""
    format: int = FORMAT

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes and not self.orders and not self.interrupted

    @property
    def refusals(self) -> tuple[str, ...]:
        """The reasons why nothing of this plan may be applied; empty if it may."""
        reasons = [f"{each.title!r} was {each.hindrance}: {each.words}" for each in self.conflicts if each.stops]
        if self.busy is not None:
            reasons.append(f"{self.busy.owner} is publishing now")
        return tuple(reasons)

    @property
    def exit_status(self) -> int:
        """0 if all pages can be published, else 1."""
        return 1 if self.refusals or any(each.fails for each in self.conflicts) else 0


class Outcome(StrEnum):
    """The end of a publish."""

    NOTHING = "nothing to do"
    DONE = "done"
    REFUSED = "refused"
    """Nothing was written."""
    INCOMPLETE = "incomplete"
    """Some pages were not written; the next run goes on from here."""


class Failure(FrozenValue):
    """A page that could not be written; `ref` is "" if it is about the run."""

    ref: str
    title: str
    card: str
    said: str
    """The wiki's own words, or ours."""
    url: str = ""


class Result(FrozenValue):
    """The changes that a publish made, and the pages that it left."""

    outcome: Outcome
    done: tuple[Change, ...] = ()
    failures: tuple[Failure, ...] = ()
    refusals: tuple[str, ...] = ()
    left: int = 0
    """Pages that were not reached."""
    dangling: tuple[tuple[str, DetachedComment], ...] = ()
    """Comments that lost their place although they got their marker back, with the titles of their pages."""
    held: tuple[Conflict, ...] = ()
    unconfirmed: tuple[Conflict, ...] = ()
    """The pages that stay because their removal was not confirmed."""

    @property
    def exit_status(self) -> int:
        """0 if every page is as in the site, 1 if something is left to do."""
        good = self.outcome in (Outcome.NOTHING, Outcome.DONE)
        return 0 if good and not self.dangling and not any(each.fails for each in self.held) else 1
