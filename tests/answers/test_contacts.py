"""The contacts of a card on a day."""

from datetime import date
from pathlib import Path

import pytest

from generator.answers.contacts import ContactList, find_contacts
from generator.errors import UserError
from generator.names import Ref
from tests.answers.books import FUNCTIONS, GOLDENS, TODAY, book, own_book
from tests.conftest import Golden

PEOPLE = """kind: person
id: a
name: A
team: one
left_on: 2026-01-01
successor: b
---
kind: person
id: b
name: B
left_on: 2026-02-01
{b}
---
kind: person
id: c
name: C
email: c@example.com
role: Knows it all
{c}
---
kind: person
id: d
name: D
---
kind: team
id: one
name: One
function: ds
lead: c
channel: "#one"
---
kind: team
id: two
name: Two
function: ds
lead: d
"""
MODEL = "kind: model\nid: m\nname: M\nsummary: s\nlifecycle: production\nserving: online\nowners: [one]\n"


def ask(
    root: Path, *, b: str = "", c: str = "", model: str = "contacts: {ds: a}\n", ref: str = "model:m"
) -> ContactList:
    graph = book(root, {"p.yml": PEOPLE.format(b=b, c=c), "m.yml": MODEL + model})
    return find_contacts(graph, Ref.parse(ref), {"ds": "Data Science", "product": "Product"}, TODAY)


def test_the_contact_on_the_card_is_used_while_present(tmp_path: Path) -> None:
    owner, ds, product = ask(tmp_path, model="contacts: {ds: c}\n").calls
    assert (ds.title, ds.name, ds.email, ds.path) == ("Data Science", "C", "c@example.com", ())
    assert ds.answers_for == ("contact for Data Science", "leads One", "Knows it all")
    assert (owner.function, owner.title, owner.name, owner.channel) == ("owner", "Owner, One", "C", "#one")
    assert (product.person, product.path[0]) == (None, "the card names no contact for Product")


def test_successors_are_followed_then_the_lead_of_the_team(tmp_path: Path) -> None:
    call = ask(tmp_path, b="successor: d").calls[1]
    assert (call.name, len(call.path)) == ("D", 2)
    call = ask(tmp_path).calls[1]
    assert call.name == "C"
    assert call.path == ("A left on 2026-01-01, followed by b", "B left on 2026-02-01", "C leads One")


def test_the_last_choice_is_a_lead_of_the_function_and_circles_end(tmp_path: Path) -> None:
    call = ask(tmp_path, b="successor: a", c="left_on: 2026-03-01").calls[1]
    assert call.name == "D"
    assert call.path[-1] == "D leads Two, a team of that function"


LEADS = """{kind: team, id: t, name: T, lead: a}
---
{kind: system, id: s, name: S, type: service, owners: [t]}
---
{kind: person, id: a, name: A, left_on: 2025-01-01, successor: b}
---
{kind: person, id: b, name: B, left_on: 2025-06-01, successor: c}
---
{kind: person, id: c, name: C}
"""


@pytest.mark.parametrize("ref", ["team:t", "system:s"])
def test_the_successors_of_a_lead_are_followed_to_the_last(tmp_path: Path, ref: str) -> None:
    call = find_contacts(book(tmp_path, {"a.yml": LEADS}), Ref.parse(ref), {}, TODAY).calls[0]
    assert call.name == "C"
    assert call.path[-3:] == (
        "A, who led T, left on 2025-01-01",
        "B, who took over from A, left on 2025-06-01",
        "C took over from B",
    )
    circle = LEADS.replace("name: C", "name: C, left_on: 2025-07-01, successor: a")
    assert find_contacts(book(tmp_path, {"a.yml": circle}), Ref.parse(ref), {}, TODAY).calls[0].person is None


def test_a_function_without_contact_falls_to_a_lead_of_the_function(tmp_path: Path) -> None:
    call = ask(tmp_path, model="").calls[1]
    assert (call.name, call.path) == (
        "C",
        ("the card names no contact for Data Science", "C leads One, a team of that function"),
    )


def test_a_contact_is_used_until_the_last_day(tmp_path: Path) -> None:
    graph = book(tmp_path, {"p.yml": PEOPLE.format(b="", c="left_on: 2026-12-01"), "m.yml": MODEL})
    assert find_contacts(graph, Ref("team", "one"), {}, date(2026, 11, 30)).calls[0].name == "C"
    assert find_contacts(graph, Ref("team", "one"), {}, date(2026, 12, 1)).calls[0].name == "D"


