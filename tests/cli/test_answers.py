"""The answers of impact, order, who, leave, handover and debt on the demo book, as golden files."""

import pytest

from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import GOLDENS, copy_of_own_book, run

ANSWERS = {
    "impact": ("impact", "feature_view:customer_profile"),
    "impact-person": ("impact", "person:karan"),
    "order": ("order", "flow:home-ranking"),
    "order-check": ("order", "scorer-to-kserve", "--check"),
    "who": ("who", "ryl"),
    "leave": ("leave", "kavya", "--on", "2026-11-30", "--successor", "joel"),
    "handover": ("handover", "merch-ops"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return copy_of_own_book(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    return copy_of_own_book(tmp_path_factory.mktemp("later"), "2027-06-01")


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_print_the_golden_text(own, golden, name):
    ran = run(*ANSWERS[name], "-C", own)
    assert (ran.code, ran.err) == (1 if name == "leave" else 0, "")
    golden(GOLDENS / f"{name}.txt", ran.out)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_print_the_golden_json(own, golden, name):
    ran = run(*ANSWERS[name], "-C", own, "--json")
    assert (ran.code, ran.err) == (1 if name == "leave" else 0, "")
    assert ran.data["version"] == 1
    golden(GOLDENS / f"{name}.json", ran.out)


def test_debt_lists_overdue_work_and_counts_it_by_kind_and_team(later, golden):
    ran = run("debt", "-C", later)
    assert ran.code == 0
    golden(GOLDENS / "debt.txt", ran.out)
    data = run("debt", "-C", later, "--json").data
    assert sum(data["by_kind"].values()) == len(data["entries"]) > 5
    assert [entry["days"] for entry in data["entries"]] == sorted((e["days"] for e in data["entries"]), reverse=True)
    by_team = {team["team"]: team["owed"] for team in data["teams"]}
    for team, owed in by_team.items():
        assert owed == sum(team in entry["teams"] for entry in data["entries"])


def test_debt_writes_the_badges(later, tmp_path):
    ran = run("debt", "-C", later, "--badge-dir", tmp_path / "badges", "--json")
    written = sorted(path.relative_to(tmp_path / "badges").as_posix() for path in tmp_path.rglob("*.svg"))
    assert "debt.svg" in written
    assert "badges/data-science.svg" in written
    assert f"model debt: {len(ran.data['entries'])}" in (tmp_path / "badges/debt.svg").read_text("utf-8")


FLOW = """
kind: flow
id: f
name: F
owners: [t]
steps: [{from: "model:ryl", reads: "feature_view:profile"}]
---
kind: migration
id: move
name: Move
owners: [t]
status: planned
moves: [model:ryl, feature_view:profile]
"""


def test_order_check_fails_and_names_the_edge(tmp_path):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "f.yml": FLOW})
    ran = run("order", "move", "--check", "-C", book)
    assert ran.code == 1
    assert (
        "model:ryl moves before feature_view:profile, on which it depends: ryl reads profile in flow f, step 1"
        in ran.out
    )
    violations = run("order", "move", "--check", "-C", book, "--json").data["violations"]
    assert [(one["moved"], one["needs"]) for one in violations] == [("model:ryl", "feature_view:profile")]


MOVED = """kind: migration
id: move
name: Move
owners: [t]
status: {status}
moves: ["feature_view:profile", "model:ryl"]
retires: [{{text: "old.internal:8080", owner: t}}]
waves:
  - {{traffic: 5, done_on: 2026-11-02}}
  - {{traffic: 100, {last}: 2026-11-12}}
"""
FOUND = (
    '{"row":"use","ref":"migration:move","kind":"retired","name":"old.internal:8080","repo":"food/feed","system":"",'
    '"class":"config","count":3,"places":[{"file":"deploy/values.yaml","line":8,"column":11}],"commit":"c0ffee",'
    '"committed_on":"2026-11-19","first_seen":"2026-10-01"}\n'
)


def write_moved_book(tmp_path, card):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "f.yml": card})
    (book / "evidence").mkdir()
    (book / "evidence/code.jsonl").write_text(FOUND, "utf-8")
    return book


@pytest.mark.parametrize(("status", "last"), [("done", "done_on"), ("running", "done_on")])
@pytest.mark.parametrize("options", [(), ("--check",)])
def test_order_refuses_a_finished_migration_with_places_left(tmp_path, status, last, options):
    book = write_moved_book(tmp_path, MOVED.format(status=status, last=last))
    ran = run("order", "move", *options, "-C", book)
    assert ran.code == 1
    assert "old.internal:8080: 3 places, although migration:move counts as done\n" in ran.out
    assert "    team:t\n      food/feed:deploy/values.yaml:8\n    and 2 more\n" in ran.out
    (found,) = run("order", "move", *options, "-C", book, "--json").data["remaining"]
    assert found == {
        "migration": "migration:move", "text": "old.internal:8080", "places": ["food/feed:deploy/values.yaml:8"],
        "removers": ["team:t"], "more": 2, "moved": [], "refused": True,
    }  # fmt: skip


