from itertools import combinations

import pytest

from generator.checks.versions import went_backwards

RISING = ["0.9", "1.0-dev3", "1.0a1", "1.0-alpha.2", "1.0-rc2", "1.0-rc10", "1.0", "1.0.1", "v1.2", "1.10", "2.0.0"]


@pytest.mark.parametrize(("lower", "higher"), combinations(RISING, 2))
def test_only_the_way_down_is_backwards(lower: str, higher: str):
    assert went_backwards(higher, lower)
    assert not went_backwards(lower, higher)


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
def test_what_cannot_be_compared_is_left_alone(before: str, after: str):
    assert not went_backwards(before, after)
    assert not went_backwards(after, before)


def test_numbers_alone_are_compared():
    assert went_backwards("20261120", "20261119")
    assert went_backwards("12", "9")
