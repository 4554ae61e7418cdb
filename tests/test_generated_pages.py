"""The files that the plugin adds to those of MkDocs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mkdocs.structure.files import Files

from generator.generated_pages import add_files, write_assets


def test_a_written_file_is_not_kept_in_memory(tmp_path: Path):
    plugins = SimpleNamespace(_current_plugin="modelbook")
    config: Any = SimpleNamespace(site_dir=str(tmp_path), use_directory_urls=True, plugins=plugins, nav=None)
    files = Files([])
    add_files(files, (), [{"assets/map.svg": b"<svg/>"}], config)
    write_assets(files)
    (file,) = files
    assert (tmp_path / "assets/map.svg").read_bytes() == file.content_bytes == b"<svg/>"
    assert file._content is None
    file.copy_file()
    assert (tmp_path / "assets/map.svg").read_bytes() == b"<svg/>"
