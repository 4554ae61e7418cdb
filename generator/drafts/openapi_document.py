"""OpenAPI 3 documents as plain data: operations, endpoints, examples."""

import re
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from generator.drafts.reading import Plain
from generator.drafts.text_cleaning import to_one_line
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.values import FrozenValue

_OPERATION_KEYS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_SUCCESS_CODES = ("200", "201", "202", "2XX", "2xx", "default")
_REFERENCE_LIMIT = 20
"""References that are followed one after the other."""
_ENVIRONMENTS = (
    ("production", r"\b(prod|production|live)\b"),
    ("staging", r"\b(staging|stage|stg|preprod|pre-prod|uat)\b"),
    ("test", r"\b(test|testing|qa|sandbox)\b"),
    ("development", r"\b(dev|development|local|localhost)\b|127\.0\.0\.1"),
)

Object: TypeAlias = Mapping[str, Plain]


class SourceOperation(FrozenValue):
    """An operation with the values that it inherits from its path and from the document."""

    path: str
    method: str
    data: Object
    servers: tuple[Object, ...]
    security: tuple[str, ...]
    request: Object
    """Its JSON request body; empty if it has none."""
    response: Object
    """The JSON body of its first success response; empty if it has none."""
    parameters: tuple[Object, ...]
    """Its parameters, and those of its path."""

    @property
    def key(self) -> str:
        """The name that a contract has for it: its operationId, or `POST /path`."""
        return self.get_text("operationId") or f"{self.method} {self.path}"

    @property
    def looks_like_prediction(self) -> bool:
        """Whether it takes JSON by POST."""
        return self.method == "POST" and bool(self.request)

    def get_text(self, key: str) -> str:
        """Return one of its texts on one line; an empty text if it is missing."""
        value = self.data.get(key)
        return to_one_line(value, 5000) if isinstance(value, str) else ""


class OpenApiDocument(FrozenValue):
    """An OpenAPI document as plain data."""

    file: str
    data: Object

    def resolve(self, value: Plain) -> Object:
        """Return a mapping, or the target of its `$ref` within the document; an empty mapping for other values."""
        for _ in range(_REFERENCE_LIMIT):
            found = as_mapping(value)
            target = found.get("$ref")
            if not isinstance(target, str):
                return found
            value = dict(self.data)
            for step in target[2:].split("/") if target.startswith("#/") else [""]:
                value = as_mapping(value).get(step.replace("~1", "/").replace("~0", "~"))
        return {}

    def list_operations(self) -> tuple[SourceOperation, ...]:
        """Return all operations in the order of the document."""
        return tuple(
            self._build_operation(path, method.upper(), item, operation)
            for path, value in as_mapping(self.data.get("paths")).items()
            for item in [self.resolve(value)]
            for method, operation in item.items()
            if method in _OPERATION_KEYS and isinstance(operation, dict)
        )

    def list_examples(self, media: Object) -> dict[str, Plain]:
        """Return the examples of a body by name."""
        named = {
            to_one_line(name): example["value"]
            for name, value in as_mapping(media.get("examples")).items()
            if (example := self.resolve(value)).get("value") is not None
        }
        if named:
            return named
        schema = self.resolve(media.get("schema"))
        several = schema.get("examples")
        first = several[0] if isinstance(several, list) and several else None
        values = (media.get("example"), schema.get("example"), first)
        return next(({"example": value} for value in values if value is not None), {})

    def find_parameter_example(self, parameter: Object) -> Plain:
        """Return the example of a parameter, or of its schema; None without one."""
        schema = self.resolve(parameter.get("schema"))
        named = [self.resolve(value).get("value") for value in as_mapping(parameter.get("examples")).values()]
        several = [*as_list(schema.get("examples"))[:1], *as_list(schema.get("enum"))[:1]]
        values = [parameter.get("example"), *named, schema.get("example"), schema.get("default"), schema.get("const")]
        return next((value for value in [*values, *several] if isinstance(value, str | int | float)), None)

    def _build_operation(self, path: str, method: str, item: Object, data: Object) -> SourceOperation:
        security = as_mappings(data.get("security", self.data.get("security")))
        responses = as_mapping(data.get("responses"))
        success = next((responses[code] for code in _SUCCESS_CODES if code in responses), None)
        several = [self.resolve(one) for one in [*as_list(item.get("parameters")), *as_list(data.get("parameters"))]]
        # Those of the operation replace those of its path with the same place and name.
        parameters = {(str(one.get("in")), str(one.get("name"))): one for one in several if one}
        return SourceOperation(
            path,
            method,
            data,
            tuple(as_mappings(data.get("servers") or item.get("servers") or self.data.get("servers"))),
            tuple(security[0]) if security else (),
            self._get_json_body(data.get("requestBody")),
            self._get_json_body(success),
            tuple(parameters.values()),
        )

    def _get_json_body(self, value: Plain) -> Object:
        for kind, media in as_mapping(self.resolve(value).get("content")).items():
            name = kind.partition(";")[0].strip().lower()
            if name == "application/json" or name.endswith("+json"):
                return self.resolve(media)
        return {}


def list_endpoints(operation: SourceOperation, guesses: dict[str, str], problems: list[str]) -> dict[str, str]:
    """Return the addresses of an operation by environment, and add a guess and the problems of servers.

    The environment of a server is production if nothing else is known.
    """
    found: dict[str, str] = {}
    assumed: list[str] = []
    for server in operation.servers:
        address = to_one_line(server.get("url") or "")
        for name, variable in as_mapping(server.get("variables")).items():
            if as_mapping(variable).get("default") is not None:
                address = address.replace(f"{{{name}}}", to_one_line(as_mapping(variable)["default"]))
        address = f"https:{address}" if address.startswith("//") else address
        try:
            has_host = bool(urlsplit(address).hostname)
        except ValueError:
            has_host = False
        described = f"{to_one_line(server.get('description') or '')} {address}".lower().replace("_", "-")
        stated = next((name for name, pattern in _ENVIRONMENTS if re.search(pattern, described)), None)
        environment = stated or ("production" if "production" not in found else f"server-{len(found) + 1}")
        if not has_host:
            problems.append(f"the server {address!r} has no host, so the endpoint is unknown")
        elif environment in found:
            problems.append(f"duplicate server {address!r} for {environment}")
        else:
            found[environment] = address.rstrip("/") + operation.path
            assumed += [] if stated else [f"the environment of {address} is assumed to be {environment}"]
    if not operation.servers:
        problems.append("the document has no server, so the endpoint is unknown")
    if assumed:
        guesses["endpoints"] = "; ".join(assumed)
    return found
