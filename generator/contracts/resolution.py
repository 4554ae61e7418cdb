"""Resolution of contracts that name an operation of an OpenAPI document."""

from dataclasses import replace

from generator.contracts.openapi import ContractOperation, OpenapiError, find_operation, list_operation_names
from generator.findings import Finding, Rule, Severity
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.schema import Model
from generator.schema.model import Contract, Example

UNKNOWN_OPERATION = Rule(
    "MB104",
    "unknown-operation",
    Severity.ERROR,
    """Checks that the operation of a contract is in its OpenAPI file.

    Why: without it the page shows no contract, and neither examples nor the sample curl can be checked.
    Fix: write the operationId, or `POST /path`, as in the file; a file with one operation needs none.
    """,
)

RULES = (UNKNOWN_OPERATION,)


def resolve_contracts(cards: Cards) -> tuple[Cards, list[Finding]]:
    """Return the cards with the contracts of their OpenAPI files; values in the card itself are kept."""
    findings: list[Finding] = []
    items = tuple(_resolve_contract(loaded, findings) for loaded in cards.items)
    return (cards if items == cards.items else replace(cards, items=items)), findings


def _resolve_contract(loaded: LoadedCard, findings: list[Finding]) -> LoadedCard:
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None or loaded.openapi is None:
        return loaded
    names = list_operation_names(loaded.openapi)
    name = card.contract.operation or (names[0] if len(names) == 1 else "")
    try:
        operation = find_operation(loaded.openapi, name)
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
    return contract.model_copy(update=changes)


def _pair_examples(operation: ContractOperation) -> tuple[Example, ...]:
    """Return the requests with the responses of the same name; a single response belongs to a single request."""
    requests, responses = operation.request_examples, operation.response_examples
    values = {example.name: example.value for example in responses}
    is_pair = len(requests) == len(responses) == 1
    return tuple(
        Example.model_construct(
            name=example.name or None,
            request=example.value,
            response=responses[0].value if is_pair else values.get(example.name),
        )
        for example in requests
    )
