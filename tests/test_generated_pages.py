"""The files that the plugin adds to those of MkDocs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from generator.engines.configuration import EXTENSIONS
from generator.generated_pages import add_files, adopt_pages, release_texts, write_assets
from generator.pages.convert_support import build_converter
from generator.pages.packed_text import pack_text
from generator.pages.site_page import SitePage


def build_config(site: Path) -> Any:
    plugins = SimpleNamespace(_current_plugin="modelbook", on_page_read_source=lambda **_: None)
    return SimpleNamespace(
        site_dir=str(site), use_directory_urls=True, plugins=plugins, nav=None, get=lambda _name, default=None: default
    )


def test_a_written_file_is_not_kept_in_memory(tmp_path: Path):
    files = Files([])
    add_files(files, (), [{"assets/map.svg": b"<svg/>"}], build_config(tmp_path))
    write_assets(files)
    (file,) = files
    assert (tmp_path / "assets/map.svg").read_bytes() == file.content_bytes == b"<svg/>"
    assert file._content is None
    file.copy_file()
    assert (tmp_path / "assets/map.svg").read_bytes() == b"<svg/>"


@pytest.mark.parametrize("has_readers", [True, False])
def test_the_texts_of_a_written_page_are_kept_for_their_readers(tmp_path: Path, has_readers: bool):
    config, files, converter = build_config(tmp_path), Files([]), build_converter([*EXTENSIONS, "toc"], {})
    made = SitePage("models/ryl.md", "model:ryl", "Ryl", None, pack_text("# Ryl\n\nRanks."))
    add_files(files, [made], (), config)
    (file,) = files
    page = Page("Ryl", file, config)
    adopt_pages(files, {made.path: made}, converter, is_streamed=False)
    page.read_source(config)
    page.content = "<p>Ranks.</p>"
    released = release_texts(page, made, has_readers=has_readers)
    texts = (page.markdown, page.content, file.content_string, released.markdown)
    kept = ("# Ryl\n\nRanks.", "<p>Ranks.</p>", "# Ryl\n\nRanks.", "# Ryl\n\nRanks.")
    assert texts == (kept if has_readers else ("", None, "", ""))
    assert page.title == "Ryl"
