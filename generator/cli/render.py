"""`modelbook render`: the whole book as a folder for another engine."""

import shutil
import sys
from functools import partial
from pathlib import Path
from shlex import quote

import click

from generator.cli.check import get_exit_status
from generator.cli.command import Command
from generator.cli.console import print_line, print_lines
from generator.cli.finding_text import render_findings
from generator.cli.loading import load_book
from generator.cli.options import FOLDER, project_option, quiet_option
from generator.cli.progress import show_progress, show_spinner
from generator.engines.folder import build_engine_folder
from generator.errors import UserError, report_write_errors
from generator.reads import omit_reads

_MARKER = ".modelbook-render"
_FOLDERS = ("docs", "markdown", "theme")


@click.command(cls=Command)
@project_option
@click.option("--out", type=FOLDER, required=True, help="New or empty folder to write to.")
@quiet_option
def render(root: Path, out: Path, *, is_quiet: bool) -> None:
    r"""Write the whole book as a folder for another engine.

    The folder gets the pages as Markdown, your own pages, pages.json for `modelbook publish`, and an mkdocs.yml that
    MkDocs, ProperDocs and Zensical read. It must be new, empty, or the output of an earlier run. The result does not
    need Modelbook.

    \b
      modelbook render --out rendered
      zensical build -f rendered/mkdocs.yml
    """
    project = load_book(root)
    with show_progress(is_quiet=is_quiet) as report, omit_reads():
        pages, mistakes = project.render_pages(partial(report, "Making pages"))
    folder = build_engine_folder(project, pages)
    taken = [page for page in pages if page.file and f"docs/{page.path}" in folder.copies]
    collisions = [project.report_collision(page.key, page.path) for page in taken]
    compared = project.compare_with_baseline([*project.findings, *mistakes, *collisions])
    findings = compared.new
    if findings:
        print_lines(render_findings(findings, project.texts), err=True)
    if known := compared.describe_known():
        print_line(known, err=True)
    if get_exit_status(findings):
        sys.exit(1)
    target = out.resolve()
    if target.is_relative_to(folder.docs.resolve()) or any(
        original.resolve().is_relative_to(target) for original in folder.copies.values()
    ):
        raise UserError(f"{out} is a folder of the book: choose a new folder")
    with report_write_errors(out), show_spinner("Writing pages"):
        _prepare_folder(out)
        for path, original in folder.copies.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, out / path)
        for path, text in folder.texts:
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_text(text, encoding="utf-8")
    print_line(f"wrote {len(pages)} pages to {out}; next: cd {quote(str(out))} && mkdocs build")


def _prepare_folder(out: Path) -> None:
    """Create the folder, or remove the files of an earlier run; raise UserError for any other folder."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARKER).exists():
            raise UserError(f"{out} is not empty and was not written by this command: choose a new folder")
        for name in _FOLDERS:
            shutil.rmtree(out / name, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARKER).write_text("written by modelbook render, which may replace it\n", encoding="utf-8")
