"""The pages of systems and experiments: who is on call, and no column without a value."""

import pytest

from generator.names import Ref
from generator.pages.contexts.parts import GapMarker, LabelledLink
from generator.pages.contexts.topology import build_system_view
from generator.schema import System
from tests.books import MODEL, open_book
from tests.pages.test_answers import render_page

TEAM = "kind: team\nid: t\nname: Team\n{}---\nkind: person\nid: p\nname: Person\nteam: t\n"
SYSTEM = "kind: system\nid: s\nname: Shop\ntype: service\nowners: [{}]\n"
EXPERIMENT = """kind: experiment
id: x
name: Test
owners: [t]
status: running
started_on: 2026-11-01
where: system:s
metric: Orders
variants:
  control: {{model: ryl, traffic: 50}}
  treatment: {{model: ryl, traffic: 50{}}}
"""


@pytest.mark.parametrize(
    ("contact", "owner", "shown"),
    [
        ('on_call: "https://oncall.example.com/t"\n', "t", (LabelledLink("Team on call", "https://oncall.example.com/t"),)),
        ("on_call: +91 80 555 0100\n", "t", ("+91 80 555 0100",)),
        ("", "t", (GapMarker("No on-call"),)),
        ("", "person:p", ()),
    ],
)  # fmt: skip
def test_a_system_shows_the_on_call_of_the_team_that_owns_it(tmp_path, contact, owner, shown):
    project = open_book(tmp_path, {"t.yml": TEAM.format(contact), "s.yml": SYSTEM.format(owner)})
    system = project.book.get_card(Ref("system", "s"))
    assert isinstance(system, System)
    facts = {fact.name: fact.values for fact in build_system_view(project.book, system).card.strip}
    assert facts.get("On call", ()) == shown


@pytest.mark.parametrize(("note", "columns"), [("", 0), (", note: Reads visits", 1)])
def test_the_variants_have_a_column_for_differences_only_if_one_is_stated(tmp_path, note, columns):
    cards = {"t.yml": TEAM.format(""), "s.yml": SYSTEM.format("t"), "r.yml": MODEL, "x.yml": EXPERIMENT.format(note)}
    page = render_page(open_book(tmp_path, cards), "experiment:x")
    assert page.count("Difference |") == columns
    rows = [line for line in page.splitlines() if line.startswith(("| control |", "| treatment |"))]
    assert [row.count("|") for row in rows] == [4 + columns] * 2
