"""The departure of a person: every reference is handed over, and no other line changes."""

import difflib
import re
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.leave import Departure, DeparturePlan, FilePatch, plan_departure
from generator.answers.responsibilities import list_responsibilities
from generator.errors import UserError
from generator.names import Ref
from tests.answers.books import FUNCTIONS, GOLDENS, ROOT, TODAY, cards_and_graph, own_book, read_raw_texts
from tests.conftest import Golden

ASHA, ROHAN = Ref("person", "asha"), Ref("person", "rohan")
ON = date(2026, 12, 31)
PEOPLE = """kind: person
id: asha
name: Asha Rao
team: ranking
role: Leads   # for now
---
kind: person
id: rohan
name: Rohan K
---
kind: person
id: meera
name: Meera N
---
kind: team
id: ranking
name: Ranking
lead: {lead}
"""


def planned(root: Path, files: dict[str, str], successor: Ref | None = ROHAN, lead: str = "meera") -> DeparturePlan:
    cards, graph = cards_and_graph(root, {"people.yml": PEOPLE.format(lead=lead), **files})
    return plan_departure(graph, read_raw_texts(root, cards), Departure(ASHA, ON, successor), FUNCTIONS)


def after(plan: DeparturePlan, file: str) -> str:
    return next(patch.after for patch in plan.patches if patch.file == f"cards/{file}")


def model(lines: str, name: str = "m") -> str:
    return f"kind: model\nid: {name}\nname: M\nsummary: s\nlifecycle: production\nserving: online\n{lines}"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("owners: asha  # alone", "owners: rohan  # alone"),
        ("owners: [ 'asha', rohan ]", "owners: [ rohan ]"),
        ("owners: [rohan, asha]", "owners: [rohan]"),
        ("owners:\n    - asha   # first\n    # about the next\n    - meera", None),
        ("owners:\n- rohan\n- asha # second\n- meera", "owners:\n- rohan\n- meera"),
        ('contacts: {ds: "asha",product: asha , x: meera}', 'contacts: {ds: "rohan",product: rohan , x: meera}'),
        ("stakeholders: ['person:asha', team:ranking]", "stakeholders: ['person:rohan', team:ranking]"),
        ("owners: &who [asha]\nx-also: *who", None),
    ],
)
def test_a_successor_replaces_the_person_in_any_yaml_style(tmp_path: Path, before: str, expected: str | None) -> None:
    plan = planned(tmp_path, {"m.yml": model(before + "\n")})
    if "&who" in before:  # the alias would change with it: nothing is touched, and somebody is told
        assert "cards/m.yml" not in [patch.file for patch in plan.patches]
        assert any("by hand" in one.what for one in plan.open)
        return
    wanted = expected or before.replace("asha", "rohan")
    assert after(plan, "m.yml") == model(wanted + "\n")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("owners: asha\nversion: 1", "version: 1"),
        ("owners: [asha]\nversion: 1", "version: 1"),
        ("owners:\n  - asha\n\n# on the version\nversion: 1", "\n# on the version\nversion: 1"),
        ("contacts: {x: meera, ds: asha, product: asha}", "contacts: {x: meera}"),
        ("contacts: {ds: asha, x: meera, product: asha}", "contacts: {x: meera}"),
        ("contacts: {\n  ds: asha, # gone\n  x: meera,\n  product: asha\n}", "contacts: {\n  x: meera,\n}"),
        ("contacts:\n  ds: asha\n  x: meera # stays\n", "contacts:\n  x: meera # stays\n"),
    ],
)
def test_without_a_successor_the_entry_is_removed_and_listed(tmp_path: Path, before: str, expected: str) -> None:
    plan = planned(tmp_path, {"m.yml": model(before + "\n")}, successor=None, lead="asha")
    assert after(plan, "m.yml") == model(expected + "\n")
    assert plan.successor is None
    assert any("is now empty" in one.what and one.position.file == "cards/m.yml" for one in plan.open)


