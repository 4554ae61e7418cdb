"""The home page: six questions with today's answer, what needs action, what changed, and all models."""

import re

import pytest

from generator.pages.contexts.home import build_home_view
from generator.project import open_project
from tests.books import MKDOCS, MODEL, TEAM, open_book, open_own_book, write_book
from tests.history.repositories import new_repository
from tests.pages.test_answers import find_section, render_book_badge, render_page

PRODUCTION = MODEL.lstrip().replace("experimental", "production")
CONTACTS = "contacts: {ds: p, product: p, engineering: p}\n"


def model(name: str, more: str = "") -> str:
    return PRODUCTION.replace("id: ryl\nname: Restaurants", f"id: {name}\nname: {name}") + more


def answers_of(project) -> dict[str, str]:
    return {card.question: card.answer for card in build_home_view(project.book).questions}


def test_each_question_has_the_answer_of_today_and_a_page():
    project = open_own_book()
    view = build_home_view(project.book)
    pages = {page.path for page in project.render_pages()[0]}
    assert len(view.questions) == 6
    assert {card.path for card in view.questions} <= pages
    answers = answers_of(project)
    assert answers["Can it be switched off?"].endswith("not yet for 2, no for 11.")
    assert "2 of 6 teams have an on-call. 2 contacts missing." in answers["Who do I call now?"]
    assert answers["What breaks if it fails?"].startswith("7 models of high criticality, 4 without a fallback.")
    assert answers["What is open or overdue?"].startswith("None overdue, 11 items open.")
    assert "wave 5, on 30 Nov 2026" in answers["What moves next?"]
    assert answers["How does it fit together?"].startswith("14 models, 12 systems")  # as on the map


def test_a_retired_fallback_counts_as_none(tmp_path):
    used = "fallback: old\nconsumers: [{system: feed, why: W, criticality: high}]\n"
    feed = "kind: system\nid: feed\nname: Feed\ntype: service\n"
    old = model("old").replace("production", "retired")
    project = open_book(tmp_path, {"a.yml": model("new", used), "b.yml": old, "f.yml": feed, "t.yml": TEAM})
    assert answers_of(project)["What breaks if it fails?"].startswith("1 model of high criticality, 1 without a fall")
    page = render_page(project, "model:new")
    assert "**Falls back to** [old](old.md), which is retired: its dependents fail with it." in page


def test_an_empty_book_has_answers_too(tmp_path):
    answers = answers_of(open_book(tmp_path, {}))
    assert answers["Can it be switched off?"] == "No model is in use."
    assert answers["What is open or overdue?"].startswith("None overdue, 0 items open.")
    page = render_page(open_book(tmp_path, {}), "page:home")
    assert "Nothing is overdue or open" in page
    assert "All models in use" not in page


def test_home_team_badge_and_open_work_have_the_same_numbers(tmp_path):
    late = model("late", f"review_by: 2026-01-01\n{CONTACTS}")
    project = open_book(tmp_path, {"t.yml": TEAM, "late.yml": late, "gap.yml": model("gap")})
    assert answers_of(project)["What is open or overdue?"].startswith("4 overdue, 0 items open.")
    assert "<b>4</b> overdue" in render_page(project, "page:debt")
    assert "4 overdue, 0 open." in render_page(project, "team:t")
    assert "model debt: 4" in render_book_badge(project)


@pytest.mark.parametrize(("day", "is_free"), [("2026-11-19", False), ("2026-11-26", False), ("2026-11-27", True)])
def test_the_week_is_free_unless_something_is_overdue_or_due_in_it(day, is_free, tmp_path):
    project = open_book(tmp_path, {"t.yml": TEAM, "m.yml": model("m", f"review_by: {day}\n{CONTACTS}")})
    assert build_home_view(project.book).is_week_free is is_free
    action = find_section(render_page(project, "page:home"), "Needs action")
    assert ("Nothing is due this week" in action) is is_free
    assert "| Review [m](models/m.md)<small>Planned review</small> | [Team](teams/t.md) |" in action


def test_more_work_than_fits_is_counted_in_items(tmp_path):
    cards = {f"m{number}.yml": model(f"m{number}", f"review_by: 2026-12-0{number % 9 + 1}\n") for number in range(10)}
    view = build_home_view(open_book(tmp_path, {"t.yml": TEAM, **cards}).book)
    assert len(view.tasks) == 8
    assert view.more_tasks == 10 * 4 - sum(len(task.items) for task in view.tasks)


def test_models_have_their_aliases_and_too_many_become_a_link(tmp_path):
    few = {"t.yml": TEAM, "m.yml": model("m", "aliases: [one, two, three]\n"), "old.yml": model("old")}
    few["old.yml"] = few["old.yml"].replace("production", "retired")
    page = find_section(render_page(open_book(tmp_path / "a", few), "page:home"), "All models in use")
    assert '<a href="models/m.html">m</a> <small>one</small> <small>two</small>' in page
    assert "old" not in page
    many = {"t.yml": TEAM, "m.yml": "---\n".join(model(f"m{number}") for number in range(61))}
    page = find_section(render_page(open_book(tmp_path / "b", many), "page:home"), "All models in use")
    assert "[All 61 models](models/index.md)" in page
    assert "<li>" not in page


def test_large_numbers_have_separators(tmp_path):
    cards = {"t.yml": TEAM, "m.yml": "---\n".join(model(f"m{number}", "tags: [draft]\n") for number in range(1000))}
    page = render_page(open_book(tmp_path, cards), "page:home")
    assert "[All 1,000 models](models/index.md)" in page
    assert "<b>1,000 drafts</b>" in page
    assert "unknown for 1,000." in page
    assert "1000" not in re.sub(r"<[^>]*>", "", page)


def test_changes_have_their_day_author_and_words_and_a_large_commit_is_one_row(tmp_path):
    repository = new_repository(tmp_path)
    write_book(tmp_path, {}, MKDOCS)
    cards = {f"m{number}.yml": model(f"m{number}") for number in range(9)}
    repository.commit("Describe nine models", "2026-09-01", {"t.yml": TEAM, **cards})
    repository.commit("It | <b>is</b> faster", "2026-10-01", {"m1.yml": model("m1", "version: 2.0.0\n")})
    repository.commit("Gone", "2026-10-02", {"m2.yml": None})
    section = find_section(render_page(open_project(tmp_path), "page:home"), "Recently changed")
    deleted, changed, added = (re.sub(r"<[^>]+>", " ", row) for row in section.splitlines() if "<time" in row)
    assert deleted == "|  2 Oct 2026  Asha Rao  | m2 | Deleted the card Gone  |"
    message = "It &#124; &#60;b&#62;is&#60;/b&#62; faster"
    assert changed == f"|  1 Oct 2026  Asha Rao  | [m1](models/m1.md) | Added version 2.0.0 {message}  |"
    names = "[m0](models/m0.md), [m1](models/m1.md), m2 and 8 more"
    assert added == f"|  1 Sep 2026  Asha Rao  | {names} | Describe nine models |"


def test_a_book_without_git_says_why_there_are_no_changes(tmp_path):
    page = render_page(open_book(tmp_path, {"t.yml": TEAM}), "page:home")
    assert "The cards are not in a git repository." in find_section(page, "Recently changed")
