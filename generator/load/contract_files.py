"""The files that a contract refers to by `$ref` or `openapi`, read from inside the cards folder only."""

import os
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote

from msgspec import structs
from pydantic import BaseModel

from generator.findings import Finding, Position, Severity
from generator.load import rules
from generator.load.bind import LoadedCard
from generator.load.explain import describe_value
from generator.load.files import Folder, read_text
from generator.load.nodes import Document, Plain
from generator.load.nodes import Path as DataPath
from generator.load.reference_bundles import HOME, bundle_files, list_references
from generator.load.yaml_reader import read_documents
from generator.names import suggest_name
from generator.schema import KINDS, Model
from generator.schema.base import Data, find_unbounded_numbers, to_plain_data
from generator.schema.fields import parse_list_index, parse_pointer

Changed = TypeVar("Changed", bound=BaseModel)

_DEFINITIONS = ("$defs", "definitions")
_OPENAPI_KEYS = frozenset({"openapi", "swagger"})
_SCHEMA_KEYS = frozenset(
    {"$schema", "$id", "$ref", "$defs", "definitions", "properties", "items", "allOf", "anyOf", "oneOf", "enum",
     "const"}
)  # fmt: skip
_JSON_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def find_contract_format(content: Plain) -> str | None:
    """Return "OpenAPI document" or "JSON Schema" if a document looks like one and not like a card; else None."""
    if not isinstance(content, dict) or "kind" in content:
        return None
    if not _OPENAPI_KEYS.isdisjoint(content):
        return "OpenAPI document"
    kind = content.get("type")
    has_json_type = isinstance(kind, str) and kind in _JSON_TYPES
    is_schema = "name" not in content and (has_json_type or not _SCHEMA_KEYS.isdisjoint(content))
    return "JSON Schema" if is_schema else None


def check_unused_contract(document: Document) -> Finding:
    """Build the note about a contract file that no card refers to."""
    found, name = find_contract_format(document.to_plain()), PurePosixPath(document.file).name
    reference = f"openapi: {name}" if found == "OpenAPI document" else f"request: {{$ref: {name}}}"
    hint = f"add it to a model, as in `contract: {{{reference}}}`, or remove the file"
    note = rules.NO_CARD.at(document.at(), f"no card refers to this {found}", hint)
    return structs.replace(note, severity=Severity.INFO)


class SharedFiles:
    """The contents of files, and what contracts refer to, which several cards share: each is read once."""

    def __init__(self) -> None:
        """Begin without files."""
        self.contents: dict[Path, tuple[Plain, Finding | None]] = {}
        """The content of a file, or the finding because of which it cannot be used."""
        self.resolved: dict[tuple[str, str, str], tuple[Data, frozenset[str]]] = {}
        """The data of a reference without findings, with the names of the files in it."""


def resolve_contract_files(
    loaded: LoadedCard, folder: Folder, shared: SharedFiles
) -> tuple[LoadedCard, list[Finding], set[str]]:
    """Replace every `{$ref: file}` of a contract by the data of the file; return also the names of the files."""
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None:
        return loaded, [], set()
    contract = card.contract
    files = _ContractReader(loaded, folder, shared)
    openapi = files.read_document(contract.openapi, ("contract", "openapi")) if contract.openapi else None
    update: dict[str, Any] = {
        key: files.resolve_schema(getattr(contract, key), ("contract", key)) for key in ("request", "response")
    }
    examples = [
        _change(example, {
            key: files.resolve_value(getattr(example, key), ("contract", "examples", index, key))
            for key in ("request", "response")
        })
        for index, example in enumerate(contract.examples)
    ]  # fmt: skip
    if any(one is not former for one, former in zip(examples, contract.examples, strict=True)):
        update["examples"] = tuple(examples)
    card = _change(card, {"contract": _change(contract, update)})
    return replace(loaded, card=card, openapi=openapi), files.findings, files.used


def _change(value: Changed, update: Mapping[str, Any]) -> Changed:
    """Return a value with other fields; the value itself if they are its own, which most are."""
    is_same = all(item is getattr(value, key) for key, item in update.items())
    return value if is_same else value.model_copy(update=update)


