import posixpath
from urllib.parse import urljoin

from hypothesis import given
from hypothesis import strategies as st

from generator.names import Ref
from generator.pages.tree import Here, path_of

PATHS = st.sampled_from(
    ["index.md", "map.md", "models/index.md", "models/ryl.md", "models/a.b.md", "resources/topic/orders.v1.md"]
)


def test_a_cards_page_lies_in_the_folder_of_its_kind():
    assert path_of(Ref("model", "ryl")) == "models/ryl.md"
    assert path_of(Ref("person", "asha")) == "people/asha.md"
    assert path_of(Ref("topic", "orders.v1")) == "resources/topic/orders.v1.md"


@given(PATHS, PATHS, st.booleans())
def test_the_way_in_html_leads_where_the_other_page_is_built(here_path, path, directory_urls):
    here = Here(here_path, directory_urls)
    base = "https://e.example.com/sub/"
    assert urljoin(base + here.built(here_path), here.href(path)) == base + here.built(path)


@given(PATHS, PATHS)
def test_the_way_in_markdown_leads_to_the_other_file(here_path, path):
    way = Here(here_path).markdown(path)
    assert posixpath.normpath(posixpath.join(posixpath.dirname(here_path), way)) == path


@given(PATHS, st.booleans())
def test_files_are_found_from_every_page(here_path, directory_urls):
    here = Here(here_path, directory_urls)
    base = "https://e.example.com/sub/"
    assert urljoin(base + here.built(here_path), here.href("assets/a.js")) == base + "assets/a.js"
