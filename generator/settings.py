"""The options under `plugins: - modelbook:` in mkdocs.yml."""

from datetime import date
from string import Formatter
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from generator.findings import Severity
from generator.names import ID_PATTERN

SeverityChoice = Annotated[
    Literal["error", "warning", "info", "off"], BeforeValidator(lambda value: "off" if value is False else value)
]
"""A severity; MkDocs reads the configuration as YAML 1.1, in which `off` without quotes is false."""


class _Options(BaseModel):
    """Options without unknown keys."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Limits(_Options):
    """The limits of rules."""

    experiment_days: int = Field(default=42, ge=1)
    """The number of days after which a running experiment needs a decision."""
    first_wave_percent: float = Field(default=10, ge=0, le=100)
    """The largest share of traffic of the first wave of a migration."""
    review_soon_days: int = Field(default=30, ge=0)
    """The number of days before a review from which it is reported."""
    evidence_days: int = Field(default=90, ge=1)
    """The age in days up to which a scan of code, traffic, a verified endpoint or a statement counts as recent."""


def _number_to_text(value: Any) -> Any:  # noqa: ANN401 - whatever the configuration file holds
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _keys_to_text(value: Any) -> Any:  # noqa: ANN401 - whatever the configuration file holds
    return {_number_to_text(key): item for key, item in value.items()} if isinstance(value, dict) else value


_Tier = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Days = Annotated[int, Field(ge=1, le=36_500)]


class InventorySettings(_Options):
    """The policy for models."""

    tiers: Annotated[dict[_Tier, _Days | None], BeforeValidator(_keys_to_text)] = Field(default_factory=dict)
    """The tiers with the days from one validation to the next: `{"1": 365, "2": 730, "3": null}`.

    `null` is a tier whose models need no validation. Without tiers, a card may name any.
    """


PageSection = Literal[
    "home",
    "models",
    "flows",
    "systems",
    "experiments",
    "migrations",
    "teams",
    "people",
    "resources",
    "views",
    "tags",
    "docs",
    "rules",
    "guide",
]
"""A group of pages: the folder of a kind of card, or one of the groups of other pages.

`views` are the pages about the whole book, such as the debt; `docs` are the author's own pages. `rules` and `guide` are
about Modelbook itself: the codes of findings, and the fields of a card with the guide that `modelbook init` writes.
"""

PUBLISHED_SECTIONS: tuple[PageSection, ...] = tuple(
    section for section in get_args(PageSection) if section not in {"rules", "guide"}
)
"""The sections that are published by default: all but those about Modelbook itself."""


def _rename_skip(value: Any) -> Any:  # noqa: ANN401 - whatever the configuration file holds
    return "hold" if value == "skip" else value  # the name of `hold` in version 0.1


Policy = Annotated[Literal["stop", "hold", "overwrite"], BeforeValidator(_rename_skip)]
"""The behaviour for a page in trouble.

`stop` publishes nothing, `hold` leaves this page as it is and publishes all others, `overwrite` publishes it too.
"""
PolicyWithoutOverwrite = Annotated[Literal["stop", "hold"], BeforeValidator(_rename_skip)]
"""A policy for trouble that publishing cannot overwrite."""


class ConfluenceSettings(_Options):
    """The location of the pages in Confluence, and the behaviour of publishing."""

    space: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)] | None = None
    """The key of the space, such as `BOOK`."""
    parent: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None, BeforeValidator(_number_to_text)
    ] = None
    """The id of the parent page; by default the home page of the space.

    Its text is never changed. Publishing only adds a property to it that lists the published pages.
    """
    book: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "modelbook"
    """The name of the book, which distinguishes it from other books below the same page."""
    title_suffix: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """The suffix for titles that other pages of the space have, such as ` ({kind} {id})`.

    Without a suffix, such a title is a finding.
    """
    pages: Annotated[tuple[PageSection, ...], Field(min_length=1)] = PUBLISHED_SECTIONS
    """The sections of pages that are published. Links to other pages point to the site, if `site_url` is set."""
    manual_edits: Policy = "hold"
    """The policy for a page whose text or title was edited in the wiki."""
    manual_moves: Policy = "hold"
    """The policy for a page that was moved in the wiki; `overwrite` moves it back."""
    archived_pages: PolicyWithoutOverwrite = "hold"
    """The policy for a page that was archived in the wiki. No request restores such a page."""
    trashed_pages: Policy = "hold"
    """The policy for a page that was put into the trash in the wiki; `overwrite` creates it again."""
    taken_titles: PolicyWithoutOverwrite = "hold"
    """The policy for a page whose title another page of the space has, also with `title_suffix`."""
    inline_comments: Policy = "hold"
    """The policy for a page with an inline comment whose words would change; `overwrite` detaches the comment."""
    refused_pages: PolicyWithoutOverwrite = "hold"
    """The policy for a page that the wiki refuses (403 or 404). Three different pages in a row stop any run."""
    full_width: bool = False
    """Whether pages have the full width of the window: one more request for each new page."""
    editor: Literal["v1", "v2"] | None = None
    """The editor of the pages; by default the wiki's own choice. Otherwise one more request for each new page."""
    orphans: Literal["archive", "trash", "keep"] = "archive"
    """The behaviour for pages of removed cards. Data Center cannot archive pages: they are moved to the trash."""
    removal_percent: Annotated[float, Field(ge=0, le=100)] = 20
    """The largest share of pages that is removed without a confirmation.

    Up to three pages never need one, unless no page would be left.
    """
    notify: bool = False
    """Whether watchers of a page are notified of edits."""
    label_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    """The prefix of labels, which distinguishes them from those of users."""

    @field_validator("title_suffix")
    @classmethod
    def _check_braces(cls, suffix: str | None) -> str | None:
        # str.format also reads attributes ({kind.__class__}) and pads to any width ({id:>9999999}).
        message = f"invalid title suffix {suffix!r}: expected no other braces than {{kind}} and {{id}}"
        try:
            fields = [field for _, *field in Formatter().parse(suffix or "") if field[0] is not None]
        except ValueError as error:
            raise ValueError(message) from error
        if any(field not in (["kind", "", None], ["id", "", None]) for field in fields):
            raise ValueError(message)
        return suffix


