"""The uses of a card by the evidence: who uses it, and whether a card documents it."""

from pathlib import Path

import pytest

from generator.evidence.records import Evidence, FileClass, NameKind
from generator.evidence.sightings import UNKNOWN_CALLER, list_sightings, list_targets
from generator.names import Ref
from tests.answers.books import book
from tests.evidence.records import code_use, seen_call

RYL = Ref("model", "ryl")
BOOK = {
    "ryl.yml": "kind: model\nname: RYL\nsummary: s\nlifecycle: production\nserving: online\nfallback: popular\n"
    "consumers: [{system: feed, why: w}]\n",
    "popular.yml": "kind: model\nname: Popular\nsummary: s\nlifecycle: production\nserving: online\n",
    "systems.yml": "{kind: system, id: feed, name: Feed, type: service}\n---\n"
    "{kind: system, id: cart, name: Cart, type: service}\n",
}


def test_code_and_calls_of_one_system_are_one_sighting(tmp_path: Path) -> None:
    evidence = Evidence((code_use(system="system:feed"),), (seen_call(system="system:feed", caller="feed-prod"),))

    (feed,) = list_sightings(book(tmp_path, BOOK), evidence, RYL)

    assert (feed.user, feed.is_documented, len(feed.uses), len(feed.calls)) == (Ref("system", "feed"), True, 1, 1)


def test_users_without_a_card_have_the_name_of_their_repository_or_caller(tmp_path: Path) -> None:
    evidence = Evidence((code_use(repo="food/old"), code_use(system="system:gone")), (seen_call(caller=""),))

    found = list_sightings(book(tmp_path, BOOK), evidence, RYL)

    assert [(one.user, one.name) for one in found] == [
        (None, "food/feed"), (None, "food/old"), (None, UNKNOWN_CALLER),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ref", "user", "is_documented"),
    [("model:ryl", "system:cart", False), ("model:popular", "model:ryl", True), ("model:ryl", "model:popular", True)],
)
def test_a_dependency_in_either_direction_documents_a_use(
    tmp_path: Path, ref: str, user: str, is_documented: bool
) -> None:
    (found,) = list_sightings(book(tmp_path, BOOK), Evidence((code_use(ref, user),)), Ref.parse(ref))

    assert found.is_documented is is_documented


@pytest.mark.parametrize(
    "record",
    [
        code_use(system="model:ryl"),
        code_use(cls=FileClass.TEST),
        code_use(kind=NameKind.RETIRED),
        seen_call(requests=0),
        seen_call(system="model:ryl"),
    ],
)
def test_what_is_no_use_is_no_sighting(tmp_path: Path, record) -> None:
    evidence = Evidence((record,), (record,))
    assert list_sightings(book(tmp_path, BOOK), evidence, RYL) == ()


def test_the_targets_of_a_system_are_listed_once() -> None:
    code = (code_use("topic:orders", "system:feed"), code_use(system="system:feed"), code_use(cls=FileClass.DOCS))
    evidence = Evidence(code, (seen_call(system="system:feed"),))
    assert list_targets(evidence) == {Ref("system", "feed"): (Ref("topic", "orders"), RYL)}


def test_a_call_to_a_retired_string_is_no_use_of_its_migration(tmp_path: Path) -> None:
    migration = (
        "{kind: migration, id: move, name: Move, status: running, moves: [model:ryl], retires: [old.internal]}\n"
    )
    evidence = Evidence((), (seen_call("migration:move", system="system:feed"),))

    assert list_sightings(book(tmp_path, BOOK | {"m.yml": migration}), evidence, Ref("migration", "move")) == ()
    assert list_targets(evidence) == {}
