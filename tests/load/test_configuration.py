"""mkdocs.yml as far as the book needs it."""

from pathlib import Path

import pytest

from generator.load.configuration import read_configuration


@pytest.mark.parametrize("key", ["site_url", "repo_url"])
def test_an_address_that_cannot_be_parsed_is_a_finding(key: str, tmp_path: Path):
    (tmp_path / "mkdocs.yml").write_text(f'site_name: A\n{key}: "https://["\n', encoding="utf-8")
    configuration, findings = read_configuration(tmp_path)
    assert [(str(found.position), found.message) for found in findings] == [
        ("mkdocs.yml:2:11", f"invalid address in `{key}`: 'https://['")
    ]
    assert (configuration.site_url, configuration.settings.edit_url) == (None, None)
