"""The product's own options, as they stand under `plugins: - modelbook:` in mkdocs.yml."""

from datetime import date
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from generator.findings import Severity
from generator.names import ID_PATTERN

SeverityChoice = Literal["error", "warning", "info", "off"]


def _as_text_day(value: Any) -> Any:  # noqa: ANN401 - whatever the configuration file holds
    return value.isoformat() if isinstance(value, date) else value


class Limits(BaseModel):
    """The numbers that rules compare with."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    experiment_days: int = Field(default=42, ge=1)
    """An experiment that runs for more days than this is overdue a decision."""
    first_wave_percent: float = Field(default=10, ge=0, le=100)
    """The largest share of traffic that the first wave of a migration may take."""
    review_soon_days: int = Field(default=30, ge=0)
    """A review that is due within so many days is announced."""


def _as_text_number(value: Any) -> Any:  # noqa: ANN401 - whatever the configuration file holds
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class ConfluenceSettings(BaseModel):
    """Where the pages go in Confluence and what publishing may do there."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    space: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)] | None = None
    """The key of the space, as in `BOOK`."""
    parent: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None, BeforeValidator(_as_text_number)
    ] = None
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
    """Removing more than this share of the pages needs a yes; up to three never do, unless nothing would be left."""
    notify: bool = False
    """Whether everybody who watches a page is sent a message about an edit."""
    label_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    """What our labels begin with, so that they stand apart from those that people add."""

    @field_validator("title_suffix")
    @classmethod
    def _knows_its_names(cls, suffix: str | None) -> str | None:
        # str.format also reads attributes ({kind.__class__}) and pads to any width ({id:>9999999}).
        message = f"invalid title suffix {suffix!r}: expected no other braces than {{kind}} and {{id}}"
        try:
            fields = [field for _, *field in Formatter().parse(suffix or "") if field[0] is not None]
        except ValueError as error:
            raise ValueError(message) from error
        if any(field not in (["kind", "", None], ["id", "", None]) for field in fields):
            raise ValueError(message)
        return suffix


class Settings(BaseModel):
    """What a book can be told about itself; everything has a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    cards: str = "cards"
    """The folder of the cards, relative to mkdocs.yml."""
    templates: str = "templates"
    """A folder of your own templates, relative to mkdocs.yml; they come before the shipped ones."""
    functions: dict[Annotated[str, StringConstraints(pattern=rf"^{ID_PATTERN}$")], str] = Field(
        default_factory=lambda: {
            "ds": "Data Science",
            "product": "Product",
            "engineering": "Engineering",
        }
    )
    """The functions of the company with their titles; a production model has a contact in each."""
    as_of: Annotated[date | None, BeforeValidator(_as_text_day)] = None
    """The day for which the book is checked; today when left out. A demo or an archive fixes it."""
    severities: dict[Annotated[str, StringConstraints(pattern=r"^MB\d{3}$")], SeverityChoice] = Field(
        default_factory=dict
    )
    """Another severity for a code, or `off`: `{MB203: warning}`."""
    limits: Limits = Limits()
    """The numbers that rules compare with."""
    guide: tuple[str, ...] = ()
    """Your own pages in docs, in the order of the navigation; those that are not named come after, by name."""
    edit_url: str | None = None
    """Where a card is edited, with `{path}` for its path; from repo_url and edit_uri when left out."""

    confluence: ConfluenceSettings = ConfluenceSettings()
    """Where and how `modelbook publish` publishes; credentials come from the environment alone."""

    def severity_of(self) -> dict[str, Severity | None]:
        """The configured severities; None where a code is switched off."""
        return {code: None if word == "off" else Severity(word) for code, word in self.severities.items()}
