"""The book that `modelbook init` writes: it passes its own check on any day, and its workflows run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator.cli import main
from generator.confluence.sync.report import MARK
from generator.findings import Severity
from generator.pages.paths import SECTIONS
from generator.project import open_project
from generator.schema import KINDS
from tests.command_lines import find_commands, find_usage_error

GITHUB_FILES = (".github/workflows/book.yml", ".github/workflows/confluence-plan.yml")
WORKFLOWS = (*GITHUB_FILES, ".gitlab-ci.yml")
DAYS = ("2024-02-29", "2026-11-20", "2035-01-01")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "our-models"
    main(["init", str(folder)])
    return folder


def run_command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(list(arguments))
    assert isinstance(exited.value.code, int)
    return exited.value.code


@pytest.mark.parametrize("day", DAYS)
def test_a_new_book_has_no_warning_on_any_day(book, day, capsys):
    assert run_command("check", "-C", str(book), "--today", day, "--fail-on", "warning") == 0, capsys.readouterr().out


def test_a_new_book_has_no_warning_today(book, capsys):
    assert run_command("check", "-C", str(book), "--fail-on", "warning") == 0, capsys.readouterr().out


def test_a_new_book_has_one_finding_as_an_example(book):
    findings = open_project(book).findings
    assert [(finding.code, finding.severity) for finding in findings] == [("MB203", Severity.INFO)]


def test_a_new_book_has_connected_cards_of_every_kind(book):
    project = open_project(book)
    assert {loaded.card.kind for loaded in project.cards.items} == set(KINDS)
    lonely = [
        ref
        for ref in project.graph.cards
        if not project.graph.list_incoming_edges(ref) and not project.graph.list_outgoing_edges(ref)
    ]
    assert lonely == []


def test_every_card_names_the_schema_for_the_editor(book):
    cards = sorted((book / "cards").rglob("*.yml"))
    headers = {card: re.match(r"# yaml-language-server: \$schema=(\S+)\n", card.read_text("utf-8")) for card in cards}
    named = {card: (card.parent / match[1]).resolve() for card, match in headers.items() if match}
    assert [card.name for card in cards if card not in named] == ["product-list.yml"]  # a contract file
    assert set(named.values()) == {(book / ".modelbook/card.schema.json").resolve()}


def test_placeholders_in_texts_and_file_names_are_replaced(book):
    files = [path for path in book.rglob("*") if path.is_file()]
    assert not [path for path in files if re.search(r"@[A-Z]+@", path.read_text("utf-8"))]
    assert not [path for path in files if "dot-" in str(path.relative_to(book))]


def test_a_new_book_builds_without_a_warning(book, tmp_path):
    command = [sys.executable, "-c", "from generator.cli import main; main()", "build", "--strict"]
    command += ["--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=book, capture_output=True, text=True, check=False)
    # --strict fails on warnings of MkDocs, such as a broken link in the guide; the one finding is a note
    assert (built.returncode, built.stderr) == (0, "")
    home = (tmp_path / "site/index.html").read_text("utf-8")
    assert "Our models" in home
    assert all(f'href="{section.folder}/index.html"' in home for section in SECTIONS)
    guide = (tmp_path / "site/guide.html").read_text("utf-8")
    assert 'href="reference/codes/index.html"' in guide


def test_the_name_of_a_new_book_can_be_given(tmp_path):
    main(["init", str(tmp_path / "a"), "--name", 'Models: "ours", on #1'])
    assert open_project(tmp_path / "a").configuration.site_name == "Models: 'ours', on #1"


def test_an_existing_book_is_refused_and_unchanged(tmp_path, capsys):
    main(["init", str(tmp_path)])
    card = tmp_path / "cards/teams/data-science.yml"
    card.write_text("kind: team\nname: Ours\n", "utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert run_command("init", str(tmp_path)) == 2
    assert "already contains a book" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_existing_files_are_kept(tmp_path, capsys):
    (tmp_path / "Makefile").write_text("all:\n\ttrue\n", "utf-8")
    main(["init", str(tmp_path)])
    assert (tmp_path / "Makefile").read_text("utf-8") == "all:\n\ttrue\n"
    assert "kept" in capsys.readouterr().err
    assert (tmp_path / "mkdocs.yml").exists()


def list_scripts(workflow: object) -> list[str]:
    """Return the shell scripts in a workflow of GitHub (`run`) or GitLab (`script`)."""
    match workflow:
        case dict():
            own = [workflow[key] for key in ("run", "script", "before_script") if key in workflow]
            lines = [line for script in own for line in ([script] if isinstance(script, str) else script)]
            return [*lines, *(line for value in workflow.values() for line in list_scripts(value))]
        case list():
            return [line for item in workflow for line in list_scripts(item)]
        case _:
            return []


def list_workflow_commands(book: Path, name: str) -> list[str]:
    workflow = yaml.safe_load((book / name).read_text("utf-8"))
    return [command for script in list_scripts(workflow) for command in find_commands(script)]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_only_existing_commands(book, name):
    commands = list_workflow_commands(book, name)
    assert commands
    assert {command: find_usage_error(command) for command in commands if find_usage_error(command)} == {}


@pytest.mark.parametrize("files", [GITHUB_FILES, WORKFLOWS[2:]])
def test_the_workflows_check_build_plan_and_publish(book, files):
    commands = {command for name in files for command in list_workflow_commands(book, name)}
    assert {command.split()[1] for command in commands} == {"check", "build", "publish"}
    assert {"modelbook publish plan --markdown", "modelbook publish apply --wait 600"} <= commands


class FakeRunner:
    """A machine of a CI whose external commands only record their arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "calls"
        (folder / "bin").mkdir()
        self.add_command("modelbook", 'printf "%s" "$PLAN"; exit "$PLAN_STATUS"')

    def add_command(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self._log}"\n{script}\n', "utf-8")
        path.chmod(0o755)

    def run(self, script: str, given: dict[str, str], plan: str = MARK, status: int = 0) -> int:
        self._log.write_text("", "utf-8")
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "PLAN": plan, "PLAN_STATUS": str(status), **given}
        return subprocess.run(["bash", "-euc", script], cwd=self.folder, env=environment, check=False).returncode

    def calls(self, word: str) -> list[str]:
        return [line for line in self._log.read_text("utf-8").splitlines() if word in line]


