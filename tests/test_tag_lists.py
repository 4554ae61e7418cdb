"""The lists of pages by tag: those that are replaced are as Material's templates render them."""

import importlib.util
import json
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from generator.exports.site_markdown import render_markdown_page
from generator.pages.article import ArticleConverter
from generator.pages.tags_page import choose_listed_tags, render_tags_page
from generator.tag_lists import TaggedPage, TagLists, update_tag_files

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
    counts = Counter(tag for page in pages for tag in page.tags)
    listed_tags = choose_listed_tags(counts)
    text, _, _ = render_tags_page(counts.elements()).split("---\n", 2)[2].partition("<!-- material/tags")
    article = ArticleConverter().convert(text) + "\n"
    for tag in sorted(listed_tags):
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


def list_parts(pages: list[TaggedPage]) -> tuple[frozenset[str], list[str]]:
    """Return the tags whose pages the page of tags lists, and the others in its order."""
    counts = Counter(tag for page in pages for tag in page.tags)
    listed = choose_listed_tags(counts)
    return listed, sorted(counts.keys() - listed, key=lambda tag: (-counts[tag], tag))


@given(st.lists(st.tuples(names, tags, names, tags), max_size=6), st.sampled_from([0, 2, 4, 3_000]), st.booleans())
def test_the_lists_are_those_of_the_plugin(drawn, most, directory_urls):
    ending, path = ("/", "tags/index.html") if directory_urls else (".html", "tags.html")
    before, after = (
        [TaggedPage(f"models/m{place}{ending}", one[part], tuple(sorted(one[part + 1])))
         for place, one in enumerate(drawn)]
        for part in (0, 2)
    )  # fmt: skip
    with patch("generator.pages.tags_page.MOST_TAGGED", most):
        files, expected = render(before, path), render(after, path)
        (listed, others), parts = list_parts(before), list_parts(after)
        updated = update_tag_files(TagLists(before, path, listed, "tags.json"), after, files.get)
    # An engine can write the sign in the name of a tag in several ways.
    can_update = (listed, others) == parts and (updated is not None or "r&amp;d" not in others)
    assert (None if updated is None else files | updated) == (expected if can_update else None)


@pytest.mark.parametrize("path", ["tags.json", "tags.html", "tags.md"])
def test_a_list_that_the_plugin_has_made_otherwise_is_left_to_it(path):
    before = [TaggedPage("a.html", "A", ("model",)), TaggedPage("b.html", "B", ("model",))]
    after = [before[0], TaggedPage("b.html", "0", ("model",))]
    files = render(before, "tags.html")
    lists = TagLists(before, "tags.html", frozenset({"model"}), "tags.json")
    assert update_tag_files(lists, after, files.get) == render(after, "tags.html")
    assert update_tag_files(lists, after, {**files, path: b""}.get) is None
    assert update_tag_files(TagLists(before, "", frozenset(), "tags.json"), after, files.get) is None
