import pytest

from generator.load.configuration import bind_settings, build_edit_pattern


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
def test_a_repository_at_an_unusual_address_is_accepted(repository: str):
    assert build_edit_pattern({"repo_url": repository}) in {f"{repository.rstrip('/')}/edit/HEAD/{{path}}", None}
