from pathlib import Path

import markdown
import pytest
from pymdownx.superfences import fence_code_format  # type: ignore[import-untyped]

from generator.checks.examples import read_example, split_files
from tests.books import REPOSITORY
from tests.confluence.storage.book import converted

EXTENSIONS = ["pymdownx.highlight", "pymdownx.superfences"]
FENCE = {"name": "mermaid", "class": "mermaid", "format": fence_code_format}
CONFIGURATION = {
    "pymdownx.highlight": {"pygments_lang_class": True},
    "pymdownx.superfences": {"custom_fences": [FENCE]},
}


def test_a_rule_without_a_card_that_shows_it_has_no_example():
    assert read_example("MB017") is None
    assert read_example("../MB201") is None


def test_an_example_is_redacted_for_readers():
    example = read_example("MB312")
    assert example is not None
    assert "X-Api-Key: ████ # MB312" in example.redacted().bad
    assert example.redacted().good == example.good


def test_the_files_of_a_section_have_their_names():
    assert split_files("kind: team\n") == {"cards/all.yml": "kind: team\n"}
    section = "# cards/a.yml\nkind: team\n# a comment\n# cards/api.json\n{}\n"
    assert split_files(section) == {"cards/a.yml": "kind: team\n# a comment\n", "cards/api.json": "{}\n"}


@pytest.mark.parametrize("code", ["MB903", "MB904", "MB905", "MB907", "MB912", "MB913"])
def test_the_example_of_a_confluence_rule_loses_what_it_marks(code: str):
    example = read_example(code)
    assert example is not None
    assert example.language == "html"
    for section, codes in ((example.bad, [code]), (example.good, [])):
        (page,) = split_files(section).values()
        html = markdown.markdown(page, extensions=EXTENSIONS, extension_configs=CONFIGURATION)
        assert [loss.rule.code for loss in converted(html).losses] == codes
        assert page.count(f"<!-- {code} -->") == len(codes)


def test_confluence_highlights_every_example():
    codes = [path.stem for path in (REPOSITORY / "generator" / "checks" / "examples").glob("*.yml")]
    examples = [example for code in codes if (example := read_example(code))]
    fences = "\n\n".join(f"~~~~{example.language}\n{example.bad}\n~~~~" for example in examples)
    html = markdown.markdown(fences, extensions=EXTENSIONS, extension_configs=CONFIGURATION)
    assert html.count('class="language-') == len(examples) > 60
    assert converted(html).losses == ()


def test_the_wheel_contains_all_examples_and_data_files():
    wheel = pytest.importorskip("hatchling.builders.wheel")
    included = wheel.WheelBuilder(str(REPOSITORY)).recurse_included_files()
    files = {Path(file.distribution_path) for file in included}
    package = [path.relative_to(REPOSITORY) for path in (REPOSITORY / "generator").rglob("*") if path.is_file()]
    data = {path for path in package if path.suffix != ".py" and "__pycache__" not in path.parts}
    assert len([path for path in data if path.parent.name == "examples"]) > 60
    assert {path.suffix for path in data} >= {".toml", ".tsv", ".txt", ".json", ".ttf", ".css", ".md"}
    assert data <= files
