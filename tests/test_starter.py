"""What `modelbook init` writes: a book that passes its own check on any day, and workflows that can run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator.cli import main
from generator.confluence.show.markdown import MARK
from generator.findings import Severity
from generator.pages.paths import SECTIONS
from generator.project import open_project
from generator.schema import KINDS
from tests.command_lines import commands_in, mistake_in

GITHUB_FILES = (".github/workflows/book.yml", ".github/workflows/confluence-plan.yml")
WORKFLOWS = (*GITHUB_FILES, ".gitlab-ci.yml")
DAYS = ("2024-02-29", "2026-11-20", "2035-01-01")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "our-models"
    main(["init", str(folder)])
    return folder


def leave(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize("day", DAYS)
def test_it_passes_its_own_check_on_any_day(book, day, capsys):
    assert leave("check", "-C", str(book), "--today", day, "--fail-on", "warning") == 0, capsys.readouterr().out


def test_it_passes_its_own_check_today(book, capsys):
    assert leave("check", "-C", str(book), "--fail-on", "warning") == 0, capsys.readouterr().out


def test_one_gap_is_left_so_that_a_newcomer_sees_what_a_finding_is(book):
    findings = open_project(book).findings
    assert [(finding.code, finding.severity) for finding in findings] == [("MB203", Severity.INFO)]


def test_every_kind_is_there_and_everything_is_connected(book):
    project = open_project(book)
    assert {loaded.card.kind for loaded in project.cards.items} == set(KINDS)
    lonely = [
        ref
        for ref in project.graph.cards
        if not project.graph.list_incoming_edges(ref) and not project.graph.list_outgoing_edges(ref)
    ]
    assert lonely == []


def test_every_card_tells_the_editor_where_the_schema_is(book):
    cards = sorted((book / "cards").rglob("*.yml"))
    said = {card: re.match(r"# yaml-language-server: \$schema=(\S+)\n", card.read_text("utf-8")) for card in cards}
    named = {card: (card.parent / match[1]).resolve() for card, match in said.items() if match}
    assert [card.name for card in cards if card not in named] == ["product-list.yml"]  # a contract's file, no card
    assert set(named.values()) == {(book / ".modelbook/card.schema.json").resolve()}


def test_no_placeholder_is_left_and_no_name_still_starts_with_dot(book):
    files = [path for path in book.rglob("*") if path.is_file()]
    assert not [path for path in files if re.search(r"@[A-Z]+@", path.read_text("utf-8"))]
    assert not [path for path in files if "dot-" in str(path.relative_to(book))]


def test_its_site_builds_without_a_warning(book, tmp_path):
    command = [sys.executable, "-c", "from generator.cli import main; main()", "build", "--strict"]
    command += ["--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=book, capture_output=True, text=True, check=False)
    # --strict fails on warnings of MkDocs, such as a link of the guide that leads nowhere; the one note is none
    assert (built.returncode, built.stderr) == (0, "")
    home = (tmp_path / "site/index.html").read_text("utf-8")
    assert "Our models" in home
    assert all(f'href="{section.folder}/index.html"' in home for section in SECTIONS)
    guide = (tmp_path / "site/guide.html").read_text("utf-8")
    assert 'href="reference/codes/index.html"' in guide


def test_the_name_is_the_one_that_was_asked_for(tmp_path):
    main(["init", str(tmp_path / "a"), "--name", 'Models: "ours", on #1'])
    assert open_project(tmp_path / "a").configuration.site_name == "Models: 'ours', on #1"


def test_a_second_start_refuses_and_changes_nothing(tmp_path, capsys):
    main(["init", str(tmp_path)])
    card = tmp_path / "cards/teams/data-science.yml"
    card.write_text("kind: team\nname: Ours\n", "utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert leave("init", str(tmp_path)) == 2
    assert "already contains a book" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_files_that_exist_are_kept(tmp_path, capsys):
    (tmp_path / "Makefile").write_text("all:\n\ttrue\n", "utf-8")
    main(["init", str(tmp_path)])
    assert (tmp_path / "Makefile").read_text("utf-8") == "all:\n\ttrue\n"
    assert "kept" in capsys.readouterr().err
    assert (tmp_path / "mkdocs.yml").exists()


def scripts(workflow: object) -> list[str]:
    """Every shell script in a workflow of GitHub (`run`) or GitLab (`script`)."""
    match workflow:
        case dict():
            own = [workflow[key] for key in ("run", "script", "before_script") if key in workflow]
            lines = [line for script in own for line in ([script] if isinstance(script, str) else script)]
            return [*lines, *(line for value in workflow.values() for line in scripts(value))]
        case list():
            return [line for item in workflow for line in scripts(item)]
        case _:
            return []


def what_runs(book: Path, name: str) -> list[str]:
    workflow = yaml.safe_load((book / name).read_text("utf-8"))
    return [command for script in scripts(workflow) for command in commands_in(script)]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_only_commands_that_exist(book, name):
    commands = what_runs(book, name)
    assert commands
    assert {command: mistake_in(command) for command in commands if mistake_in(command)} == {}


@pytest.mark.parametrize("files", [GITHUB_FILES, WORKFLOWS[2:]])
def test_the_workflows_check_build_plan_and_publish(book, files):
    commands = {command for name in files for command in what_runs(book, name)}
    assert {command.split()[1] for command in commands} == {"check", "build", "publish"}
    assert {"modelbook publish plan --markdown", "modelbook publish apply --wait 600"} <= commands


class Desk:
    """A machine of a CI with stand-ins for the commands that leave it: each writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        (folder / "bin").mkdir()
        self.command("modelbook", 'printf "%s" "$PLAN"; exit "$PLAN_STATUS"')

    def command(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self.calls}"\n{script}\n', "utf-8")
        path.chmod(0o755)

    def run(self, script: str, given: dict[str, str], plan: str = MARK, status: int = 0) -> int:
        self.calls.write_text("", "utf-8")
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "PLAN": plan, "PLAN_STATUS": str(status), **given}
        return subprocess.run(["bash", "-euc", script], cwd=self.folder, env=environment, check=False).returncode

    def said(self, word: str) -> list[str]:
        return [line for line in self.calls.read_text("utf-8").splitlines() if word in line]


