"""The signature of an MLflow model as JSON Schema, in the form in which MLflow serves models.

`/invocations` takes `{"dataframe_records": […], "params": {…}}` for named columns and `{"inputs": …}` for tensors, and
responds with `{"predictions": …}`: https://mlflow.org/docs/latest/ml/model/signatures
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.load.nodes import as_mapping

Schema = dict[str, Any]
Spec = Mapping[str, Any]
"""A column, a tensor or a parameter of a signature."""

_TYPES: Mapping[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
    "sparkml_vector": {"type": "array", "items": {"type": "number"}},
    "any": {},
}
_NUMPY_TYPES = {
    "int": "integer", "uint": "integer", "float": "number", "bool": "boolean", "str": "string", "<U": "string",
    "object": "string",
}  # fmt: skip
"""The JSON type of an element by the start of the name of its NumPy type."""
_DEPTH_LIMIT = 20


class SignatureError(ValueError):
    """A signature in a form that MLflow's documentation does not have."""


def build_contract(model: object) -> Schema | None:
    """Return the request and response schemas of an MLmodel file; None if it has no signature.

    Raise SignatureError if the signature has an unexpected form.
    """
    signature = as_mapping(as_mapping(model).get("signature"))
    inputs, outputs, params = (_parse_specs(signature.get(key)) for key in ("inputs", "outputs", "params"))
    contract: Schema = {}
    if inputs or params:
        properties: Schema = {}
        key = "inputs" if _are_tensors(inputs) else "dataframe_records" if _are_named(inputs) else "dataframe_split"
        if inputs:
            schema = _build_batch(inputs)
            properties[key] = _build_object({"data": schema}, ["data"]) if key == "dataframe_split" else schema
        if params:
            properties["params"] = _build_object({str(one.get("name")): _build_parameter(one) for one in params}, [])
        contract["request"] = _build_object(properties, [key] if inputs else [])
    if outputs:
        contract["response"] = _build_object({"predictions": _build_batch(outputs)}, ["predictions"])
    return contract or None


def convert_example(serving_input: str, request: Schema) -> object:
    """Return the serving input of a model as a request of its contract; None if it has another form."""
    try:
        data = as_mapping(_parse_json(serving_input))
    except SignatureError:
        return None
    expected = request.get("properties", {})
    split = as_mapping(data.get("dataframe_split"))
    names, rows = split.get("columns"), split.get("data")
    if "dataframe_records" in expected and isinstance(names, list) and isinstance(rows, list):
        complete = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
        records = [dict(zip(map(str, names), row, strict=True)) for row in complete]
        return {"dataframe_records": records, **({"params": data["params"]} if "params" in data else {})}
    return dict(data) if data and set(data) <= set(expected) else None


def _parse_specs(text: object) -> list[Spec]:
    """Return the specs in a part of a signature, which MLflow writes as JSON within YAML."""
    items = _parse_json(text) if text is not None else []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise SignatureError("it is not a list of columns or tensors")
    return items


def _parse_json(text: object) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise SignatureError("it is not JSON") from None


def _are_tensors(specs: Sequence[Spec]) -> bool:
    return bool(specs) and all(spec.get("type") == "tensor" for spec in specs)


def _are_named(specs: Sequence[Spec]) -> bool:
    return bool(specs) and all(isinstance(spec.get("name"), str) for spec in specs)


def _build_batch(specs: Sequence[Spec]) -> Schema:
    """Return the schema of any number of rows, or of tensors by name."""
    if _are_tensors(specs) and _are_named(specs):
        return _build_object({str(spec["name"]): _build_tensor(spec) for spec in specs})
    if _are_tensors(specs):
        return _build_tensor(specs[0])
    if _are_named(specs):
        return {"type": "array", "items": _build_columns({str(spec["name"]): spec for spec in specs})}
    columns, count = [_build_column(spec) for spec in specs], len(specs)
    row = {"type": "array", "prefixItems": columns, "minItems": count, "maxItems": count}
    return {"type": "array", "items": columns[0] if count == 1 else row}


def _build_columns(specs: Mapping[str, Spec], depth: int = 0) -> Schema:
    required = [name for name, spec in specs.items() if _is_required(spec)]
    return _build_object({name: _build_column(spec, depth) for name, spec in specs.items()}, required)


def _is_required(spec: Spec) -> bool:
    return spec.get("required", not spec.get("optional", False)) is not False  # older versions write `optional`


def _build_column(spec: Spec, depth: int = 0) -> Schema:
    schema = _build_type(spec, depth)
    if not _is_required(spec) and isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return schema


def _build_type(spec: Spec, depth: int = 0) -> Schema:
    kind = spec.get("type")
    if depth > _DEPTH_LIMIT:
        raise SignatureError(f"it is nested deeper than {_DEPTH_LIMIT} levels")
    match kind:
        case "array":
            return {"type": "array", "items": _build_type(as_mapping(spec.get("items")), depth + 1)}
        case "map":
            values = _build_type(as_mapping(spec.get("values")), depth + 1)
            return {"type": "object", "additionalProperties": values}
        case "object":
            properties = as_mapping(spec.get("properties")).items()
            return _build_columns({str(name): as_mapping(inner) for name, inner in properties}, depth + 1)
        case str() if kind in _TYPES:
            return dict(_TYPES[kind])
    raise SignatureError(f"it has the type {kind!r}")


def _build_tensor(spec: Spec) -> Schema:
    """Return nested arrays, one for each dimension of a tensor, with the sizes that are fixed."""
    details = as_mapping(spec.get("tensor-spec"))
    shape: object = details.get("shape")
    if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape) or len(shape) > _DEPTH_LIMIT:
        raise SignatureError(f"a tensor has the shape {shape!r}")
    dtype = str(details.get("dtype"))
    schema: Schema = next(({"type": name} for start, name in _NUMPY_TYPES.items() if dtype.startswith(start)), {})
    for size in reversed(shape):
        schema = {"type": "array", "items": schema, **({"minItems": size, "maxItems": size} if size >= 0 else {})}
    return schema


def _build_parameter(spec: Spec) -> Schema:
    schema = _build_type(spec)
    if spec.get("shape") is not None and schema.get("type") != "object":
        schema = {"type": "array", "items": schema}
    return {**schema, "default": spec["default"]} if spec.get("default") is not None else schema


def _build_object(properties: Schema, required: list[str] | None = None) -> Schema:
    """Return the schema of an object; all its properties are required if none are named."""
    names = list(properties) if required is None else required
    return {"type": "object", **({"required": names} if names else {}), "properties": properties}
