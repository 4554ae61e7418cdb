"""MLflow's database in SQLite, `mlflow.db`: opened for reading only, whichever version of MLflow made it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.drafts.mlflow.files import Artifacts
from generator.drafts.mlflow.registry import RegisteredModel, Version
from generator.drafts.words import day_of, parse_version_number
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
        tags = _by_owner(self._rows("registered_model_tags"), "name")
        aliases = _by_owner(self._rows("registered_model_aliases"), "name")
        versions = _by_owner(self._rows("model_versions"), "name")
        version_tags = _by_owner(self._rows("model_version_tags"), "name", "version")
        for model in sorted(self._rows("registered_models"), key=lambda row: _owner(row, ("name",))):
            key = _owner(model, ("name",))
            mine = [_version(row, version_tags) for row in versions.get(key, ())]
            yield RegisteredModel(
                str(model["name"]),
                str(model.get("description") or ""),
                _tags(tags.get(key, ())),
                {str(row["alias"]): parse_version_number(row["version"]) for row in aliases.get(key, ())},
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
            yield from (str(row["artifact_location"]) for row in self._rows("logged_models", "model_id", name))
        elif kind == "runs":
            yield from (f"{row['artifact_uri']}/{below}" for row in self._rows("runs", "run_uuid", name))
        else:
            yield source

    def _rows(self, table: str, column: str = "", value: str = "") -> list[Row]:
        """The rows of a table, or those with a value in a column; none where this MLflow has no such table."""
        condition, values = (f" WHERE {column} = ?", (value,)) if column else ("", ())
        try:
            address = f"{self.file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
                known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
                if known.fetchone() is None:
                    return []
                cursor = connection.execute(f"SELECT * FROM {table}{condition}", values)  # noqa: S608 - names of this module
                columns = [column[0] for column in cursor.description]
                return [dict(zip(columns, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            message = f"{self.file.name} cannot be read as MLflow's database: {error}"
            raise UserError(message) from None


def _owner(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    """What a row belongs to; newer versions of MLflow keep models of one name apart by workspace."""
    return (*(str(row[column]) for column in columns), str(row.get("workspace", "")))


def _by_owner(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(_owner(row, columns), []).append(row)
    return found


def _tags(rows: Iterable[Row]) -> dict[str, str]:
    return {str(row["key"]): str(row["value"] or "") for row in rows}


def _version(row: Row, tags: dict[tuple[str, ...], list[Row]]) -> Version:
    return Version(
        str(row["name"]),
        parse_version_number(row["version"]),
        str(row.get("current_stage") or ""),
        str(row.get("description") or ""),
        _tags(tags.get(_owner(row, ("name", "version")), ())),
        day_of(row.get("creation_time")),
        str(row.get("source") or ""),
        str(row.get("storage_location") or ""),
    )
