"""The records of a scan: the places of each name, the names that are too common, the counts of retired strings."""

import re
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from generator.evidence.matching import Hit
from generator.evidence.names import CARD_NAMES, WORD_KINDS, SearchName
from generator.evidence.ownership import get_code_owners, is_deployment
from generator.evidence.records import (
    MOST_PLACES,
    MOST_RETIRED_PLACES,
    BurnDown,
    CodePlace,
    CodeRecord,
    CodeUse,
    Evidence,
    FileClass,
    NameKind,
    ScannedRepository,
    WeakName,
)
from generator.evidence.retirements import list_retirements
from generator.evidence.scan import RepositoryScan
from generator.evidence.sightings import NOT_NAMES, is_documented
from generator.graph.edges import Graph
from generator.names import Ref
from generator.schema import Migration
from generator.schema.rollouts import MigrationStatus

MOST_FILES = 20
"""A name that stands alone in more files of one repository, and whose use no card declares there, is a common word."""
COMMON_SHARE = 0.1
"""A name that stands alone in a larger share of the repositories is a common word."""
FEWEST_REPOSITORIES = 5
"""The smallest number of repositories for which the share is measured: two of ten may well be uses."""
_CLEAR_NAME = re.compile(r"(?=.{8})[^\W_]+[\W_\d].*")
"""A name with a separator or a digit and at least 8 characters: wherever it is found, nearly always a use."""


class _UseKey(NamedTuple):
    """The places that make one record."""

    name: SearchName
    repo: str
    system: str
    cls: FileClass


@dataclass(slots=True)
class _Places:
    """The number of places, with the first ones in order."""

    most: int
    count: int = 0
    first: list[CodePlace] = field(default_factory=list)

    def add(self, place: CodePlace) -> None:
        self.count += 1
        if len(self.first) < self.most or place < self.first[-1]:
            insort(self.first, place)
            del self.first[self.most :]


@dataclass(slots=True)
class _FoundName:
    """The places of a name in one repository, system and class."""

    strong: _Places
    """The places in a position that proves the meaning of the name."""
    every: _Places
    files: set[str] = field(default_factory=set)
    """The files in which it stands alone; a few more than `MOST_FILES` at most."""


def build_code_records(
    scans: Iterable[RepositoryScan],
    graph: Graph,
    previous: Iterable[CodeRecord] = (),
    names: Iterable[SearchName] = (),
    *,
    kept: Callable[[str], bool] = lambda _: True,
    today: date = date.max,
) -> tuple[CodeRecord, ...]:
    """Return the records of a scan, merged with those of the previous file.

    Each scanned repository replaces its previous records, but a use keeps its `first_seen`. `kept` tells whether those
    of a repository that was not scanned again stay. Of the `names` that the scan searched for, those that are common
    words are recorded. A commit later than `today`, from a wrong clock, does not make the scan recent.
    """
    before = Evidence(tuple(previous))
    owners = get_code_owners(graph)
    scanned: dict[str, RepositoryScan] = {}
    found: dict[_UseKey, _FoundName] = {}
    for scan in scans:
        scanned[scan.repo] = replace(scan, hits=())
        for file, hit in scan.hits:
            system = select_owner(graph, owners.list_owners(scan.repo, file), hit.name)
            _add_hit(found, _UseKey(hit.name, scan.repo, system, hit.cls), file, hit)
    others = [one for one in before.repositories if one.repo not in scanned and kept(one.repo)]
    kept_repos = {one.repo for one in others}
    uses = [
        one for one in before.code
        if isinstance(one, CodeUse) and one.repo in kept_repos and _is_current(graph, one)
    ]  # fmt: skip
    repositories = (*others, *_list_scanned(scanned.values(), before.repositories, today))
    weak = _find_weak_names(graph, found, uses, names, len(repositories))
    if others:
        rescanned = {str(ref) for repo in scanned for ref in owners.list_cards(repo)}
        weak = _merge_weak_names((one for one in before.weak_names if _is_current(graph, one)), weak, rescanned)
    uses += _list_uses(found, weak, scanned, before)
    burn_downs = _list_burn_downs(graph, before, Evidence((*repositories, *uses)), today)
    return (*repositories, *uses, *weak.values(), *burn_downs)


