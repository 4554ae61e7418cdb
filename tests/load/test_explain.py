"""Suggestions for unknown keys and values, and examples in hints."""

from collections.abc import Iterator

import pytest

from generator.load.bind import bind_card
from generator.load.suggestions import read_synonyms
from generator.load.yaml_reader import read_documents
from generator.schema import KINDS
from generator.schema.base import Strict
from generator.schema.fields import find_key, get_keys, list_choices, list_nested_mappings

CARDS = {
    "model": "kind: model\nid: a\nname: A\nsummary: Ranks.\nlifecycle: production\nserving: online\n",
    "system": "kind: system\nid: s\nname: S\ntype: app\n",
    "team": "kind: team\nid: t\nname: T\n",
    "person": "kind: person\nid: p\nname: P\n",
    "experiment": "kind: experiment\nid: e\nname: E\nstatus: running\n",
    "migration": "kind: migration\nid: m\nname: M\nstatus: planned\nmoves: ['model:a']\n",
    "flow": "kind: flow\nid: f\nname: F\nsteps: [{from: 'system:s', calls: 'model:a'}]\n",
}


def get_hints(kind: str, line: str) -> list[tuple[str, str]]:
    """The codes and hints of a card with one more line, or with another one in place of that of the same key."""
    key = line.partition(":")[0]
    kept = [one for one in CARDS[kind].splitlines() if one.partition(":")[0] != key]
    (document,), findings = read_documents("\n".join([*kept, line, ""]), "cards/a.yml")
    assert not findings
    return [(finding.code, finding.hint) for finding in bind_card(document)[1]]


@pytest.mark.parametrize(
    ("kind", "line", "meant"),
    [
        ("model", "description: Ranks", "summary"),
        ("model", "metrics: {ndcg: 0.4}", "card.metrics"),
        ("model", "limitations: New cities", "card.limitations"),
        ("model", "request: {}", "contract.request"),
        ("model", "Owners: [t]", "owners"),
        ("model", "zzz: []", None),
        ("model", "stage: production", "lifecycle"),
        ("model", "onwers: [t]", "owners"),
        ("system", "depends-on: ['model:a']", "depends_on"),
        ("system", "url: https://a.example.com", "repo"),
        ("team", "slack: '#t'", "channel"),
        ("person", "mail: a@example.com", "email"),
        ("experiment", "items: []", "cleanup.items"),
    ],
)
def test_a_synonym_of_a_key_gets_a_suggestion(kind: str, line: str, meant: str | None):
    hints = [hint for code, hint in get_hints(kind, line) if code == "MB010"]
    assert hints == [f"did you mean {meant!r}?" if meant else "start keys of your own with `x-`"]


def test_the_key_that_a_synonym_means_is_not_reported_as_missing_too():
    (document,), _ = read_documents(CARDS["model"].replace("summary", "description"), "cards/a.yml")
    assert [finding.code for finding in bind_card(document)[1]] == ["MB010"]


@pytest.mark.parametrize(
    ("kind", "line", "meant"),
    [
        ("model", "lifecycle: prod", "production"),
        ("model", "lifecycle: Production", "production"),
        ("model", "lifecycle: archived", "retired"),
        ("model", "lifecycle: pr", None),
        ("model", "serving: batch", "offline"),
        ("model", "contract: {method: post}", "POST"),
        ("system", "type: batch", "job"),
        ("system", "type: serv", "service"),
        ("experiment", "status: completed", "concluded"),
        ("migration", "status: completed", "done"),
        ("migration", "status: zzz", None),
    ],
)
def test_a_synonym_of_a_value_gets_a_suggestion(kind: str, line: str, meant: str | None):
    assert get_hints(kind, line) == [("MB013", f"did you mean {meant!r}?" if meant else "")]


@pytest.mark.parametrize(
    ("kind", "line", "example"),
    [
        ("model", "consumers: [shop]", "such as {system: shop, why: Fills the carousel on the home page}"),
        ("model", "consumers: shop", "such as [{system: shop, why: Fills the carousel"),
        ("model", "consumers: ['a shop']", "such as {system: home-feed, why: Fills the carousel"),
        ("system", "uses: [ranker]", "such as {model: ranker, why: Fills the carousel on the home page}"),
        ("flow", "steps: [the feed calls the model]", "such as {from: system:home-feed, calls: model:ryl}"),
        ("model", "contacts: [asha]", "such as {ds: asha, product: rohan}"),
        ("experiment", "decision: [control]", "such as {by: rohan, winner: control, decided_on: 2026-09-02}"),
    ],
)
def test_the_hint_for_a_missing_mapping_has_an_example(kind: str, line: str, example: str):
    ((code, hint),) = get_hints(kind, line)
    assert code == "MB012"
    assert hint.startswith("write a value such as ")
    assert example in hint


def test_a_list_is_suggested_only_if_the_value_may_be_an_item():
    assert get_hints("model", "features: customer:age") == [("MB012", "write [customer:age]")]
    ((_, hint),) = get_hints("model", "stakeholders: growth")
    assert hint.endswith("such as [team:growth, person:rohan]")


@pytest.mark.parametrize("kind", ["team", "person"])
def test_an_email_address_is_complete(kind: str):
    assert get_hints(kind, "email: nope") == [("MB013", "write it as in asha@example.com")]
    assert get_hints(kind, "email: Asha <asha@example.com>") != []
    assert get_hints(kind, "email: asha.rao+ml@mail.example.com") == []


def models(model: type[Strict]) -> Iterator[type[Strict]]:
    yield model
    for key in get_keys(model).values():
        for _, inner in list_nested_mappings(key.annotation):
            yield from models(inner)


def test_every_synonym_means_a_known_key_or_value():
    mappings = {inner for kind in KINDS.values() for inner in models(kind)}
    for word, paths in read_synonyms("keys").items():
        for path in paths:
            assert any(find_key(owner, tuple(path.split("."))) for owner in mappings), (word, path)
    allowed = {word for owner in mappings for key in get_keys(owner).values() for word in list_choices(key.annotation)}
    values = read_synonyms("values")
    assert {meant for words in values.values() for meant in words} - allowed == set()
    for choices in {list_choices(key.annotation) for owner in mappings for key in get_keys(owner).values()}:
        meant_here = {synonym for synonym, words in values.items() if set(words) & set(choices)}
        assert meant_here & set(choices) == set()


def test_only_a_key_within_braces_is_taken_for_a_text_with_a_comma():
    (block,) = get_hints("model", "chat:")
    (braces,) = get_hints("model", "consumers: [{system: s, why: It fills, surface: Home, carousel 2}]")
    assert block == ("MB010", "start keys of your own with `x-`")
    assert braces == ("MB010", "within { } put text with a comma in quotes: this key has no value")


@pytest.mark.parametrize(
    ("kind", "line", "fix"),
    [
        ("model", "timeout_ms: 150ms", ("MB013", "write 150")),
        ("model", "timeout_ms: 150 milliseconds", ("MB013", "write 150")),
        ("experiment", "variants: {a: {model: a, traffic: 50 %}}", ("MB012", "write 50")),
        ("model", "timeout_ms: 2 seconds", ("MB013", "")),
    ],
)
def test_a_number_with_its_unit_is_proposed_without_it(kind: str, line: str, fix: tuple[str, str]):
    assert get_hints(kind, line) == [fix]
