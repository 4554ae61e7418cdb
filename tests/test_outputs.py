"""The files about all pages: those after an update are those of a new build."""

import io
import string
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.exports.catalog import CatalogPieces, list_changed_nodes
from generator.graph.edges import Graph
from generator.load.cards import Cards
from generator.names import Ref
from generator.outputs import (
    Files,
    Outputs,
    SiteChange,
    SiteOptions,
    build_assets,
    build_outputs,
    update_outputs,
)
from generator.pages.assets import OwnPage
from generator.pages.book import Book
from generator.pages.packed_text import pack_text
from generator.pages.search import SearchEntry, join_words
from generator.pages.site_page import SitePage
from generator.settings import Settings
from generator.tag_lists import TaggedPage, TagLists
from tests.books import MODEL, TEAM, open_book
from tests.test_tag_lists import render

NO_CATALOG = CatalogPieces(b"{", (), (), b"}\n")
NO_BOOK = Book("Book", Cards(()), Graph({}, frozenset(), {}), Settings(), date(2026, 11, 20))
OWN = (OwnPage("guide.md", "Guide", "guide.html"),)
RECORDS = ({"location": "guide.html", "title": "Guide", "text": "Read me"},
           {"location": "guide.html#more", "title": "More", "text": "carousel"})  # fmt: skip

WORDS = ["fraud", "carousel", "conf/app.yml", "推荐模型", "ranks", "ranks_more", "it's"]
texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
labels = st.lists(st.sampled_from(["model", "r&d", "team"]), unique=True, max_size=2).map(tuple)


@st.composite
def draw_pages(draw: st.DrawFn) -> list[SitePage]:
    """Draw the pages of a book, in the order of the site."""
    pages = [SitePage("index.md", "page:home", "Home", None, pack_text(draw(texts)), section="home")]
    for folder in ("models", "teams"):
        pages.append(SitePage(f"{folder}/index.md", f"page:{folder}", folder.title(), "page:home", section=folder))
        ids = draw(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=2), unique=True, max_size=5))
        parent = f"page:{folder}"
        cards = [SitePage(f"{folder}/{id_}.md", f"{folder[:-1]}:{id_}", "", parent, section=folder) for id_ in ids]
        pages += sorted((edit_page(draw, card) for card in cards), key=lambda page: page.title)
    sections = tuple(SearchEntry((f"MB{number}",), location=f"MB{number}") for number in range(2))
    return [*pages, SitePage("codes.md", "page:codes", "Rules", "page:home", search_sections=sections)]


def edit_page(draw: st.DrawFn, page: SitePage) -> SitePage:
    title, summary, tags, words = draw(texts) or "Card", draw(texts), draw(labels), draw(texts)
    entry = SearchEntry((title, page.ref), summary, tags, join_words([title, summary, words]), 1.5)
    dependents = draw(st.integers(0, 2))
    return replace(
        page,
        title=title,
        description=summary,
        labels=tags,
        packed=pack_text(words),
        search_entry=entry,
        dependents=dependents,
    )


@st.composite
def draw_changes(draw: st.DrawFn) -> tuple[list[SitePage], list[SitePage], list[SitePage]]:
    """Draw the pages before and after a change of some cards, and the pages that were rendered again."""
    before = draw(draw_pages())
    chosen = draw(st.sets(st.sampled_from([page.key for page in before])))
    edited = {page.key: edit_page(draw, page) for page in before if page.key in chosen and page.ref}
    after = [edited.get(page.key, page) for page in before]
    for folder in ("models", "teams"):
        places = [place for place, page in enumerate(after) if page.ref and page.section == folder]
        for place, page in zip(places, sorted((after[one] for one in places), key=lambda one: one.title), strict=True):
            after[place] = page
    return before, after, [page for page in after if page.key in chosen]


def build_with_catalog(
    options: SiteOptions,
    pages: Iterable[SitePage] = (),
    own_pages: Iterable[OwnPage] = (),
    own_records: Iterable[Mapping[str, Any]] = (),
    catalog: CatalogPieces = NO_CATALOG,
    without_page: Iterable[Ref] = (),
) -> tuple[Files, Outputs]:
    file = io.BytesIO()
    files, outputs = build_outputs(options, pages, own_pages, own_records, catalog.write(file), without_page)
    return {**dict(files), "catalog.json": file.getvalue()}, outputs


def build(pages: list[SitePage], *, has_search: bool = True) -> tuple[Files, Outputs]:
    options = SiteOptions(
        "Book", None, directory_urls=False, navigation=("index.md", "teams/index.md"), has_search=has_search
    )
    tagged = [TaggedPage("guide.html", "Guide", ("mine",))]
    tagged += [TaggedPage(page.path.replace(".md", ".html"), str(page.meta["title"]), tuple(sorted(page.tags)))
               for page in pages if page.tags]  # fmt: skip
    files, outputs = build_with_catalog(options, pages, OWN, RECORDS)
    listed = frozenset(list_tags(pages) | {"mine"})
    outputs = replace(outputs, tags=TagLists(tagged, "tags.html", listed, "tags.json"))
    files |= render(tagged, "tags.html")
    if has_search:
        files["search/search_index.json"] = f'{{"docs":[{outputs.search_record}]}}'.encode()
    return files, outputs


def list_tags(pages: list[SitePage]) -> set[str]:
    return {tag for page in pages for tag in page.tags}


@given(draw_changes(), st.booleans())
def test_an_update_gives_the_files_of_a_new_build(change, has_search):
    before, after, rendered = change
    files, outputs = build(before, has_search=has_search)
    expected, built = build(after, has_search=has_search)
    updated = update_outputs(outputs, SiteChange([page.key for page in after], rendered, NO_BOOK, (), ()), files.get)
    if list_tags(before) != list_tags(after):
        assert updated is None
        return
    assert updated is not None
    changed, now = updated
    assert {path: file for path, file in {**files, **changed}.items() if file is not None} == expected
    assert all(file != files.get(path) for path, file in changed.items())
    assert list(now.pages.items()) == list(built.pages.items())
    assert replace(now, pages=built.pages) == built


OTHER = MODEL.replace("ryl", "other").replace("Restaurants", "Other")
CARDS = {"book.yml": f"{TEAM}---{MODEL}---{OTHER}"}


@pytest.mark.parametrize(
    "edit",
    [
        ("name: Restaurants", "name: Meals"),
        ("owners: [t]", "owners: [t]\nnotes: '##[command] here'"),
        ("name: Other", "name: Other\nfallback: ryl"),
        ("owners: [t]", "owners: []\nstakeholders: [team:t]"),
    ],
)
def test_an_update_replaces_nodes_and_edges_in_the_catalog(tmp_path: Path, edit: tuple[str, str]):
    projects = [
        open_book(tmp_path / name, {"book.yml": text})
        for name, text in (("old", CARDS["book.yml"]), ("new", CARDS["book.yml"].replace(*edit)))
    ]
    options = SiteOptions("Test book", None, directory_urls=False, has_search=False)
    refs = projects[0].graph.refs
    (files, outputs), (expected, built) = [
        build_with_catalog(options, catalog=project.render_catalog(refs[1:]), without_page=refs[:1])
        for project in projects
    ]
    assert files["catalog.json"] != expected["catalog.json"]
    changed = [ref for ref in refs if ref.kind == "model"]
    before, after = (project.graph for project in projects)
    change = SiteChange((), (), projects[1].book, list_changed_nodes(before, after, changed), before.refs)
    assert update_outputs(outputs, change, files.get) == ({"catalog.json": expected["catalog.json"]}, built)


def test_an_update_renders_only_the_groups_of_files_that_have_read_a_change(tmp_path: Path):
    texts = [CARDS["book.yml"], CARDS["book.yml"].replace("name: Restaurants", "name: Meals")]
    old, new = (open_book(tmp_path / str(number), {"book.yml": text}) for number, text in enumerate(texts))
    _, outputs = build_with_catalog(SiteOptions("Test book", None, directory_urls=False))
    before, after = (build_assets(project.book, directory_urls=False) for project in (old, new))
    outputs = replace(outputs, assets={name: group for name, (group, _) in before.items()})
    files = {path: content for _, rendered in before.values() for path, content in rendered.items()}
    change = SiteChange((), (), new.book, (), (), ["map", "badges"])
    updated = update_outputs(outputs, change, files.get)
    assert updated is not None
    assert updated[0] == {"assets/modelbook/map.svg": after["map"][1]["assets/modelbook/map.svg"]}
    assert updated[1].assets == {name: group for name, (group, _) in after.items()}
    assert update_outputs(replace(outputs, assets={}), change, files.get) is None


@pytest.mark.parametrize("path", ["catalog.json", "search/search_index.json"])
def test_a_file_that_was_not_built_is_not_updated(tmp_path: Path, path: str):
    project = open_book(tmp_path, CARDS)
    pages = [SitePage("models/ryl.md", "model:ryl", "Ryl", None, section="models")]
    options = SiteOptions("Book", None, directory_urls=False)
    files, outputs = build_with_catalog(options, pages, catalog=project.render_catalog())
    files |= {"search/search_index.json": b'{"docs":[%s]}' % outputs.search_record.encode()}
    refs, renamed = project.graph.refs, replace(pages[0], title="Other")
    change = SiteChange(["model:ryl"], [renamed], project.book, refs[:1], refs)
    assert update_outputs(outputs, change, files.get) is not None
    assert update_outputs(outputs, change, {**files, path: b"{}"}.get) is None
