"""The pages of teams and people: how to reach them, their work, their models, and the guide for a departure."""

import html
import re
from datetime import date

import pytest

from generator.answers.leave import Departure, plan_departure
from generator.names import Ref
from generator.pages.contexts.people import build_person_view, build_team_view
from generator.schema import Person, Team
from tests.books import MODEL, open_book, open_own_book
from tests.pages.test_answers import find_section, render_page

TEAM = "kind: team\nid: t\nname: Team\n{}---\nkind: person\nid: p\nname: Person\nteam: t\nrole: Ranks\n"
SYSTEM = "kind: system\nid: {0}\nname: {0}\ntype: service\nuses: [{{model: {1}, why: w, criticality: {2}}}]\n"
PRODUCTION = MODEL.lstrip().replace("experimental", "production")


def team_view(project, team="t"):
    card = project.book.get_card(Ref("team", team))
    assert isinstance(card, Team)
    return build_team_view(project.book, card)


def person_view(project, person="p"):
    card = project.book.get_card(Ref("person", person))
    assert isinstance(card, Person)
    return build_person_view(project.book, card)


def model(name: str, more: str = "") -> str:
    return PRODUCTION.replace("id: ryl\nname: Restaurants", f"id: {name}\nname: {name}") + more


def strip_of(view) -> dict[str, str]:
    return {
        fact.name: " ".join(str(getattr(value, "label", value)) for value in fact.values) for fact in view.card.strip
    }


def test_the_strip_of_a_team_has_every_way_to_reach_it(tmp_path):
    ways = (
        "lead: p\nchannel: '#t'\nchat: https://chat.example.com/t\nemail: t@example.com\nhours: 9 to 18\n"
        "on_call: https://oncall.example.com/t\nrunbook: https://wiki.example.com/t\nparent: u\n"
    )
    cards = {"t.yml": TEAM.format(ways), "u.yml": "kind: team\nid: u\nname: Upper\n"}
    project = open_book(tmp_path, cards)
    assert strip_of(team_view(project)) == {
        "On call": "On call", "Chat": "#t", "Lead": "person:p", "E-mail": "t@example.com", "Hours": "9 to 18",
        "Runbook": "Runbook", "Part of": "team:u",
    }  # fmt: skip
    assert strip_of(team_view(project, "u"))["Teams in it"] == "team:t"
    page = render_page(project, "team:t")
    assert '<a class="mb-url" href="https://oncall.example.com/t">On call</a>' in page


@pytest.mark.parametrize(
    "ways", ["", "channel: '#t'\n", "on_call: +91 80 0000\n", "links: {on-call: https://a.example}\n"]
)
def test_what_a_team_lacks_is_a_gap_and_what_it_has_is_shown(ways, tmp_path):
    page = html.unescape(render_page(open_book(tmp_path, {"t.yml": TEAM.format(ways)}), "team:t"))
    assert ("No on-call" in page) is ("call" not in ways)
    assert ("No chat" in page) is ("channel" not in ways)
    assert ("+91 80 0000" in page) is ("+91" in ways)


def test_the_work_of_a_team_is_that_of_the_ledger():
    project = open_own_book()
    for debt in project.book.ledger.teams:
        assert debt.team is not None
        work = team_view(project, debt.team.id).work
        assert (work.overdue_count, work.open_count) == (len(debt.entries), len(debt.open))
        assert sum(len(task.items) for task in (*work.overdue, *work.open)) == len(debt.entries) + len(debt.open)


def test_models_are_listed_by_criticality_and_retired_ones_are_counted(tmp_path):
    cards = {"t.yml": TEAM.format("lead: p\n"), "old.yml": model("old").replace("production", "retired")}
    for name, criticality in (("a", "low"), ("b", "medium"), ("c", "high")):
        cards |= {f"{name}.yml": model(name), f"s{name}.yml": SYSTEM.format(f"s{name}", name, criticality)}
    cards["d.yml"] = model("d").replace("owners: [t]", "owners: [person:p]")
    view = team_view(open_book(tmp_path, cards))
    assert [row.ref.id for row in view.work.models] == ["c", "b", "d", "a"]
    assert [row.criticality and row.criticality.word for row in view.work.models] == ["high", "medium", None, "low"]
    assert view.work.models[0].others == (Ref("system", "sc"),)
    assert view.work.retired == (Ref("model", "old"),)


def test_a_team_with_many_models_lists_sixty_and_counts_the_others(tmp_path):
    cards = {"t.yml": TEAM.format(""), "m.yml": "---\n".join(model(f"m{number:03}") for number in range(75))}
    project = open_book(tmp_path, cards)
    work = team_view(project).work
    assert (len(work.models), work.more_models) == (60, 15)
    assert "15 more: [Models](../models/index.md)" in render_page(project, "team:t")