def select_owner(graph: Graph, owners: tuple[Ref, ...], name: SearchName) -> str:
    """Return the owner of a place as a record has it; of several, a declared user, else the first.

    A deployment does not use what it configures: the place belongs to the code of the target, unless it is retired.
    Code that several models share shows none of them as the user of another one: the owner is unknown.
    """
    if not owners:
        return ""
    target, is_name = Ref.parse(name.ref), name.kind not in NOT_NAMES
    users = owners
    if is_name and not graph.is_retired(target):
        users = tuple(owner for owner in owners if not is_deployment(graph, owner))
    if len(owners) == len(users) == 1:
        return str(owners[0])
    if (declaring := next((owner for owner in owners if is_documented(graph, owner, target)), None)) is not None:
        return str(declaring)
    if not users or (target in users and users[0].kind != "system"):
        return name.ref
    return "" if is_name and users[0].kind == "model" and len(users) > 1 else str(users[0])


def _add_hit(found: dict[_UseKey, _FoundName], key: _UseKey, file: str, hit: Hit) -> None:
    if key not in found:
        most = MOST_RETIRED_PLACES if key.name.kind is NameKind.RETIRED and key.cls.is_live else MOST_PLACES
        found[key] = _FoundName(_Places(most), _Places(most))
    place = CodePlace(file, hit.line, hit.column)
    found[key].every.add(place)
    if hit.is_strong:
        found[key].strong.add(place)
    elif len(found[key].files) <= MOST_FILES:
        found[key].files.add(file)


def _is_current(graph: Graph, record: CodeUse | WeakName | BurnDown) -> bool:
    """Return whether the graph of the book still has the name of a record."""
    ref = Ref.parse(record.ref)
    card = graph.cards[ref].card if ref in graph.cards else None
    if isinstance(card, Migration):
        return any(retired.text == record.name for retired in card.retires)
    return ref in graph


def _list_scanned(
    scans: Collection[RepositoryScan], before: Iterable[ScannedRepository], today: date
) -> Iterator[ScannedRepository]:
    """List the scanned repositories; the scan is not older than the newest commit that any scan has seen."""
    days = [*(scan.committed_on for scan in scans), *(one.known_on for one in before)]
    scanned_on = max((day for day in days if day <= today), default=max(days, default=today))
    for scan in scans:
        yield ScannedRepository(
            repo=scan.repo, commit=scan.commit, committed_on=scan.committed_on, files=scan.files,
            skipped=dict(scan.skipped), scanned_on=scanned_on,
        )  # fmt: skip


def _merge_weak_names(
    before: Iterable[WeakName], weak: Mapping[SearchName, WeakName], rescanned: Container[str]
) -> dict[SearchName, WeakName]:
    """Add the names that were common in repositories that this scan does not have."""
    merged = dict(weak)
    for one in before:
        name = SearchName(one.name, one.ref, one.kind)
        now = merged.get(name, one)
        undecided = {
            *(system for system in one.undecided if system not in rescanned),
            *(now.undecided if name in weak else ()),
        }
        merged[name] = msgspec.structs.replace(now, undecided=tuple(sorted(undecided)))
    return merged