def test_a_card_without_owner_has_the_owner_of_its_producer(tmp_path: Path) -> None:
    files = {
        "p.yml": PEOPLE.format(b="", c=""),
        "s.yml": "kind: system\nid: s\nname: Filler\ntype: job\nowners: [two]\n",
        "f.yml": "kind: flow\nid: f\nname: F\nsteps: [{from: system:s, writes: table:t}]\n",
    }
    answer = find_contacts(book(tmp_path, files), Ref("table", "t"), {}, TODAY)
    assert [call.name for call in answer.calls] == ["D"]
    assert answer.note == "table:t has no owner; Filler fills it"


def test_people_and_teams_have_contacts_and_unknown_ones_are_an_error(tmp_path: Path) -> None:
    assert [call.name for call in ask(tmp_path, ref="person:a").calls] == ["C"]
    assert [call.title for call in ask(tmp_path, ref="team:one").calls] == ["Lead"]
    with pytest.raises(UserError, match="the book has no person:zed"):
        ask(tmp_path, ref="person:zed")


def test_the_contacts_of_a_model_in_the_own_book(golden: Golden) -> None:
    _, graph = own_book()
    answer = find_contacts(graph, Ref("model", "ryl"), FUNCTIONS, TODAY)
    lines = [f"{answer.ref}  {answer.name}", ""]
    for call in answer.calls:
        lines += [f"{call.title}: {call.name} <{call.email}> {call.channel}", f"    {'; '.join(call.answers_for)}"]
        lines += [f"    found by: {'; '.join(call.path)}"] if call.path else []
    golden(GOLDENS / "who-ryl.txt", "\n".join([*lines, ""]))


NIGHT = (
    'kind: team\nid: night\nname: Night shift\nfunction: ds\nchannel: "#night"\nemail: night@example.com\n'
    "links: {on-call: https://oncall.example.com/night}\n"
)


def test_a_team_without_lead_is_reached_by_its_channel_list_and_rota(tmp_path: Path) -> None:
    files = {"t.yml": NIGHT, "m.yml": MODEL.replace("[one]", "[night]")}
    owner, ds = find_contacts(book(tmp_path, files), Ref("model", "m"), {"ds": "Data Science"}, TODAY).calls
    assert (owner.person, owner.name, owner.channel, owner.email) == (
        None,
        "Night shift",
        "#night",
        "night@example.com",
    )
    assert (owner.on_call, owner.is_missing) == ("https://oncall.example.com/night", False)
    assert (ds.name, ds.path[-1]) == ("Night shift", "no lead of that function is left")


def test_a_team_without_lead_and_addresses_is_no_contact(tmp_path: Path) -> None:
    files = {"t.yml": "{kind: team, id: night, name: Night shift}", "m.yml": MODEL.replace("[one]", "[night]")}
    assert find_contacts(book(tmp_path, files), Ref("model", "m"), {}, TODAY).calls[0].is_missing


def test_a_team_can_be_a_contact(tmp_path: Path) -> None:
    files = {"t.yml": NIGHT, "m.yml": MODEL.replace("[one]", "[night]") + "contacts: {product: team:night}\n"}
    product = find_contacts(book(tmp_path, files), Ref("model", "m"), {"product": "Product"}, TODAY).calls[1]
    assert (product.person, product.name, product.path) == (None, "Night shift", ())


def test_the_deputy_and_the_chat_of_a_person_are_shown_while_the_deputy_is_there(tmp_path: Path) -> None:
    answer = ask(tmp_path, c='chat: "@c"\ndeputy: d', model="contacts: {ds: c}\n").calls[1]
    assert (answer.chat, answer.deputy) == ("@c", Ref("person", "d"))
    gone = ask(tmp_path, c="deputy: a", model="contacts: {ds: c}\n").calls[1]
    assert gone.deputy is None


def test_a_role_that_the_card_of_the_person_repeats_is_stated_once(tmp_path: Path) -> None:
    files = {
        "p.yml": "{kind: person, id: mira, name: Mira, team: couriers, role: Leads Couriers; maps}",
        "t.yml": "{kind: team, id: couriers, name: Couriers, lead: mira}",
    }
    assert find_contacts(book(tmp_path, files), Ref("person", "mira"), {}, TODAY).calls[0].answers_for == (
        "Leads Couriers; maps",
    )
