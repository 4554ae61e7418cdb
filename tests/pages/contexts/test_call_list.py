"""The page *Who to call*: how to reach everybody, and short for a large book."""

import re

from generator.pages.contexts.call_list import build_call_view, count_gaps
from tests.books import MKDOCS, MODEL, open_own_book, write_book
from tests.books import open_book as open_small_book
from tests.pages.test_answers import find_section, render_page

TEAM = "kind: team\nid: {0}\nname: Team {0}\nlead: p{0}\nchannel: '#{0}'\n---\nkind: person\nid: p{0}\nname: P{0}\n"
PRODUCTION = MODEL.lstrip().replace("experimental", "production")


def model(number: int, team: str, contact: str) -> str:
    named = PRODUCTION.replace("id: ryl\nname: Restaurants", f"id: m{number}\nname: M{number}").replace(
        "[t]", f"[{team}]"
    )
    return f"{named}contacts: {{ds: {contact}, product: {contact}, engineering: {contact}}}\n"


def test_every_team_has_its_ways_and_every_contact_an_address():
    project = open_own_book()
    view = build_call_view(project.book)
    page = render_page(project, "page:who-to-call")
    teams, people = find_section(page, "Teams"), find_section(page, "People")
    assert '<a class="mb-url" href="https://oncall.example.com/rotas/core-eng">On call</a>' in teams
    assert teams.count("No on-call") == 4
    assert "deputy: [Devika Menon](people/devika.md)" in teams
    named = {contact.person for row in view.rows for contact in row.contacts if contact.person}
    assert named <= {row.ref for row in view.people}
    assert all(row.email for row in view.people)
    assert "mailto:rohan@example.com" in people
    assert view.gaps == count_gaps(project.book) == page.count("no contact</span>") == 2


def test_a_thousand_models_with_the_same_contacts_are_a_few_rows(tmp_path):
    cards = {f"{team}.yml": TEAM.format(team) for team in "abcde"}
    models = [model(number, "abcde"[number % 5], f"p{'abc'[number % 3]}") for number in range(1000)]
    cards["m.yml"] = "---\n".join(models)
    project = open_small_book(tmp_path, cards)
    view = build_call_view(project.book)
    assert sum(len(group.refs) for owner in view.owners for group in owner.groups) == 1000
    page = render_page(project, "page:who-to-call")
    assert len(page.splitlines()) < 250
    assert "and 47 more" in page or "and 46 more" in page


def test_models_without_an_owner_come_last_and_other_owners_are_named(tmp_path):
    cards = {team: TEAM.format(team) for team in "ab"}
    files = {f"{name}.yml": text for name, text in cards.items()}
    files["m.yml"] = "---\n".join(
        [model(1, "b, a", "pa"), model(2, "a", "pa"), model(3, "a", "pa").replace("owners: [a]\n", "")]
    )
    project = open_small_book(tmp_path, files)
    page = find_section(render_page(project, "page:who-to-call"), "Contacts by model")
    assert re.findall(r"^### (.*)", page, re.MULTILINE) == ["[Team a](teams/a.md)", "[Team b](teams/b.md)", "No owner"]
    assert "[M1](models/m1.md)<small>with [Team a](teams/a.md)</small>" in page


def test_a_title_with_a_quotation_mark_does_not_break_the_labels(tmp_path):
    mkdocs = MKDOCS.replace("2026-11-20}", '2026-11-20, functions: {ds: "People\'s science"}}')
    write_book(tmp_path, {"a.yml": TEAM.format("a"), "m.yml": model(1, "a", "pa")}, mkdocs)
    page = render_page(open_small_book(tmp_path), "page:who-to-call")
    assert "--mb-2:'People\u2019s science'" in page
