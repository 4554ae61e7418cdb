"""The start and the end of every value in the text."""

import copy
import json
import pickle
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load import yaml_reader
from generator.load.nodes import Mark, Node
from generator.load.yaml_reader import read_documents
from generator.schema.base import Scalar
from tests.load.writing import as_yaml


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    if request.param == "python":
        monkeypatch.setattr(yaml_reader, "_Loader", yaml.SafeLoader)


def sources(text: str) -> dict[str, str]:
    """The text of each value by its key, of a mapping of mappings."""
    (document,), findings = read_documents(text, "a.yml")
    assert findings == []
    content = document.root.content
    assert isinstance(content, dict)
    return {key: text[node.mark.offset : node.end] for key, node in content.items()}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a: b c  # d\n", "b c"),
        ("a: 'b c' # d\n", "'b c'"),
        ('a:   "b\n  c"\n', '"b\n  c"'),
        ("a:  # b\n", ""),
        ("a: ~\n", "~"),
        ("a: &x !t b\n", "&x !t b"),
        ("a: |  # b\n  c\n\n  d\n\n# e\nf: g\n", "|  # b\n  c\n\n  d"),
        ("a: >-\r\n  b\r\n  c\r\nd: e\r\n", ">-\r\n  b\r\n  c"),
        ("a: [b, c ]  # d\n", "[b, c ]"),
        ("a: {b: [\n  c,\n]}\n", "{b: [\n  c,\n]}"),
        ("a:\n- b # c\n- d # e\n\nf: g\n", "- b # c\n- d"),
        ("a:\n  b:\n    c: d\n    e:\n\nf: g\n", "b:\n    c: d\n    e:"),
        ("a: [ ]\n", "[ ]"),
        ("a: b", "b"),
    ],
)
def test_a_value_ends_before_the_comment_behind_it(text: str, source: str):
    assert sources(text)["a"] == source


@pytest.mark.usefixtures("parser")
def test_an_alias_ends_the_list_that_it_is_in():
    text = "a: &x b\nc:\n- *x\nd: e\n"
    assert sources(text)["c"] == "- *x"


def list_nodes(node: Node) -> Iterator[Node]:
    yield node
    children = node.content if isinstance(node.content, list) else []
    for child in node.content.values() if isinstance(node.content, dict) else children:
        yield from list_nodes(child)


TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n"), max_size=6)
DATA = st.dictionaries(
    TEXTS,
    st.recursive(
        TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
    ),
    max_size=4,
)


@settings(deadline=None)
@given(data=DATA, is_flow=st.booleans())
def test_the_text_of_a_value_alone_is_the_value(data: dict[str, object], *, is_flow: bool):
    text = json.dumps(data, indent=1) if is_flow or not data else as_yaml(data)
    (document,), _ = read_documents(text, "a.yml")
    for node in list_nodes(document.root):
        indentation = " " * (node.mark.column - 1)
        (alone,), findings = read_documents(indentation + text[node.mark.offset : node.end], "a.yml")
        assert findings == []
        assert alone.root.to_plain() == node.to_plain()


def test_equal_keys_share_their_memory():
    documents, _ = read_documents("some_key: 1\n---\nsome_key: 2\n", "a.yml")
    first, second = (next(iter(document.root.keys)) for document in documents)
    assert first is second


def test_a_mark_has_its_values_and_the_order_of_the_text():
    marks = [Mark(1, 1, 0), Mark(1, 70_000, 69_999), Mark(2, 1, 70_000), Mark(3_000_000, 5, 4_000_000_000)]
    assert [(mark.line, mark.column, mark.offset) for mark in marks] == [
        (1, 1, 0),
        (1, 70_000, 69_999),
        (2, 1, 70_000),
        (3_000_000, 5, 4_000_000_000),
    ]
    assert sorted([*marks[2:], *marks[:2]]) == marks
    assert copy.deepcopy(marks) == pickle.loads(pickle.dumps(marks)) == marks


def test_equal_values_of_a_book_are_one_object():
    (one,), (other,) = (read_documents(f"owner: {word}\nnote: x\n", "a.yml")[0] for word in ("menu", "menu"))
    assert one.root.find(("owner",)).content is other.root.find(("owner",)).content
    values = (read_documents(f"owner: {word}\n", "a.yml")[0][0].root.find(("owner",)).content for word in ("a", "'a'"))
    assert [isinstance(value, Scalar) and value.plain for value in values] == [True, False]
