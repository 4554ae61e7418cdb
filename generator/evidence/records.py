"""The records of the files in `evidence/`, one JSON object a line. They contain no line of code and no payload."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, TypeVar, cast

import msgspec

from generator.grouping import group_pairs
from generator.names import ID_PATTERN, Ref

MOST_PLACES = 3
"""The number of places that a record of code names; the others are counted."""
MOST_RETIRED_PLACES = 100
"""The same for a retired string, since each of its places must be removed or have a reason to stay."""
RefText = Annotated[str, msgspec.Meta(pattern=rf"^[a-z][a-z0-9_]*:{ID_PATTERN}$")]
"""A reference such as `model:ryl`."""
Count = Annotated[int, msgspec.Meta(ge=0)]
"""A number of files, places, requests or milliseconds; a negative one would hide others in a sum."""
PartText = Annotated[str, msgspec.Meta(pattern=rf"^((system|model):{ID_PATTERN})?$")]
"""The system, or the model, that some code or a caller belongs to; empty if no card has it."""


class NameKind(StrEnum):
    """The kind of a name in the book, which determines the characters that may surround it."""

    ID = "id"
    ALIAS = "alias"
    INSTANCE = "instance"
    HOST = "host"
    URL = "url"
    FEATURE = "feature"
    RETIRED = "retired"
    PERSON = "person"
    """The id of a person who has left."""
    EMAIL = "email"
    """The e-mail address of a person who has left."""


class FileClass(StrEnum):
    """The class of a place: code and configuration are uses, the others are not."""

    CODE = "code"
    CONFIG = "config"
    TEST = "test"
    COMMENT = "comment"
    DOCS = "docs"
    TEXT = "text"
    DATA = "data"
    GENERATED = "generated"
    VENDORED = "vendored"
    LOCK = "lock"

    @property
    def is_live(self) -> bool:
        """Whether a name there is a use."""
        return self in {FileClass.CODE, FileClass.CONFIG}


class EvidenceRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="row"):
    """A record of an evidence file."""


class CodePlace(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A place in a repository; `line` and `column` start at 1."""

    file: str
    line: Annotated[int, msgspec.Meta(ge=1)]
    column: Annotated[int, msgspec.Meta(ge=1)]


class ScannedRepository(EvidenceRecord, tag="repository", frozen=True, kw_only=True):
    """A repository that was scanned."""

    repo: str
    """`owner/name` of its remote, else the name of its folder."""
    commit: str
    committed_on: date
    files: Count
    """The number of files that were read."""
    skipped: dict[str, Count] = {}
    """The number of files that were not read, by the reason."""
    scanned_on: date | None = None
    """The day of the newest commit that the scans knew so far: a repository without new commits is not stale."""

    @property
    def known_on(self) -> date:
        """The day up to which the code is known."""
        return self.scanned_on or self.committed_on

    @property
    def unread(self) -> dict[str, int]:
        """The number of files that may hide text of the repository, by the reason."""
        return {why: count for why, count in sorted(self.skipped.items()) if count and why not in HARMLESS_SKIPS}

    @property
    def is_whole(self) -> bool:
        """Whether every file was read, apart from binary ones."""
        return not self.unread


class SkipReason(StrEnum):
    """The reason for not reading a file."""

    BINARY = "binary"
    SYMBOLIC_LINK = "symbolic link"
    SUBMODULE = "submodule"
    LFS_POINTER = "Git LFS pointer"
    TOO_LARGE = "too large"
    MISSING = "missing object"
    """A partial clone lacks it."""
    DAMAGED = "damaged object"


HARMLESS_SKIPS = frozenset({SkipReason.BINARY, SkipReason.SYMBOLIC_LINK, SkipReason.SUBMODULE, SkipReason.LFS_POINTER})
"""The reasons for not reading a file that hide no text of the repository itself."""


class CodeUse(EvidenceRecord, tag="use", frozen=True, kw_only=True):
    """The places of one name in the code of one system, of one class."""

    ref: RefText
    """The card or resource that the name leads to, as `model:ryl`; a retired string leads to its migration."""
    kind: NameKind
    name: str
    """The name as the book writes it."""
    repo: str
    system: PartText = ""
    """The system, or the model itself, whose code it is, as `system:home-feed`; empty if no card has the place."""
    cls: FileClass = msgspec.field(name="class")
    count: Count
    places: tuple[CodePlace, ...]
    """The first places, sorted: `MOST_PLACES`, of a retired string `MOST_RETIRED_PLACES`."""
    commit: str
    committed_on: date
    first_seen: date
    """The date of the first scanned commit that had it."""

    def __post_init__(self) -> None:
        """Refuse a record that names more places than it counts."""
        if self.count < len(self.places):
            raise ValueError(f"count {self.count} is less than the number of places")


class WeakName(EvidenceRecord, tag="weak", frozen=True, kw_only=True):
    """A name that is too common to search for alone."""

    ref: RefText
    kind: NameKind
    name: str
    reason: str
    undecided: tuple[PartText, ...] = ()
    """The systems with the name in live code that declare the use: it can be neither confirmed nor refuted."""


class BurnDown(EvidenceRecord, tag="burn_down", frozen=True, kw_only=True):
    """The number of live places of a retired string after each scan that changed it, oldest first."""

    ref: RefText
    name: str
    counts: tuple[tuple[date, Count], ...]


