"""The files of a serving platform: manifests of Kubernetes in YAML, and other files that are found by name."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from generator.drafts.reading import Plain, iterate_values, parse_documents, read_text
from generator.drafts.results import Note
from generator.errors import UserError
from generator.load.nodes import as_mapping, as_mappings
from generator.load.yaml_reader import COMPLEX_KEY
from generator.schema.base import to_plain_data
from generator.values import FrozenValue

UNRENDERED = "a template of Helm, whose values are filled in later: import what it renders"
_TEMPLATE = re.compile(r"(?:^|[-:,\[{])[ \t]*\{[{%]", re.MULTILINE)
"""A template in place of a line or of a value. Within a text, as in `--name={{.Name}}`, it can be another one's."""
_FILES_LIMIT = 10_000
_PACKAGES = frozenset({"site-packages", "node_modules", "__pycache__"})


class Manifest(FrozenValue):
    """A document of a YAML file, or an item of a list in it."""

    file: str
    line: int
    data: Mapping[str, Plain]


def is_yaml(path: Path) -> bool:
    """Return whether a file is YAML by its name."""
    return path.suffix in {".yaml", ".yml"}


def read_files(paths: Iterable[Path], is_source: Callable[[Path], bool]) -> tuple[list[tuple[str, str]], list[Note]]:
    """Return the names and texts of the given files and of the sources in folders, with notes on unreadable ones."""
    found: list[tuple[str, str]] = []
    notes: list[Note] = []
    for path in paths:
        files = [path]
        if path.is_dir():
            inside = (one for one in path.rglob("*") if is_source(one) and one.is_file())
            files = sorted(one for one in inside if not _is_foreign(one.relative_to(path), path))
            if len(files) > _FILES_LIMIT:
                notes.append(Note(path.name, f"only the first {_FILES_LIMIT:,} of {len(files):,} files were read"))
        for file in files[:_FILES_LIMIT]:
            name = file.relative_to(path).as_posix() if path.is_dir() else path.name
            try:
                found.append((name, read_text(file)))
            except UserError as error:
                if not path.is_dir():
                    raise
                notes.append(Note(name, str(error)))
    return found, notes


def _is_foreign(file: Path, root: Path) -> bool:
    """Return whether a file is in a hidden folder, an environment of Python or another folder of packages."""
    if any(part.startswith(".") or part in _PACKAGES for part in file.parts):
        return True
    return any((root / folder / "pyvenv.cfg").is_file() for folder in file.parents)


def parse_manifests(files: Iterable[tuple[str, str]]) -> tuple[list[Manifest], list[Note]]:
    """Return the documents of YAML files, given by name and text, with notes on templates and unreadable files."""
    found: list[Manifest] = []
    notes: list[Note] = []
    for file, text in files:
        is_template = _TEMPLATE.search(text) is not None
        try:
            documents = parse_documents(text, file)
        except UserError as error:
            notes.append(Note(file, UNRENDERED if is_template else str(error)))
            continue
        # `{{ x }}` in place of a value is a mapping with a complex key; in a block of text, it is text.
        inner = (value for document in documents for _, value in iterate_values(document.value))
        if is_template and any(isinstance(value, dict) and COMPLEX_KEY in value for value in inner):
            notes.append(Note(file, UNRENDERED))
            continue
        for document in documents:
            data = as_mapping(to_plain_data(document.value))
            several = as_mappings(data.get("items")) if data.get("kind") == "List" else [data]
            found += (Manifest(file, document.line, one) for one in several)
    return found, notes
