"""Numbers with their nouns, deeds with their doers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.manifest import Run, short_digest
from generator.confluence.wiki import Flavour, Space, WikiProblem
from generator.findings import Finding, Severity


def number_of(count: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def deed(what: str, who: str, when: str) -> str:
    """`edited by hand by Ada Admin on 2025-11-03 09:12`, as far as it is known; `when` is ISO 8601."""
    return f"{what}{f' by {who}' if who else ''}{f' on {when[:16]}'.replace('T', ' ') if when else ''}"


FORMAT = 1


class Action(StrEnum):
    """What is done to a page, in the order in which it is told."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    MOVE = "move"
    LABELS = "labels"
    ATTACHMENTS = "attachments"
    ARCHIVE = "archive"
    TRASH = "trash"
    RECORD = "record"
    """Nothing changes on the page; the manifest learns what stands there."""

    @property
    def removes(self) -> bool:
        """Whether the page leaves the tree."""
        return self in (Action.ARCHIVE, Action.TRASH)


class Trouble(StrEnum):
    """Why a page is not touched."""

    EDITED = "edited by hand"
    RENAMED = "renamed by hand"
    MOVED = "moved by hand"
    TRASHED = "removed by hand"
    ARCHIVED = "archived by hand"
    CHILDREN = "kept for its children"
    PARENT = "left without a page above it"


@dataclass(frozen=True, slots=True)
class Marker:
    """An inline comment's place in a text: the marked words with what stands around them."""

    ref: str
    """The `ac:ref` that ties the comment to the marker."""
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DetachedComment:
    """An inline comment that would lose its place."""

    marker: str
    selection: str
    author: str
    body: str
    """Its text, shortened."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to upload; `id` is the attachment that it replaces, "" for a new one."""

    name: str
    digest: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class FileRemoval:
    """A file of ours that the page has no more."""

    name: str
    id: str
    """"" if the wiki has to be asked for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that is done to one page."""

    ref: str
    card: str
    """Where its author changes it: `cards/ryl.yml:3`."""
    path: str
    """The page in the site; "" for one that the site has no more."""
    actions: tuple[Action, ...]
    title: str
    parent: str | None
    """The reference of the page above; None for the page that the book hangs under."""
    depth: int
    """Pages above it in the book: parents are written first."""
    old_title: str = ""
    old_parent: str = ""
    """The title of the page that it stood below, where it moves."""
    page_id: str = ""
    """"" for a page to create."""
    parent_id: str = ""
    """The page that it stands below now; "" for a page to create, and at the top of the space."""
    version: int = 0
    """The one that stands there now, and that the change builds on."""
    owned: bool = True
    digest: str = ""
    """Of the state that is published; "" for a page that goes."""
    text: str = ""
    """Digest of the readable text that is saved."""
    body: str = ""
    """Digest of the storage that is saved, as the draft has it."""
    saves: bool = False
    """Whether the page gets a new version."""
    state: str = ""
    """The content state that the page gets; "" for the ordinary one."""
    appearance: str = ""
    """The width and the editor that the page gets, as `full-width v2`; "" leaves them."""
    message: str = ""
    """The message of the version."""
    held_labels: tuple[str, ...] = ()
    """Labels of ours that stay."""
    new_labels: tuple[str, ...] = ()
    old_labels: tuple[str, ...] = ()
    """Labels of ours to take away."""
    uploads: tuple[FileChange, ...] = ()
    removals: tuple[FileRemoval, ...] = ()
    held_files: Mapping[str, str] = field(default_factory=dict)
    """The ids of the files that stay as they are, by name."""
    markers: tuple[Marker, ...] = ()
    """The comments that get their markers back."""
    remarks: tuple[DetachedComment, ...] = ()
    """The open comments that would lose their place."""
    aside: str = ""
    """A title that it takes for a moment, because another page of ours gets its present one."""
    diff: tuple[str, ...] = ()
    """Lines that begin with `+ `, `- ` or two spaces; `@@` stands where lines are left out."""
    notes: tuple[str, ...] = ()
    """What people did to the page that is written over or goes with it: what, who and when."""

    @property
    def creates(self) -> bool:
        """Whether the page is not there yet."""
        return Action.CREATE in self.actions

    @property
    def removes(self) -> bool:
        """Whether the page leaves the tree."""
        return any(action.removes for action in self.actions)

    @property
    def forgets(self) -> bool:
        """Whether the page is ours no more afterwards."""
        return not self.digest


