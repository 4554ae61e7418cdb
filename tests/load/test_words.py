"""YAML 1.2: the meaning of a word or a number depends on its field."""

import math

import pytest
import yaml

from generator.load import yaml_reader
from generator.load.bind import LoadedCard, bind_card
from generator.load.yaml_reader import read_documents
from generator.schema import Model
from generator.schema.people import Team

WORDS = [
    # as typed, as free data
    ("on", "on"),
    ("off", "off"),
    ("yes", "yes"),
    ("no", "no"),
    ("y", "y"),
    ("true", True),
    ("True", True),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("2.10", 2.1),
    ("12:30", "12:30"),
    ("190:20:30", "190:20:30"),
    ("2025-11-03", "2025-11-03"),
    ("0o17", 15),
    ("0x1F", 31),
    ("0b11", "0b11"),
    ("017", 17),
    ("0123", 123),
    ("1e3", 1000.0),
    ("1_000", "1_000"),
    ("1,000", "1,000"),
    (".5", 0.5),
    ("5.", 5.0),
    ("-7", -7),
    ("+7", 7),
    ("-.5e-1", -0.05),
    (".inf", ".inf"),
    (".nan", ".nan"),
    ("=", "="),
    ("'2.10'", "2.10"),
    ('"true"', "true"),
    ("'null'", "null"),
    ("!!str 2.10", "2.10"),
    ("!!float 2", 2),
]


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Both parsers of PyYAML: it is built with the fast one nearly everywhere."""
    if request.param == "python":
        monkeypatch.setattr(yaml_reader, "_Loader", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("this PyYAML is built without libyaml")


def card_of(text: str) -> LoadedCard:
    documents, findings = read_documents(text, "cards/a.yml")
    assert findings == []
    loaded, findings = bind_card(documents[0])
    assert findings == []
    assert loaded is not None
    return loaded


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("typed", "meant"), WORDS)
def test_free_data_follows_the_core_schema(typed: str, meant: object):
    quoted = f"'{typed}'" if "," in typed else typed
    value = card_of(f"kind: team\nname: A\nx-a: {{b: [{quoted}]}}\n").card.extras["x-a"]["b"][0]
    assert (value, type(value)) == (meant, type(meant))
    assert not isinstance(value, float) or math.isfinite(value)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("typed", [typed for typed, _ in WORDS if typed[0] not in "'\"!"])
def test_text_stays_what_was_typed(typed: str):
    card = card_of(f"kind: team\nname: {typed}\naliases: {typed}\nlinks: {{x: '{typed}'}}\n").card
    assert (card.name, card.aliases, card.links) == (typed, (typed,), {"x": typed})


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("typed", ["~", "null", "Null", "NULL", ""])
def test_an_empty_value_is_none(typed: str):
    card = card_of(f"kind: team\nname: A\nlead: {typed}\nx-a: {typed}\n").card
    assert isinstance(card, Team)
    assert card.lead is None
    assert card.extras == {"x-a": None}


@pytest.mark.usefixtures("parser")
def test_a_quoted_null_is_a_word():
    card = card_of("kind: team\nname: 'null'\nx-a: \"~\"\n").card
    assert (card.name, card.extras) == ("null", {"x-a": "~"})


@pytest.mark.usefixtures("parser")
def test_keys_stay_what_was_typed():
    card = card_of("kind: team\nname: A\nlinks: {2.10: a, on: b, null: c, true: d}\nx-a: {1: a, null: b}\n").card
    assert card.links == {"2.10": "a", "on": "b", "null": "c", "true": "d"}
    assert card.extras["x-a"] == {"1": "a", "null": "b"}


@pytest.mark.usefixtures("parser")
def test_an_id_or_a_version_that_looks_like_a_number():
    card = card_of(
        "kind: model\nid: 1e3\nname: 007\nsummary: on\nlifecycle: retired\nserving: both\nversion: 2.10\n"
    ).card
    assert isinstance(card, Model)
    assert (card.id, card.name, card.summary, card.version) == ("1e3", "007", "on", "2.10")


OUT_OF_RANGE = [
    "1e999",
    "-1E+400",
    "9" * 309,
    "-" + "9" * 5000,
    "0o" + "7" * 5000,
    "0x" + "f" * 300,
    "1." + "0" * 9 + "e9999",
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("typed", OUT_OF_RANGE, ids=lambda text: text[:8])
def test_a_number_out_of_range_is_a_finding_at_its_position(typed: str):
    text = f"kind: team\nname: A\nx-a: {{b: [1, {typed}]}}\nx-c: {typed}\nlinks: {{x-d: {typed}}}\n"
    documents, _ = read_documents(text, "cards/a.yml")
    loaded, findings = bind_card(documents[0])
    assert loaded is None
    found = {(finding.code, finding.position.line, finding.position.column) for finding in findings}
    assert {("MB013", 3, 14), ("MB013", 4, 6)} <= found
    assert all(len(finding.message) < 150 for finding in findings)


@pytest.mark.parametrize("typed", OUT_OF_RANGE, ids=lambda text: text[:8])
def test_the_same_digits_as_text_are_fine(typed: str):
    assert card_of(f"kind: team\nname: A {typed}\nx-a: '{typed}'\n").card.extras["x-a"] == typed