UNKNOWN_TARGET = "hosts and services that no card names"
WITHOUT_HOST = "paths that no card has, in a source without hosts"
NOT_OF_THE_BOOK = (UNKNOWN_TARGET, WITHOUT_HOST)
"""The reasons of requests that reach nothing that a card names."""


class TrafficSource(EvidenceRecord, tag="source", frozen=True, kw_only=True):
    """A file of traffic that was read."""

    source: str
    """The format, as `envoy`, or the name that the user gives. Files of one format are added up."""
    first_on: date | None = None
    last_on: date | None = None
    window: str = ""
    """The length of time that the counts cover, as `30d`; empty if the source does not say."""
    requests: Count
    bad_lines: Count = 0
    undecided: dict[str, Count] = {}
    """The number of requests that no card could be found for, by the reason."""

    @property
    def is_of_others(self) -> bool:
        """Whether no request reached anything that a card names, so that the silence of a system shows nothing."""
        return 0 < self.requests <= sum(self.undecided.get(reason, 0) for reason in NOT_OF_THE_BOOK)


class SeenCall(EvidenceRecord, tag="call", frozen=True, kw_only=True):
    """The calls of one caller to one model, system or retired string."""

    ref: RefText
    """The target, as `model:ryl`; a retired string leads to its migration."""
    name: str
    """The name of the target in the traffic that the book knows: a host, a path, an id."""
    caller: str
    """The name of the caller in the traffic; empty if the source does not name it."""
    system: PartText = ""
    """The system of the caller, as `system:home-feed`; empty if no card has the name."""
    requests: Count
    errors: Count = 0
    first_on: date | None = None
    last_on: date | None = None
    window: str = ""
    source: str


class AnswerShape(StrEnum):
    """The result of comparing an answer with the contract."""

    VALID = "valid"
    INVALID = "invalid"
    REFUSED = "refused"
    """The status is not a success, so that the answer is not compared."""
    NO_ANSWER = "no answer"
    UNCHECKED = "unchecked"
    """The contract is too costly to compare with."""


class Verification(EvidenceRecord, tag="verification", frozen=True, kw_only=True):
    """The last answer of an endpoint to the example of its card."""

    ref: RefText
    environment: str
    instance: str = ""
    """The id of the copy of the model; empty for the model's own endpoint."""
    day: date
    valid_on: date | None = None
    """The last day on which the answer matched the contract; None if it never did."""
    status: Count | None = None
    """The HTTP status; None if there was no answer."""
    milliseconds: Count | None = None
    shape: AnswerShape
    problem: str = ""
    """The first difference from the contract, or the reason of the refusal; never a value of the answer."""

    @property
    def key(self) -> tuple[str, str, str]:
        """The endpoint: the model, the copy and the environment."""
        return self.ref, self.instance, self.environment


CodeRecord = ScannedRepository | CodeUse | WeakName | BurnDown
TrafficRecord = TrafficSource | SeenCall
CardRecord = TypeVar("CardRecord", CodeUse, SeenCall, Verification)


@dataclass(frozen=True)
class Evidence:
    """All evidence of a book."""

    code: tuple[CodeRecord, ...] = ()
    traffic: tuple[TrafficRecord, ...] = ()
    verifications: tuple[Verification, ...] = ()

    @cached_property
    def repositories(self) -> tuple[ScannedRepository, ...]:
        """The repositories that were scanned."""
        return tuple(one for one in self.code if isinstance(one, ScannedRepository))

    @cached_property
    def sources(self) -> tuple[TrafficSource, ...]:
        """The files of traffic that were read, apart from those of other hosts."""
        return tuple(one for one in self.traffic if isinstance(one, TrafficSource) and not one.is_of_others)

    @cached_property
    def weak_names(self) -> tuple[WeakName, ...]:
        """The names that are too common to search for alone."""
        return tuple(one for one in self.code if isinstance(one, WeakName))

    @cached_property
    def burn_downs(self) -> Mapping[tuple[str, str], BurnDown]:
        """The counts of each retired string, by its migration and its text."""
        return {(one.ref, one.name): one for one in self.code if isinstance(one, BurnDown)}

    @cached_property
    def code_on(self) -> date | None:
        """The day up to which the code is known; None if no code was scanned."""
        return max((one.known_on for one in self.repositories), default=None)

    @cached_property
    def traffic_on(self) -> date | None:
        """The last day of the traffic; None if no traffic was read, or no source has a day."""
        return max((one.last_on for one in self.sources if one.last_on is not None), default=None)

    @cached_property
    def _by_card(self) -> Mapping[tuple[type, str], tuple[CodeUse | SeenCall | Verification, ...]]:
        records = (one for one in (*self.code, *self.traffic) if isinstance(one, CodeUse | SeenCall))
        return group_pairs(((type(one), one.ref), one) for one in (*records, *self.verifications))

    def list_records(self, kind: type[CardRecord], ref: Ref) -> tuple[CardRecord, ...]:
        """List the uses in code, the calls or the last answers of endpoints of a card."""
        return cast(tuple[CardRecord, ...], self._by_card.get((kind, str(ref)), ()))

    def get_last_valid_day(self, ref: Ref) -> date | None:
        """Return the last day on which an endpoint of a model matched the contract; None if none ever did."""
        return max((one.valid_on for one in self.list_records(Verification, ref) if one.valid_on), default=None)


NO_EVIDENCE = Evidence()
