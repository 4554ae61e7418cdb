"""Finds the curl among a text's commands: behind prompts and keywords, run by another command, or within one."""

import re
from collections.abc import Iterable

from generator.contracts.shell import Command, ShellError, Word, parse_script

URL_LIKE = re.compile(r"[a-z][a-z0-9+.-]*://|[$'{<]|localhost|[\w-]+(?:\.[\w-]+)+|\[", re.IGNORECASE)
"""What begins as an address does, with or without a scheme."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_BEFORE_CURL = frozenset(
    {"$", "%", "sudo", "time", "exec", "command", "env", "if", "then", "elif", "else", "while", "until", "do", "!", "{"}
)
_RUNNERS = frozenset(
    {"bash", "docker", "kubectl", "nerdctl", "nice", "nohup", "oc", "podman", "sh", "ssh", "stdbuf", "timeout",
     "watch", "xargs", "zsh"}
)  # fmt: skip
"""What runs the command that its arguments name, after options of its own."""
_DEEPEST = 3
"""How many commands may stand within one another: `ssh host "bash -c 'curl …'"`."""


def first_curl(found: tuple[Command, ...], depth: int = _DEEPEST) -> tuple[Command, tuple[Word, ...]] | None:
    """The first curl and its arguments; one within another command counts where none stands by itself.

    That way round because `TOKEN=$(curl …)` often fetches what the curl below it needs.
    """
    for command in found:
        arguments = _arguments(command)
        if arguments is not None:
            return command, arguments
    if depth == 0:
        return None
    within = (first_curl(_within(script), depth - 1) for command in found for script in _scripts(command))
    return next((called for called in within if called is not None), None)


def _arguments(command: Command) -> tuple[Word, ...] | None:
    """The words after `curl`, where the command is one or runs one."""
    words = _without_lead(command)
    if words and _is_curl(words[0]):
        return words[1:]
    if words and _name(words[0]) in _RUNNERS:
        candidates: Iterable[int] = range(1, len(words))
    else:
        candidates = [index + 1 for index, word in enumerate(words[:-1]) if word.text == "--"]
    last_argument = max((index for index, word in enumerate(words) if _is_argument(word)), default=0)
    called = (index for index in candidates if index < last_argument and _is_curl(words[index]))
    index = next(called, None)
    return None if index is None else words[index + 1 :]


def _without_lead(command: Command) -> tuple[Word, ...]:
    """The words from the command's name on: prompts, keywords and assignments left out."""
    for index, word in enumerate(command.words):
        if word.text not in _BEFORE_CURL and not _ASSIGNMENT.match(word.text):
            return command.words[index:]
    return ()


def _name(word: Word) -> str:
    return re.split(r"[/\\]", word.text)[-1]


def _is_curl(word: Word) -> bool:
    return _name(word) in {"curl", "curl.exe"}


def _is_argument(word: Word) -> bool:
    """Whether it is more than the name of a package that `apk add curl` installs."""
    return word.text.startswith("-") or URL_LIKE.match(word.text) is not None


def _scripts(command: Command) -> tuple[Word, ...]:
    """The texts within a command that are commands themselves: `$(…)`, and what a shell or ssh is given in quotes."""
    words = _without_lead(command)
    given = words[1:] if words and _name(words[0]) in _RUNNERS else ()
    return (*command.substitutions, *(Word(word.text, word.offset + 1) for word in given if " " in word.text))


def _within(script: Word) -> tuple[Command, ...]:
    """The commands of a script, placed in the whole text; none where a shell could not read it."""
    try:
        found = parse_script(script.text).commands
    except ShellError:
        return ()
    return tuple(
        Command(_moved(each.words, script.offset), each.standard_input, _moved(each.substitutions, script.offset))
        for each in found
    )


def _moved(words: tuple[Word, ...], offset: int) -> tuple[Word, ...]:
    return tuple(Word(word.text, word.offset + offset) for word in words)