def test_order_refuses_the_wave_of_a_system_whose_code_has_a_place_left(tmp_path):
    waves = "[{traffic: 100, moves: [system:feed], done_on: 2026-11-01}, {traffic: 100, moves: [model:ryl]}]"
    card = MOVED.format(status="running", last="planned_on")
    card = card[: card.index("waves:")].replace('"model:ryl"]', '"model:ryl", "system:feed"]') + f"waves: {waves}\n"
    book = write_moved_book(tmp_path, card)
    (book / "cards/s.yml").write_text("{kind: system, id: feed, name: Feed, type: service, owners: [t]}\n", "utf-8")
    evidence = book / "evidence/code.jsonl"
    evidence.write_text(FOUND.replace('"system":""', '"system":"system:feed"'), "utf-8")
    ran = run("order", "move", "-C", book)
    assert ran.code == 1
    assert "old.internal:8080: 3 places, although system:feed moved\n" in ran.out
    (found,) = [one for one in run("check", "-C", book, "--format", "json").data["findings"] if one["code"] == "MB703"]
    assert found["severity"] == "error"
    assert "although system:feed moved" in found["message"]


def test_order_lists_the_places_left_of_a_running_migration(tmp_path):
    ran = run("order", "move", "-C", write_moved_book(tmp_path, MOVED.format(status="running", last="planned_on")))
    assert ran.code == 0
    assert "  old.internal:8080: 3 places\n    team:t\n      food/feed:deploy/values.yaml:8\n" in ran.out


def test_order_accepts_places_that_the_card_gives_a_reason_for(tmp_path):
    card = MOVED.format(status="done", last="done_on") + "x-allow: {MB703: The last app versions end in March}\n"
    ran = run("order", "move", "-C", write_moved_book(tmp_path, card))
    assert ran.code == 0
    assert "  old.internal:8080: 3 places\n" in ran.out


def test_order_depends_on_the_flow_step(tmp_path):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "f.yml": FLOW})
    moved = "model:ryl", "feature_view:profile"
    assert run("order", *moved, "-C", book, "--json").data["waves"] == [[["feature_view:profile"]], [["model:ryl"]]]
    steps = 'steps: [{from: "system:x", reads: "feature_view:profile"}]\n---\nkind: system\nid: x\nname: X\ntype: job\n'
    (book / "cards/f.yml").write_text(f"kind: flow\nid: f\nname: F\nowners: [t]\n{steps}owners: [t]\n", "utf-8")
    waves = run("order", *moved, "-C", book, "--json").data["waves"]
    assert waves == [[["feature_view:profile"], ["model:ryl"]]]


def test_order_check_needs_exactly_one_migration(own):
    assert run("order", "ryl", "tpfy", "--check", "-C", own).code == 2
    assert "is not a migration" in run("order", "ryl", "--check", "-C", own).err


@pytest.mark.parametrize("command", ["impact", "order", "who", "handover", "history"])
def test_an_unknown_name_is_a_usage_error_with_a_suggestion(own, command):
    ran = run(command, "meerra", "-C", own)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "did you mean" in ran.err


def test_handover_accepts_only_people_and_teams(own):
    ran = run("handover", "model:ryl", "-C", own)
    assert ran.code == 2
    assert "modelbook who model:ryl" in ran.err


def test_answers_escape_terminal_sequences_of_cards(tmp_path):
    card = MODEL.replace("name: Restaurants", 'name: "A\\e[2J\\e]0;owned\\aB"')
    book = write_book(tmp_path, {"ryl.yml": card, "t.yml": TEAM})
    for command in ("impact", "who"):
        assert "\x1b" not in run(command, "model:ryl", "-C", book).out


COURIERS = """
{kind: team, id: couriers, name: Couriers, function: ds, channel: "#couriers", email: couriers@example.com}
---
{kind: model, id: slots, name: Slot picker, summary: s, lifecycle: production, serving: offline, owners: [couriers],
 deployed_on: 2026-01-01, review_by: 2027-06-01, consumers: [{system: app, why: Picks the slot}]}
---
{kind: system, id: app, name: Courier app, type: app, owners: [couriers], uses: [{model: slots, why: Picks the slot}]}
---
{kind: flow, id: slotting, name: Slotting, owners: [couriers], steps: [{from: system:app, calls: model:slots}]}
"""


def test_who_prints_the_list_and_the_channel_of_a_team_without_a_lead(tmp_path):
    book = write_book(tmp_path, {"book.yml": COURIERS})
    assert "\nOwner, Couriers: Couriers <couriers@example.com> #couriers\n" in run("who", "slots", "-C", book).out


