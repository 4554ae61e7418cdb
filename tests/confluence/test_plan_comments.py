"""Markers of inline comments in a new body, which is otherwise unchanged byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.confluence.demo.storage import rewrite_body
from generator.confluence.storage.parse import normalise_storage, parse_storage
from generator.confluence.sync.markers import insert_markers, markers_of
from generator.confluence.sync.values import Marker
from generator.confluence.wiki import Flavour
from tests.confluence.demo.comments import mark_text

REF = "8b1f"
CODE = (
    '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[{}]]></ac:plain-text-body></ac:structured-macro>'
)
PANEL = (
    '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>a panel</p></ac:rich-text-body></ac:structured-macro>'
)


def add_marker(storage: str, selection: str, index: int = 0, ref: str = REF) -> str:
    """Return the body as Confluence stores it after a comment on some words."""
    stored = mark_text(rewrite_body(storage, Flavour.CLOUD, "1"), selection, index, ref)
    assert stored is not None
    return stored


def move_marker(old: str, selection: str, new: str, index: int = 0) -> str:
    """Return the new body with the marker of the comment; fail if it is detached."""
    storage, lost = insert_markers(new, markers_of(add_marker(old, selection, index)))
    assert not lost
    return storage


def wrap_in_marker(words: str, ref: str = REF) -> str:
    return f'<ac:inline-comment-marker ac:ref="{ref}">{words}</ac:inline-comment-marker>'


def test_the_marker_surrounds_the_same_words() -> None:
    new = "<h2>Use</h2><p>It ranks nearby restaurants.</p>"
    assert move_marker("<p>Ranks nearby restaurants.</p>", "nearby restaurants", new) == (
        f"<h2>Use</h2><p>It ranks {wrap_in_marker('nearby restaurants')}.</p>"
    )


def test_entities_and_letters_outside_ascii_are_cut_at_the_right_byte() -> None:
    body = "<p>Größe &amp; Maß &lt;b&gt; für Zürich: Größe zählt viel</p>"
    assert move_marker(body, "Maß <b> für Zürich", body.replace("Größe &amp;", "Ä Größe &amp;")) == (
        "<p>Ä Größe &amp; " + wrap_in_marker("Maß &lt;b&gt; für Zürich") + ": Größe zählt viel</p>"
    )


def test_repeated_words_are_matched_by_their_context() -> None:
    old = "<p>recall 0.91 on Monday</p><p>recall 0.91 on Tuesday</p>"
    new = "<p>New: recall 0.91 on Monday</p><p>recall 0.91 on Tuesday</p>"
    assert move_marker(old, "0.91", new, index=1) == new.replace(
        "0.91 on Tuesday", f"{wrap_in_marker('0.91')} on Tuesday"
    )


def test_words_across_elements_get_a_marker_in_each() -> None:
    body = "<p>Ranks <strong>all</strong> places</p>"
    text = "Ranks all places"
    storage, _ = insert_markers(body, [Marker(REF, text, "\n", "\n")])
    assert storage == (
        f"<p>{wrap_in_marker('Ranks ')}<strong>{wrap_in_marker('all')}</strong>{wrap_in_marker(' places')}</p>"
    )


def test_two_comments_on_the_same_words_are_both_kept() -> None:
    body = "<p>Ranks nearby restaurants for you</p>"
    markers = [Marker("a", "nearby restaurants", "Ranks ", " for"), Marker("b", "restaurants for you", "nearby ", "")]
    storage, lost = insert_markers(body, markers)
    assert not lost
    assert {ref for ref in ("a", "b") if f'ac:ref="{ref}"' in storage} == {"a", "b"}
    assert normalise_storage(storage) == normalise_storage(body)


@pytest.mark.parametrize(
    ("old", "selection", "new"),
    [
        ("<p>recall 0.91</p>", "0.91", "<p>recall 0.88</p>"),
        ("<p>recall 0.91</p>", "0.91", "<p>latency of 30 ms, down from 0.91 s</p>"),
        ("<p>Ranks it</p>", "Ranks it", CODE.format("Ranks it")),
        ("<p>a longer stretch of words</p>", "a longer stretch of words", "<p>a longer</p><p>stretch of words</p>"),
    ],
    ids=["other words", "short words elsewhere", "in code", "torn apart"],
)
def test_a_comment_on_removed_words_is_detached(old: str, selection: str, new: str) -> None:
    storage, lost = insert_markers(new, markers_of(add_marker(old, selection)))
    assert (storage, lost) == (new, frozenset({REF}))


def test_a_body_without_comments_is_not_parsed() -> None:
    assert markers_of("<p>unclosed") == ()


def test_entities_in_the_wiki_body_are_parsed() -> None:
    [marker] = markers_of(f"<p>Caf&eacute;&nbsp;{wrap_in_marker('cr&egrave;me')}</p>")
    assert (marker.ref, marker.text, marker.before) == (REF, "crème", "\n\nCafé\N{NO-BREAK SPACE}")


PARTS = st.lists(
    st.sampled_from(
        [
            "<p>Ranks restaurants &amp; bars nearby</p>",
            "<p>Größe <em>zählt</em> viel</p>",
            "<ul><li>one item</li><li>another item</li></ul>",
            PANEL,
            '<p><ac:link><ri:page ri:content-title="A &gt; B"/><ac:link-body>a link</ac:link-body></ac:link></p>',
            CODE.format("x < y ]]]]><![CDATA[> z"),
        ]
    ),
    min_size=1,
    max_size=6,
    unique=True,
)
WORDS = ["restaurants & bars", "zählt", "another item", "a panel", "a link", "Größe"]


@settings(max_examples=80, deadline=None)
@given(old=PARTS, new=PARTS, selection=st.sampled_from(WORDS))
def test_markers_keep_the_text_and_valid_storage_format(old: list[str], new: list[str], selection: str) -> None:
    stored = mark_text(rewrite_body("".join(old), Flavour.CLOUD, "1"), selection, 0, REF)
    if stored is None:
        return
    body = "".join(new)
    storage, lost = insert_markers(body, markers_of(stored))
    parse_storage(storage)
    assert normalise_storage(storage) == normalise_storage(body)
    assert storage.replace(open_marker(), "").replace("</ac:inline-comment-marker>", "") == body
    stands = any(selection in _text(part) for part in set(old) & set(new))
    assert not stands or not lost


def open_marker() -> str:
    return wrap_in_marker("").removesuffix("</ac:inline-comment-marker>")


def _text(storage: str) -> str:
    root = parse_storage(storage)
    for element in root.iter("{*}plain-text-body"):
        element.text = ""
    return str(etree.tostring(root, encoding="unicode", method="text"))
