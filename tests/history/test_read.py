"""Reading the history of real repositories."""

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.history.events import ChangeKind, Event, History, build_timeline, compare_histories, list_versions
from generator.history.facts import FactKind
from generator.history.read import read_history
from generator.names import Ref
from generator.reads import omit_reads
from tests.history.repositories import Repository, model, new_repository

RYL = Ref("model", "ryl")
SYSTEM = """kind: system
id: home-feed
name: Home
type: service
uses: [{model: ryl, why: Fills the carousel}]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "book")


def read_timeline(repository: Repository) -> tuple[Event, ...]:
    return build_timeline(read_history(repository.root, "cards"), RYL)


def of(events: tuple[Event, ...], kind: FactKind) -> list[tuple[ChangeKind, str, str, str]]:
    return [(event.change, event.before, event.after, event.commit.subject) for event in events if event.kind is kind]


def test_changes_of_a_contact_have_day_author_and_message(repository: Repository) -> None:
    repository.commit("add ryl", "2026-01-01", {"ryl.yml": model()})
    repository.commit("farah takes over\n\nasha moves on", "2026-02-02", {"ryl.yml": model(ds="farah")}, "Jo Ëx <j@x>")
    repository.commit("nobody", "2026-03-03", {"ryl.yml": model().replace("contacts: {ds: asha}\n", "")})
    events = read_timeline(repository)
    assert of(events, FactKind.CONTACT) == [
        (ChangeKind.ADDED, "", "asha", "add ryl"),
        (ChangeKind.CHANGED, "asha", "farah", "farah takes over"),
        (ChangeKind.REMOVED, "farah", "", "nobody"),
    ]
    second = next(event for event in events if event.after == "farah")
    assert (second.commit.author, second.commit.message) == ("Jo Ëx", "farah takes over\n\nasha moves on")
    assert second.on.isoformat() == second.landed_on.isoformat() == "2026-02-02"
    assert second.key == "ds"


def test_the_address_of_an_author_is_not_kept(repository: Repository) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model()}, "Asha Rao <secret-address@example.com>")
    assert "secret-address" not in repr(read_history(repository.root, "cards"))


def test_a_consumer_that_a_system_declares_is_an_event_of_the_model(repository: Repository) -> None:
    repository.commit("add ryl", "2026-01-01", {"ryl.yml": model()})
    repository.commit("home uses it", "2026-01-02", {"home-feed.yml": SYSTEM})
    flow = "kind: flow\nid: f\nname: F\nsteps: [{from: system:search, calls: model:ryl}]\n"
    repository.commit("flow", "2026-01-03", {"f.yml": flow})
    repository.commit("gone", "2026-01-04", {"home-feed.yml": None})
    events = [event for event in read_timeline(repository) if event.kind is FactKind.CONSUMER]
    assert [(event.change, event.key, str(event.declared_by)) for event in events] == [
        (ChangeKind.ADDED, "system:home-feed", "system:home-feed"),
        (ChangeKind.ADDED, "system:search", "flow:f"),
        (ChangeKind.REMOVED, "system:home-feed", "system:home-feed"),
    ]


def test_an_unreadable_version_makes_no_events(repository: Repository) -> None:
    repository.commit("good", "2026-01-01", {"ryl.yml": model()})
    repository.commit("broken", "2026-01-02", {"ryl.yml": model() + "oops: [\n"})
    repository.commit("still broken", "2026-01-03", {"ryl.yml": b"\xff\xfe" + model().encode()})
    repository.commit("mended", "2026-01-04", {"ryl.yml": model(version="1.1")})
    history = read_history(repository.root, "cards")
    assert [(event.change, event.after) for event in build_timeline(history, RYL)[-1:]] == [(ChangeKind.CHANGED, "1.1")]
    assert {event.commit.subject for event in history.events} == {"good", "mended"}


def test_a_card_of_an_older_schema_is_read(repository: Repository) -> None:
    repository.commit("old", "2026-01-01", {"ryl.yml": model() + "a_key_that_is_gone: 1\n"})
    assert of(read_timeline(repository), FactKind.VERSION) == [(ChangeKind.ADDED, "", "1.0", "old")]


def test_moving_a_file_makes_no_events(repository: Repository) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model()})
    repository.commit("tidy", "2026-01-02", {"ryl.yml": None, "models/ryl.md": f"---\n{model()}---\nProse.\n"})
    assert {event.commit.subject for event in read_history(repository.root, "cards").events} == {"add"}


def test_a_renamed_card_keeps_its_timeline(repository: Repository) -> None:
    nameless = model().replace("id: ryl\n", "")
    repository.commit("add", "2026-01-01", {"ryl.yml": nameless, "home-feed.yml": SYSTEM})
    renamed = {"ryl.yml": None, "ranker.yml": nameless, "home-feed.yml": SYSTEM.replace("model: ryl", "model: ranker")}
    repository.commit("call it ranker", "2026-01-02", renamed)
    repository.commit("next", "2026-01-03", {"ranker.yml": nameless.replace("1.0", "1.1")})
    history = read_history(repository.root, "cards")
    events = build_timeline(history, Ref("model", "ranker"))
    assert of(events, FactKind.VERSION) == [
        (ChangeKind.ADDED, "", "1.0", "add"),
        (ChangeKind.CHANGED, "1.0", "1.1", "next"),
    ]
    assert of(events, FactKind.CARD)[-1] == (ChangeKind.RENAMED, "model:ryl", "model:ranker", "call it ranker")
    assert [event.change for event in events if event.kind is FactKind.CONSUMER] == [ChangeKind.ADDED]
    assert list_versions(history) == {Ref("model", "ranker"): ("1.0", "1.1")}


def test_an_event_on_a_merged_branch_has_the_commit_of_the_branch(repository: Repository) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model(), "other.yml": model("other")})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("farah it is", "2026-01-02", {"ryl.yml": model(ds="farah")}, "Farah <f@x>")
    repository.git("checkout", "-q", "main")
    repository.commit("meanwhile", "2026-01-03", {"other.yml": model("other", version="1.1")})
    repository.git("merge", "-q", "--no-ff", "-m", "merge side", "side", day="2026-01-09")
    event = read_timeline(repository)[-1]
    assert (event.commit.subject, event.commit.author) == ("farah it is", "Farah")
    assert (event.on.isoformat(), event.landed_on.isoformat()) == ("2026-01-02", "2026-01-09")


def test_changes_that_a_merge_discards_make_no_events(repository: Repository) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model()})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("side", "2026-01-02", {"ryl.yml": model(ds="farah"), "new.yml": model("new")})
    repository.git("checkout", "-q", "main")
    repository.commit("main", "2026-01-03", {"ryl.yml": model(ds="devika")})
    repository.git("merge", "-q", "--no-commit", "-s", "ours", "side")
    repository.commit("keep ours, and the new one", "2026-01-04", {"new.yml": model("new")})
    history = read_history(repository.root, "cards")
    assert [event.after for event in build_timeline(history, RYL) if event.kind is FactKind.CONTACT] == [
        "asha",
        "devika",
    ]
    assert {event.commit.subject for event in build_timeline(history, Ref("model", "new"))} == {"side"}


def test_a_shallow_clone_is_noted_and_its_first_commit_adds_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model()})
    repository.commit("second", "2026-01-02", {"ryl.yml": model(version="1.1")})
    repository.commit("third", "2026-01-03", {"ryl.yml": model(version="1.2")})
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.root}", str(clone))
    history = read_history(clone, "cards")
    assert history.is_shallow
    assert "shallow" in history.notes[0]
    assert of(build_timeline(history, RYL), FactKind.VERSION) == [
        (ChangeKind.PRESENT, "", "1.1", "second"),
        (ChangeKind.CHANGED, "1.1", "1.2", "third"),
    ]
    assert not read_history(repository.root, "cards").notes


def test_a_partial_clone_is_never_completed_over_the_network(repository: Repository, tmp_path: Path) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model()})
    repository.commit("second", "2026-01-02", {"ryl.yml": model(version="1.1")})
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--filter=blob:none", f"file://{repository.root}", str(clone))
    history = read_history(clone, "cards")
    assert not history.events
    assert "partial clone" in history.problem


def test_a_missing_repository_or_commit_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_history(tmp_path, "cards").notes == ("the cards are not in a git repository",)
    empty = new_repository(tmp_path / "empty")
    assert read_history(empty.root, "cards").notes == ("nothing is committed yet",)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_history(tmp_path, "cards") == History(problem="git is not installed")


def test_a_repository_of_another_user_is_not_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    repository.commit("add", "2026-01-01", {"ryl.yml": model()})
    monkeypatch.setenv("HOME", str(repository.root.parent))
    for path in (repository.root, repository.root / ".git"):
        os.chown(path, 65_534, 65_534)
    history = read_history(repository.root, "cards")
    assert "safe.directory" in history.problem
    assert str(repository.root) not in history.problem


def test_control_characters_are_removed_from_authors_and_messages(repository: Repository) -> None:
    name = 'a\nb\t"ü\x01 :(top).yml'
    author = "Ev\x1b[31mil \u202eeman <e@x>"
    repository.commit("m\x1b]0;x\x07sg", "2026-01-01", {name: model(), "\nodd/ :100644 x.yml": model("odd")}, author)
    history = read_history(repository.root, "cards")
    assert {event.commit.author for event in history.events} == {"Ev[31mil eman"}
    assert {event.commit.message for event in history.events} == {"m]0;xsg"}
    assert build_timeline(history, RYL)
    assert build_timeline(history, Ref("model", "odd"))


def test_hooks_and_drivers_of_the_repository_are_not_run(repository: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    repository.commit("add", "2026-01-01", {"ryl.yml": model(), ".gitattributes": "*.yml diff=trap\n"})
    for key in ("core.fsmonitor", "diff.external", "diff.trap.textconv", "diff.trap.command", "core.pager"):
        repository.git("config", key, str(trap))
    assert read_history(repository.root, "cards").events
    assert not (tmp_path / "sprung").exists()


def test_links_large_files_and_files_without_cards_are_skipped(repository: Repository) -> None:
    (repository.root / "cards").mkdir()
    (repository.root / "cards/link.yml").symlink_to("ryl.yml")
    huge = model("huge") + "notes: " + "x" * 1_000_001 + "\n"
    files: dict[str, str | bytes | None] = {
        "ryl.yml": model(), "huge.yml": huge, "contract.json": "{}", ".hidden.yml": model("hidden"),
        "list.yml": "- a\n", "contract.yml": "type: object\n",
    }  # fmt: skip
    repository.commit("add", "2026-01-01", files)
    history = read_history(repository.root, "cards")
    assert {event.subject for event in history.events} == {RYL}


def test_a_book_in_a_subfolder_is_read_relative_to_itself(repository: Repository) -> None:
    repository.root.joinpath("docs/book/cards").mkdir(parents=True)
    repository.root.joinpath("docs/book/cards/ryl.yml").write_text(model())
    repository.commit("add", "2026-01-01", {"elsewhere.yml": model("elsewhere")})
    history = read_history(repository.root / "docs/book", "cards")
    assert {event.subject for event in history.events} == {RYL}


def test_a_broken_card_keeps_the_facts_of_the_other_cards_in_its_file(repository: Repository) -> None:
    both = f"{model('one')}---\n{model('two')}"
    repository.commit("add", "2026-01-01", {"models.yml": both})
    repository.commit("break two", "2026-01-02", {"models.yml": f"{model('one', version='2.0')}---\nkind: [\n"})
    repository.commit("mend", "2026-01-03", {"models.yml": f"{model('one', version='2.0')}---\n{model('two')}"})
    events = read_history(repository.root, "cards").events
    assert [(str(event.subject), event.commit.subject) for event in events[-1:]] == [("model:one", "break two")]


def test_a_consumer_declared_twice_by_one_card_is_two_facts(repository: Repository) -> None:
    twice = SYSTEM.replace("]\n", ", {model: ryl, why: Sorts the list}]\n")
    repository.commit("add", "2026-01-01", {"home-feed.yml": twice})
    repository.commit("less", "2026-01-02", {"home-feed.yml": SYSTEM})
    events = [event for event in read_timeline(repository) if event.kind is FactKind.CONSUMER]
    assert [(event.change, event.before, event.after) for event in events] == [
        (ChangeKind.ADDED, "", "Fills the carousel"),
        (ChangeKind.ADDED, "", "Sorts the list"),
        (ChangeKind.REMOVED, "Sorts the list", ""),
    ]


def test_a_secret_in_the_history_is_redacted(repository: Repository) -> None:
    secret = "hunter2Zk81xQvT0pLm44"
    text = model() + f"endpoints: {{production: 'https://bot:{secret}@ml.example.com/ryl'}}\n"
    repository.commit(f"call it with password={secret}", "2026-01-01", {"ryl.yml": text})
    repository.commit("take it out", "2026-01-02", {"ryl.yml": model()})
    history = read_history(repository.root, "cards")
    endpoints = [event for event in build_timeline(history, RYL) if event.kind is FactKind.ENDPOINT]
    assert [event.change for event in endpoints] == [ChangeKind.ADDED, ChangeKind.REMOVED]
    assert "ml.example.com" in endpoints[0].after
    assert secret not in repr(history)


def test_a_merge_into_the_branch_does_not_take_the_place_of_the_commit_that_it_merges(repository: Repository) -> None:
    repository.commit(
        "add", "2026-01-01", {"ryl.yml": model(), "other.yml": model("other"), "third.yml": model("third")}
    )
    repository.git("checkout", "-q", "-b", "first")
    repository.commit("farah it is", "2026-01-02", {"ryl.yml": model(ds="farah")}, "Farah <f@x>")
    repository.git("checkout", "-q", "-b", "second", "main")
    repository.commit("second", "2026-01-03", {"third.yml": model("third", version="1.1")})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge branch 'first' into second", "first", day="2026-01-04")
    repository.git("checkout", "-q", "main")
    repository.commit("meanwhile", "2026-01-05", {"other.yml": model("other", version="1.1")})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge branch 'second'", "second", day="2026-01-09")
    event = read_timeline(repository)[-1]
    assert (event.commit.subject, event.commit.author) == ("farah it is", "Farah")


def test_a_merge_that_settles_a_conflict_in_its_own_way_is_the_commit_of_the_change(repository: Repository) -> None:
    repository.commit("add", "2026-01-01", {"ryl.yml": model(), "other.yml": model("other")})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("farah it is", "2026-01-02", {"ryl.yml": model(ds="farah")})
    repository.git("checkout", "-q", "main")
    repository.commit("meanwhile", "2026-01-03", {"other.yml": model("other", version="1.1")})
    repository.git("merge", "-q", "--no-commit", "--no-ff", "side")
    repository.commit("Merge branch 'side'", "2026-01-09", {"ryl.yml": model(ds="devika")})
    event = read_timeline(repository)[-1]
    assert (event.after, event.commit.subject, event.commit.reason) == ("devika", "Merge branch 'side'", "")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Merge branch 'main' with the latest changes", ""),
        ("Merge branch 'feature' into 'main'", ""),
        ("Merge pull request #12 from acme/feature\n\nMove RYL", ""),
        ("Merge remote-tracking branch 'origin/main'", ""),
        ("Merged in feature/ryl (pull request #12)", ""),
        ("Merged PR 12: Move RYL", "Merged PR 12: Move RYL"),
        ("Merge main", ""),
        ("Merge the two carousels of the home feed", "Merge the two carousels of the home feed"),
        ("Move RYL", "Move RYL"),
    ],
)  # fmt: skip
def test_the_message_of_a_merge_is_no_reason(repository: Repository, message: str, reason: str) -> None:
    repository.commit(message, "2026-01-01", {"ryl.yml": model()})
    assert read_timeline(repository)[-1].commit.reason == reason


TEXTS = st.sampled_from([
    model(), model(ds="li"), model(version="2.0"), model("ranker"), "broken: [", f"{model()}---\nbroken: [", None,
    model(version="ghp_abcdefghijklmnopqrstuvwxyz0123456789"), f"{model()}---\n{model('ranker', version='3.0')}",
])  # fmt: skip
COMMITS = st.lists(st.dictionaries(st.sampled_from(["a.yml", "b.yml"]), TEXTS, min_size=1), min_size=1, max_size=6)


@settings(max_examples=12, deadline=None)
@given(COMMITS)
def test_a_later_reading_of_what_is_known_is_the_same(commits: list[dict[str, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository, known = new_repository(Path(folder)), History()
        for number, files in enumerate(commits, 1):
            there = {name: text for name, text in files.items() if text or (repository.root / "cards" / name).exists()}
            texts = {name: text and f"{text}# {number}\n" for name, text in there.items()}
            repository.commit(f"Commit {number}", f"2026-01-{number:02}", {"kept.yml": f"# {number}\n", **texts})
            first = read_history(repository.root, "cards")
            later = read_history(repository.root, "cards", known=known.changes)
            assert (later, later.changes) == (first, first.changes)
            update = compare_histories(known, later)
            assert update.kept == len(known.events)
            assert (update.apply(known), dict(update.apply(known).changes)) == (first, first.changes)
            known = later


def test_files_of_known_commits_are_not_read_again(repository: Repository) -> None:
    repository.commit("Add", "2026-01-01", {"a.yml": model()})
    repository.commit("Edit", "2026-01-02", {"a.yml": model(ds="li")})
    first = read_history(repository.root, "cards")
    for commit in ("HEAD~1", "HEAD"):
        blob = repository.git("rev-parse", f"{commit}:cards/a.yml").strip()
        (repository.root / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    assert read_history(repository.root, "cards").problem
    assert read_history(repository.root, "cards", known=first.changes) == first


def test_neither_secrets_nor_unreadable_files_are_kept_for_a_later_reading(repository: Repository) -> None:
    repository.commit("Add", "2026-01-01", {"a.yml": model(version="ghp_abcdefghijklmnopqrstuvwxyz0123456789")})
    repository.commit("Break", "2026-01-02", {"a.yml": "broken: ["})
    repository.commit("Repair", "2026-01-03", {"a.yml": model()})
    history = read_history(repository.root, "cards")
    assert history.events
    assert history.changes == {}
    with omit_reads():
        repository.commit("Edit", "2026-01-04", {"a.yml": model(version="2.0")})
        assert read_history(repository.root, "cards").changes == {}
    assert len(read_history(repository.root, "cards").changes) == 1
