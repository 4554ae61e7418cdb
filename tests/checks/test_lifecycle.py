from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks import RULES, check
from generator.checks.lifecycle import find_chain_ends, is_lower_version
from tests.checks.books import build_context

LINKS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefghxy"))


def walk_to_end(following: dict[str, str], start: str) -> str | None:
    """Return the end of one chain, slowly."""
    current, seen = start, [start]
    while current in following:
        current = following[current]
        if current == start:
            return start
        if current in seen:
            return None
        seen.append(current)
    return current


@settings(deadline=None, max_examples=300)
@given(LINKS)
def test_the_end_of_each_chain_is_that_of_walking_it(following: dict[str, str]):
    assert find_chain_ends(following) == {start: walk_to_end(following, start) for start in following}


def test_a_long_chain_is_followed_once():
    count = 50_000
    found = find_chain_ends({str(number): str(number + 1) for number in range(count)})
    assert set(found.values()) == {str(count)}


RISING = ["0.9", "1.0-dev3", "1.0a1", "1.0-alpha.2", "1.0-rc2", "1.0-rc10", "1.0", "1.0.1", "v1.2", "1.10", "2.0.0"]


@pytest.mark.parametrize(("lower", "higher"), combinations(RISING, 2))
def test_a_version_is_lower_than_a_later_one_only(lower: str, higher: str):
    assert is_lower_version(lower, higher)
    assert not is_lower_version(higher, lower)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("9f3c2e1", "0a1b2c3"),
        ("20261120", "2.1"),
        ("12", "2.3.0"),
        ("two", "one"),
        ("2.0", "v2"),
        ("2.0+build7", "2.0+build6"),
        ("1.0.0", "1.0"),
        ("1.0-special", "1.0-other"),
        ("9" * 5000, "8" * 5000),
    ],
)
def test_versions_of_different_forms_are_not_compared(before: str, after: str):
    assert not is_lower_version(after, before)
    assert not is_lower_version(before, after)


def test_plain_numbers_are_compared():
    assert is_lower_version("20261119", "20261120")
    assert is_lower_version("9", "12")


def test_a_model_whose_only_consumer_does_not_resolve_is_not_reported_as_unused(tmp_path: Path):
    model = "kind: model\nname: A\nsummary: Ranks.\nlifecycle: production\nserving: embedded\n"
    misspelt = "consumers: [{system: shopp, why: It fills the page}]\n"
    context, unresolved = build_context({"cards/a.yml": model + misspelt, "cards/b.yml": model}, tmp_path)
    assert [finding.code for finding in unresolved] == ["MB101"]
    unused = [finding.message for finding in check(context, RULES) if finding.code == "MB411"]
    assert unused == ["production model:b has no consumers"]
