"""A document as bytes has the same values at the same positions as its tree."""

import pickle
from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.load.nodes import Document, Mark, Node, Path
from generator.load.yaml_reader import read_documents

SCALARS = st.sampled_from(["~", "2.10", "'null'", '"é\\n"', "two words", "ü", "x" * 70, "''", "!!str 1", "!own 1"])
GAPS = st.sampled_from([" ", "\n  ", "  # why\n  "])


@st.composite
def yaml_texts(draw: st.DrawFn) -> str:
    """Mappings and lists in brackets, with anchors, aliases as values, items and keys, comments and line breaks."""
    anchors: list[str] = []
    names: list[str] = []
    """The anchors of texts, which can be keys."""

    def write(depth: int) -> str:
        kind = draw(st.sampled_from(["scalar", "list", "mapping", "alias"]))
        if kind == "alias" and anchors:
            return f"*{draw(st.sampled_from(anchors))} "
        gap = draw(GAPS)
        if kind == "list" and depth:
            text = f"[{gap}{f',{gap}'.join(write(depth - 1) for _ in range(draw(st.integers(0, 3))))}{gap}]"
        elif kind == "mapping" and depth:
            text = (
                f"{{{gap}{f',{gap}'.join(write_entry(index, depth) for index in range(draw(st.integers(0, 3))))}{gap}}}"
            )
        else:
            kind, text = "scalar", draw(SCALARS)
        if draw(st.booleans()):
            return text
        anchors.append(f"a{len(anchors)}")
        names.extend(anchors[-1:] if kind == "scalar" else ())
        return f"&{anchors[-1]} {text}"

    def write_entry(index: int, depth: int) -> str:
        key = f"*{names[-1]} " if names and index == 0 and draw(st.booleans()) else f"k{index}"
        return f"{key}: {write(depth - 1)}"

    return "".join(f"t{index}:{draw(GAPS)}{write(3)}\n" for index in range(draw(st.integers(1, 4))))


def list_paths(node: Node, path: Path = ()) -> Iterator[Path]:
    """Every path of a tree, and one that does not exist in each of its values."""
    yield path
    yield (*path, "none")
    yield (*path, 7)
    content = node.content
    children = content.items() if isinstance(content, dict) else enumerate(content if isinstance(content, list) else ())
    for step, child in children:
        yield from list_paths(child, (*path, step))


def describe(node: Node | None) -> object:
    """What others read of a node."""
    if node is None:
        return None
    content: object = node.content
    if isinstance(node.content, dict):
        content = {key: describe(child) for key, child in node.content.items()}
    elif isinstance(node.content, list):
        content = [describe(child) for child in node.content]
    return (type(node.mark), node.mark, node.end, content, getattr(content, "plain", None), node.keys, node.aliases)


@settings(deadline=None)
@given(text=yaml_texts(), first_line=st.sampled_from([1, 2]))
@example(text="t0: [&a0 {k0: &a1 'x'}, *a0 ]\nt1: *a0\nt2: {*a1 : 1}\n", first_line=1)
@example(text="a:\n  - |\n    two\n    lines\n  - >-\n    one\nb:\nc: ~\n", first_line=1)
def test_every_path_of_a_packed_document_is_where_it_was(text: str, first_line: int):
    documents, _ = read_documents(text, "a.yml", first_line)
    for document in documents:
        packed = pickle.loads(pickle.dumps(document.pack()))
        assert isinstance(packed, Document)
        assert isinstance(packed.tree, bytes)
        assert packed.to_plain() == document.to_plain()
        assert describe(packed.root) == describe(document.root)
        assert [*packed.list_texts()] == [*document.list_texts()]
        paths = [*list_paths(document.root)]
        assert [packed.at(*path) for path in paths] == [document.at(*path) for path in paths]
        assert [packed.at_key(*path) for path in paths] == [document.at_key(*path) for path in paths]
        assert [describe(packed.find(*path)) for path in paths] == [describe(document.find(*path)) for path in paths]


def test_a_value_that_aliases_share_stays_one_object():
    (document,), _ = read_documents("a: &x [1, &y two]\nb: *x\nc: {d: *x, e: *y}\n", "a.yml")
    root = document.pack().root
    shared = root.find(("a",))
    assert shared is root.find(("b",)) is root.find(("c", "d"))
    assert root.find(("a", 1)) is root.find(("c", "e"))
    assert [(one.key, one.text) for one in document.pack().list_texts()] == [
        ("a", "1"),
        ("a", "two"),
        ("b", "1"),
        ("b", "two"),
        ("d", "1"),
        ("d", "two"),
        ("e", "two"),
    ]


def test_a_packed_document_is_small():
    text = "kind: model\n" + "".join(f"x-key-{index}: [a, b, {{c: d}}]\n" for index in range(100))
    (document,), _ = read_documents(text, "a.yml")
    packed = document.pack().tree
    assert isinstance(packed, bytes)
    assert len(packed) < 3 * len(text)
    assert packed == document.pack().pack().tree
    assert document.pack().root.mark == Mark(1, 1, 0)
