"""The registered models of MLflow, and the interface of the registries that have them."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import field

from generator.values import FrozenValue

_CHAMPION_ALIASES = ("champion", "production", "prod", "live")


class ModelVersion(FrozenValue):
    """A version of a registered model."""

    model: str
    """The name of the registered model."""
    number: int
    stage: str = ""
    """`None`, `Staging`, `Production` or `Archived`; aliases replaced stages in MLflow 2.9."""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    registered_on: str | None = None
    """The day (UTC) of its registration, which is not the day of its deployment."""
    source: str = ""
    """The location of its files as MLflow writes it: a path, `runs:/…`, `models:/m-…`, `s3://…`."""
    location: str = ""
    """The storage location of its files, if the registry has it."""
    run_id: str = ""
    """The run that made it; empty if the registry does not have it."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any], tags: Mapping[str, str]) -> "ModelVersion":
        """Return a version from a response of a server, a `meta.yaml`, or a row of a database."""
        texts = {key: str(data.get(key) or "") for key in ("name", "current_stage", "description", "source")}
        return cls(
            texts["name"],
            parse_version_number(data.get("version")),
            texts["current_stage"],
            texts["description"],
            tags,
            _parse_day(data.get("creation_timestamp") or data.get("creation_time")),
            texts["source"],
            str(data.get("storage_location") or ""),
            run_id if re.fullmatch(r"[\w-]{1,64}", run_id := str(data.get("run_id") or "")) else "",
        )


class TrainingRun(FrozenValue):
    """The run that made a version."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    """The last value of each metric."""
    user: str = ""

    @classmethod
    def from_pairs(cls, metrics: Iterable[tuple[object, object]], user: object) -> "TrainingRun":
        """Return a run from the names and values of its metrics; values that are no finite numbers are omitted."""
        found: dict[str, float] = {}
        for name, value in metrics:
            try:
                number = float(str(value))
            except ValueError:
                continue
            if math.isfinite(number):
                found[str(name)] = int(number) if number.is_integer() and abs(number) < 10**15 else number
        return cls(dict(sorted(found.items())), str(user or ""))


class RegisteredModel(FrozenValue):
    """A registered model with its latest versions and those that have an alias."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[ModelVersion, ...] = ()

    @property
    def is_prompt(self) -> bool:
        """Whether it is a prompt, which MLflow keeps among the models."""
        return self.tags.get("mlflow.prompt.is_prompt", "").lower() == "true"

    @property
    def marked_versions(self) -> list[tuple[ModelVersion, list[str]]]:
        """The versions with an alias or a stage, and the newest, each with its aliases."""
        newest = max((version.number for version in self.versions), default=0)
        aliases = {
            version.number: sorted(name for name, number in self.aliases.items() if number == version.number)
            for version in self.versions
        }
        return [
            (version, aliases[version.number])
            for version in self.versions
            if aliases[version.number] or version.stage.lower() not in {"", "none"} or version.number == newest
        ]

    @property
    def serving_version(self) -> tuple[ModelVersion | None, str]:
        """The version that an alias or a stage marks as serving, else the newest; with the alias or stage."""
        by_number = {version.number: version for version in self.versions}
        aliases = {name.lower(): number for name, number in sorted(self.aliases.items())}
        for name in _CHAMPION_ALIASES:
            if aliases.get(name) in by_number:
                return by_number[aliases[name]], f"alias {name}"
        staged = [number for number, version in by_number.items() if version.stage.lower() == "production"]
        newest = max(staged or by_number, default=None)
        return (by_number[newest] if newest is not None else None), "stage Production" if staged else ""


class ModelRegistry(Protocol):
    """A source of registered models."""

    @property
    def name(self) -> str:
        """Its name in drafts and notes."""

    def list_models(self) -> Iterator[RegisteredModel]:
        """Yield all registered models, sorted by name."""

    def read_artifact(self, version: ModelVersion, path: str) -> str | None:
        """Return the text of a file of a version; None if the file is missing or cannot be reached."""

    def read_run(self, run_id: str) -> TrainingRun | None:
        """Return a run; None if it is missing."""


def parse_version_number(value: object) -> int:
    """Return the number of a version; 0 if the value is not a number, or too long for a registry."""
    if isinstance(value, int):
        return value if 0 <= value < 10**18 else 0
    return int(str(value)) if re.fullmatch(r"[0-9]{1,18}", str(value)) else 0


def _parse_day(milliseconds: object) -> str | None:
    try:
        moment = datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date().isoformat() if moment.year > 1970 else None
