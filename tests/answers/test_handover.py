"""The handover of a team or a person."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from generator.answers.handover import Handover, build_handover, render_handover
from generator.answers.responsibilities import find_responsible_cards
from generator.errors import UserError
from generator.graph.edges import Graph
from generator.names import Ref
from generator.settings import Settings
from tests.answers.books import FUNCTIONS, GOLDENS, TODAY, book, own_book
from tests.answers.duty_books import build_ledger
from tests.books import open_book
from tests.conftest import Golden

FILES = {
    "p.yml": """kind: person
id: a
name: "A *star* <b>"
team: t
left_on: 2026-01-01
successor: b
---
kind: person
id: b
name: B
team: t
---
kind: team
id: t
name: T
lead: a
channel: "#t"
---
kind: model
id: m
name: M
summary: Sorts.
lifecycle: production
serving: online
owners: [t]
contacts: {ds: a}
review_by: 2026-11-10
---
kind: system
id: s
name: S
type: app
owners: [a]
uses: [{model: m, why: Sorts the list}]
""",
}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return book(tmp_path, FILES)


def page_of(graph: Graph, ref: str) -> Handover:
    return build_handover(
        graph, Ref.parse(ref), build_ledger(graph, Settings(functions={}), TODAY), TODAY, {"ds": "Data Science"}
    )


def test_a_person_hands_over_every_role(graph: Graph) -> None:
    page = page_of(graph, "person:a")
    assert [(str(one.ref), one.roles) for one in page.held] == [
        ("model:m", ("contact for Data Science",)),
        ("system:s", ("owner",)),
        ("team:t", ("lead",)),
    ]
    assert [(entry.days, entry.name) for entry in page.overdue] == [(9, "M")]
    assert [(caller.name, caller.whys) for caller in page.held[0].callers] == [("S", ("Sorts the list",))]


def test_a_team_also_hands_over_the_cards_of_its_members(graph: Graph) -> None:
    page = page_of(graph, "team:t")
    assert [(str(one.ref), one.roles) for one in page.held] == [
        ("model:m", ("owner",)),
        ("system:s", ("owned by A *star* <b>",)),
    ]
    assert page.channel == "#t"


def test_the_responsibilities_of_a_party_are_the_cards_of_its_handover(tmp_path: Path) -> None:
    cards = """
        {kind: team, id: t, name: T, lead: a}
        ---
        {kind: team, id: u, name: U}
        ---
        {kind: person, id: a, name: A, team: t, successor: b}
        ---
        {kind: person, id: b, name: B, team: u, deputy: a}
        ---
        kind: model
        id: judged
        name: Judged
        summary: A model that t only validates and approves, and that a rates.
        lifecycle: production
        serving: offline
        stakeholders: [team:t]
        risk: {rating: high, by: a, on: 2026-01-01}
        validation: {by: t, on: 2026-01-01, result: approved}
        approved_uses: [{use: ranking, by: t, on: 2026-01-01}]
        confirmed_unused: {by: u, on: 2026-01-01}
        ---
        kind: model
        id: planned
        name: Planned
        summary: A model that t has still to validate.
        lifecycle: production
        serving: offline
        owners: [b]
        validation: {by: t, next: 2027-01-01}
        operations: {drift_check: {by: b, on: 2026-01-01}}
        ---
        kind: experiment
        id: x
        name: X
        summary: The clean-up of a is done, that of t is open.
        status: concluded
        decision: {by: b, decided_on: 2026-01-01, winner: a}
        variants: {a: {model: judged, traffic: 50}, b: {model: planned, traffic: 50}}
        cleanup:
          due: 2027-01-01
          items:
            - {remove: model:judged, owner: a, done_on: 2026-01-01}
            - {remove: model:planned, owner: t}
        ---
        kind: flow
        id: f
        name: F
        summary: A team in a step.
        steps: [{from: team:t, calls: model:planned}]
    """
    project = open_book(tmp_path, {"all.yml": cards})
    held = {
        ref: {one.ref for one in page_of(project.graph, ref).held}
        for ref in ("team:t", "team:u", "person:a", "person:b")
    }
    assert {ref: find_responsible_cards(project.graph, Ref.parse(ref)) for ref in held} == held
    assert held["team:t"] == {Ref("model", "planned"), Ref("experiment", "x"), Ref("flow", "f")}


@pytest.mark.parametrize("ref", [str(ref) for ref in own_book()[1].cards if ref.kind in {"team", "person"}])
def test_the_responsibilities_in_the_own_book_are_those_of_the_handover(ref: str) -> None:
    graph = own_book()[1]
    assert find_responsible_cards(graph, Ref.parse(ref)) == {one.ref for one in page_of(graph, ref).held}


def test_only_present_people_are_contacts_of_a_handover(graph: Graph) -> None:
    for ref in ("person:a", "team:t"):
        assert [ask.name for ask in page_of(graph, ref).asks] == ["B"]


def test_only_teams_and_people_have_a_handover(graph: Graph) -> None:
    with pytest.raises(UserError, match="modelbook who model:m"):
        page_of(graph, "model:m")


def test_text_of_authors_is_escaped(graph: Graph) -> None:
    html = MarkdownIt().render(render_handover(page_of(graph, "person:a")))
    assert "A *star* &lt;b&gt;" in html
    assert "<em>" not in html


@pytest.mark.parametrize("ref", ["team:merch-ops", "person:priya"])
def test_the_handover_in_the_own_book(golden: Golden, ref: str) -> None:
    graph = own_book()[1]
    ledger = build_ledger(graph, Settings(functions=FUNCTIONS), TODAY)
    text = render_handover(build_handover(graph, Ref.parse(ref), ledger, TODAY, FUNCTIONS))
    golden(GOLDENS / f"handover-{ref.partition(':')[2]}.md", text)


@pytest.mark.parametrize(("day", "word"), [("2026-11-20", "left"), ("2026-11-21", "leaves")])
def test_a_future_departure_is_described_as_future(tmp_path: Path, day: str, word: str) -> None:
    graph = book(tmp_path, {"p.yml": f"{{kind: person, id: p, name: P, left_on: {day}}}\n"})
    page = build_handover(graph, Ref("person", "p"), build_ledger(graph, Settings(functions={}), TODAY), TODAY, {})
    assert f"# Handover: P ({word} on {day})" in render_handover(page)


def test_each_operation_is_a_role_without_a_comma(tmp_path: Path):
    operations = "operations: {alerts: {by: b}, drift_check: {by: b}}\n"
    files = {"p.yml": FILES["p.yml"].replace("review_by:", f"{operations}review_by:")}
    graph = book(tmp_path, files)
    page = build_handover(graph, Ref("person", "b"), build_ledger(graph, Settings(functions={}), TODAY), TODAY, {})
    [held] = [each for each in page.held if each.ref == Ref("model", "m")]
    assert held.roles == ("alerts", "drift check")
