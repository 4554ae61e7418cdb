"""MLflow's database in SQLite, `mlflow.db`: opened for reading only, whichever version of MLflow made it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.drafts.mlflow.files import Artifacts
from generator.drafts.mlflow.registry import RegisteredModel, Version
from generator.drafts.words import day_of
from generator.errors import UserError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DatabaseRegistry:
    """The registry in a file `mlflow.db`."""

    file: Path

    @property
    def name(self) -> str:
        """What the drafts call it."""
        return self.file.name

    def models(self) -> Iterator[RegisteredModel]:
        """All registered models, in the order of their names."""
        tables = ("registered_models", "registered_model_tags", "registered_model_aliases", "model_versions",
                  "model_version_tags")  # fmt: skip
        models, tags, aliases, versions, version_tags = (self._rows(table) for table in tables)
        for model in sorted(models, key=lambda row: (row["name"], str(row.get("workspace")))):
            mine = [_version(row, version_tags) for row in versions if _same(row, model)]
            yield RegisteredModel(
                str(model["name"]),
                str(model.get("description") or ""),
                {str(row["key"]): str(row["value"] or "") for row in tags if _same(row, model)},
                {str(row["alias"]): int(row["version"]) for row in aliases if _same(row, model)},
                tuple(sorted(mine, key=lambda version: version.number)),
            )

    def artifact(self, version: Version, path: str) -> str | None:
        """The text of one of a version's files, found by any of the ways in which the database names their place."""
        for location in (version.location, *self._locations(version.source)):
            text = Artifacts(self.file.parent).text(location, path) if location else None
            if text is not None:
                return text
        return None

    def _locations(self, source: str) -> Iterator[str]:
        kind, _, rest = source.partition(":/")
        name, _, below = rest.partition("/")
        if kind == "models":
            yield from (str(row["artifact_location"]) for row in self._rows("logged_models") if row["model_id"] == name)
        elif kind == "runs":
            yield from (f"{row['artifact_uri']}/{below}" for row in self._rows("runs") if row["run_uuid"] == name)
        else:
            yield source

    def _rows(self, table: str) -> list[Row]:
        """All rows of a table; none where this version of MLflow has no such table."""
        try:
            address = f"{self.file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
                known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
                if known.fetchone() is None:
                    return []
                cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - the names are those above
                columns = [column[0] for column in cursor.description]
                return [dict(zip(columns, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            message = f"{self.file.name} cannot be read as MLflow's database: {error}"
            raise UserError(message) from None


def _same(row: Row, model: Row) -> bool:
    return row["name"] == model["name"] and row.get("workspace") == model.get("workspace")


def _version(row: Row, tags: list[Row]) -> Version:
    mine = (tag for tag in tags if _same(tag, row) and tag["version"] == row["version"])
    return Version(
        str(row["name"]),
        int(row["version"]),
        str(row.get("current_stage") or ""),
        str(row.get("description") or ""),
        {str(tag["key"]): str(tag["value"] or "") for tag in mine},
        day_of(row.get("creation_time")),
        str(row.get("source") or ""),
        str(row.get("storage_location") or ""),
    )
