"""`modelbook render`: the same pages as plain Markdown, for another engine."""

import json
import shutil
import sys
from pathlib import Path

import click

from generator.cli.check import status
from generator.cli.console import print_line, print_lines
from generator.cli.opening import opened
from generator.cli.options import project_option
from generator.cli.reports.text import finding_lines
from generator.cli.writing import writing
from generator.errors import UserError
from generator.pages.assets import list_assets
from generator.pages.navigation import NAVIGATION
from generator.project import Project, find_shipped_templates

_MARKER = ".modelbook-render"


@click.command()
@project_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new or empty folder to write to."
)
def render(root: Path, out: Path) -> None:
    """Write the pages as plain Markdown with an mkdocs.yml, for any engine that reads them.

    The folder must be new, empty, or one that this command wrote before. Nothing in it needs Modelbook any more.
    """
    project = opened(root)
    pages, mistakes = project.render_pages()
    findings = [*project.findings, *mistakes]
    if findings:
        print_lines(finding_lines(findings, project.texts), err=True)
    if status(findings):
        sys.exit(1)
    with writing(out):
        _claim(out)
        for page in pages:
            path = out / "docs" / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page.front_matter + page.markdown, encoding="utf-8")
        _write_assets(project, out / "docs")
        (out / "mkdocs.yml").write_text(_mkdocs(project), encoding="utf-8")
    print_line(f"wrote {len(pages)} pages to {out}; try: cd {out} && mkdocs build")


def _claim(out: Path) -> None:
    """Make the folder ours, emptied of what an earlier run wrote; never touch another one."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARKER).exists():
            message = f"{out} is not empty and not from this command; choose a new folder"
            raise UserError(message)
        shutil.rmtree(out / "docs", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARKER).write_text("written by modelbook render; it may be written again\n", encoding="utf-8")


def _write_assets(project: Project, docs: Path) -> None:
    shutil.copytree(find_shipped_templates() / "theme" / "assets", docs / "assets", dirs_exist_ok=True)
    for path, content in list_assets(project.book, directory_urls=project.configuration.directory_urls):
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text(content, encoding="utf-8")


def _mkdocs(project: Project) -> str:
    """A configuration without any plugin of ours; JSON is YAML."""
    configuration = {
        "site_name": project.configuration.site_name,
        "use_directory_urls": project.configuration.directory_urls,
        "theme": {
            "name": "material",
            "font": False,
            "palette": [
                _palette("light", "default", {"icon": "material/weather-night", "name": "Switch to dark mode"}),
                _palette("dark", "slate", {"icon": "material/weather-sunny", "name": "Switch to light mode"}),
            ],
        },
        "plugins": ["search"],
        "markdown_extensions": [
            "attr_list",
            "md_in_html",
            "tables",
            {"toc": {"permalink": True}},
            {"pymdownx.highlight": {"pygments_lang_class": True}},
            "pymdownx.superfences",
        ],
        "extra_css": ["assets/modelbook/modelbook.css", "assets/modelbook/diagrams.css"],
        "extra_javascript": ["assets/modelbook/modelbook.js"],
        "validation": {"nav": {"omitted_files": "ignore"}},
        "nav": [{page.title: page.path} for page in NAVIGATION.pages],
    }
    return json.dumps(configuration, ensure_ascii=False, indent=2) + "\n"


def _palette(preferred: str, scheme: str, toggle: dict[str, str]) -> dict[str, object]:
    """The colours for who prefers light or dark: those of the stylesheet that comes along, which has both."""
    media = f"(prefers-color-scheme: {preferred})"
    return {"media": media, "scheme": scheme, "primary": "custom", "accent": "custom", "toggle": toggle}
