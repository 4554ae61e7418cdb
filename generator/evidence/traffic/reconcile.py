"""Sources of traffic, read into records of the calls that reach the book."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import BinaryIO

from generator.evidence.records import TrafficRecord
from generator.evidence.traffic.callers import CallerIndex
from generator.evidence.traffic.calls import BadLines, ReadState
from generator.evidence.traffic.formats import TrafficFormat, create_parser, detect_format
from generator.evidence.traffic.reading import SourceReader
from generator.evidence.traffic.tally import Tally, build_records
from generator.evidence.traffic.targets import TargetIndex
from generator.schema import Card
from generator.values import FrozenValue


class ReadFile(FrozenValue):
    """A file of traffic that was read."""

    name: str
    format: TrafficFormat | None
    """None if its content has no known format, so that nothing was read."""
    bad: BadLines
    problem: str = ""
    """The reason why it was not read to its end."""
    is_empty: bool = False


class TrafficReader:
    """The calls of some files, which are counted together if they have one format."""

    def __init__(self, cards: Iterable[Card], window: str = "") -> None:
        """Index the names of a book.

        `window` is the length of time of recorded answers that do not contain it, as `30d`.
        """
        several = tuple(cards)
        self._window = window
        self.targets = TargetIndex(several)
        self._callers = CallerIndex(several)
        self._tallies: dict[TrafficFormat, Tally] = {}
        self._states: dict[TrafficFormat, list[ReadState]] = {}

    def read(self, name: str, file: BinaryIO, report: Callable[[int], object] = lambda _position: None) -> ReadFile:
        """Read a file.

        The file may be compressed with gzip. `report` receives the number of bytes that were read.
        """
        reader = SourceReader(file)
        state = ReadState()
        found, parser = None, None
        for block, number in reader.read_blocks():
            if parser is None:
                found = detect_format(block)
                if found is None:
                    return ReadFile(name, None, state.bad, reader.problem)
                parser = create_parser(found, state)
                tally = self._tallies.setdefault(found, Tally(self._callers, self.targets))
                self._states.setdefault(found, []).append(state)
            tally.add(parser.parse(block, number))
            report(reader.position)
        if parser is not None:
            tally.add(parser.finish())
        if found is TrafficFormat.PROMETHEUS:
            state.window = state.window or self._window
        for number in reader.long_lines:
            state.bad.add(number, "longer than any format writes")
        return ReadFile(name, found, state.bad, reader.problem, is_empty=not reader.position)

    @property
    def unknown_targets(self) -> Counter[str]:
        """The requests to hosts and services that no card names, of all files."""
        return sum((tally.unknown_targets for tally in self._tallies.values()), Counter[str]())

    def build_records(self, source: str = "") -> tuple[TrafficRecord, ...]:
        """Build the records of all files: a source for each format.

        `source` is the name of the source, instead of that of the format; after it if there are several formats.
        """
        records: list[TrafficRecord] = []
        for name, tally in self._tallies.items():
            label = f"{source} {name}" if source and len(self._tallies) > 1 else source or name.value
            records += build_records(tally, _merge_states(self._states[name]), label)
        return tuple(records)


def _merge_states(states: Iterable[ReadState]) -> ReadState:
    """Add up the states of several files. Their window is unknown if they have different ones."""
    several = list(states)
    windows = {state.window for state in several}
    is_cumulative = any(state.is_cumulative for state in several)
    merged = ReadState(window=windows.pop() if len(windows) == 1 else "", is_cumulative=is_cumulative)
    for state in several:
        merged.bad.count += state.bad.count
        for reason, number in state.undecided.items():
            merged.undecided[reason] += number
    return merged
