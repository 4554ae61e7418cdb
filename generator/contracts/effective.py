"""The contract that counts: where a card names an operation of an OpenAPI document, what that operation says."""

from dataclasses import replace

from generator.contracts.openapi import NamedExample, OpenapiError, Operation, operation, operation_names
from generator.findings import Finding, Rule, Severity
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.schema import Model
from generator.schema.model import Contract, Example

UNKNOWN_OPERATION = Rule(
    "MB104",
    "unknown-operation",
    Severity.ERROR,
    """The operation that a contract names is in its OpenAPI file.

    Why: without it the page shows no contract, and neither examples nor the sample curl can be checked.
    Fix: name the operationId, or `POST /path`, as the file has it; a file with one operation needs none.
    """,
)

RULES = (UNKNOWN_OPERATION,)


def effective(cards: Cards) -> tuple[Cards, list[Finding]]:
    """The cards with the contracts of their OpenAPI files filled in; what the card writes itself stays."""
    findings: list[Finding] = []
    items = tuple(_filled_in(loaded, findings) for loaded in cards.items)
    return (cards if items == cards.items else replace(cards, items=items)), findings


def _filled_in(loaded: LoadedCard, findings: list[Finding]) -> LoadedCard:
    card = loaded.card
    if not isinstance(card, Model) or card.contract is None or loaded.openapi is None:
        return loaded
    names = operation_names(loaded.openapi)
    wanted = card.contract.operation or (names[0] if len(names) == 1 else "")
    try:
        found = operation(loaded.openapi, wanted)
    except OpenapiError as error:
        place = loaded.at("contract", "operation") if card.contract.operation else loaded.at("contract", "openapi")
        findings.append(UNKNOWN_OPERATION.at(place, str(error), error.hint, loaded.ref))
        return loaded
    return replace(loaded, card=card.model_copy(update={"contract": _merged(card.contract, found)}))


def _merged(contract: Contract, found: Operation) -> Contract:
    changes: dict[str, object] = {"operation": found.operation_id or f"{found.method} {found.path}"}
    if contract.request is None:
        changes["request"] = found.request
    if contract.response is None:
        changes["response"] = found.response
    if "method" not in contract.model_fields_set:
        changes["method"] = found.method
    if not contract.examples:
        changes["examples"] = _examples(found)
    return contract.model_copy(update=changes)


def _examples(found: Operation) -> tuple[Example, ...]:
    """Requests with the answers of the same name; a single answer goes with a single request."""
    answers = {example.name: example for example in found.response_examples}
    alone = len(found.request_examples) == len(found.response_examples) == 1
    return tuple(
        Example.model_construct(
            name=example.name or None,
            request=example.value,
            response=_value(found.response_examples[0] if alone else answers.get(example.name)),
        )
        for example in found.request_examples
    )


def _value(example: NamedExample | None) -> object:
    return example.value if example is not None else None
