"""MB306-MB310 and MB313: the schemas and examples of a contract, its consumers, and the hand-written curl."""

from collections.abc import Iterator

from generator.checks.field_paths import ADD_FIELD, find_missing_step
from generator.checks.locations import extend_path, locate_offset
from generator.checks.rule import RuleContext, Violation, report, rule
from generator.contracts.validation import find_example_mismatches
from generator.load.bind import LoadedCard
from generator.names import MOST_SEARCHES, Ref
from generator.schema import Model, System
from generator.schema.card import Consumption
from generator.secrets.redaction import redact

_MOST_SIDE_EFFECTS = 20
"""The findings that one curl has at most."""


@rule("MB306", "example-refused", kinds=(Model,))
def example_refused(context: RuleContext) -> Iterator[Violation]:
    """Checks that the examples of a contract are valid against its schemas.

    Why: the sample curl is generated from the first example, and a reader who copies it gets an error.
    Fix: correct the example or the schema. The message gives the place in the example as a JSON Pointer.
    """
    for loaded, model in context.list_current_models():
        for index, example in enumerate(model.contract.examples if model.contract else ()):
            for side, found in context.facts.get_schemas(model.ref).items():
                schema, value = found.schema, getattr(example, side)
                if value is None or found.problems or not isinstance(schema, dict | bool):
                    continue
                for mismatch in find_example_mismatches(schema, value):
                    where = f" at {mismatch.pointer}" if mismatch.pointer else ""
                    name = repr(example.name) if example.name else index + 1
                    message = f"the {side} of example {name}{where}: {redact(mismatch.message)}"
                    path = extend_path(loaded, ("contract", "examples", index, side), mismatch.pointer)
                    yield report(loaded, message, "correct the example or the schema", *path)


@rule("MB307", "schema-malformed", kinds=(Model,))
def schema_malformed(context: RuleContext) -> Iterator[Violation]:
    """Checks that the schemas of a contract are valid JSON Schema.

    Why: a mistyped keyword accepts every value, and the page shows fields that do not exist.
    Fix: correct the keyword. https://json-schema.org/understanding-json-schema explains the keywords.
    """
    for loaded, model in context.list_current_models():
        for side, found in context.facts.get_schemas(model.ref).items():
            for mismatch in found.problems:
                where = f" at {mismatch.pointer}" if mismatch.pointer else ""
                message = f"the {side} schema of {model.ref}{where}: {redact(mismatch.message)}"
                path = extend_path(loaded, found.path, mismatch.pointer)
                yield report(loaded, message, "correct the schema", *path)


@rule("MB308", "curl-unreadable", kinds=(Model,))
def curl_unreadable(context: RuleContext) -> Iterator[Violation]:
    """Checks that a hand-written curl is a command that a shell and curl accept.

    Why: people paste it during an outage.
    Fix: correct the quote or the option, or remove `curl:`. The page then shows a curl that is generated from the
    endpoint, the contract and the example.
    """
    for loaded, review in context.curl_reviews:
        if review.error is not None:
            position = locate_offset(context.cards, loaded, review.error.offset, "curl")
            fix = "correct the command, or remove `curl:` to generate one"
            yield Violation(position, f"the curl of {loaded.ref}: {redact(str(review.error))}", fix, loaded.ref)
        elif review.unknown:
            offset = max(review.text.find(review.unknown[0].split(" ")[-1]), 0)
            position = locate_offset(context.cards, loaded, offset, "curl")
            message = f"the curl of {loaded.ref}: curl does not accept {redact(' '.join(review.unknown))!r}"
            yield Violation(position, message, "write it as `curl --help all` shows", loaded.ref)


@rule("MB309", "curl-disagrees", kinds=(Model,))
def curl_disagrees(context: RuleContext) -> Iterator[Violation]:
    """Checks that a hand-written curl calls an endpoint of the model as its contract describes.

    Why: people try the curl first. If it fails, they doubt the model or call the wrong one.
    Fix: correct the curl or the contract, or remove `curl:` to generate one. A variable such as `$TOKEN` matches any
    value. A body that is read from a file is not compared.
    """
    for loaded, review in context.curl_reviews:
        for each in review.disagreements:
            position = locate_offset(context.cards, loaded, each.find_offset(review.text), "curl")
            message = f"the curl of {loaded.ref} {redact(each.message)}"
            yield Violation(position, message, redact(each.hint), loaded.ref)


@rule("MB310", "consumed-field-missing", kinds=(Model, System))
def consumed_field_missing(context: RuleContext) -> Iterator[Violation]:
    """Checks that the fields that a consumer uses are in the response of the model.

    Why: the consumer fails, or the contract lacks a field that can then change without notice.
    Fix: correct the field, or add it to the response schema of the contract.
    """
    for loaded, ref, key, index, use in _list_uses(context):
        model, found = context.find(ref, Model), context.facts.get_schemas(ref).get("response")
        if model is None or found is None or found.problems or model.is_retired:
            continue
        for place, field in enumerate(use.fields):
            missing = find_missing_step(found.schema, field)
            if missing is not None:
                step = f": {missing.step!r} is missing" if missing.step != field else ""
                message = f"the response of {ref} has no field {field!r}{step}"
                fix = missing.hint if place < MOST_SEARCHES else ADD_FIELD
                yield report(loaded, message, fix, key, index, "fields", place)


def _list_uses(context: RuleContext) -> Iterator[tuple[LoadedCard, Ref, str, int, Consumption]]:
    """List each use of a model with the card that declares it, the model, and the place in the card."""
    for loaded, model in context.list_cards(Model):
        for index, consumer in enumerate(model.consumers):
            yield loaded, model.ref, "consumers", index, consumer
    for loaded, system in context.list_cards(System):
        for index, use in enumerate(system.uses):
            yield loaded, Ref("model", use.model), "uses", index, use


@rule("MB313", "curl-side-effect", kinds=(Model,))
def curl_side_effect(context: RuleContext) -> Iterator[Violation]:
    """Checks that a hand-written curl sends the documented request and does nothing else.

    Errors are other commands, redirections, and programs or assignments before curl; options that read or write files;
    a second request, a range of addresses (also after `--no-globoff`), and another way to the host (`--proxy`,
    `--resolve`, `--connect-to`); substitutions and expansions that assign or replace a value (`${TOKEN:=x}`); unquoted
    variables that can add an option or an address; and line breaks in headers.
    Warnings are certificates that are not verified (`--insecure`), files of certificates (`--cacert`), a `Host:` header
    of another host, a prompt, a comment with quotes or operators, and a filter such as `| jq .`.

    Why: people paste it during an outage, without reading it.
    Fix: write the values themselves, or quoted variables such as `"$TOKEN"`, and remove the part in the message.
    """
    for loaded, review in context.curl_reviews:
        for each in review.side_effects[:_MOST_SIDE_EFFECTS]:
            position = locate_offset(context.cards, loaded, each.offset, "curl")
            message = f"the curl of {loaded.ref} {redact(each.message)}: expected only the documented request"
            yield Violation(position, message, redact(each.hint), loaded.ref, each.severity)
