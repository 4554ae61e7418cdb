"""Commands and groups of the command line: examples keep their lines, and modules are imported on demand."""

import importlib
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from generator.values import FrozenValue


class Command(click.Command):
    r"""A command whose help keeps the lines of a paragraph that follows a line `\b`, as examples need."""

    def __init__(self, name: str | None, **attributes: Any) -> None:  # noqa: ANN401 - click's own attributes
        attributes["help"] = (attributes.get("help") or "").replace("\\b\n", "\b\n")
        super().__init__(name, **attributes)


class DeferredCommand(FrozenValue):
    """A command whose module is not imported yet."""

    name: str
    module: str
    summary: str
    """The first sentence of its help, which the group shows."""
    variable: str = ""
    """The variable in the module, if it differs from the name."""

    def load(self) -> click.Command:
        """Import the command."""
        command = getattr(importlib.import_module(self.module), self.variable or self.name)
        assert isinstance(command, click.Command), f"{self.module} has no command {self.name}"
        return command


class LazyGroup(click.Group):
    """A group that shows its help without importing its commands."""

    def __init__(self, name: str | None = None, *, deferred: Sequence[DeferredCommand] = (), **attributes: Any) -> None:  # noqa: ANN401 - click's own attributes
        super().__init__(name, **attributes)
        self._deferred = {each.name: each for each in deferred}
        for each in deferred:
            self.add_command(click.Command(each.name, short_help=each.summary))  # click proposes one for a wrong name

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base class's signature
        """Return the names in the order in which a new user needs the commands."""
        return list(self._deferred)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import a command; None if the name is unknown."""
        each = self._deferred.get(cmd_name)
        return None if each is None else each.load()

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Complete the name of a command or an option of the group, without importing a command."""
        names = [name for name in self._deferred if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=self._deferred[name].summary) for name in names]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(each.name, each.summary) for each in self._deferred.values()])
