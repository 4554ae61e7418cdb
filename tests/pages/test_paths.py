import posixpath
from urllib.parse import urljoin

from hypothesis import given
from hypothesis import strategies as st

from generator.names import Ref
from generator.pages.paths import PageLocation, get_card_path, get_output_path

PATHS = st.sampled_from(
    ["index.md", "map.md", "models/index.md", "models/ryl.md", "models/a.b.md", "resources/topic/orders.v1.md"]
)


def test_the_page_of_a_card_is_in_the_folder_of_its_kind():
    assert get_card_path(Ref("model", "ryl")) == "models/ryl.md"
    assert get_card_path(Ref("person", "asha")) == "people/asha.md"
    assert get_card_path(Ref("topic", "orders.v1")) == "resources/topic/orders.v1.md"


@given(PATHS, PATHS, st.booleans())
def test_an_href_resolves_to_the_built_page(here_path, path, directory_urls):
    here = PageLocation(here_path, directory_urls)
    base = "https://e.example.com/sub/"
    assert urljoin(
        base + get_output_path(here_path, directory_urls=directory_urls), here.get_href(path)
    ) == base + get_output_path(path, directory_urls=directory_urls)


@given(PATHS, PATHS)
def test_a_markdown_link_resolves_to_the_other_file(here_path, path):
    link = PageLocation(here_path).get_markdown_link(path)
    assert posixpath.normpath(posixpath.join(posixpath.dirname(here_path), link)) == path


@given(PATHS, st.booleans())
def test_an_href_to_a_file_resolves_from_every_page(here_path, directory_urls):
    here = PageLocation(here_path, directory_urls)
    base = "https://e.example.com/sub/"
    assert (
        urljoin(base + get_output_path(here_path, directory_urls=directory_urls), here.get_href("assets/a.js"))
        == base + "assets/a.js"
    )
