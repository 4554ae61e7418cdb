"""Completion as click does it, with quick answers from the cards, and silence if anything goes wrong."""

from collections.abc import Sequence

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from generator.cli.completion.words import complete_word

VARIABLE = "_MODELBOOK_COMPLETE"
"""The environment variable by which the script asks for completions."""


class _Quiet(ShellComplete):
    """Completion from the cards first; no error of any kind reaches the user's prompt."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what the word under the cursor may become."""
        words = complete_word(args, incomplete)
        return super().get_completions(args, incomplete) if words is None else [CompletionItem(word) for word in words]

    def complete(self) -> str:
        """Return the answer to the script; nothing if there is a mistake anywhere."""
        try:
            return super().complete()
        except Exception:  # noqa: BLE001 - a broken book, or a bug, must not print over the command that is being typed
            return ""


class Bash(_Quiet, BashComplete):
    """Bash, which breaks words at colons: `model:ryl` arrives as three, and only what follows the colon is replaced."""

    _kept = ""

    def source(self) -> str:
        """Return the script; click would start a Bash to look at its version."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor and the one under it, those joined that a colon broke."""
        args, incomplete = super().get_completion_args()
        words = join_at_colons([*args, incomplete])
        if words[-1] != incomplete or incomplete == ":":
            self._kept = words[-1][: words[-1].rindex(":") + 1]
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return the part of a word that Bash replaces."""
        return f"{item.type},{str(item.value).removeprefix(self._kept)}"


class Zsh(_Quiet, ZshComplete):
    """Zsh."""


class Fish(_Quiet, FishComplete):
    """Fish."""


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register_shells() -> None:
    """Put these shells in the place of click's."""
    for shell in SHELLS.values():
        add_completion_class(shell)


def join_at_colons(words: Sequence[str]) -> list[str]:
    """Return the words as they were typed: `["model", ":", "ry"]` is `["model:ry"]`."""
    joined: list[str] = []
    for word in words:
        if joined and (word == ":" or joined[-1].endswith(":")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined
