"""The built site as a list of desired pages, and errors of invalid sites."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.confluence.built import Built, PageEntry, find_broken_anchors, read_site
from generator.confluence.sync.draft import draft_of
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import Flavour
from generator.errors import UserError
from generator.findings import Position
from generator.settings import PUBLISHED_SECTIONS
from tests.confluence.storage.book import page_html


def _links(_svg: str) -> tuple[tuple[str, str], ...]:
    return ()


def page(ref: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    path = f"{ref.replace(':', '/')}.html"
    return {"path": path, "ref": ref, "title": ref.title(), "parent": parent, "labels": ["x"], "source": None} | more


def write(folder: Path, pages: list[dict[str, Any]], **more: Any) -> Path:
    listing = {"version": 1, "site_url": None, "title": "Modelbook", "pages": pages} | more
    folder.mkdir(exist_ok=True)
    (folder / "pages.json").write_text(json.dumps(listing), "utf-8")
    for each in pages:
        file = folder / each["path"]
        if file.resolve().is_relative_to(folder):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(page_html(f"<p>{each['ref']}</p>"), "utf-8")
    return folder


def read(folder: Path, *sections: str) -> Built:
    return read_site(folder, _links, "", sections or PUBLISHED_SECTIONS)


def test_parents_come_before_children(tmp_path: Path):
    pages = [page("model:b", "page:models"), page("page:models", "page:index"), page("team:a"), page("page:index")]
    built = read(write(tmp_path / "site", [*pages, page("model:a", "page:models"), page("model:c", "page:gone")]))
    assert [entry.ref for entry in built.entries] == [
        "team:a",
        "page:index",
        "page:models",
        "model:b",
        "model:a",
        "model:c",
    ]
    assert built.entries[-1].parent is None


def test_pages_are_read_on_demand(tmp_path: Path):
    site = write(tmp_path / "site", [page("model:a"), page("model:b")])
    built = read(site)
    wanted = built.all_wanted()
    assert next(wanted).converted.storage.parts == ("<p>model:a</p>",)
    (site / "model" / "b.html").unlink()
    with pytest.raises(UserError, match=r"b\.html is listed in pages\.json but missing; run `modelbook build`"):
        next(wanted)


def get_digest(built: Built, entry: PageEntry) -> str:
    return draft_of(built.wanted(entry), PublishSettings(space="BOOK"), Flavour.CLOUD).digest


def test_the_digest_covers_all_published_content(tmp_path: Path):
    def digest(**more: Any) -> str:
        site = write(tmp_path / "site", [page("page:index"), page("model:a", **{"parent": "page:index"} | more)])
        built = read(site)
        return get_digest(built, built.entries[-1] if built.entries[-1].ref == "model:a" else built.entries[0])

    same = digest()
    assert digest() == same
    assert digest(labels=["x", "x"]) == same
    assert digest(digest="another stamp") == same
    assert len({same, digest(title="Other"), digest(labels=["y"]), digest(parent=None)}) == 4


def test_findings_have_the_position_of_the_card(tmp_path: Path):
    source = {"file": "cards/models/a.yml", "line": 3}
    site = write(tmp_path / "site", [page("model:a", title="x" * 256, source=source)])
    (site / "model" / "a.html").write_text(page_html("<h2>Map</h2><p>before</p><iframe></iframe>"), "utf-8")
    built = read(site)
    found = built.wanted(built.entries[0]).findings
    assert [finding.code for finding in found] == ["MB901", "MB903"]
    assert {finding.position for finding in found} == {Position("cards/models/a.yml", 3)}
    assert found[1].message == "<iframe> under 'Map', near 'before'"
    site = write(tmp_path / "site", [page("model:a", title="x" * 255)])
    assert read(site).wanted(read(site).entries[0]).findings == ()


def test_links_between_pages_are_resolved_to_references(tmp_path: Path):
    site = write(tmp_path / "site", [page("model:a"), page("model:b")], site_url="https://book.example.com/")
    (site / "model" / "a.html").write_text(page_html('<a href="b.html">b</a><a href="c.html">c</a>'), "utf-8")
    built = read(site)
    converted = built.wanted(built.entries[0]).converted
    assert converted.storage.refs == {"model:b"}
    assert 'href="https://book.example.com/model/c.html"' in str(converted.storage.parts[-1])


SECTIONS = [
    page("page:home", section="home"),
    page("page:models", "page:home", section="models"),
    page("model:a", "page:models", section="models"),
    page("page:codes", "page:home", section="rules"),
    page("page:MB101", "page:codes", section="rules"),
    page("page:fields", "page:home", section="guide"),
]


def test_only_the_pages_of_the_chosen_sections_are_published(tmp_path: Path):
    site = write(tmp_path / "site", SECTIONS)
    assert [entry.ref for entry in read(site).entries] == ["page:home", "page:models", "model:a"]
    assert [(entry.ref, entry.parent) for entry in read(site, "models", "rules").entries] == [
        ("page:models", None),
        ("model:a", "page:models"),
        ("page:codes", None),
        ("page:MB101", "page:codes"),
    ]


def test_pages_of_a_site_that_names_no_sections_are_all_published(tmp_path: Path):
    assert len(read(write(tmp_path / "site", [page("model:a"), page("page:MB101")])).entries) == 2


LINK_TO_A_RULE = '<p>See <a href="../page/MB101.html#fix">MB101</a> and <a href="../page/fields.html">fields</a>.</p>'


def test_a_link_to_an_unpublished_page_points_to_the_site(tmp_path: Path):
    site = write(tmp_path / "site", SECTIONS, site_url="https://book.example.com/docs/")
    (site / "model" / "a.html").write_text(page_html(LINK_TO_A_RULE), "utf-8")
    wanted = read(site).wanted(read(site).entries[-1])
    text = wanted.converted.storage.resolve({})
    assert '<a href="https://book.example.com/docs/page/MB101.html#fix">MB101</a>' in text
    assert '<a href="https://book.example.com/docs/page/fields.html">fields</a>' in text
    assert wanted.findings == ()


def test_a_link_to_an_unpublished_page_is_plain_text_if_the_site_has_no_address(tmp_path: Path):
    site = write(tmp_path / "site", SECTIONS)
    (site / "model" / "a.html").write_text(page_html(LINK_TO_A_RULE), "utf-8")
    wanted = read(site).wanted(read(site).entries[-1])
    assert wanted.converted.storage.resolve({}) == "<p>See MB101 and fields.</p>"
    assert wanted.findings == ()
    (site / "model" / "a.html").write_text(page_html('<p><a href="gone.html">gone</a></p>'), "utf-8")
    assert [finding.code for finding in read(site).wanted(read(site).entries[-1]).findings] == ["MB904"]


def test_the_title_in_the_wiki_has_the_abbreviation_in_brackets(tmp_path: Path):
    site = write(tmp_path / "site", [page("model:ryl", title="Rank Your List", alias="RYL")])
    (site / "model" / "ryl.html").write_text(page_html("<h1>Rank Your List</h1><p>Ranks.</p>"), "utf-8")
    built = read(site)
    assert built.entries[0].title == "Rank Your List (RYL)"
    assert built.wanted(built.entries[0]).converted.storage.resolve({}) == "<p>Ranks.</p>"
    long = read(write(tmp_path / "site", [page("model:ryl", title="x" * 252, alias="RYL")]))
    assert long.entries[0].title == "x" * 252


def test_the_state_and_the_account_of_a_card_are_read(tmp_path: Path):
    pages = [page("model:a", state="retired"), page("person:b", account="557058:2954"), page("model:c")]
    entries = read(write(tmp_path / "site", pages)).entries
    assert [(entry.state, entry.account) for entry in entries] == [("retired", ""), ("", "557058:2954"), ("", "")]


def test_a_former_reference_is_the_kind_with_an_alias_that_no_card_has_as_its_id(tmp_path: Path):
    pages = [
        page("model:a", aliases=["old", "b", "Old name", "old"]),
        page("model:b", aliases=["shared", "a"]),
        page("system:c", aliases=["old"]),
        page("model:d", aliases=["shared"]),
    ]
    assert read(write(tmp_path / "site", pages)).former_refs == {
        "model:old": ("model:a",),
        "model:Old name": ("model:a",),
        "model:shared": ("model:b", "model:d"),
        "system:old": ("system:c",),
    }


def test_the_digest_covers_the_state(tmp_path: Path):
    digests = set()
    for more in ({}, {"state": "deprecated"}, {"state": "retired"}, {"section": "models"}):
        built = read(write(tmp_path / "site", [page("model:a", **more)]))
        digests.add(get_digest(built, built.entries[0]))
    assert len(digests) == 3


def test_only_files_of_the_site_are_read(tmp_path: Path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    site = write(tmp_path / "site", [page("model:a")])
    (site / "link.png").symlink_to(tmp_path / "secret.png")
    (site / "own.png").write_bytes(b"own")
    read_file = read(site).site.read_file
    assert read_file("own.png") == b"own"
    assert [read_file(path) for path in ("link.png", "../secret.png", "/etc/passwd", "", "a\0b", "gone.png")] == [
        None
    ] * 6


@pytest.mark.parametrize("path", ["../x.html", "/x.html", "a/../../x.html", "a\\b.html", "./x.html", "a//x.html"])
def test_paths_outside_the_site_are_rejected(tmp_path: Path, path: str):
    with pytest.raises(UserError, match="not a path within the site"):
        read(write(tmp_path / "site", [page("model:a", path=path)]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "names no version"),
        ('{"version": 2}', "newer Modelbook"),
        ('{"version": 0}', "older Modelbook"),
        ('{"version": 1, "title": "x"}', "not a list of pages"),
        ('{"version": 1, "title": "x", "pages": [{"path": "a.html", "ref": "", "title": "x"}]}', "ref has to be text"),
        ('{"version": 1, "title": "x", "pages": [7]}', "not a list of pages"),
    ],
)
def test_an_invalid_page_list_is_rejected(tmp_path: Path, text: str, said: str):
    (tmp_path / "pages.json").write_text(text)
    with pytest.raises(UserError, match=said) as caught:
        read(tmp_path)
    assert "run `modelbook build`" in str(caught.value)


def test_a_missing_site_is_reported(tmp_path: Path):
    with pytest.raises(UserError, match=r"no site in .*site: run `modelbook build`"):
        read(tmp_path / "site")
    with pytest.raises(UserError, match="is missing"):
        read(tmp_path)


@pytest.mark.parametrize("twice", [{"ref": "model:a"}, {"path": "model/a.html"}])
def test_a_duplicate_page_is_rejected(tmp_path: Path, twice: dict[str, str]):
    with pytest.raises(UserError, match="twice"):
        read(write(tmp_path / "site", [page("model:a"), page("model:b") | twice]))


def test_circular_parents_are_rejected(tmp_path: Path):
    with pytest.raises(UserError, match="the parents of model:a form a circle"):
        read(write(tmp_path / "site", [page("model:a", "model:b"), page("model:b", "model:a"), page("page:index")]))


def test_a_link_to_a_missing_anchor_is_broken(tmp_path: Path):
    site = write(tmp_path / "site", [page("model:a"), page("model:b")])
    links = '<a href="b.html#use">b</a><a href="b.html#gone">b</a><a href="b.html">b</a>'
    (site / "model" / "a.html").write_text(page_html(links), "utf-8")
    (site / "model" / "b.html").write_text(page_html('<h2 id="use">Use</h2>'), "utf-8")
    [finding] = find_broken_anchors(read(site).all_wanted())
    assert (finding.code, finding.position.file) == ("MB904", "model/a.html")
    assert "#gone of model:b" in finding.message
