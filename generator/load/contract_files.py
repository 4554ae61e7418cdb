"""The files that a contract refers to by `$ref` or `openapi`, read from inside the cards folder only."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from generator.findings import Finding, Position, Severity
from generator.load import rules
from generator.load.bind import LoadedCard
from generator.load.explain import describe
from generator.load.files import Folder, read_text
from generator.load.nodes import Document, Plain
from generator.load.nodes import Path as DataPath
from generator.load.yaml_reader import read_documents
from generator.names import suggest_name
from generator.schema import KINDS, Model
from generator.schema.base import Data, find_unbounded_numbers, to_plain_data
from generator.schema.pointers import parse_list_index, parse_pointer

_VALUES = frozenset({"const", "default", "enum", "examples"})
"""The keywords of JSON Schema that hold values, in which `$ref` is a word like any other."""


_OPENAPI_KEYS = frozenset({"openapi", "swagger"})
_SCHEMA_KEYS = frozenset(
    {"$schema", "$id", "$ref", "$defs", "definitions", "properties", "items", "allOf", "anyOf", "oneOf", "enum",
     "const"}
)  # fmt: skip
_JSON_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def contract_format(document: Document) -> str | None:
    """Return "OpenAPI document" or "JSON Schema" if a document looks like one and not like a card; else None."""
    content = document.root.content
    if not isinstance(content, dict) or "kind" in content:
        return None
    if not _OPENAPI_KEYS.isdisjoint(content):
        return "OpenAPI document"
    kind = content["type"].content if "type" in content else None
    has_json_type = isinstance(kind, str) and kind in _JSON_TYPES
    is_schema = "name" not in content and (has_json_type or not _SCHEMA_KEYS.isdisjoint(content))
    return "JSON Schema" if is_schema else None


def unused_contract(document: Document) -> Finding:
    """Return the note about a contract file that no card refers to."""
    found, name = contract_format(document), PurePosixPath(document.file).name
    reference = f"openapi: {name}" if found == "OpenAPI document" else f"request: {{$ref: {name}}}"
    hint = f"add it to a model, as in `contract: {{{reference}}}`, or remove the file"
    note = rules.NO_CARD.at(document.at(), f"no card refers to this {found}", hint)
    return replace(note, severity=Severity.INFO)


@dataclass(frozen=True, slots=True)
class Completed:
    """A card with what its contract takes in from files."""

    loaded: LoadedCard
    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()
    """The names of those files."""


def complete(loaded: LoadedCard, folder: Folder) -> Completed:
    """The card with every `{$ref: file}` of its contract replaced by what the file holds."""
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None:
        return Completed(loaded)
    contract = card.contract
    files = _ContractFiles(loaded, folder)
    openapi = files.read(contract.openapi, ("contract", "openapi")) if contract.openapi else None
    whole = contract.model_copy(
        update={
            "request": files.schema(contract.request, ("contract", "request")),
            "response": files.schema(contract.response, ("contract", "response")),
            "examples": tuple(
                example.model_copy(
                    update={
                        "request": files.inlined(example.request, ("contract", "examples", index, "request")),
                        "response": files.inlined(example.response, ("contract", "examples", index, "response")),
                    }
                )
                for index, example in enumerate(contract.examples)
            ),
        }
    )
    completed = replace(loaded, card=card.model_copy(update={"contract": whole}), openapi=openapi)
    return Completed(completed, tuple(files.findings), frozenset(files.used))


class _ContractFiles:
    """Reads the files of one contract, and remembers which and what was wrong."""

    def __init__(self, loaded: LoadedCard, folder: Folder) -> None:
        self._loaded = loaded
        self._folder = folder
        self.findings: list[Finding] = []
        self.used: set[str] = set()

    def schema(self, value: Data, path: DataPath) -> Data:
        """A JSON Schema, whole in itself; None with a finding when it needs further files."""
        schema = self.inlined(value, path)
        further = list(_file_refs(schema, ()))
        for inner, text in further:
            place = self._loaded.at(*path, *inner) if schema is value else self._loaded.at(*path, "$ref")
            message = f"{describe(text)} within a schema leads to another file"
            hint = "put what it leads to under `$defs` of the schema, and refer to it as '#/$defs/…'"
            self.findings.append(rules.BROKEN_FILE_REF.at(place, message, hint, self._loaded.ref))
        return None if further else schema

    def inlined(self, value: Data, path: DataPath) -> Data:
        """The value, or what its `{$ref: file}` leads to; references within a schema (`#/…`) stay."""
        if not (isinstance(value, dict) and set(value) == {"$ref"} and isinstance(value["$ref"], str)):
            return value
        if value["$ref"].startswith("#"):
            return value
        return self.read(value["$ref"], (*path, "$ref"))

    def read(self, text: str, path: DataPath) -> Data:
        """The data of a file that stands inside the folder; None with a finding when it cannot be had."""
        ref = FileRef(text, self._folder.project / self._loaded.document.file, self._loaded.at(*path))
        data, finding = read_file_ref(ref, self._folder)
        if finding is not None:
            self.findings.append(replace(finding, subject=self._loaded.ref))
        if _is_file(ref.path) and self._folder.holds(ref.path):
            self.used |= {_name(self._folder, path) for path in (ref.path, Path(os.path.realpath(ref.path)))}
        return data


def _name(folder: Folder, path: Path) -> str:
    """The name of a file of the folder, whichever way its path leads there."""
    absolute = os.path.normpath(path)
    root = os.path.realpath(folder.root)
    inside = os.path.relpath(absolute, root if Path(absolute).is_relative_to(root) else folder.root)
    return folder.name(folder.root / inside)


def _file_refs(schema: Data, path: DataPath) -> Iterator[tuple[DataPath, str]]:
    """Every `$ref` within a JSON Schema that leads out of it, with its path."""
    match schema:
        case dict():
            for key, item in schema.items():
                if key == "$ref" and isinstance(item, str) and not item.startswith("#"):
                    yield (*path, key), item
                elif key not in _VALUES:
                    yield from _file_refs(item, (*path, key))
        case list():
            for index, item in enumerate(schema):
                yield from _file_refs(item, (*path, index))


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
        return Path(os.path.normpath(self.base.parent / self.text.partition("#")[0]))

    @property
    def pointer(self) -> tuple[str, ...]:
        """The steps of the JSON Pointer into the file; none for all of it."""
        fragment = unquote(self.text.partition("#")[2])
        return parse_pointer(fragment if fragment.startswith("/") or not fragment else f"/{fragment}")


def read_file_ref(ref: FileRef, folder: Folder) -> tuple[Data, Finding | None]:
    """The data that a reference leads to, as plain data, or why there is none."""
    if _leads_out(ref, folder):
        message = f"{describe(ref.text)} leads out of the cards folder"
        return None, rules.OUTSIDE.at(ref.position, message, "copy the file into the cards folder")
    if not _is_file(ref.path):
        return None, rules.BROKEN_FILE_REF.at(ref.position, f"there is no file {describe(ref.text)}", _near(ref))
    text, finding = read_text(ref.path, folder)
    if finding is not None:
        return None, finding
    documents, findings = read_documents(text, folder.name(ref.path))
    if findings:
        return None, findings[0]
    data, finding = _pointed_at(ref, documents[0].root.plain() if documents else None)
    unbounded = next(find_unbounded_numbers(documents[0].root.plain()), None) if documents else None
    if unbounded is not None and finding is None:
        message = f"the number {describe(documents[0].root.find(unbounded).content)} is out of range"
        return None, rules.BAD_VALUE.at(documents[0].at(*unbounded), message, "put it in quotes if it is text")
    return data, finding


def _leads_out(ref: FileRef, folder: Folder) -> bool:
    if Path(ref.text).is_absolute() or "://" in ref.text:
        return True
    return "\0" not in ref.text and not folder.holds(ref.path)


def _is_file(path: Path) -> bool:
    """Whether there is a regular file, also where the path is none that any system would take."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _near(ref: FileRef) -> str:
    parent = ref.path.parent
    names = [path.name for path in parent.iterdir() if path.is_file()] if _is_folder(parent) else []
    hint = suggest_name(ref.path.name, names)
    return hint if hint.startswith("did") else "the path is relative to the card"


