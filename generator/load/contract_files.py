"""The files that a contract refers to by `$ref` or `openapi`, read from inside the cards folder only."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from generator.findings import Finding, Position, Severity
from generator.load import rules
from generator.load.bind import LoadedCard
from generator.load.explain import describe_value
from generator.load.files import Folder, read_text
from generator.load.nodes import Document, Plain
from generator.load.nodes import Path as DataPath
from generator.load.yaml_reader import read_documents
from generator.names import suggest_name
from generator.schema import KINDS, Model
from generator.schema.base import Data, find_unbounded_numbers, to_plain_data
from generator.schema.fields import parse_list_index, parse_pointer

_VALUE_KEYWORDS = frozenset({"const", "default", "enum", "examples"})
"""The keywords of JSON Schema with values, in which `$ref` is an ordinary key."""
_DEFINITIONS = ("$defs", "definitions")
_OPENAPI_KEYS = frozenset({"openapi", "swagger"})
_SCHEMA_KEYS = frozenset(
    {"$schema", "$id", "$ref", "$defs", "definitions", "properties", "items", "allOf", "anyOf", "oneOf", "enum",
     "const"}
)  # fmt: skip
_JSON_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def find_contract_format(document: Document) -> str | None:
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


def check_unused_contract(document: Document) -> Finding:
    """Build the note about a contract file that no card refers to."""
    found, name = find_contract_format(document), PurePosixPath(document.file).name
    reference = f"openapi: {name}" if found == "OpenAPI document" else f"request: {{$ref: {name}}}"
    hint = f"add it to a model, as in `contract: {{{reference}}}`, or remove the file"
    note = rules.NO_CARD.at(document.at(), f"no card refers to this {found}", hint)
    return replace(note, severity=Severity.INFO)


def resolve_contract_files(loaded: LoadedCard, folder: Folder) -> tuple[LoadedCard, list[Finding], set[str]]:
    """Replace every `{$ref: file}` of a contract by the data of the file; return also the names of the files."""
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None:
        return loaded, [], set()
    contract = card.contract
    files = _ContractReader(loaded, folder)
    openapi = files.read(contract.openapi, ("contract", "openapi")) if contract.openapi else None
    update: dict[str, Data] = {
        key: files.resolve_schema(getattr(contract, key), ("contract", key)) for key in ("request", "response")
    }
    update["examples"] = tuple(
        example.model_copy(
            update={
                key: files.resolve_value(getattr(example, key), ("contract", "examples", index, key))
                for key in ("request", "response")
            }
        )
        for index, example in enumerate(contract.examples)
    )
    card = card.model_copy(update={"contract": contract.model_copy(update=update)})
    return replace(loaded, card=card, openapi=openapi), files.findings, files.used


class _ContractReader:
    """Reads the files of one contract, and collects their names and the findings."""

    def __init__(self, loaded: LoadedCard, folder: Folder) -> None:
        self._loaded = loaded
        self._folder = folder
        self.findings: list[Finding] = []
        self.used: set[str] = set()

    def resolve_schema(self, value: Data, path: DataPath) -> Data:
        """Return a JSON Schema without references to files; None with a finding if it refers to further files."""
        schema = self.resolve_value(value, path)
        further = [(inner, text) for inner, text in _list_refs(schema, ()) if not text.startswith("#")]
        for inner, text in further:
            place = self._loaded.at(*path, *inner) if schema is value else self._loaded.at(*path, "$ref")
            message = f"unexpected reference {describe_value(text)} within a schema: expected one in the same file"
            hint = "move the other schema under `$defs` of this one, and refer to it as '#/$defs/…'"
            self.findings.append(rules.BROKEN_FILE_REF.at(place, message, hint, self._loaded.ref))
        return None if further else schema

    def resolve_value(self, value: Data, path: DataPath) -> Data:
        """Return the data that `{$ref: file}` refers to; any other value as it is, such as one with `#/…`."""
        match value:
            case {"$ref": str() as text} if len(value) == 1 and not text.startswith("#"):
                return self.read(text, (*path, "$ref"))
            case _:
                return value

    def read(self, text: str, path: DataPath) -> Data:
        """Return the data of `FILE#POINTER`; None with a finding if it does not exist."""
        folder, place = self._folder, self._loaded.at(*path)
        file_text, _, fragment = text.partition("#")
        file = Path(os.path.normpath((folder.project / self._loaded.document.file).parent / file_text))
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
            return self._report(rules.OUTSIDE.at(place, message, "copy the file into the cards folder"))
        if not is_file:
            names = [path.name for path in file.parent.iterdir() if path.is_file()] if has_folder else []
            hint = suggest_name(file.name, names)
            hint = hint if hint.startswith("did") else "write a path relative to the card"
            return self._report(rules.BROKEN_FILE_REF.at(place, f"missing file {describe_value(text)}", hint))
        content, finding = read_text(file, folder)
        documents, findings = read_documents(content, folder.name(file)) if finding is None else ([], [finding])
        if findings:
            return self._report(findings[0])
        root = documents[0].root.to_plain() if documents else None
        pointer = unquote(fragment)
        steps = parse_pointer(pointer if pointer.startswith("/") or not pointer else f"/{pointer}")
        data, finding = _get_pointed_data(text, place, steps, root)
        unbounded = next(find_unbounded_numbers(root), None)
        if finding is None and unbounded is not None:
            number = describe_value(documents[0].root.find(unbounded).content)
            message, hint = f"the number {number} is out of range", "put it in quotes if it is text"
            finding = rules.BAD_VALUE.at(documents[0].at(*unbounded), message, hint)
        return data if finding is None else self._report(finding)

    def _report(self, finding: Finding) -> None:
        self.findings.append(replace(finding, subject=self._loaded.ref))


def _list_refs(schema: Data, path: DataPath) -> Iterator[tuple[DataPath, str]]:
    """Yield every `$ref` within a JSON Schema with its path."""
    match schema:
        case dict():
            for key, item in schema.items():
                if key == "$ref" and isinstance(item, str):
                    yield (*path, key), item
                elif key not in _VALUE_KEYWORDS:
                    yield from _list_refs(item, (*path, key))
        case list():
            for index, item in enumerate(schema):
                yield from _list_refs(item, (*path, index))


def _get_pointed_data(
    text: str, place: Position, steps: tuple[str, ...], content: Plain
) -> tuple[Data, Finding | None]:
    """Return the part of a file at a JSON Pointer, together with the definitions at the top of the file."""
    value: Plain = content
    for step in steps:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if (index := parse_list_index(step, len(value))) is not None:
                value = value[index]
            case _:
                hint = suggest_name(step, value) if isinstance(value, dict) else ""
                message = f"unresolved reference {describe_value(text)}: there is no {describe_value(step)}"
                return None, rules.BROKEN_FILE_REF.at(place, message, hint)
    if value is None:
        message = f"unresolved reference {describe_value(text)}: the value is empty"
        return None, rules.BROKEN_FILE_REF.at(place, message, "fill the file in")
    if isinstance(value, dict) and value is content and value.get("kind") in KINDS:
        hint = f"name a part of the card, as in '{text}#/contract/request'"
        message = f"{describe_value(text)} is a card: expected a contract"
        return None, rules.BROKEN_FILE_REF.at(place, message, hint)
    data = to_plain_data(value)
    if isinstance(data, dict) and isinstance(content, dict) and value is not content:
        data = {**_copy_targets(data, content), **data}
    return data, None


def _copy_targets(data: dict[str, Data], content: Mapping[str, Plain]) -> dict[str, Data]:
    """Return the parts of a file that the references of `data` point to, each under its keys in the file.

    A reference within a part is relative to the file: `#/components/schemas/Node`. The definitions at the top of the
    file are always included.
    """
    shared = {key: to_plain_data(content[key]) for key in _DEFINITIONS if key in content}
    waiting: list[Data] = [data, *shared.values()]
    copied = set[str]()
    while waiting:
        for _, reference in _list_refs(waiting.pop(), ()):
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
