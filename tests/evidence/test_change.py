"""The names that a change adds: moved, indented and edited lines are none."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.change import ChangedFile, find_added_hits
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

NAMES = [
    SearchName("dish-ranker", "model:dish-ranker", NameKind.ID),
    SearchName("old.host", "migration:m", NameKind.RETIRED),
]
MATCHER = Matcher(NAMES)


def added(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, int, str]]:
    files = [
        ChangedFile(path, *(texts[path].encode() if path in texts else None for texts in (before, after)))
        for path in sorted({*before, *after})
    ]
    found = find_added_hits(files, MATCHER, lambda _, hit: hit.cls.is_live)
    return [(path, hit.line, hit.match) for path, hit in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"a.py": 'x = "dish-ranker"\n'}, [("a.py", 1, "dish-ranker")]),
        ({"a.py": "y = 1\n"}, {"a.py": 'y = 1\nx = "dish-ranker"\n'}, [("a.py", 2, "dish-ranker")]),
        ({"a.py": 'x = "dish-ranker"\n'}, {"a.py": '\n\nif y:\n    x = "dish-ranker"\n'}, []),
        ({"a.py": 'x = "dish-ranker"\n'}, {"b.py": 'x = "dish-ranker"\n'}, []),
        ({"a.py": 'x = "dish-ranker"\n'}, {"a.py": 'call("dish-ranker", timeout=3)\n'}, []),
        ({"a.py": 'f("dish-ranker")\n'}, {"a.py": 'f("dish-ranker")\ng("dish-ranker")'}, [("a.py", 2, "dish-ranker")]),
        ({"a.py": 'x = "dish-ranker"\n'}, {"a.py": 'x = "old.host"\n'}, [("a.py", 1, "old.host")]),
        ({"a.py": 'x = "dish-ranker"\n'}, {}, []),
        ({"a.md": "dish-ranker\n"}, {"a.py": 'x = "dish-ranker"\n'}, [("a.py", 1, "dish-ranker")]),
        ({}, {"a.md": "dish-ranker\n", "tests/test_a.py": 'x = "dish-ranker"\n'}, []),
        ({"a.py": '# dish-ranker\n'}, {"a.py": 'x = "dish-ranker"\n'}, [("a.py", 1, "dish-ranker")]),
    ],
)  # fmt: skip
def test_only_new_places_are_added(before, after, expected):
    assert added(before, after) == expected


LINES = st.lists(st.sampled_from(['a = "dish-ranker"', 'b = "old.host"', "c = 1", '    a = "dish-ranker"']), max_size=6)


@given(LINES, st.randoms())
def test_a_permutation_of_lines_adds_nothing(lines, random):
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert added({"a.py": "\n".join(lines)}, {"a.py": "\n".join(shuffled)}) == []


@given(LINES, LINES)
def test_as_many_places_are_added_as_a_name_gains(before, after):
    found = added({"a.py": "\n".join(before)}, {"a.py": "\n".join(after)})
    for name in ("dish-ranker", "old.host"):
        gain = sum(name in line for line in after) - sum(name in line for line in before)
        assert sum(match == name for _, _, match in found) == max(gain, 0)
