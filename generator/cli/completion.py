"""`modelbook completion`: shell completion of commands, options, card ids, codes and people.

Ids are found by patterns, without parsing the YAML or importing the checks, so that completion is quick.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from generator.cli.command import Command
from generator.cli.console import print_document
from generator.load.files import ENDINGS, SIZE_LIMIT, list_visible_files
from generator.names import ID_PATTERN, Ref

VARIABLE = "_MODELBOOK_COMPLETE"
"""The environment variable by which the script requests completions."""

_PEOPLE = ("person",)
ARGUMENTS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("show",): (),
    ("impact",): (),
    ("who",): (),
    ("order",): (),
    ("history",): (),
    ("verify",): ("model",),
    ("leave",): _PEOPLE,
    ("handover",): ("team", "person"),
    ("export", "readme"): ("model",),
}
"""The commands with a reference as argument, each with the kinds that it accepts; empty for all kinds."""
OPTIONS: dict[str, tuple[str, ...]] = {"--successor": _PEOPLE, "--page": ()}
"""The options with a reference as value, each with its kinds."""
FLAGS = frozenset({"--json", "--check", "--write", "--force", "--yes", "--dry-run", "--quiet", "-q"})
"""The options of these commands without a value."""


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    r"""Print the completion script for a shell.

    It completes commands and options, ids of cards, codes of findings and people. Install it once:

    \b
      modelbook completion bash > ~/.local/share/bash-completion/completions/modelbook
      modelbook completion zsh > ~/.zfunc/_modelbook        with ~/.zfunc in fpath, before compinit
      modelbook completion fish > ~/.config/fish/completions/modelbook.fish

    Bash must be 4.4 or newer. Completion reads the cards in the current directory, or in the folder given with -C.
    """
    root = context.find_root()
    print_document(_SHELLS[shell](root.command, {}, "modelbook", VARIABLE).source())


class _QuietCompletion(ShellComplete):
    """Completion from the cards first; no error is printed to the user's prompt."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions of the word under the cursor."""
        words = complete_word(args, incomplete)
        return super().get_completions(args, incomplete) if words is None else [CompletionItem(word) for word in words]

    def complete(self) -> str:
        """Return the response to the script; empty after any error."""
        try:
            return super().complete()
        except Exception:  # noqa: BLE001 - a broken book, or a bug, must not print over the command that is being typed
            return ""


class _Bash(_QuietCompletion, BashComplete):
    """Bash splits words at colons: `model:ryl` arrives as three words, and Bash replaces only the last one."""

    _kept = ""

    def source(self) -> str:
        """Return the script without the check of the version, for which click would start a Bash."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor and the one under it, joined again at colons."""
        args, incomplete = super().get_completion_args()
        words: list[str] = []
        for word in (*args, incomplete):
            if words and (word == ":" or words[-1].endswith(":")):
                words[-1] += word
            else:
                words.append(word)
        if words[-1] != incomplete or incomplete == ":":
            self._kept = words[-1][: words[-1].rindex(":") + 1]
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return the part of a word that Bash replaces."""
        return f"{item.type},{str(item.value).removeprefix(self._kept)}"


class _Zsh(_QuietCompletion, ZshComplete):
    """Zsh."""


class _Fish(_QuietCompletion, FishComplete):
    """Fish."""


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def register_shells() -> None:
    """Replace click's completion classes."""
    for shell in _SHELLS.values():
        add_completion_class(shell)


def complete_word(before: Sequence[str], incomplete: str) -> list[str] | None:
    """Return the completions of a reference or a code; None for other words, which click completes."""
    before = [word for word in before if word != "="]  # Bash splits `--project=books` at the sign
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
    """Return ids; `kind:id` if several cards have the id, or no id has the prefix."""
    root = Path()
    for option, value in zip(before, [*before[1:], ""], strict=True):
        if option in {"-C", "--project"}:
            root = Path(value).expanduser()
        elif option.startswith("--project="):
            root = Path(option.partition("=")[2]).expanduser()
    refs = sorted(ref for ref in find_refs(root) if not kinds or ref.kind in kinds)
    times = Counter(ref.id.casefold() for ref in refs)
    found = [ref for ref in refs if ref.id.casefold().startswith(incomplete.casefold())]
    names = sorted(ref.id if times[ref.id.casefold()] == 1 else str(ref) for ref in found)
    return names or [str(ref) for ref in refs if str(ref).startswith(incomplete)]


def _complete_code(incomplete: str) -> list[str]:
    from generator.book_findings import ALL_RULES  # noqa: PLC0415 - takes half a second, which ids do not need

    if incomplete[:2].lower() in {"", "m", "mb"}:
        codes = [rule.code for rule in ALL_RULES if rule.code.startswith(incomplete.upper())]
        if codes:
            return codes
    return [rule.name for rule in ALL_RULES if rule.name.startswith(incomplete.lower())]


_RESOURCE = re.compile(rf"(?<![\w:/.-])(feature_view|topic|collection|rule|table|bucket):({ID_PATTERN})(?!\w)")
"""The usual types of resources; one of another type is found only by its card."""
_KEY = rf"""["']?(kind|id|type)["']?\s*:\s*["']?({ID_PATTERN})"""
_BLOCK_KEY = re.compile(rf"^{_KEY}", re.MULTILINE)
_FLOW_KEY = re.compile(rf"[{{,]\s*{_KEY}")
_DOCUMENT_END = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_FOLDER_OPTION = re.compile(r"""\bcards:\s*["']?([^\s"'{},#]+)""")


def find_refs(root: Path) -> set[Ref]:
    """Return the references of a book's cards and of the resources in them; empty if the folder has no book.

    A line that only looks like one of a card can add a reference without a card.
    """
    found = set[Ref]()
    option = _FOLDER_OPTION.search(_read_text(root / "mkdocs.yml"))
    for path in list_visible_files(root / (option[1] if option else "cards")):
        if path.suffix not in ENDINGS:
            continue
        text = _read_text(path)
        documents = _DOCUMENT_END.split(text)
        if path.suffix == ".md":
            documents = documents[1:2]
        found |= {ref for document in documents if (ref := _find_card_ref(document, path.stem)) is not None}
        found |= {Ref(kind, name) for kind, name in _RESOURCE.findall(text)}
    return found


def _read_text(path: Path) -> str:
    """Return the text of a file; empty if it cannot be a card."""
    try:
        if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _find_card_ref(document: str, stem: str) -> Ref | None:
    """Return the reference of a card by its first `kind` and `id` (by default the name of its file)."""
    pattern = _FLOW_KEY if document.lstrip().startswith("{") else _BLOCK_KEY
    values: dict[str, str] = {}
    for key, value in pattern.findall(document):
        values.setdefault(key, value)
    kind = values.get("type") if values.get("kind") == "resource" else values.get("kind")
    if kind is None:
        return None
    try:
        return Ref.parse(f"{kind}:{values.get('id', stem)}")
    except ValueError:
        return None
