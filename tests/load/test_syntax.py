"""Syntax errors and their causes, with both parsers of PyYAML."""

from pathlib import Path

import pytest
import yaml

from generator.findings import Finding, Severity
from generator.load import yaml_reader
from generator.load.cards import load_cards
from generator.load.yaml_reader import read_documents


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    if request.param == "python":
        monkeypatch.setattr(yaml_reader, "_Loader", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("this PyYAML is built without libyaml")


def get_finding(text: str, first_line: int = 1) -> Finding:
    (finding,) = read_documents(text, "cards/a.yml", first_line)[1]
    return finding


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\tname: B\n", (1, 1)),
        ("id: b\n\tname: B\n", (2, 1)),
        ("id: 'b'\n\tname: B\n", (2, 1)),
        ("id: b\n \tname: B\n", (2, 2)),
        ("links:\n  a: b\n\tc: d\n", (3, 1)),
        ("owners:\n  - a\n\t- b\n", (3, 1)),
    ],
)
def test_a_tab_that_indents(text: str, place: tuple[int, int]):
    finding = get_finding(text)
    assert (finding.message, finding.hint) == ("unexpected tab in the indentation", "indent with spaces")
    assert (finding.position.line, finding.position.column) == place


def test_a_tab_elsewhere_is_not_reported():
    assert get_finding("id: a\tb: c\n").message != "unexpected tab in the indentation"


@pytest.mark.parametrize(
    "text", ["kind: team\nname: T\nchat: #growth-help\n", "kind: team\r\nname: T\r\nchat:  #growth-help \r\n"]
)
def test_a_value_that_is_a_comment_is_reported(tmp_path: Path, text: str):
    (tmp_path / "t.yml").write_bytes(text.encode())
    cards, (finding,) = load_cards(tmp_path, tmp_path)
    assert cards.items, "such a card was valid before the finding"
    assert (finding.message, finding.severity) == ("empty `chat`: '#growth-help' is a comment", Severity.WARNING)
    assert finding.hint == 'put it in quotes: `chat: "#growth-help"`'
    assert (finding.position.line, finding.position.column) == (3, 1)


@pytest.mark.parametrize(
    "line", ["chat: # none yet", "links: #two\n  wiki: https://a.example.com", "x-note: |\n  chat: #a"]
)
def test_a_comment_that_is_no_value_is_not_reported(tmp_path: Path, line: str):
    (tmp_path / "t.yml").write_text(f"kind: team\nname: T\n{line}\n")
    assert not load_cards(tmp_path, tmp_path)[1]


OURS_AND_THEIRS = "<<<<<<< HEAD\nname: B\n=======\nname: C\n>>>>>>> their-branch\n"


@pytest.mark.parametrize(
    ("text", "line", "marker"),
    [
        ("kind: team\n" + OURS_AND_THEIRS, 2, "<<<<<<< HEAD"),
        (OURS_AND_THEIRS, 1, "<<<<<<< HEAD"),
        ("notes: |\n  a\n" + OURS_AND_THEIRS, 3, "<<<<<<< HEAD"),
        ("name: B\n=======\nname: C\n", 2, "======="),
        ("name: B\n>>>>>>> their-branch\n", 2, ">>>>>>> their-branch"),
        ("name: B\n||||||| 1a2b3c4\nname: C\n", 2, "||||||| 1a2b3c4"),
    ],
)
def test_a_conflict_of_git_is_named(text: str, line: int, marker: str):
    finding = get_finding(text)
    assert finding.message == f"unresolved git conflict: `{marker}`"
    assert "keep one of the two versions" in finding.hint
    assert (finding.position.line, finding.position.column) == (line, 1)


def test_a_conflict_in_front_matter_is_named_at_its_line_of_the_file():
    assert get_finding("kind: team\n" + OURS_AND_THEIRS, first_line=2).position.line == 3


def test_a_line_of_signs_within_text_is_no_conflict():
    assert read_documents("notes: |\n  Title\n  =======\n  >>>>>>> quoted\n", "cards/a.yml")[1] == []
