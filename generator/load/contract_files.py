"""The files that a contract refers to by `$ref` or `openapi`, read from inside the cards folder only."""

from dataclasses import dataclass
from pathlib import Path

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.files import Folder, read_text
from generator.load.positions import Plain, read_documents
from generator.names import did_you_mean
from generator.schema.base import Data, plain_data


@dataclass(frozen=True, slots=True)
class FileRef:
    """A reference to a file as it stands in a card: `contracts/eta.yml#/request`."""

    text: str
    base: Path
    """The card's own file; the path is relative to it."""
    position: Position

    @property
    def path(self) -> Path:
        """The file meant, wherever that leads."""
        return self.base.parent / self.text.partition("#")[0]

    @property
    def pointer(self) -> str:
        """The JSON Pointer into the file; empty for all of it."""
        return self.text.partition("#")[2]


def read_file_ref(ref: FileRef, folder: Folder) -> tuple[Data, Finding | None]:
    """The data that a reference leads to, as plain data, or why there is none."""
    if Path(ref.text).is_absolute() or "://" in ref.text or not folder.holds(ref.path):
        message = f"{ref.text!r} leads out of the cards folder"
        return None, rules.OUTSIDE.at(ref.position, message, "copy the file into the cards folder")
    if not ref.path.exists():
        return None, rules.BROKEN_FILE_REF.at(ref.position, f"there is no file {ref.text!r}", _near(ref))
    text, finding = read_text(ref.path, folder)
    if finding is not None:
        return None, finding
    documents, findings = read_documents(text, folder.name(ref.path))
    if findings:
        return None, findings[0]
    content = documents[0].root.plain() if documents else None
    return _pointed_at(ref, content)


def _near(ref: FileRef) -> str:
    parent = ref.path.parent
    names = [path.name for path in parent.iterdir()] if parent.is_dir() else []
    hint = did_you_mean(ref.path.name, names)
    return hint if hint.startswith("did") else "the path is relative to the card"


def _pointed_at(ref: FileRef, content: Plain) -> tuple[Data, Finding | None]:
    value: Plain = content
    for step in ref.pointer.strip("/").split("/") if ref.pointer.strip("/") else ():
        key = step.replace("~1", "/").replace("~0", "~")
        match value:
            case dict() if key in value:
                value = value[key]
            case list() if key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            case _:
                known = did_you_mean(key, value) if isinstance(value, dict) else ""
                message = f"{ref.text!r}: its pointer ends at {key!r}"
                return None, rules.BROKEN_FILE_REF.at(ref.position, message, known)
    data = plain_data(value)
    if isinstance(data, dict) and isinstance(content, dict) and value is not content:
        shared = {key: plain_data(content[key]) for key in ("$defs", "definitions") if key in content}
        data = {**shared, **data}
    return data, None
