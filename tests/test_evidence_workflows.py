"""The workflows in the guide to evidence: their scripts run in a shell, with the repositories of the demo as host."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.demo.repositories import write_mirrors
from tests.books import REPOSITORY
from tests.ci_runner import Runner
from tests.history.repositories import Repository, new_repository

GUIDE = (REPOSITORY / "docs/evidence.md").read_text("utf-8")
WORKFLOWS = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)]
ADDRESS = "https://models.example.com/catalog.json"

GH = """
case "$1 $2" in
  "auth setup-git") ;;
  "repo list") printf 'core/home-feed\\ncore/merch-console\\n' ;;
  "pr view") echo ;;
  "pr create") ;;
  *) exit 2 ;;
esac
"""


def find_job(name: str, key: str = "") -> Any:
    """Return a job in the guide: of GitHub below the key `jobs`, of GitLab without a key."""
    return next(jobs[name] for flow in WORKFLOWS if name in (jobs := flow.get(key, {}) if key else flow))


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """The repositories of a host, by `owner/name`."""
    write_mirrors(tmp_path / "host")
    return tmp_path / "host"


@pytest.fixture
def runner(tmp_path: Path, host: Path) -> Iterator[Runner]:
    """A machine with a clone of the book, whose git finds the host on this disk."""
    origin = new_repository(tmp_path / "origin")
    shutil.copytree(REPOSITORY / "cards", origin.root / "cards")
    shutil.copy(REPOSITORY / "mkdocs.yml", origin.root)
    (origin.root / "docs").mkdir()
    (origin.root / "repositories.txt").write_text("core/home-feed\ncore/merch-console\n", "utf-8")
    origin.git("add", "-A")
    origin.git("commit", "-q", "-m", "Add the book")
    origin.git("config", "receive.advertisePushOptions", "true")
    origin.git("clone", "-q", str(origin.root), str(tmp_path / "book"))
    runner = Runner(tmp_path / "book")
    runner.add_command("pip", "true")
    runner.add_command("gh", GH)
    config = "".join(
        f'[url "{host.as_uri()}/core/"]\n\tinsteadOf = https://{name}/core/\n' for name in ("github.com", "gitlab.test")
    )
    (runner.bin / ".gitconfig").write_text(f"{config}[push]\n\tdefault = simple\n", "utf-8")
    with runner.provide_modelbook():
        yield runner


def read_branch(origin: Path) -> str:
    return Repository(origin).git("show", "evidence:evidence/code.jsonl")


def test_the_nightly_workflow_of_github_proposes_the_evidence(runner: Runner, tmp_path: Path) -> None:
    given = {"GH_TOKEN": "t", "OWNER": "core", "RUNNER_TEMP": str(tmp_path / "temp")}
    for step in find_job("scan", "jobs")["steps"]:
        if "run" in step:
            done = runner.run(step["run"], given)
            assert done.returncode == 0, done.stderr
    assert '"repo":"core/home-feed"' in read_branch(tmp_path / "origin")
    assert runner.calls("pr create")


def test_the_nightly_job_of_gitlab_proposes_the_evidence(runner: Runner, tmp_path: Path) -> None:
    given = {"REPOSITORIES_TOKEN": "t", "GITLAB_TOKEN": "t", "CI_SERVER_HOST": "gitlab.test", "CI_PROJECT_PATH": "b/o"}
    with (runner.bin / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write(f'[url "{(tmp_path / "origin").as_uri()}"]\n\tinsteadOf = https://modelbook:t@gitlab.test/b/o\n')
    done = runner.run("\n".join(find_job("evidence")["script"]), given)
    assert done.returncode == 0, done.stderr
    assert '"repo":"core/merch-console"' in read_branch(tmp_path / "origin")


def test_no_token_is_in_the_evidence(runner: Runner, tmp_path: Path) -> None:
    given = {
        "REPOSITORIES_TOKEN": "sesame",
        "GITLAB_TOKEN": "t",
        "CI_SERVER_HOST": "gitlab.test",
        "CI_PROJECT_PATH": "",
    }
    script = find_job("evidence")["script"]
    runner.run("\n".join(script[: script.index("git add evidence")]), given)
    assert "sesame" not in (runner.folder / "evidence/code.jsonl").read_text("utf-8")
    assert "sesame" not in (runner.folder / "mirrors/core/home-feed.git/config").read_text("utf-8")


@pytest.mark.parametrize(
    "script",
    [
        next(step["run"] for step in find_job("models", "jobs")["steps"] if ADDRESS in step.get("run", "")),
        find_job("models")["script"][-1],
        f"modelbook scan --here --staged --book {ADDRESS}",
    ],
    ids=["github", "gitlab", "pre-commit"],
)
def test_the_job_of_a_consumer_fails_only_if_the_change_adds_a_retired_string(
    runner: Runner, host: Path, tmp_path: Path, script: str
) -> None:
    catalog = tmp_path / "catalog.json"
    assert runner.run(f"modelbook export catalog --output {catalog}", {}).returncode == 0
    consumer = new_repository(tmp_path / "origin-of-consumer")
    consumer.git("pull", "-q", str(host / "core/search-service.git"), "main")
    consumer.git("clone", "-q", str(consumer.root), str(tmp_path / "consumer"))
    runner.folder = tmp_path / "consumer"
    change = Repository(runner.folder)
    for line, status, is_reported in (
        ("model: other\n", 0, False),
        ("model: tpfy\n", 0, True),
        ("scorer: scorer-vm.internal:8080\n", 1, True),
    ):
        (runner.folder / "deploy.yaml").write_text(line, "utf-8")
        change.git("add", "-A")
        if "--staged" not in script:
            change.git("commit", "-q", "-m", "Change the ranker")

        done = runner.run(script.replace(ADDRESS, str(catalog)), {})

        assert done.returncode == status, done.stdout + done.stderr
        assert ("deploy.yaml" in done.stdout) == is_reported
        if "--staged" not in script:
            change.git("reset", "-q", "--hard", "HEAD^")


def test_the_hook_in_the_guide_is_one_of_this_repository() -> None:
    (hook,) = next(flow for flow in WORKFLOWS if "repos" in flow)["repos"][0]["hooks"]
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (known,) = (one for one in hooks if one["id"] == hook["id"])
    assert known["entry"] == "modelbook scan --here --staged"
    assert hook["args"] == ["--book", ADDRESS]
