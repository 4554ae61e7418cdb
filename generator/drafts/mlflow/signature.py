"""A model's signature in MLflow to JSON Schema, in the shape in which MLflow itself serves models.

`/invocations` takes `{"dataframe_records": […], "params": {…}}` for named columns, `{"inputs": …}` for tensors, and
answers `{"predictions": …}`. Types: https://mlflow.org/docs/latest/ml/model/signatures
"""

import json
from collections.abc import Mapping
from typing import Any

from generator.drafts.entities import mapping

Schema = dict[str, Any]

_TYPES: Mapping[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
    "any": {},
}
_DEPTH = 20


class UnreadableError(ValueError):
    """A signature that says something else than MLflow's documentation."""


def contract(model: object) -> Schema | None:
    """Request and response of a model from its MLmodel file; None where it has no signature.

    Raises UnreadableError for a signature of another form.
    """
    signature = mapping(mapping(model).get("signature"))
    inputs, outputs, params = (_specs(signature.get(key)) for key in ("inputs", "outputs", "params"))
    found: Schema = {}
    if inputs or params:
        found["request"] = _request(inputs, params)
    if outputs:
        found["response"] = _object({"predictions": _many(outputs)}, ["predictions"])
    return found or None


def example(serving_input: str, request: Schema) -> object:
    """MLflow's own serving input of a model as a request of its contract; None where it has another form."""
    try:
        data = mapping(_decoded(serving_input))
    except UnreadableError:
        return None
    wanted = request.get("properties", {})
    records = _records(data.get("dataframe_split")) if "dataframe_records" in wanted else None
    if records is not None:
        return {"dataframe_records": records, **{key: data[key] for key in ("params",) if key in data}}
    return dict(data) if data and set(data) <= set(wanted) else None


def _records(split: object) -> list[object] | None:
    """A table of columns and rows as a mapping a row."""
    names, rows = mapping(split).get("columns"), mapping(split).get("data")
    if not isinstance(names, list) or not isinstance(rows, list):
        return None
    fitting = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
    return [dict(zip(map(str, names), row, strict=True)) for row in fitting]


def _specs(text: object) -> list[Mapping[str, Any]]:
    """The items of a part of a signature, which MLflow writes as JSON within YAML."""
    if text is None:
        return []
    items = _decoded(text)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableError("it is not a list of columns or tensors")
    return items


def _decoded(text: object) -> Any:  # noqa: ANN401 - whatever the JSON holds
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise UnreadableError("it is not JSON") from None


def _request(inputs: list[Mapping[str, Any]], params: list[Mapping[str, Any]]) -> Schema:
    key = "inputs" if _are_tensors(inputs) else "dataframe_records" if _are_named(inputs) else "dataframe_split"
    properties: Schema = {}
    if inputs:
        schema = _many(inputs)
        properties[key] = _object({"data": schema}, ["data"]) if key == "dataframe_split" else schema
    if params:
        properties["params"] = _object({str(one.get("name")): _parameter(one) for one in params}, [])
    return _object(properties, [key] if inputs else [])


def _many(specs: list[Mapping[str, Any]]) -> Schema:
    """Any number of rows, or the tensors by their names."""
    if _are_tensors(specs):
        if _are_named(specs):
            return _object({str(one["name"]): _tensor(one) for one in specs}, [str(one["name"]) for one in specs])
        return _tensor(specs[0])
    if _are_named(specs):
        names = [str(one["name"]) for one in specs]
        needed = [name for name, one in zip(names, specs, strict=True) if _is_required(one)]
        return {"type": "array", "items": _object(dict(zip(names, map(_column, specs), strict=True)), needed)}
    if len(specs) == 1:
        return {"type": "array", "items": _column(specs[0])}
    return {"type": "array", "items": {"type": "array", "prefixItems": [_column(one) for one in specs],
                                       "minItems": len(specs), "maxItems": len(specs)}}  # fmt: skip


def _are_tensors(specs: list[Mapping[str, Any]]) -> bool:
    return bool(specs) and all(one.get("type") == "tensor" for one in specs)


def _are_named(specs: list[Mapping[str, Any]]) -> bool:
    return bool(specs) and all(isinstance(one.get("name"), str) for one in specs)


def _is_required(spec: Mapping[str, Any]) -> bool:
    return spec.get("required", not spec.get("optional", False)) is not False


def _column(spec: Mapping[str, Any], depth: int = 0) -> Schema:
    schema = _type(spec, depth)
    if not _is_required(spec) and isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return schema


def _type(spec: Mapping[str, Any], depth: int) -> Schema:
    kind = spec.get("type")
    if depth > _DEPTH:
        raise UnreadableError(f"it is nested deeper than {_DEPTH} levels")
    if kind == "array":
        return {"type": "array", "items": _type(mapping(spec.get("items")), depth + 1)}
    if kind == "map":
        return {"type": "object", "additionalProperties": _type(mapping(spec.get("values")), depth + 1)}
    if kind == "object":
        inner = {str(name): mapping(one) for name, one in mapping(spec.get("properties")).items()}
        return _object(
            {name: _column(one, depth + 1) for name, one in inner.items()},
            [name for name, one in inner.items() if _is_required(one)],
        )
    if kind == "sparkml_vector":
        return {"type": "array", "items": {"type": "number"}}
    if not isinstance(kind, str) or kind not in _TYPES:
        raise UnreadableError(f"it has the type {kind!r}")
    return dict(_TYPES[kind])


def _tensor(spec: Mapping[str, Any]) -> Schema:
    """Lists within lists, as many as the tensor has dimensions; those of a fixed size say so."""
    told = mapping(spec.get("tensor-spec"))
    shape: object = told.get("shape")
    if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape) or len(shape) > _DEPTH:
        raise UnreadableError(f"a tensor has the shape {shape!r}")
    schema = _number(str(told.get("dtype")))
    sizes: list[int] = shape
    for size in reversed(sizes):
        fixed = {"minItems": size, "maxItems": size} if size >= 0 else {}
        schema = {"type": "array", "items": schema, **fixed}
    return schema


def _number(dtype: str) -> Schema:
    """The JSON of one element of a NumPy type."""
    if dtype.startswith(("int", "uint")):
        return {"type": "integer"}
    if dtype.startswith("float"):
        return {"type": "number"}
    return (
        {"type": "boolean"}
        if dtype == "bool"
        else {"type": "string"}
        if dtype.startswith(("str", "<U", "object"))
        else {}
    )


def _parameter(spec: Mapping[str, Any]) -> Schema:
    schema = _type(spec, 0)
    if spec.get("shape") is not None and schema.get("type") != "object":
        schema = {"type": "array", "items": schema}
    return {**schema, "default": spec["default"]} if spec.get("default") is not None else schema


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", **({"required": required} if required else {}), "properties": properties}
