"""MB306, MB307: the schemas of a contract and its examples."""

from collections.abc import Iterator

from generator.checks.places import path_to
from generator.checks.rule import Facts, rule
from generator.contracts.validation import find_example_mismatches
from generator.findings import Finding
from generator.load.bind import LoadedCard
from generator.schema import Model
from generator.schema.model import Lifecycle
from generator.secrets.redaction import redact


@rule("MB306", "example-refused")
def example_refused(facts: Facts) -> Iterator[Finding]:
    """The examples of a contract keep to its schemas.

    Why: the sample curl is made of the first one, and whoever copies it gets an error.
    Fix: correct the example, or the schema; the message names the place in the example as a JSON Pointer.
    """
    for loaded, model in _with_contract(facts):
        for index, example in enumerate(model.contract.examples if model.contract else ()):
            for side, found in facts.schemas.get(model.ref, {}).items():
                schema, value = found.schema, getattr(example, side)
                if value is None or found.problems or not isinstance(schema, dict | bool):
                    continue
                base = ("contract", "examples", index, side)
                for mismatch in find_example_mismatches(schema, value):
                    where = f" at {mismatch.pointer}" if mismatch.pointer else ""
                    named = repr(example.name) if example.name else index + 1
                    message = f"the {side} of example {named}{where}: {redact(mismatch.message)}"
                    position = loaded.at(*path_to(loaded, base, mismatch.pointer))
                    yield example_refused.at(position, message, "correct the example, or the schema", model.ref)


@rule("MB307", "schema-malformed")
def schema_malformed(facts: Facts) -> Iterator[Finding]:
    """The schemas of a contract are JSON Schema.

    Why: a keyword that is mistyped or misplaced lets everything pass, and the page shows fields that do not exist.
    Fix: correct what the message names; https://json-schema.org/understanding-json-schema explains the keywords.
    """
    for loaded, model in _with_contract(facts):
        for side, found in facts.schemas.get(model.ref, {}).items():
            for mismatch in found.problems:
                where = f" at {mismatch.pointer}" if mismatch.pointer else ""
                message = f"the {side} schema of {model.ref}{where}: {redact(mismatch.message)}"
                position = loaded.at(*path_to(loaded, found.path, mismatch.pointer))
                yield schema_malformed.at(position, message, "correct the schema", model.ref)


def _with_contract(facts: Facts) -> Iterator[tuple[LoadedCard, Model]]:
    for loaded, model in facts.of(Model):
        if model.contract is not None and model.lifecycle is not Lifecycle.RETIRED:
            yield loaded, model


RULES = (example_refused, schema_malformed)
