"""The references in a folder of cards, found quickly by patterns, without parsing the YAML."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from generator.load.files import ENDINGS, SIZE_LIMIT
from generator.names import ID_PATTERN, Ref

_RESOURCE = re.compile(rf"(?<![\w:/.-])(feature_view|topic|collection|rule|table|bucket):({ID_PATTERN})(?!\w)")
"""The usual types of resources; one of another type is found by its card."""
_KEY = rf"""["']?(kind|id|type)["']?\s*:\s*["']?({ID_PATTERN})"""
_BLOCK_KEY = re.compile(rf"^{_KEY}", re.MULTILINE)
_FLOW_KEY = re.compile(rf"[{{,]\s*{_KEY}")
_DOCUMENT_END = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_FOLDER_OPTION = re.compile(r"""\bcards:\s*["']?([^\s"'{},#]+)""")


def find_refs(root: Path) -> set[Ref]:
    """Return the references of a book's cards and of the resources that they name; none if the folder has no book.

    The result is a quick guess: a line that only looks like one of a card adds a completion without a card.
    """
    found = set[Ref]()
    for path in _card_files(root / _cards_folder(root)):
        text = _read_text(path)
        documents = _DOCUMENT_END.split(text)
        if path.suffix == ".md":
            documents = documents[1:2]
        for document in documents:
            ref = _stated_ref(document, path.stem)
            if ref is not None:
                found.add(ref)
        found |= {Ref(kind, name) for kind, name in _RESOURCE.findall(text)}
    return found


def _cards_folder(root: Path) -> str:
    option = _FOLDER_OPTION.search(_read_text(root / "mkdocs.yml"))
    return option[1] if option else "cards"


def _card_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if name.endswith(ENDINGS) and not name.startswith("."))


def _read_text(path: Path) -> str:
    """Return the text of a file; empty if it cannot be a card."""
    try:
        if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _stated_ref(document: str, stem: str) -> Ref | None:
    """Return the reference of a card by its first `kind` and `id` (else the name of its file)."""
    pattern = _FLOW_KEY if document.lstrip().startswith("{") else _BLOCK_KEY
    values: dict[str, str] = {}
    for key, value in pattern.findall(document):
        values.setdefault(key, value)
    kind = values.get("type") if values.get("kind") == "resource" else values.get("kind")
    if kind is None:
        return None
    try:
        return Ref.parse(f"{kind}:{values.get('id', stem)}")
    except ValueError:
        return None
