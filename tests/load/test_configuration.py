"""mkdocs.yml as far as the book needs it."""

from pathlib import Path

import pytest

from generator.load.configuration import bind_settings, read_configuration


@pytest.mark.parametrize("key", ["site_url", "repo_url"])
def test_an_address_that_cannot_be_parsed_is_a_finding(key: str, tmp_path: Path):
    (tmp_path / "mkdocs.yml").write_text(f'site_name: A\n{key}: "https://["\n', encoding="utf-8")
    configuration, findings = read_configuration(tmp_path)
    assert [(str(found.position), found.message) for found in findings] == [
        ("mkdocs.yml:2:11", f"invalid address in `{key}`: 'https://['")
    ]
    assert (configuration.site_url, configuration.settings.edit_url) == (None, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confluence": {"parent": "home"}},
         "invalid `confluence.parent` 'home': expected the number in the address of the page"),
        ({"confluence": {"removal_percent": 200}},
         "invalid `confluence.removal_percent` 200: expected less than or equal to 100"),
        ({"confluence": {"full_width": "maybe"}}, "invalid `confluence.full_width` 'maybe': expected true or false"),
        ({"confluence": {"pages": []}}, "invalid `confluence.pages` []: expected at least one entry"),
        ({"as_of": "today"}, "invalid `as_of` 'today': expected a day such as 2025-11-03"),
        ({"cards": [*range(3000)]}, "invalid `cards`: expected text"),
        ({"verify": {"headers": "X-Api: hunter2"}}, "invalid `verify.headers`: expected a mapping"),
        ({"guide": "index.md"}, "invalid `guide` 'index.md': expected a list"),
        ({"severities": {"MB1": "off"}},
         "invalid key in `severities` 'MB1': expected the code of a rule, such as MB301"),
    ],
)  # fmt: skip
def test_an_invalid_option_names_the_expected_value(options: dict[str, object], message: str):
    _, [(_, found, _)] = bind_settings(options)
    assert found == message
