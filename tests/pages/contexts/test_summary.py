"""The first paragraph of the pages of cards: a sentence on the site, a longer one in the wiki."""

import re

import pytest

from generator.names import Ref
from generator.pages.contexts.summary import build_summary
from generator.project import open_project
from tests.books import MODEL, TEAM, open_book, write_book
from tests.history.repositories import Repository, new_repository
from tests.pages.test_answers import render_page

SYSTEM = "kind: system\nid: {0}\nname: {0}\ntype: service\nowners: [t]\nuses: [{{model: ryl, why: w}}]\n"
OWNED = MODEL.lstrip()


def read_lead(project, key: str) -> str:
    """Return the sentence that the site shows first on a page."""
    found = re.search(
        r'<p class="mb-summary" data-mb-excerpt>(.*?)<span class="mb-wiki-only">', render_page(project, key)
    )
    assert found is not None
    return re.sub(r"<[^>]+>", "", found[1])


def read_summary(project, key: str) -> str:
    """Return the text of the first paragraph of a page, as in the wiki."""
    found = re.search(r'<p class="mb-summary" data-mb-excerpt>(.*?)</p>', render_page(project, key), re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_a_model_has_its_owner_its_consumers_and_its_review(tmp_path):
    cards = {"t.yml": TEAM, "ryl.yml": OWNED.replace("id: ryl", "id: ryl\nreview_by: 2027-03-31")}
    cards |= {f"{name}.yml": SYSTEM.format(name) for name in ("home", "search")}
    text = read_summary(open_book(tmp_path, cards), "model:ryl")
    assert text.endswith("Owned by Team (Person). Used by 2 consumers: home, search. Next review by 31 Mar 2027.")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "It has no known consumers."),
        (1, "Used by s0."),
        (4, "Used by 4 consumers: s0, s1, s2, s3."),
        (6, "Used by 6 consumers: s0, s1, s2, s3 and 2 more."),
    ],
)
def test_at_most_four_consumers_are_named(number, sentence, tmp_path):
    cards = {"t.yml": TEAM, "ryl.yml": OWNED} | {f"s{n}.yml": SYSTEM.format(f"s{n}") for n in range(number)}
    assert sentence in read_summary(open_book(tmp_path, cards), "model:ryl")


def test_missing_owners_and_overdue_reviews_are_named(tmp_path):
    cards = {"ryl.yml": MODEL.replace("id: ryl", "id: ryl\nreview_by: 2026-11-01").replace("owners: [t]\n", "")}
    text = read_summary(open_book(tmp_path, cards), "model:ryl")
    assert "It has no owner." in text
    assert text.endswith("Its review was due on 1 Nov 2026.")


@pytest.mark.parametrize(
    ("owners", "sentence"),
    [
        ("[person:p, t]", "Owned by Person and Team (Person)."),
        ("[person:p, t, u]", "Owned by Person, Team (Person) and Other."),
    ],
)
def test_several_owners_are_named(owners, sentence, tmp_path):
    cards = {"t.yml": TEAM, "u.yml": "kind: team\nid: u\nname: Other\n", "ryl.yml": OWNED.replace("[t]", owners)}
    assert sentence in read_summary(open_book(tmp_path, cards), "model:ryl")


def test_a_lead_who_has_left_is_not_named(tmp_path):
    cards = {"t.yml": TEAM + "left_on: 2026-11-01\n", "ryl.yml": OWNED}
    assert "Owned by Team. " in read_summary(open_book(tmp_path, cards), "model:ryl")


def test_a_summary_without_a_full_stop_gets_one(tmp_path):
    cards = {"t.yml": TEAM, "a.yml": OWNED.replace("id: ryl", "id: a"), "b.yml": OWNED.replace("id: ryl", "id: b")}
    summary = re.search(r"summary: (.*)", OWNED)
    assert summary is not None
    cards["a.yml"] = cards["a.yml"].replace(summary[0], "summary: Ranks restaurants")
    cards["b.yml"] = cards["b.yml"].replace(summary[0], "summary: Does it rank?")
    project = open_book(tmp_path, cards)
    assert read_lead(project, "model:a") == "Ranks restaurants."
    assert read_lead(project, "model:b") == "Does it rank?"


def test_each_kind_has_the_facts_that_it_has(tmp_path):
    waves = "waves: [{traffic: 1, done_on: 2026-10-01}, {traffic: 100}]"
    cards = {
        "t.yml": TEAM,
        "ryl.yml": OWNED,
        "home.yml": SYSTEM.format("home"),
        "ab.yml": "kind: experiment\nid: ab\nname: AB\nstatus: running\nstarted_on: 2026-11-02\nowners: [person:p]\n",
        "cd.yml": "kind: experiment\nid: cd\nname: CD\nstatus: cleaned\nstarted_on: 2026-08-03\nended_on: 2026-08-31\n",
        "m.yml": f"kind: migration\nid: m\nname: M\nstatus: running\nmoves: [model:ryl]\n{waves}\n",
        "f.yml": "kind: flow\nid: f\nname: F\nowners: [t]\nsteps: [{from: system:home, reads: 'table:orders'}]\n",
        "o.yml": "kind: person\nid: o\nname: Old\nrole: Analyst\nleft_on: 2026-01-01\nsuccessor: p\n",
        "q.yml": "kind: person\nid: q\nname: Q\nrole: Reports.\nteam: t\n",
        "r.yml": "kind: person\nid: r\nname: R\nrole: Built it\nteam: t\nleft_on: 2026-01-01\n",
    }
    project = open_book(tmp_path, cards)
    found = {key: read_summary(project, key) for key in map(str, project.graph.refs)}
    assert found == {
        "team:t": "Team. Led by Person. Responsible for 4 cards.",
        "person:p": "Leads Team. Responsible for 2 cards.",
        "model:ryl": found["model:ryl"],
        "system:home": "System. Owned by Team (Person). It has no known dependents.",
        "experiment:ab": "Experiment. Owned by Person. Started on 2 Nov 2026.",
        "experiment:cd": "Experiment. It has no owner. Ran from 3 Aug 2026 to 31 Aug 2026.",
        "migration:m": "Migration. It has no owner. 1 of 2 waves done.",
        "flow:f": "Flow. Owned by Team (Person).",
        "person:o": "Analyst. Left on 1 Jan 2026, succeeded by Person.",
        "person:q": "Reports. Member of Team.",
        "person:r": "Built it. Was a member of Team. Left on 1 Jan 2026.",
        "table:orders": "Named in other cards; it has no card. Used by home.",
    }


@pytest.fixture
def repository(tmp_path) -> Repository:
    return new_repository(tmp_path / "book")


def test_a_model_was_reviewed_when_its_review_was_put_off(repository):
    def commit(day: str, review: str) -> None:
        card = OWNED.replace("id: ryl", f"id: ryl\nreview_by: {review}").lstrip()
        repository.commit("review", day, {"ryl.yml": card, "t.yml": TEAM})

    write_book(repository.root, {})
    commit("2026-01-05", "2026-06-30")
    assert build_summary(open_project(repository.root).book, Ref("model", "ryl")).reviewed_on is None
    commit("2026-03-02", "2026-12-31")
    commit("2026-04-01", "2026-11-30")
    text = read_summary(open_project(repository.root), "model:ryl")
    assert text.endswith("Reviewed on 2 Mar 2026. Next review by 30 Nov 2026.")