GITHUB = {"COMMENTS": "repos/o/r/issues/7/comments", "COMMENT": "repos/o/r/issues/comments"}
GITLAB = {"CI_API_V4_URL": "https://git.example.com/api/v4", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7"}


def github_script(book: Path) -> str:
    steps = yaml.safe_load((book / GITHUB_FILES[1]).read_text("utf-8"))["jobs"]["confluence-plan"]["steps"]
    return str(next(step["run"] for step in steps if "plan.md" in step.get("run", "")))


def gitlab_script(book: Path) -> str:
    return "\n".join(yaml.safe_load((book / WORKFLOWS[2]).read_text("utf-8"))["confluence-plan"]["script"])


def test_on_github_there_is_one_comment_however_often_the_plan_is_made(book, tmp_path):
    desk = Desk(tmp_path)
    desk.command("gh", 'case "$*" in *--paginate*) printf "%b" "$FOUND";; esac')
    assert desk.run(github_script(book), {**GITHUB, "FOUND": ""}) == 0
    assert desk.said("POST") == ["gh api --silent --method POST repos/o/r/issues/7/comments --field body=@plan.md"]
    assert desk.run(github_script(book), {**GITHUB, "FOUND": "41\\n42\\n"}) == 0
    assert desk.said("PATCH") == ["gh api --silent --method PATCH repos/o/r/issues/comments/41 --field body=@plan.md"]
    assert desk.said("POST") == []


def test_on_gitlab_there_is_one_comment_however_often_the_plan_is_made(book, tmp_path):
    desk = Desk(tmp_path)
    desk.command("curl", 'case "$*" in *--request*) ;; *) printf "%s" "$NOTES";; esac')
    other = {"id": 1, "body": "Looks good"}
    ours = {"id": 5, "body": "<!-- modelbook publish plan -->\n1 to create"}
    notes = "https://git.example.com/api/v4/projects/3/merge_requests/7/notes"
    assert desk.run(gitlab_script(book), {**GITLAB, "GITLAB_TOKEN": "t", "NOTES": json.dumps([other])}) == 0
    assert desk.said("POST")[0].endswith(f"body@plan.md {notes}")
    assert desk.run(gitlab_script(book), {**GITLAB, "GITLAB_TOKEN": "t", "NOTES": json.dumps([other, ours])}) == 0
    assert desk.said("PUT")[0].endswith(f"body@plan.md {notes}/5")
    assert desk.said("POST") == []


@pytest.mark.parametrize("script", [github_script, gitlab_script])
def test_conflicts_are_commented_and_fail_the_job_all_the_same(book, tmp_path, script):
    desk = Desk(tmp_path)
    desk.command("gh", "true")
    desk.command("curl", 'case "$*" in *--request*) ;; *) echo "[]";; esac')
    assert desk.run(script(book), {**GITHUB, **GITLAB, "GITLAB_TOKEN": "t"}, status=1) == 1
    assert desk.said("POST")
    assert desk.run(script(book), {**GITHUB, **GITLAB, "GITLAB_TOKEN": "t"}, plan="", status=2) == 2
    assert not desk.said("POST")


def test_on_gitlab_the_plan_is_kept_where_nobody_may_comment(book, tmp_path):
    desk = Desk(tmp_path)
    assert desk.run(gitlab_script(book), GITLAB) == 0
    assert (tmp_path / "plan.md").read_text("utf-8") == MARK
    assert desk.said("curl") == []


@pytest.mark.parametrize("name", WORKFLOWS[1:])
def test_the_workflows_know_the_comment_by_its_first_line(book, name):
    assert MARK in (book / name).read_text("utf-8")


def test_the_reports_of_the_workflows_are_those_that_each_ci_reads(book):
    github, gitlab = what_runs(book, WORKFLOWS[0]), what_runs(book, WORKFLOWS[2])
    assert "modelbook check --format github" in github
    assert "modelbook check --format junit --output check.xml" in gitlab
    jobs = yaml.safe_load((book / ".gitlab-ci.yml").read_text("utf-8"))
    assert jobs["check"]["artifacts"]["reports"]["junit"] == "check.xml"


def test_the_makefile_calls_commands_that_exist(book):
    text = (book / "Makefile").read_text("utf-8").replace("$(MODELBOOK)", "modelbook")
    commands = commands_in(text)
    assert [command.split()[1] for command in commands] == ["build", "check", "serve"]
    assert [mistake_in(command) for command in commands] == [None] * 3


def test_what_is_built_stays_out_of_git_and_the_schema_goes_in(book, tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text((book / ".gitignore").read_text("utf-8"), "utf-8")
    asked = ["site/index.html", ".venv/bin/pip", ".modelbook/cache", ".modelbook/card.schema.json", "cards/a.yml"]
    command = ["git", "-C", str(tmp_path), "check-ignore", *asked]
    ignored = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert ignored == asked[:3]
