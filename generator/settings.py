"""The product's own options, as they stand under `plugins: - modelbook:` in mkdocs.yml."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

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

    def severity_of(self) -> dict[str, Severity | None]:
        """The configured severities; None where a code is switched off."""
        return {code: None if word == "off" else Severity(word) for code, word in self.severities.items()}
