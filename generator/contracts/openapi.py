"""OpenAPI 3 documents: their operations and schemas, and the contracts that name an operation."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Literal

from msgspec import field

from generator.contracts.data import NAMED_SCHEMAS, Data, References, Schema, find_excess, resolve_reference
from generator.findings import Finding, get_rule
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import suggest_name
from generator.schema import Model
from generator.schema.model import Contract, Example
from generator.values import FrozenValue

Side = Literal["request", "response"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS = 20


class OpenapiError(ValueError):
    """A document that is not OpenAPI 3, or has no such operation; `hint` is the fix."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NamedExample(FrozenValue):
    """An example and its name in the document."""

    name: str
    value: Data


class ContractOperation(FrozenValue):
    """An operation with self-contained schemas (JSON Schema 2020-12)."""

    name: str
    """Its operationId, or `METHOD /path`."""
    method: str
    """In capitals."""
    request: Schema | None
    """The schema of the JSON body; None without one."""
    response: Schema | None
    """The schema of the JSON body of the first success; None without one."""
    request_examples: tuple[NamedExample, ...]
    response_examples: tuple[NamedExample, ...]
    parameters: dict[str, Data] = field(default_factory=dict)
    """The examples of the parameters in the path and of the required ones in the query, by name."""


class _Entry(FrozenValue):
    """An operation as it is written in the document."""

    method: str
    path: str
    definition: dict[str, Data]
    item: dict[str, Data]
    """The path item that it is in."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its operationId, if it has one, and its method with its path."""
        own = self.definition.get("operationId")
        return (*([own] if isinstance(own, str) else []), f"{self.method} {self.path}")


def list_operation_names(document: Data) -> tuple[str, ...]:
    """Return the name of every operation, its operationId or `METHOD /path`, in the order of the document."""
    return tuple(entry.names[0] for entry in _list_entries(document))