_Id = Annotated[str, StringConstraints(pattern=rf"^{ID_PATTERN}$")]
_HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
_HeaderText = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", strip_whitespace=True)]


class VerifySettings(_Options):
    """The requests of `modelbook verify`."""

    headers: dict[_HeaderName, _HeaderText] = Field(default_factory=dict)
    """The headers of every request, unless the contract has them. Write secrets as `$TOKEN`."""
    environments: dict[_Id, dict[_HeaderName, _HeaderText]] = Field(default_factory=dict)
    """More headers for the requests to an environment: `{staging: {Authorization: Bearer $STAGING_TOKEN}}`."""
    hosts: tuple[Annotated[str, StringConstraints(min_length=1, to_lower=True)], ...] = ()
    """The hosts that requests may go to, as `*.example.com`; by default every host of an endpoint."""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 10
    """The longest time until an answer is complete, in seconds."""


class Settings(_Options):
    """The settings of a book, all with a default."""

    cards: str = "cards"
    """The folder of the cards, relative to mkdocs.yml."""
    templates: str = "templates"
    """The folder of the book's own templates, relative to mkdocs.yml; they override the shipped ones."""
    evidence: str = "evidence"
    """The folder of the evidence that `scan`, `reconcile` and `verify` write, relative to mkdocs.yml."""
    repositories: tuple[str, ...] = ()
    """The folders of checkouts and mirrors that `scan` reads, relative to mkdocs.yml; by default this repository."""
    baseline: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The file of known findings, relative to mkdocs.yml; others fail. `check --write-baseline` writes it."""
    collect: Annotated[str, StringConstraints(min_length=1)] = "collect.yml"
    """The list of the repositories that `collect` takes cards from, relative to mkdocs.yml."""
    linked_folders: tuple[str, ...] = ()
    """Other folders, relative to mkdocs.yml, into which symbolic links in the cards folder may lead."""
    functions: dict[_Id, str] = Field(
        default_factory=lambda: {
            "ds": "Data Science",
            "product": "Product",
            "engineering": "Engineering",
        }
    )
    """The functions of the company with their titles. A production model has a contact for each."""
    as_of: Annotated[
        date | None, BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value)
    ] = None
    """The day for which the book is checked; by default today. Set it for a demo or an archive."""
    severities: dict[Annotated[str, StringConstraints(pattern=r"^MB\d{3}$")], SeverityChoice] = Field(
        default_factory=dict
    )
    """Other severities of codes, or `off`: `{MB203: warning}`."""
    limits: Limits = Field(default_factory=Limits)
    """The limits of rules."""
    inventory: InventorySettings = Field(default_factory=InventorySettings)
    """The tiers of models, and how often each must be validated."""
    guide: tuple[str, ...] = ()
    """The pages in docs in the order of the navigation. Other pages follow, sorted by name."""
    edit_url: str | None = None
    """The address for editing a card, with `{path}` for its path; by default from repo_url and edit_uri."""
    source_url: str | None = None
    """The address of a line of code that evidence names: `{repo}/blob/{commit}/{path}#L{line}`.

    It is used for hosts whose addresses Modelbook does not know: GitHub, GitLab, Bitbucket, Azure DevOps, Codeberg.
    """

    verify: VerifySettings = Field(default_factory=VerifySettings)
    """The requests of `modelbook verify`. Credentials are read only from the environment."""
    confluence: ConfluenceSettings = Field(default_factory=ConfluenceSettings)
    """The location and behaviour of `modelbook publish`. Credentials are read only from the environment."""

    def get_severities(self) -> dict[str, Severity | None]:
        """Return the configured severities; None for a code that is switched off."""
        return {code: None if word == "off" else Severity(word) for code, word in self.severities.items()}


RULE_SETTINGS = frozenset({"cards", "as_of", "functions", "severities", "limits", "inventory"})
"""The settings that decide about the findings of a card. catalog.json has them for `modelbook check --book URL`."""
