"""Groups whose commands are imported when they are called: help is instant, however much a command brings along."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Deferred:
    """A command that is not imported yet."""

    name: str
    module: str
    """Where it is found, under a variable of the same name unless another one is given."""
    summary: str
    """The first sentence of its help, which the group shows."""
    variable: str = ""
    """The variable where its name cannot be one, such as `import`."""

    def load(self) -> click.Command:
        """The command itself."""
        command = getattr(importlib.import_module(self.module), self.variable or self.name)
        assert isinstance(command, click.Command), f"{self.module} has no command {self.name}"
        return command


class LazyGroup(click.Group):
    """A group that knows its commands by name and summary, in the order in which a newcomer meets them."""

    def __init__(self, name: str | None = None, *, deferred: Sequence[Deferred] = (), **attributes: Any) -> None:  # noqa: ANN401 - click's own attributes
        super().__init__(name, **attributes)
        self._deferred = {each.name: each for each in deferred}
        for each in deferred:
            self.add_command(click.Command(each.name, short_help=each.summary))  # what a misspelt name is held against

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base class's signature
        """The names in their order."""
        return list(self._deferred)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command, imported now."""
        each = self._deferred.get(cmd_name)
        return None if each is None else each.load()

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Complete the name of a command, from the summaries alone, or an option of the group."""
        commands = [
            CompletionItem(each.name, help=each.summary)
            for each in self._deferred.values()
            if each.name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """The list of commands, from the summaries alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(each.name, each.summary) for each in self._deferred.values()])
