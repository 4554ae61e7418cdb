"""Cards without their secrets are cards of the same types: nothing that a card does not hide is changed."""

from generator.checks.blackout import blacked_out
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


def test_cards_without_secrets_stay_the_same_objects(tmp_path):
    root = write_book(tmp_path, {"move.yml": MOVE, "ryl.yml": MODEL, "t.yml": TEAM})
    cards, _ = load_cards(root / "cards", root)
    assert blacked_out(cards, {}) is cards


def test_the_lists_in_a_mapping_stay_what_the_schema_says(tmp_path):
    secret = "AKIA" + "Q3J7TZV5XW2N6KLM"
    text = MOVE.replace("pune", secret)
    cards = open_book(tmp_path, {"move.yml": text, "ryl.yml": MODEL, "t.yml": TEAM}).cards
    migration = cards.by_ref[Ref("migration", "move")].card
    assert isinstance(migration, Migration)
    (scope,) = (wave.scope for wave in migration.waves)
    assert isinstance(scope["city"], tuple)
    assert scope["city"][1] == "mysuru"
    assert secret not in str(to_card_data(migration))
