"""MB301-MB305 and MB311: the endpoints of a model, its contract, and the features that it reads."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.checks.book_indexes import normalize_url
from generator.checks.lifecycle import get_gap_severity
from generator.checks.rule import RuleContext, Violation, report, report_at_key, rule
from generator.findings import Severity
from generator.load.bind import LoadedCard
from generator.names import MOST_SEARCHES, Ref, suggest_name
from generator.schema import Model, Resource
from generator.schema.card import Lifecycle

PRODUCTION = "production"
"""The environment that users reach."""
_ENCRYPTED = {"http": "https", "grpc": "grpcs"}


def _list_online_models(
    context: RuleContext, production: Severity = Severity.ERROR
) -> Iterator[tuple[LoadedCard, Model, Severity]]:
    """List the models that are called over the network, with the severity of a missing value.

    A model whose serving is a guess of an import is not among them.
    """
    for loaded, model in context.list_cards(Model):
        severity = get_gap_severity(model, production)
        if model.serving.is_online and "serving" not in model.guessed and severity is not None:
            yield loaded, model, severity


@rule("MB301", "no-production-endpoint", kinds=(Model,))
def no_production_endpoint(context: RuleContext) -> Iterator[Violation]:
    """Checks that an online model in production has a production endpoint.

    Why: without the address the model cannot be called, found in code, or measured by its traffic.
    Fix: add `endpoints: {production: https://…}`. An experimental model needs any endpoint; a missing one is a note. A
    model without a server, which runs in the process of its consumers, has `serving: embedded`.
    """
    for loaded, model, severity in _list_online_models(context):
        is_experimental = model.lifecycle is Lifecycle.EXPERIMENTAL
        if not model.endpoints if is_experimental else PRODUCTION not in model.endpoints:
            message = f"online {model.ref} has no {'' if is_experimental else 'production '}endpoint"
            fix = "add `endpoints: {production: https://…}`, or `serving: embedded` if its consumers run it themselves"
            if model.endpoints:
                fix = f"add `production:` next to {', '.join(model.endpoints)}"
            yield report_at_key(loaded, message, fix, "endpoints", severity=severity)


@rule("MB302", "no-contract", kinds=(Model,))
def no_contract(context: RuleContext) -> Iterator[Violation]:
    """Checks that an online model in production has a contract: a request and a response.

    Why: callers guess the fields, and each change of a field is found in production.
    Fix: add `contract:` with `request` and `response` as JSON Schema, or with `openapi` and `operation`.
    """
    fix = "add JSON Schema under `contract.request` and `contract.response`, or name an OpenAPI file"
    for loaded, model, severity in _list_online_models(context):
        contract = model.contract
        if contract is None:
            yield report_at_key(loaded, f"online {model.ref} has no contract", fix, "contract", severity=severity)
            continue
        if contract.openapi:
            continue
        parts = {"request": contract.request, "response": contract.response}
        absent = {side: loaded.document.find("contract", side) for side, schema in parts.items() if schema is None}
        # A schema that names an unreadable file has its own finding.
        missing = [side for side, node in absent.items() if node is None or not node.content]
        if missing:
            message = f"the contract of online {model.ref} has no {' and no '.join(missing)}"
            yield report_at_key(loaded, message, fix, "contract", severity=severity)


@rule("MB303", "no-example", Severity.WARNING, kinds=(Model,))
def no_example(context: RuleContext) -> Iterator[Violation]:
    """Checks that the contract of an online model in production has an example.

    Why: the sample curl is generated from the example, and people read it first.
    Fix: add `contract.examples` with a request and its response. A missing contract is MB302.
    """
    for loaded, model, severity in _list_online_models(context, Severity.WARNING):
        if model.contract is not None and not model.contract.examples:
            message = f"the contract of {model.ref} has no example"
            fix = "add `examples: [{request: …, response: …}]`"
            yield report_at_key(loaded, message, fix, "contract", severity=severity)


@rule("MB304", "endpoint-in-the-clear", Severity.WARNING, kinds=(Model,))
def endpoint_in_the_clear(context: RuleContext) -> Iterator[Violation]:
    """Checks that a production endpoint uses an encrypted connection.

    Why: the payload contains the behaviour of customers, and the header contains a token.
    Fix: use https or grpcs. If a service mesh encrypts the connection, accept the finding under `x-allow:`.
    """
    for loaded, model in context.list_current_models():
        url = urlsplit(model.endpoints.get(PRODUCTION, ""))
        if url.scheme in _ENCRYPTED:
            message = f"the production endpoint of {model.ref} is not encrypted: {url.scheme}://{url.hostname}"
            yield report(loaded, message, f"use {_ENCRYPTED[url.scheme]}", "endpoints", PRODUCTION)


@rule("MB305", "shared-endpoint", Severity.WARNING, kinds=(Model,))
def shared_endpoint(context: RuleContext) -> Iterator[Violation]:
    """Checks that two models do not have the same address.

    Why: usually a card was copied and its address was not changed, so calls and traffic are assigned to the wrong
    model.
    Fix: correct the address. If one address serves several models, accept the finding under `x-allow:` with how the
    payload distinguishes them.
    """
    for loaded, model in context.list_current_models():
        for environment, url in model.endpoints.items():
            first = context.facts.list_models_by_address(url)[0].card
            if isinstance(first, Model) and first.ref != model.ref:
                address = normalize_url(url)
                named = next(name for name, other in first.endpoints.items() if normalize_url(other) == address)
                message = f"the {environment} endpoint of {model.ref} is also the {named} endpoint of {first.ref}"
                yield report(loaded, message, "correct one of the two", "endpoints", environment)


@rule("MB311", "unknown-feature", Severity.WARNING, kinds=(Model,))
def unknown_feature(context: RuleContext) -> Iterator[Violation]:
    """Checks that the features that a model reads are listed by the cards of their feature views.

    Why: either the name is mistyped, or the card of the view is outdated and its owner does not know its readers.
    Fix: correct the name, or add the feature to the card of the view. A view without a card, or whose card lists no
    features, is not compared.
    """
    for loaded, model in context.list_current_models():
        for index, feature in enumerate(model.features):
            view = context.find(Ref("feature_view", feature.view), Resource)
            known = context.facts.list_features(view) if view is not None else frozenset[str]()
            if known and feature.name not in known:
                message = f"unknown feature {feature.name!r}: feature view {feature.view!r} does not list it"
                near = suggest_name(feature.name, known) if index < MOST_SEARCHES else ""
                fix = near or "add it to the card of the view"
                yield report(loaded, message, fix, "features", index)
