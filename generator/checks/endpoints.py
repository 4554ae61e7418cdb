"""MB3xx, first half: where a model is called, and what it reads."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.checks.demands import demand
from generator.checks.rule import Facts, rule
from generator.findings import Finding, Severity
from generator.load.bind import LoadedCard
from generator.names import MOST_SEARCHES, Ref, suggest_name
from generator.schema import Model, Resource
from generator.schema.model import Contract, Lifecycle

PRODUCTION = "production"
"""The environment that users reach."""
_PLAIN = {"http": "https", "grpc": "grpcs"}
_PORTS = {"http": 80, "https": 443}


def _online(facts: Facts, hardest: Severity = Severity.ERROR) -> Iterator[tuple[LoadedCard, Model, Severity]]:
    """The models that are called over the network, with how much is demanded of them."""
    for loaded, model in facts.of(Model):
        severity = demand(model, hardest)
        if model.serving.is_online and severity is not None:
            yield loaded, model, severity


@rule("MB301", "no-production-endpoint")
def no_production_endpoint(facts: Facts) -> Iterator[Finding]:
    """An online model in production says where it is called.

    Why: without the address nobody can call it, find it in code, or see what its traffic is.
    Fix: add `endpoints: {production: https://…}`. An experimental model needs any endpoint, and it is a note.
    """
    for loaded, model, severity in _online(facts):
        experimental = model.lifecycle is Lifecycle.EXPERIMENTAL
        if not model.endpoints if experimental else PRODUCTION not in model.endpoints:
            message = f"{model.ref} is online and has no {'' if experimental else 'production '}endpoint"
            hint = "add `endpoints: {production: https://…}`"
            if model.endpoints:
                hint = f"add `production:` beside {', '.join(model.endpoints)}"
            position = loaded.at_key("endpoints")
            yield no_production_endpoint.at(position, message, hint, model.ref, severity)


@rule("MB302", "no-contract")
def no_contract(facts: Facts) -> Iterator[Finding]:
    """An online model in production says what it takes and what it answers.

    Why: callers guess, and every change of a field is found out in production.
    Fix: add `contract:` with `request` and `response` as JSON Schema, or with `openapi` and `operation`.
    """
    for loaded, model, severity in _online(facts):
        missing = _missing(loaded, model.contract)
        if missing:
            message = f"{model.ref} is online and its contract has no {' and no '.join(missing)}"
            if model.contract is None:
                message = f"{model.ref} is online and has no contract"
            hint = "add JSON Schema under `contract.request` and `contract.response`, or name an OpenAPI file"
            yield no_contract.at(loaded.at_key("contract"), message, hint, model.ref, severity)


def _missing(loaded: LoadedCard, contract: Contract | None) -> list[str]:
    """The parts that the card does not say; one that names a file which cannot be had has a finding of its own."""
    if contract is None:
        return ["request", "response"]
    said = loaded.document.root.find(("contract",)).content
    written = said if isinstance(said, dict) else {}
    parts = {"request": contract.request, "response": contract.response}
    missing = [name for name, schema in parts.items() if schema is None]
    return [] if contract.openapi else [name for name in missing if name not in written or not written[name].content]


@rule("MB303", "no-example", Severity.WARNING)
def no_example(facts: Facts) -> Iterator[Finding]:
    """The contract of an online model in production has an example.

    Why: the sample curl is made of it, and it is what people read first.
    Fix: add `contract.examples` with a request and the response to it. For a contract that is missing as a whole
    there is another rule.
    """
    for loaded, model, severity in _online(facts, Severity.WARNING):
        if model.contract is not None and not model.contract.examples:
            message = f"the contract of {model.ref} has no example"
            hint = "add `examples: [{request: …, response: …}]`"
            yield no_example.at(loaded.at_key("contract"), message, hint, model.ref, severity)


@rule("MB304", "endpoint-in-the-clear", Severity.WARNING)
def endpoint_in_the_clear(facts: Facts) -> Iterator[Finding]:
    """A production endpoint is called over an encrypted connection.

    Why: the payload holds what customers do, and the header a token.
    Fix: use https (or grpcs). Where a service mesh encrypts, accept the finding under `x-allow:` and say so.
    """
    for loaded, model in facts.of(Model):
        url = model.endpoints.get(PRODUCTION, "")
        scheme = urlsplit(url).scheme
        if scheme in _PLAIN and model.lifecycle is not Lifecycle.RETIRED:
            message = f"the production endpoint of {model.ref} is {scheme}: {urlsplit(url).hostname}"
            position = loaded.at("endpoints", PRODUCTION)
            yield endpoint_in_the_clear.at(position, message, f"use {_PLAIN[scheme]}", model.ref)


@rule("MB305", "shared-endpoint", Severity.WARNING)
def shared_endpoint(facts: Facts) -> Iterator[Finding]:
    """Two models are not called at the same address.

    Why: usually a card was copied and the address not changed; calls, traffic and scans then point at the wrong model.
    Fix: correct the address. Where one address serves several models by the payload, accept the finding under
    `x-allow:` and say how they are told apart.
    """
    first: dict[str, tuple[Ref, str]] = {}
    for loaded, model in facts.of(Model):
        if model.lifecycle is Lifecycle.RETIRED:
            continue
        for environment, url in model.endpoints.items():
            other, named = first.setdefault(_same(url), (model.ref, environment))
            if other != model.ref:
                message = f"the {environment} endpoint of {model.ref} is also the {named} endpoint of {other}"
                position = loaded.at("endpoints", environment)
                yield shared_endpoint.at(position, message, "correct one of the two", model.ref)


def _same(url: str) -> str:
    """An address in the form in which equal ones are equal: no default port, no last slash, host in lower case."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port not in {None, _PORTS.get(parts.scheme)} else ""
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}?{parts.query}"


@rule("MB311", "unknown-feature", Severity.WARNING)
def unknown_feature(facts: Facts) -> Iterator[Finding]:
    """A feature that a model reads is one that the card of its feature view lists.

    Why: either the name is mistyped, or the view's card is out of date and its owner does not know who reads what.
    Fix: correct the name as the hint says, or add the feature to the view's card. A view without a card, or whose
    card lists no features, is not compared.
    """
    listed = {
        view.id: frozenset(each.name for each in view.features)
        for _, view in facts.of(Resource)
        if view.ref.kind == "feature_view"
    }
    for loaded, model in facts.of(Model):
        if model.lifecycle is Lifecycle.RETIRED:
            continue
        for index, feature in enumerate(model.features):
            known = listed.get(feature.view, frozenset())
            if known and feature.name not in known:
                message = f"the feature view {feature.view!r} lists no feature {feature.name!r}"
                near = suggest_name(feature.name, known) if index < MOST_SEARCHES else ""
                hint = near or "add it to the view's card"
                yield unknown_feature.at(loaded.at("features", index), message, hint, model.ref)


RULES = (
    no_production_endpoint, no_contract, no_example, endpoint_in_the_clear, shared_endpoint, unknown_feature,
)  # fmt: skip
