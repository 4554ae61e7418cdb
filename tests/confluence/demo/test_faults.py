"""The requests that a fault strikes."""

import pytest

from generator.confluence.demo import DemoServer, Fault, FaultKind, parse_fault
from generator.confluence.wiki import Flavour
from generator.errors import UserError
from tests.confluence.transport import build_request

POST, GET = ("POST", "/wiki/api/v2/pages"), ("GET", "/wiki/api/v2/pages/1")


def ask(demo: DemoServer, method: str, path: str, body: bytes = b"") -> FaultKind | None:
    """Send a request, and return the fault that struck it."""
    demo.exchange(build_request(method, path, {}, body))
    return demo.log[-1].fault


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(FaultKind.SLOW), [1]),
        (Fault(FaultKind.SLOW, first=3), [3]),
        (Fault(FaultKind.SLOW, first=3, count=2), [3, 4]),
        (Fault(FaultKind.SLOW, first=2, count=3, every=2), [2, 4, 6]),
        (Fault(FaultKind.SLOW, first=5, count=0), [5, 6, 7, 8]),
        (Fault(FaultKind.SLOW, count=0, every=3), [1, 4, 7]),
    ],
)
def test_first_count_and_every(fault: Fault, struck: list[int]) -> None:
    assert [number for number in range(1, 9) if fault.strikes(number)] == struck


def test_only_fitting_requests_are_counted() -> None:
    demo = DemoServer(Flavour.CLOUD)
    demo.inject([Fault(FaultKind.SLOW, "POST", "*/pages", first=2)])
    assert [ask(demo, *one) is not None for one in (POST, GET, POST, POST)] == [False, False, True, False]


def test_every_fault_counts_and_the_first_that_strikes_wins() -> None:
    slow, reset = Fault(FaultKind.SLOW, first=2, count=0), Fault(FaultKind.RESET_AFTER, "POST", first=2)
    demo = DemoServer(Flavour.CLOUD)
    demo.inject([slow, reset])
    assert [ask(demo, *POST) for _ in range(3)] == [None, slow.kind, slow.kind]


def test_a_fault_strikes_only_requests_that_contain_its_text() -> None:
    demo = DemoServer(Flavour.CLOUD)
    demo.inject([Fault(FaultKind.SERVER_ERROR, "POST", contains="NOEDIT", count=0, status=403)])
    assert ask(demo, *POST, b"<p>text</p>") is None
    assert ask(demo, *POST, b"<p>NOEDIT</p>") is not None


@pytest.mark.parametrize("name", ["kind", "mishap"])
def test_a_fault_is_parsed_from_json(name: str) -> None:
    fault = parse_fault({name: "rate-limited", "method": "POST", "first": 10, "count": 5})
    assert fault == Fault(FaultKind.RATE_LIMITED, "POST", first=10, count=5)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "rate-limit"}, "kind: Input should be 'rate-limited', "),
        ({}, "kind: Field required"),
        ({"kind": "slow", "frist": 1}, "frist: Unexpected keyword argument"),
        ({"kind": "slow", "first": 0}, "first: "),
        ({"kind": "slow", "every": 0}, "every: "),
        ({"kind": "slow", "count": -1}, "count: "),
        ({"kind": "slow", "count": "2"}, "count: "),
        ({"kind": "slow", "count": True}, "count: "),
        ({"kind": "slow", "seconds": "long"}, "seconds: "),
        ({"kind": "slow", "path": 1}, "path: "),
    ],
)
def test_an_invalid_fault_is_reported(data: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=f"invalid fault: {said}"):
        parse_fault(data)
