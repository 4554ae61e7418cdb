"""Edits of single values: the value changes, and no other character does."""

import pytest

from generator.load.card_edits import ValueEdit, edit_card_text
from generator.load.files import extract_yaml
from generator.load.nodes import Path
from generator.load.yaml_edits import TextEdit, apply_text_edits
from generator.load.yaml_reader import read_documents

PERSON = "kind: person\nid: a\nname: A\n"


def edit(text: str, *changes: tuple[Path, str | None], file: str = "a.yml", document: int = 0) -> str | None:
    offset, inner = extract_yaml(text, file)
    documents, _ = read_documents(inner, file, first_line=text.count("\n", 0, offset) + 1)
    root = documents[document].at()
    return edit_card_text(file, text, [ValueEdit(root, path, value) for path, value in changes])


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("owners: [a, b]  # c\n", ("owners", 0), "x", "owners: [x, b]  # c\n"),
        ("owners: a  # c\n", ("owners", 0), "x", "owners: x  # c\n"),
        ("owners:\n- 'a' # c\n- b\n", ("owners", 0), "x", "owners:\n- 'x' # c\n- b\n"),
        ("lead: # c\nid: b\n", ("lead",), "x", "lead: x # c\nid: b\n"),
        ("lead:\nid: b\n", ("lead",), "x", "lead: x\nid: b\n"),
        ("{lead: , id: b}", ("lead",), "x", "{lead: x, id: b}"),
        ("lead: &l a\nid: b\n", ("lead",), "x", "lead: &l x\nid: b\n"),
        ("lead: !!str a\nid: b\n", ("lead",), "x", "lead: !!str x\nid: b\n"),
        ("x-l: &l a\nlead: *l\n", ("lead",), "x", "x-l: &l a\nlead: x\n"),
        ("notes: |\n  a\n\n# c\nlead: b\n", ("lead",), "x", "notes: |\n  a\n\n# c\nlead: x\n"),
        ("owners: [a, b]\n", ("owners", 0), "b", "owners: [b]\n"),
        ("owners: [a, b]\n", ("owners", 1), None, "owners: [a]\n"),
        ("x: {owners: [a]}\nid: b\n", ("x", "owners", 0), None, "id: b\n"),
        ("id: b\nowners:\n  - a\n  # c\n", ("owners", 0), None, "id: b\n  # c\n"),
        ("x:\n- a: 1\n  b: 2\n", ("x", 0, "a"), None, "x:\n- b: 2\n"),
        ("x-l: &l a\nx: [*l, b]\n", ("x", 0), None, "x-l: &l a\nx: [b]\n"),
        ("x-l: &l a\nlead: *l\n", ("x-l",), "x", None),
        ("- a: 1\n  a: 2\n  b: 3\n", (0, "a"), None, None),
        ("a: 1\na: 2\nb: 3\n", ("b",), "4", "a: 1\na: 2\nb: 4\n"),
        ("? a\n: 1\nb: 2\n", ("a",), None, None),
        ("a: 1\n---\nb: [\n", ("a",), "2", None),
        ("a: 1\n", ("b", 0), "2", None),
    ],
)
def test_one_value_changes(text: str, path: Path, value: str | None, expected: str | None):
    assert edit(text, (path, value)) == expected


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_breaks_and_marks_stay(ending: str, mark: str):
    text = mark + (PERSON + "# end\n").replace("\n", ending)
    after = edit(text, (("left_on",), "2026-12-31"), (("name",), "B"))
    assert after == text.replace("name: A", f"name: B{ending}left_on: 2026-12-31")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_front_matter_changes(ending: str):
    text = f"\ufeff---\n{PERSON}---\nname: A\n".replace("\n", ending)
    assert edit(text, (("name",), "B"), file="a.md") == text.replace("name: A", "name: B", 1)


def test_only_the_document_that_is_named_changes():
    text = PERSON + "---\n# c\n" + PERSON
    assert edit(text, (("name",), "B"), document=1) == PERSON + "---\n# c\n" + PERSON.replace("name: A", "name: B")
    after = edit(text, (("name",), None), document=1)
    assert after == PERSON + "---\n# c\nkind: person\nid: a\n"


def test_several_entries_of_a_list_go_at_once():
    text = "a: [w, x, y, z]\nb:\n- w\n- x # c\n- y\n"
    changes = [(("a", 1), None), (("a", 3), None), (("b", 0), None), (("b", 2), None)]
    assert edit(text, *changes) == "a: [w, y]\nb:\n- x # c\n"


def test_edits_must_not_overlap():
    assert apply_text_edits("abc", [TextEdit(2, 3), TextEdit(0, 1, "x"), TextEdit(0, 1, "x")]) == "xb"
    with pytest.raises(ValueError, match="overlap"):
        apply_text_edits("abc", [TextEdit(0, 2), TextEdit(1, 3)])
