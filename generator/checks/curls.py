"""MB308, MB309: the curl that somebody wrote by hand."""

from collections.abc import Iterator

from generator.checks.places import place_within
from generator.checks.rule import Facts, rule
from generator.checks.schemas import ContractSchema
from generator.contracts.compare import Called, compare
from generator.contracts.curl import CurlError, parse
from generator.findings import Finding
from generator.load.bind import LoadedCard
from generator.scan.secrets import redact
from generator.schema import Model
from generator.schema.model import Lifecycle


def _written(facts: Facts) -> Iterator[tuple[LoadedCard, Model, str]]:
    """The models with a curl, and its text to the character."""
    for loaded, model in facts.of(Model):
        if model.curl is not None and model.lifecycle is not Lifecycle.RETIRED:
            yield loaded, model, str(loaded.document.root.find(("curl",))[0].content)


@rule("MB308", "curl-unreadable")
def curl_unreadable(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl is a command that a shell and curl accept.

    Why: people paste it during an outage.
    Fix: close the quote or write the option that the message names; or remove `curl:`, and one is made from
    endpoint, contract and example.
    """
    for loaded, model, written in _written(facts):
        try:
            unknown = parse(written).options_unknown
        except CurlError as error:
            position = place_within(facts.cards, loaded, error.offset, "curl")
            hint = "mend it, or remove `curl:` to have one made"
            yield curl_unreadable.at(position, f"the curl of {model.ref}: {redact(str(error))}", hint, model.ref)
            continue
        if unknown:
            position = place_within(facts.cards, loaded, max(written.find(unknown[0].split(" ")[-1]), 0), "curl")
            message = f"the curl of {model.ref}: curl does not accept {redact(' '.join(unknown))!r}"
            yield curl_unreadable.at(position, message, "write it as `curl --help all` shows", model.ref)


@rule("MB309", "curl-disagrees")
def curl_disagrees(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl calls an endpoint of the model, in the way of its contract.

    Why: it is the first thing that people try; when it fails they doubt the model, or call the wrong one.
    Fix: correct the curl or the contract, whichever is wrong; or remove `curl:`, and one is made from both.
    Variables such as `$TOKEN` stand for anything, and a body from a file is not looked at.
    """
    for loaded, model, written in _written(facts):
        try:
            curl = parse(written)
        except CurlError:
            continue
        if curl.options_unknown:
            continue  # what they would have changed cannot be told
        request = facts.schemas.get(model.ref, {}).get("request")
        for each in compare(curl, model.endpoints, _called(model, request)):
            position = place_within(facts.cards, loaded, each.offset_in(written), "curl")
            message = f"the curl of {model.ref} {redact(each.message)}"
            yield curl_disagrees.at(position, message, redact(each.hint), model.ref)


def _called(model: Model, request: ContractSchema | None) -> Called:
    """How the model is called, as far as its card says and its schema can be used."""
    contract = model.contract
    if contract is None:
        return Called()
    is_told = contract.openapi is None or "method" in contract.model_fields_set
    schema = request.schema if request is not None and not request.problems else None
    return Called(
        contract.method if is_told else None,  # an operation that is not found leaves the default, which nobody chose
        schema if isinstance(schema, dict | bool) else None,
        tuple(contract.headers.items()),
    )


RULES = (curl_unreadable, curl_disagrees)