def test_the_lead_of_the_team_is_the_default_successor(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"m.yml": model("contacts: {ds: asha}\n")}, successor=None)
    assert plan.successor == Ref("person", "meera")
    assert after(plan, "m.yml") == model("contacts: {ds: meera}\n")
    assert "successor" not in after(plan, "people.yml")


def test_the_own_card_gets_the_day_and_the_successor_and_keeps_its_comment(tmp_path: Path) -> None:
    text = after(planned(tmp_path, {}), "people.yml")
    assert text.startswith("kind: person\nid: asha\nname: Asha Rao\nteam: ranking\nrole: Leads   # for now\n")
    assert "role: Leads   # for now\nleft_on: 2026-12-31\nsuccessor: rohan\n---\n" in text


@pytest.mark.parametrize("empty", ["left_on:", "left_on: ~", "left_on: null  # still here", "left_on: 2020-01-01"])
def test_a_recorded_day_is_replaced_in_place(tmp_path: Path, empty: str) -> None:
    cards, graph = cards_and_graph(tmp_path, {"a.yml": f"kind: person\nid: asha\n{empty}\nname: A\n"})
    text = after(plan_departure(graph, read_raw_texts(tmp_path, cards), Departure(ASHA, ON), FUNCTIONS), "a.yml")
    assert "left_on: 2026-12-31" in text
    assert text.count("\n") == 4
    assert text.count("left_on") == 1


def test_a_card_in_flow_style_gets_its_day_between_the_braces(tmp_path: Path) -> None:
    cards, graph = cards_and_graph(tmp_path, {"a.yml": "{kind: person, id: asha, name: A}"})
    plan = plan_departure(graph, read_raw_texts(tmp_path, cards), Departure(ASHA, ON), FUNCTIONS)
    assert after(plan, "a.yml") == "{kind: person, id: asha, name: A, left_on: 2026-12-31}"


@pytest.mark.parametrize("ending", ["", "x-more: 1\n"])
def test_a_key_with_a_question_mark_is_a_manual_step(tmp_path: Path, ending: str) -> None:
    plan = planned(tmp_path, {"m.yml": model(f"? owners\n: - asha\n{ending}")}, successor=None, lead="asha")
    assert "cards/m.yml" not in [patch.file for patch in plan.patches]
    assert any("`owners.0` cannot be changed safely" in one.what for one in plan.open)


def test_records_of_the_past_are_kept(tmp_path: Path) -> None:
    experiment = """kind: experiment
id: ab
name: AB
owners: [ranking]
status: concluded
decision: {winner: a, by: asha, decided_on: 2026-01-01}
cleanup:
  items:
    - {remove: "topic:t.v1", owner: asha, done_on: 2026-01-02}
    - {remove: "topic:u.v1", owner: asha}
    - remove: "topic:v.v1"
      owner: asha   # soon
"""
    text = after(planned(tmp_path, {"ab.yml": experiment}), "ab.yml")
    changed = [new for old, new in zip(experiment.split("\n"), text.split("\n"), strict=True) if old != new]
    assert changed == ['    - {remove: "topic:u.v1", owner: rohan}', "      owner: rohan   # soon"]


def test_an_optional_owner_of_a_clean_up_is_removed_from_the_line_of_the_dash(tmp_path: Path) -> None:
    head = "kind: experiment\nid: ab\nname: AB\nstatus: running\n"
    experiment = head + "cleanup:\n  items:\n    - owner: asha\n      remove: topic:t\n"
    plan = planned(tmp_path, {"ab.yml": experiment}, successor=None, lead="asha")
    assert after(plan, "ab.yml").endswith("  items:\n    - remove: topic:t\n")


