"""Additions to lists of cards, such as `uses`, which leave every other character as it is."""

import re
from collections.abc import Iterable, Sequence

from generator.findings import Position
from generator.grouping import group_pairs
from generator.load.card_edits import edit_documents
from generator.load.nodes import Plain
from generator.load.yaml_edits import TextEdit, YamlNode
from generator.values import FrozenValue

_KEYS_BEFORE = ("paths", "repo", "owners", "type", "summary", "name", "id", "kind")
"""The keys behind which a new list is inserted, the best first."""
_DASH = re.compile(r" *- +")


class ListAddition(FrozenValue):
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
    by_root = group_pairs((addition.root, addition) for addition in additions)

    def plan(root: YamlNode, place: Position) -> tuple[list[TextEdit], list[Plain]]:
        plain = root.node.to_plain()
        edits: list[TextEdit] = []
        for addition in by_root.pop(place, ()):
            edit = _plan_edit(root, addition.key, addition.items)
            existing = plain.get(addition.key) if isinstance(plain, dict) else None
            if edit is None or not isinstance(plain, dict) or not isinstance(existing, list | None):
                raise ValueError(f"no items can be added to {addition.key}")
            edits.append(edit)
            plain = {**plain, addition.key: [*(existing or []), *addition.data]}
        return edits, [plain]

    edited = edit_documents(file, text, plan)
    return None if by_root else edited


def _plan_edit(root: YamlNode, key: str, items: Sequence[str]) -> TextEdit | None:
    """Return the edit that adds items to a list, or the list itself; None for a form of YAML without such an edit."""
    found = root.find((key,))
    if found is not None and found.alias is not None:
        return None
    if found is not None and found.list_children():
        last = found.list_children()[-1]
        if found.is_flow:
            return TextEdit(last.end, last.end, "".join(f", {item}" for item in items))
        first = found.list_children()[0].entry_start
        dash = _DASH.fullmatch(root.text[root.text.rfind("\n", 0, first) + 1 : first])
        return last.insert_lines(f"{dash[0]}{item}" for item in items) if dash else None
    if found is not None and found.is_list:
        return TextEdit(found.start, found.end, f"[{', '.join(items)}]")
    if found is not None:
        indent = " " * (root.node.keys[key].column + 1)
        return found.insert_lines(f"{indent}- {item}" for item in items)
    before = next((child for name in _KEYS_BEFORE if (child := root.find((name,))) is not None), None)
    if before is None:
        return None
    if root.is_flow:
        return TextEdit(before.end, before.end, f", {key}: [{', '.join(items)}]")
    indent = " " * (root.node.keys[str(before.step)].column - 1)
    return before.insert_lines([f"{indent}{key}:", *(f"{indent}  - {item}" for item in items)])