class _ContractReader:
    """Reads the files of one contract, and collects their names and the findings."""

    def __init__(self, loaded: LoadedCard, folder: Folder, shared: SharedFiles) -> None:
        self._loaded = loaded
        self._folder = folder
        self._shared = shared
        self._own = os.path.relpath(folder.project / loaded.document.file, folder.root).replace("\\", "/")
        self.findings: list[Finding] = []
        self.used: set[str] = set()

    def resolve_schema(self, value: Data, path: DataPath) -> Data:
        """Return a JSON Schema with the parts of other files that it refers to; None if one of them is missing."""
        match value:
            case {"$ref": str() as text} if len(value) == 1 and not text.startswith("#"):
                return self._share("schema", text, lambda: self._read_schema(text, (*path, "$ref")))
            case _:
                return self._bundle(value, self._own, path)

    def resolve_value(self, value: Data, path: DataPath) -> Data:
        """Return the data that `{$ref: file}` refers to; any other value as it is, such as one with `#/…`."""
        match value:
            case {"$ref": str() as text} if len(value) == 1 and not text.startswith("#"):
                return self._share("value", text, lambda: self._read_value(text, (*path, "$ref")))
            case _:
                return value

    def read_document(self, text: str, path: DataPath) -> Data:
        """Return an OpenAPI document with the files that it refers to; those that cannot be read are left out."""

        def read() -> Data:
            data = self._read_value(text, path)
            return bundle_files(data, _join_name(text, self._own), lambda name: to_plain_data(self._read_again(name)))

        return self._share("document", text, read)

    def _share(self, use: str, text: str, read: Callable[[], Data]) -> Data:
        """Return the data of a reference; the same object for each card in a folder, unless there are findings."""
        key = (use, posixpath.dirname(self._own), text)
        if key not in self._shared.resolved:
            known, others = len(self.findings), self.used
            self.used = set()
            data = read()
            names, self.used = frozenset(self.used), others | self.used
            if len(self.findings) > known:
                return data
            self._shared.resolved[key] = (data, names)
        data, names = self._shared.resolved[key]
        self.used |= names
        return data

    def _read_value(self, text: str, path: DataPath) -> Data:
        content = self._read(text.partition("#")[0], self._own, self._loaded.at(*path))
        return None if content is None else self._point(text, content, path)

    def _read_schema(self, text: str, path: DataPath) -> Data:
        content = self._read(text.partition("#")[0], self._own, self._loaded.at(*path))
        data = None if content is None else self._point(text, content, path)
        name = _join_name(text, self._own)
        if not isinstance(data, dict) or not isinstance(content, dict) or not text.partition("#")[2].strip("/"):
            return self._bundle(data, name, path)
        if not any(_has_first_step(data, reference) for _, reference in list_references(data)):
            return self._bundle({**_copy_targets(data, content), **data}, name, path, is_part=True)
        return self._bundle(data, name, path, is_part=True, is_complete=False)

    def _bundle(
        self, data: Data, name: str, path: DataPath, *, is_part: bool = False, is_complete: bool = True
    ) -> Data:
        """Return a schema with the parts of other files that it needs; None with findings if one is missing."""
        known = len(self.findings)
        places: dict[str, Position] = {}
        for inner, text in list_references(data):
            place = self._loaded.at(*path, *inner) if name == self._own else self._loaded.at(*path)
            places.setdefault(_join_name(text, name), place)
            if "://" in text:
                message = f"unexpected reference {describe_value(text)} within a schema: expected a file of the cards"
                hint = "copy the other schema into the cards folder"
                self._report(rules.BROKEN_FILE_REF.at(place, message, hint))
        if not places:
            return data

        def read(file: str) -> Data:
            content = self._read(file, "", places.get(file, self._loaded.at(*path)))
            return None if content is None else to_plain_data(content)

        bundled = bundle_files(data, name, read, is_part=is_part, is_complete=is_complete)
        if len(self.findings) > known:
            return None
        if not isinstance(bundled, dict) or HOME not in bundled:
            return bundled
        whole = {key: item for key, item in bundled.items() if key != HOME}
        return {**_copy_targets(whole, {HOME: bundled[HOME]}), **whole}

    def _read_again(self, name: str) -> Plain:
        """Return the content of a file without findings; None if it cannot be read."""
        known = len(self.findings)
        content = self._read(name, "", self._loaded.at("contract", "openapi"))
        del self.findings[known:]
        return content

    def _point(self, text: str, content: Plain, path: DataPath) -> Data:
        """Return the part of a file at the pointer of a reference; None with a finding if it does not exist."""
        pointer = unquote(text.partition("#")[2])
        steps = parse_pointer(pointer if pointer.startswith("/") or not pointer else f"/{pointer}")
        data, finding = _get_pointed_data(text, self._loaded.at(*path), steps, content)
        return data if finding is None else self._report(finding)

    def _read(self, text: str, base: str, place: Position) -> Plain:
        """Return the content of a file, relative to the folder of another one; None with a finding."""
        folder = self._folder
        file_text = unquote(text) if base == "" else text
        file = Path(os.path.normpath((folder.root / base).parent / file_text if base else folder.root / file_text))
        try:
            is_file, has_folder = file.is_file(), file.parent.is_dir()
        except OSError:  # a path that no system accepts
            is_file = has_folder = False
        if is_file and folder.contains(file):
            real_file, real_root = os.path.realpath(file), os.path.realpath(folder.root)
            inside = (os.path.relpath(file, folder.root), os.path.relpath(real_file, real_root))
            self.used |= {folder.name(folder.root / path) for path in inside}
        if Path(text).is_absolute() or "://" in text or ("\0" not in text and not folder.contains(file)):
            message = f"{describe_value(text)} is outside the cards folder"
            return self._refuse(rules.OUTSIDE.at(place, message, "copy the file into the cards folder"))
        if not is_file:
            names = [path.name for path in file.parent.iterdir() if path.is_file()] if has_folder else []
            hint = suggest_name(file.name, names)
            hint = hint if hint.startswith("did") else "write a path relative to the card"
            return self._refuse(rules.BROKEN_FILE_REF.at(place, f"missing file {describe_value(text)}", hint))
        if file not in self._shared.contents:
            self._shared.contents[file] = _read_content(file, folder)
        root, finding = self._shared.contents[file]
        if finding is not None:
            return self._refuse(finding)
        if root is None:
            message = f"unresolved reference {describe_value(text)}: the value is empty"
            return self._refuse(rules.BROKEN_FILE_REF.at(place, message, "fill the file in"))
        return root

    def _refuse(self, finding: Finding) -> Plain:
        """Report a finding, and return the empty value of a file that cannot be used."""
        self._report(finding)
        return None

    def _report(self, finding: Finding) -> None:
        self.findings.append(structs.replace(finding, subject=self._loaded.ref))


