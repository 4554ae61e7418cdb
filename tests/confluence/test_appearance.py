"""Content states, widths and editors of pages."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.sync.values import Outcome, Result
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Publisher, Sheet, configure

BOOK = [Sheet("page:home", "The book"), Sheet("model:old", "Old model", "page:home")]
STATE = "*/state"


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")


def publish(publisher: Publisher, state: str = "") -> Result:
    return publisher.publish([BOOK[0], replace(BOOK[1], state=state)])


def read_state(publisher: Publisher) -> tuple[str, str] | None:
    """Return the name and the color of the content state of the old model."""
    state = publisher.demo.world.contents[int(publisher.find_page("Old model").id)].state
    return None if state is None else (state["name"], state["color"])


def count_writes(publisher: Publisher) -> int:
    return sum(entry.path.endswith("/state") and entry.method != "GET" for entry in publisher.demo.log)


def test_a_state_is_set_once_and_cleared_again(publisher: Publisher) -> None:
    states = [("deprecated", ("Deprecated", "#ffc400")), ("retired", ("Retired", "#ff7452")), ("", None)]
    for number, (state, expected) in enumerate(states, 1):
        assert publish(publisher, state).outcome is Outcome.DONE
        assert publish(publisher, state).outcome is Outcome.NOTHING, "its versions are our own"
        assert (read_state(publisher), count_writes(publisher)) == (expected, number)


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_state_whose_answer_is_lost_is_looked_up(publisher: Publisher, kind: FaultKind) -> None:
    publisher.demo.inject([Fault(kind, "PUT", STATE)])
    assert publish(publisher, "retired").outcome is Outcome.DONE
    assert read_state(publisher) == ("Retired", "#ff7452")
    assert publish(publisher, "retired").outcome is Outcome.NOTHING


def test_a_space_without_states_and_data_center_publish_all_the_same(flavour: Flavour, tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "PUT", STATE, count=0, status=400)])
    assert publish(publisher, "retired").outcome is Outcome.DONE
    assert (read_state(publisher), publish(publisher, "retired").outcome) == (None, Outcome.NOTHING)


def test_width_and_editor_are_set_by_property(publisher: Publisher) -> None:
    configure(publisher, full_width=True, editor="v1")
    assert publish(publisher).outcome is Outcome.DONE
    page, wiki = publisher.find_page("Old model"), publisher.wiki()
    found = {each.key: each.value for each in wiki.properties(page.id)}
    assert (found["content-appearance-published"], found["editor"]) == ("full-width", "v1")
    configure(publisher, full_width=True, editor="v2")
    assert publish(publisher).outcome is Outcome.DONE
    assert {each.key: each.value for each in wiki.properties(page.id)}["editor"] == "v2"
