"""`modelbook render`: the pages as plain Markdown for another engine."""

import json
import shutil
import sys
from functools import partial
from pathlib import Path

import click

from generator.cli.check import get_exit_status
from generator.cli.command import Command
from generator.cli.console import print_line, print_lines
from generator.cli.finding_text import render_findings
from generator.cli.loading import load_book
from generator.cli.options import FOLDER, project_option, quiet_option
from generator.cli.printing import report_write_errors
from generator.cli.progress import show_progress
from generator.errors import UserError
from generator.pages.assets import list_assets
from generator.pages.paths import NAVIGATION
from generator.project import Project, find_shipped_templates

_MARKER = ".modelbook-render"


@click.command(cls=Command)
@project_option
@click.option("--out", type=FOLDER, required=True, help="New or empty folder to write to.")
@quiet_option
def render(root: Path, out: Path, *, is_quiet: bool) -> None:
    r"""Write the pages as Markdown for another engine.

    The folder gets the pages and an mkdocs.yml. It must be new, empty, or written by this command before. The result
    does not need Modelbook.

    \b
      modelbook render --out plain
    """
    project = load_book(root)
    with show_progress(is_quiet=is_quiet) as report:
        pages, mistakes = project.render_pages(partial(report, "Making pages"))
    findings = [*project.findings, *mistakes]
    if findings:
        print_lines(render_findings(findings, project.texts), err=True)
    if get_exit_status(findings):
        sys.exit(1)
    docs = out / "docs"
    with report_write_errors(out):
        _prepare_folder(out)
        shutil.copytree(find_shipped_templates() / "theme" / "assets", docs / "assets", dirs_exist_ok=True)
        texts = [(page.path, page.front_matter + page.markdown) for page in pages]
        for path, text in (*texts, *list_assets(project.book, directory_urls=project.configuration.directory_urls)):
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(text, encoding="utf-8")
        (out / "mkdocs.yml").write_text(_render_configuration(project), encoding="utf-8")
    print_line(f"wrote {len(pages)} pages to {out}; try: cd {out} && mkdocs build")


def _prepare_folder(out: Path) -> None:
    """Create the folder, or remove the pages of an earlier run; raise UserError for any other folder."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARKER).exists():
            message = f"{out} is not empty and was not written by this command: choose a new folder"
            raise UserError(message)
        shutil.rmtree(out / "docs", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARKER).write_text("written by modelbook render, which may replace it\n", encoding="utf-8")


def _render_configuration(project: Project) -> str:
    """Return an mkdocs.yml without the plugin, as JSON, which is YAML too."""
    configuration = {
        "site_name": project.configuration.site_name,
        "use_directory_urls": project.configuration.directory_urls,
        **json.loads(Path(__file__).with_name("render.mkdocs.json").read_text("utf-8")),
        "nav": [{page.title: page.path} for page in NAVIGATION.pages],
    }
    return json.dumps(configuration, ensure_ascii=False, indent=2) + "\n"
