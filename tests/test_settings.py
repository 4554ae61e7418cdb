import re
from pathlib import Path
from typing import get_args

import pytest

from generator.load.configuration import bind_settings, build_edit_pattern, read_configuration
from generator.pages.paths import SECTIONS
from generator.settings import PUBLISHED_SECTIONS, ConfluenceSettings, PageSection


@pytest.mark.parametrize(
    "suffix",
    ["{team}", "{}", "{0}", "{kind.__class__}", "{kind.nothing}", "{id[0]}", "{id!r}", "{id:>9999999999}", "{", "{id"],
)
def test_a_title_suffix_rejects_other_braces(suffix: str):
    settings, problems = bind_settings({"confluence": {"title_suffix": suffix}})
    assert settings.confluence.title_suffix is None
    assert [path for path, _, _ in problems] == [("confluence", "title_suffix")]


@pytest.mark.parametrize("suffix", [" ({kind} {id})", " of the book", " {{}} {id}"])
def test_a_title_suffix(suffix: str):
    assert bind_settings({"confluence": {"title_suffix": suffix}})[0].confluence.title_suffix == suffix


@pytest.mark.parametrize("repository", ["http://[", "https://[::1", "//", "a"])
def test_a_repository_at_an_unusual_address_is_accepted(repository: str, tmp_path: Path):
    expected = {f"{repository.rstrip('/')}/edit/HEAD/{{path}}", None}
    assert build_edit_pattern({"repo_url": repository}, tmp_path) in expected


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b/edit/HEAD/{path}"),
        ("https://gitlab.example.com/a/b", "https://gitlab.example.com/a/b/-/edit/HEAD/{path}"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/src/HEAD/{path}?mode=edit"),
        ("https://bitbucket.example.com/projects/A/repos/b/browse",
         "https://bitbucket.example.com/projects/A/repos/b/browse/{path}"),
        ("https://dev.azure.com/a/p/_git/b", "https://dev.azure.com/a/p/_git/b?path=/{path}"),
    ],
)  # fmt: skip
def test_the_edit_link_of_each_host(repository: str, expected: str, tmp_path: Path):
    assert build_edit_pattern({"repo_url": repository}, tmp_path) == expected


def test_the_edit_link_of_a_book_in_a_folder_of_a_repository(tmp_path: Path):
    book = tmp_path / "ml" / "our book"
    book.mkdir(parents=True)
    assert build_edit_pattern({"repo_url": "https://github.com/a/b"}, book) == "https://github.com/a/b/edit/HEAD/{path}"
    (tmp_path / ".git").mkdir()
    pattern = build_edit_pattern({"repo_url": "https://github.com/a/b/"}, book)
    assert pattern == "https://github.com/a/b/edit/HEAD/ml/our%20book/{path}"
    written = {"repo_url": "https://github.com/a/b", "edit_uri": "edit/main/x/docs/"}
    assert build_edit_pattern(written, book) == "https://github.com/a/b/edit/main/x/{path}"


POLICIES = [name for name, field in ConfluenceSettings.model_fields.items() if field.default == "hold"]


def test_pages_of_modelbook_itself_are_not_published_by_default():
    assert set(get_args(PageSection)) - set(PUBLISHED_SECTIONS) == {"rules", "guide"}
    assert {section.folder for section in SECTIONS} < set(PUBLISHED_SECTIONS)


def test_an_unknown_section_is_reported_at_its_line_with_a_suggestion(tmp_path: Path):
    text = "plugins:\n  - modelbook:\n      confluence:\n        pages:\n          - home\n          - modles\n"
    (tmp_path / "mkdocs.yml").write_text(text, "utf-8")
    configuration, findings = read_configuration(tmp_path)
    assert [str(finding.position) for finding in findings] == ["mkdocs.yml:6:13"]
    assert re.match(r"invalid `confluence.pages.1` 'modles': expected 'home', 'models', ", findings[0].message)
    assert findings[0].hint == "did you mean 'models'?"
    assert configuration.settings.confluence.pages == PUBLISHED_SECTIONS


def test_at_least_one_section_is_published():
    assert [path for path, _, _ in bind_settings({"confluence": {"pages": []}})[1]] == [("confluence", "pages")]


@pytest.mark.parametrize("name", POLICIES)
def test_skip_is_another_name_of_the_policy_hold(name: str):
    settings, problems = bind_settings({"confluence": {name: "skip"}})
    assert problems == []
    assert getattr(settings.confluence, name) == "hold"
    assert getattr(bind_settings({"confluence": {name: "stop"}})[0].confluence, name) == "stop"


@pytest.mark.parametrize("name", ["archived_pages", "taken_titles", "refused_pages"])
def test_trouble_that_publishing_cannot_overwrite_has_no_such_policy(name: str):
    problem = bind_settings({"confluence": {name: "overwrite"}})[1]
    assert problem == [
        (("confluence", name), f"invalid `confluence.{name}` 'overwrite': expected 'stop' or 'hold'", "")
    ]


def test_the_tiers_of_models_are_texts_also_if_they_are_written_as_numbers(tmp_path: Path):
    text = "site_name: B\nplugins: [modelbook: {inventory: {tiers: {1: 365, '2': 730, low: null}}}]\n"
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    configuration, findings = read_configuration(tmp_path)
    assert not findings
    assert configuration.settings.inventory.tiers == {"1": 365, "2": 730, "low": None}


@pytest.mark.parametrize("tiers", [{"1": 0}, {"1": "often"}, {"": 365}, ["1"]])
def test_a_tier_needs_a_name_and_a_number_of_days(tiers: object):
    settings, problems = bind_settings({"inventory": {"tiers": tiers}})
    assert settings.inventory.tiers == {}
    assert [path[:2] for path, _, _ in problems] == [("inventory", "tiers")]
