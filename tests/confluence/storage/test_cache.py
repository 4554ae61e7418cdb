"""The cache of conversions gives what a conversion gives, whatever has changed or broken since."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.confluence.storage import cache
from generator.confluence.storage.cache import ConversionCache
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.page import SourcePage, SourceSite
from tests.confluence.storage.book import FILES, PAGE, REFS, SITE, page_html
from tests.confluence.storage.test_properties import TREES

PICTURE = '<p><img src="plot.png" alt="plot"> <a href="tpfy.html#use">more</a></p>'
RICH = (
    f'{PICTURE}<h2 id="one">One</h2><p id="two"><img src="data:image/png;base64,aGk=" alt="x"></p><meter>7</meter>'
    "<figure class='mb-diagram'><svg><title>t</title></svg><figcaption>c</figcaption></figure>"
)


def convert(folder: Path, body: str = RICH, page: SourcePage = PAGE, site: SourceSite = SITE) -> bool:
    """Convert with a new cache; return whether the page came from it, after a comparison with the conversion."""
    html = page_html(body).encode()
    called: list[str] = []

    def count_conversions(html: bytes, page: SourcePage, site: SourceSite) -> object:
        called.append(page.path)
        return convert_page(html, page, site)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "convert_page", count_conversions)
        made = ConversionCache(folder, Path("site"), site).convert(html, page)
    assert made == convert_page(html, page, site)
    return not called


def test_an_unchanged_page_is_converted_once(tmp_path: Path):
    assert not convert(tmp_path)
    assert convert(tmp_path)
    assert convert_page(page_html(RICH).encode(), PAGE, SITE).attachments


@pytest.mark.parametrize(
    ("page", "site"),
    [
        (replace(PAGE, linked_ids=frozenset({"two"})), SITE),
        (replace(PAGE, children=frozenset({"page:models"})), SITE),
        (replace(PAGE, account="557058:2954"), SITE),
        (replace(PAGE, title="Other"), SITE),
        (PAGE, replace(SITE, is_cloud=False)),
        (PAGE, replace(SITE, url=None)),
        (PAGE, replace(SITE, drawing_key="2")),
        (PAGE, replace(SITE, refs={**REFS, "models/tpfy.html": "model:other"})),
        (PAGE, replace(SITE, read_file=lambda path: FILES.get(path, b"") + b"!")),
        (PAGE, replace(SITE, read_file=lambda _: None)),
    ],
)
def test_a_change_of_what_the_conversion_reads_is_seen(page: SourcePage, site: SourceSite, tmp_path: Path):
    convert(tmp_path)
    assert not convert(tmp_path, RICH, page, site)
    assert convert(tmp_path, RICH, page, site)


@pytest.mark.parametrize("size", [0, 10, 32, 100, -1])
def test_a_damaged_file_is_ignored(size: int, tmp_path: Path):
    convert(tmp_path)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    content = file.read_bytes()
    file.write_bytes(content[:size] if size >= 0 else content[:-1] + bytes([content[-1] ^ 1]))
    assert not convert(tmp_path)
    assert convert(tmp_path)


def test_another_version_of_the_converter_converts_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    convert(tmp_path)
    monkeypatch.setattr(cache, "compute_version", lambda _links: b"other")
    assert not convert(tmp_path)


def test_a_folder_that_cannot_be_written_is_ignored(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert not convert(tmp_path / "file")
    assert not convert(tmp_path / "file")


def test_a_run_that_is_killed_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    convert(tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            convert(tmp_path, "<p>new</p>")
    assert convert(tmp_path)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_the_sites_that_were_published_last_are_kept(tmp_path: Path):
    for number in range(12):
        site = tmp_path / f"site{number}"
        ConversionCache(tmp_path / "cache", site, SITE).convert(page_html(RICH).encode(), PAGE)
    assert len(list((tmp_path / "cache/publish").iterdir())) == 8


STEPS = st.lists(
    st.tuples(
        TREES,
        st.sampled_from([PAGE, replace(PAGE, linked_ids=frozenset({"one", "two"})), replace(PAGE, account="a")]),
        st.sampled_from([SITE, replace(SITE, is_cloud=False), replace(SITE, read_file=lambda _: b"new")]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_the_cache_gives_what_the_conversion_gives(steps: list[tuple[str, SourcePage, SourceSite]]):
    with tempfile.TemporaryDirectory() as folder:
        for body, page, site in steps:
            convert(Path(folder), body, page, site)
            assert convert(Path(folder), body, page, site)
