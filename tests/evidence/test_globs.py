"""Patterns for names in lists and configuration."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.globs import FEWEST_LITERALS, GlobIndex, find_globs, is_name_glob
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

GLOB = "face-detection-????"
NAMES = st.lists(st.text(alphabet="ab-1.", min_size=1, max_size=12), max_size=8)
PATTERNS = st.text(alphabet="ab-1.*?", min_size=1, max_size=14) | st.sampled_from(
    ["a[ab]-*", "[!a]*b", "a-[0-9]?", "[b"]
)


def find(text: str) -> list[str]:
    content = text.encode()
    return [content[start:end].decode() for start, end in find_globs(content)]


@given(NAMES, PATTERNS)
def test_a_pattern_stands_for_the_names_that_fnmatch_finds(texts: list[str], pattern: str):
    names = [SearchName(text, f"model:{text}", NameKind.ID) for text in {*texts, pattern.replace("*", "a")}]
    expected = {name for name in names if fnmatchcase(name.text, pattern)}
    assert set(GlobIndex(names).find(pattern)) == expected


@pytest.mark.parametrize(
    "text",
    [
        GLOB,
        f"# models\n{GLOB}\r\n",
        f"  - {GLOB}  # the new ones",
        f"models: [resnet-50, {GLOB}]",
        f"models: {GLOB}",
        f"MODEL_NAME={GLOB}",
        f'{{"models": ["{GLOB}"]}}',
        f"'{GLOB}'",
        '{"a": "' + "x" * 10_000 + f'", "models": ["{GLOB}"], "b": "' + "y" * 10_000 + '"}',
    ],
)
def test_a_whole_value_is_a_pattern(text: str):
    assert find(text) == [GLOB]


@pytest.mark.parametrize(
    "text",
    [
        f"use {GLOB} here",
        f"models/{GLOB}",
        f"# {GLOB}",
        f'"{GLOB} and others"',
        f"'{GLOB}\"",
        "**face-detection**",
        "face-detection-**",
        '"**face-detection-????"',
        "face-de?",
        "*-*-*-*-*-*-*-*",
        "face-detection-0001",
    ],
)
def test_a_part_of_a_value_and_a_loose_pattern_are_none(text: str):
    assert find(text) == []


@given(st.text(alphabet="ab-.*?[]!\"', \n:=#", max_size=80))
def test_what_is_found_is_always_narrow_enough(text: str):
    for glob in find(text):
        assert is_name_glob(glob)
        assert "**" not in glob
        assert len(glob) - sum(map(glob.count, "*?")) >= FEWEST_LITERALS


@pytest.mark.parametrize(
    "text", [b"*" * 300_000, b"a" * 300_000 + b"*", b'"?' * 100_000, b"[a" * 100_000, b"- *\n" * 50_000]
)
def test_no_text_makes_the_search_slow(text: bytes):
    assert list(find_globs(text)) == []


def test_patterns_count_in_lists_and_configuration_only():
    names = [SearchName(f"face-detection-000{number}", f"model:face-{number}", NameKind.ID) for number in (1, 2)]
    found = {
        path: Matcher(names).find(f'"{GLOB}"\n'.encode(), path) for path in ("models.lst", "a.yml", "a.py", "a.md")
    }
    assert {path: len(hits) for path, hits in found.items()} == {"models.lst": 2, "a.yml": 2, "a.py": 0, "a.md": 0}
    assert [(hit.match, hit.line, hit.column, hit.is_strong) for hit in found["a.yml"]] == [(GLOB, 1, 2, True)] * 2


def test_a_name_that_begins_a_pattern_for_itself_is_one_hit():
    names = [SearchName(text, f"model:{text}", NameKind.ID) for text in ("bert-base-ner", "bert-base-ner-int8")]
    hits = Matcher(names).find(b"bert-base-ner*\n", "models.lst")
    assert sorted(hit.name.text for hit in hits) == ["bert-base-ner", "bert-base-ner-int8"]
