"""The canonical form, without changes of Confluence on save and with edits of users."""

from hypothesis import given, settings
from lxml import etree

from generator.confluence.storage.parse import AC, RI, get_name, normalise_storage, parse_storage
from tests.confluence.storage.book import PLACES, converted
from tests.confluence.storage.test_properties import TREES


def saved(storage: str) -> str:
    """Return the body as saved by Confluence, with ids, opened empty elements and entities."""
    root = parse_storage(storage)
    for number, element in enumerate(root.iter()):
        if get_name(element) == "ac:structured-macro":
            element.set(f"{{{AC}}}macro-id", f"id-{number}")
            element.set(f"{{{AC}}}schema-version", "1")
        if get_name(element) == "ri:page":
            element.set(f"{{{RI}}}version-at-save", str(number))
        if get_name(element) in {"p", "table", "h2"}:
            element.set("local-id", f"local-{number}")
        if get_name(element) == "ac:task":
            etree.SubElement(element, f"{{{AC}}}task-id").text = str(number)
    text = etree.tostring(root, method="c14n").decode()
    inner = text[text.index(">") + 1 : text.rindex("<")]
    return inner.replace("\N{NO-BREAK SPACE}", "&nbsp;").replace("Ä", "&Auml;").replace("<br></br>", "<br />")


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_the_canonical_form_survives_a_save(body: str):
    sent = converted(body).storage.resolve(PLACES, "BOOK")
    assert normalise_storage(saved(sent)) == normalise_storage(sent)


def test_equal_content_has_one_canonical_form():
    assert normalise_storage("<p>a&nbsp;b</p>\n<hr></hr>") == normalise_storage("<p>a\N{NO-BREAK SPACE}b</p><hr/>")
    code = '<ac:structured-macro ac:name="code"><ac:plain-text-body>{}</ac:plain-text-body></ac:structured-macro>'
    assert normalise_storage(code.format("<![CDATA[a<b]]>")) == normalise_storage(code.format("a&lt;b"))
    macro = '<ac:structured-macro ac:name="status">{}{}</ac:structured-macro>'
    given = ('<ac:parameter ac:name="title">x</ac:parameter>', '<ac:parameter ac:name="colour">Red</ac:parameter>')
    assert normalise_storage(macro.format(*given)) == normalise_storage(macro.format(*given[::-1]))


def test_a_link_within_the_space_keeps_the_canonical_form_without_its_key():
    link = '<p><ac:link><ri:page{} ri:content-title="A"/></ac:link></p>'
    assert normalise_storage(link.format(' ri:space-key="BOOK"')) == normalise_storage(link.format(""))


def test_a_comment_keeps_the_canonical_form():
    marked = '<p>one <ac:inline-comment-marker ac:ref="1-2">two</ac:inline-comment-marker> three</p>'
    assert normalise_storage(marked) == normalise_storage("<p>one two three</p>")


def test_an_edit_changes_the_canonical_form():
    assert normalise_storage("<p>a b</p>") != normalise_storage("<p>a c</p>")
    assert normalise_storage("<p>a <em>b</em></p>") != normalise_storage("<p>a<em>b</em></p>")
    assert normalise_storage('<a href="x">y</a>') != normalise_storage('<a href="z">y</a>')
