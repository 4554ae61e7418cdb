"""The book that `modelbook init` writes: it passes its own check on any day, and its workflows run."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml

from generator.cli import main
from generator.confluence.sync.report import MARK
from generator.exports.diff import MARK as DIFF_MARK
from generator.findings import Severity
from generator.pages.paths import SECTIONS
from generator.project import open_project
from generator.schema import KINDS
from tests.ci_runner import GitHub, Runner, needs_curl, needs_jq, serve_gitlab
from tests.command_lines import find_commands, find_usage_error
from tests.history.repositories import Repository
from tests.sites import run_modelbook

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
    built = run_modelbook("build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site"), cwd=book)
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
    names = ("Makefile", "README.md", "CODEOWNERS", ".pre-commit-config.yaml")
    for name in names:
        (tmp_path / name).write_text("mine\n", "utf-8")
    main(["init", str(tmp_path)])
    assert [(tmp_path / name).read_text("utf-8") for name in names] == ["mine\n"] * 4
    assert capsys.readouterr().err.count("kept the existing file") == 4
    assert (tmp_path / "mkdocs.yml").exists()


def flatten(lines: object) -> list[str]:
    """Return the lines of a script of GitLab, which flattens nested lists."""
    return [lines] if isinstance(lines, str) else [line for one in cast("list[object]", lines) for line in flatten(one)]


def list_scripts(workflow: object) -> list[str]:
    """Return the shell scripts in a workflow of GitHub (`run`) or GitLab (`script`)."""
    match workflow:
        case dict():
            own = [workflow[key] for key in ("run", "script", "before_script") if key in workflow]
            lines = [line for script in own for line in flatten(script)]
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
    assert {command.split()[1] for command in commands} == {"check", "build", "diff", "publish"}
    assert {"modelbook publish plan --markdown", "modelbook publish apply --wait 600"} <= commands


PLANNING = 'printf "%s" "$PLAN"; exit "$PLAN_STATUS"'
"""A stand-in for `modelbook publish plan`."""


def read_github_script(book: Path, job: str, word: str) -> str:
    for name in GITHUB_FILES:
        jobs = yaml.safe_load((book / name).read_text("utf-8"))["jobs"]
        if job in jobs:
            return str(next(step["run"] for step in jobs[job]["steps"] if word in step.get("run", "")))
    raise AssertionError(job)


def read_gitlab_script(book: Path, job: str) -> str:
    return "\n".join(flatten(yaml.safe_load((book / WORKFLOWS[2]).read_text("utf-8"))[job]["script"]))


def plan(text: str = MARK, status: int = 0) -> dict[str, str]:
    return {"PLAN": text, "PLAN_STATUS": str(status)}


@pytest.fixture
def runner(tmp_path) -> Runner:
    """A machine in an empty folder, with a stand-in for the plan."""
    (tmp_path / "work").mkdir()
    runner = Runner(tmp_path / "work")
    runner.add_command("modelbook", PLANNING)
    return runner


COMMENTS = {
    "diff.md": (DIFF_MARK, ("diff-comment", "gh api"), "diff-comment"),
    "plan.md": (MARK, ("confluence-plan", "plan.md"), "confluence-plan"),
}
"""The mark of each file, and the jobs of GitHub and GitLab that comment with it."""


@needs_jq
@pytest.mark.parametrize("name", COMMENTS)
def test_on_github_later_runs_update_the_comment(book, runner, name):
    mark, job, _ = COMMENTS[name]
    script = read_github_script(book, *job)
    others = [
        {"id": 1, "body": "Looks good", "user": {"type": "User"}},
        {"id": 2, "body": f"{mark}\nforged", "user": {"type": "User"}},
    ]
    github = GitHub(runner, *others)
    for text in ("first", "second @x"):
        (runner.folder / "diff.md").write_text(f"{mark}\n{text}\n", "utf-8")
        done = runner.run(script, {**github.variables, **plan(f"{mark}\n{text}\n")})
        assert done.returncode == 0, done.stderr
        assert github.comments[:2] == others
        assert [one["body"] for one in github.comments[2:]] == [f"{mark}\n{text}\n"]


@needs_curl
@pytest.mark.parametrize("name", COMMENTS)
def test_on_gitlab_later_runs_update_the_comment(book, runner, name):
    mark, _, job = COMMENTS[name]
    others = [{"id": number, "author": {"id": 4}, "body": f"{mark}\nforged"} for number in range(1, 151)]
    with serve_gitlab(*others) as gitlab:
        for text in ("first", "second & third"):
            (runner.folder / "diff.md").write_text(f"{mark}\n{text}\n", "utf-8")
            done = runner.run(read_gitlab_script(book, job), {**gitlab.variables, **plan(f"{mark}\n{text}\n")})
            assert done.returncode == 0, done.stderr
            assert gitlab.notes[:150] == others
            assert [one["body"] for one in gitlab.notes[150:]] == [f"{mark}\n{text}\n"]


@needs_curl
@pytest.mark.parametrize("name", COMMENTS)
def test_on_gitlab_a_comment_that_fails_fails_the_job(book, runner, name):
    (runner.folder / "diff.md").write_text(DIFF_MARK, "utf-8")
    with serve_gitlab() as gitlab:
        script = read_gitlab_script(book, COMMENTS[name][2])
        assert runner.run(script, {**gitlab.variables, "GITLAB_TOKEN": "wrong", **plan()}).returncode > 0


@needs_jq
@needs_curl
def test_a_held_page_is_commented_and_a_missing_plan_fails_the_job(book, runner):
    on_github, on_gitlab = (
        read_github_script(book, *COMMENTS["plan.md"][1]),
        read_gitlab_script(book, "confluence-plan"),
    )
    github = GitHub(runner)
    assert runner.run(on_github, {**github.variables, **plan(status=1)}).returncode == 0
    assert len(github.comments) == 1
    with serve_gitlab() as gitlab:
        assert runner.run(on_gitlab, {**gitlab.variables, **plan(status=1)}).returncode == 1
        assert len(gitlab.notes) == 1
        for status in (1, 2):
            for script, variables in ((on_github, github.variables), (on_gitlab, gitlab.variables)):
                assert runner.run(script, {**variables, **plan("", status)}).returncode > 0
        assert (len(github.comments), len(gitlab.notes)) == (1, 1)


def test_on_gitlab_a_held_page_is_a_warning(book):
    job = yaml.safe_load((book / WORKFLOWS[2]).read_text("utf-8"))["confluence-plan"]
    assert job["allow_failure"] == {"exit_codes": [1]}


def test_on_gitlab_the_plan_is_written_without_a_token_for_comments(book, runner):
    runner.add_command("curl", "exit 1")
    assert runner.run(read_gitlab_script(book, "confluence-plan"), plan()).returncode == 0
    assert (runner.folder / "plan.md").read_text("utf-8") == MARK
    assert runner.calls("curl") == []


@pytest.fixture
def clone(tmp_path, book) -> Iterator[Runner]:
    """A machine with the whole history of a book, whose branch deletes a model with a consumer."""
    origin = Repository(tmp_path / "origin")
    shutil.copytree(book, origin.root)
    origin.git("init", "-q", "-b", "main")
    origin.git("commit", "-q", "--allow-empty", "-m", "Start")
    origin.git("tag", "empty")
    origin.git("add", "-A")
    origin.git("commit", "-q", "-m", "Add the book")
    origin.git("clone", "-q", str(origin.root), str(tmp_path / "work"))
    work = Repository(tmp_path / "work")
    work.git("rm", "-q", "cards/models/best-sellers.md")
    work.git("commit", "-q", "-m", "Remove the best sellers")
    runner = Runner(work.root)
    with runner.provide_modelbook():
        yield runner


def test_on_github_a_deletion_with_consumers_fails_after_the_diff_is_written(book, clone):
    script = read_github_script(book, "diff", "modelbook diff")
    files = {key: str(clone.bin / key) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = clone.run(script, {"GITHUB_BASE_REF": "main", **files})
    assert done.returncode == 1, done.stderr
    text = (clone.folder / "diff.md").read_text("utf-8")
    assert text.startswith(f"{DIFF_MARK}\n### Model book: 1 card removed")
    assert ":no_entry:" in text
    assert Path(files["GITHUB_STEP_SUMMARY"]).read_text("utf-8") == text
    assert Path(files["GITHUB_OUTPUT"]).read_text("utf-8") == "written=true\n"
    Repository(clone.folder).git("commit", "-q", "--allow-empty", "-m", "Accept-deletion: model:best-sellers")
    assert clone.run(script, {"GITHUB_BASE_REF": "main", **files}).returncode == 0


def test_on_gitlab_a_deletion_with_consumers_fails_after_the_diff_is_written(book, clone):
    base = Repository(clone.folder).git("rev-parse", "HEAD~1").strip()
    done = clone.run(read_gitlab_script(book, "diff"), {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base})
    assert done.returncode == 1, done.stderr
    assert (clone.folder / "diff.md").read_text("utf-8").startswith(f"{DIFF_MARK}\n### Model book: 1 card removed")


def test_a_change_that_adds_the_book_has_no_diff(book, clone):
    work = Repository(clone.folder)
    work.git("update-ref", "refs/remotes/origin/main", "empty")
    files = {key: str(clone.bin / key) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    on_github = read_github_script(book, "diff", "modelbook diff")
    assert clone.run(on_github, {"GITHUB_BASE_REF": "main", **files}).returncode == 0
    base = work.git("rev-parse", "empty").strip()
    assert clone.run(read_gitlab_script(book, "diff"), {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}).returncode == 0
    assert clone.calls("modelbook") == []
    with serve_gitlab() as gitlab:
        assert clone.run(read_gitlab_script(book, "diff-comment"), gitlab.variables).returncode == 0
        assert gitlab.requests == []


def test_an_unreadable_base_fails_the_job_on_github_without_a_comment(book, clone):
    work = Repository(clone.folder)
    (clone.folder / "mkdocs.yml").write_text("site_name: [\n", "utf-8")
    work.git("commit", "-q", "-a", "-m", "Break it")
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    work.git("revert", "--no-edit", "HEAD")
    files = {key: str(clone.bin / key) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = clone.run(read_github_script(book, "diff", "modelbook diff"), {"GITHUB_BASE_REF": "main", **files})
    assert (done.returncode, "cannot read the book" in done.stderr) == (2, True)
    assert not [path for path in files.values() if Path(path).exists()]


@pytest.mark.parametrize(("name", "mark"), [(WORKFLOWS[0], DIFF_MARK), (WORKFLOWS[1], MARK), (WORKFLOWS[2], MARK),
                                            (WORKFLOWS[2], DIFF_MARK)])  # fmt: skip
def test_the_workflows_find_the_comment_by_its_first_line(book, name, mark):
    assert mark in (book / name).read_text("utf-8")


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


def test_the_readme_explains_editing_checking_and_publishing_with_existing_commands(book):
    text = (book / "README.md").read_text("utf-8")
    assert re.findall(r"^#+ .*", text, re.MULTILINE) == ["# Our models", "## Edit", "## Check", "## Publish"]
    commands = find_commands("\n".join(re.findall(r"`([^`\n]+)`", text)))
    assert {command.split()[1] for command in commands} == {"new", "explain", "check"}
    assert [find_usage_error(command) for command in commands] == [None] * len(commands)
    targets = set(re.findall(r"^(\w+):", (book / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"make (\w+)", text)) <= targets
    assert all((book / path).is_file() for path in re.findall(r"\]\((?!https:)([^)]+)\)", text))


@pytest.fixture
def broken_book(book, tmp_path) -> Path:
    copy = tmp_path / "book"
    shutil.copytree(book, copy)
    (copy / "cards/teams/data-science.yml").write_text("kind: tean\n", "utf-8")
    return copy


def test_the_hook_before_a_commit_runs_the_check(book, broken_book):
    (repository,) = yaml.safe_load((book / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    (hook,) = repository["hooks"]
    assert (repository["repo"], hook["language"], hook["pass_filenames"]) == ("local", "system", False)
    command = [*hook["entry"].split(), "--old-file=.venv/stamp", f"MODELBOOK={sys.executable} -m generator"]
    assert subprocess.run(command, cwd=book, capture_output=True, check=False).returncode == 0
    assert subprocess.run(command, cwd=broken_book, capture_output=True, check=False).returncode != 0
    checked = ["cards/models/recommendations.yml", "mkdocs.yml", "templates/pages/model.md.j2", "evidence/code.jsonl"]
    assert [path for path in [*checked, "README.md", "docs/guide.md"] if re.search(hook["files"], path)] == checked


def test_the_examples_of_code_owners_name_files_of_the_book_and_have_no_effect(book):
    lines = (book / "CODEOWNERS").read_text("utf-8").splitlines()
    assert all(line.startswith("#") for line in lines if line)
    paths = [match[1] for line in lines if (match := re.match(r"# /(\S+) +@", line))]
    assert len(paths) > 4
    assert [path for path in paths if path != "templates/" and not list(book.glob(path.rstrip("/")))] == []


def test_git_ignores_built_files_but_not_the_schema(book, tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text((book / ".gitignore").read_text("utf-8"), "utf-8")
    asked = ["site/index.html", ".venv/bin/pip", ".modelbook/cache", ".modelbook/card.schema.json", "cards/a.yml"]
    command = ["git", "-C", str(tmp_path), "check-ignore", *asked]
    ignored = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert ignored == asked[:3]
