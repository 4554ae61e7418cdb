"""The commit of each line, compared with `git blame` itself."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.git import GitError
from generator.history.blame import LineCommit, read_line_commits
from tests.history.repositories import Repository, new_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "book")


def read(repository: Repository, revision: str = "HEAD", **texts: str) -> dict[str, list[str]]:
    """The abbreviated commit of each line of files in cards/, `-` for a line that is not committed."""
    files = {f"cards/{name}.yml": text for name, text in texts.items()}
    found = read_line_commits(repository.root, "cards", files, revision)
    return {Path(path).stem: [one.short if one else "-" for one in lines] for path, lines in found.items()}


def blame(repository: Repository, path: str) -> list[str]:
    lines = repository.git("blame", "--root", "-l", "--abbrev=39", "HEAD", "--", path).splitlines()
    return [line.lstrip("^")[:10] for line in lines]


def test_each_line_has_the_commit_that_last_changed_it(repository: Repository) -> None:
    first = repository.commit("one", "2026-01-01", {"a.yml": "1\n2\n3\n", "b.yml": "x\n"})[:10]
    second = repository.commit("two", "2026-02-02", {"a.yml": "1\ntwo\n3\n4\n"})[:10]
    assert read(repository, a="1\ntwo\n3\n4\n", b="x\n") == {"a": [first, second, first, second], "b": [first]}
    found = read_line_commits(repository.root, "cards", {"cards/a.yml": "1\ntwo\n3\n4\n"}, "HEAD")
    assert [one.day.isoformat() for one in found["cards/a.yml"] if one] == ["2026-01-01", "2026-02-02"] * 2
    assert read(repository, first, a="1\n2\n3\n", b="x\n") == {"a": [first] * 3, "b": [first]}


def test_a_line_that_is_not_committed_has_no_commit(repository: Repository) -> None:
    first = repository.commit("one", "2026-01-01", {"a.yml": "1\r\n2\r\n3\r\n"})[:10]
    assert read(repository, a="0\n1\nnew\n3\n", c="x\ny\n") == {"a": ["-", first, "-", first], "c": ["-", "-"]}


def test_a_line_of_a_merged_branch_has_the_commit_of_the_branch(repository: Repository) -> None:
    repository.commit("one", "2026-01-01", {"a.yml": "1\n2\n3\n4\n5\n"})
    repository.git("checkout", "-q", "-b", "side")
    side = repository.commit("side", "2026-01-02", {"a.yml": "1\nside\n3\n4\n5\n", "new.yml": "n\n"})[:10]
    repository.git("checkout", "-q", "main")
    main = repository.commit("main", "2026-01-03", {"a.yml": "1\n2\n3\n4\nmain\n"})[:10]
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side", day="2026-01-04")
    found = read(repository, a="1\nside\n3\n4\nmain\n", new="n\n")
    assert (found["a"][1], found["a"][4], found["new"]) == (side, main, [side])
    (repository.root / "cards/new.yml").write_text("changed by the merge\n")
    repository.git("commit", "-qa", "--amend", "-m", "merge", day="2026-01-04")
    merge = repository.git("rev-parse", "HEAD")[:10]
    assert read(repository, new="changed by the merge\n")["new"] == [merge]


def test_a_renamed_file_keeps_the_commits_of_its_lines(repository: Repository) -> None:
    first = repository.commit("one", "2026-01-01", {"old.yml": "1\n2\n3\n4\n"})[:10]
    repository.commit("move", "2026-02-02", {"old.yml": None, "a.yml": "1\n2\n3\n4\n"})
    assert read(repository, a="1\n2\n3\n4\n") == {"a": [first] * 4}


def test_each_line_is_in_the_file_of_its_commit(repository: Repository) -> None:
    repository.commit("one", "2026-01-01", {"old.yml": "a\nb\nc\nd\n"})
    repository.commit("two", "2026-01-02", {"old.yml": "b\nnew\nc\nd\n"})
    repository.commit("move", "2026-01-03", {"old.yml": None, "sub/a.yml": "top\nb\nnew\nc\nd\n"})
    text = "top\nb\nmine\nnew\nc\nd\n"
    found = read_line_commits(repository.root, "cards", {"cards/sub/a.yml": text}, "HEAD")["cards/sub/a.yml"]
    for line, commit in zip(text.splitlines(), found, strict=True):
        assert (commit is None) == (line == "mine")
        if commit is not None:
            assert repository.git("show", f"{commit.id}:./{commit.file}").splitlines()[commit.line - 1] == line


def test_neither_a_filter_nor_a_setting_of_the_user_has_an_effect(repository: Repository) -> None:
    repository.commit("one", "2026-01-01", {"a.yml": "1\n2\n"})
    second = repository.commit("two", "2026-02-02", {"a.yml": "1\ntwo\n"})
    mark = repository.root / "ran"
    (repository.root / "skip").write_text(second + "\n")
    (repository.root / ".gitattributes").write_text("*.yml diff=evil filter=evil\n")
    for name in ("diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "diff.external", "core.fsmonitor"):
        repository.git("config", name, f"touch {mark}; cat")
    repository.git("config", "blame.ignoreRevsFile", str(repository.root / "skip"))
    assert read(repository, a="1\ntwo\n")["a"][1] == second[:10]
    assert not mark.exists()


def test_without_a_repository_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError):
        read_line_commits(tmp_path, "cards", {"cards/a.yml": "1\n"}, "HEAD")


LINES = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8).map(lambda lines: "\n".join(lines) + "\n")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), LINES, min_size=1), min_size=1, max_size=5))
def test_the_commits_are_those_of_git_blame(
    tmp_path_factory: pytest.TempPathFactory, versions: list[dict[str, str]]
) -> None:
    repository = new_repository(tmp_path_factory.mktemp("book"))
    texts: dict[str, str] = {}
    for number, version in enumerate(versions):
        texts |= version
        files = {f"{name}.yml": text for name, text in version.items()} | {"counter.yml": f"{number}\n"}
        repository.commit(f"{number}", f"2026-01-{number + 1:02}", files)
    found = read(repository, **texts)
    assert found == {name: blame(repository, f"cards/{name}.yml") for name in texts}


def test_a_line_is_dated_in_the_time_zone_of_its_committer(repository: Repository) -> None:
    repository.commit("one", "2026-01-01", {"a.yml": "1\n", "b.yml": "1\n"})
    repository.write("a.yml", "2\n")
    environment = {"GIT_COMMITTER_DATE": "2026-03-01T00:30:00+05:30", "GIT_AUTHOR_DATE": "2026-03-01T00:30:00+05:30"}
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    command = ["git", "-C", str(repository.root), *identity, "commit", "-qam", "two"]
    subprocess.run(command, env=environment | {"PATH": "/usr/bin:/bin"}, check=True)
    found = read_line_commits(repository.root, "cards", {"cards/a.yml": "2\n"}, "HEAD")["cards/a.yml"][0]
    assert isinstance(found, LineCommit)
    assert found.day.isoformat() == "2026-03-01"
