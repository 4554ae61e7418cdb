"""Recognition of managed pages that the manifest does not have."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.sync.manifest import UNFINISHED, Claim, ManifestEntry, parse_claim
from generator.confluence.sync.recovery import find_claims, recognize_pages
from generator.confluence.wiki import Flavour, Property
from tests.confluence.publishing import Publisher, build_library, publisher


@pytest.fixture(params=list(Flavour))
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Publisher:
    made = publisher(request.param, tmp_path)
    made.publish(build_library(6, sections=1))
    return made


def recover(made: Publisher, title: str, text: str | None = None) -> ManifestEntry:
    """Return the entry that is recovered for a page from the page alone."""
    wiki = made.wiki()
    page = wiki.page(made.find_page(title).id)
    claim = parse_claim(wiki.properties(page.id), made.settings.book, page.id)
    assert claim is not None
    recovered, _ = recognize_pages(wiki, {"model:m0": (page, claim)}, {}, lambda _: text)["model:m0"]
    assert not recovered.recorded
    return recovered


def test_the_last_published_version_is_recovered_with_its_number_and_digest(published: Publisher):
    entry = recover(published, "Model 0")
    assert entry.version == published.find_page("Model 0").version.number > 0
    assert entry.digest not in ("", UNFINISHED)


def test_a_version_that_a_user_saved_is_not_recovered(published: Publisher):
    before = published.find_page("Model 0").version.number
    published.edit("Model 0", "Ranks things", "Ranks all things")
    entry = recover(published, "Model 0")
    assert (entry.version, entry.digest) == (before, UNFINISHED)


def claim(ref: str, host: str = "host") -> Claim:
    return Claim(Property("1", "modelbook-page", None, 1), ref, host)


class Tree:
    """Pages by id with their parents, and the claims of some; it records which pages were read."""

    def __init__(self, parents: dict[str, str | None], claims: dict[str, Claim]) -> None:
        self.parents, self.claims, self.read = parents, claims, set[str]()

    def get(self, page_id: str) -> Claim | None:
        assert page_id not in self.read, "no page is read twice"
        self.read.add(page_id)
        return self.claims.get(page_id)

    def find(self, *asked: str) -> set[str]:
        return {key for key, each in find_claims(self.parents, asked, self.get, "host").items() if each is not None}


def test_pages_around_managed_pages_are_found_and_others_are_not_read():
    parents = {"home": "host", "a": "home", "b": "a", "theirs": "host", "below theirs": "theirs", "host": None}
    tree = Tree(parents, {page_id: claim(f"model:{page_id}") for page_id in ("home", "a", "b")})
    assert tree.find("a", "gone") == {"home", "a", "b"}
    assert not tree.read & {"theirs", "below theirs", "host"}


def test_a_claim_of_another_book_s_parent_leads_no_further():
    tree = Tree({"a": "host", "b": "a"}, {"a": claim("model:a", "elsewhere"), "b": claim("model:b")})
    assert tree.find("a") == {"a"}


@settings(deadline=None)  # every page starts a thread pool
@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.integers(0, 29))
def test_one_known_page_of_a_tree_finds_all_the_others(above: list[int], first: int):
    parents: dict[str, Any] = {"p0": "host"}
    parents |= {f"p{number}": f"p{each % number}" for number, each in enumerate(above, 1)}
    tree = Tree(parents, {page_id: claim(page_id) for page_id in parents})
    assert tree.find(f"p{first % len(parents)}") == set(parents)
