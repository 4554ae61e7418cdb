"""The sections impact, handover and history, and the debt page."""

import re
from datetime import date
from pathlib import Path
from unittest.mock import Mock

from generator.evidence.files import render_records
from generator.names import Ref
from generator.pages.assets import list_assets
from generator.pages.contexts import answers
from generator.pages.contexts.answers import build_impact_view, build_trail_view
from generator.pages.contexts.open_work import build_debt_view
from generator.pages.site import PageBuilder
from generator.pages.template_folders import build_template_folders
from generator.project import open_project
from tests.books import MKDOCS, MODEL, TEAM, open_book, open_own_book, write_book
from tests.evidence.records import code_use, scanned
from tests.history.repositories import Repository, new_repository

RYL = Ref("model", "ryl")
SYSTEM = """
kind: system
id: home
name: Home
type: service
owners: [t]
uses: [{model: ryl, why: Fills the carousel, surface: Home page, criticality: high}]
---
kind: flow
id: f
name: F
owners: [t]
steps: [{from: "model:ryl", reads: "feature_view:profile"}]
"""
HOSTILE = "</td><script>alert(1)</script> | `x` {{ 1234 * 5678 }}"


def render_page(project, key: str) -> str:
    """Return the Markdown of a page, without making those after it."""
    folders = build_template_folders(project.root, project.configuration.settings.templates)
    builder = PageBuilder(project.book, folders, directory_urls=project.configuration.directory_urls)
    page = next(page for page in builder.build_all() if page.key == key)
    assert builder.findings == []
    return page.markdown


def find_section(text: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {title!r}"
    return re.sub(r"<figure.*?</figure>", "", found[1], flags=re.DOTALL)


def find_fold(text: str, title: str) -> str:
    found = re.search(rf"<summary>{re.escape(title)}.*?</details>", text, re.DOTALL)
    assert found is not None, f"no fold {title!r}"
    return found[0]


def book(tmp_path, **more: str):
    return open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "home.yml": SYSTEM, **more})


def test_the_impact_has_indirect_dependents_with_a_diagram_and_reasons(tmp_path):
    page = render_page(book(tmp_path), "feature_view:profile")
    impact = find_section(page, "Impact")
    assert "1 depends on it directly, 1 indirectly." in impact
    assert "| [Restaurants](../../models/ryl.md) | reads" in find_section(page, "Used by")
    assert "| [Home](../../systems/home.md) | 2 steps | Home uses Restaurants |" in impact
    home, ryl = "[Home](../../systems/home.md)", "[Restaurants](../../models/ryl.md)"
    assert re.search(rf"Home page \| .*high.* \| {re.escape(home)} \| {re.escape(ryl)} \| Fills", impact)
    assert "[Team](../../teams/t.md): owns Restaurants, Home" in impact
    assert "Dependents of profile" in page


def test_the_impact_has_no_diagram_if_all_dependents_are_direct(tmp_path):
    project = book(tmp_path)
    found = build_impact_view(project.book, RYL)
    assert found is not None
    assert (found.direct, found.further, found.picture) == (1, 0, None)
    assert "<figure" in render_page(project, "model:ryl").partition("## Impact")[0]


def test_pages_compute_only_what_they_show_of_the_impact(tmp_path, monkeypatch):
    project = book(tmp_path)
    monkeypatch.setattr(answers, "compute_impact", Mock(side_effect=AssertionError))
    assert "Home" in find_section(project.build_page_builder().build_card_page(RYL).markdown, "Who uses it, and why")
    monkeypatch.setattr(answers, "find_affected", Mock(side_effect=AssertionError))
    assert "Restaurants" in project.build_page_builder().build_card_page(Ref("team", "t")).markdown


def test_a_page_without_dependents_has_no_impact(tmp_path):
    assert "## Impact" not in render_page(book(tmp_path), "system:home")


def test_the_impact_is_short_with_hundreds_of_dependents(tmp_path):
    systems = "\n---\n".join(
        f"kind: system\nid: s{n}\nname: S{n}\ntype: job\nowners: [t]\nuses: [{{model: ryl, why: Because}}]"
        for n in range(300)
    )
    project = book(tmp_path, **{"many.yml": systems})
    found = build_impact_view(project.book, RYL)
    assert found is not None
    assert found.direct == 301
    impact = find_section(render_page(project, "model:ryl"), "Who uses it, and why")
    assert len([line for line in impact.splitlines() if line.startswith("| [")]) == 40
    assert "These are 40 of 301; <code>modelbook impact model:ryl</code> lists all of them." in impact


