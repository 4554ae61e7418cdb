import pytest

from generator.cli.staging import read_site_dir
from generator.load.configuration import read_configuration
from generator.load.configuration_file import FILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site_name: a", "site"),
        ("site_dir: public", "public"),
        ("site_dir: ../build/site-1 # next to the book", "../build/site-1"),
        ("site_dir: 'two words'", "two words"),
        ("'site_dir': public", "public"),
        ("site_dir:\n  public", "public"),
        ("a: |\n  site_dir: x\nsite_dir: public", "public"),
        ("plugins:\n  - x: {site_dir: other}", "site"),
        ("plugins:\n  - x:\n      site_dir: other", "site"),
        ("site_name: a # site_dir: other", "site"),
        ("site_dir: public#1", "public#1"),
        ("site_dir: null", "site"),
        ("site_dir: false", "site"),
    ],
)
def test_the_folder_is_the_one_in_the_configuration(tmp_path, text, expected):
    (tmp_path / FILE).write_text(text)
    assert read_site_dir(tmp_path) == read_configuration(tmp_path)[0].site_dir == expected


@pytest.mark.parametrize("text", [None, b"site_dir: \xff", b"site_dir: [", b"- site_dir"])
def test_without_a_readable_file_it_is_the_default(tmp_path, text):
    if text is not None:
        (tmp_path / FILE).write_bytes(text)
    assert read_site_dir(tmp_path) == "site"
