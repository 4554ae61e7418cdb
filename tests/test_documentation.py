"""The commands, options, settings, filters, views, links, images and cards in the documents exist."""

import inspect
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import click
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from bench.screenshots import CONFLUENCE_SHOTS, HEIGHT, LIMIT, SCHEMES, SHOTS, WIDTH
from generator.book_findings import ALL_RULES
from generator.cli import modelbook
from generator.cli.reports import REPORTS
from generator.confluence.demo import FaultKind
from generator.findings import Severity
from generator.load.cards import load_cards
from generator.pages import site
from generator.pages.book import Book
from generator.pages.contexts import indexes, maps, model, parts, people, rollouts, topology
from generator.pages.filters import Filters
from generator.pages.template_folders import find_shipped_templates
from generator.project import Project, open_project
from generator.schema import KINDS
from generator.settings import (
    PUBLISHED_SECTIONS,
    ConfluenceSettings,
    InventorySettings,
    Limits,
    Settings,
    VerifySettings,
)
from tests.command_lines import find_commands, find_usage_error

ROOT = Path(__file__).parents[1]
GUIDE = sorted((ROOT / "docs").glob("*.md"))
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
DOCUMENTS = [*TOP, *GUIDE, find_shipped_templates() / "book/docs/guide.md"]
VIEWS = {name: get_type_hints(build)["return"] for name, build in site.VIEWS.items()} | {
    "model": model.ModelView,
    "flow": topology.FlowView,
    "system": topology.SystemView,
    "experiment": rollouts.ExperimentView,
    "migration": rollouts.MigrationView,
    "team": people.TeamView,
    "person": people.PersonView,
    "resource": topology.ResourceView,
    "index": indexes.IndexView,
    "team-map": maps.TeamMapView,
}
FENCE = re.compile(r"^( *)(`{3,})([\w-]*)\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
NAMED = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def find_code_blocks(text: str, *languages: str) -> list[str]:
    return [match[4] for match in FENCE.finditer(text) if match[3] in languages]


def remove_code_blocks(text: str) -> str:
    return FENCE.sub("", text)


def find_inline_code(text: str) -> list[str]:
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", remove_code_blocks(text))


@pytest.fixture(scope="module")
def project() -> Project:
    return open_project(ROOT)


@NAMED
def test_every_command_exists_with_its_options(document):
    text = document.read_text("utf-8")
    scripts = [*find_code_blocks(text, "console", "bash"), *find_inline_code(text)]
    commands = [command for script in scripts for command in find_commands(script)]
    assert {command: mistake for command in commands if (mistake := find_usage_error(command))} == {}


def test_every_command_is_documented():
    text = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    assert [words for words in list_commands(modelbook) if f"modelbook {words}" not in text] == []


def list_commands(group: click.Group) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {words}" for words in list_commands(command))
        else:
            yield name


@NAMED
def test_every_target_of_make_exists(document):
    text = document.read_text("utf-8")
    makefile = find_shipped_templates() / "book/Makefile" if document in GUIDE else ROOT / "Makefile"
    targets = set(re.findall(r"^([a-z-]+):", makefile.read_text("utf-8"), re.MULTILINE))
    scripts = [*find_code_blocks(text, "console", "bash"), *find_inline_code(text)]
    wanted = {match[1] for script in scripts for match in re.finditer(r"^(?:\$ )?make ([a-z-]+)", script, re.MULTILINE)}
    assert wanted <= targets


def test_contributing_fits_one_screen_and_names_existing_code():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert len(text.splitlines()) <= 60
    named = [code for code in find_inline_code(text) if re.fullmatch(r"[\w./]+(/|\.\w+)", code)]
    paths = [path for path in named if not re.search("NAME|CODE", path)]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists() and path != ".venv/"] == []
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "generator").rglob("*.py"))
    names = [code for code in find_inline_code(text) if re.fullmatch(r"[A-Z]\w+|[a-z]+_[a-z_]+", code)]
    assert len(names) > 8
    assert [name for name in names if not re.search(rf"^ *(?:class |def )?{name}\b", source, re.MULTILINE)] == []


def find_links(text: str) -> list[str]:
    markdown = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", remove_code_blocks(text)))
    return [*markdown, *re.findall(r'(?:src|srcset|href)="([^"]+)"', remove_code_blocks(text))]


