"""Matches a stranger's regular expression within a bound, whatever the pattern and the text.

The pattern becomes a machine, and a text matches if a search of (state, place) pairs reaches the end; each pair is
looked at once. Without captures and back-references that is exact, so `(a+)+$` costs pattern times text.
"""

from dataclasses import dataclass, field

from generator.contracts.pattern_syntax import (
    WORD,
    Characters,
    Choice,
    Edge,
    Look,
    Node,
    PatternError,
    Repeat,
    Sequence,
    read,
)

_LARGEST_MACHINE = 20_000
_MOST_STEPS = 500_000


class PatternTooCostlyError(ValueError):
    """Matching would take more steps than anybody should wait for."""


@dataclass(frozen=True, slots=True)
class _State:
    """What to do in a state, and where to go on; no `test` is a fork that goes on anywhere."""

    test: Characters | Edge | Look | None
    onward: tuple[int, ...]
    inside: int = -1
    """Where the machine of a Look starts."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    states: tuple[_State, ...]
    start: int

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text; raises PatternTooCostlyError past 500,000 steps."""
        return self.measured_search(text)[0]

    def measured_search(self, text: str) -> tuple[bool, int]:
        """The answer of `search`, and the steps that it took."""
        run = _Run(self.states, text)
        found = any(run.reaches_end(self.start, place, 1) for place in range(len(text) + 1))
        return found, run.steps


def compile_pattern(pattern: str) -> Pattern:
    """The machine of a pattern; raises PatternError where the pattern is none, or too large a one."""
    builder = _Builder()
    end = builder.add(None, ())
    start = builder.build(read(pattern), end, forward=True)
    return Pattern(tuple(builder.states), start)


@dataclass(slots=True)
class _Builder:
    """Builds from the end to the start: each part is told the state that comes after it."""

    states: list[_State] = field(default_factory=list)
    work: int = 0

    def add(self, test: Characters | Edge | Look | None, onward: tuple[int, ...], inside: int = -1) -> int:
        self.states.append(_State(test, onward, inside))
        return len(self.states) - 1

    def build(self, node: Node, after: int, *, forward: bool) -> int:
        """The state in which the node starts; a machine that looks behind reads its parts from right to left."""
        self.work += 1
        if self.work > _LARGEST_MACHINE:
            message = "the pattern is too large to be checked"
            raise PatternError(message)
        match node:
            case Characters() | Edge():
                return self.add(node, (after,))
            case Look():
                end = self.add(None, ())
                return self.add(node, (after,), self.build(node.part, end, forward=not node.behind))
            case Choice():
                return self.add(None, tuple(self.build(option, after, forward=forward) for option in node.options))
            case Sequence():
                for part in reversed(node.parts) if forward else node.parts:
                    after = self.build(part, after, forward=forward)
                return after
            case Repeat():
                return self.repeat(node, after, forward)

    def repeat(self, node: Repeat, after: int, forward: bool) -> int:
        if node.most is None:
            loop = self.add(None, ())
            self.states[loop] = _State(None, (self.build(node.part, loop, forward=forward), after))
            after = loop
        else:
            end = after
            for _ in range(node.most - node.least):
                after = self.add(None, (self.build(node.part, after, forward=forward), end))
        for _ in range(node.least):
            after = self.build(node.part, after, forward=forward)
        return after


@dataclass(slots=True)
class _Run:
    """One search in one text: which (state, place) pairs are known to lead nowhere."""

    states: tuple[_State, ...]
    text: str
    dead: set[tuple[int, int]] = field(default_factory=set)
    seen: dict[tuple[int, int], bool] = field(default_factory=dict)
    """The answers of the machines that look ahead and behind."""
    steps: int = 0

    def reaches_end(self, start: int, place: int, direction: int) -> bool:
        """Whether the end can be reached from a state at a place in the text."""
        waiting = [(start, place)]
        visited: set[tuple[int, int]] = set()
        while waiting:
            pair = waiting.pop()
            if pair in visited or pair in self.dead:
                continue
            self.steps += 1
            if self.steps > _MOST_STEPS:
                message = "the pattern takes too long on a text of this length to be checked"
                raise PatternTooCostlyError(message)
            visited.add(pair)
            state, here = self.states[pair[0]], pair[1]
            if state.test is None and not state.onward:
                return True
            after = self.passes(state, here, direction)
            if after is not None:
                waiting.extend((onward, after) for onward in reversed(state.onward))
        self.dead |= visited
        return False

    def passes(self, state: _State, here: int, direction: int) -> int | None:
        """Where the text goes on once the state's test holds here; None where it fails."""
        test = state.test
        if test is None:
            return here
        if isinstance(test, Characters):
            place = here if direction > 0 else here - 1
            return here + direction if 0 <= place < len(self.text) and test.holds(self.text[place]) else None
        holds = self.looks(state, test, here) if isinstance(test, Look) else self.is_edge(test, here)
        return here if holds else None

    def looks(self, state: _State, look: Look, here: int) -> bool:
        key = (state.inside, here)
        if key not in self.seen:
            self.seen[key] = self.reaches_end(state.inside, here, -1 if look.behind else 1)
        return self.seen[key] != look.negated

    def is_edge(self, edge: Edge, here: int) -> bool:
        if edge.kind == "^":
            return here == 0
        if edge.kind == "$":
            return here == len(self.text)
        before = here > 0 and WORD.holds(self.text[here - 1])
        after = here < len(self.text) and WORD.holds(self.text[here])
        return (before != after) == (edge.kind == "b")
