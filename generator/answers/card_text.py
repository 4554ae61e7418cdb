"""Change single values in the text of a card file, and prove that nothing else changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from generator.answers.yaml_text import Edit, Path, Place, edited, roots
from generator.findings import Position
from generator.load.front_matter import yaml_of
from generator.load.positions import Plain, read_documents
from generator.schema.base import Scalar


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a card that becomes another one, or goes."""

    root: Position
    """Where the card begins in its file: which document it is."""
    path: Path
    value: str | None
    """None: the entry goes. Where its list has the value already, the entry goes too."""


def changed_text(file: str, text: str, changes: Iterable[Change]) -> str | None:
    """The text of a file with all changes made; None where that cannot be done without touching anything else.

    What it then says is read back and compared, so that an alias or a form nobody thought of ends in None.
    """
    documents = roots(text, file)
    wanted = list(changes)
    edits: list[Edit] = []
    settled: list[Change] = []
    try:
        for place in dict.fromkeys(change.root for change in wanted):
            root = documents.get((place.line, place.column))
            own = _settled(root, [change for change in wanted if change.root == place]) if root is not None else []
            found = _edits(root, own) if root is not None else None
            if found is None:
                return None
            edits += found
            settled += own
        after = edited(text, edits)
    except ValueError:  # there is no such edit, or two of them overlap
        return None
    return after if _says(after, file) == _expected(text, file, settled) else None


def _edits(root: Place, changes: list[Change]) -> list[Edit] | None:
    """What to do to the text; None where the card has no such entry to change."""
    edits: list[Edit] = []
    removed: dict[Path, list[int]] = {}
    for change in changes:
        place = root.find(change.path)
        if place is None:
            if change.value is None or len(change.path) != 1:
                return None
            edits.append(_inserted(root, str(change.path[0]), change.value))
        elif change.value is not None:
            edits.append(place.replacement(change.value))
        else:
            removed.setdefault(_holder(root, change.path, place), []).append(place.index)
    for path, indices in removed.items():
        edits += _without(root, path, indices)
    return edits


def _holder(root: Place, path: Path, place: Place) -> Path:
    """The list or the mapping that an entry stands in; one written without a list stands in what is around it."""
    alone = path[-1] == 0 and root.find(path[:-1]) == place
    return path[:-2] if alone else path[:-1]


def _settled(root: Place, changes: list[Change]) -> list[Change]:
    """The changes, with those turned to removals whose value the list has already."""
    settled: list[Change] = []
    taken: dict[Path, set[str]] = {}
    for change in changes:
        holder = root.find(change.path[:-1])
        if holder is None or not holder.is_list or change.value is None:
            settled.append(change)
            continue
        have = taken.setdefault(change.path[:-1], {child.value for child in holder.children()})
        settled.append(Change(change.root, change.path, None if change.value in have else change.value))
        have.add(change.value)
    return settled


def _without(root: Place, path: Path, indices: list[int]) -> list[Edit]:
    """Some items out of a list or a mapping; the whole of it, with its key, when none would stay."""
    holder = root.find(path)
    assert holder is not None
    if len(set(indices)) < len(holder.children()) or not path:
        return holder.without(indices)
    outer = root.find(path[:-1])
    assert outer is not None
    return outer.without([holder.index])


_BEFORE = ("role", "team", "email", "name", "id", "kind")
"""The keys after which a new one of a person's card stands, the best first."""


def _inserted(root: Place, key: str, value: str) -> Edit:
    names = [name for name in _BEFORE if name in root.key_names()]
    place = root.child(names[0])
    assert place is not None
    return place.insertion_after(key, value)


def _says(text: str, file: str) -> list[Plain] | None:
    _, inner = yaml_of(text, file)
    documents, findings = read_documents(inner.replace("\r\n", "\n"), file)
    return None if any(finding.code != "MB007" for finding in findings) else [one.root.plain() for one in documents]


def _expected(text: str, file: str, changes: list[Change]) -> list[Plain]:
    """What the file must say afterwards: the data before with the changes made to the data."""
    offset, inner = yaml_of(text, file)
    documents, _ = read_documents(inner.replace("\r\n", "\n"), file, first_line=text.count("\n", 0, offset) + 1)
    expected: list[Plain] = []
    for document in documents:
        plain = document.root.plain()
        for change in sorted((one for one in changes if one.root == document.at()), key=_last_first):
            _apply(plain, change)
        expected.append(plain)
    return expected


def _last_first(change: Change) -> tuple[int, ...]:
    return tuple(-step for step in change.path if isinstance(step, int))


def _apply(plain: Plain, change: Change) -> None:
    holders: list[Plain] = [plain]
    for step in change.path[:-1]:
        holders.append(_inside(holders[-1], step))
    holder, step = holders[-1], change.path[-1]
    value = Scalar(change.value, plain=True) if change.value is not None else None
    if isinstance(holder, list) and isinstance(step, int):
        if value is None:
            del holder[step]
        else:
            holder[step] = value
    elif isinstance(holder, dict) and value is not None:
        holder[str(step)] = value
    elif isinstance(holder, dict):
        del holder[str(step)]
    elif isinstance(holders[-2], dict):  # one entry that stands without a list
        _apply(plain, Change(change.root, change.path[:-1], change.value))
        return
    if not holder and len(change.path) > 1:
        _apply(plain, Change(change.root, change.path[:-1], None))


def _inside(plain: Plain, step: str | int) -> Plain:
    if isinstance(plain, dict):
        return plain[str(step)]
    return plain[int(step)] if isinstance(plain, list) else plain
