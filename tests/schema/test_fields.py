from typing import Annotated, Any

import pytest
from pydantic.fields import FieldInfo

from generator.schema import Experiment, Flow, Model, Resource, Team
from generator.schema.base import AnyRef, Data, Day, Id, ModelId, Owners, PartyRef, Percent, Text, Texts
from generator.schema.card import Criticality, Lifecycle
from generator.schema.fields import Key, find_key, find_mapping, get_keys, list_choices, list_nested_mappings
from generator.schema.model import Consumer, Feature, FeatureUse
from generator.schema.rollouts import CleanupItem, Variant
from generator.schema.topology import Step


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Text, "text"),
        (Text | None, "text"),
        (Texts, "text or list of texts"),
        (Id, "identifier"),
        (ModelId, "model id"),
        (ModelId | None, "model id"),
        (tuple[ModelId, ...], "list of model ids"),
        (Owners, "team or person id, or list of team or person ids"),
        (AnyRef, "reference kind:id"),
        (tuple[PartyRef, ...], "list of references team:id or person:id"),
        (Day | None, "day"),
        (tuple[Day, ...], "list of days"),
        (Percent, "number from 0 to 100"),
        (Data, "any data"),
        (Criticality, "one of high, medium, low"),
        (dict[Id, Texts], "mapping from identifier to text or list of texts"),
        (tuple[FeatureUse, ...], "list of view:feature pairs or mappings"),
        (tuple[tuple[Consumer, ...], ...], "list of lists of mappings"),
    ],
)
def test_a_type_has_a_label(annotation: Any, words: str):
    assert Key("key", "key", FieldInfo.from_annotation(annotation), required=True, model=Team).words == words


def test_keys_have_the_names_that_authors_write():
    assert next(iter(get_keys(Step))) == "from"
    assert "x-allow" in get_keys(Team)
    assert "extras" not in get_keys(Team)


def test_required_keys():
    model = get_keys(Model)
    assert [name for name, key in model.items() if key.required] == ["kind", "name", "summary", "lifecycle", "serving"]
    assert not get_keys(Resource)["name"].required


def test_a_key_inherits_the_description_of_its_parent():
    assert get_keys(Team)["kind"].description.startswith("The kind of card")


def test_a_path_has_a_declaration():
    assert find_mapping(Flow, ("steps", 3)) is Step
    assert find_mapping(Model, ("features", 0)) is Feature
    assert find_mapping(Experiment, ("variants", "control")) is Variant
    assert find_mapping(Experiment, ("cleanup", "items", 0)) is CleanupItem
    assert find_mapping(Flow, ("steps",)) is None
    assert find_mapping(Flow, ("stepps", 3)) is None
    assert find_key(Experiment, ("cleanup", "items", 0, "remove")) == get_keys(CleanupItem)["remove"]
    assert find_key(Model, ("features", 0)) is None


def test_a_type_lists_its_nested_mappings():
    assert list(list_nested_mappings(dict[str, Variant])) == [(".*", Variant)]
    assert list(list_nested_mappings(Annotated[tuple[Step, ...], "…"])) == [("[]", Step)]
    assert list(list_nested_mappings(Step | None)) == [("", Step)]
    assert list(list_nested_mappings(dict[str, tuple[Step, ...]])) == [(".*[]", Step)]
    assert list(list_nested_mappings(Text)) == []


def test_a_type_lists_its_choices():
    assert list_choices(Lifecycle | None) == ("experimental", "production", "deprecated", "retired")
    assert list_choices(get_keys(Model)["kind"].annotation) == ("model",)
    assert list_choices(Text) == ()
