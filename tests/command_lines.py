"""Command lines in documents and workflows, compared with the real command line."""

import re
import shlex

import click

from generator.cli import modelbook

_ANYWHERE = frozenset({"-h", "--help", "--version"})
_ENDS_A_COMMAND = re.compile(r"&&|\|\||[;|>]")


def find_commands(script: str) -> list[str]:
    """Return the calls of modelbook in a script, without prompts, one or several on a line."""
    found: list[str] = []
    for line in script.replace("\\\n", " ").splitlines():
        parts = _ENDS_A_COMMAND.split(line.strip().removeprefix("$ ").partition(" #")[0])
        found += [part.strip() for part in parts if re.match(r"(\S*/)?modelbook\b(?!\.)", part.strip())]
    return found


def find_usage_error(command: str) -> str | None:
    """Return the error message for a command line without running it, or None if it is valid."""
    _, *arguments = shlex.split(command)
    try:
        return _find_usage_error(modelbook, [word for word in arguments if word not in _ANYWHERE])
    except click.MissingParameter as error:
        return None if _is_only_named(arguments) else error.format_message()
    except click.UsageError as error:
        return error.format_message()


def _find_usage_error(group: click.Group, arguments: list[str]) -> str | None:
    if not arguments:
        return None
    name, *further = arguments
    context = click.Context(group)
    command = group.get_command(context, name)
    match command:
        case None:
            return f"there is no command {name!r}; there are {', '.join(group.list_commands(context))}"
        case click.Group():
            return _find_usage_error(command, further)
        case _:
            command.make_context(name, further)
            return None


def _is_only_named(arguments: list[str]) -> bool:
    """Whether a text speaks of a command, as in `modelbook init`, rather than calls it."""
    return not any(argument.startswith("-") for argument in arguments)
