"""The storage format that the demo server accepts, and its changes on save."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.demo.storage import Refusal, parse_body, rewrite_body
from generator.confluence.storage.parse import get_name
from generator.confluence.wiki import Flavour
from tests.confluence.demo.comments import find_markers, mark_text
from tests.confluence.demo.shapes import check_shapes, list_errors

CODE = """<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">py</ac:parameter>
<ac:plain-text-body><![CDATA[a < b && c ]]]]><![CDATA[> d]]></ac:plain-text-body></ac:structured-macro>"""
LINK = """<ac:link ac:anchor="top"><ri:page ri:content-title="Home" ri:space-key="X" />
<ac:link-body>x</ac:link-body></ac:link>"""
IMAGE = """<ac:image ac:alt="a"><ri:attachment ri:filename="a.png">
<ri:page ri:content-title="O" /></ri:attachment></ac:image>"""
TASK = """<ac:task-list><ac:task><ac:task-status>complete</ac:task-status>
<ac:task-body>x</ac:task-body></ac:task></ac:task-list>"""
LAYOUT = """<ac:layout><ac:layout-section ac:type="single">
<ac:layout-cell><p>x</p></ac:layout-cell></ac:layout-section></ac:layout>"""
GOOD = (
    "plain text",
    "<p>a &amp; b &lt; c &nbsp; &eacute; &#8594;</p>",
    '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>x</p></ac:rich-text-body></ac:structured-macro>',
    '<ac:link><ri:content-entity ri:content-id="123" /><ac:link-body><em>x</em></ac:link-body></ac:link>',
    '<p><ac:inline-comment-marker ac:ref="r">x</ac:inline-comment-marker><ac:emoticon ac:name="tick" /></p>',
    "<!-- gone --><p>x</p><?gone too?>",
    *(CODE, LINK, IMAGE, TASK, LAYOUT),
)

BAD = {
    "<p>x": "Opening and ending tag mismatch",
    "<p>one</p>\n<p>two</br></p>": "[2,",
    "<p>&bogus;</p>": "Entity 'bogus' not defined",
    "<p a=1>x</p>": "AttValue",
    "</r><r>": "Extra content",
    "<!DOCTYPE x><p/>": "[row,col",
    "a\x00b": "[row,col",
    "<script>x</script>": "Unknown element <script>",
    "<P>x</P>": "Unknown element <P>",
    "<x:y/>": "not defined",
    "\n\n<foo/>": "[3,1]",
    "<p/>" + "<b>" * 300 + "</b>" * 300: "[row,col",
}

MISPLACED = {
    "<ac:foo/>": "Unknown element <ac:foo>",
    "<ri:page/>": "it belongs into <ac:image> or <ac:link>",
    "<ac:link><ri:page/></ac:link>": "lacks the attribute ri:content-title",
    "<ac:link>text</ac:link>": "Unexpected text in <ac:link>",
    '<ac:structured-macro ac:name="x"><p/></ac:structured-macro>': "Unexpected element <p> in <ac:structured-macro>",
    "<ac:structured-macro/>": "lacks the attribute ac:name",
    "<ac:rich-text-body/>": "it belongs into <ac:structured-macro>",
    "<ac:image/>": "needs one ri:attachment or ri:url",
    '<ac:link><ri:content-entity ri:content-id="x"/></ac:link>': "must be the number of a page",
    "<ac:task-list><ac:task><ac:task-status>done</ac:task-status></ac:task></ac:task-list>": "complete or incomplete",
}


@pytest.mark.parametrize("body", GOOD)
def test_the_storage_format_of_confluence_is_accepted(body: str) -> None:
    check_shapes(body)


@pytest.mark.parametrize(("body", "says"), BAD.items(), ids=[body[:30] for body in BAD])
def test_other_text_is_refused_with_its_position(body: str, says: str) -> None:
    with pytest.raises(Refusal, match=re.escape(says)) as raised:
        parse_body(body)
    assert raised.value.status == 400
    assert re.match(
        r"Error parsing xhtml: .+\n at \[row,col \{unknown-source\}\]: \[\d+,\d+\]\Z", str(raised.value), re.S
    )


@pytest.mark.parametrize(("body", "says"), MISPLACED.items(), ids=[body[:30] for body in MISPLACED])
def test_what_the_publisher_writes_is_checked_for_elements_in_the_wrong_place(body: str, says: str) -> None:
    errors = [error for each in parse_body(body).iterdescendants() for error in list_errors(each, get_name(each))]
    assert any(says in error for error in errors)


def test_entities_cannot_be_declared() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;</p>'
    with pytest.raises(Refusal):
        parse_body(bomb)
    with pytest.raises(Refusal):
        parse_body('<!ENTITY x SYSTEM "file:///etc/passwd"><p>&x;</p>')


def test_a_saved_body_has_ids_and_the_form_of_confluence() -> None:
    body = (
        '<p>“a”\u00a0→ é</p><br></br><ac:structured-macro ac:name="toc"/>'
        "<ac:task-list><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>x</ac:task-body></ac:task></ac:task-list>"
        '<ac:link><ri:page ri:content-title="A"/></ac:link>'
    )
    stored = rewrite_body(body, Flavour.DATACENTER, "1/1")
    ids = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert ids.sub("ID", stored) == (
        "<p>&ldquo;a&rdquo;&nbsp;&rarr; &eacute;</p><br />"
        '<ac:structured-macro ac:name="toc" ac:schema-version="1" ac:macro-id="ID" />'
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-uuid>ID</ac:task-uuid>"
        "<ac:task-status>incomplete</ac:task-status><ac:task-body>x</ac:task-body></ac:task></ac:task-list>"
        '<ac:link><ri:page ri:content-title="A" ri:version-at-save="1" /></ac:link>'
    )
    assert '<p local-id="' in rewrite_body(body, Flavour.CLOUD, "1/1")


@pytest.mark.parametrize("body", GOOD)
@pytest.mark.parametrize("flavour", list(Flavour))
def test_saving_a_saved_body_changes_nothing(body: str, flavour: Flavour) -> None:
    once = rewrite_body(body, flavour, "1/1")
    assert rewrite_body(once, flavour, "1/2") == once


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=80, deadline=None)
@given(TEXT, TEXT)
def test_no_character_is_lost_on_save(text: str, code: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    cdata = code.replace("]]>", "]]]]><![CDATA[>")
    body = (
        f'<p title="{escaped.replace(chr(34), "&quot;")}">{escaped}</p><ac:structured-macro ac:name="code">'
        f"<ac:plain-text-body><![CDATA[{cdata}]]></ac:plain-text-body></ac:structured-macro>"
    )
    stored = parse_body(rewrite_body(body, Flavour.CLOUD, "1/1"))
    assert stored[0].text == text
    assert stored[0].get("title") == text
    assert "".join(str(part) for part in stored[1].itertext()) == code


def test_a_marker_encloses_the_selected_text() -> None:
    body = "<p>one two <b>two</b> two</p>"
    wrap = '<ac:inline-comment-marker ac:ref="r">two</ac:inline-comment-marker>'
    assert mark_text(body, "two", 0, "r") == f"<p>one {wrap} <b>two</b> two</p>"
    assert mark_text(body, "two", 1, "r") == f"<p>one two <b>{wrap}</b> two</p>"
    assert mark_text(body, "two", 2, "r") == f"<p>one two <b>two</b> {wrap}</p>"
    assert mark_text(body, "two", 3, "r") is None
    assert find_markers(f"<p>{wrap}</p>") == {"r"}


def test_occurrences_are_counted_in_reading_order() -> None:
    wrap = '<ac:inline-comment-marker ac:ref="r">two</ac:inline-comment-marker>'
    assert mark_text("<p><b><i>two</i></b> two</p>", "two", 1, "r") == f"<p><b><i>two</i></b> {wrap}</p>"


def test_code_has_no_marker() -> None:
    body = '<ac:structured-macro ac:name="code"><ac:plain-text-body>two</ac:plain-text-body></ac:structured-macro>'
    assert mark_text(body, "two", 0, "r") is None
