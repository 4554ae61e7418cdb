"""Content states, widths and editors of pages."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.confluence.demo import DemoServer
from generator.confluence.sync.apply import apply
from generator.confluence.sync.values import Outcome, Result
from generator.confluence.wiki import Flavour, LostAnswer, PageUpdate, Refused, Wiki
from tests.confluence.publishing import Publisher, Sheet

BOOK = [Sheet("page:home", "The book"), Sheet("model:old", "Old model", "page:home")]


class States:
    """The content states of a Cloud wiki; setting one makes a version of the page."""

    def __init__(self, wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wiki, self.names, self.calls = wiki, dict[str, str](), list[str]()
        self.lost = 0
        monkeypatch.setattr(wiki, "set_content_state", self.set)
        monkeypatch.setattr(wiki, "clear_content_state", lambda page_id: self.set(page_id, "", ""))
        monkeypatch.setattr(wiki, "content_state", lambda page_id: self.names.get(page_id) or None)

    def set(self, page_id: str, name: str, color: str) -> None:
        self.calls.append(f"{name} {color}".strip())
        self.names[page_id] = name
        page = self.wiki.page(page_id, body=True)
        self.wiki.update_page(PageUpdate(page_id, page.title, page.body or "", page.version.number + 1))
        if self.lost:
            self.lost -= 1
            raise LostAnswer("PUT state", "no answer")


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")


def publish(publisher: Publisher, wiki: Wiki, **more: Any) -> Result:
    """Publish with another state or appearance of the old model."""
    old = replace(BOOK[1], html=f"<p>Text of run {next(publisher.runs)}</p>")
    built = publisher.build([BOOK[0], old])
    prepared = publisher.prepared(built, wiki)
    changes = [replace(each, **more) if each.ref == old.ref else each for each in prepared.plan.changes]
    plan = replace(prepared.plan, changes=tuple(changes))
    return apply(plan, wiki, built, publisher.environment(), manifest=prepared.manifest)


def test_a_state_is_set_once_and_cleared_again(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    wiki = publisher.wiki()
    states = States(wiki, monkeypatch)
    for state in ("deprecated", "deprecated", "retired", ""):
        assert publish(publisher, wiki, state=state).outcome is Outcome.DONE
    assert states.calls == ["Deprecated #ffc400", "Retired #ff7452", ""]
    assert not publisher.prepared(publisher.build(BOOK), wiki).plan.conflicts, "its versions are our own"


def test_a_state_whose_answer_is_lost_is_looked_up(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    wiki = publisher.wiki()
    states = States(wiki, monkeypatch)
    states.lost = 1
    assert publish(publisher, wiki, state="retired").outcome is Outcome.DONE
    assert states.calls == ["Retired #ff7452"]


def test_a_space_without_states_and_data_center_publish_all_the_same(
    flavour: Flavour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    wiki = publisher.wiki()
    if flavour is Flavour.CLOUD:

        def refuse(page_id: str, name: str, color: str) -> None:
            raise Refused(f"PUT {page_id} {name} {color}", "the space allows no custom states", 400)

        monkeypatch.setattr(wiki, "set_content_state", refuse)
    assert publish(publisher, wiki, state="retired").outcome is Outcome.DONE


def test_width_and_editor_are_set_by_property(publisher: Publisher) -> None:
    wiki = publisher.wiki()
    assert publish(publisher, wiki, appearance="full-width v1").outcome is Outcome.DONE
    page = publisher.find_page("Old model")
    found = {each.key: each.value for each in wiki.properties(page.id)}
    assert (found["content-appearance-published"], found["editor"]) == ("full-width", "v1")
    publisher.requests()
    assert publish(publisher, wiki, appearance="full-width v2").outcome is Outcome.DONE
    assert {each.key: each.value for each in wiki.properties(page.id)}["editor"] == "v2"
