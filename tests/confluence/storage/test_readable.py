"""Storage format as the lines of a diff."""

import pytest
from lxml import etree

from generator.confluence.storage.readable import get_page_properties, to_readable_lines
from tests.confluence.storage.book import storage
from tests.confluence.storage.test_convert import GOLDENS
from tests.conftest import Golden

SHOWN = "admonitions code definitions details diagram facts headings links lists tables tasks"


@pytest.mark.parametrize("name", SHOWN.split())
def test_storage_format_is_written_as_lines(name: str, golden: Golden):
    lines = to_readable_lines(storage((GOLDENS / f"{name}.html").read_text("utf-8")))
    golden(GOLDENS.parent / "readable" / f"{name}.txt", "".join(f"{line}\n" for line in lines))


def test_page_properties_are_listed_by_name():
    panel = storage((GOLDENS / "facts.html").read_text("utf-8"))
    assert list(get_page_properties(panel)) == ["Owner", "Lifecycle", "Version"]
    assert get_page_properties(panel)["Version"] == "`2.10`"
    assert get_page_properties(panel)["Lifecycle"] == "(production)"
    assert get_page_properties("<p>no panel</p>") == {}


def test_storage_format_of_users_is_readable():
    page = (
        '<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell><p>Hi&nbsp;<strong>you</strong></p>'
        '</ac:layout-cell></ac:layout-section></ac:layout><ac:structured-macro ac:name="toc"/>'
        '<p><ac:link><ri:user ri:account-id="5b"/></ac:link> <ac:emoticon ac:name="smile"/></p><div><p>In.</p></div>'
        "<ac:structured-macro ac:name='panel'><ac:rich-text-body><p>boxed</p></ac:rich-text-body></ac:structured-macro>"
    )
    assert to_readable_lines(page) == ["Hi you", "[toc macro]", "<5b>", "In.", "[panel]", "  boxed"]


def test_an_excerpt_is_text_like_any_other():
    assert to_readable_lines(storage("<p data-mb-excerpt>Ranks dishes.</p><p>More</p>")) == ["Ranks dishes.", "More"]


def test_invalid_storage_format_is_rejected():
    with pytest.raises(etree.XMLSyntaxError):
        to_readable_lines("<p>open")
