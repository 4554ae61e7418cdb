"""Packed texts are the same texts, and MkDocs sees no difference in files and pages that have them."""

from hypothesis import given
from hypothesis import strategies as st
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure import pages
from mkdocs.structure.files import File, Files, InclusionLevel

from generator.generated_pages import GeneratedFile, GeneratedPage, add_files
from generator.pages.packed_text import pack_text, unpack_text
from generator.pages.site_page import SitePage


@given(st.text(st.characters()))  # also lone surrogates, which JSON of an author can contain
def test_a_packed_text_is_the_same_text(text: str):
    packed = pack_text(text)
    assert unpack_text(packed) == text
    assert bool(packed) == bool(text)


def test_a_known_text_is_packed_once():
    packed = pack_text("word " * 1000)
    assert len(packed) < 500
    assert pack_text("word " * 1000, packed) is packed
    assert pack_text("other", packed) == pack_text("other")


def build_files(markdown: str) -> tuple[GeneratedFile, Files]:
    config = MkDocsConfig()
    config.load_dict({"site_name": "S", "site_dir": "site", "nav": ["models/a.md"]})
    config.plugins = type("Plugins", (), {"_current_plugin": "modelbook"})()
    files = Files([])
    add_files(files, [SitePage("models/a.md", "model:a", "A", None, pack_text(markdown))], [{"a.css": "b"}], config)
    file = files.get_file_from_path("models/a.md")
    assert isinstance(file, GeneratedFile)
    return file, files


def test_the_file_of_a_page_has_its_text_as_any_generated_file_has():
    file, files = build_files("# Größe\n")
    assert file.content_string == "# Größe\n"
    assert file.content_bytes == "# Größe\n".encode()
    assert file.inclusion is InclusionLevel.UNDEFINED
    file.content_string = "other"
    assert (file.content_string, file.content_bytes) == ("other", b"other")
    file.content_bytes = b"bytes"
    assert file.content_string == "bytes"
    assert [one.src_uri for one in files.documentation_pages()] == ["models/a.md"]
    assert isinstance(file, File)
    css = files.get_file_from_path("a.css")
    assert css is not None
    assert css.content_string == "b"


def test_a_page_keeps_the_texts_that_a_plugin_sets():
    page = object.__new__(GeneratedPage)
    page.prepared = None
    assert (page.markdown, page.content) == (None, None)
    page.markdown, page.content = "# A", "<h1>A</h1>"
    assert (page.markdown, page.content) == ("# A", "<h1>A</h1>")
    page.content = f"{page.content}<p>more</p>"
    assert page.content == "<h1>A</h1><p>more</p>"
    page.content = ""
    assert page.content == ""
    page.content = None
    assert page.content is None
    assert issubclass(GeneratedPage, pages.Page)
