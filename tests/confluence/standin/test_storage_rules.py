"""What the stand-in takes as storage format, and what it makes of it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.rewriting import marked, markers, saved
from generator.confluence.standin.storage_rules import parse
from generator.confluence.wiki import Flavour

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
    "</page><page>": "Extra content",
    "<!DOCTYPE x><p/>": "[row,col",
    "a\x00b": "[row,col",
    "<script>x</script>": "Unknown element <script>",
    "<P>x</P>": "Unknown element <P>",
    "<x:y/>": "not defined",
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
    "\n\n<ac:foo/>": "[3,1]",
    "<p/>" + "<b>" * 300 + "</b>" * 300: "[row,col",
}


@pytest.mark.parametrize("body", GOOD)
def test_what_confluence_writes_is_taken(body: str) -> None:
    parse(body)


@pytest.mark.parametrize(("body", "says"), BAD.items(), ids=[body[:30] for body in BAD])
def test_anything_else_is_refused_with_its_place(body: str, says: str) -> None:
    with pytest.raises(Refusal, match=re.escape(says)) as raised:
        parse(body)
    assert raised.value.reason is Reason.BAD_STORAGE
    assert re.match(
        r"Error parsing xhtml: .+\n at \[row,col \{unknown-source\}\]: \[\d+,\d+\]\Z", str(raised.value), re.S
    )


def test_entities_cannot_be_declared_and_so_cannot_grow() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;</p>'
    with pytest.raises(Refusal):
        parse(bomb)
    with pytest.raises(Refusal):
        parse('<!ENTITY x SYSTEM "file:///etc/passwd"><p>&x;</p>')


def test_saving_normalises_and_gives_ids() -> None:
    body = (
        '<p>“a”\u00a0→ é</p><br></br><ac:structured-macro ac:name="toc"/>'
        "<ac:task-list><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>x</ac:task-body></ac:task></ac:task-list>"
        '<ac:link><ri:page ri:content-title="A"/></ac:link>'
    )
    stored = saved(body, Flavour.DATACENTER, "1/1")
    ids = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert ids.sub("ID", stored) == (
        "<p>&ldquo;a&rdquo;&nbsp;&rarr; &eacute;</p><br />"
        '<ac:structured-macro ac:name="toc" ac:schema-version="1" ac:macro-id="ID" />'
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-uuid>ID</ac:task-uuid>"
        "<ac:task-status>incomplete</ac:task-status><ac:task-body>x</ac:task-body></ac:task></ac:task-list>"
        '<ac:link><ri:page ri:content-title="A" ri:version-at-save="1" /></ac:link>'
    )
    assert '<p local-id="' in saved(body, Flavour.CLOUD, "1/1")


@pytest.mark.parametrize("body", GOOD)
@pytest.mark.parametrize("flavour", list(Flavour))
def test_what_was_saved_is_saved_as_it_is(body: str, flavour: Flavour) -> None:
    once = saved(body, flavour, "1/1")
    assert saved(once, flavour, "1/2") == once


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=80, deadline=None)
@given(TEXT, TEXT)
def test_no_character_is_lost_in_saving(text: str, code: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    cdata = code.replace("]]>", "]]]]><![CDATA[>")
    body = (
        f'<p title="{escaped.replace(chr(34), "&quot;")}">{escaped}</p><ac:structured-macro ac:name="code">'
        f"<ac:plain-text-body><![CDATA[{cdata}]]></ac:plain-text-body></ac:structured-macro>"
    )
    stored = parse(saved(body, Flavour.CLOUD, "1/1"))
    assert stored[0].text == text
    assert stored[0].get("title") == text
    assert "".join(str(part) for part in stored[1].itertext()) == code


def test_a_marker_goes_around_the_text_asked_for() -> None:
    body = "<p>one two <b>two</b> two</p>"
    wrap = '<ac:inline-comment-marker ac:ref="r">two</ac:inline-comment-marker>'
    assert marked(body, "two", 0, "r") == f"<p>one {wrap} <b>two</b> two</p>"
    assert marked(body, "two", 1, "r") == f"<p>one two <b>{wrap}</b> two</p>"
    assert marked(body, "two", 2, "r") == f"<p>one two <b>two</b> {wrap}</p>"
    assert marked(body, "two", 3, "r") is None
    assert markers(f"<p>{wrap}</p>") == {"r"}


def test_stretches_are_counted_as_they_are_read() -> None:
    wrap = '<ac:inline-comment-marker ac:ref="r">two</ac:inline-comment-marker>'
    assert marked("<p><b><i>two</i></b> two</p>", "two", 1, "r") == f"<p><b><i>two</i></b> {wrap}</p>"


def test_code_takes_no_marker() -> None:
    body = '<ac:structured-macro ac:name="code"><ac:plain-text-body>two</ac:plain-text-body></ac:structured-macro>'
    assert marked(body, "two", 0, "r") is None
