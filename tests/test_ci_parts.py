"""The reusable action for GitHub and the component for GitLab: their scripts run in real repositories."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.exports.diff import MARK
from tests.books import MODEL, REPOSITORY, TEAM, write_book
from tests.ci_runner import GitHub, Runner, needs_curl, needs_jq, serve_gitlab
from tests.command_lines import find_commands, find_usage_error
from tests.history.repositories import Repository, new_repository

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
COMPONENT = REPOSITORY / "templates/diff.yml"
BROKEN = MODEL.lstrip().replace("owners: [t]", "owners: [nobody]")
USED = MODEL.lstrip() + "consumers: [{system: s, why: Shows it}]\n"
SYSTEM = "{kind: system, id: s, name: Shop, type: service, owners: [t]}\n"


@pytest.fixture
def runner(tmp_path) -> Iterator[Runner]:
    """A machine with a clone whose branch deletes a model with a consumer; the book is below the top."""
    origin = new_repository(tmp_path / "origin")
    origin.git("commit", "-q", "--allow-empty", "-m", "Start")
    origin.git("tag", "empty")
    write_book(origin.root / "books/ours", {"ryl.yml": USED, "other.yml": BROKEN.replace("id: ryl", "id: other"),
                                            "t.yml": TEAM, "s.yml": SYSTEM})  # fmt: skip
    origin.git("add", "-A")
    origin.git("commit", "-q", "-m", "Add the book")
    origin.git("clone", "-q", str(origin.root), str(tmp_path / "work"))
    work = Repository(tmp_path / "work")
    work.git("rm", "-q", "books/ours/cards/ryl.yml")
    work.git("commit", "-q", "-m", "Remove the model")
    runner = Runner(work.root)
    runner.add_command("pip", "true")
    with runner.provide_modelbook():
        yield runner


def read_script(name: str) -> str:
    return str(next(step["run"] for step in ACTION["runs"]["steps"] if step.get("name") == name))


def variables_of(runner: Runner, **given: str) -> dict[str, str]:
    files = {key: str(runner.bin / key) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return {"PROJECT": "books/ours", "GITHUB_BASE_REF": "main", "RUNNER_TEMP": str(runner.bin), **files, **given}


def test_the_action_has_the_keys_that_github_requires():
    # https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
    assert {"name", "description", "runs"} <= ACTION.keys() <= {"name", "description", "branding", "inputs", "runs"}
    assert ACTION["runs"]["using"] == "composite"
    for name, value in ACTION["inputs"].items():
        assert value.keys() == {"description", "default"}, name
        assert isinstance(value["default"], str)
    for step in ACTION["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "uses" in step or step["shell"] == "bash"


def test_the_action_uses_every_input_and_no_other():
    text = yaml.safe_dump(ACTION["runs"], width=1_000)
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == ACTION["inputs"].keys()


def test_no_script_of_the_action_contains_data_of_an_event():
    assert not [step for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]


def test_the_action_pins_other_actions_like_the_workflows_of_a_new_book():
    pins = re.findall(r"uses: *(\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)", (REPOSITORY / "action.yml").read_text("utf-8"))
    workflow = (REPOSITORY / "templates/book/dot-github/workflows/book.yml").read_text("utf-8")
    assert len(pins) == len([step for step in ACTION["runs"]["steps"] if "uses" in step]) == 1
    assert all(pin in workflow for pin in pins)


def test_scripts_run_only_existing_commands():
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    scripts += [line for job in read_component().values() for line in job["script"]]
    commands = [command for script in scripts for command in find_commands(script)]
    assert [command.split()[1] for command in commands] == ["check", "diff", "diff"]
    assert [find_usage_error(command.replace('"$FAIL_ON"', "error")) for command in commands] == [None] * 3


def test_the_action_installs_the_pins_of_the_book_or_its_own_version(runner):
    script = read_script("Install Modelbook")
    given = {"PROJECT": "books/ours", "REQUIREMENTS": "requirements.txt", "ACTION": "/action"}
    assert runner.run(script, given).returncode == 0
    assert runner.calls("pip") == ["pip install -r /action/requirements/run.txt", "pip install --no-deps /action"]
    assert (REPOSITORY / "requirements/run.txt").is_file()
    (runner.folder / "books/ours/requirements.txt").write_text("modelbook==1\n", "utf-8")
    assert runner.run(script, given).returncode == 0
    assert runner.calls("pip")[2:] == ["pip install -r requirements.txt"]


def test_annotations_of_the_action_have_the_path_in_the_repository(runner):
    done = runner.run(read_script("Check the cards"), variables_of(runner, FAIL_ON="error"))
    assert done.returncode == 1
    assert "::error file=books/ours/cards/other.yml,line=7," in done.stdout
    variables = variables_of(runner, PROJECT=".", FAIL_ON="error")
    done = runner.run(f"cd books/ours\n{read_script('Check the cards')}", variables)
    assert "::error file=books/ours/cards/other.yml,line=7," in done.stdout


@needs_jq
def test_the_action_comments_once_and_fails_for_a_deletion_with_consumers(runner):
    diff, comment = read_script("Compare with the base branch"), read_script("Comment with the changes of the book")
    github = GitHub(runner, {"id": 1, "body": MARK, "user": {"type": "User"}})
    variables = {**variables_of(runner), **github.variables}
    for status, message in ((1, "More"), (0, "Accept-deletion: model:ryl")):
        Repository(runner.folder).git("commit", "-q", "--allow-empty", "-m", message)
        assert runner.run(diff, variables).returncode == status
        assert runner.run(comment, variables).returncode == 0
        _, own = github.comments
        assert own["body"].startswith(f"{MARK}\n### Model book: 1 card removed\n")
        assert (":no_entry:" in own["body"]) == bool(status)
    assert Path(variables["GITHUB_STEP_SUMMARY"]).read_text("utf-8").count(MARK) == 2
    assert Path(variables["GITHUB_OUTPUT"]).read_text("utf-8") == "written=true\n" * 2


@needs_jq
def test_the_action_warns_if_it_must_not_comment(runner):
    (runner.bin / "modelbook-diff.md").write_text(MARK, "utf-8")
    github = GitHub(runner)
    script = read_script("Comment with the changes of the book")
    done = runner.run(script, {**variables_of(runner), **github.variables, "GH_READ_ONLY": "1"})
    assert (done.returncode, github.comments) == (0, [])
    assert "::warning title=Modelbook::cannot comment: give the job the permission pull-requests: write" in done.stdout


def test_the_action_has_no_diff_for_a_new_book_and_an_error_for_a_shallow_clone(runner, tmp_path):
    work, script = Repository(runner.folder), read_script("Compare with the base branch")
    work.git("update-ref", "refs/remotes/origin/main", "empty")
    done = runner.run(script, variables_of(runner))
    assert (done.returncode, "::notice" in done.stdout) == (0, True)
    work.git("update-ref", "-d", "refs/remotes/origin/main")
    done = runner.run(script, variables_of(runner))
    assert (done.returncode, "unknown git revision 'origin/main'" in done.stderr) == (2, True)
    assert not Path(variables_of(runner)["GITHUB_OUTPUT"]).exists()


def read_component(**given: str) -> dict[str, Any]:
    """Return the jobs of the component as GitLab interpolates them: https://docs.gitlab.com/ci/inputs/."""
    header, content = COMPONENT.read_text("utf-8").split("\n---\n")
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    assert given.keys() <= inputs.keys()
    values = {name: given.get(name, value["default"]) for name, value in inputs.items()}
    used = set(re.findall(r"\$\[\[ inputs\.([a-z_]+) \]\]", content))
    assert used == inputs.keys()
    return dict(yaml.safe_load(re.sub(r"\$\[\[ inputs\.([a-z_]+) \]\]", lambda match: values[match[1]], content)))