def test_impact_prints_a_use_once_with_all_that_declare_it(tmp_path):
    book = write_book(tmp_path, {"book.yml": COURIERS})
    dependents = run("impact", "slots", "-C", book).out.partition("Dependents\n")[2].partition("\n\n")[0]
    assert dependents.splitlines() == [
        "  Courier app  (system:app), directly",
        "      app uses slots (declared by model:slots, system:app, step 1 of flow:slotting)",
    ]


@pytest.mark.parametrize(
    ("contact", "code"),
    [("couriers", ""), ("team:couriers", ""), ("team:curiers", "MB101"), ("Couriers", "MB101"), ("#couriers", "MB013")],
)
def test_a_team_is_a_contact_and_a_fix_for_another_value_leads_to_it(tmp_path, contact, code):
    cards = COURIERS.replace("deployed_on:", "contacts: {ds: 'CONTACT'}, deployed_on:", 1)
    book = write_book(
        tmp_path,
        {"book.yml": cards.replace("CONTACT", contact)},
        MKDOCS.replace("2026-11-20}", "2026-11-20, functions: {ds: Science}}"),
    )
    found = run("check", "-C", book, "--format", "json").data["findings"]
    errors = [(one["code"], one["hint"]) for one in found if one["severity"] == "error"]
    assert [each for each, _ in errors] == ([code] if code else [])
    if code == "MB101":
        meant = errors[0][1].partition("did you mean '")[2].rstrip("'?")
        (book / "cards/book.yml").write_text(cards.replace("CONTACT", meant), "utf-8")
        assert run("check", "-C", book).code == 0
    elif code:
        assert "a team, as in team:" in errors[0][1]


BROKEN = "kind: model\nid: broken\nname: Broken\nlifecycle: production\nowners: [t, p]\ncontacts: {ds: p}\n"
"""A card without required fields, which the graph does not contain."""


@pytest.mark.parametrize(
    "command",
    [
        ("impact", "ryl"), ("order", "ryl"), ("who", "ryl"), ("leave", "p", "--on", "2026-11-30"), ("handover", "t"),
        ("debt",), ("history", "ryl"), ("show", "ryl"), ("export", "catalog"), ("export", "backstage"),
        ("export", "readme", "ryl"), ("export", "dot"),
    ],
)  # fmt: skip
def test_every_answer_lists_the_cards_that_cannot_be_read(tmp_path, command):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    assert run(*command, "-C", book).err == ""
    write_book(
        tmp_path, {"a.yml": f"{MODEL}---\n{BROKEN}", "ryl.yml": BROKEN.replace("broken", "other"), "t.yml": TEAM}
    )
    ran = run(*command, "-C", book)
    assert ran.code == (1 if command[0] == "leave" else 0)
    assert ran.err == (
        "warning: skipped 2 cards that cannot be read: cards/a.yml:9, cards/ryl.yml:1; run `modelbook check`\n"
    )
    if command[0] != "export":
        assert run(*command, "-C", book, "--json").data["left_out"] == ["cards/a.yml:9", "cards/ryl.yml:1"]


def test_many_unreadable_cards_are_counted(tmp_path):
    book = write_book(tmp_path, {f"m{number}.yml": BROKEN for number in range(8)} | {"t.yml": TEAM})
    assert "skipped 8 cards that cannot be read" in run("debt", "-C", book).err
    assert "cards/m4.yml:1 and 3 more; run `modelbook check`" in run("debt", "-C", book).err
    assert len(run("debt", "-C", book, "--json").data["left_out"]) == 8


@pytest.mark.parametrize(
    "unread",
    [FLOW.replace("feature_view:profile]", "model:broken]"), FLOW.replace(", feature_view:profile]", ", model:gone]")],
)
def test_order_check_fails_if_a_moved_item_is_unknown(tmp_path, unread):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "f.yml": unread, "b.yml": BROKEN})
    ran = run("order", "move", "--check", "-C", book)
    assert ran.code == 1
    assert "The migration follows the order" not in ran.out
    gone = "model:broken" if "broken" in unread else "model:gone"
    assert f"{gone} moves, but no card defines it" in ran.out
    assert run("order", "move", "--check", "-C", book, "--json").data["unknown"] == [gone]


def test_debt_lists_accepted_findings_only_as_accepted(tmp_path):
    live = MODEL.replace("experimental", "production") + "x-allow: {MB203: they start in June}\n"
    mkdocs = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, functions: {ds: Science, ops: Operations}}")
    book = write_book(tmp_path, {"ryl.yml": live, "t.yml": TEAM}, mkdocs)
    ran = run("debt", "-C", book)
    assert "contact missing" not in ran.out
    assert "  MB203 model:ryl: no contact for Science and Operations: they start in June" in ran.out
    data = run("debt", "-C", book, "--json").data
    assert (data["entries"], len(data["suppressed"])) == ([], 1)
