"""Which request a fault strikes."""

import pytest

from generator.confluence.standin.faults import Fault, Faults, Mishap, fault_from
from generator.confluence.standin.messages import Request
from generator.errors import UserError

POST, GET = Request("POST", "/wiki/api/v2/pages"), Request("GET", "/wiki/api/v2/pages/1")


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(Mishap.SLOW), [1]),
        (Fault(Mishap.SLOW, first=3), [3]),
        (Fault(Mishap.SLOW, first=3, count=2), [3, 4]),
        (Fault(Mishap.SLOW, first=2, count=3, every=2), [2, 4, 6]),
        (Fault(Mishap.SLOW, first=5, count=0), [5, 6, 7, 8]),
        (Fault(Mishap.SLOW, count=0, every=3), [1, 4, 7]),
    ],
)
def test_first_count_and_every(fault: Fault, struck: list[int]) -> None:
    assert [number for number in range(1, 9) if fault.strikes(number)] == struck


def test_only_fitting_requests_are_counted() -> None:
    faults = Faults([Fault(Mishap.SLOW, "POST", "*/pages", first=2)])
    assert [faults.strike(one) is not None for one in (POST, GET, POST, POST)] == [False, False, True, False]


def test_every_fault_counts_and_the_first_that_strikes_wins() -> None:
    slow, reset = Fault(Mishap.SLOW, first=2, count=0), Fault(Mishap.RESET_AFTER, "POST", first=2)
    faults = Faults([slow, reset])
    assert [faults.strike(POST) for _ in range(3)] == [None, slow, slow]


def test_a_fault_comes_from_json() -> None:
    assert fault_from({"mishap": "rate-limited", "method": "POST", "first": 10, "count": 5}) == Fault(
        Mishap.RATE_LIMITED, "POST", first=10, count=5
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"mishap": "rate-limit"}, "did you mean 'rate-limited'"),
        ({}, "None is no mishap"),
        ({"mishap": "slow", "frist": 1}, "did you mean 'first'"),
        ({"mishap": "slow", "first": 0}, "from 1 on"),
        ({"mishap": "slow", "every": 0}, "from 1 on"),
        ({"mishap": "slow", "count": -1}, "from 0 on"),
        ({"mishap": "slow", "count": "2"}, "whole number"),
        ({"mishap": "slow", "count": True}, "whole number"),
        ({"mishap": "slow", "seconds": "1"}, "seconds"),
        ({"mishap": "slow", "path": 1}, "path"),
    ],
)
def test_a_wrong_fault_is_told(data: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        fault_from(data)