def test_the_limit_keeps_the_nearest_dependents(tmp_path):
    before = ["home", *(f"c{number}" for number in range(60))]
    chain = "\n---\n".join(
        f"kind: system\nid: c{number}\nname: C{number}\ntype: job\nowners: [t]\ndepends_on: ['system:{before[number]}']"
        for number in range(60)
    )
    found = build_impact_view(book(tmp_path, **{"chain.yml": chain}).book, Ref("model", "ryl"))
    assert found is not None
    assert not found.is_whole
    assert [row.distance for row in found.rows] == list(range(1, len(found.rows) + 1))


def test_the_diagram_has_all_dependents_in_the_own_book():
    project = open_own_book()
    found = build_impact_view(project.book, Ref("feature_view", "customer_profile"))
    assert found is not None
    assert found.picture is not None
    drawn = {node.id for column in found.picture.columns for node in column}
    assert drawn == {str(row.ref) for row in found.rows} | {"feature_view:customer_profile"}
    assert found.picture.description == "Dependents of Customer profile: 5 directly, 5 in 2 steps, 1 in 3 steps."


def test_people_and_teams_have_a_handover(tmp_path):
    project = book(tmp_path)
    team = find_fold(render_page(project, "team:t"), "If this team changes")
    assert "<small>3 cards and who to ask</small>" in team
    assert "| [Restaurants](../models/ryl.md) | owner | [Home](../systems/home.md): Fills the carousel |" in team
    assert "- [Person](../people/p.md)" in team
    assert "| [Team](../teams/t.md) | lead |" in find_fold(render_page(project, "person:p"), "Cards to hand over")


def test_people_and_teams_have_an_impact_that_their_pages_leave_out(tmp_path):
    project = book(tmp_path, **{"ryl.yml": f"{MODEL}contacts: {{ds: p}}\n"})
    team, person = (build_impact_view(project.book, Ref(*one)) for one in (("team", "t"), ("person", "p")))
    assert team is not None
    assert team.picture is not None
    assert Ref("model", "ryl") in {row.ref for row in team.rows}
    assert person is not None
    assert (person.direct, person.further) == (1, 1)
    assert person.rows[0].reasons == ("Restaurants has Person as contact for Data Science",)
    assert "Impact" not in render_page(project, "team:t") + render_page(project, "person:p")


def test_text_of_cards_is_data_in_every_section(tmp_path):
    cards = {
        "ryl.yml": MODEL.replace("Ranks restaurants.", f"'{HOSTILE}'"),
        "t.yml": TEAM.replace("name: Team", f"name: '{HOSTILE}'"),
        "home.yml": SYSTEM.replace("Fills the carousel", f"'{HOSTILE}'").replace("Home page", f"'{HOSTILE}'"),
    }
    pages, mistakes = open_book(tmp_path, cards).render_pages()
    assert mistakes == []
    assert not [page.key for page in pages if "<script>alert" in page.markdown or "7006652" in page.markdown]


OWING = MODEL.replace("experimental", "production") + "review_by: 2026-03-01\nx-allow: {MB301: The batch job is old}\n"


def test_the_debt_page_has_the_ledger_by_team(tmp_path):
    project = open_book(tmp_path, {"ryl.yml": OWING, "t.yml": TEAM})
    page = render_page(project, "page:debt")
    days = (date(2026, 11, 20) - date(2026, 3, 2)).days
    review, contacts = [line for line in find_section(page, "Overdue").splitlines() if "models/ryl.md" in line]
    assert review.startswith("| Review [Restaurants](models/ryl.md) | Planned review | [Team](teams/t.md) | ")
    assert '<time datetime="2026-03-01">1 Mar 2026</time>' in review
    assert f"<small data-mb-relative>for {days} days</small>" in review
    functions = "for Data Science, Product and Engineering"
    assert contacts.startswith(f"| Name contacts of [Restaurants](models/ryl.md) {functions} |")
    assert "<b>4</b> overdue" in page
    assert "Overdue: 1 review, 3 missing contacts." in page
    assert "4 overdue, in the list above" in find_section(page, "[Team](teams/t.md)")
    assert "<code>assets/modelbook/debt.svg</code>" in page
    view = build_debt_view(project.book)
    assert [one.name for one in view.teams] == ["Team"]
    assert view.count == len(project.book.ledger.entries) == view.teams[0].count > 1


