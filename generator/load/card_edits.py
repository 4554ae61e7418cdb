"""Edits of single values of cards, with a proof that nothing else changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from generator.findings import Position
from generator.grouping import group_pairs
from generator.load.files import extract_yaml
from generator.load.nodes import Path, Plain
from generator.load.rules import DUPLICATE_KEY
from generator.load.yaml_edits import TextEdit, YamlNode, apply_text_edits
from generator.load.yaml_reader import read_documents
from generator.schema.base import Scalar
from generator.values import FrozenValue

_KEYS_BEFORE = ("role", "team", "email", "name", "id", "kind")
"""The keys behind which a new key of a person's card is inserted, the best first."""


class ValueEdit(FrozenValue):
    """A new value for an entry of a card, or the removal of the entry."""

    root: Position
    """The position of the card, which identifies its document in the file."""
    path: Path
    value: str | None
    """None: the entry is removed. An entry is also removed if its list has the value already."""


def edit_card_text(file: str, text: str, edits: Iterable[ValueEdit]) -> str | None:
    """Return the text of a file with all edits made; None if that is impossible without another change.

    The result is read and compared with the data that the edits should give. So an alias, or a form of YAML that the
    editor does not know, leads to None.
    """
    by_root = group_pairs((edit.root, edit) for edit in edits)

    def plan(root: YamlNode, place: Position) -> tuple[list[TextEdit], list[Plain]]:
        resolved = _resolve_repeated_values(root, by_root.pop(place, ()))
        data = _apply_to_data(root.node.to_plain(), {edit.path: edit.value for edit in resolved})
        return _plan_text_edits(root, resolved), data

    edited = edit_documents(file, text, plan)
    return None if by_root else edited


def edit_documents(
    file: str, text: str, plan: Callable[[YamlNode, Position], tuple[list[TextEdit], list[Plain]]]
) -> str | None:
    """Return the text of a file of cards with planned edits; None if they would change other data than they should.

    `plan` returns the edits of a document, given its value and position, and its data after them, which is empty if it
    is removed. It raises ValueError if there are no such edits.
    """
    start, inner = extract_yaml(text, file)
    documents, findings = read_documents(inner, file, first_line=text.count("\n", 0, start) + 1)
    edits: list[TextEdit] = []
    expected: list[Plain] = []
    try:
        for document in documents:
            planned, data = plan(YamlNode(inner, document.root), document.at())
            edits += planned
            expected += data
        edited = apply_text_edits(inner, edits)
    except ValueError:  # there is no such edit, or two of them overlap
        return None
    documents, found = read_documents(edited, file)
    is_same = [document.root.to_plain() for document in documents] == expected and len(found) == len(findings)
    if not is_same or any(finding.code != DUPLICATE_KEY.code for finding in found):
        return None
    return text[:start] + edited + text[start + len(inner) :]


def _resolve_repeated_values(root: YamlNode, edits: Sequence[ValueEdit]) -> list[ValueEdit]:
    """Turn edits into removals if the list of the entry has the new value already."""
    resolved: list[ValueEdit] = []
    values: dict[Path, set[str]] = {}
    for edit in edits:
        holder = root.find(edit.path[:-1])
        if holder is None or not holder.is_list or edit.value is None:
            resolved.append(edit)
            continue
        existing = values.setdefault(edit.path[:-1], {child.value for child in holder.list_children()})
        resolved.append(ValueEdit(edit.root, edit.path, None if edit.value in existing else edit.value))
        existing.add(edit.value)
    return resolved


def _plan_text_edits(root: YamlNode, edits: Iterable[ValueEdit]) -> list[TextEdit]:
    """Return the edits of the text; raise ValueError if the card has no such entry."""
    text_edits: list[TextEdit] = []
    removed: dict[Path, set[str | int]] = {}
    for edit in edits:
        entry = root.find(edit.path)
        if entry is None and edit.value is not None and len(edit.path) == 1:
            before = root.find((next(key for key in _KEYS_BEFORE if key in root.node.keys),))
            assert before is not None
            text_edits.append(before.insert_key(str(edit.path[0]), edit.value))
        elif entry is None:
            raise ValueError(f"no entry at {edit.path}")
        elif edit.value is not None:
            text_edits.append(entry.replace_value(edit.value))
        else:
            # The step of a single value without a list is its key, one level above.
            is_single = edit.path[-1] == 0 and entry.step != 0
            removed.setdefault(edit.path[: -2 if is_single else -1], set()).add(entry.step)
    for path, entries in removed.items():
        holder, steps = root.find(path), entries
        assert holder is not None
        while holder.parent is not None and len(steps) == len(holder.list_children()):
            holder, steps = holder.parent, {holder.step}
        text_edits += holder.remove_children(steps)
    return text_edits


def _apply_to_data(plain: Plain, edits: Mapping[Path, str | None], path: Path = ()) -> list[Plain]:
    """Return the edited value at a path as the only item of a list, which is empty if the value is removed.

    A list or mapping that becomes empty is removed too.
    """
    # `(…, 0)` also names a single value without a list.
    own = path if path in edits or isinstance(plain, dict | list) else (*path, 0)
    if own in edits:
        value = edits[own]
        return [] if value is None else [Scalar(value, plain=True)]
    kept: Plain = plain
    match plain:
        case dict():
            added = {} if path else {str(key): None for key, *inner in edits if not inner}
            items = {**added, **plain}.items()
            kept = {key: new for key, item in items for new in _apply_to_data(item, edits, (*path, key))}
        case list():
            kept = [new for index, item in enumerate(plain) for new in _apply_to_data(item, edits, (*path, index))]
    return [kept] if kept or not plain or not path else []
