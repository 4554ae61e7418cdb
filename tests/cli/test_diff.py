"""What a change does to the book: `modelbook diff` in real repositories."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from generator.answers.deletions import find_accepted_deletions
from generator.exports.diff import MARK
from tests.books import MKDOCS, write_book
from tests.cli.running import Ran, run
from tests.history.repositories import Repository, new_repository

PEOPLE = """
kind: team
id: ranking
name: Ranking
lead: asha
channel: '#ranking'
---
kind: team
id: feed
name: Feed
lead: joel
channel: '#feed'
---
{kind: person, id: asha, name: Asha Rao, team: ranking}
---
{kind: person, id: farah, name: Farah Khan, team: ranking}
---
{kind: person, id: joel, name: Joel, team: feed}
"""
RYL = """
kind: model
id: ryl
name: Restaurants
summary: Ranks restaurants.
lifecycle: production
serving: online
owners: [ranking]
contacts: {ds: asha}
version: 1.0.0
fallback: popular
"""
USED = RYL + "consumers: [{system: home-feed, why: Fills the carousel, surface: Home, criticality: high}]\n"
POPULAR = """
kind: model
id: popular
name: Popular nearby
summary: Counts orders.
lifecycle: production
serving: online
owners: [ranking]
"""
FEED = "{kind: system, id: home-feed, name: Home feed, type: service, owners: [feed]}\n"
USING = (
    "kind: system\nid: home-feed\nname: Home feed\ntype: service\nowners: [feed]\nuses: [{model: %s, why: Carousel}]\n"
)
BOOK = {"people.yml": PEOPLE, "ryl.yml": USED, "popular.yml": POPULAR, "feed.yml": FEED}


class Book:
    """A book in a repository, whose branch `main` is the base."""

    def __init__(self, root: Path, cards: dict[str, str]) -> None:
        self.repository: Repository = new_repository(root)
        self.root = root
        write_book(root, {})
        self.repository.commit("Start", "2026-01-01", {name: text.lstrip() for name, text in cards.items()})
        self.repository.git("checkout", "-q", "-b", "change")

    def change(self, cards: dict[str, str | None], message: str = "Change") -> None:
        texts = {name: text if text is None else text.lstrip() for name, text in cards.items()}
        self.repository.commit(message, "2026-02-02", dict(texts))

    def diff(self, *arguments: str | Path, base: str = "main") -> Ran:
        return run("diff", base, "-C", self.root, *arguments)

    def data(self) -> Any:
        return self.diff("--format", "json").data


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(tmp_path / "book", BOOK)


def texts_of(data: Any, ref: str) -> list[str]:
    return [fact["text"] for card in data["cards"] if card["ref"] == ref for fact in card["facts"]]


def test_a_book_has_no_differences_with_itself(book):
    ran = book.diff()
    assert (ran.code, ran.out.splitlines()[1:], ran.err) == (0, [], "")
    assert ran.out.endswith(": no changes\n")
    data = book.data()
    assert [data[key] for key in ("deletions", "verdicts", "affected", "told", "cards", "unknown")] == [[]] * 6


def test_facts_are_described_in_words_with_the_names_of_cards(book):
    changed = USED.replace("ds: asha", "ds: farah").replace("1.0.0", "2.0.0").replace("fallback: popular\n", "")
    book.change({"ryl.yml": changed + "endpoints: {production: https://ml.example.com/ryl}\nnotes: Much used\n"})
    data = book.data()
    assert sorted(texts_of(data, "model:ryl")) == [
        "Added production endpoint: https://ml.example.com/ryl",
        "Changed contact for Data Science: Asha Rao → Farah Khan",
        "Changed version: 1.0.0 → 2.0.0",
        "Removed fallback Popular nearby",
    ]
    (card,) = data["cards"]
    assert (card["change"], card["other_keys"]) == ("changed", ["notes"])
    out = book.diff().out
    assert "1 card changed\n" in out
    assert "  Changed Restaurants  (model:ryl)\n" in out
    assert "      Changed contact for Data Science: Asha Rao → Farah Khan\n" in out
    assert "      Also changed: notes\n" in out


def test_uncommitted_changes_are_part_of_the_change(book):
    book.repository.write("ryl.yml", USED.lstrip().replace("1.0.0", "1.1.0"))
    assert texts_of(book.data(), "model:ryl") == ["Changed version: 1.0.0 → 1.1.0"]


def test_changes_on_the_other_branch_since_then_are_not_part_of_the_change(book):
    book.change({"ryl.yml": USED.replace("1.0.0", "1.1.0")})
    book.repository.git("checkout", "-q", "main")
    book.change({"popular.yml": POPULAR.replace("Counts", "Adds")})
    book.repository.git("checkout", "-q", "change")
    assert [card["ref"] for card in book.data()["cards"]] == ["model:ryl"]


def test_a_new_consumer_is_told_to_both_sides(book):
    book.change({"popular.yml": POPULAR + "consumers: [{system: home-feed, why: Fills gaps}]\n"})
    data = book.data()
    assert texts_of(data, "model:popular") == ["Added consumer Home feed: Fills gaps"]
    assert [(one["ref"], one["reasons"]) for one in data["affected"]] == [
        ("system:home-feed", ["Popular nearby: Added consumer Home feed: Fills gaps"])
    ]
    assert {one["party"]: one["whys"] for one in data["told"]} == {
        "team:feed": ["owns Home feed"],
        "team:ranking": ["owns Popular nearby"],
    }


def test_a_second_declaration_of_a_consumer_adds_no_consumer(book):
    book.change({"feed.yml": USING % "ryl"})
    data = book.data()
    assert texts_of(data, "model:ryl") == ["Consumer Home feed is also declared by Home feed"]
    book.change({"ryl.yml": RYL})
    book.repository.git("branch", "-q", "-f", "main", "change~1")
    assert texts_of(book.data(), "model:ryl") == ["Consumer Home feed is no longer declared by Restaurants"]


def test_users_are_affected_by_a_new_contract_but_not_by_a_new_summary(book):
    book.change({"ryl.yml": USED.replace("Ranks restaurants", "Sorts restaurants")})
    data = book.data()
    assert data["affected"] == []
    assert [one["party"] for one in data["told"]] == ["team:ranking"]
    book.change({"ryl.yml": USED + "contract: {request: {type: object}}\n"})
    data = book.data()
    assert [one["ref"] for one in data["affected"]] == ["system:home-feed"]
    assert [one["party"] for one in data["told"]] == ["person:asha", "team:feed", "team:ranking"]


def test_a_person_who_loses_a_role_is_told_and_one_who_has_left_is_replaced(book):
    left = PEOPLE.replace("name: Asha Rao,", "name: Asha Rao, left_on: 2026-10-01, successor: farah,")
    book.change({"people.yml": left, "ryl.yml": USED.replace("ds: asha", "ds: farah")})
    told = {one["party"]: one for one in book.data()["told"]}
    assert told["person:asha"]["whys"] == ["contact for Data Science on Restaurants, until now"]
    assert told["person:asha"]["instead"] == "person:farah"
    assert told["person:farah"]["whys"] == ["contact for Data Science on Restaurants"]


def test_verdicts_that_change_are_listed(book):
    book.change({"ryl.yml": RYL})
    assert [(one["ref"], one["before"], one["after"]) for one in book.data()["verdicts"]] == [
        (
            "model:ryl",
            {"kind": "no", "sentence": "No. Customers would notice."},
            {"kind": "unknown", "sentence": "Unknown. The book cannot tell."},
        )
    ]
    assert "      before: No. Customers would notice.\n      now: Unknown. The book cannot tell.\n" in book.diff().out


def test_a_verdict_changes_with_a_card_that_only_reads_data_of_the_model(tmp_path):
    flow = "kind: flow\nid: f\nname: F\nowners: [ranking]\nsteps:\n- {from: model:popular, publishes: topic:picks}\n"
    book = Book(tmp_path / "book", {**BOOK, "flow.yml": flow})
    book.change({"feed.yml": FEED.replace("owners: [feed]", "owners: [feed], depends_on: [topic:picks]")})
    assert [(one["ref"], one["after"]["kind"]) for one in book.data()["verdicts"]] == [("model:popular", "no")]


def test_a_deleted_model_with_a_consumer_is_an_error(book):
    book.change({"ryl.yml": None})
    ran = book.diff()
    assert ran.code == 1
    assert "error: Restaurants  (model:ryl) is still used\n" in ran.out
    assert (
        "by Home feed: Fills the carousel; shown in Home; criticality high; named only in the deleted card" in ran.out
    )
    assert "fix: remove the use first, or add the line `Accept-deletion: model:ryl` to a commit message" in ran.out
    (deletion,) = book.data()["deletions"]
    assert (deletion["ref"], deletion["accepted"]) == ("model:ryl", False)
    assert [one["ref"] for one in deletion["consumers"]] == ["system:home-feed"]


def test_a_deletion_is_accepted_in_a_commit_message(book):
    book.change({"ryl.yml": None})
    book.repository.git(
        "commit", "-q", "--allow-empty", "-m", "Agree\n\nAccept-deletion: model:other, model:ryl (moved)"
    )
    ran = book.diff()
    assert ran.code == 0
    assert "accepted: Restaurants  (model:ryl) is still used\n" in ran.out
    assert "fix:" not in ran.out
    assert book.data()["deletions"][0]["accepted"] is True


def test_an_acceptance_before_the_base_does_not_count(tmp_path):
    book = Book(tmp_path / "book", BOOK)
    book.repository.git("commit", "-q", "--allow-empty", "-m", "Accept-deletion: model:ryl")
    book.repository.git("branch", "-q", "-f", "main", "HEAD")
    book.change({"ryl.yml": None})
    assert book.diff().code == 1


@pytest.mark.parametrize(
    "cards",
    [
        {"ryl.yml": None, "feed.yml": None},
        {"ryl.yml": None, "feed.yml": FEED.replace("owners", "lifecycle: retired, owners")},
    ],
    ids=["deleted", "retired"],
)
def test_a_consumer_that_ends_too_is_not_left_behind(book, cards):
    book.change(cards)
    assert (book.diff().code, book.data()["deletions"]) == (0, [])


def test_a_consumer_that_withdraws_its_own_declaration_is_not_left_behind(tmp_path):
    book = Book(tmp_path / "book", {**BOOK, "feed.yml": USING % "ryl"})
    book.change({"ryl.yml": None, "feed.yml": FEED})
    assert (book.diff().code, book.data()["deletions"]) == (0, [])


def test_a_consumer_that_still_names_the_deleted_model_is_left_behind(tmp_path):
    book = Book(tmp_path / "book", {**BOOK, "feed.yml": USING % "ryl"})
    book.change({"ryl.yml": None, "feed.yml": (USING % "ryl").replace("Carousel", "Second carousel")})
    (consumer,) = book.data()["deletions"][0]["consumers"]
    assert (consumer["ref"], consumer["named_in"]) == ("system:home-feed", ["system:home-feed"])


def test_a_consumer_that_moves_to_the_successor_is_not_left_behind(tmp_path):
    book = Book(tmp_path / "book", {**BOOK, "ryl.yml": USED + "successor: popular\n"})
    book.change(
        {"ryl.yml": None, "popular.yml": POPULAR + "consumers: [{system: home-feed, why: Fills the carousel}]\n"}
    )
    assert (book.diff().code, book.data()["deletions"]) == (0, [])


def test_a_deleted_fallback_is_an_error(book):
    book.change({"popular.yml": None})
    (deletion,) = book.data()["deletions"]
    assert [(one["ref"], one["named_in"]) for one in deletion["consumers"]] == [("model:ryl", ["model:ryl"])]
    book.change({"ryl.yml": USED.replace("fallback: popular\n", "")})
    assert book.data()["deletions"] == []


def test_a_reader_of_data_that_only_the_deleted_model_filled_is_left_behind(tmp_path):
    def steps(model: str) -> str:
        return (
            "kind: flow\nid: f\nname: F\nowners: [ranking]\nsteps:\n"
            f"- {{from: model:{model}, publishes: topic:picks}}\n- {{from: system:home-feed, consumes: topic:picks}}\n"
        )

    book = Book(tmp_path / "book", {**BOOK, "ryl.yml": RYL, "flow.yml": steps("ryl")})
    book.change({"ryl.yml": None})
    (deletion,) = book.data()["deletions"]
    assert [(one["ref"], one["whys"]) for one in deletion["consumers"]] == [
        ("system:home-feed", ["reads picks, which nothing else fills"])
    ]
    book.change({"flow.yml": steps("popular")})
    assert book.data()["deletions"] == []


def test_an_unused_card_can_be_deleted(book):
    book.change({"ryl.yml": RYL})
    book.repository.git("branch", "-q", "-f", "main", "change")
    book.change({"ryl.yml": None})
    assert book.diff().code == 0
    assert [(one["ref"], one["change"]) for one in book.data()["cards"]] == [("model:ryl", "removed")]


def test_a_new_id_with_the_old_one_as_alias_is_a_rename(tmp_path):
    book = Book(tmp_path / "book", {**BOOK, "feed.yml": USING % "ryl"})
    likes = USED.replace("id: ryl", "id: likes\naliases: [ryl]").replace("1.0.0", "2.0.0")
    book.change({"ryl.yml": None, "likes.yml": likes, "feed.yml": USING % "likes"})
    ran = book.diff()
    assert ran.code == 0
    assert "1 card renamed, 1 changed" in ran.out
    data = book.data()
    card, feed = data["cards"]
    assert (card["ref"], card["change"], card["renamed_from"]) == ("model:likes", "renamed", "model:ryl")
    assert (feed["ref"], feed["facts"], feed["other_keys"]) == ("system:home-feed", [], ["uses"])
    assert texts_of(data, "model:likes") == ["Changed version: 1.0.0 → 2.0.0"]
    assert card["other_keys"] == ["aliases"]
    assert data["verdicts"] == []


def test_a_new_id_without_an_alias_is_a_deletion(book):
    book.change({"ryl.yml": None, "likes.yml": USED.replace("id: ryl", "id: likes")})
    assert book.diff().code == 1
    assert [(one["ref"], one["change"]) for one in book.data()["cards"]] == [
        ("model:ryl", "removed"),
        ("model:likes", "added"),
    ]


def test_a_card_that_cannot_be_read_is_not_a_deletion(book):
    book.change({"ryl.yml": USED + "fallback: [\n"})
    ran = book.diff()
    assert ran.code == 0
    assert "warning: skipped 1 card that cannot be read: cards/ryl.yml" in ran.err
    data = book.data()
    assert (data["unknown"], data["cards"], data["deletions"]) == (["model:ryl"], [], [])
    assert [place.partition(":")[0] for place in data["left_out"]] == ["cards/ryl.yml"]


def test_a_new_card_that_cannot_be_read_adds_no_facts(book):
    book.change({"likes.yml": USED.replace("id: ryl", "id: likes") + "fallbak: popular\n"})
    data = book.data()
    assert (data["cards"], data["affected"]) == ([], [])
    assert [place.partition(":")[0] for place in data["left_out"]] == ["cards/likes.yml"]


def test_a_card_that_could_not_be_read_before_is_not_new(tmp_path):
    book = Book(tmp_path / "book", {**BOOK, "ryl.yml": USED + "fallback: [\n"})
    book.change({"ryl.yml": USED})
    data = book.data()
    assert (data["unknown"], data["cards"]) == (["model:ryl"], [])
    assert [place.partition(":")[0] for place in data["base_left_out"]] == ["cards/ryl.yml"]


def test_the_base_can_be_a_folder(book, tmp_path):
    other = write_book(tmp_path / "other", {**BOOK, "ryl.yml": USED.replace("1.0.0", "0.9.0")})
    data = run("diff", other, "-C", book.root, "--format", "json").data
    assert (data["base"], data["commit"]) == (str(other), "")
    assert texts_of(data, "model:ryl") == ["Changed version: 0.9.0 → 1.0.0"]


def test_the_book_can_be_below_the_top_of_the_repository(tmp_path):
    repository = new_repository(tmp_path / "r")
    root = write_book(tmp_path / "r/books/ours", {**BOOK})
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "Start")
    (root / "cards/ryl.yml").write_text(USED.replace("1.0.0", "1.5.0"), "utf-8")
    data = run("diff", "HEAD", "-C", root, "--format", "json").data
    assert texts_of(data, "model:ryl") == ["Changed version: 1.0.0 → 1.5.0"]


def test_no_filter_and_no_hook_of_the_repository_runs(book, tmp_path):
    trace = tmp_path / "ran"
    (book.root / ".gitattributes").write_text("*.yml filter=evil diff=evil\n", "utf-8")
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"):
        book.repository.git("config", key, f"touch {trace}; cat")
    book.repository.write("ryl.yml", USED.lstrip().replace("1.0.0", "3.0.0"))
    assert texts_of(book.data(), "model:ryl") == ["Changed version: 1.0.0 → 3.0.0"]
    assert not trace.exists()


def fail(ran: Ran) -> str:
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran
    return ran.err


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:cards", ""])
def test_an_unknown_base_is_a_usage_error_with_the_fix(book, revision):
    error = fail(run("diff", "-C", book.root, "--", revision))
    assert f"unknown git revision {revision!r}: fetch it first, as with `git fetch origin main`" in error


def test_a_base_without_the_book_is_a_usage_error(tmp_path):
    repository = new_repository(tmp_path)
    repository.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    write_book(tmp_path, BOOK)
    error = fail(run("diff", "HEAD", "-C", tmp_path))
    assert "cannot read the book at 'HEAD', commit " in error
    assert "it has no mkdocs.yml in this folder; choose a commit that contains the book" in error


def test_an_unreadable_base_is_a_usage_error(book):
    (book.root / "mkdocs.yml").write_text("site_name: [\n", "utf-8")
    book.repository.git("commit", "-q", "-a", "-m", "Break it")
    (book.root / "mkdocs.yml").write_text(MKDOCS, "utf-8")
    error = fail(book.diff(base="HEAD"))
    assert "cannot read the book at 'HEAD', commit " in error
    assert "mkdocs.yml:" in error


def test_a_folder_without_git_is_a_usage_error(tmp_path):
    error = fail(run("diff", "main", "-C", write_book(tmp_path, BOOK)))
    assert "the cards are not in a git repository; BASE is a git revision or the folder of a book" in error


def test_a_shallow_clone_is_a_usage_error_with_the_fix(book, tmp_path):
    book.change({"ryl.yml": USED.replace("1.0.0", "1.1.0")})
    book.repository.git("checkout", "-q", "main")
    book.change({"popular.yml": POPULAR.replace("Counts", "Adds")})
    url, clone = f"file://{book.root}", tmp_path / "clone"
    command = ["git", "clone", "-q", "--depth", "1", "--branch", "change", "--no-single-branch", url, str(clone)]
    subprocess.run(command, check=True)
    fix = "fetch the whole history, with `git fetch --unshallow` or in CI with `fetch-depth: 0` or `GIT_DEPTH: 0`"
    error = fail(run("diff", "origin/main", "-C", clone))
    assert f"this shallow clone does not reach the commit at which HEAD branched off 'origin/main': {fix}" in error
    assert f"unknown git revision 'HEAD~1' in this shallow clone: {fix}" in fail(run("diff", "HEAD~1", "-C", clone))
    subprocess.run(["git", "-C", str(clone), "fetch", "-q", "--unshallow"], check=True)
    data = run("diff", "origin/main", "-C", clone, "--format", "json").data
    assert [card["ref"] for card in data["cards"]] == ["model:ryl"]


def test_a_partial_clone_is_a_usage_error_with_the_fix(book, tmp_path):
    book.change({"ryl.yml": USED.replace("1.0.0", "1.1.0")})
    book.repository.git("config", "uploadpack.allowFilter", "true")
    url, clone = f"file://{book.root}", tmp_path / "clone"
    command = ["git", "clone", "-q", "--filter=blob:none", "--branch", "change", url, str(clone)]
    subprocess.run(command, check=True)
    error = fail(run("diff", "origin/main", "-C", clone))
    assert "the contents of older cards are not in this clone (a partial clone?); clone the repository without" in error


@pytest.mark.parametrize(
    ("message", "accepted"),
    [
        ("Accept-deletion: model:ryl", {"model:ryl"}),
        ("Remove it\n\naccept-deletion: model:ryl.", {"model:ryl"}),
        ("Remove\n\nAccept-deletion: model:ryl, topic:orders.v1 (see below)\nAccept-deletion: system:a",
         {"model:ryl", "topic:orders.v1", "system:a"}),
        ("Remove\n\nSee Accept-deletion: model:ryl", set()),
        ("Accept-deletion: ryl http://host:80/x", set()),
        ("model:ryl", set()),
    ],
)  # fmt: skip
def test_a_line_of_a_message_accepts_the_cards_that_it_names(message, accepted):
    assert {str(ref) for ref in find_accepted_deletions([message])} == accepted


def test_secrets_are_redacted_in_every_format(book):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    book.change({"ryl.yml": USED.replace("Fills the carousel", f"Needs {secret}")})
    for form in ("text", "json", "markdown"):
        ran = book.diff("--format", form)
        assert secret not in ran.out
        assert "Needs" in ran.out


def test_markdown_begins_with_a_stable_line_and_names_the_error(book):
    book.change({"ryl.yml": None})
    ran = book.diff("--format", "markdown")
    assert ran.code == 1
    assert ran.out.splitlines()[:2] == [MARK, "### Model book: 1 card removed"] == [
        "<!-- modelbook diff -->", "### Model book: 1 card removed",
    ]  # fmt: skip
    assert "- :no_entry: **Restaurants** (`model:ryl`) is still used. Remove the use first" in ran.out
    assert book.diff("--format", "markdown", base="HEAD").out.splitlines()[:2] == [MARK, "### Model book: no changes"]


def test_a_report_can_be_written_to_a_file(book, tmp_path):
    book.change({"ryl.yml": None})
    for form, start in (("markdown", MARK), ("text", "Changes since main ("), ("json", "{")):
        ran = book.diff("--format", form, "-o", tmp_path / "out")
        assert (ran.code, ran.out) == (1, "")
        assert (tmp_path / "out").read_text("utf-8").startswith(start)


def test_markdown_shows_the_text_of_cards_as_typed(book):
    wild = "<img src=x> </details> [a](javascript:1) @ada #12 `x` | **b**\\n::error::"
    book.change({"ryl.yml": USED.replace("why: Fills the carousel", f'why: "{wild}"')})
    out = book.diff("--format", "markdown").out
    html = MarkdownIt("commonmark").render(out)
    assert set(re.findall(r"<(\w+)", html)) <= {"h3", "h4", "p", "ul", "li", "strong", "code", "details", "summary"}
    assert html.count("</details>") == html.count("<details>") == 1
    assert "&lt;img src=x&gt; &lt;/details&gt; [a](javascript:1) @\u200bada #\u200b12 `x` | **b**" in html


def test_a_comment_about_a_huge_change_fits_and_counts_the_rest(tmp_path):
    book = Book(tmp_path / "book", BOOK)
    card = (
        "{kind: model, id: m%d, name: %s, summary: S, lifecycle: experimental, serving: offline, owners: [ranking]}\n"
    )
    book.change({f"m{number}.yml": card % (number, "\U0001f355" * 200) for number in range(200)})
    out = book.diff("--format", "markdown").out
    assert len(out) <= 60_000
    assert out.splitlines()[1] == "### Model book: 200 cards added"
    assert re.search(r"… and \d+ more; `modelbook diff` lists all of them", out)
    assert out.count("<details>") == out.count("</details>") > 10
