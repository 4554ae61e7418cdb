"""The contract of a model as an OpenAPI document: its own where it has one, else made from its schemas."""

from urllib.parse import urlsplit

from generator.exports.data import Data
from generator.schema import Model


def definition(card: Model, document: object) -> Data:
    """An OpenAPI 3.1 document with the one operation of a model, or the document that its contract names."""
    if isinstance(document, dict):
        return document
    servers = dict.fromkeys(_parts(address)[0] for address in card.endpoints.values())
    contract = card.contract
    method = contract.method.lower() if contract else "post"
    return {
        "openapi": "3.1.0",
        "info": {"title": card.name, "version": card.version or "unknown"},
        **({"servers": [{"url": server} for server in servers]} if servers else {}),
        "paths": {_path(card): {method: _operation(card)}},
    }


def _path(card: Model) -> str:
    addresses = list(card.endpoints.values())
    return _parts(addresses[0])[1] if addresses else f"/{card.id}"


def _parts(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/"


def _operation(card: Model) -> Data:
    contract = card.contract
    answer: Data = {"description": "The answer"}
    operation: Data = {"operationId": card.id, "summary": card.summary}
    examples = contract.examples if contract else ()
    if contract is not None and contract.request is not None:
        shown = next((example.request for example in examples if example.request is not None), None)
        operation["requestBody"] = {"required": True, "content": _json(card, "request", contract.request, shown)}
    if contract is not None and contract.response is not None:
        shown = next((example.response for example in examples if example.response is not None), None)
        answer["content"] = _json(card, "response", contract.response, shown)
    return {**operation, "responses": {"200": answer}}


def _json(card: Model, side: str, schema: object, example: object) -> Data:
    """A body; a schema that refers to itself gets an id, so that `#` means the schema and not the whole document."""
    own = {"$id": f"urn:modelbook:{card.id}:{side}"} if isinstance(schema, dict) and "$ref" in str(schema) else {}
    content: Data = {"schema": {**own, **schema} if isinstance(schema, dict) else schema}
    return {"application/json": {**content, **({"example": example} if example is not None else {})}}
