"""Hand-written curls compared with their models, for the rules and the pages of models."""

from collections.abc import Iterator

from generator.checks.field_paths import ContractSchema
from generator.contracts.addresses import VARIABLE, EndpointAddress
from generator.contracts.compare import NO_JSON, ContractCall, Disagreement, compare_curl, read_body
from generator.contracts.curl import Curl, build_request, read_call
from generator.contracts.curl_effects import SideEffect, find_side_effects
from generator.contracts.curl_options import CurlError
from generator.load.bind import LoadedCard
from generator.schema import Model
from generator.values import FrozenValue


class CurlReview(FrozenValue):
    """A hand-written curl compared with the endpoints and the contract of its model."""

    text: str
    error: CurlError | None = None
    """The reason why no shell or curl can run it; then nothing else is known."""
    unknown: tuple[str, ...] = ()
    """The words that curl refuses; then it is not compared."""
    side_effects: tuple[SideEffect, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    checked_against: tuple[str, ...] = ()
    """The parts of the card that all of it agrees with: `endpoint`, `contract`."""


def review_curl(loaded: LoadedCard, model: Model, request: ContractSchema | None) -> CurlReview:
    """Review the hand-written curl of a model that is not retired."""
    written = loaded.document.find("curl")
    text = str(written.content) if written is not None else ""  # to the character, for positions
    try:
        call = read_call(text)
    except CurlError as error:
        return CurlReview(text, error)
    curl = build_request(call)
    side_effects = find_side_effects(text, call)
    if curl.options_unknown:
        return CurlReview(text, None, curl.options_unknown, side_effects)
    contract, called = model.contract, ContractCall()
    if contract is not None:
        schema = request.schema if request is not None and not request.problems else None
        # An operation that is not found leaves the default method, which its author did not choose.
        is_stated = contract.openapi is None or "method" in contract.model_fields_set
        method = contract.method if is_stated else None
        called = ContractCall(
            method, schema if isinstance(schema, dict | bool) else None, tuple(contract.headers.items())
        )
    disagreements = tuple(compare_curl(curl, model.endpoints, called))
    is_checked = not side_effects and not disagreements
    checked = tuple(_list_compared_parts(model, curl, request)) if is_checked else ()
    return CurlReview(text, None, (), side_effects, disagreements, checked)


def _list_compared_parts(model: Model, curl: Curl, request: ContractSchema | None) -> Iterator[str]:
    """Yield the parts that a curl without disagreements was compared with, unless variables hide them."""
    scheme, _, rest = curl.url.partition("://")
    if model.endpoints and rest and not VARIABLE.search(f"{scheme}{rest.partition('/')[0]}"):
        yield "endpoint"
    body = curl.body or ""
    hides_body = curl.body is not None and (VARIABLE.fullmatch(body.strip()) is not None or read_body(body) is NO_JSON)
    is_open = hides_body or curl.body_file is not None or curl.form or EndpointAddress.parse(curl.url).may_have_more
    if request is not None and not request.problems and not is_open and not VARIABLE.search(curl.method):
        yield "contract"