@dataclass(frozen=True, slots=True)
class Conflict:
    """A page that is not as we left it, or that cannot go."""

    ref: str
    card: str
    title: str
    url: str
    hindrance: Trouble
    stops: bool
    """Whether nothing at all is published until it is settled."""
    who: str = ""
    when: str = ""
    """ISO 8601, as the wiki tells it."""
    words: str = ""
    """What to do about it."""
    diff: tuple[str, ...] = ()
    """What somebody changed: our version against the present one."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody has said yes to."""

    removals: bool = False
    comments: bool = False


NO_CONSENT = Consent()
"""Nobody was asked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do; applied as it stands, or not at all."""

    settings: PublishSettings
    flavour: Flavour
    space: Space
    host: str
    head_version: int
    """Of the manifest's head; 0 where there is none. Any publish in between raises it."""
    pages: int
    """Pages of the book."""
    owned: int
    """Pages of ours in the wiki before."""
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    titles: Mapping[str, str]
    """Of every page, by reference: links are written with them."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The references of the pages below a parent in the site's order, where it may have to be restored."""
    busy: Run | None = None
    interrupted: bool = False
    """Whether a run was killed and its lock is still to be taken off."""
    format: int = FORMAT

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes and not self.interrupted

    @property
    def removed(self) -> int:
        """Pages that would leave the tree."""
        return sum(change.removes for change in self.changes)

    @property
    def leaves_none(self) -> bool:
        """Whether pages are removed and none of those that were there before stays: how small the book may be, an
        empty site or a wrong folder looks like that.
        """
        return self.removed > 0 and sum(change.forgets for change in self.changes) == self.owned

    @property
    def remarks(self) -> tuple[DetachedComment, ...]:
        """All comments that would lose their place."""
        return tuple(remark for change in self.changes for remark in change.remarks)

    def refusals(self, consent: Consent = NO_CONSENT) -> tuple[str, ...]:
        """Return why this plan must not be applied; empty if it may."""
        reasons = [f"{each.title!r} was {each.hindrance}: {each.words}" for each in self.conflicts if each.stops]
        errors = sum(finding.severity is Severity.ERROR for finding in self.findings)
        if errors:
            reasons.append(f"the book has {number_of(errors, 'error')} to mend first")
        many = self.removed > max(3, self.owned * self.settings.removal_percent / 100)
        if not consent.removals and (many or self.leaves_none):
            reasons.append(f"it would remove {self.removed} of {number_of(self.owned, 'page')}, which needs a yes")
        if not consent.comments and self.remarks:
            whose = "its place" if len(self.remarks) == 1 else "their places"
            reasons.append(f"{number_of(len(self.remarks), 'comment')} would lose {whose}, which needs a yes")
        if self.busy is not None:
            reasons.append(f"{self.busy.owner} is publishing now")
        return tuple(reasons)


class Outcome(StrEnum):
    """How it ended."""

    NOTHING = "nothing to do"
    DONE = "done"
    REFUSED = "refused"
    """Nothing was written."""
    INCOMPLETE = "incomplete"
    """Some pages were not written; the next run goes on from here."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that could not be written, or "" for `ref` where it is about the run."""

    ref: str
    title: str
    card: str
    said: str
    """The wiki's own words, or ours."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was done, and what was not."""

    outcome: Outcome
    done: tuple[Change, ...] = ()
    failures: tuple[Failure, ...] = ()
    refusals: tuple[str, ...] = ()
    left: int = 0
    """Pages that were not reached."""
    dangling: tuple[tuple[str, DetachedComment], ...] = ()
    """Comments that lost their place although they got their marker back, with the titles of their pages."""

    @property
    def exit_status(self) -> int:
        """0 where everything is as the site says, 1 where something is left to do."""
        good = self.outcome in (Outcome.NOTHING, Outcome.DONE)
        return 0 if good and not self.dangling else 1

    def count(self, action: Action) -> int:
        """Return how many pages had this done to them."""
        return sum(action in change.actions for change in self.done)


def failure_of(change: Change, problem: WikiProblem) -> Failure:
    """Return the server's words with the page and the card that they are about."""
    return Failure(change.ref, change.title, change.card, str(problem))


def order_digest(refs: Iterable[str]) -> str:
    """Return a digest of an order of siblings."""
    return short_digest(list(refs))
