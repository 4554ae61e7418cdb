"""The retired strings on the page of a migration: how many places are left, which, and who removes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from generator.answers.evidence_duties import find_remover
from generator.answers.observations import describe_calls
from generator.diagrams import BurnDownChart, DatedCount
from generator.evidence.records import SeenCall
from generator.evidence.retirements import LivePlaces, Retirement, is_finished, list_retirements
from generator.evidence.sightings import UNKNOWN_CALLER
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key
from generator.pages.book import Book
from generator.pages.contexts.evidence import link_place
from generator.pages.contexts.parts import LabelledLink
from generator.schema import Migration
from generator.schema.days import format_day
from generator.values import FrozenValue

_MOST_ROWS = 60
"""The most places of a team; `modelbook scan` lists them all."""


class RetiredRow(FrozenValue):
    """A retired string with the number of its places."""

    text: str
    count: int
    at_start: int | None
    """The number of places that the first scan found; None if there was none."""
    removed_on: date | None
    """The day of the commit without the last place; None if there are places, or never were any."""
    systems: tuple[tuple[Ref | None, str, int], ...]
    """The systems with places, or the repositories whose places no card has; each with the number of places."""


class RemainingPlace(FrozenValue):
    """A line that still contains a retired string."""

    link: LabelledLink
    """Its address, as `owner/name:path:line`."""
    text: str
    part: Ref | None
    """The system or the model whose code it is; None if no card has it."""
    file_class: str


class TeamPlaces(FrozenValue):
    """The places that one team or person removes."""

    team: Ref | None
    """None if no card names an owner."""
    count: int
    places: tuple[RemainingPlace, ...]
    more: int
    """The number of places that `places` does not have."""


class KeptRow(FrozenValue):
    """A place that may stay, with the reason."""

    link: LabelledLink
    text: str
    reason: str


class RetiredCall(FrozenValue):
    """A caller of a retired string in the traffic."""

    text: str
    caller: Ref | None
    """The system; None if no card has the caller."""
    name: str
    """The name of the caller in the traffic, if no card has it."""
    requests: str
    """The number of requests in words."""
    last_on: date | None


class RetirementView(FrozenValue):
    """The retired strings of a migration, as far as the code was searched for them."""

    strings: tuple[RetiredRow, ...]
    teams: tuple[TeamPlaces, ...]
    kept: tuple[KeptRow, ...]
    counts: tuple[tuple[date, str, int], ...]
    """The number of places of each string after each scan that changed it, oldest first."""
    picture: BurnDownChart | None
    """None if the number has not changed since the first scan."""
    searched_on: date | None
    """The day of the newest commit that was searched; None if the code was not searched."""
    repositories: int
    is_stale: bool
    """Whether the search is older than evidence may be."""
    is_finished: bool
    """Whether the migration counts as done."""
    calls: tuple[RetiredCall, ...]

    @property
    def count(self) -> int:
        """The number of places left."""
        return sum(row.count for row in self.strings)

    @property
    def at_start(self) -> int:
        """The number of places that the first scans found."""
        return sum(row.at_start or 0 for row in self.strings)


def build_retirement_view(book: Book, migration: Migration) -> RetirementView:
    """Build the retired strings of a migration from the evidence of the book."""
    retirements = list_retirements(migration, book.evidence)
    searched_on = book.evidence.code_on
    return RetirementView(
        strings=tuple(map(_build_string, retirements)),
        teams=tuple(_list_teams(book, retirements)),
        kept=tuple(
            KeptRow(link_place(book, one.use, one.place), retirement.retired.text, one.reason)
            for retirement in retirements
            for one in retirement.kept
        ),
        counts=tuple(sorted((day, one.retired.text, count) for one in retirements for day, count in one.course)),
        picture=_build_burn_down(migration, retirements, searched_on),
        searched_on=searched_on,
        repositories=len(book.evidence.repositories),
        is_stale=searched_on is not None and (book.today - searched_on).days > book.settings.limits.evidence_days,
        is_finished=is_finished(migration),
        calls=tuple(_list_calls(book, migration)),
    )


def _build_string(retirement: Retirement) -> RetiredRow:
    counts: defaultdict[tuple[Ref | None, str], int] = defaultdict(int)
    for one in retirement.live:
        part = Ref.parse(one.use.system) if one.use.system else None
        counts[part, "" if part else one.use.repo] += one.count
    course = retirement.course
    return RetiredRow(
        text=retirement.retired.text,
        count=retirement.count,
        at_start=course[0][1] if course else None,
        removed_on=course[-1][0] if len(course) > 1 and not retirement.count else None,
        systems=tuple((part, repo, count) for (part, repo), count in counts.items()),
    )


def _list_teams(book: Book, retirements: Iterable[Retirement]) -> Iterable[TeamPlaces]:
    """List the places by the team that removes them, the team with the most first; without a team, last."""
    found: defaultdict[Ref | None, list[tuple[Retirement, LivePlaces]]] = defaultdict(list)
    for retirement in retirements:
        for live in retirement.live:
            found[find_remover(book.graph, retirement.retired, live.use.system)].append((retirement, live))
    for team, pairs in sorted(
        found.items(),
        key=lambda item: (item[0] is None, -sum(live.count for _, live in item[1]), build_sort_key(str(item[0]))),
    ):
        places = [
            RemainingPlace(
                link=link_place(book, live.use, place),
                text=retirement.retired.text,
                part=Ref.parse(live.use.system) if live.use.system else None,
                file_class="code" if live.use.cls == "code" else "configuration",
            )
            for retirement, live in pairs
            for place in live.places
        ]
        count = sum(live.count for _, live in pairs)
        shown = sorted(places, key=lambda place: build_sort_key(place.link.label))[:_MOST_ROWS]
        yield TeamPlaces(team, count, tuple(shown), count - len(shown))


def _list_calls(book: Book, migration: Migration) -> Iterator[RetiredCall]:
    """List the callers of each retired string, with all their calls."""
    groups = group_pairs(
        ((call.name, call.system, "" if call.system else call.caller or UNKNOWN_CALLER), call)
        for call in book.evidence.list_records(SeenCall, migration.ref)
    )
    for (text, system, name), calls in sorted(groups.items()):
        last_on = max((call.last_on for call in calls if call.last_on is not None), default=None)
        yield RetiredCall(text, Ref.parse(system) if system else None, name, describe_calls(calls), last_on)


def _build_burn_down(
    migration: Migration, retirements: Iterable[Retirement], searched_on: date | None
) -> BurnDownChart | None:
    """Build the chart of all places left; a string counts as it did first on the days before its first scan."""
    courses = [one.course for one in retirements if one.course]
    days = sorted({day for course in courses for day, _ in course})
    if len(days) < 2:
        return None
    if searched_on is not None and searched_on > days[-1]:
        days.append(searched_on)
    counts: list[DatedCount] = []
    for day in days:  # before its first scan, a string has the number of that scan
        places = (next((count for since, count in reversed(one) if since <= day), one[0][1]) for one in courses)
        counts.append(DatedCount(day, sum(places)))
    first, last = counts[0], counts[-1]
    description = f"Places left: {first.count} on {format_day(first.on)}, {last.count} on {format_day(last.on)}."
    return BurnDownChart(f"Hard-coded places left: {migration.name}", description, tuple(counts))
