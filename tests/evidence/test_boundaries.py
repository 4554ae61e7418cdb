"""The boundaries of names, compared with regular expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.boundaries import Boundary, find_boundary
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

ID = SearchName("ab-1.x", "model:m", NameKind.ID)
TOPIC = SearchName("ab.v1", "topic:m", NameKind.ID)
HOST = SearchName("ab.example.com", "model:m", NameKind.HOST)
EMAIL = SearchName("ab@example.com", "person:ab", NameKind.EMAIL)
RETIRED = SearchName("m: ab_1", "migration:m", NameKind.RETIRED)
EXPRESSIONS = {
    ID: r"(?<![\w-])ab-1\.x(?![\w-]|\.[0-9])",
    TOPIC: r"(?<![\w-])ab\.v1(?![\w-]|\.[A-Za-z0-9])",
    HOST: r"(?i)(?<![\w.-])ab\.example\.com(?![\w-]|\.[A-Za-z0-9])",
    EMAIL: r"(?i)(?<![\w.+-])ab@example\.com(?![\w-]|\.[A-Za-z0-9])",
    RETIRED: r"(?<!\w)m: ab_1(?!\w)",
}
GAPS = st.text(alphabet="aB1-._+ /:\"'@\nñ", max_size=3)


@pytest.mark.parametrize("name", EXPRESSIONS, ids=lambda name: name.kind)
@given(data=st.data())
def test_names_are_found_between_their_boundaries(name: SearchName, data: st.DataObject):
    spellings = st.sampled_from([name.text, name.text, name.text.upper(), name.text[1:]])
    text = "".join(data.draw(st.lists(st.one_of(GAPS, spellings), max_size=6)))
    expected = [found.start() for found in re.finditer(EXPRESSIONS[name], text)]
    hits = Matcher([name]).find(text.encode(), "a.txt")
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[: hit.line - 1]) + hit.column - 1 for hit in hits]
    assert starts == expected


@pytest.mark.parametrize(
    ("text", "boundary"),
    [
        ("scorer-vm.internal:8080", Boundary.HOST),
        ("scorer-vm:8080", Boundary.HOST),
        ("old.example.com/v1/rank", Boundary.HOST),
        ("ryl_v1", Boundary.ID),
        ("claude-2", Boundary.ID),
        ("model: ryl_v1", Boundary.TEXT),
        ("ryl:predict", Boundary.TEXT),
    ],
)
def test_a_retired_string_has_the_boundary_of_the_kind_that_it_looks_like(text: str, boundary: Boundary):
    assert find_boundary(SearchName(text, "migration:m", NameKind.RETIRED)) is boundary


@given(st.text(), st.text())
def test_any_characters_may_stand_around_a_name(left: str, right: str):
    text = f"{left} {ID.text} {right}".encode("utf-8", "surrogatepass")
    assert ID.text in [hit.match for hit in Matcher([ID]).find(text, "a.txt")]


@given(st.binary())
def test_any_bytes_may_stand_around_a_name(content: bytes):
    hits = Matcher([ID]).find(b"#" + content + b"\nab-1.x", "a.txt")
    assert (hits[-1].line, hits[-1].column, hits[-1].match) == (2 + content.count(b"\n"), 1, "ab-1.x")