def _pointed_at(ref: FileRef, content: Plain) -> tuple[Data, Finding | None]:
    value: Plain = content
    for key in ref.pointer:
        match value:
            case dict() if key in value:
                value = value[key]
            case list() if (index := parse_list_index(key, len(value))) is not None:
                value = value[index]
            case _:
                known = suggest_name(key, value) if isinstance(value, dict) else ""
                message = f"{describe(ref.text)}: its pointer ends at {describe(key)}"
                return None, rules.BROKEN_FILE_REF.at(ref.position, message, known)
    if value is None:
        return None, rules.BROKEN_FILE_REF.at(ref.position, f"{describe(ref.text)} holds nothing", "fill the file in")
    if isinstance(value, dict) and value is content and value.get("kind") in KINDS:
        hint = f"name the part that is meant, as in '{ref.text}#/contract/request'"
        return None, rules.BROKEN_FILE_REF.at(ref.position, f"{describe(ref.text)} is a card, not a contract", hint)
    return _with_definitions(to_plain_data(value), content if value is not content else None), None


def _with_definitions(data: Data, around: Plain) -> Data:
    """A part of a file together with the definitions that stand at the file's top."""
    if not (isinstance(data, dict) and isinstance(around, dict)):
        return data
    shared = {key: to_plain_data(around[key]) for key in ("$defs", "definitions") if key in around}
    return {**shared, **data}
