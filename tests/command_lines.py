"""Command lines as they stand in documents and workflows, held against the command line that there is."""

import re
import shlex

import click

from generator.cli import modelbook

_ANYWHERE = frozenset({"-h", "--help", "--version"})
_ENDS_A_COMMAND = re.compile(r"&&|\|\||[;|>]")


def commands_in(script: str) -> list[str]:
    """Every call of modelbook in a script: one a line or several joined by `&&`; prompts are taken off."""
    found: list[str] = []
    for line in script.replace("\\\n", " ").splitlines():
        parts = _ENDS_A_COMMAND.split(line.strip().removeprefix("$ ").partition(" #")[0])
        found += [part.strip() for part in parts if re.match(r"(\S*/)?modelbook\b(?!\.)", part.strip())]
    return found


def mistake_in(command: str) -> str | None:
    """Why the command line would refuse a command, or None; nothing is run."""
    _, *arguments = shlex.split(command)
    try:
        return _mistake(modelbook, [word for word in arguments if word not in _ANYWHERE])
    except click.MissingParameter as error:
        return None if _is_only_named(arguments) else error.format_message()
    except click.UsageError as error:
        return error.format_message()


def _mistake(group: click.Group, arguments: list[str]) -> str | None:
    if not arguments:
        return None
    name, *further = arguments
    context = click.Context(group)
    command = group.get_command(context, name)
    match command:
        case None:
            return f"there is no command {name!r}; there are {', '.join(group.list_commands(context))}"
        case click.Group():
            return _mistake(command, further)
        case _:
            command.make_context(name, further)
            return None


def _is_only_named(arguments: list[str]) -> bool:
    """Whether a text speaks of a command, as in `modelbook init`, rather than calls it."""
    return not any(argument.startswith("-") for argument in arguments)
