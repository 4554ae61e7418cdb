"""The files of a local store: where MLflow says that a version's artifacts are, and where they really are."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.drafts.reading import read_text
from generator.errors import UserError

ARTIFACT_LIMIT = 5_000_000


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Artifacts of a store that may have been moved since."""

    folder: Path
    """The store's own folder: relative paths start here."""

    def text(self, location: str, path: str) -> str | None:
        """The text of a file below a location; None where there is none, or the location is not on this machine."""
        root = self._root(location)
        place = root / path if root is not None else None
        if place is None or not place.resolve().is_relative_to(place.parent.resolve()):
            return None
        try:
            return read_text(place, ARTIFACT_LIMIT)
        except UserError:
            return None

    def _root(self, location: str) -> Path | None:
        try:
            parts = urlsplit(location)
        except ValueError:  # brackets that do not pair
            return None
        if parts.scheme == "mlflow-artifacts":
            return _existing(self.folder / "mlartifacts" / unquote(parts.path).lstrip("/"))
        if parts.scheme not in {"", "file"} or "\0" in location:
            return None
        path = Path(unquote(parts.path) if parts.scheme else location)
        return _existing(self.folder / path) or self._moved(path)

    def _moved(self, path: Path) -> Path | None:
        """The same files beside the store, when the whole folder was copied from elsewhere."""
        for name in ("mlruns", "mlartifacts"):
            if name in path.parts:
                rest = path.parts[path.parts.index(name) + 1 :]
                base = self.folder if self.folder.name == name else self.folder / name
                return None if ".." in rest else _existing(base.joinpath(*rest))
        return None


def _existing(path: Path) -> Path | None:
    try:
        return path if path.is_dir() else None
    except OSError:
        return None
