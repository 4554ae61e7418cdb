"""Redacted cards are cards of the same types, and redacted excerpts have the same lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.redaction import RedactedTexts, redact_cards, redact_excerpt
from generator.load.cards import load_cards
from generator.names import Ref
from generator.schema import Migration
from generator.schema.card import to_card_data
from tests.books import MODEL, TEAM, open_book, write_book

MOVE = """
kind: migration
id: move
name: Move
owners: [t]
status: planned
moves: [model:ryl]
waves: [{scope: {city: [pune, mysuru]}, traffic: 5}]
"""


def test_cards_without_secrets_are_the_same_objects(tmp_path):
    root = write_book(tmp_path, {"move.yml": MOVE, "ryl.yml": MODEL, "t.yml": TEAM})
    cards, _ = load_cards(root / "cards", root)
    assert redact_cards(cards) is cards


def test_redaction_keeps_the_types_of_the_schema(tmp_path):
    secret = "AKIA" + "Q3J7TZV5XW2N6KLM"
    text = MOVE.replace("pune", secret)
    cards = open_book(tmp_path, {"move.yml": text, "ryl.yml": MODEL, "t.yml": TEAM}).cards
    migration = cards.by_ref[Ref("migration", "move")].card
    assert isinstance(migration, Migration)
    (scope,) = (wave.scope for wave in migration.waves)
    assert isinstance(scope["city"], tuple)
    assert scope["city"][1] == "mysuru"
    assert secret not in str(to_card_data(migration))


SECRET = "Hibiscus88nest"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x-d: {{secret: {{password: {SECRET}}}}}\n", "x-d: {secret: {password: ████}}\n"),
        (f"credentials: {{api_key: {SECRET}, city: mysuru}}\n", "credentials: {api_key: ████, city: mysuru}\n"),
        (f"x-d:\n  password:\n    - {SECRET}\nname: RYL\n", "x-d:\n  password:\n    - ████\nname: RYL\n"),
        (f"x-d:\n  password: >-\n    {SECRET}\nname: RYL\n", "x-d:\n  password: >-\n    ████\nname: RYL\n"),
        ('notes: "the password: Hibis\\x63us88nest"\nname: RYL\n', "notes: ████\nname: RYL\n"),
        ('password: "Hibiscus\\\n  88nest"\nname: RYL\n', "password: ████\n████\nname: RYL\n"),
        ('{password: "Hibiscus\\\n  88nest", name: RYL}\n', "{password: ████\n████, name: RYL}\n"),
        (f"x-a: &shared {SECRET}\npassword: *shared\n", "x-a: &shared ████\npassword: *shared\n"),
        ("name: RYL\nnotes: 'the token is short'\n", "name: RYL\nnotes: 'the token is short'\n"),
    ],
)
def test_a_secret_that_only_yaml_shows_is_redacted_in_place(text, expected):
    assert redact_excerpt(text, "ryl.yml") == expected
    assert redact_excerpt(f"---\n{text}---\nProse.\n", "ryl.md") == f"---\n{expected}---\nProse.\n"


def test_all_documents_are_redacted_up_to_a_syntax_error():
    text = f"x: {{password:\n  [{SECRET}]}}\n---\ny: {{password:\n  [{SECRET}]}}\n---\nz: [\n"
    assert redact_excerpt(text, "ryl.yml") == text.replace(SECRET, "████")


def test_a_value_of_very_many_secrets_is_redacted_as_a_whole():
    text = "notes: '{}'\nname: RYL\n".format("".join(f"password:\n {SECRET}{n}\n " for n in range(101)))
    redacted = redact_excerpt(text, "ryl.yml")
    assert SECRET not in redacted
    assert redacted.endswith("████\nname: RYL\n")
    assert redacted.count("\n") == text.count("\n")


def test_texts_are_redacted_on_first_use():
    texts = RedactedTexts({"a.yml": f"password: {SECRET}\n", "b.yml": "name: B\n"})
    assert dict(texts) == {"a.yml": "password: ████\n", "b.yml": "name: B\n"}
    assert len(texts) == 2
    assert texts.get("c.yml", "") == ""


PARTS = st.sampled_from(
    ["password", "x-a", ":", ": ", "\n", "\n  ", "- ", "{", "}", "[", "]", "'", '"', "\\x63", SECRET, ">\n", "|\n",
     "&a ", "*a", ", ", "---\n", "é"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join))
def test_redaction_keeps_the_number_of_lines(text):
    redacted = redact_excerpt(text, "ryl.yml")
    assert redacted.count("\n") == text.count("\n")
    assert redact_excerpt(redacted, "ryl.yml").count("\n") == text.count("\n")