GITHUB = {"COMMENTS": "repos/o/r/issues/7/comments", "COMMENT": "repos/o/r/issues/comments"}
GITLAB = {"CI_API_V4_URL": "https://git.example.com/api/v4", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7"}


def read_github_script(book: Path) -> str:
    steps = yaml.safe_load((book / GITHUB_FILES[1]).read_text("utf-8"))["jobs"]["confluence-plan"]["steps"]
    return str(next(step["run"] for step in steps if "plan.md" in step.get("run", "")))


def read_gitlab_script(book: Path) -> str:
    return "\n".join(yaml.safe_load((book / WORKFLOWS[2]).read_text("utf-8"))["confluence-plan"]["script"])


def test_on_github_a_new_plan_updates_the_comment(book, tmp_path):
    runner = FakeRunner(tmp_path)
    runner.add_command("gh", 'case "$*" in *--paginate*) printf "%b" "$FOUND";; esac')
    assert runner.run(read_github_script(book), {**GITHUB, "FOUND": ""}) == 0
    assert runner.calls("POST") == ["gh api --silent --method POST repos/o/r/issues/7/comments --field body=@plan.md"]
    assert runner.run(read_github_script(book), {**GITHUB, "FOUND": "41\\n42\\n"}) == 0
    assert runner.calls("PATCH") == [
        "gh api --silent --method PATCH repos/o/r/issues/comments/41 --field body=@plan.md"
    ]
    assert runner.calls("POST") == []


def test_on_gitlab_a_new_plan_updates_the_comment(book, tmp_path):
    runner = FakeRunner(tmp_path)
    runner.add_command("curl", 'case "$*" in *--request*) ;; *) printf "%s" "$NOTES";; esac')
    other = {"id": 1, "body": "Looks good"}
    ours = {"id": 5, "body": "<!-- modelbook publish plan -->\n1 to create"}
    token = {**GITLAB, "GITLAB_TOKEN": "t"}
    notes = "https://git.example.com/api/v4/projects/3/merge_requests/7/notes"
    assert runner.run(read_gitlab_script(book), {**token, "NOTES": json.dumps([other])}) == 0
    assert runner.calls("POST")[0].endswith(f"body@plan.md {notes}")
    assert runner.run(read_gitlab_script(book), {**token, "NOTES": json.dumps([other, ours])}) == 0
    assert runner.calls("PUT")[0].endswith(f"body@plan.md {notes}/5")
    assert runner.calls("POST") == []


@pytest.mark.parametrize("script", [read_github_script, read_gitlab_script])
def test_a_held_page_is_commented_and_a_missing_plan_fails_the_job(book, tmp_path, script):
    runner = FakeRunner(tmp_path)
    runner.add_command("gh", "true")
    runner.add_command("curl", 'case "$*" in *--request*) ;; *) echo "[]";; esac')
    held = runner.run(script(book), {**GITHUB, **GITLAB, "GITLAB_TOKEN": "t"}, status=1)
    assert held == (0 if script is read_github_script else 1)
    assert runner.calls("POST")
    for status in (1, 2):
        assert runner.run(script(book), {**GITHUB, **GITLAB, "GITLAB_TOKEN": "t"}, plan="", status=status) > 0
        assert not runner.calls("POST")


def test_on_gitlab_a_held_page_is_a_warning(book):
    job = yaml.safe_load((book / WORKFLOWS[2]).read_text("utf-8"))["confluence-plan"]
    assert job["allow_failure"] == {"exit_codes": [1]}


def test_on_gitlab_the_plan_is_written_without_a_token_for_comments(book, tmp_path):
    runner = FakeRunner(tmp_path)
    assert runner.run(read_gitlab_script(book), GITLAB) == 0
    assert (tmp_path / "plan.md").read_text("utf-8") == MARK
    assert runner.calls("curl") == []


@pytest.mark.parametrize("name", WORKFLOWS[1:])
def test_the_workflows_find_the_comment_by_its_first_line(book, name):
    assert MARK in (book / name).read_text("utf-8")


def test_the_workflows_write_reports_in_the_format_of_their_ci(book):
    github, gitlab = list_workflow_commands(book, WORKFLOWS[0]), list_workflow_commands(book, WORKFLOWS[2])
    assert "modelbook check --format github" in github
    assert "modelbook check --format junit --output check.xml" in gitlab
    jobs = yaml.safe_load((book / ".gitlab-ci.yml").read_text("utf-8"))
    assert jobs["check"]["artifacts"]["reports"]["junit"] == "check.xml"


def test_the_makefile_calls_existing_commands(book):
    text = (book / "Makefile").read_text("utf-8").replace("$(MODELBOOK)", "modelbook")
    commands = find_commands(text)
    assert [command.split()[1] for command in commands] == ["build", "check", "serve"]
    assert [find_usage_error(command) for command in commands] == [None] * 3


def test_git_ignores_built_files_but_not_the_schema(book, tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text((book / ".gitignore").read_text("utf-8"), "utf-8")
    asked = ["site/index.html", ".venv/bin/pip", ".modelbook/cache", ".modelbook/card.schema.json", "cards/a.yml"]
    command = ["git", "-C", str(tmp_path), "check-ignore", *asked]
    ignored = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert ignored == asked[:3]
