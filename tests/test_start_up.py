"""Imports of commands: help is instant, and only publishing imports the HTTP client."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from generator.cli import modelbook
from tests.books import REPOSITORY
from tests.sites import run_modelbook

LOADED = """
import sys
from generator.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("|".join(sys.modules), file=sys.stderr)
"""
HEAVY = {"generator.project", "generator.diagrams", "atlassian", "requests", "lxml", "pydantic", "jinja2", "yaml"}
CLIENT = {"atlassian", "requests", "generator.confluence.rest"}


def list_imported_modules(*arguments: str, cwd: Path = REPOSITORY) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split("|"))


@pytest.mark.parametrize("words", ["--help", "publish --help", "confluence --help", "--version", "nonsense"])
def test_help_imports_nothing_heavy(words):
    assert list_imported_modules(*words.split()) & HEAVY == set()


def test_a_build_of_the_whole_book_imports_nothing_that_only_mkdocs_needs():
    program = "import sys, generator.cli.site_build; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & (HEAVY | {"generator.checks", "rich"}) == set()


def test_the_plugin_imports_nothing_that_only_the_server_and_other_engines_need():
    program = "import sys, generator.plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"lxml", "mkdocs.livereload", "watchdog"} == set()


@pytest.mark.parametrize("words", ["check", "show ryl", "explain MB203"])
def test_commands_other_than_publish_do_not_import_the_client(words):
    assert list_imported_modules(*words.split()) & CLIENT == set()


UNNEEDED = {
    "dask", "generator.confluence.sync", "generator.diagrams", "generator.exports.catalog", "generator.mcp",
    "generator.pages.book", "generator.pages.render", "generator.pages.site", "jinja2", "markdown",
    "mcp", "mkdocs", "multiprocessing.pool", "openpyxl", "pygments", "wasmtime",
}  # fmt: skip


def test_check_imports_nothing_that_only_pages_need():
    assert list_imported_modules("check") & UNNEEDED == set()


def test_publish_imports_the_client():
    assert list_imported_modules("publish", "doctor", "--help") >= CLIENT


def test_every_listed_command_exists():
    def walk(group: click.Group) -> None:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            assert command.name == name
            assert command.help
            if isinstance(command, click.Group):
                walk(command)

    walk(modelbook)


def test_an_unknown_command_is_rejected_with_a_suggestion():
    done = run_modelbook("publsh", cwd=REPOSITORY)
    assert done.returncode == 2
    assert "publish" in done.stderr
