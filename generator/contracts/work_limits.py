"""Limits of the work that an untrusted schema makes.

jsonschema-rs compiles and validates fast, but it follows references as often as a schema repeats them: a schema of
forty lines can make 2**40 steps, and a chain of thousands of references exhausts its stack and ends the process.
The work is therefore estimated from above, in time linear in the schema and the example, before it is called.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from generator.contracts.data import MAXIMUM_VALUES, Data, References, Schema, list_objects
from generator.values import FrozenValue

BUDGET = 2_000_000
"""Units of work for one check; a unit takes at most a microsecond."""
BACKTRACK_LIMIT = 1_000
"""Steps back that one match may take; only patterns with lookarounds and back-references step back at all."""
_LARGEST_PATTERN = 100_000
_LONGEST_PATTERN = 10_000
_DEEPEST_PATTERN = 50
_DEEPEST = 250
_DEEPEST_UNEVALUATED = 60
"""Levels below `unevaluatedProperties`, each of which takes 4 KB of the stack, of which Windows has 1 MB."""
_CAP = 10**12
_UNICODE_CLASS = 500
"""States that `\\p{L}` compiles to, about."""
_APPLICATORS = frozenset(
    {"$ref", "$dynamicRef", "not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies",
     "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames", "prefixItems",
     "items", "contains", "unevaluatedItems"}
)  # fmt: skip
"""The keywords whose values are schemas."""
_TOKEN = re.compile(
    r"(?P<open>\((?:\?(?:(?P<look><?[=!])|:|P?<[A-Za-z_$][\w$]*>))?)|(?P<back>\\(?:[1-9]|k<))|\\.|(?P<set>\[(?:\\.|[^\]\\])*\])"
    r"|\{(?P<least>\d+)(?P<comma>,(?P<most>\d*))?\}|.",
    re.DOTALL,
)


class TooMuchWorkError(Exception):
    """A schema that would take too long to check."""


class EndlessReferenceError(Exception):
    """A schema that refers to itself for the same value."""


class UnresolvedReferenceError(Exception):
    """A schema that refers to a place that is not in it."""


class PatternError(ValueError):
    """A text that is not a regular expression, or too large a one."""


class PatternSize(FrozenValue):
    """The size of a regular expression, which limits the time of a match."""

    states: int
    """Characters and sets, each as often as it is repeated."""
    lookarounds: int
    """How deep lookarounds are nested; 1 for a back-reference, 0 for a pattern that is matched in linear time."""
    compilation: int
    """The work of reading and compiling it, which grows with the square of its length."""

    def estimate_match(self, length: int) -> int:
        """Return the work of a match in a text of that length: 10 ns for each state and character, as measured."""
        texts = length if not self.lookarounds else (BACKTRACK_LIMIT + length) * (length + 1) ** self.lookarounds
        return 1 + texts * self.states // 100


@lru_cache(maxsize=256)
def measure_pattern(pattern: str) -> PatternSize:
    """Return the size of a regular expression; raise PatternError if its brackets or repetitions are invalid."""
    opened: list[tuple[int, int, bool]] = []
    """For each open group its offset, the size before it, and whether it is a lookaround."""
    size = last = deepest = 0
    for token in _tokenize(pattern):
        text = token.group()
        if token["open"]:
            opened.append((token.start(), size, token["look"] is not None))
            size, deepest = 0, max(deepest, sum(is_look for *_, is_look in opened))
            if len(opened) > _DEEPEST_PATTERN:
                raise PatternError(f"groups are nested more than {_DEEPEST_PATTERN} deep")
        elif text == ")":
            if not opened:
                raise PatternError(f"unmatched ) at character {token.start() + 1}")
            last, size = size, size + opened.pop()[1]
        elif token["least"]:
            count = _read_repetitions(token)
            size, last = min(size + last * (count - 1), _CAP), min(last * count, _CAP)
        elif text not in {"|", "*", "+", "?", "^", "$"}:
            last = _UNICODE_CLASS if "\\p" in text.lower() else 1
            size, deepest = size + last, max(deepest, int(token["back"] is not None))
    if opened:
        raise PatternError(f"group opened at character {opened[-1][0] + 1} is not closed")
    if size > _LARGEST_PATTERN:
        raise PatternError("pattern is too large to be checked")
    return PatternSize(size + 1, deepest, size + len(pattern) ** 2 // 500)


def _tokenize(pattern: str) -> Iterator[re.Match[str]]:
    if len(pattern) > _LONGEST_PATTERN:
        raise PatternError(f"pattern is longer than {_LONGEST_PATTERN} characters")
    for token in _TOKEN.finditer(pattern):
        if token.group() == "[":
            raise PatternError(f"set opened at character {token.start() + 1} is not closed")
        yield token


def _read_repetitions(token: re.Match[str]) -> int:
    least, most = (int((token[name] or token["least"])[:9]) for name in ("least", "most"))
    if most < least:
        raise PatternError(f"{token.group()} counts backwards")
    return most


def limit_patterns(schema: Data) -> None:
    """Raise TooMuchWorkError if the patterns of a schema cannot be compiled in reasonable time."""
    total = 0
    for part in list_objects(schema):
        if "pattern" in part or "patternProperties" in part:
            named = part.get("patternProperties")
            patterns = [part.get("pattern"), *(named if isinstance(named, dict) else ())]
            total += sum(_measure(pattern).compilation for pattern in patterns)
    if total > BUDGET:
        raise TooMuchWorkError


def limit_work(schema: Schema, example: Data) -> None:
    """Raise an error of this module if an example cannot be checked in reasonable time.

    A broken reference is one of them, because jsonschema-rs may find a place for it.
    """
    limit_patterns(schema)
    estimate = _Estimate(References(schema))
    total = estimate.count(schema, example, 0)[0]
    for part in list_objects(schema):
        if "unevaluatedProperties" in part or "unevaluatedItems" in part:
            total += estimate.count(part, None, _DEEPEST - _DEEPEST_UNEVALUATED)[0]
    if total > BUDGET:
        raise TooMuchWorkError


def _measure(pattern: Data) -> PatternSize:
    """Return the size of a pattern; an invalid one, which is reported elsewhere, counts by its length."""
    try:
        return measure_pattern(pattern) if isinstance(pattern, str) else PatternSize(0, 0, 0)
    except PatternError:
        return PatternSize(0, 0, len(str(pattern)) ** 2 // 500)


@dataclass(slots=True)
class _Estimate:
    """The work for each pair of a subschema and a value, each of which is counted once."""

    references: References
    counted: dict[tuple[int, int], tuple[int, int] | None] = field(default_factory=dict)
    """None while a pair is being counted."""

    def count(self, schema: Data, value: Data, depth: int) -> tuple[int, int]:
        """Return upper limits of the evaluations of subschemas and patterns for a value, and of their nesting."""
        key = (id(schema), id(value))
        if key not in self.counted:
            if depth > _DEEPEST or len(self.counted) > MAXIMUM_VALUES:
                raise TooMuchWorkError
            self.counted[key] = None
            size = height = 1
            if isinstance(schema, dict):
                size = _count_own_work(schema, value)
                parts = () if _APPLICATORS.isdisjoint(schema) else self._list_applied(schema, value)
                for part, inner in parts:
                    part_size, part_height = self.count(part, inner, depth + 1)
                    size, height = min(size + part_size, _CAP), max(height, part_height + 1)
            self.counted[key] = size, height
        known = self.counted[key]
        if known is None:
            raise EndlessReferenceError
        if depth + known[1] > _DEEPEST:
            raise TooMuchWorkError
        return known

    def _list_applied(self, schema: dict[str, Data], value: Data) -> list[tuple[Data, Data]]:
        """Return the subschemas that may apply to a value or to its parts, with these."""
        found = [(target, value) for target in self._list_targets(schema)]
        found += ((schema[keyword], value) for keyword in ("not", "if", "then", "else") if keyword in schema)
        for keyword in ("allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies"):
            several = schema.get(keyword)
            parts = several.values() if isinstance(several, dict) else several if isinstance(several, list) else ()
            found += ((part, value) for part in parts)
        if isinstance(value, dict):
            properties, patterns = schema.get("properties"), schema.get("patternProperties")
            others = [schema[key] for key in ("additionalProperties", "unevaluatedProperties") if key in schema]
            others += patterns.values() if isinstance(patterns, dict) else ()
            if len(others) * len(value) > MAXIMUM_VALUES:
                raise TooMuchWorkError
            for name, item in value.items():
                if isinstance(properties, dict) and name in properties:
                    found.append((properties[name], item))
                found += ((part, item) for part in others)
            if "propertyNames" in schema:
                found += ((schema["propertyNames"], name) for name in value)
        elif isinstance(value, list):
            prefix = schema.get("prefixItems")
            found += zip(prefix, value, strict=False) if isinstance(prefix, list) else ()
            rest = [schema[key] for key in ("items", "contains", "unevaluatedItems") if key in schema]
            found += ((part, item) for item in value for part in rest)
        return found

    def _list_targets(self, schema: dict[str, Data]) -> Iterator[Data]:
        for keyword in ("$ref", "$dynamicRef"):
            reference = schema.get(keyword)
            if isinstance(reference, str):
                targets = self.references.find_targets(schema, reference)
                if not targets:
                    raise UnresolvedReferenceError(reference)
                yield from targets


def _count_own_work(schema: dict[str, Data], value: Data) -> int:
    """Return the work of a schema's own keywords for a value."""
    size = 1 + len(schema) + sum(len(part) for part in (schema.get("enum"), value) if isinstance(part, list | dict))
    if isinstance(value, str):
        size += len(value) // 16 + _measure(schema.get("pattern")).estimate_match(len(value))
    patterns = schema.get("patternProperties")
    if isinstance(value, dict) and isinstance(patterns, dict):
        if len(patterns) * len(value) > MAXIMUM_VALUES:
            raise TooMuchWorkError
        size += sum(_measure(pattern).estimate_match(len(name)) for pattern in patterns for name in value)
    return size