def list_anchors(text: str) -> set[str]:
    """Return the ids of the headings, as GitHub and MkDocs generate them."""
    headings = re.findall(r"^#+ (.+)$", remove_code_blocks(text), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("document", TOP, ids=lambda path: path.name)
def test_links_of_the_repository_have_targets(document):
    for link in find_links(document.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = document.parent / path if path else document
        assert target.is_file(), link
        assert not anchor or anchor in list_anchors(target.read_text("utf-8")), link


def test_links_of_the_guide_have_targets(project):
    made = {page.path for page in project.render_pages()[0]}
    in_prose = re.compile(r"^(model|system|team|person|flow):")
    for document in DOCUMENTS[len(TOP) :]:
        for link in find_links(document.read_text("utf-8")):
            path, _, anchor = link.partition("#")
            if "://" in path or in_prose.match(path):
                continue
            target = document.parent / path if path else document
            assert path in made or target.is_file(), f"{document.name}: {link}"
            assert not anchor or anchor in list_anchors(target.read_text("utf-8")), f"{document.name}: {link}"


def test_the_guide_has_no_home_page():
    assert not (ROOT / "docs/index.md").exists()


@NAMED
def test_every_example_card_is_valid(document, tmp_path):
    blocks = find_code_blocks(document.read_text("utf-8"), "yaml", "markdown")
    for number, text in enumerate(block for block in blocks if block.startswith(("kind:", "---"))):
        folder = tmp_path / str(number)
        (folder / "cards").mkdir(parents=True)
        (folder / "cards" / ("shown.md" if text.startswith("---") else "shown.yml")).write_text(text, "utf-8")
        cards, findings = load_cards(folder / "cards", folder)
        assert findings == []
        assert len(cards.items) == 1


@NAMED
def test_every_example_configuration_is_valid(document):
    for text in find_code_blocks(document.read_text("utf-8"), "yaml"):
        data = yaml.safe_load(text)
        if isinstance(data, dict) and "plugins" in data:
            own = next(entry["modelbook"] for entry in data["plugins"] if isinstance(entry, dict))
            Settings.model_validate(own)


@NAMED
def test_every_documented_code_exists(document):
    named = set(re.findall(r"\bMB\d{3}\b", document.read_text("utf-8")))
    assert named <= {rule.code for rule in ALL_RULES}


def test_the_readme_shows_the_report_of_a_mistake_in_its_card(tmp_path):
    text = (ROOT / "README.md").read_text("utf-8")
    shutil.copytree(ROOT / "cards", tmp_path / "cards")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (card,) = find_code_blocks(text, "yaml")
    (tmp_path / "cards/models/ryl.yml").write_text(card.replace("product: rohan", "product: rohn"), "utf-8")
    checked = CliRunner().invoke(modelbook, ["check", "-C", str(tmp_path)])
    (report,) = find_code_blocks(text, "text")
    assert checked.exit_code == 1
    assert report in checked.output


def read_table_rows(name: str) -> dict[str, str]:
    """Map the code in the first cell of each table row to the rest of the row."""
    lines = (ROOT / "docs" / name).read_text("utf-8").splitlines()
    rows = [line.strip("|").replace("\\|", "").split("|", 1) for line in lines if line.startswith("| `")]
    return {word: rest for first, rest in rows for word in re.findall(r"`([^`]+)`", first)}


def test_every_setting_is_documented_with_its_default():
    rows = read_table_rows("site.md")
    options = {
        **Settings.model_fields,
        **Limits.model_fields,
        **VerifySettings.model_fields,
        **InventorySettings.model_fields,
    }
    assert set(rows) == set(options)
    for name, field in options.items():
        if isinstance(field.default, str | int | float):
            assert f"{field.default}" in rows[name].split("|")[0], name
    functions = Settings().functions
    assert ", ".join(functions) in rows["functions"]


def test_every_confluence_setting_is_documented_with_its_default():
    rows = read_table_rows("confluence.md")
    settings = {name: field for name, field in ConfluenceSettings.model_fields.items() if name in rows}
    assert settings.keys() == ConfluenceSettings.model_fields.keys()
    for name, field in settings.items():
        default = {True: "on", False: "off", "": "empty", None: "", PUBLISHED_SECTIONS: "all but `rules` and `guide`"}
        assert default.get(field.default, f"{field.default}") in rows[name].split("|")[0], name


def test_every_fault_of_the_demo_server_is_documented():
    assert {str(kind) for kind in FaultKind} <= set(read_table_rows("confluence.md"))


def test_every_format_and_severity_of_the_check_is_documented():
    text = (ROOT / "docs/checking.md").read_text("utf-8")
    assert set(REPORTS) <= set(read_table_rows("checking.md"))
    assert {severity.value for severity in Severity} <= set(find_inline_code(text))


def test_every_kind_of_card_is_documented():
    assert set(KINDS) <= set(find_inline_code((ROOT / "docs/writing-cards.md").read_text("utf-8")))


def test_every_filter_is_documented(project):
    explained = {name.partition("(")[0] for name in read_table_rows("templates.md")}
    book: Book = project.book
    source = (ROOT / "generator/pages/render.py").read_text("utf-8")
    escaping = re.findall(r'^    "(\w+)": ', source.partition("_ESCAPING")[2].partition("}")[0], re.MULTILINE)
    assert escaping
    assert {*Filters(book).to_mapping(), *escaping} <= explained


def test_every_field_of_a_view_is_documented():
    rows = read_table_rows("templates.md")
    pages = {path.name for path in (find_shipped_templates() / "pages").glob("*.j2")}
    assert pages == {f"{name}.md.j2" for name in VIEWS}
    for name, view in VIEWS.items():
        offered = set(re.findall(r"`(\w+)`", rows[f"{name}.md.j2"]))
        assert offered == {*inspect.signature(view).parameters}, name


def test_every_field_of_a_card_view_is_documented():
    text = (ROOT / "docs/templates.md").read_text("utf-8")
    paragraph = next(part for part in text.split("\n\n") if part.startswith("`view.card`"))
    assert {*inspect.signature(parts.CardView).parameters} <= set(re.findall(r"`(\w+)`", paragraph))


def test_every_block_is_documented():
    rows = read_table_rows("templates.md")
    pages = ("model", "team", "person", "debt", "home", "who-to-call")
    for name in ("layouts/page.md.j2", "layouts/card.md.j2", *(f"pages/{page}.md.j2" for page in pages)):
        source = (find_shipped_templates() / name).read_text("utf-8")
        blocks = set(re.findall(r"{% block (\w+)", source))
        inherited = {"path", "title", "body", "foot", "about"} if name != "layouts/page.md.j2" else set()
        assert blocks - inherited - {"about"} <= set(re.findall(r"`(\w+)`", rows[name])), name


def test_the_example_template_renders(tmp_path):
    shown = find_code_blocks((ROOT / "docs/templates.md").read_text("utf-8"), "jinja")
    assert len(shown) == 1
    shutil.copytree(ROOT / "cards", tmp_path / "cards")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "templates/pages").mkdir(parents=True)
    (tmp_path / "templates/pages/model.md.j2").write_text(shown[0], "utf-8")
    pages, mistakes = open_project(tmp_path).render_pages()
    assert mistakes == []
    (page,) = (page.markdown for page in pages if page.key == "model:ryl")
    assert "## Who to call" in page
    assert "service <code>ryl</code>" in page


PICTURES = [f"{shot.name}-{scheme}" for shot in SHOTS for scheme in SCHEMES] + [shot.name for shot in CONFLUENCE_SHOTS]


@pytest.mark.parametrize("name", PICTURES)
def test_screenshots_exist_and_are_small(name):
    path = ROOT / f"docs/images/{name}.png"
    assert path.stat().st_size <= LIMIT
    with Image.open(path) as image:
        assert image.size == (WIDTH, HEIGHT)


def test_the_readme_shows_every_screenshot():
    shown = set(re.findall(r"docs/images/([\w-]+)\.png", (ROOT / "README.md").read_text("utf-8")))
    assert shown == set(PICTURES)


def test_the_changelog_has_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(r"^## \[(.+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert version in headings


@NAMED
def test_no_document_names_a_machine_or_a_package_index(document):
    text = document.read_text("utf-8")
    assert not re.search(r"(?<![\w.])/(work|root|home|tmp)/|--(extra-)?index-url|/simple/?\b", text)


def test_the_pre_commit_hook_runs_an_existing_command():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [(hook["id"], find_usage_error(hook["entry"]), hook["pass_filenames"]) for hook in hooks] == [
        ("modelbook-check", None, False),
        ("modelbook-check-book", None, False),
        ("modelbook-scan", None, False),
    ]
    cards = ["modelbook.yml", "modelbook/ryl.yml", "src/modelbook.yml", "README.md"]
    assert [bool(re.search(hooks[1]["files"], path)) for path in cards] == [True, True, False, False]
    touched = ["cards/models/ryl.yml", "mkdocs.yml", "templates/pages/model.md.j2", "README.md", "docs/cards/a.md"]
    assert [bool(re.search(hooks[0]["files"], path)) for path in touched] == [True, True, True, False, False]
