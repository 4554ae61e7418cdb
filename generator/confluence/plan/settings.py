"""How a book is published, as it stands in the configuration."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator


class PublishSettings(BaseModel):
    """Where the pages go and what publishing may do there."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    space: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    """The key of the space, as in `BOOK`."""
    parent: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None = None
    """The id of the page that the book hangs under; the home page of the space when left out. It may be anybody's
    page: it is never changed, it only carries a property that lists what was published."""
    book: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "modelbook"
    """The name that tells this book from another one under the same page."""
    title_suffix: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """What is put behind a title that another page of the space has, as in ` ({kind} {id})`; left out, a taken
    title is a finding."""
    manual_edits: Literal["stop", "skip", "overwrite"] = "stop"
    """What happens to a page that somebody changed in the wiki: nothing is published until the card says the same,
    or this page alone is left as it is, or it is written over."""
    orphans: Literal["archive", "trash", "keep"] = "archive"
    """What happens to the page of a card that is gone. Data Center cannot archive: there it is the trash."""
    removal_percent: Annotated[float, Field(ge=0, le=100)] = 20
    """Removing more than this share of the pages needs a yes; up to three never do."""
    notify: bool = False
    """Whether everybody who watches a page is sent a message about an edit."""
    label_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    """What our labels begin with, so that they stand apart from those that people add."""

    @field_validator("title_suffix")
    @classmethod
    def _knows_its_names(cls, suffix: str | None) -> str | None:
        try:
            _ = (suffix or "").format(kind="model", id="ryl")
        except (KeyError, IndexError, ValueError) as error:
            message = f"{suffix!r} holds a name other than {{kind}} and {{id}}"
            raise ValueError(message) from error
        return suffix

    def suffixed(self, title: str, ref: str) -> str | None:
        """The title to fall back to; None where none is configured."""
        kind, _, identifier = ref.partition(":")
        return None if self.title_suffix is None else title + self.title_suffix.format(kind=kind, id=identifier)
