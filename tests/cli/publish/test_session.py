"""The prompt for confirmations on a terminal."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.cli.publish import session
from generator.confluence.sync.values import NO_CONSENT, Consent, Plan
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Publisher, Sheet, publisher

HOME = Sheet("page:home", "The book")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks all restaurants nearby.</p>")


@pytest.fixture
def waiting(tmp_path: Path) -> Plan:
    """Make a plan with a page that is held for a comment, and a removal that waits."""
    made: Publisher = publisher(Flavour.CLOUD, tmp_path / "site")
    made.settings = made.settings.model_copy(update={"removal_percent": 0})
    others = [Sheet(f"model:m{number}", f"Model {number}", "page:home") for number in range(4)]
    made.publish([HOME, RYL, *others])
    made.add_comment("Restaurants", "all restaurants")
    return made.plan([HOME, replace(RYL, html="<p>Other</p>")])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer each question with yes, and return the questions."""
    questions: list[str] = []

    def confirm(question: str) -> bool:
        questions.append(question)
        return True

    monkeypatch.setattr(session, "is_interactive", lambda: True)
    monkeypatch.setattr(session, "confirm", confirm)
    return questions


def test_the_prompt_names_the_comments_and_the_pages_to_remove(waiting, asked, capsys):
    assert session.prompt_for_confirmation(waiting, NO_CONSENT) == Consent(removals=True, comments=True)
    assert asked == ["Publish 1 page on which comments lose their place?", "Remove 4 pages?"]
    shown = capsys.readouterr()
    assert "Ada Admin on 'all restaurants'" in shown.err
    assert shown.out == ""


def test_nothing_is_asked_if_nothing_waits_or_the_plan_is_refused(waiting, asked):
    settled = replace(waiting, conflicts=(), unconfirmed=())
    assert session.prompt_for_confirmation(settled, NO_CONSENT) == NO_CONSENT
    stopped = replace(waiting, conflicts=tuple(replace(each, stops=True) for each in waiting.conflicts))
    assert session.prompt_for_confirmation(stopped, NO_CONSENT) == NO_CONSENT
    assert asked == []


def test_nothing_is_asked_without_a_terminal(waiting, asked, monkeypatch):
    monkeypatch.setattr(session, "is_interactive", lambda: False)
    assert session.prompt_for_confirmation(waiting, NO_CONSENT) == NO_CONSENT
    assert asked == []
