"""A contract as tables of fields and examples."""

from dataclasses import dataclass

from generator.contracts.fields import Field, fields
from generator.contracts.render import as_json
from generator.schema.base import Data
from generator.schema.model import Contract


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A request with its answer, ready to be shown."""

    name: str
    request: str
    response: str
    request_data: Data


@dataclass(frozen=True, slots=True)
class ContractView:
    """What a model takes and answers."""

    method: str
    request: tuple[Field, ...]
    response: tuple[Field, ...]
    examples: tuple[ExampleView, ...]
    headers: tuple[tuple[str, str], ...]
    operation: str


def contract_view(contract: Contract) -> ContractView:
    """The contract's schemas as rows."""
    return ContractView(
        method=contract.method,
        request=_rows(contract.request),
        response=_rows(contract.response),
        examples=tuple(
            ExampleView(example.name or "", _json(example.request), _json(example.response), example.request)
            for example in contract.examples
        ),
        headers=tuple(contract.headers.items()),
        operation=contract.operation or "",
    )


def _rows(schema: Data) -> tuple[Field, ...]:
    return () if schema is None else fields(schema)


def _json(payload: Data) -> str:
    return "" if payload is None else as_json(payload)
