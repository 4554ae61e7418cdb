"""The supply chain of a new book: pinned packages and actions, and secrets that no pull request can reach."""

import hashlib
import os
import re
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli import main
from generator.cli.requirement import find_requirement, parse_requirement
from generator.errors import UserError
from tests.books import REPOSITORY

VERSION = metadata.version("modelbook")
GITHUB_FILES = (".github/workflows/book.yml", ".github/workflows/confluence-plan.yml")
GIT = "git+https://git.example.com/tools/modelbook.git"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("supply") / "book"
    main(["init", str(folder)])
    return folder


def read_github_jobs(book: Path, name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((book / name).read_text("utf-8"))["jobs"])


def read_gitlab_jobs(book: Path) -> dict[str, Any]:
    content = yaml.safe_load((book / ".gitlab-ci.yml").read_text("utf-8"))
    return {name: job for name, job in content.items() if isinstance(job, dict) and "script" in job}


def test_the_requirement_is_the_running_version(book):
    lines = (book / "requirements.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"modelbook=={VERSION}"]
    assert (book / "requirements.in").read_text("utf-8") == f"modelbook=={VERSION}\n"


def test_no_path_of_this_machine_is_written(book):
    texts = [path.read_text("utf-8") for path in book.rglob("*") if path.is_file()]
    assert not [text for text in texts if str(REPOSITORY) in text or "file://" in text]


class FakeDistribution:
    """A distribution of `importlib.metadata`."""

    version = "3.1.0"

    def __init__(self, direct_url: str | None) -> None:
        self.direct_url = direct_url

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.direct_url


@pytest.mark.parametrize(
    ("direct_url", "line"),
    [
        (None, "modelbook==3.1.0"),
        ('{"url": "file:///home/asha/modelbook", "dir_info": {"editable": true}}', "modelbook==3.1.0"),
        ('{"url": "file:///tmp/modelbook-3.1.0-py3-none-any.whl", "archive_info": {}}', "modelbook==3.1.0"),
        ('{"url": "file:///srv/modelbook", "vcs_info": {"vcs": "git", "commit_id": "abc"}}', "modelbook==3.1.0"),
        ('{"url": "https://asha:s3cret@h/x.whl", "archive_info": {}}', "modelbook==3.1.0"),
        (
            '{"url": "https://git.example.com/m.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "modelbook @ git+https://git.example.com/m.git@abc",
        ),
        (
            '{"url": "https://h/modelbook-3.1.0-py3-none-any.whl", "archive_info": {"hashes": {"sha256": "12ab"}}}',
            "modelbook @ https://h/modelbook-3.1.0-py3-none-any.whl#sha256=12ab",
        ),
        (
            '{"url": "https://h/modelbook-3.1.0-py3-none-any.whl", "archive_info": {}}',
            "modelbook @ https://h/modelbook-3.1.0-py3-none-any.whl",
        ),
    ],
)
def test_the_requirement_is_the_origin_of_the_installation(direct_url, line, monkeypatch):
    monkeypatch.setattr(metadata, "distribution", lambda _: FakeDistribution(direct_url))
    assert find_requirement().line == line
    assert find_requirement().is_of_this_machine == (direct_url is not None and "file://" in direct_url)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("modelbook==1.2.0rc1", "modelbook==1.2.0rc1"),
        (f"{GIT}@v1.2.0", f"modelbook @ {GIT}@v1.2.0"),
        ("git+ssh://git@git.example.com/m.git@0a1b2c", "modelbook @ git+ssh://git@git.example.com/m.git@0a1b2c"),
        ("https://h/modelbook-1.0-py3-none-any.whl", "modelbook @ https://h/modelbook-1.0-py3-none-any.whl"),
    ],
)
def test_a_version_wheel_or_git_url_is_accepted(source, line, tmp_path, capsys):
    main(["init", str(tmp_path / "book"), "--from", source])
    assert (tmp_path / "book/requirements.txt").read_text("utf-8").splitlines()[-1] == line
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (GIT, "no version in --from"),
        (f"{GIT}@", "no version in --from"),
        ("git+ssh://git@git.example.com/m.git", "no version in --from"),
        ("git+https://asha:s3cret@git.example.com/m.git@v1", "credentials in the URL"),
        ("https://s3cret@h/modelbook-1.0-py3-none-any.whl", "credentials in the URL"),
        ("nowhere/modelbook-1.0.whl", "cannot read --from 'nowhere/modelbook-1.0.whl': no such file"),
        *((source, "invalid --from") for source in (
            "modelbook", "modelbook>=1", "evil==1.0", "modelbook==1.0\nevil", "http://h/modelbook-1.0-py3-none-any.whl",
            "https://h/modelbook-1.0.tar.gz", f"{GIT}@v1\nevil==1.0", "git+https://[@v1",
            "git+file:///srv/modelbook@v1", "", "-r evil.txt",
        )),
    ],
)  # fmt: skip
def test_an_unpinned_or_invalid_source_is_refused(source, message, tmp_path):
    with pytest.raises(UserError) as refused:
        parse_requirement(source)
    assert message in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_file_other_than_a_modelbook_wheel_is_refused(tmp_path):
    (tmp_path / "modelbook-1.0-py3-none-any.whl").write_text("no zip", "utf-8")
    with zipfile.ZipFile(tmp_path / "other-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("other.py", "")
    for name in ("modelbook-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl"):
        with pytest.raises(UserError):
            parse_requirement(str(tmp_path / name))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(REPOSITORY)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_a_wheel_is_copied_into_the_book_with_all_hashes(wheel, tmp_path):
    main(["init", str(tmp_path / "book"), "--from", str(wheel)])
    book = tmp_path / "book"
    assert (book / "wheels" / wheel.name).read_bytes() == wheel.read_bytes()
    text = (book / "requirements.txt").read_text("utf-8")
    own, *pins = re.split(r"\n(?=\S)", text.replace("\\\n", "").partition("\n")[2].strip())
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert own == f"./wheels/{wheel.name} --hash=sha256:{digest}"
    assert len(pins) > 40
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    assert str(tmp_path) not in text


def test_the_wheel_of_a_book_installs_with_its_hash_and_runs(wheel, tmp_path):
    book, environment = tmp_path / "book", tmp_path / "venv"
    main(["init", str(book), "--from", str(wheel)])
    own = next(line for line in (book / "requirements.txt").read_text("utf-8").splitlines() if line.startswith("./"))
    venv.create(environment)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    options = ["--quiet", "--no-deps", "--no-index", "--require-hashes", "-r", "own.txt"]
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", *options]
    (book / "own.txt").write_text(f"{own}\n", "utf-8")
    subprocess.run(install, cwd=book, check=True)
    # the dependencies come from the environment of the tests, the package from the new one
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    code = "import generator, sys; print(generator.__file__); from generator.cli import main; main(['check'])"
    variables = {**os.environ, "PYTHONPATH": libraries}
    ran = subprocess.run(
        [str(python), "-c", code], cwd=book, env=variables, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, str(environment) in ran.stdout) == (0, True), ran.stderr
    broken = own[:-4] + ("0000" if own[-4:] != "0000" else "1111")
    (book / "own.txt").write_text(f"{broken}\n", "utf-8")
    refused = subprocess.run([*install, "--force-reinstall"], cwd=book, capture_output=True, check=False)
    assert refused.returncode == 1


@pytest.mark.parametrize("name", GITHUB_FILES)
def test_actions_are_pinned_by_commit_with_their_tag(book, name):
    used = re.findall(r"uses: *(.+)", (book / name).read_text("utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+( .*)?", action), action


def test_an_action_has_one_commit_everywhere(book):
    used = {one for name in GITHUB_FILES for one in re.findall(r"uses: *(\S+ # \S+)", (book / name).read_text("utf-8"))}
    assert len(used) == len({action.partition("@")[0] for action in used})


def read_events(book: Path, name: str) -> set[str]:
    content = yaml.safe_load((book / name).read_text("utf-8"))
    return set(content[True])  # YAML 1.1 reads `on` as true


def test_no_job_of_a_pull_request_on_github_has_a_secret(book):
    assert read_events(book, GITHUB_FILES[0]) == {"pull_request", "push"}
    for name, job in read_github_jobs(book, GITHUB_FILES[0]).items():
        if "secrets." in str(job):
            condition = job["if"]
            assert "github.event_name == 'push' && github.ref == 'refs/heads/main'" in condition, name
            assert job["environment"] == "confluence"
    assert "secrets." not in str(read_github_jobs(book, GITHUB_FILES[0])["build"])


def test_on_github_a_job_of_a_pull_request_that_can_write_runs_no_code_of_it(book):
    jobs = read_github_jobs(book, GITHUB_FILES[0])
    writing = {name for name, job in jobs.items() if job.get("permissions", {}).get("pull-requests") == "write"}
    assert writing == {"diff-comment"}
    job = jobs["diff-comment"]
    assert job["permissions"] == {"pull-requests": "write"}
    used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
    assert used == ["actions/download-artifact"]
    assert [step["run"].split()[0] for step in job["steps"] if "run" in step] == ["mine=$(gh"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert "github.actor != 'dependabot[bot]'" in job["if"]


def test_the_plan_on_github_runs_only_code_of_main(book):
    # pull_request_target with a checkout of the head would hand the secrets to the pull request
    assert read_events(book, GITHUB_FILES[1]) == {"workflow_run"}
    (job,) = read_github_jobs(book, GITHUB_FILES[1]).values()
    checkouts = [step for step in job["steps"] if "checkout@" in step.get("uses", "")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}]
    assert "head_sha" not in str(job)
    downloads = [step["with"]["name"] for step in job["steps"] if "download-artifact@" in step.get("uses", "")]
    assert downloads == ["site"]
    assert job["environment"] == "confluence"


def test_the_plan_starts_after_the_check_workflow(book):
    plan = yaml.safe_load((book / GITHUB_FILES[1]).read_text("utf-8"))[True]["workflow_run"]
    assert plan["workflows"] == [yaml.safe_load((book / GITHUB_FILES[0]).read_text("utf-8"))["name"]]


def test_no_script_on_github_contains_data_of_an_event(book):
    for name in GITHUB_FILES:
        for job in read_github_jobs(book, name).values():
            assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


def test_permissions_on_github_are_minimal(book):
    for name in GITHUB_FILES:
        workflow = yaml.safe_load((book / name).read_text("utf-8"))
        assert workflow["permissions"] in ({"contents": "read"}, {})
        for job in workflow["jobs"].values():
            written = {scope for scope, right in job.get("permissions", {}).items() if right == "write"}
            assert written <= {"pages", "id-token", "pull-requests"}
            for step in job["steps"]:
                if "checkout@" in step.get("uses", ""):
                    assert step["with"]["persist-credentials"] is False


def test_a_job_with_a_secret_has_no_cache(book):
    for name in GITHUB_FILES:
        for job in read_github_jobs(book, name).values():
            if "secrets." in str(job):
                assert "cache" not in str(job["steps"])
    for job in read_gitlab_jobs(book).values():
        if "publish" in str(job["script"]):
            assert job["cache"] == []


def runs_on_merge_requests(job: dict[str, Any]) -> bool:
    return "rules" not in job or any("merge_request_event" in rule["if"] for rule in job["rules"])


def test_on_gitlab_the_write_token_needs_the_protected_default_branch(book):
    jobs = read_gitlab_jobs(book)
    apply = jobs["confluence-apply"]
    assert apply["environment"] == {"name": "confluence"}
    assert not runs_on_merge_requests(apply)
    assert all('$CI_COMMIT_REF_PROTECTED == "true"' in rule["if"] for rule in apply["rules"])
    named = {name for name, job in jobs.items() if re.search(r"CONFLUENCE_(?!READ_|URL|SPACE)\w+", str(job))}
    assert named == {"confluence-plan"}  # it reads with an account that has no write permission
    assert jobs["confluence-plan"]["variables"] == {
        "CONFLUENCE_USER": "$CONFLUENCE_READ_USER",
        "CONFLUENCE_TOKEN": "$CONFLUENCE_READ_TOKEN",
    }


def test_on_gitlab_a_job_with_a_secret_installs_the_pins_of_the_default_branch(book):
    merged = {name: job for name, job in read_gitlab_jobs(book).items() if runs_on_merge_requests(job)}
    secret = {name for name, job in merged.items() if "TOKEN" in str(job)}
    assert secret == {"confluence-plan", "diff-comment"}
    assert merged["diff-comment"]["before_script"] == merged["diff-comment"]["cache"] == []
    assert merged["diff-comment"]["variables"] == {"GIT_STRATEGY": "none"}
    assert "pip" not in str(merged["diff-comment"])
    before = merged["confluence-plan"]["before_script"]
    assert before[:2] == ['git fetch --quiet origin "$CI_DEFAULT_BRANCH"', "git checkout --quiet --detach FETCH_HEAD"]
    assert [line.split()[:2] for line in before[2:]] == [["pip", "install"]]
