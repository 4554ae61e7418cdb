import pytest

from generator.drafts.records import parse_choice, parse_given_values
from generator.errors import UserError


def test_common_words_for_a_lifecycle_are_known():
    assert [parse_choice("lifecycle", text) for text in ("Live", "In-Production", "PoC", "sunset", "maybe", "")] == [
        "production", "production", "experimental", "deprecated", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("serving", "nightly job", "offline"),
        ("serving", "on-device library", "embedded"),
        ("serving", "runs daily as a batch job", "offline"),
        ("serving", "on the handset", ""),
        ("lifecycle", "In production phase", "production"),
        ("lifecycle", "not in production", ""),
        ("lifecycle", "pre-production", ""),
        ("lifecycle", "pilot, then production", ""),
    ],
)
def test_every_word_of_a_choice_must_be_known(field: str, text: str, value: str):
    assert parse_choice(field, text) == value


def test_a_given_value_is_used_for_its_text():
    given = parse_given_values(["Operation  and Maintenance=production", "on the handset=online", "a=b=retired"])
    assert given == {"operation and maintenance": "production", "on the handset": "online", "a=b": "retired"}
    assert parse_choice("lifecycle", "operation and\nmaintenance", given) == "production"
    assert parse_choice("serving", "Operation and Maintenance", given) == ""


@pytest.mark.parametrize("option", ["production", "=production", "Live=prodution", "Live="])
def test_an_invalid_value_is_refused(option: str):
    with pytest.raises(UserError, match="--value"):
        parse_given_values([option])
