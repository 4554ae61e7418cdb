"""docs/commands.md lists every command with its help; `make golden` writes it."""

import subprocess
import sys
from collections.abc import Iterator

import click

from generator.cli import modelbook
from tests.books import REPOSITORY
from tests.conftest import Golden

FRONT = """---
section: guide
---

# Commands

This page lists every command with its options, as its `--help` prints it. `-C` gives the folder of the book. The exit
status is 0 for success, 1 for findings and 2 for a usage error.
"""


def list_commands(group: click.Group, parent: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        settings = {**command.context_settings, "max_content_width": 100, "terminal_width": 100}
        context = click.Context(command, info_name=name, parent=parent, **settings)
        if isinstance(command, click.Group):
            yield from list_commands(command, context)
        elif not command.hidden:
            yield command, context


def render_reference() -> str:
    parts = [FRONT]
    top = click.Context(modelbook, info_name="modelbook", **modelbook.context_settings)
    for command, context in list_commands(modelbook, top):
        parts.append(f"## {context.command_path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def test_the_reference_lists_every_command_with_its_help(golden: Golden) -> None:
    # In a process of its own: Click keeps the first help option of a command, which other tests make without a parent.
    program = f"from {__name__} import render_reference; print(render_reference(), end='')"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    golden(REPOSITORY / "docs/commands.md", done.stdout)
