import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from generator.names import Ref
from generator.schema import Experiment, Model, Resource, Team
from generator.schema.base import (
    Address,
    Day,
    Percent,
    RefersTo,
    Scalar,
    find_unbounded_numbers,
    resolve_scalar,
    to_plain_data,
)
from generator.schema.card import to_card_data
from generator.schema.topology import Flow


class Sample(BaseModel):
    """A value of every type that reads text in its own way."""

    address: Address = "https://example.com"
    day: Day | None = None
    percent: Percent = 0


def plain(text: str) -> Scalar:
    return Scalar(text, plain=True)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_json_scalars_keep_their_values(value: Any):
    typed = str(value).lower() if isinstance(value, bool) else repr(value)
    assert resolve_scalar(plain(typed)) == value
    assert resolve_scalar(Scalar(typed, plain=False)) == typed


DIGITS = st.integers(0, 10**6).map(str) | st.integers(1, 6000).map(lambda length: "7" * length)


@given(
    st.sampled_from(["", "-", "+", "0o", "0x"]),
    DIGITS,
    st.sampled_from(["", ".5", "e5", "e9999", "E-9999", ".e" + "9" * 400]),
)
def test_a_number_of_any_length_is_a_finite_number_or_out_of_range(sign: str, digits: str, rest: str):
    scalar = plain(sign + digits + rest)
    value = resolve_scalar(scalar)
    if isinstance(value, int | float):
        assert math.isfinite(float(value))
        assert list(find_unbounded_numbers({"a": [scalar]})) == []
    else:
        assert value == str(scalar)
        is_number = re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+", scalar)
        assert list(find_unbounded_numbers({"a": [scalar]})) == ([("a", 0)] if is_number else [])


def test_mappings_with_the_same_keys_share_the_set_of_these_keys():
    teams = [Team.model_validate({"kind": "team", "id": name, "name": name}) for name in ("a", "b")]
    assert teams[0].model_fields_set == {"kind", "id", "name"}
    assert teams[0].model_fields_set is teams[1].model_fields_set
    changed = teams[0].model_copy(update={"summary": "Ranks"})
    assert changed.model_fields_set == {"kind", "id", "name", "summary"}
    assert teams[1].model_fields_set == {"kind", "id", "name"}


def test_free_data_keeps_its_shape():
    assert to_plain_data({plain("1"): [plain("1"), {"a": plain("x")}, None]}) == {"1": [1, {"a": "x"}, None]}


@pytest.mark.parametrize("text", ["https://a", "HTTP://a.b/c?d=e#f", "grpcs://[::1]:443/x", "https://user@a:1/ü"])
def test_an_absolute_address_is_valid(text: str):
    assert Sample(address=text).address == text


@pytest.mark.parametrize(
    "text", ["a.b", "//a", "https://", "https://a:0", "https://a:x", "ftp://a", "https://a b", "https://a\n"]
)
def test_other_texts_are_no_addresses(text: str):
    with pytest.raises(ValidationError, match="invalid address"):
        Sample(address=text)


@pytest.mark.parametrize(
    "text",
    ["2026-2-1", "20260201", "2026-02-30", "2026-W01-1", "\u0662\u0660\u0662\u0666-01-01", "2026-01-01T00:00", ""],
)
def test_other_texts_are_no_days(text: str):
    with pytest.raises(ValidationError, match="invalid day"):
        Sample.model_validate({"day": text})


@pytest.mark.parametrize("value", [plain("50"), plain("5e1"), plain("0x32"), 50, 50.0])
def test_a_number_up_to_100_is_a_percentage(value: Any):
    assert Sample.model_validate({"percent": value}).percent == 50


@pytest.mark.parametrize(
    "value", [plain("101"), plain("-0.1"), Scalar("50", plain=False), plain("1_0"), plain("true"), True, "50"]
)
def test_other_values_are_no_percentages(value: Any):
    with pytest.raises(ValidationError):
        Sample.model_validate({"percent": value})


def test_a_reference_lists_its_candidates():
    assert RefersTo(("model",)).list_candidates("ryl") == (Ref("model", "ryl"),)
    assert RefersTo(("team", "person")).list_candidates("asha") == (Ref("team", "asha"), Ref("person", "asha"))
    assert RefersTo(("team", "person")).list_candidates("person:asha") == (Ref("person", "asha"),)
    assert RefersTo(prefixed=True).list_candidates("topic:orders.v1") == (Ref("topic", "orders.v1"),)
    with pytest.raises(ValueError, match="write kind:id"):
        RefersTo(prefixed=True).list_candidates("orders")


def test_extras_are_kept_unchanged():
    team = Team.model_validate({"id": "a", "name": "A", "x-own": [plain("1")], "x-allow": {"MB203": "hiring"}})
    assert team.extras == {"x-own": [1]}
    assert team.allow == {"MB203": "hiring"}


def test_card_data_has_the_keys_of_its_author():
    flow = Flow.model_validate({"id": "a", "name": "A", "steps": [{"from": "system:b", "writes": "topic:c"}]})
    assert to_card_data(flow) == {"id": "a", "name": "A", "steps": [{"from": "system:b", "writes": "topic:c"}]}
    assert flow.steps[0].dependency == (Ref("topic", "c"), Ref("system", "b"))


def test_a_resource_has_its_type_in_its_reference_and_its_id_as_name():
    resource = Resource.model_validate({"id": "orders.v1", "type": "topic"})
    assert (resource.ref, resource.name) == (Ref("topic", "orders.v1"), "orders.v1")


def test_a_feature_is_its_name_or_a_mapping():
    card = {"id": "a", "name": "A", "summary": "A", "lifecycle": "retired", "serving": "both"}
    model = Model.model_validate({**card, "features": ["v:f", {"feature": "v:g", "type": "float"}]})
    assert [(feature.view, feature.name, feature.type) for feature in model.features] == [
        ("v", "f", None),
        ("v", "g", "float"),
    ]


def test_an_experiment_ends_after_its_start():
    card = {"id": "a", "name": "A", "status": "draft"}
    with pytest.raises(ValidationError, match="2026-01-01 is before started_on 2026-01-02"):
        Experiment.model_validate({**card, "started_on": "2026-01-02", "ended_on": "2026-01-01"})
    assert Experiment.model_validate({**card, "started_on": "2026-01-02", "ended_on": "2026-01-02"}).ended_on