def test_the_debt_page_has_suppressed_findings_with_their_reason(tmp_path):
    card = MODEL + "review_by: 2026-03-01\nx-allow: {MB403: The review waits for the new data}\n"
    project = open_book(tmp_path, {"ryl.yml": card, "t.yml": TEAM})
    assert [one.finding.code for one in project.suppressed] == ["MB403"]
    page = find_section(render_page(project, "page:debt"), "Accepted exceptions")
    assert "[MB403](reference/codes/index.md#MB403)" in page
    assert "The review waits for the new data" in page


def test_the_book_and_each_team_have_a_badge(tmp_path):
    project = open_book(tmp_path, {"ryl.yml": OWING, "t.yml": TEAM})
    made = dict(list_assets(project.book, directory_urls=False))
    count = len(project.book.ledger.entries)
    assert f"<title>model debt: {count}</title>" in made["assets/modelbook/debt.svg"]
    assert f"<title>Team debt: {count}</title>" in made["assets/modelbook/badges/t.svg"]


def create_repository(root: Path) -> Repository:
    repository = new_repository(root)
    write_book(root, {}, MKDOCS)
    return repository


def test_the_burn_down_follows_the_commits(tmp_path):
    repository = create_repository(tmp_path)
    repository.commit("start", "2026-09-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    late = MODEL.lstrip() + "review_by: 2026-09-20\n"
    repository.commit("a review is due", "2026-09-10", {"ryl.yml": late})
    repository.commit("reviewed", "2026-10-20", {"ryl.yml": late.replace("2026-09-20", "2027-09-20")})
    project = open_project(tmp_path)
    view = build_debt_view(project.book)
    assert view.picture is not None
    owed = {measure.on: measure.count for measure in view.picture.counts}
    assert {count for day, count in owed.items() if day < date(2026, 9, 20)} == {0}
    assert {count for day, count in owed.items() if date(2026, 9, 21) <= day < date(2026, 10, 20)} == {1}
    assert {count for day, count in owed.items() if day > date(2026, 10, 20)} == {0}
    assert 'class="mb-course"' in render_page(project, "page:debt")


def test_undocumented_uses_are_in_the_chart_since_they_were_found(tmp_path):
    repository = create_repository(tmp_path)
    repository.commit("start", "2026-09-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    (tmp_path / "evidence").mkdir()
    found = [scanned(), code_use(repo="food/old", on=date(2026, 10, 14))]
    (tmp_path / "evidence/code.jsonl").write_bytes(render_records(found))
    repository.commit("a review", "2026-11-10", {"ryl.yml": MODEL.lstrip() + "review_by: 2026-11-12\n"})
    view = build_debt_view(open_project(tmp_path).book)
    assert view.picture is not None
    owed = {measure.on: measure.count for measure in view.picture.counts}
    assert {count for day, count in owed.items() if day < date(2026, 10, 14)} == {0}
    assert {count for day, count in owed.items() if date(2026, 10, 18) <= day < date(2026, 11, 12)} == {1}
    assert list(owed.values())[-1] == view.count == 2


def test_the_debt_page_without_git_has_a_note_and_no_chart(tmp_path):
    page = render_page(open_book(tmp_path, {"ryl.yml": OWING, "t.yml": TEAM}), "page:debt")
    assert "The cards are not in a git repository." in page
    assert "<figure" not in page


def test_the_history_has_a_row_for_each_commit(tmp_path):
    repository = create_repository(tmp_path)
    repository.commit("add the model", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    card = MODEL.lstrip() + "endpoints: {production: https://ml.example.com/ryl}\n"
    repository.commit("serve it | <b>", "2026-02-02", {"ryl.yml": card}, author="Jo | _i_ <jo@example.com>")
    history = find_fold(render_page(open_project(tmp_path), "model:ryl"), "History")
    rows = [line for line in history.splitlines() if line.startswith("| <time")]
    assert len(rows) == 2
    assert "Added production endpoint: https&#58;//ml.example.com/ryl" in rows[0]
    assert "serve it &#124; &#60;b&#62;<small>Jo &#124; &#95;i&#95;, " in rows[0]
    assert "Created the card" in rows[1]


def test_a_long_history_is_cut_and_a_shallow_one_has_a_note(tmp_path):
    repository = create_repository(tmp_path / "origin")
    for number in range(30):
        card = MODEL.lstrip() + f"endpoints: {{production: 'https://ml.example.com/{number}'}}\n"
        repository.commit(f"move {number}", f"2026-01-{number + 1:02}", {"ryl.yml": card, "t.yml": TEAM})
    view = build_trail_view(open_project(tmp_path / "origin").book, Ref("model", "ryl"))
    assert view is not None
    assert (len(view.rows), view.more, view.rows[0].message) == (20, 10, "move 29")
    repository.git("clone", "-q", "--depth", "2", f"file://{tmp_path / 'origin'}", str(tmp_path / "clone"))
    assert "shallow clone" in render_page(open_project(tmp_path / "clone"), "model:ryl")


def test_a_secret_in_the_name_of_an_author_is_redacted(tmp_path):
    repository = create_repository(tmp_path)
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
    repository.commit("add", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM}, author=f"{token} <a@b.c>")
    page = render_page(open_project(tmp_path), "model:ryl")
    assert token not in page
    assert "████" in find_fold(page, "History")


CLEANING = """
kind: experiment
id: ab
name: AB
owners: [t]
status: {status}
cleanup:
  {due}
  items: [{{remove: "topic:a", owner: p}}, {{remove: "topic:b", done_on: 2026-10-01}}]
"""


def test_open_work_is_apart_from_overdue_work(tmp_path):
    dated = open_book(
        tmp_path / "a", {"t.yml": TEAM, "ab.yml": CLEANING.format(status="concluded", due="due: 2027-01-31")}
    )
    page = render_page(dated, "page:debt")
    assert "<b>0</b> overdue</span> <span><b>1</b> open" in page
    assert "Nothing is overdue" in find_section(page, "Overdue")
    assert "| [Team](teams/t.md) | 0 | 1 |" in find_section(page, "By team")
    row = next(line for line in find_section(page, "[Team](teams/t.md)").splitlines() if "Remove the topic" in line)
    assert row.startswith("| Remove the topic [a](resources/topic/a.md) | [AB](experiments/ab.md) is concluded")
    assert "[Person](people/p.md)" in row
    assert "31 Jan 2027" in row
    undated = open_book(tmp_path / "b", {"t.yml": TEAM, "ab.yml": CLEANING.format(status="concluded", due="")})
    assert "| No date |" in find_section(render_page(undated, "page:debt"), "[Team](teams/t.md)")
    assert "model debt: 0" in render_book_badge(dated)
    late = open_book(
        tmp_path / "c", {"t.yml": TEAM, "ab.yml": CLEANING.format(status="cleaned", due="due: 2026-08-01")}
    )
    assert "model debt: 1" in render_book_badge(late)
    overdue = find_section(render_page(late, "page:debt"), "Overdue")
    assert "is marked as cleaned, but this is still there" in overdue
    assert "for 110 days" in overdue


def render_book_badge(project) -> str:
    return next(
        content for path, content in list_assets(project.book, directory_urls=False) if path.endswith("debt.svg")
    )


def test_ledger_experiment_page_home_and_check_agree(tmp_path):
    for status, due, is_late in [
        ("cleaned", "due: 2026-08-01", True), ("concluded", "due: 2026-11-19", True),
        ("concluded", "due: 2026-11-20", False), ("cleaned", "", True),
    ]:  # fmt: skip
        folder = tmp_path / f"{status}{due[-2:]}"
        project = open_book(folder, {"t.yml": TEAM, "ab.yml": CLEANING.format(status=status, due=due)})
        codes = {finding.code for finding in project.findings if finding.code in {"MB501", "MB504"}}
        assert bool(codes) is is_late
        assert bool(project.book.ledger.entries) is is_late
        row = next(
            line for line in render_page(project, "experiment:ab").splitlines() if "topic" in line and "a" in line
        )
        assert ("overdue" in row) is is_late
        if due:
            home = find_section(render_page(project, "page:home"), "Needs action")
            assert ("overdue" in home) is is_late
