"""`modelbook show`: the main sections of each kind, as text and as JSON."""

import pytest

from tests.books import MODEL, write_book
from tests.cli.running import copy_of_own_book, run

BOOK = """
{kind: team, id: kitchen, name: Kitchen, lead: ola, channel: "#k"}
---
{kind: person, id: ola, name: Ola Nord, team: kitchen}
---
{kind: person, id: gone, name: Gone Away, team: kitchen, left_on: 2026-01-01}
---
kind: system
id: cart
name: Cart
type: service
owners: [kitchen]
uses: [{model: tips, why: Proposes a tip, surface: Checkout, criticality: high}]
---
{kind: system, id: till, name: Till, type: service, owners: [kitchen]}
---
kind: model
id: tips
name: Tips
summary: Suggests a tip
lifecycle: production
serving: online
owners: [kitchen]
fallback: tips-0
contacts: {ds: ola, product: gone}
endpoints: {production: "https://ml.example.com/tips"}
review_by: 2026-10-01
contract:
  request: {type: object, required: [cart], properties: {cart: {type: string}, city: {type: string}}}
  response: {type: object, properties: {percent: {type: integer}}}
---
{kind: model, id: tips-0, name: Tips 0, summary: x, lifecycle: experimental, serving: offline, owners: [kitchen]}
---
kind: flow
id: pay
name: Paying
owners: [kitchen]
steps:
  - {from: "system:till", calls: "system:cart", note: at the end}
  - {from: "system:cart", calls: "model:tips"}
  - {from: "system:cart", publishes: "topic:paid.v1"}
---
kind: experiment
id: test-tips
name: Testing tips
owners: [kitchen]
status: concluded
variants: {control: {model: tips-0, traffic: 50}, new: {model: tips, traffic: 50}}
decision: {winner: new, by: ola, decided_on: 2026-09-01}
cleanup: {due: 2026-10-01, items: [{remove: "rule:old-tip", owner: ola}]}
---
kind: migration
id: move
name: Moving tips
owners: [kitchen]
status: running
moves: [model:tips]
retires: [old-host.example.com]
waves: [{scope: {city: [Pune]}, traffic: 10, planned_on: 2026-10-01}]
"""
MKDOCS = """
site_name: Shop
plugins:
  - modelbook: {as_of: 2026-11-20, functions: {ds: Data Science, product: Product, ops: Operations}}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return write_book(tmp_path_factory.mktemp("book"), {"book.yml": BOOK}, MKDOCS)


def sections(book, ref: str) -> dict[str, list[str]]:
    data = run("show", ref, "-C", book, "--json").data
    return {section["title"]: section["lines"] for section in data["sections"]}


@pytest.mark.parametrize(
    ("ref", "title", "lines"),
    [
        ("tips", "Contacts", ["Data Science: Ola Nord", "Product: Gone Away (has left)", "Operations: no contact"]),
        ("tips", "Who uses it, and why", ["Cart, high: Proposes a tip [Checkout]"]),
        ("tips", "Fallback", ["Tips 0"]),
        ("tips", "Endpoints", ["production: https://ml.example.com/tips"]),
        (
            "tips",
            "Contract",
            ["request: cart (string), city (string, optional)", "response: percent (integer, optional)"],
        ),
        ("tips-0", "Who uses it, and why", ["no known consumers"]),
        ("tips-0", "Fallback", ["none: its consumers fail with it", "is the fallback of Tips"]),
        ("cart", "Models it uses", ["Tips, high: Proposes a tip [Checkout]"]),
        (
            "cart",
            "Used by",
            ["Till calls it, step 1 of Paying; at the end", "paid.v1 is published by it, step 3 of Paying"],
        ),
        ("cart", "Part of", ["flow Paying: steps 1, 2, 3"]),
        ("till", "Models it uses", ["none"]),
        ("till", "Also needs", ["calls Cart, step 1 of Paying; at the end"]),
        ("pay", "Steps", ["1. Till calls Cart; at the end", "2. Cart calls Tips", "3. Cart publishes paid.v1"]),
        ("test-tips", "Variants", ["control: Tips 0, 50 %", "new: Tips, 50 %, winner"]),
        ("test-tips", "Decision", ["new, decided by Ola Nord on 2026-09-01"]),
        ("test-tips", "Clean-up", ["overdue: old-tip (Ola Nord), due 2026-10-01"]),
        ("move", "Moves", ["Tips  (model:tips)"]),
        ("move", "Waves", ["1. city: Pune, 10 %: overdue 2026-10-01"]),
        ("move", "Strings to remove", ["old-host.example.com"]),
        ("kitchen", "Members", ["Ola Nord"]),
        ("topic:paid.v1", "Produced by", ["is published by Cart, step 3 of Paying"]),
    ],
)
def test_each_kind_shows_its_main_sections(book, ref, title, lines):
    assert sections(book, ref)[title] == lines


def test_open_work_includes_everything_that_a_team_owns(book):
    owed = {
        entry["what"] for entry in run("debt", "-C", book, "--json").data["entries"] if entry["subject"] == "model:tips"
    }
    assert owed
    assert all(any(what in line for line in sections(book, "tips")["Open work"]) for what in owed)
    assert any(line.startswith("Tips: ") for line in sections(book, "kitchen")["Open work"])
    assert "Open work" not in sections(book, "till")


def test_show_prints_the_sections_of_its_json(book):
    text = run("show", "tips", "-C", book).out
    data = run("show", "tips", "-C", book, "--json").data
    assert (data["version"], data["ref"], data["name"], data["left_out"]) == (1, "model:tips", "Tips", [])
    assert data["card"]["summary"] == "Suggests a tip"
    assert data["facts"]["Owner"] == ["Kitchen"]
    for section in data["sections"]:
        assert f"\n{section['title']}\n" in text
        assert all(f"\n  {line}\n" in text for line in section["lines"])


def test_sections_are_in_the_order_of_the_page(book):
    titles = list(sections(book, "tips"))
    assert titles[:2] == ["Can it be switched off?", "Who to call now"]
    assert titles[2:5] == ["Contacts", "Who uses it, and why", "Fallback"]
    assert titles[-2:] == ["Open work", "Findings"]


def test_everything_in_a_book_can_be_shown(tmp_path):
    own = copy_of_own_book(tmp_path)
    refs = [node["ref"] for node in run("export", "catalog", "-C", own).data["nodes"]]
    one_of_each = {ref.partition(":")[0]: ref for ref in refs}
    assert len(one_of_each) > 8
    for ref in one_of_each.values():
        ran = run("show", ref, "-C", own)
        assert (ran.code, ran.err) == (0, "")
        assert f"({ref})" in ran.out


def test_a_model_shows_its_verdict_and_who_to_call_now(tmp_path):
    data = run("show", "ryl", "--json", "-C", copy_of_own_book(tmp_path)).data
    verdict = data["verdict"]
    assert (verdict["kind"], verdict["sentence"]) == ("no", "No. Customers would notice.")
    assert [reason["kind"] for reason in verdict["reasons"]] == ["Blocks", "Wait", "Wait", "Fine"]
    assert verdict["reasons"][0]["refs"] == ["system:home-feed"]
    assert verdict["basis"].endswith("Code and traffic not looked at.")
    assert [call["on_call"] for call in verdict["call_now"]] == [
        "https://oncall.example.com/rotas/core-eng",
        "https://oncall.example.com/rotas/dsp",
        "",
    ]
    shown = {section["title"]: section["lines"] for section in data["sections"]}
    assert shown["Can it be switched off?"][0] == verdict["sentence"]
    assert shown["Who to call now"][2].startswith("Answers look wrong: Data science, No on-call")


def test_a_retired_model_has_an_owner_to_call_and_no_gaps(tmp_path):
    shown = run("show", "ryl-v3", "-C", copy_of_own_book(tmp_path)).out
    assert "Something still calls it: Data science, No on-call" in shown
    assert "Model server is down" not in shown
    assert "its consumers fail with it" not in shown
    assert "missing" not in shown
    assert "not planned" not in shown


def test_the_contact_data_and_the_operations_are_shown(tmp_path):
    own = copy_of_own_book(tmp_path)
    facts = run("show", "ryl", "--json", "-C", own).data["facts"]
    assert facts["Callers wait"] == ["150 ms"]
    assert facts["Drift check"] == ["Scores as in October", "2026-11-16", "Data science"]
    assert facts["Roll-out"] == ["100 % of the traffic", "2025-11-03", "Data science platform"]
    team = run("show", "team:dsp", "--json", "-C", own).data["facts"]
    assert team["On call"] == ["https://oncall.example.com/rotas/dsp"]
    assert team["Runbook"] == ["https://wiki.example.com/model-servers"]
    person = run("show", "person:asha", "--json", "-C", own).data["facts"]
    assert (person["Chat"], person["Deputy"]) == (["@asha"], ["Devika Menon"])
    assert run("show", "delivery-time", "--json", "-C", own).data["facts"]["Announced end"] == ["2027-02-08"]


def test_show_names_the_list_of_a_team_without_a_lead(tmp_path):
    night = "kind: team\nid: t\nname: Night shift\nchannel: '#night'\nemail: night@example.com\n"
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": night})
    line = "Answers look wrong: Night shift, No on-call, #night, night@example.com"
    assert line in " ".join(run("show", "ryl", "-C", book).out.split())