def test_gitlab_finds_one_component():
    # GitLab looks for templates/NAME.yml and templates/NAME/template.yml: https://docs.gitlab.com/ci/components/
    root = REPOSITORY / "templates"
    assert [*root.glob("*.yml"), *root.glob("*/template.yml")] == [COMPONENT]


def test_the_component_has_no_global_keys_and_valid_defaults():
    jobs = read_component()
    assert jobs.keys() == {"modelbook-diff", "modelbook-diff-comment"}
    assert [job["stage"] for job in jobs.values()] == ["test", "deploy"]
    conditions = [rule["if"] for job in jobs.values() for rule in job["rules"]]
    assert all('$CI_PIPELINE_SOURCE == "merge_request_event"' in condition for condition in conditions)
    assert read_component(stage="check")["modelbook-diff"]["stage"] == "check"


def test_the_job_of_the_component_with_the_token_installs_nothing():
    jobs = read_component()
    assert "TOKEN" not in str(jobs["modelbook-diff"])
    comment = jobs["modelbook-diff-comment"]
    assert comment["before_script"] == comment["cache"] == []
    assert comment["variables"] == {"GIT_STRATEGY": "none"}
    assert "pip" not in str(comment)


@needs_curl
def test_the_component_comments_once_and_fails_for_a_deletion_with_consumers(runner):
    work, jobs = Repository(runner.folder), read_component(project="books/ours")
    diff = "\n".join([*jobs["modelbook-diff"]["before_script"], *jobs["modelbook-diff"]["script"]])
    variables = {
        **jobs["modelbook-diff"]["variables"], "CI_PROJECT_DIR": str(runner.folder),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": work.git("rev-parse", "origin/main").strip(),
    }  # fmt: skip
    variables = {key: str(value) for key, value in variables.items()}
    with serve_gitlab({"id": 1, "author": {"id": 4}, "body": MARK}) as gitlab:
        for status, message in ((1, "More"), (0, "Accept-deletion: model:ryl")):
            work.git("commit", "-q", "--allow-empty", "-m", message)
            assert runner.run(diff, variables).returncode == status
            done = runner.run("\n".join(jobs["modelbook-diff-comment"]["script"]), gitlab.variables)
            assert done.returncode == 0, done.stderr
            _, own = gitlab.notes
            assert own["body"].startswith(f"{MARK}\n### Model book: 1 card removed\n")
            assert (":no_entry:" in own["body"]) == bool(status)
    assert runner.calls("pip")[0] == "pip install -r requirements.txt"