def _find_weak_names(
    graph: Graph,
    found: Mapping[_UseKey, _FoundName],
    others: Iterable[CodeUse],
    names: Iterable[SearchName],
    repositories: int,
) -> dict[SearchName, WeakName]:
    """Find the names that stand alone too often for a use: in many repositories, or in many files of one.

    A use that a card declares is no sign of a common word, and neither is the model's own code. The systems of one
    repository are counted apart: many of them may use a model.
    """
    files: defaultdict[SearchName, defaultdict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    declared: defaultdict[SearchName, set[str]] = defaultdict(set)
    for key, places in found.items():
        ref = Ref.parse(key.name.ref)
        if not places.files or not key.cls.is_live or key.system == key.name.ref:
            continue
        if key.system and is_documented(graph, Ref.parse(key.system), ref):
            declared[key.name].add(key.system)
        else:
            files[key.name][key.repo, key.system] |= places.files
    for use in others:
        name = SearchName(use.name, use.ref, use.kind)
        if name in files and use.cls.is_live and use.system != use.ref:
            files[name].setdefault((use.repo, use.system), set())
    weak: dict[SearchName, WeakName] = {}
    own = {name for name in names if name.kind in CARD_NAMES and name.weakness}
    for name in sorted({*files, *declared, *own}):
        reason = name.weakness or _measure_weakness(name, files[name], repositories)
        if reason:
            undecided = tuple(sorted(declared[name]))
            weak[name] = WeakName(ref=name.ref, kind=name.kind, name=name.text, reason=reason, undecided=undecided)
    return weak


def _measure_weakness(name: SearchName, files: Mapping[tuple[str, str], set[str]], repositories: int) -> str:
    """Return the reason why the scan shows that a name is a common word; empty if it is not."""
    if name.kind not in WORD_KINDS or _CLEAR_NAME.match(name.text):
        return ""
    crowded = min((repo for (repo, _), found in files.items() if len(found) > MOST_FILES), default=None)
    if crowded is not None:
        return f"alone in more than {MOST_FILES} files of {crowded}"
    named = len({repo for repo, _ in files})
    is_common = named >= FEWEST_REPOSITORIES and named > COMMON_SHARE * repositories
    return f"alone in more than {COMMON_SHARE:.0%} of the repositories" if is_common else ""


def _list_uses(
    found: Mapping[_UseKey, _FoundName],
    weak: Container[SearchName],
    scanned: Mapping[str, RepositoryScan],
    before: Evidence,
) -> Iterator[CodeUse]:
    """List the uses in the scanned repositories; a weak name counts in a strong position only."""
    first_seen = {
        _UseKey(SearchName(use.name, use.ref, use.kind), use.repo, use.system, use.cls): use.first_seen
        for use in before.code
        if isinstance(use, CodeUse)
    }
    for key, places in found.items():
        counted = places.strong if key.name.weakness or key.name in weak else places.every
        scan = scanned[key.repo]
        if not counted.count:
            continue
        yield CodeUse(
            ref=key.name.ref, kind=key.name.kind, name=key.name.text, repo=key.repo, system=key.system, cls=key.cls,
            count=counted.count, places=tuple(counted.first), commit=scan.commit, committed_on=scan.committed_on,
            first_seen=min(scan.committed_on, first_seen.get(key, scan.committed_on)),
        )  # fmt: skip


def _list_burn_downs(graph: Graph, before: Evidence, now: Evidence, today: date) -> Iterator[BurnDown]:
    """List the counts of the retired strings, continued if the number of live places has changed."""
    code_on = max((one.known_on for one in now.repositories if one.known_on <= today), default=now.code_on)
    migrations = (loaded.card for loaded in graph.cards.values() if isinstance(loaded.card, Migration))
    for migration in migrations:
        for retirement in list_retirements(migration, now):
            key = (str(migration.ref), retirement.retired.text)
            counts = before.burn_downs[key].counts if key in before.burn_downs else ()
            counts = tuple(one for one in counts if one[0] <= today)
            has_changed = not counts or counts[-1][1] != retirement.count
            if migration.status is not MigrationStatus.ROLLED_BACK and code_on is not None and has_changed:
                day = max([code_on, *(on for on, _ in counts)])
                counts = (*(one for one in counts if one[0] != day), (day, retirement.count))
            if counts:
                yield BurnDown(ref=key[0], name=key[1], counts=counts)