def test_a_member_who_left_has_a_successor_or_a_gap(tmp_path):
    left = "---\nkind: person\nid: {0}\nname: {0}\nteam: t\nleft_on: 2026-01-31\n{1}"
    text = TEAM.format("lead: p\n") + left.format("old", "successor: p\n") + left.format("lost", "")
    cards = {"t.yml": text, "ryl.yml": f"{PRODUCTION}contacts: {{ds: lost}}\n"}
    project = open_book(tmp_path, cards)
    assert [row.ref.id for row in team_view(project).people] == ["p", "lost", "old"]
    rows = {row.split("]")[0]: row for row in find_section(render_page(project, "team:t"), "People").splitlines()}
    assert "[Person](../people/p.md) took over; nothing depends on old now." in rows["| [old"]
    assert '<span class="mb-missing">No successor</span>; 1 card still names lost.' in rows["| [lost"]
    assert "Lead; Ranks" in rows["| [Person"]


def test_a_team_page_has_no_responsibility_twice(tmp_path):
    cards = {"t.yml": TEAM.format("lead: p\n"), "ryl.yml": PRODUCTION}
    page = render_page(open_book(tmp_path, cards), "team:t")
    assert page.count("[Restaurants](../models/ryl.md)") == 3  # to do: its contacts; models; the folded hand-over


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        ({}, "no successor, deputy or lead is recorded"),
        ({"lead": "q"}, "[Q](q.md), the lead of Team."),
        ({"more": "successor: q\n"}, "[Q](q.md), the successor on the card."),
        ({"more": "deputy: q\n"}, "[Q](q.md), the deputy."),
    ],
)
def test_the_guide_proposes_who_takes_over(cards, expected, tmp_path):
    lead = f"lead: {cards['lead']}\n" if "lead" in cards else ""
    text = TEAM.format(lead) + cards.get("more", "") + "---\nkind: person\nid: q\nname: Q\nteam: t\n"
    project = open_book(tmp_path, {"t.yml": text, "ryl.yml": PRODUCTION.replace("[t]", "[person:p]")})
    guide = find_section(render_page(project, "person:p"), "When Person leaves")
    assert expected in guide
    command = {"": " --successor PERSON", "deputy": " --successor q"}.get(
        "" if not cards else "deputy" if "deputy" in cards.get("more", "") else "q", ""
    )
    assert person_view(project).guide.command == f"modelbook leave p --on YYYY-MM-DD{command}"
    assert "[Restaurants](../models/ryl.md) (owner)" in guide


def test_the_command_of_the_guide_names_the_successor_that_it_hands_over_to():
    project = open_own_book()
    for ref in (ref for ref in project.graph.cards if ref.kind == "person"):
        guide = person_view(project, ref.id).guide
        named = re.search(r"--successor (\w+)", guide.command)
        successor = Ref("person", named[1]) if named and named[1] != "PERSON" else None
        plan = plan_departure(project.graph, project.cards.texts, Departure(ref, project.today, successor), {})
        assert plan.successor == guide.successor
        assert len({one.card for one in plan.handed if one.role != "stakeholder"} - {ref}) >= guide.count


def test_the_day_of_a_departure_is_a_date_alone(tmp_path):
    project = open_book(tmp_path, {"t.yml": TEAM.format("") + "left_on: 2026-01-31\n"})
    [day] = [fact.values for fact in person_view(project).card.facts if fact.name == "Left on"]
    assert day == (date(2026, 1, 31),)


def test_after_a_departure_the_guide_says_what_is_left(tmp_path):
    text = TEAM.format("") + "left_on: 2026-01-31\n"
    clean = open_book(tmp_path / "a", {"t.yml": text})
    page = render_page(clean, "person:p")
    assert "Nothing to hand over" in find_section(page, "After Person left")
    assert "## To do" not in page
    assert "Was a member of Team" in page
    named = open_book(tmp_path / "b", {"t.yml": text, "ryl.yml": f"{PRODUCTION}contacts: {{ds: p}}\n"})
    guide = find_section(render_page(named, "person:p"), "After Person left")
    assert "modelbook leave p --on 2026-01-31 --successor PERSON" in html.unescape(guide)


@pytest.mark.parametrize(
    ("role", "lead"),
    [
        ("role: Leads data science; ranking\n", "Leads data science; ranking. Member of Team"),
        ("role: Analyst.\n", "Analyst. Member of Team"),
        ("summary: Knows it all.\nrole: Analyst\n", "Knows it all."),
        ("", "Member of Team"),
    ],
)
def test_the_first_sentence_of_a_person_reads_well(role, lead, tmp_path):
    text = f"kind: team\nid: t\nname: Team\n---\nkind: person\nid: p\nname: Person\nteam: t\n{role}"
    assert person_view(open_book(tmp_path, {"t.yml": text})).card.lead == lead
