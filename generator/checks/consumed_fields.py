"""MB310: the fields of a response that consumers rely on."""

from collections.abc import Iterator

from generator.checks.field_paths import ADD_FIELD, missing_step
from generator.checks.rule import Facts, rule
from generator.findings import Finding
from generator.load.bind import LoadedCard
from generator.names import MOST_SEARCHES, Ref
from generator.schema import Model, System
from generator.schema.card import Consumption
from generator.schema.model import Lifecycle


@rule("MB310", "consumed-field-missing")
def consumed_field_missing(facts: Facts) -> Iterator[Finding]:
    """The fields that a consumer uses are in the model's response.

    Why: the consumer fails, or silently gets nothing, with the next version; or the contract misses a field that is
    therefore changed without anybody being asked.
    Fix: correct the field, or add it to the response schema of the contract.
    """
    for loaded, ref, key, index, said in _uses(facts):
        model, found = facts.find(ref, Model), facts.schemas.get(ref, {}).get("response")
        if model is None or found is None or found.problems or model.lifecycle is Lifecycle.RETIRED:
            continue
        for place, field in enumerate(said.fields):
            missing = missing_step(found.schema, field)
            if missing is not None:
                step = f", which ends at {missing.step!r}" if missing.step != field else ""
                message = f"the response of {ref} has no field {field!r}{step}"
                position = loaded.at(key, index, "fields", place)
                hint = missing.hint if place < MOST_SEARCHES else ADD_FIELD
                yield consumed_field_missing.at(position, message, hint, loaded.ref)


def _uses(facts: Facts) -> Iterator[tuple[LoadedCard, Ref, str, int, Consumption]]:
    """Every use with the card that says so, the model, and where in the card it stands."""
    for loaded, model in facts.of(Model):
        for index, consumer in enumerate(model.consumers):
            yield loaded, model.ref, "consumers", index, consumer
    for loaded, system in facts.of(System):
        for index, use in enumerate(system.uses):
            yield loaded, Ref("model", use.model), "uses", index, use


RULES = (consumed_field_missing,)
