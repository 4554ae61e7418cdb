"""The local stores of MLflow, an SQLite database or a folder of files, opened for reading only.

MLflow's own client is not used: it creates folders in a file store, creates or extends a database, and refuses the
database of any other version (measured with 3.17, which also needs SQLAlchemy and alembic for a database).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from generator.drafts.mlflow_registry import ModelVersion, RegisteredModel, TrainingRun, parse_version_number
from generator.drafts.reading import parse_first_document, read_text
from generator.errors import UserError
from generator.grouping import group_pairs
from generator.load.nodes import as_mapping
from generator.values import FrozenValue

_META_LIMIT = 1_000_000
"""Bytes of a `meta.yaml`, a tag, or an alias."""


def read_stored_file(store: Path, location: str, path: str) -> str | None:
    """Return the text of a file below a location that a store names; None if it is not on this machine.

    Relative locations begin at the folder of the store. If the store was moved, its files are found next to it.
    """
    try:
        parts = urlsplit(location)
    except ValueError:  # unpaired brackets
        return None
    if parts.scheme not in {"", "file", "mlflow-artifacts"} or "\0" in location:
        return None
    folder = Path(unquote(parts.path) if parts.scheme else location)
    candidates = [store / folder]
    if parts.scheme == "mlflow-artifacts":
        candidates = [store / "mlartifacts" / unquote(parts.path).lstrip("/")]
    else:
        for name in ("mlruns", "mlartifacts"):
            if name in folder.parts:
                rest = folder.parts[folder.parts.index(name) + 1 :]
                base = store if store.name == name else store / name
                candidates += [] if ".." in rest else [base.joinpath(*rest)]
                break
    with suppress(OSError, UserError):
        root = next((candidate for candidate in candidates if candidate.is_dir()), None)
        if root is not None and (root / path).resolve().is_relative_to((root / path).parent.resolve()):
            return read_text(root / path)
    return None


class _LocalRegistry(FrozenValue):
    """A registry whose artifacts are on this machine."""

    place: Path
    """Its folder or file."""

    @property
    def name(self) -> str:
        """The name of the folder or file."""
        return self.place.name

    def read_artifact(self, version: ModelVersion, path: str) -> str | None:
        """Return the text of a file of a version, from the first location that has it."""
        kind, _, rest = version.source.partition(":/")
        name, _, below = rest.partition("/")
        is_reference = kind in {"models", "runs"} and name not in {"", ".", ".."} and ".." not in below.split("/")
        locations = self._find_locations(kind, name, below) if is_reference else [version.source]
        store = self.place if self.place.is_dir() else self.place.parent
        texts = (read_stored_file(store, location, path) for location in [version.location, *locations] if location)
        return next((text for text in texts if text is not None), None)

    def _find_locations(self, kind: str, name: str, below: str) -> list[str]:
        """Return the locations of a logged model or a run: `models:/name` or `runs:/name/below`."""
        raise NotImplementedError


class FileRegistry(_LocalRegistry):
    """The registry in a folder `mlruns`: a small YAML file for each registered model and version."""

    def list_models(self) -> Iterator[RegisteredModel]:
        """Yield all registered models, sorted by name."""
        for folder in _list_folders(self.place / "models"):
            if not (folder / "meta.yaml").is_file():
                continue
            meta = _read_meta(folder)
            numbers = {name: parse_version_number(text) for name, text in _read_values(folder / "aliases").items()}
            versions: list[ModelVersion] = []
            for one in _list_folders(folder):
                if one.name.startswith("version-"):
                    stated = _read_meta(one)
                    number = stated.get("version") or one.name.removeprefix("version-")
                    data = {**stated, "name": folder.name, "version": number}
                    versions.append(ModelVersion.from_data(data, _read_values(one / "tags")))
            yield RegisteredModel(
                str(meta.get("name") or folder.name),
                str(meta.get("description") or ""),
                _read_values(folder / "tags"),
                {name: number for name, number in numbers.items() if number},
                tuple(sorted(versions, key=lambda version: version.number)),
            )

    def read_run(self, run_id: str) -> TrainingRun | None:
        """Return a run from its folder, in any experiment."""
        for experiment in _list_folders(self.place):
            folder = experiment / run_id
            if (folder / "meta.yaml").is_file():
                # A line of a metric has a time, a value and a step; the last one is the newest.
                values = _read_values(folder / "metrics")
                lines = ((name, text.split("\n")[-1].split(" ")) for name, text in values.items())
                metrics = [(name, line[1]) for name, line in lines if len(line) > 1]
                user = _read_values(folder / "tags").get("mlflow.user") or _read_meta(folder).get("user_id")
                return TrainingRun.from_pairs(metrics, user)
        return None

    def _find_locations(self, kind: str, name: str, below: str) -> list[str]:
        location = f"models/{name}/artifacts" if kind == "models" else f"{name}/artifacts/{below}"
        return [str(folder / location) for folder in _list_folders(self.place)]


def _read_meta(folder: Path) -> Mapping[str, object]:
    path = folder / "meta.yaml"
    return as_mapping(parse_first_document(read_text(path, _META_LIMIT), str(path))) if path.is_file() else {}


def _read_values(folder: Path) -> dict[str, str]:
    """Return the texts of the files in a folder by name; MLflow writes a key with a slash as folders."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            with suppress(UserError):
                found[path.relative_to(folder).as_posix()] = read_text(path, _META_LIMIT).strip()
    return found


