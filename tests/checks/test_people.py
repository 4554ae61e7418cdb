from pathlib import Path

import pytest

from generator.checks.people import suggest_replacement
from generator.graph.people import find_successor
from generator.names import Ref
from generator.schema import Person
from tests.checks.books import build_context

PEOPLE = """\
{kind: person, id: gone, name: Gone, left_on: 2026-01-01, successor: also-gone}
---
{kind: person, id: also-gone, name: Also gone, left_on: 2026-02-01, successor: here}
---
{kind: person, id: here, name: Here}
---
{kind: person, id: round, name: Round, left_on: 2026-01-01, successor: about}
---
{kind: person, id: about, name: About, left_on: 2026-01-01, successor: round}
---
{kind: person, id: alone, name: Alone, left_on: 2026-01-01, team: led}
---
{kind: person, id: leaderless, name: Leaderless, left_on: 2026-01-01, team: lost}
---
{kind: team, id: led, name: Led, lead: here}
---
{kind: team, id: lost, name: Lost, lead: gone}
"""


@pytest.mark.parametrize(
    ("person", "successor", "hint"),
    [
        ("gone", "here", "name the successor, here (Here)"),
        ("round", None, "name a current employee, and add `successor:`"),
        ("alone", None, "ask here (Here), who leads led"),
        ("leaderless", None, "name a current employee, and add `successor:`"),
    ],
)
def test_the_replacement_is_the_first_successor_who_is_here_or_the_lead(
    person: str, successor: str | None, hint: str, tmp_path: Path
):
    context, _ = build_context({"people.yml": PEOPLE}, tmp_path)
    leaver = context.find(Ref("person", person), Person)
    assert leaver is not None
    found = find_successor(context.graph, leaver.ref, context.today)
    assert (found.id if found else None) == successor
    assert hint in suggest_replacement(context, leaver)
