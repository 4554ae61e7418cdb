"""Additions to lists of cards, such as `uses`, which leave every other character as it is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.findings import Position
from generator.grouping import group_pairs
from generator.load.card_edits import has_expected_data
from generator.load.files import extract_yaml
from generator.load.nodes import Plain
from generator.load.yaml_edits import TextEdit, YamlNode, apply_text_edits
from generator.load.yaml_reader import read_documents

_KEYS_BEFORE = ("paths", "repo", "owners", "type", "summary", "name", "id", "kind")
"""The keys behind which a new list is inserted, the best first."""
_DASH = re.compile(r" *- +")


@dataclass(frozen=True, slots=True)
class ListAddition:
    """New items for a list of a card."""

    root: Position
    """The position of the card, which identifies its document in the file."""
    key: str
    items: tuple[str, ...]
    """Each as YAML on one line, as `{model: ryl, why: Ranks}`."""
    data: tuple[Plain, ...]
    """The same items as they are read."""


def add_list_items(file: str, text: str, additions: Iterable[ListAddition]) -> str | None:
    """Return the text of a file with all items added; None if that is impossible without another change.

    The result is read and compared with the data that the additions should give, as in `edit_card_text`.
    """
    start, inner = extract_yaml(text, file)
    documents, findings = read_documents(inner, file, first_line=text.count("\n", 0, start) + 1)
    by_root = group_pairs((addition.root, addition) for addition in additions)
    edits: list[TextEdit] = []
    expected: list[Plain] = []
    for document in documents:
        plain = document.root.to_plain()
        for addition in by_root.pop(document.at(), ()):
            edit = _plan_edit(YamlNode(inner, document.root), addition.key, addition.items)
            existing = plain.get(addition.key) if isinstance(plain, dict) else None
            if edit is None or not isinstance(plain, dict) or not isinstance(existing, list | None):
                return None
            edits.append(edit)
            plain = {**plain, addition.key: [*(existing or []), *addition.data]}
        expected.append(plain)
    try:
        edited = apply_text_edits(inner, edits)
    except ValueError:  # two lists of one card begin behind the same key
        return None
    if by_root or not has_expected_data(edited, file, expected, len(findings)):
        return None
    return text[:start] + edited + text[start + len(inner) :]


def _plan_edit(root: YamlNode, key: str, items: Sequence[str]) -> TextEdit | None:
    """Return the edit that adds items to a list, or the list itself; None for a form of YAML without such an edit."""
    ending = "\r\n" if "\r\n" in root.text else "\n"
    found = root.find((key,))
    if found is not None and found.alias is not None:
        return None
    if found is not None and found.list_children():
        last = found.list_children()[-1]
        if found.is_flow:
            return TextEdit(last.end, last.end, "".join(f", {item}" for item in items))
        first = found.list_children()[0].entry_start
        dash = _DASH.fullmatch(root.text[root.text.rfind("\n", 0, first) + 1 : first])
        return _insert_lines(last, [f"{dash[0]}{item}" for item in items], ending) if dash else None
    if found is not None and found.is_list:
        return TextEdit(found.start, found.end, f"[{', '.join(items)}]")
    if found is not None:
        indent = " " * (root.node.keys[key].column + 1)
        return _insert_lines(found, [f"{indent}- {item}" for item in items], ending)
    before = next((child for name in _KEYS_BEFORE if (child := root.find((name,))) is not None), None)
    if before is None:
        return None
    if root.is_flow:
        return TextEdit(before.end, before.end, f", {key}: [{', '.join(items)}]")
    indent = " " * (root.node.keys[str(before.step)].column - 1)
    return _insert_lines(before, [f"{indent}{key}:", *(f"{indent}  - {item}" for item in items)], ending)


def _insert_lines(node: YamlNode, lines: Iterable[str], ending: str) -> TextEdit:
    """Return the edit that inserts lines behind the last line of a value."""
    end = node.text.find("\n", node.end)
    end = len(node.text) if end < 0 else end - (node.text[end - 1 : end] == "\r")
    return TextEdit(end, end, "".join(f"{ending}{line}" for line in lines))