def _list_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


class DatabaseRegistry(_LocalRegistry):
    """The registry in a file `mlflow.db`, which any version of MLflow made."""

    def list_models(self) -> Iterator[RegisteredModel]:
        """Yield all registered models, sorted by name."""
        models = self._query("registered_models")
        tags, aliases, versions = (
            group_pairs((_get_owner(row, "name"), row) for row in self._query(table))
            for table in ("registered_model_tags", "registered_model_aliases", "model_versions")
        )
        tagged = self._query("model_version_tags")
        version_tags = group_pairs((_get_owner(row, "name", "version"), row) for row in tagged)
        for model in sorted(models, key=lambda row: _get_owner(row, "name")):
            owner = _get_owner(model, "name")
            found = [
                ModelVersion.from_data(row, _read_tags(version_tags.get(_get_owner(row, "name", "version"), [])))
                for row in versions.get(owner, [])
            ]
            yield RegisteredModel(
                str(model["name"]),
                str(model.get("description") or ""),
                _read_tags(tags.get(owner, [])),
                {str(row["alias"]): parse_version_number(row["version"]) for row in aliases.get(owner, [])},
                tuple(sorted(found, key=lambda version: version.number)),
            )

    def read_run(self, run_id: str) -> TrainingRun | None:
        """Return a run with the last values of its metrics."""
        runs = self._query("runs", "run_uuid", run_id)
        metrics = self._query("latest_metrics", "run_uuid", run_id)
        tags = _read_tags(self._query("tags", "run_uuid", run_id))
        pairs = ((row.get("key"), row.get("value")) for row in metrics if not row.get("is_nan"))
        return TrainingRun.from_pairs(pairs, tags.get("mlflow.user") or runs[0].get("user_id")) if runs else None

    def _find_locations(self, kind: str, name: str, below: str) -> list[str]:
        if kind == "models":
            return [str(row["artifact_location"]) for row in self._query("logged_models", "model_id", name)]
        return [f"{row['artifact_uri']}/{below}" for row in self._query("runs", "run_uuid", name)]

    def _query(self, table: str, column: str = "", value: str = "") -> list[dict[str, Any]]:
        """Return the rows of a table, or those with a value in a column; none if this version has no such table."""
        condition, values = (f" WHERE {column} = ?", (value,)) if column else ("", ())
        try:
            address = f"{self.place.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
                known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
                if known.fetchone() is None:
                    return []
                cursor = connection.execute(f"SELECT * FROM {table}{condition}", values)  # noqa: S608 - names of this module
                columns = [column[0] for column in cursor.description]
                return [dict(zip(columns, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            raise UserError(f"cannot read {self.place.name} as a database of MLflow: {error}") from None


def _get_owner(row: Mapping[str, Any], *columns: str) -> tuple[str, ...]:
    """Return the owner of a row; in newer databases, models with the same name can be in different workspaces."""
    return (*(str(row[column]) for column in columns), str(row.get("workspace", "")))


def _read_tags(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {str(row["key"]): str(row["value"] or "") for row in rows}