def test_the_component_has_no_diff_and_no_comment_for_a_new_book(runner):
    work, jobs = Repository(runner.folder), read_component(project="books/ours")
    diff = "\n".join([*jobs["modelbook-diff"]["before_script"], *jobs["modelbook-diff"]["script"]])
    given = {"CI_PROJECT_DIR": str(runner.folder), "PROJECT": "books/ours"}
    done = runner.run(diff, {**given, "CI_MERGE_REQUEST_DIFF_BASE_SHA": work.git("rev-parse", "empty").strip()})
    assert (done.returncode, done.stdout) == (0, "the target branch has no book to compare with\n")
    with serve_gitlab() as gitlab:
        assert runner.run("\n".join(jobs["modelbook-diff-comment"]["script"]), gitlab.variables).returncode == 0
        assert gitlab.requests == []


def read_defaults(text: str) -> dict[str, str]:
    """Return the last cell of each row of tables by the names in its first cell."""
    rows = [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\|(.*)\|$", text, re.MULTILINE)]
    return {name: row[-1].strip("`") for row in rows for name in re.findall(r"`([a-z_-]+)`", row[0])}


def test_the_guide_describes_every_input_and_pins_the_same_actions():
    text = (REPOSITORY / "docs/ci.md").read_text("utf-8")
    on_github, on_gitlab = (read_defaults(part) for part in text.split("## GitLab component"))
    assert {name: value["default"] for name, value in ACTION["inputs"].items()}.items() <= on_github.items()
    header = yaml.safe_load(COMPONENT.read_text("utf-8").split("\n---\n")[0])["spec"]["inputs"]
    assert header.keys() <= on_gitlab.keys()
    workflow = (REPOSITORY / "templates/book/dot-github/workflows/book.yml").read_text("utf-8")
    assert all(pin in workflow for pin in re.findall(r"actions/\S+@\S+ # \S+", text))
