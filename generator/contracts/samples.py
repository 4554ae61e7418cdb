"""The sample call of a model: from its endpoint, its contract, and an example of the request."""

import re

from generator.contracts.curl import WITHOUT_BODY
from generator.contracts.data import Data
from generator.contracts.render import build_sample, render_curl
from generator.contracts.validation import find_example_mismatches
from generator.contracts.views import build_view
from generator.schema import Model
from generator.values import FrozenValue

_DEEPEST = 16
_GAP = re.compile(r"(?<!\$)\{\w+\}")


class SampleCall(FrozenValue):
    """A generated call, or the reason why there is none."""

    command: str
    """Empty if there is none."""
    origin: str
    """What it was made of, and what the reader has to fill in; or why there is none. Empty if nothing can be called."""


def make_sample_call(model: Model) -> SampleCall:
    """Return the call of the production endpoint, or of the first one.

    The body is the first example, else one made of the examples of the fields. A call that would lack its body is no
    sample.
    """
    url = model.endpoints.get("production") or next(iter(model.endpoints.values()), "")
    contract = model.contract
    if not url.startswith("http"):
        return SampleCall("", "")
    if contract is None:
        return SampleCall("", "There is no sample call, because the card has no contract.")
    payload: Data = contract.examples[0].request if contract.examples else None
    origin = "the endpoint, the contract and its first example"
    if payload is None:
        payload = make_example(contract.request)
        origin = "the endpoint, the contract and the examples of its fields"
    if payload is None:
        takes_nothing = contract.request is None and (contract.method in WITHOUT_BODY or contract.openapi is not None)
        if not takes_nothing:
            return SampleCall("", "There is no sample call, because the contract has no example of a request.")
        origin = "the endpoint and the contract"
    curl = build_sample(url, payload, contract.method, tuple(contract.headers.items()), contract.parameters)
    gaps = list(dict.fromkeys(_GAP.findall(curl.url)))
    note = f" Replace {' and '.join(gaps)} first." if gaps else ""
    return SampleCall(render_curl(curl), f"Generated from {origin}.{note}")


def make_example(schema: Data) -> Data:
    """Return a value made of `examples`, `default`, `const` and `enum` of a schema and its fields.

    None if a required field has none of them, or if the value is not valid: nothing is invented.
    """
    if not isinstance(schema, dict):
        return None
    value = _make_value(schema, schema, frozenset(), 0)
    return value if value is not None and not find_example_mismatches(schema, value) else None


def _make_value(document: Data, schema: Data, entered: frozenset[str], depth: int) -> Data:
    """Return the example of a part of a schema; None without one."""
    view = build_view(document, schema, entered)
    if depth > _DEEPEST or view.never or view.repeats is not None or view.outside is not None:
        return None
    keywords = view.keywords
    several = keywords.get("examples")
    choices = keywords.get("enum")
    stated = [
        *(several[:1] if isinstance(several, list) else []),
        *(keywords[key] for key in ("example", "default", "const") if key in keywords),
        *(choices[:1] if isinstance(choices, list) else []),
    ]
    if stated and stated[0] is not None:
        return stated[0]
    if view.properties:
        made = {
            str(name): _make_value(document, child, view.entered, depth + 1) for name, child in view.properties.items()
        }
        found: dict[str, Data] = {name: value for name, value in made.items() if value is not None}
        return found if found and set(view.required) <= set(found) else None
    items = keywords.get("items")
    if isinstance(items, dict):
        item = _make_value(document, items, view.entered, depth + 1)
        return None if item is None else [item]
    options = (_make_value(document, option, view.entered, depth + 1) for option in view.alternatives)
    return next((value for value in options if value is not None), None)
