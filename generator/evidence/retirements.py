"""The strings that a migration retires, with the live places that still contain them."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from generator.evidence.records import CodePlace, CodeUse, Evidence, NameKind
from generator.graph.waves import find_next_wave, find_unrepeated_waves, get_wave_moves
from generator.names import Ref
from generator.schema import Migration
from generator.schema.rollouts import AllowedPlace, MigrationStatus, RetiredText
from generator.values import FrozenValue


class LivePlaces(FrozenValue):
    """The places of a retired string in code or configuration that may not keep it: one system, one class of files."""

    use: CodeUse
    places: tuple[CodePlace, ...]
    more: int = 0
    """The number of further places, which the record counts but does not name."""
    has_moved: bool = False
    """Whether all waves of the system or model with this code are done, so that no place may be left in it."""

    @property
    def count(self) -> int:
        """The number of all places."""
        return len(self.places) + self.more

    @property
    def addresses(self) -> tuple[str, ...]:
        """The places, as `owner/name:path:line`."""
        return tuple(f"{self.use.repo}:{place.file}:{place.line}" for place in self.places)

    def __str__(self) -> str:
        """Return the addresses of the places, and the number of further ones."""
        named = ", ".join(self.addresses)
        if not named:
            return f"{self.more} in {self.use.repo}"
        return f"{named} and {self.more} more" if self.more else named


class KeptPlace(FrozenValue):
    """A place that may keep a retired string."""

    use: CodeUse
    place: CodePlace
    reason: str


class Retirement(FrozenValue):
    """A retired string, with the places in code and configuration that still contain it."""

    retired: RetiredText
    live: tuple[LivePlaces, ...]
    kept: tuple[KeptPlace, ...]
    course: tuple[tuple[date, int], ...]
    """The number of live places after each scan that changed it, oldest first."""

    @property
    def count(self) -> int:
        """The number of live places."""
        return sum(one.count for one in self.live)

    @property
    def moved(self) -> tuple[Ref, ...]:
        """The systems and models that have moved, although their code still contains the string."""
        return tuple(sorted({Ref.parse(one.use.system) for one in self.live if one.has_moved}))


def list_retirements(migration: Migration, evidence: Evidence) -> tuple[Retirement, ...]:
    """List the retired strings of a migration with their live places, in the order of the card."""
    return tuple(_build_retirement(migration, retired, evidence) for retired in migration.retires)


def is_finished(migration: Migration) -> bool:
    """Return whether a migration is done by its status or by its waves, so that no retired string may be left."""
    if migration.status is not MigrationStatus.RUNNING:
        return migration.status is MigrationStatus.DONE
    return bool(migration.waves) and find_next_wave(migration) is None and not find_unrepeated_waves(migration)


def has_moved(migration: Migration, item: str) -> bool:
    """Return whether an item has moved for all traffic of its last wave, and no wave of it is open or reverted."""
    waves = [(index, wave) for index, wave in enumerate(migration.waves) if item in get_wave_moves(migration, wave)]
    if migration.status is not MigrationStatus.RUNNING or not waves:
        return False
    reverted = find_unrepeated_waves(migration)
    return waves[-1][1].traffic == 100 and not any(wave.is_open or index in reverted for index, wave in waves)


def _build_retirement(migration: Migration, retired: RetiredText, evidence: Evidence) -> Retirement:
    live: list[LivePlaces] = []
    kept: list[KeptPlace] = []
    for use in evidence.list_records(CodeUse, migration.ref):
        if use.kind is not NameKind.RETIRED or use.name != retired.text or not use.cls.is_live:
            continue
        left: list[CodePlace] = []
        for place in use.places:
            exception = next((one for one in retired.exceptions if is_allowed(one, use.repo, place.file)), None)
            if exception is None:
                left.append(place)
            else:
                kept.append(KeptPlace(use, place, exception.why))
        more = use.count - len(use.places)
        if left or more:
            live.append(LivePlaces(use, tuple(left), more, has_moved(migration, use.system)))
    found = evidence.burn_downs.get((str(migration.ref), retired.text))
    return Retirement(retired, tuple(live), tuple(kept), found.counts if found else ())


def is_allowed(exception: AllowedPlace, repo: str, file: str) -> bool:
    """Return whether an exception includes a file: `owner/name:path`, or a path in any repository."""
    owner, _, path = exception.at.rpartition(":")
    return (not owner or owner.casefold() == repo.casefold()) and compile_path(path).fullmatch(file) is not None


@lru_cache(maxsize=4_096)
def compile_path(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a path or folder, in which `*` is any part of a name, and `**` any number of folders.

    A match is the whole path of a file.
    """
    wanted = pattern.removeprefix("./").strip("/")
    return re.compile("".join(_translate_wildcards(wanted)) + "(/.*)?" if wanted else ".*", re.DOTALL)


def _translate_wildcards(pattern: str) -> Iterator[str]:
    for part in re.split(r"(\*\*/|\*+)", pattern):
        if part == "**/":
            yield "(?:.*/)?"
        elif part.startswith("**"):
            yield ".*"
        else:
            yield "[^/]*" if part == "*" else re.escape(part)
