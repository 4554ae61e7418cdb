"""The schemas that a model's contract comes down to, inline, from a file or from an OpenAPI operation."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.contracts.validation import Mismatch, find_schema_mismatches
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Model
from generator.schema.base import Data


@dataclass(frozen=True, slots=True)
class ContractSchema:
    """A schema of a contract and what is wrong with it."""

    schema: Data
    path: tuple[str | int, ...]
    """Where in the card it stands, or where the file that holds it is named."""
    problems: tuple[Mismatch, ...]


def schemas_by_model(cards: Iterable[LoadedCard]) -> Mapping[Ref, Mapping[str, ContractSchema]]:
    """The schemas of every model's contract, by `request` and `response`, as far as there are any.

    Judging a schema takes a millisecond; equal ones, as models that share a contract have them, are judged once.
    """
    judged: dict[str, tuple[Mismatch, ...]] = {}
    found: dict[Ref, dict[str, ContractSchema]] = {}
    for loaded in cards:
        for side, (schema, path) in _schemas(loaded).items():
            key = json.dumps(schema)
            if key not in judged:
                judged[key] = find_schema_mismatches(schema)
            found.setdefault(loaded.ref, {})[side] = ContractSchema(schema, path, judged[key])
    return found


def _schemas(loaded: LoadedCard) -> dict[str, tuple[Data, tuple[str | int, ...]]]:
    contract = loaded.card.contract if isinstance(loaded.card, Model) else None
    if contract is None:
        return {}
    written = {"request": contract.request, "response": contract.response}
    return {side: (schema, ("contract", side)) for side, schema in written.items() if schema is not None}