class OperationReader:
    """Reads the operations of a document; each, and each schema that several have, is converted once."""

    def __init__(self, document: Data) -> None:
        """Read a document, which need not be valid."""
        self.document = document
        self._operations: dict[int, ContractOperation] = {}
        """By the numbers of their entries."""
        self._schemas: dict[tuple[Side, str], Schema] = {}
        """The converted schemas, by the JSON of the original."""

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        version = self.document.get("openapi") if isinstance(self.document, dict) else None
        if not str(version).startswith("3."):
            hint = "it starts with `openapi: 3.…`; convert older ones with a Swagger converter"
            raise OpenapiError("this is not an OpenAPI 3 document", hint)
        reason = find_excess(self.document)
        if reason is not None:
            raise OpenapiError(f"the document {reason}")
        return tuple(_list_entries(self.document))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of the first entry with each name."""
        names = [(name, number) for number, entry in enumerate(self._entries) for name in entry.names]
        return dict(reversed(names))

    @cached_property
    def single_name(self) -> str:
        """The name of the only operation; empty if there are several."""
        names = list_operation_names(self.document)
        return names[0] if len(names) == 1 else ""

    def find_operation(self, name: str) -> ContractOperation:
        """Return an operation by its operationId or `METHOD /path`; raise OpenapiError with the nearest name."""
        method, _, path = name.strip().partition(" ")
        normalized = f"{method.upper()} {path.strip()}"
        numbers = [self._numbers[one] for one in (name.strip(), normalized) if one in self._numbers]
        if not numbers:
            raise OpenapiError(f"no operation {name!r}", suggest_name(normalized if path else name, self._numbers))
        number = min(numbers)
        if number not in self._operations:
            self._operations[number] = self._read_operation(self._entries[number])
        return self._operations[number]

    def _read_operation(self, entry: _Entry) -> ContractOperation:
        document = self.document
        body = _find_json(document, _follow(document, entry.definition.get("requestBody")))
        responses = entry.definition.get("responses")
        answers = (
            {str(code): _follow(document, part) for code, part in responses.items()}
            if isinstance(responses, dict)
            else {}
        )
        good = [answers[code] for code in sorted(answers) if code.startswith("2")]
        with_content = [answer for answer in good if answer.get("content")]
        answer = _find_json(document, next(iter([*with_content, *good]), answers.get("default", {})))
        request, response = self._convert(body, "request"), self._convert(answer, "response")
        return ContractOperation(
            entry.names[0],
            entry.method,
            request,
            response,
            _list_examples(document, body, request),
            _list_examples(document, answer, response),
            dict(_list_parameters(document, entry)),
        )

    def _convert(self, media: dict[str, Data], side: Side) -> Schema | None:
        if "schema" not in media:
            return None
        key = (side, json.dumps(media["schema"]))
        if key not in self._schemas:
            self._schemas[key] = convert_schema(self.document, media["schema"], side)
        return self._schemas[key]


def _list_entries(document: Data) -> Iterator[_Entry]:
    paths = document.get("paths") if isinstance(document, dict) else None
    for path, written in paths.items() if isinstance(paths, dict) else ():
        item = _follow(document, written)
        for method in _METHODS:
            definition = item.get(method)
            if isinstance(definition, dict):
                yield _Entry(method.upper(), str(path), definition, item)


def _follow(document: Data, part: Data) -> dict[str, Data]:
    """Return an object, or the object that a reference refers to; {} for anything else, and for circular references."""
    for _ in range(_MOST_HOPS):
        reference = part.get("$ref") if isinstance(part, dict) else None
        if not isinstance(reference, str):
            return part if isinstance(part, dict) else {}
        part = resolve_reference(document, reference)
    return {}


def _list_parameters(document: Data, entry: _Entry) -> Iterator[tuple[str, Data]]:
    """Yield the examples of the parameters that an address needs; those of the operation come last, and win."""
    for holder in (entry.item, entry.definition):
        several = holder.get("parameters")
        for written in several if isinstance(several, list) else ():
            parameter = _follow(document, written)
            place, name = parameter.get("in"), parameter.get("name")
            if isinstance(name, str) and (place == "path" or (place == "query" and parameter.get("required") is True)):
                example = _find_parameter_example(document, parameter)
                if example is not None:
                    yield name, example


def _find_parameter_example(document: Data, parameter: dict[str, Data]) -> Data:
    schema, named = _follow(document, parameter.get("schema")), parameter.get("examples")
    values: list[Data] = [parameter.get("example")]
    values += [_follow(document, one).get("value") for one in named.values()] if isinstance(named, dict) else []
    values += [schema.get(key) for key in ("example", "default", "const")]
    for key in ("examples", "enum"):
        several = schema.get(key)
        values += several[:1] if isinstance(several, list) else []
    return next((value for value in values if value is not None), None)


def _find_json(document: Data, holder: dict[str, Data]) -> dict[str, Data]:
    """Return the part of a request or a response that describes its JSON body."""
    content = holder.get("content")
    for name, media in content.items() if isinstance(content, dict) else ():
        kind = str(name).partition(";")[0].strip().lower()
        if kind in {"application/json", "*/*", "application/*"} or kind.endswith("+json"):
            return _follow(document, media)
    return {}


def _list_examples(document: Data, media: dict[str, Data], schema: Schema | None) -> tuple[NamedExample, ...]:
    """Return the examples of a body, or those of its schema."""
    named = media.get("examples")
    found: list[NamedExample] = []
    for name, written in named.items() if isinstance(named, dict) else ():
        example = _follow(document, written)
        if "value" in example:
            summary = example.get("summary")
            title = summary.strip() if isinstance(summary, str) else ""
            found.append(NamedExample(title or str(name), example["value"]))
    if "example" in media:
        found.append(NamedExample("", media["example"]))
    own = schema.get("examples") if isinstance(schema, dict) else None
    if not found and isinstance(own, list):
        found = [NamedExample("", value) for value in own]
    return tuple(found)


_ONE = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
     "unevaluatedProperties"}
)  # fmt: skip
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_OPENAPI_ONLY = frozenset({"nullable", "discriminator", "xml", "externalDocs", "example"})
_NOTES: tuple[str, ...] = ("title", "description", "default", "examples")
_NOT_SENT: dict[Side, str] = {"request": "readOnly", "response": "writeOnly"}


def convert_schema(document: Data, schema: Data, side: Side) -> Schema:
    """Return a schema with everything that it refers to under its own `$defs`.

    A definition is included once however often it is referred to, so recursive schemas stay finite. OpenAPI 3.0's
    `nullable`, `example` and Boolean `exclusiveMinimum` become keywords of 2020-12, and fields that this side never
    sends are not required. Expects a document in which `data.find_excess` finds nothing.
    """
    conversion = _Conversion(document, side)
    converted = conversion.convert(schema)
    definitions: dict[str, Data] = {}
    while conversion.waiting:
        reference = conversion.waiting.pop(0)
        definitions[conversion.names[reference]] = conversion.convert(conversion.references.resolve(reference))
    if definitions and isinstance(converted, dict):
        own = converted.get("$defs")
        converted = {**converted, "$defs": {**(own if isinstance(own, dict) else {}), **definitions}}
    return converted if isinstance(converted, dict | bool) else True


class _Conversion:
    """The references found so far."""

    def __init__(self, document: Data, side: Side) -> None:
        self.references = References(document)
        self.names: dict[str, str] = {}
        """The name under `$defs` of each reference."""
        self.waiting: list[str] = []
        self._not_sent = _NOT_SENT[side]

    def convert(self, schema: Data) -> Data:
        """Return a schema with its references to `$defs`, which `waiting` lists."""
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Data] = {}
        for keyword, value in schema.items():
            if keyword == "$ref" and isinstance(value, str):
                made[keyword] = self._rename_reference(value)
            elif keyword in _ONE and isinstance(value, dict):
                made[keyword] = self.convert(value)
            elif keyword in NAMED_SCHEMAS and isinstance(value, dict):
                made[keyword] = {name: self.convert(child) for name, child in value.items()}
            elif keyword in _SEVERAL and isinstance(value, list):
                made[keyword] = [self.convert(child) for child in value]
            elif keyword not in _OPENAPI_ONLY:
                made[keyword] = value
        if "example" in schema:
            made.setdefault("examples", [schema["example"]])
        _convert_exclusive(made, "minimum", "exclusiveMinimum")
        _convert_exclusive(made, "maximum", "exclusiveMaximum")
        required, properties = made.get("required"), schema.get("properties")
        if isinstance(required, list) and isinstance(properties, dict):
            made["required"] = [name for name in required if not self._is_unsent(properties.get(str(name)))]
        return _add_null(made) if schema.get("nullable") is True else made

    def _rename_reference(self, reference: str) -> str:
        """Return a reference as it is once its target is under `$defs`; unchanged if it is unresolved."""
        if self.references.resolve(reference) is None:
            return reference
        if reference not in self.names:
            stem = reference.rstrip("/").rpartition("/")[2] or "root"
            taken = set(self.names.values())
            name, number = stem, 2
            while name in taken:
                name, number = f"{stem}_{number}", number + 1
            self.names[reference] = name
            self.waiting.append(reference)
        return f"#/$defs/{self.names[reference]}"

    def _is_unsent(self, schema: Data) -> bool:
        if not isinstance(schema, dict):
            return False
        reference = schema.get("$ref")
        target = self.references.resolve(reference) if isinstance(reference, str) else None
        return any(isinstance(part, dict) and part.get(self._not_sent) is True for part in (schema, target))


def _convert_exclusive(schema: dict[str, Data], limit: str, exclusive: str) -> None:
    """Replace the Boolean of OpenAPI 3.0, which excludes the limit itself, by the number of 2020-12."""
    flag = schema.get(exclusive)
    if isinstance(flag, bool):
        del schema[exclusive]
        if flag and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _add_null(schema: dict[str, Data]) -> dict[str, Data]:
    kind = schema.get("type")
    if not isinstance(kind, str) or {"$ref", "allOf", "anyOf", "oneOf", "const"} & set(schema):
        notes: dict[str, Data] = {name: schema.pop(name) for name in _NOTES if name in schema}
        return {**notes, "anyOf": [schema, {"type": "null"}]}
    choices = schema.get("enum")
    if isinstance(choices, list) and None not in choices:
        schema = {**schema, "enum": [*choices, None]}
    return {**schema, "type": [kind, "null"]}


UNKNOWN_OPERATION = get_rule("MB104")

RULES = (UNKNOWN_OPERATION,)


def resolve_contracts(cards: Cards) -> tuple[Cards, list[Finding]]:
    """Return the cards with the contracts of their OpenAPI files; values in the card itself are kept."""
    findings: list[Finding] = []
    documents = {id(loaded.openapi): loaded.openapi for loaded in cards.items}  # which several cards may share
    readers = {key: OperationReader(document) for key, document in documents.items()}
    items = tuple(_resolve_contract(loaded, readers[id(loaded.openapi)], findings) for loaded in cards.items)
    return (cards if items == cards.items else replace(cards, items=items)), findings


def _resolve_contract(loaded: LoadedCard, reader: OperationReader, findings: list[Finding]) -> LoadedCard:
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None or loaded.openapi is None:
        return loaded
    try:
        operation = reader.find_operation(card.contract.operation or reader.single_name)
    except OpenapiError as error:
        place = loaded.at("contract", "operation") if card.contract.operation else loaded.at("contract", "openapi")
        findings.append(UNKNOWN_OPERATION.at(place, str(error), error.hint, loaded.ref))
        return loaded
    return replace(loaded, card=card.model_copy(update={"contract": _fill_in(card.contract, operation)}))


def _fill_in(contract: Contract, operation: ContractOperation) -> Contract:
    changes: dict[str, object] = {"operation": operation.name}
    if contract.request is None:
        changes["request"] = operation.request
    if contract.response is None:
        changes["response"] = operation.response
    if "method" not in contract.model_fields_set:
        changes["method"] = operation.method
    if not contract.examples:
        changes["examples"] = _pair_examples(operation)
    if operation.parameters:
        changes["parameters"] = {**operation.parameters, **contract.parameters}
    return contract.model_copy(update=changes)


def _pair_examples(operation: ContractOperation) -> tuple[Example, ...]:
    """Return the requests with the responses of the same name, and the other responses.

    A single response belongs to a single request.
    """
    requests, responses = operation.request_examples, operation.response_examples
    values = {example.name: example.value for example in responses}
    is_pair = len(requests) == len(responses) == 1
    names = {example.name for example in requests}
    alone = () if is_pair else tuple(example for example in responses if example.name not in names)
    return tuple(
        Example.model_construct(name=name or None, request=request, response=response)
        for name, request, response in [
            *((one.name, one.value, responses[0].value if is_pair else values.get(one.name)) for one in requests),
            *((one.name, None, one.value) for one in alone),
        ]
    )
