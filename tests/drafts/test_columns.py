import pytest

from generator.drafts.columns import MatchConfidence, match_columns
from generator.errors import UserError

FUNCTIONS = {"ds": "Data Science", "merch_ops": "Merch Operations"}


@pytest.mark.parametrize(
    ("header", "field", "confidence"),
    [
        ("name", "name", MatchConfidence.SAME),
        ("Model Name *", "name", MatchConfidence.SYNONYM),
        ("Deployed On (date)", "deployed_on", MatchConfidence.SAME),
        ("DS POC", "contacts.ds", MatchConfidence.SYNONYM),
        ("Contact Merch Operations", "contacts.merch_ops", MatchConfidence.SYNONYM),
        ("Ownerr", "owners", MatchConfidence.PROPOSED),
        ("Production endpoint of the model", "endpoints.production", MatchConfidence.PROPOSED),
        ("Cost centre", "", MatchConfidence.UNKNOWN),
        ("", "", MatchConfidence.UNKNOWN),
    ],
)
def test_columns_are_matched_to_fields(header: str, field: str, confidence: MatchConfidence):
    column = match_columns([header], FUNCTIONS, {})[0]
    assert (column.field, column.confidence) == (field, confidence)


def test_the_first_of_two_columns_fills_the_field():
    assert [column.confidence for column in match_columns(["Owner", "Owned by"], FUNCTIONS, {})] == [
        MatchConfidence.SYNONYM,
        MatchConfidence.DUPLICATE,
    ]


def test_given_fields_take_precedence():
    columns = match_columns(["Ownerr", "Owner"], FUNCTIONS, {"ownerr": "owners", "Owner": ""})
    assert [(column.field, column.confidence) for column in columns] == [
        ("owners", MatchConfidence.GIVEN),
        ("", MatchConfidence.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [({"Onwer": "owners"}, "did you mean 'Owner'"), ({"Owner": "onwers"}, "did you mean 'owners'")],
)
def test_unknown_columns_and_fields_are_refused(given: dict[str, str], told: str):
    with pytest.raises(UserError, match=told):
        match_columns(["Owner"], FUNCTIONS, given)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Use Case Name", "name"),
        ("Solution Name", "name"),
        ("Business owner", "owners"),
        ("Date of the last release", ""),
        ("Deployment date of the last release", "deployed_on"),
        ("Production endpoint of the model", "endpoints.production"),
        ("Excuse for delay", ""),
        ("Housed in", ""),
        ("User base", ""),
        ("Reuse", ""),
        ("Caused by", ""),
        ("Multi-use case", "why"),
        ("Estimates", ""),
        ("Deployd on", "deployed_on"),
    ],
)
def test_a_proposal_is_the_noun_of_a_header(header: str, field: str):
    assert match_columns([header], FUNCTIONS, {})[0].field == field


def test_columns_with_the_same_header_get_different_labels():
    columns = match_columns(["Limits", "Limits", "Limits 2", "Limits", "", ""], FUNCTIONS, {})
    assert [column.label for column in columns] == [
        "Limits", "Limits 3", "Limits 2", "Limits 4", "column 5", "column 6",
    ]  # fmt: skip


def test_a_given_column_takes_the_field_of_another_one():
    columns = match_columns(["Owner", "Point person"], FUNCTIONS, {"Point person": "owners"})
    assert [column.confidence for column in columns] == [MatchConfidence.DUPLICATE, MatchConfidence.GIVEN]


def test_line_breaks_of_a_header_are_shown_as_spaces():
    with pytest.raises(UserError, match=r"choose one of: Business Unit, Solution Name$"):
        match_columns(["Solution\nName", "Business \n Unit", ""], FUNCTIONS, {"Title": "name"})
