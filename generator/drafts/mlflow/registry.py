"""A model registry as MLflow keeps it, wherever it is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

IS_PROMPT = "mlflow.prompt.is_prompt"
"""The tag of those registered models that are prompts."""
_CHAMPIONS = ("champion", "production", "prod", "live")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a registered model."""

    model: str
    """The name of its registered model."""
    number: int
    stage: str = ""
    """`None`, `Staging`, `Production` or `Archived`, as MLflow called it before there were aliases."""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    registered_on: str | None = None
    """The day (UTC) on which it was registered: not the day on which it went live."""
    source: str = ""
    """Where its files are, as MLflow writes it: a path, `runs:/…`, `models:/m-…`, `s3://…`."""
    location: str = ""
    """Where its files really are, when the registry knows that as well."""


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A registered model with those of its versions that matter."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[Version, ...] = ()

    @property
    def is_prompt(self) -> bool:
        """Whether it is a prompt and no model."""
        return self.tags.get(IS_PROMPT, "").lower() == "true"

    @property
    def serving(self) -> tuple[Version | None, str]:
        """The version that serves, as far as MLflow says, and by which word: an alias, a stage, or neither."""
        by_number = {version.number: version for version in self.versions}
        aliases = {name.lower(): number for name, number in sorted(self.aliases.items())}
        for name in _CHAMPIONS:
            if aliases.get(name) in by_number:
                return by_number[aliases[name]], f"alias {name}"
        staged = [version for version in self.versions if version.stage.lower() == "production"]
        if staged:
            return max(staged, key=lambda version: version.number), "stage Production"
        return max(self.versions, key=lambda version: version.number, default=None), ""


class Registry(Protocol):
    """Where registered models are read from."""

    @property
    def name(self) -> str:
        """What the drafts call it."""

    def models(self) -> Iterator[RegisteredModel]:
        """All registered models, in the order of their names."""

    def artifact(self, version: Version, path: str) -> str | None:
        """The text of one of a version's files; None where it has none or it cannot be reached."""
