"""Additions to lists: the items are added, and no other character changes."""

import pytest

from generator.load.files import extract_yaml
from generator.load.list_edits import ListAddition, add_list_items
from generator.load.nodes import Plain
from generator.load.yaml_reader import read_documents
from generator.schema.base import Scalar

ITEM = '{model: ryl, why: "To be written: x"}'
DATA: dict[str, Plain] = {"model": Scalar("ryl", plain=True), "why": Scalar("To be written: x", plain=False)}


def add(text: str, *keys: str, file: str = "a.yml", document: int = 0) -> str | None:
    offset, inner = extract_yaml(text, file)
    documents, _ = read_documents(inner, file, first_line=text.count("\n", 0, offset) + 1)
    root = documents[document].at()
    return add_list_items(file, text, [ListAddition(root, key, (ITEM,), (DATA,)) for key in keys or ("uses",)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: a\nnotes: n\n", f"id: a\nuses:\n  - {ITEM}\nnotes: n\n"),
        ("id: a # c\ntype: job\n# end\n", f"id: a # c\ntype: job\nuses:\n  - {ITEM}\n# end\n"),
        ("id: a", f"id: a\nuses:\n  - {ITEM}"),
        ("{id: a, type: job}\n", f"{{id: a, type: job, uses: [{ITEM}]}}\n"),
        ("id: a\nuses: []\n", f"id: a\nuses: [{ITEM}]\n"),
        ("id: a\nuses: # none\nnotes: n\n", f"id: a\nuses: # none\n  - {ITEM}\nnotes: n\n"),
        ("uses: [{model: b}] # c\nid: a\n", f"uses: [{{model: b}}, {ITEM}] # c\nid: a\n"),
        ("uses: [\n  {model: b}, # c\n]\nid: a\n", f"uses: [\n  {{model: b}}, {ITEM}, # c\n]\nid: a\n"),
        ("uses:\n- {model: b} # c\nid: a\n", f"uses:\n- {{model: b}} # c\n- {ITEM}\nid: a\n"),
        (
            "uses:\n  - why: |\n      x\n\n      y\n\n# c\nid: a\n",
            f"uses:\n  - why: |\n      x\n\n      y\n  - {ITEM}\n\n# c\nid: a\n",
        ),
        ("paths:\n  - x\n  - y\nid: a\n", f"paths:\n  - x\n  - y\nuses:\n  - {ITEM}\nid: a\n"),
        ("x-u: &u [b]\nuses: *u\nid: a\n", None),
        ("uses: b\nid: a\n", None),
        ("notes: n\n", None),
        ("- id: a\n", None),
        ("id: a\n---\nb: [\n", None),
    ],
)
def test_an_item_is_added(text: str, expected: str | None):
    assert add(text) == expected


def test_two_lists_of_a_card_and_the_cards_around_it_stay():
    text = "id: a\n---\nid: b\nuses: [{model: c}]\n---\nid: d\n"
    assert add(text, "uses", "depends_on", document=1) == (
        f"id: a\n---\nid: b\ndepends_on:\n  - {ITEM}\nuses: [{{model: c}}, {ITEM}]\n---\nid: d\n"
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_breaks_and_marks_stay(ending: str, mark: str):
    text = mark + "id: a\nname: A\n".replace("\n", ending)
    assert add(text) == text + f"uses:\n  - {ITEM}\n".replace("\n", ending)


def test_the_prose_of_a_markdown_card_stays():
    text = "---\nid: a\n---\n\nid: a is prose\n"
    assert add(text, file="a.md") == f"---\nid: a\nuses:\n  - {ITEM}\n---\n\nid: a is prose\n"
