"""How a book is published: the configuration, with the space known."""

from typing import Annotated

from pydantic import StringConstraints

from generator.settings import ConfluenceSettings


class PublishSettings(ConfluenceSettings):
    """The configuration's own, but for the space: here it is certain."""

    space: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    """The key of the space, as in `BOOK`."""
