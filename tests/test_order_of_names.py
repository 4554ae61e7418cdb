"""The order of names with numbers where people read them: "Team 2" before "Team 10"."""

import re
from pathlib import Path

import pytest

from generator.pages.contexts.overview import list_due_items
from generator.project import Project, open_project
from tests.books import write_book
from tests.pages.test_answers import render_page
from tests.sites import run_modelbook

NUMBERS = (1, 2, 10, 20)
TEAM = "kind: team\nid: t{0}\nname: Team {0}\n---\nkind: person\nid: p{0}\nname: Person {0}\nteam: t1\n"
MODEL = """\
kind: model
id: m{0}
name: Model {0}
summary: A model.
lifecycle: production
serving: online
owners: [t{0}]
family: Family {0}
features: ["view{0}:f"]
review_by: 2026-12-01
consumers: [{{system: s{0}, why: w}}]
"""
SYSTEM = "kind: system\nid: s{0}\nname: System {0}\ntype: service\nowners: [t1]\nuses: [{{model: m1, why: w}}]\n"
MIGRATION = "kind: migration\nid: g\nname: G\nsummary: s\nstatus: planned\nowners: [t1]\nmoves: [{0}]\n{1}"

WAVES = "waves:\n" + "  - {traffic: 1, planned_on: 2026-12-01}\n" * 11


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cards = {f"{number}.yml": "---\n".join((TEAM, MODEL, SYSTEM)).format(number) for number in NUMBERS}
    cards["g.yml"] = MIGRATION.format(", ".join(f"model:m{number}" for number in NUMBERS), WAVES)
    return write_book(tmp_path_factory.mktemp("order"), cards)


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return open_project(root)


def list_orders(text: str) -> dict[str, list[int]]:
    """Return the numbers after each word, in the order of their first places in a text."""
    found: dict[str, dict[int, None]] = {}
    for word, number in re.findall(r"(Team|Person|Model|System|Family|Page|view|\bm|\bs|\bt|\bp) ?(\d+)\b", text):
        found.setdefault(word, {})[int(number)] = None
    return {word: list(numbers) for word, numbers in found.items() if len(numbers) == len(NUMBERS)}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("page:models", {"Model", "Team", "Family"}),
        ("page:systems", {"System"}),
        ("page:teams", {"Team"}),
        ("page:people", {"Person"}),
        ("page:resources", {"view"}),
        ("page:map", {"Model", "System", "Team"}),
        ("page:who-to-call", {"Team", "Model"}),
        ("page:home", {"Model", "Team"}),
        ("model:m1", {"System"}),
        ("team:t1", {"Person", "System"}),
        ("migration:g", {"Model"}),
    ],
)
def test_pages_have_names_in_the_order_of_their_numbers(project: Project, key: str, words: set[str]):
    text = render_page(project, key)
    orders = list_orders(
        text[text.find("data-mb-filter") :] if key == "page:map" else text
    )  # a picture has few crossings
    assert {word: orders[word] for word in words} == {word: list(NUMBERS) for word in words}


def test_work_of_one_day_is_in_the_order_of_the_numbers(project: Project):
    due = [(item.ref.id, item.what) for item in list_due_items(project.book)]
    assert due == [("g", f"wave {number}") for number in range(1, 12)] + [
        (f"m{number}", "review") for number in NUMBERS
    ]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["impact", "model:m1"], {"System", "s"}),
        (["order", *(f"model:m{number}" for number in NUMBERS)], {"m"}),
        (["debt"], {"Team", "m"}),
        (["handover", "t1"], {"System", "Person"}),
        (["show", "m1"], {"System"}),
        (["export", "inventory", "--format", "csv"], {"m"}),
    ],
)
def test_commands_print_names_in_the_order_of_their_numbers(root: Path, command: list[str], words: set[str]):
    orders = list_orders(run_modelbook(*command, cwd=root).stdout)
    assert {word: orders[word] for word in words} == {word: list(NUMBERS) for word in words}
