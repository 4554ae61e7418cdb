"""The position of a finding about a value that is reached through an alias."""

import pytest

from generator.load.yaml_reader import read_documents
from tests.books import open_book

MODEL = "kind: model\nname: M\nsummary: s\nlifecycle: experimental\nserving: offline\n"


def get_hints(cards: dict[str, str], tmp_path, code: str) -> list[tuple[str, str]]:
    findings = open_book(tmp_path, cards).findings
    return [(str(finding.position), finding.hint) for finding in findings if finding.code == code]


@pytest.mark.parametrize(
    ("card", "code", "place", "anchor"),
    [
        ("x-a: &o [team:t, 'Night shift']\nstakeholders: *o\n", "MB013", "m.yml:8:15", "m.yml:7:6"),
        ("x-a: &o 'Night shift'\nstakeholders: ['team:t', *o]\n", "MB013", "m.yml:8:26", "m.yml:7:6"),
        ("x-a: &o {zzz: 1}\ncard: *o\n", "MB010", "m.yml:8:7", "m.yml:7:6"),
        ("x-a: &o {a: [b]}\nlinks:\n  *o\n", "MB012", "m.yml:9:3", "m.yml:7:6"),
        ("x-a: &i {system: none, why: w}\nx-b: &o [*i]\nconsumers: *o\n", "MB101", "m.yml:9:12", "m.yml:8:6"),
        ("x-a: &o nobody\nowners: [*o]\n", "MB101", "m.yml:8:10", "m.yml:7:6"),
    ],
)
def test_a_finding_is_at_the_alias_and_names_the_anchor(tmp_path, card: str, code: str, place: str, anchor: str):
    found = get_hints({"m.yml": f"{MODEL}id: m\n{card}", "t.yml": "kind: team\nname: T\n"}, tmp_path, code)
    assert [position for position, _ in found] == [f"cards/{place}"]
    assert f"the anchor is at cards/{anchor}" in found[0][1]


def test_the_key_of_an_alias_is_where_it_is_written():
    (document,), _ = read_documents("a: &o {k: 1}\nb: *o\n", "a.yml")
    assert [str(document.at_key(*path)) for path in (("b",), ("b", "k"), ("a", "k"))] == [
        "a.yml:2:1",
        "a.yml:2:4",
        "a.yml:1:8",
    ]
    assert [str(document.at(*path)) for path in (("b",), ("b", "k"), ("a", "k"))] == [
        "a.yml:2:4",
        "a.yml:2:4",
        "a.yml:1:11",
    ]


def test_a_finding_at_the_anchor_names_no_other_place(tmp_path):
    card = f"{MODEL}stakeholders: &o ['Night shift']\nx-a: *o\n"
    assert "anchor" not in get_hints({"m.yml": card}, tmp_path, "MB013")[0][1]
