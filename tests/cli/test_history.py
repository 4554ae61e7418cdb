"""The history of cards from real repositories."""

from generator.history.events import build_timeline, build_timelines
from generator.history.read import read_history
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import run
from tests.history.repositories import new_repository


def make_repository(tmp_path):
    repository = new_repository(tmp_path / "book")
    write_book(repository.root, {}, MKDOCS)
    repository.commit("add the model", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    card = MODEL.lstrip() + "endpoints: {production: https://ml.example.com/ryl}\n"
    repository.commit("serve it\n\nsince the app needs it", "2026-02-02", {"ryl.yml": card}, author="Jo <jo@x.org>")
    repository.commit("rename", "2026-03-03", {"ryl.yml": None, "likes.yml": card.replace("id: ryl", "id: likes")})
    return repository


def test_each_change_has_its_commit_author_and_message(tmp_path):
    repository = make_repository(tmp_path)
    ran = run("history", "likes", "-C", repository.root)
    assert ran.code == 0
    assert "2026-02-02  production endpoint added: https://ml.example.com/ryl\n" in ran.out
    assert "Jo: serve it\n" in ran.out
    assert "2026-03-03  renamed from model:ryl\n" in ran.out
    data = run("history", "likes", "-C", repository.root, "--json").data
    event = next(event for event in data["events"] if event["aspect"] == "endpoint")
    assert (event["which"], event["change"], event["commit"]["message"]) == (
        "production", "added", "serve it\n\nsince the app needs it",
    )  # fmt: skip
    assert "jo@x.org" not in ran.out


def test_a_deleted_card_has_a_history(tmp_path):
    repository = make_repository(tmp_path)
    repository.commit("it goes", "2026-04-04", {"likes.yml": None})
    ran = run("history", "model:likes", "-C", repository.root)
    assert ran.code == 0
    assert "2026-04-04  card removed" in ran.out


def test_a_shallow_clone_is_noted(tmp_path):
    repository = make_repository(tmp_path)
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "clone"))
    ran = run("history", "likes", "-C", tmp_path / "clone")
    assert "shallow clone" in ran.out
    assert any("shallow" in note for note in run("history", "likes", "-C", tmp_path / "clone", "--json").data["notes"])


def test_the_reason_is_noted_without_git(tmp_path):
    ran = run("history", "ryl", "-C", write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM}))
    assert ran.code == 0
    assert "not in a git repository" in ran.out


def test_the_timelines_of_all_cards_are_those_of_each_card(tmp_path):
    history = read_history(make_repository(tmp_path).root, "cards")
    found = build_timelines(history)
    assert found
    assert all(build_timeline(history, ref) == events for ref, events in found.items())


FEED = "kind: system\nid: hf\nname: Feed\ntype: service\nowners: [t]\n"
FLOW = "kind: flow\nid: f\nname: F\nowners: [t]\nsteps: [{from: system:feed, calls: model:ryl}]\n"


def test_a_system_has_events_of_its_own_uses_through_its_renames(tmp_path):
    repository = new_repository(tmp_path / "book")
    write_book(repository.root, {}, MKDOCS)
    repository.commit("start", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM, "hf.yml": FEED})
    used = FEED + "uses: [{model: ryl, why: Fills the carousel}]\n"
    repository.commit("use it", "2026-02-02", {"hf.yml": used})
    renamed = used.replace("id: hf", "id: feed")
    repository.commit("rename", "2026-03-03", {"hf.yml": None, "feed.yml": renamed})
    repository.commit("say how", "2026-04-04", {"feed.yml": renamed.replace("the carousel", "a list"), "f.yml": FLOW})
    repository.commit("leave it", "2026-05-05", {"feed.yml": FEED.replace("id: hf", "id: feed")})
    ran = run("history", "feed", "-C", repository.root)
    told = [line.strip() for line in ran.out.splitlines() if "use of" in line]
    assert told == [
        "2026-02-02  use of model:ryl added: Fills the carousel",
        "2026-04-04  use of model:ryl added: calls it",
        "2026-04-04  use of model:ryl changed: Fills the carousel → Fills a list",
        "2026-05-05  use of model:ryl removed: Fills a list",
    ]
    events = run("history", "feed", "-C", repository.root, "--json").data["events"]
    assert {event["subject"] for event in events} == {"system:feed", "system:hf", "model:ryl"}
    assert "use of" not in run("history", "ryl", "-C", repository.root).out
