"""MLflow's file store, a folder `mlruns`: a small YAML file for each registered model and version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.drafts.entities import mapping
from generator.drafts.mlflow.files import Artifacts
from generator.drafts.mlflow.registry import RegisteredModel, Version
from generator.drafts.reading import part, read_text
from generator.drafts.words import day_of, parse_version_number
from generator.errors import UserError

_META_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class FileRegistry:
    """The registry in a folder `mlruns`."""

    folder: Path

    @property
    def name(self) -> str:
        """What the drafts call it."""
        return self.folder.name

    def models(self) -> Iterator[RegisteredModel]:
        """All registered models, in the order of their names."""
        for folder in _folders(self.folder / "models"):
            if (folder / "meta.yaml").is_file():
                yield _model(folder)

    def artifact(self, version: Version, path: str) -> str | None:
        """The text of one of a version's files, found by any of the ways in which the store names their place."""
        for location in (version.location, *self._locations(version.source)):
            text = Artifacts(self.folder).text(location, path) if location else None
            if text is not None:
                return text
        return None

    def _locations(self, source: str) -> Iterator[str]:
        kind, _, rest = source.partition(":/")
        name, _, below = rest.partition("/")
        if kind == "models" and _is_name(name):
            yield from (str(folder / "models" / name / "artifacts") for folder in _folders(self.folder))
        elif kind == "runs" and _is_name(name) and ".." not in below.split("/"):
            yield from (str(folder / name / "artifacts" / below) for folder in _folders(self.folder))
        else:
            yield source


def _model(folder: Path) -> RegisteredModel:
    meta = _meta(folder)
    aliases = {
        key: number for key, value in _values(folder / "aliases").items() if (number := parse_version_number(value))
    }
    versions = [_version(one) for one in _folders(folder) if one.name.startswith("version-")]
    return RegisteredModel(
        str(meta.get("name") or folder.name),
        str(meta.get("description") or ""),
        _values(folder / "tags"),
        aliases,
        tuple(sorted(versions, key=lambda version: version.number)),
    )


def _version(folder: Path) -> Version:
    meta = _meta(folder)
    number = str(meta.get("version") or folder.name.removeprefix("version-"))
    return Version(
        folder.parent.name,
        parse_version_number(number),
        str(meta.get("current_stage") or ""),
        str(meta.get("description") or ""),
        _values(folder / "tags"),
        day_of(meta.get("creation_timestamp")),
        str(meta.get("source") or ""),
        str(meta.get("storage_location") or ""),
    )


def _meta(folder: Path) -> Mapping[str, object]:
    path = folder / "meta.yaml"
    return mapping(part(read_text(path, _META_LIMIT), str(path))) if path.is_file() else {}


def _values(folder: Path) -> dict[str, str]:
    """The files of a folder as keys and values; MLflow nests a key with a slash in folders."""
    if not folder.is_dir():
        return {}
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                found[path.relative_to(folder).as_posix()] = read_text(path, _META_LIMIT).strip()
            except UserError:
                continue
    return found


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _is_name(name: str) -> bool:
    return bool(name) and name not in {".", ".."}
