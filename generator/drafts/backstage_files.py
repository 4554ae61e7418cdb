"""The files of a Backstage catalog: named ones, those in folders, and the local targets of their locations.

Format: https://backstage.io/docs/features/software-catalog/descriptor-format
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from generator.drafts.reading import Plain, SourceDocument, parse_documents, read_text
from generator.drafts.results import Note
from generator.drafts.text_cleaning import to_one_line
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping
from generator.values import FrozenValue

_NAMES = frozenset({"catalog-info.yaml", "catalog-info.yml"})
_SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "venv", "__pycache__"})
_FILES_LIMIT = 10_000
_SUBSTITUTIONS = ("$text", "$json", "$yaml", "$openapi")
"""The keys whose value is the address of a file: https://backstage.io/docs/features/software-catalog/descriptor-format#substitutions-in-the-descriptor-format"""


class CatalogFile(FrozenValue):
    """A file of a catalog."""

    name: str
    """Its name in notes and drafts."""
    documents: tuple[SourceDocument, ...]

    @classmethod
    def parse(cls, text: str, name: str) -> "CatalogFile":
        """Parse the text of a file; raise UserError if it is not YAML."""
        return cls(name, parse_documents(text, name))


class _Source(FrozenValue):
    """A file that is to be read."""

    path: Path
    name: str
    root: Path
    """The folder that its targets have to be in."""
    is_given: bool
    """Whether the user named it: then a mistake in it ends the import."""


def read_catalog(paths: Iterable[Path]) -> tuple[tuple[CatalogFile, ...], tuple[Note, ...]]:
    """Return the files of a catalog, and notes on those that cannot be read.

    In a folder all files `catalog-info.yaml` are read. The targets of a location are read if they are in the folder of
    its file or in the given folder.
    """
    several = list(paths)
    waiting = [source for path in several for source in _list_sources(path, has_others=len(several) > 1)]
    found: dict[Path, CatalogFile] = {}
    notes: list[Note] = []
    while waiting:
        source = waiting.pop(0)
        real = source.path.resolve()
        if real in found:
            continue
        if len(found) >= _FILES_LIMIT:
            raise UserError(f"the catalog has more than {_FILES_LIMIT:,} files: import a part of it")
        try:
            file = CatalogFile.parse(read_text(source.path), source.name)
        except UserError as error:
            if source.is_given:
                raise
            notes.append(Note(source.name, str(error)))
            continue
        found[real] = replace(file, documents=tuple(_substitute(one, source, notes) for one in file.documents))
        for document in file.documents:
            waiting += _list_targets(document, source, notes)
    return tuple(found.values()), tuple(notes)


def _list_sources(path: Path, *, has_others: bool) -> Iterator[_Source]:
    if not path.is_dir():
        name = f"{path.resolve().parent.name}/{path.name}" if has_others else path.name
        yield _Source(path, name, path.resolve().parent, is_given=True)
        return
    prefix = f"{path.resolve().name}/" if has_others else ""
    names: list[Path] = []
    for folder, folders, files in os.walk(path):  # which does not follow symbolic links
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in _SKIPPED_FOLDERS)
        names += [Path(folder, name) for name in sorted(files) if name in _NAMES]
    if not names:
        raise UserError(f"{path} has no catalog-info.yaml")
    for file in names:
        yield _Source(file, prefix + file.relative_to(path).as_posix(), path.resolve(), is_given=False)


def _list_targets(document: SourceDocument, source: _Source, notes: list[Note]) -> Iterator[_Source]:
    """Yield the local targets of a location, and add a note on each of the others."""
    data = as_mapping(document.value)
    if to_one_line(data.get("kind") or "").lower() != "location":
        return
    spec = as_mapping(data.get("spec"))
    place = f"{source.name}:{document.line}"
    for target in (one for one in [*as_list(spec.get("target")), *as_list(spec.get("targets"))] if one):
        text = to_one_line(target, 300)
        if "://" in text:
            notes.append(Note(place, f"the target {text!r} was not fetched: import its file from a checkout"))
            continue
        files = _find_files(source, text)
        if not files:
            notes.append(Note(place, f"the target {text!r} is no file in the folder: name it in the command"))
        for path in files:
            relative = os.path.relpath(path, source.path.resolve().parent)
            name = os.path.normpath(PurePosixPath(source.name).parent / relative).replace("\\", "/")
            yield replace(source, path=path, name=name, is_given=False)


def _find_files(source: _Source, target: str) -> list[Path]:
    """Return the files that a target means, which can have `*`, if they are in the folder of the source."""
    folder = source.path.resolve().parent
    plain = os.path.normpath(folder / target)
    relative = os.path.relpath(plain, source.root)
    if "\0" in target or relative.startswith(".."):
        return []
    try:
        paths = sorted(source.root.glob(relative)) if "*" in relative else [Path(plain)]
        return [path for path in paths if path.is_file() and path.resolve().is_relative_to(source.root)]
    except (OSError, ValueError):
        return []


def _substitute(document: SourceDocument, source: _Source, notes: list[Note]) -> SourceDocument:
    """Return a document whose `spec.definition` is the text of the file that it names."""
    data = as_mapping(document.value)
    spec = as_mapping(data.get("spec"))
    definition = as_mapping(spec.get("definition"))
    target = next((definition[key] for key in _SUBSTITUTIONS if key in definition), None)
    if not isinstance(target, str):
        return document
    files = [] if "://" in target or "*" in target else _find_files(source, target)
    text: Plain = None
    try:
        text = read_text(files[0]) if files else None
    except UserError as error:
        notes.append(Note(f"{source.name}:{document.line}", str(error)))
    if text is None:
        reason = f"the definition {to_one_line(target, 300)!r} is no file in the folder, so it was not read"
        notes.append(Note(f"{source.name}:{document.line}", reason))
        return document
    return replace(document, value={**data, "spec": {**spec, "definition": text}})