def _read_content(file: Path, folder: Folder) -> tuple[Plain, Finding | None]:
    """Read the first document of a file; None if it is empty, or with a finding if it cannot be used."""
    content, finding = read_text(file, folder)
    documents, findings = read_documents(content, folder.name(file)) if finding is None else ([], [finding])
    if findings:
        return None, findings[0]
    root = documents[0].root.to_plain() if documents else None
    unbounded = next(find_unbounded_numbers(root), None)
    if unbounded is not None:
        number = describe_value(documents[0].root.find(unbounded).content)
        message, hint = f"the number {number} is out of range", "put it in quotes if it is text"
        return None, rules.BAD_VALUE.at(documents[0].at(*unbounded), message, hint)
    return root, None


def _join_name(text: str, base: str) -> str:
    """Return the name of a file that another one refers to, relative to the cards folder."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), text.partition("#")[0]))


def _has_first_step(data: Mapping[str, Data], reference: str) -> bool:
    """Return whether a part of a file has the first step of a reference of its own, which leads to the whole file."""
    steps = parse_pointer(unquote(reference)) if reference.startswith("#/") else ()
    return reference == "#" or bool(steps and steps[0] in data)


def _get_pointed_data(
    text: str, place: Position, steps: tuple[str, ...], content: Plain
) -> tuple[Data, Finding | None]:
    """Return the part of a file at a JSON Pointer, as plain data."""
    value: Plain = content
    for step in steps:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if (index := parse_list_index(step, len(value))) is not None:
                value = value[index]
            case _:
                near = suggest_name(step, value) if isinstance(value, dict) else ""
                hint = near or "name a place that the file has"
                message = f"unresolved reference {describe_value(text)}: there is no {describe_value(step)}"
                return None, rules.BROKEN_FILE_REF.at(place, message, hint)
    if value is None:
        message = f"unresolved reference {describe_value(text)}: the value is empty"
        return None, rules.BROKEN_FILE_REF.at(place, message, "fill the file in")
    if isinstance(value, dict) and value is content and value.get("kind") in KINDS:
        hint = f"name a part of the card, as in '{text}#/contract/request'"
        message = f"{describe_value(text)} is a card: expected a contract"
        return None, rules.BROKEN_FILE_REF.at(place, message, hint)
    return to_plain_data(value), None


def _copy_targets(data: dict[str, Data], content: Mapping[str, Plain]) -> dict[str, Data]:
    """Return the parts of a file that the references of `data` point to, each under its keys in the file.

    A reference within a part is relative to the file: `#/components/schemas/Node`. The definitions at the top of the
    file are always included.
    """
    shared = {key: to_plain_data(content[key]) for key in _DEFINITIONS if key in content}
    waiting: list[Data] = [data, *shared.values()]
    copied = set[str]()
    while waiting:
        for _, reference in list_references(waiting.pop(), ()):
            steps = parse_pointer(unquote(reference)) if reference.startswith("#/") else ()
            if reference in copied or not steps or steps[0] in data or steps[0] in _DEFINITIONS:
                continue
            copied.add(reference)
            source: Plain = dict(content)
            target = shared
            for index, step in enumerate(steps):
                if not isinstance(source, dict) or step not in source:
                    break
                source = source[step]
                if index == len(steps) - 1 or not isinstance(source, dict):
                    target[step] = to_plain_data(source)
                    waiting.append(target[step])
                    break
                inner = target.setdefault(step, {})
                assert isinstance(inner, dict)
                target = inner
    return shared
