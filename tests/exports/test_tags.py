"""The lists of pages by tag: those that are replaced are as Material's templates render them."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from generator.exports.site_markdown import render_markdown_page
from generator.exports.tags import TaggedPage, TagLists, update_tag_files

MATERIAL = importlib.util.find_spec("material")
assert MATERIAL is not None
assert MATERIAL.origin is not None
TEMPLATES = Environment(loader=FileSystemLoader(Path(MATERIAL.origin).parent / "templates"))

names = st.text("aB1 &-_*", min_size=1, max_size=4).map(lambda text: " ".join(f"x{text}".split()).replace("&", "&amp;"))
tags = st.lists(st.sampled_from(["model", "deprecated", "r&amp;d", "a_b"]), unique=True, max_size=3)


class Tree(list["Tree"]):
    """A tag in a list, without tags below it."""

    def __init__(self, content: str, mappings: list[dict[str, TaggedPage]]) -> None:
        super().__init__()
        self.content, self.mappings = content, mappings


def render(pages: list[TaggedPage], path: str) -> dict[str, bytes]:
    """Render the files that list the pages as the plugin does."""
    above = "../" * path.count("/")
    TEMPLATES.filters["url"] = lambda url: f"{above}{url}"
    article = '<h1 id="tags">Tags</h1>\n'
    for tag in sorted({tag for page in pages for tag in page.tags}):
        name = TEMPLATES.get_template("fragments/tags/default/tag.html").render(tag={"name": tag}, config={"extra": {}})
        listed = [{"item": page} for page in sorted(pages, key=lambda page: page.title) if tag in page.tags]
        listing = Tree(f'<h2 id="tag:{tag}">{name}</h2>', listed)
        article += TEMPLATES.get_template("fragments/tags/default/listing.html").render(listing=listing) + "\n"
    files = {f"{page.url}index.html" if page.url.endswith("/") else page.url for page in pages}
    mappings = [{"item": {"url": page.url, "title": page.title}, "tags": page.tags} for page in pages]
    return {
        "tags.json": json.dumps({"mappings": mappings}).encode(),
        path: f"<nav></nav>{article}</main>".encode(),
        f"{path.removesuffix('.html')}.md": render_markdown_page(article, path, files, {"title": "Tags"}).encode(),
    }


@given(st.lists(st.tuples(names, tags, names, tags), max_size=6), st.booleans())
def test_the_lists_are_those_of_the_plugin(drawn, directory_urls):
    ending, path = ("/", "tags/index.html") if directory_urls else (".html", "tags.html")
    before, after = (
        [
            TaggedPage(f"models/m{place}{ending}", one[part], tuple(sorted(one[part + 1])))
            for place, one in enumerate(drawn)
        ]
        for part in (0, 2)
    )
    files, expected = render(before, path), render(after, path)
    updated = update_tag_files(TagLists(before, path, "tags.json"), after, files.get)
    has_same_tags = {tag for page in before for tag in page.tags} == {tag for page in after for tag in page.tags}
    assert (None if updated is None else files | updated) == (expected if has_same_tags else None)


@pytest.mark.parametrize("path", ["tags.json", "tags.html", "tags.md"])
def test_a_list_that_the_plugin_has_made_otherwise_is_left_to_it(path):
    before = [TaggedPage("a.html", "A", ("model",)), TaggedPage("b.html", "B", ("model",))]
    after = [before[0], TaggedPage("b.html", "0", ("model",))]
    files = render(before, "tags.html")
    lists = TagLists(before, "tags.html", "tags.json")
    assert update_tag_files(lists, after, files.get) == render(after, "tags.html")
    assert update_tag_files(
        lists, after, {**files, path: files[path].replace(b"A", b"C")}.get
    ) is None or path.endswith("md")
    assert update_tag_files(lists, after, {**files, path: b""}.get) is None
    assert update_tag_files(TagLists(before, "", "tags.json"), after, files.get) is None