def test_a_step_of_a_flow_is_kept_and_is_a_manual_step(tmp_path: Path) -> None:
    flow = "kind: flow\nid: f\nname: F\nsteps: [{from: person:asha, reads: topic:t}]\n"
    plan = planned(tmp_path, {"f.yml": flow}, successor=None, lead="asha")
    assert [patch.file for patch in plan.patches] == ["cards/people.yml"]
    assert "flow:f: named under `steps.0.from` still names asha" in [one.what for one in plan.open]


def test_prose_that_names_the_person_is_listed_and_not_changed(tmp_path: Path) -> None:
    files = {"m.md": f"---\n{model('notes: Ask asha first.')}\n---\nAlso [Asha](person:asha), not asha-2 or Natasha.\n"}
    plan = planned(tmp_path, files)
    assert [one.position.line for one in plan.open if one.position.file == "cards/m.md"] == [8, 10]
    assert "cards/m.md" not in [patch.file for patch in plan.patches]


def test_windows_line_ends_byte_order_marks_and_front_matter_are_kept(tmp_path: Path) -> None:
    text = (
        "\ufeff---\r\n" + model("owners: [asha]  \r\n").replace("\n", "\r\n").replace("\r\r", "\r") + "---\r\nAsk.\r\n"
    )
    assert after(planned(tmp_path, {"m.md": text}), "m.md") == text.replace("[asha]", "[rohan]")


@pytest.mark.parametrize("successor", ["asha", "nobody", "gone"])
def test_a_successor_must_be_a_present_person(tmp_path: Path, successor: str) -> None:
    gone = {"gone.yml": "kind: person\nid: gone\nname: G\nleft_on: 2026-12-31\n"}
    with pytest.raises(UserError, match=f"person:{successor}"):
        planned(tmp_path, gone, Ref("person", successor))


def test_only_a_person_can_leave(tmp_path: Path) -> None:
    cards, graph = cards_and_graph(tmp_path, {"people.yml": PEOPLE.format(lead="asha")})
    for ref in (Ref("team", "ranking"), Ref("person", "ashaa")):
        with pytest.raises(UserError):
            plan_departure(graph, read_raw_texts(tmp_path, cards), Departure(ref, ON), FUNCTIONS)


def test_the_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"m.yml": model("owners: [asha]"), "n.yml": model("owners: asha\n", "n")})
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "apply", "-"], input=plan.diff.encode(), check=True)
    for patch in plan.patches:
        assert (tmp_path / patch.file).read_bytes().decode() == patch.after


def test_sole_roles_are_marked(tmp_path: Path) -> None:
    files = {"m.yml": model("owners: [asha]\ncontacts: {ds: asha, product: asha}\nstakeholders: [person:asha]\n")}
    _, graph = cards_and_graph(tmp_path, {"people.yml": PEOPLE.format(lead="asha"), **files})
    assert [(count.role, count.sole) for count in list_responsibilities(graph, ASHA, FUNCTIONS)] == [
        ("owner", True),
        ("contact for Data Science", True),
        ("contact for Product", True),
        ("stakeholder", False),
        ("lead", True),
    ]


NAMES = ("asha", "rohan", "meera", "ranking")
_quoted = st.sampled_from(["{}", "'{}'", '"{}"'])
_comment = st.sampled_from(["", "  # why", " # asha knows"])


@st.composite
def lists(draw: st.DrawFn, key: str, prefix: str = "") -> str:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    prefixes = {name: ("team:" if name == "ranking" else "person:") if prefix else "" for name in names}
    items = [draw(_quoted).format(prefixes[name] + name) for name in names]
    match draw(st.sampled_from(["flow", "block", "lines"])):
        case "flow":
            pad, comma = draw(st.sampled_from(["", " "])), draw(st.sampled_from([",", ", ", " , "]))
            return f"{key}: [{pad}{comma.join(items)}{pad}]{draw(_comment)}"
        case "block":
            indentation = draw(st.sampled_from(["", "  ", "    "]))
            return "\n".join([f"{key}:{draw(_comment)}", *(f"{indentation}- {item}{draw(_comment)}" for item in items)])
        case _:
            return "\n".join([f"{key}: [", *(f"  {item},{draw(_comment)}" for item in items), "]"])


