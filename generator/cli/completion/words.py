"""What a word on the command line may become: a card's id, a person, a code. It takes no import of the checks."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from generator.cli.completion.cards import find_refs

_ANY: tuple[str, ...] = ()
_PEOPLE = ("person",)
ARGUMENTS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("show",): _ANY,
    ("impact",): _ANY,
    ("who",): _ANY,
    ("order",): _ANY,
    ("history",): _ANY,
    ("leave",): _PEOPLE,
    ("handover",): ("team", "person"),
    ("export", "readme"): ("model",),
}
"""The commands that take a reference, each with the kinds that it is for; none means all."""
OPTIONS = {"--successor": _PEOPLE, "--page": _ANY}
"""The options that take a reference."""
FLAGS = frozenset({"--json", "--check", "--write", "--force"})
"""The options of these commands that take no value."""
_FOLDER = ("-C", "--project")


def complete_word(before: Sequence[str], incomplete: str) -> list[str] | None:
    """Return what the incomplete word may become; None if it is no reference and no code, which click completes."""
    before = [word for word in before if word != "="]  # Bash breaks `--project=books` at the sign
    last = before[-1] if before else ""
    awaits_value = last.startswith("-") and "=" not in last and last not in FLAGS
    if incomplete.startswith("-") or (awaits_value and last not in OPTIONS):
        return None
    if last in OPTIONS:
        return _complete_reference(before, incomplete, OPTIONS[last])
    if list(before[:1]) == ["explain"]:
        return _complete_code(incomplete)
    kinds = next((kinds for path, kinds in ARGUMENTS.items() if tuple(before[: len(path)]) == path), None)
    return None if kinds is None else _complete_reference(before, incomplete, kinds)


def _complete_reference(before: Sequence[str], incomplete: str, kinds: Collection[str]) -> list[str]:
    """Return ids; `kind:id` if no id begins so, or several cards have the id."""
    refs = sorted(ref for ref in find_refs(_root(before)) if not kinds or ref.kind in kinds)
    times = Counter(ref.id.casefold() for ref in refs)
    found = [ref for ref in refs if ref.id.casefold().startswith(incomplete.casefold())]
    names = sorted(ref.id if times[ref.id.casefold()] == 1 else str(ref) for ref in found)
    return names or [str(ref) for ref in refs if str(ref).startswith(incomplete)]


def _complete_code(incomplete: str) -> list[str]:
    from generator.project import ALL_RULES  # noqa: PLC0415 - half a second, which the completion of ids need not wait

    if incomplete[:2].lower() in {"", "m", "mb"}:
        codes = [rule.code for rule in ALL_RULES if rule.code.startswith(incomplete.upper())]
        if codes:
            return codes
    return [rule.name for rule in ALL_RULES if rule.name.startswith(incomplete.lower())]


def _root(before: Sequence[str]) -> Path:
    """Return the folder that -C names, else the current one."""
    root = Path()
    for option, value in zip(before, [*before[1:], ""], strict=True):
        if option in _FOLDER:
            root = Path(value).expanduser()
        elif option.startswith("--project="):
            root = Path(option.partition("=")[2]).expanduser()
    return root
