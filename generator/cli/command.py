"""A command whose help keeps the lines of its examples."""

from typing import Any

import click

_MARK, _CLICKS_OWN = "\\b\n", "\b\n"


class Command(click.Command):
    r"""Shows the paragraph below a line `\b` of its docstring as it stands: an example is read line by line."""

    def __init__(self, name: str | None, **attributes: Any) -> None:  # noqa: ANN401 - click's own attributes
        attributes["help"] = (attributes.get("help") or "").replace(_MARK, _CLICKS_OWN)
        super().__init__(name, **attributes)
