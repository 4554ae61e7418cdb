"""`modelbook completion`: the script by which a shell completes commands, options, ids, codes and people."""

import click

from generator.cli.command import Command
from generator.cli.completion.shells import SHELLS, VARIABLE
from generator.cli.console import print_document


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(sorted(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    r"""Print the completion script for a shell.

    Besides commands and options it completes ids of cards, codes of findings and people. Install it once:

    \b
      modelbook completion bash > ~/.local/share/bash-completion/completions/modelbook
      modelbook completion zsh > ~/.zfunc/_modelbook        with ~/.zfunc in fpath, before compinit
      modelbook completion fish > ~/.config/fish/completions/modelbook.fish

    Bash must be 4.4 or newer. Completion reads the cards in the current folder, or in the one that -C names.
    """
    root = context.find_root()
    print_document(SHELLS[shell](root.command, {}, "modelbook", VARIABLE).source())