@st.composite
def mappings(draw: st.DrawFn) -> str:
    functions = draw(st.lists(st.sampled_from(["ds", "product", "merch", "dsp"]), min_size=1, max_size=4, unique=True))
    items = [f"{function}: {draw(_quoted).format(draw(st.sampled_from(NAMES[:3])))}" for function in functions]
    match draw(st.sampled_from(["flow", "block", "lines"])):
        case "flow":
            return "contacts: {" + draw(st.sampled_from([", ", ",  "])).join(items) + "}" + draw(_comment)
        case "block":
            return "\n".join(["contacts:", *(f"   {item}{draw(_comment)}" for item in items)])
        case _:
            ending = draw(st.sampled_from(["", ","]))
            return "contacts: {\n" + ",\n".join(f"  {item}" for item in items) + f"{ending}\n  }}"


@st.composite
def books(draw: st.DrawFn) -> dict[str, str]:
    cards = []
    for number in range(draw(st.integers(1, 3))):
        keys = [draw(lists("owners")), draw(mappings()), draw(lists("stakeholders", "person:"))]
        order = draw(st.permutations([*keys, "# asha wrote this", "version: 1.10", "tags: [ a,b ]"]))
        cards.append(model("\n".join(order) + draw(st.sampled_from(["\n", "\n\n# end\n"])), f"m{number}"))
    if draw(st.booleans()):
        files = {"all.yml": "---\n".join(cards)}
    else:
        files = {f"m{number}.md": f"---\n{card}---\n* prose of asha\n" for number, card in enumerate(cards)}
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return {name: text.replace("\n", ending) for name, text in files.items()}


@settings(max_examples=60, deadline=None)
@given(files=books(), successor=st.sampled_from([ROHAN, None]), lead=st.sampled_from(["asha", "meera"]))
def test_no_reference_is_left_and_no_other_line_changes(
    files: dict[str, str], successor: Ref | None, lead: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(Path(folder), files, successor, lead)
        assert not [one for one in plan.open if "by hand" in one.what]
        for patch in plan.patches:
            _only_lines_that_count(patch, handed=plan.successor is not None)
        texts = {patch.file.removeprefix("cards/"): patch.after for patch in plan.patches}
        cards, graph = cards_and_graph(Path(folder), texts)
        assert list_responsibilities(graph, ASHA, FUNCTIONS) == ()
        assert not plan_departure(
            graph, read_raw_texts(Path(folder), cards), Departure(ASHA, ON, successor), FUNCTIONS
        ).patches


def _only_lines_that_count(patch: FilePatch, *, handed: bool) -> None:
    """Lines that go named the person; where nobody takes over, also the key and the bracket of a list left empty."""
    for line in difflib.ndiff(patch.before.split("\n"), patch.after.split("\n")):
        if line.startswith("- "):
            empty = not handed and re.match(r"- (owners|contacts|stakeholders):|- +[]}]|- []}]", line)
            assert "asha" in line or empty
        elif line.startswith("+ "):
            assert any(word in line for word in ("rohan", "meera", "left_on:", "ranking", "contacts: {"))


def test_a_departure_in_the_own_book(golden: Golden) -> None:
    cards, graph = own_book()
    plan = plan_departure(
        graph, read_raw_texts(ROOT, cards), Departure(Ref("person", "kavya"), TODAY, Ref("person", "joel")), FUNCTIONS
    )
    own = plan.handed
    lines = [f"{one.position}  {one.card}  {one.role}{'  (sole)' if one.sole else ''}" for one in own]
    left = [f"{one.position}  {one.what}" for one in plan.open]
    golden(GOLDENS / "leave-kavya.txt", "\n".join([*lines, "", *left, "", plan.diff]))
