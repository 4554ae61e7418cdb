"""`modelbook leave`: shown first, written completely or not at all, with no references left."""

import os
import random
import re
import stat
from pathlib import Path

import pytest

from generator.answers.leave import FilePatch
from generator.answers.responsibilities import list_responsibilities
from generator.cli.leave import write_patches
from generator.errors import UserError
from generator.names import Ref
from generator.project import open_project
from tests.books import MODEL, REPOSITORY, TEAM, write_book
from tests.cli.running import copy_of_own_book, run
from tests.conftest import SEED

PEOPLE = sorted(
    name
    for file in (REPOSITORY / "cards/people").glob("*.yml")
    for name in re.findall(r"^kind: person\nid: (\S+)$", file.read_text("utf-8"), re.MULTILINE)
)


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_leave_writes_nothing_without_write(tmp_path):
    own = copy_of_own_book(tmp_path)
    before = contents(own)
    ran = run("leave", "kavya", "--on", "2026-11-30", "-C", own)
    assert ran.code == 1
    assert "Needs a decision" in ran.out
    assert "-contacts: {ds: farah, product: ananya, merch: tenzin" in ran.out
    assert contents(own) == before


@pytest.mark.sample(2)
@pytest.mark.parametrize("person", PEOPLE)
def test_leave_removes_all_references_and_changes_no_other_line(tmp_path, person):
    """Check with the successor that the seed chooses, or with none."""
    successor = random.Random(f"{os.environ[SEED]} {person}").choice([*PEOPLE, *[None] * len(PEOPLE)])
    own = copy_of_own_book(tmp_path)
    before = contents(own)
    heir = ["--successor", successor] if successor else []
    shown = run("leave", person, "--on", "2026-11-30", *heir, "-C", own, "--json")
    ran = run("leave", person, "--on", "2026-11-30", *heir, "-C", own, "--write")
    after = contents(own)
    if shown.code == 2:  # a successor who cannot take over
        assert ran.code == 2
        assert after == before
        return
    assert shown.code == ran.code == (1 if shown.data["open"] else 0)
    assert "no references to" in ran.out
    assert list_responsibilities(open_project(own).graph, Ref("person", person), {}) == ()
    removed, added = (
        sum(line.startswith(sign) and not line.startswith(sign * 3) for line in shown.data["diff"].splitlines())
        for sign in "-+"
    )
    assert changed_lines(before, after) == (removed, added)
    again = run("leave", person, "--on", "2026-11-30", *heir, "-C", own, "--write", "--json")
    assert (again.code, again.data["diff"]) == (1 if again.data["open"] else 0, "")


def changed_lines(before: dict[Path, bytes], after: dict[Path, bytes]) -> tuple[int, int]:
    """How many lines went and came, counted without any diff."""
    gone = came = 0
    assert before.keys() == after.keys()
    for path, text in before.items():
        old, new = text.split(b"\n"), after[path].split(b"\n")
        for line in set(old) | set(new):
            gone += max(0, old.count(line) - new.count(line))
            came += max(0, new.count(line) - old.count(line))
    return gone, came


def test_a_changed_card_prevents_all_writes(tmp_path):
    (tmp_path / "a.yml").write_text("a: 1\n", "utf-8")
    (tmp_path / "b.yml").write_text("b: changed\n", "utf-8")
    patches = [FilePatch("a.yml", "a: 1\n", "a: 2\n"), FilePatch("b.yml", "b: 1\n", "b: 2\n")]
    with pytest.raises(UserError, match=r"b\.yml has changed while the command ran: nothing was written"):
        write_patches(tmp_path, patches)
    assert contents(tmp_path) == {tmp_path / "a.yml": b"a: 1\n", tmp_path / "b.yml": b"b: changed\n"}


def test_a_deleted_file_prevents_all_writes(tmp_path):
    (tmp_path / "a.yml").write_text("a: 1\n", "utf-8")
    with pytest.raises(UserError, match="nothing was changed"):
        write_patches(tmp_path, [FilePatch("a.yml", "a: 1\n", "a: 2\n"), FilePatch("gone/b.yml", "", "b: 2\n")])
    assert contents(tmp_path) == {tmp_path / "a.yml": b"a: 1\n"}


def test_mode_line_ends_and_byte_order_mark_are_preserved(tmp_path):
    path = tmp_path / "a.yml"
    path.write_bytes("\ufeffa: 1\r\n".encode())
    path.chmod(0o640)
    write_patches(tmp_path, [FilePatch("a.yml", "\ufeffa: 1\r\n", "\ufeffa: 2\r\n")])
    assert path.read_bytes() == "\ufeffa: 2\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_secret_is_preserved_in_the_file_and_redacted_in_the_output(tmp_path):
    own = copy_of_own_book(tmp_path)
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
    card = own / "cards/models/churn.yml"
    text = card.read_text("utf-8")
    card.write_text(text.replace("contacts: {ds", f"# token {token}\ncontacts: {{ds"), "utf-8")
    for ran in (
        run("leave", "kavya", "--on", "2026-11-30", "-C", own),
        run("leave", "kavya", "--on", "2026-11-30", "-C", own, "--json"),
        run("leave", "kavya", "--on", "2026-11-30", "-C", own, "--write"),
    ):
        assert token not in ran.out + ran.err
        assert "████" in ran.out
    assert token in card.read_text("utf-8")


UNREAD = """
kind: model
id: unread
name: Unread
lifecycle: production
owners:
  - p   # comment
contacts: {ds: "p", product: q}
"""
"""A card without required fields, which the graph does not contain."""


@pytest.mark.parametrize("name", ["unread.yml", "unread.md"])
def test_an_unreadable_card_may_refer_to_the_person(tmp_path, name):
    text = UNREAD if name.endswith("yml") else f"---{UNREAD}---\np owns it.\n"
    people = TEAM.replace("lead: p\n", "") + "---\nkind: person\nid: q\nname: Q\n"
    book = write_book(tmp_path, {name: text, "t.yml": people})
    options = ("leave", "p", "--on", "2026-11-30", "--successor", "q", "-C", book)
    first = 6 if name.endswith("yml") else 7
    left = [(one["file"], one["line"]) for one in run(*options, "--json").data["open"] if "not be read" in one["what"]]
    assert left == [(f"cards/{name}", first), (f"cards/{name}", first + 1)]
    ran = run(*options, "--write")
    assert ran.code == 1
    assert "2 references to person:p left, see above" in ran.out
    mended = text.replace("lifecycle:", "summary: s\nserving: online\nlifecycle:")
    write_book(tmp_path, {name: mended})
    ran = run(*options, "--write")
    assert (ran.code, ran.err) == (0 if name.endswith("yml") else 1, "")  # the prose of the card still names the person
    assert "no references to person:p left" in ran.out


def test_a_successor_is_not_their_own_deputy_and_statements_keep_their_author(tmp_path):
    model = """
        kind: model
        id: a
        name: A
        summary: s
        lifecycle: deprecated
        serving: online
        owners: [t]
        confirmed_unused: {by: p, on: 2026-01-01}
        operations: {alerts: {by: p}}
        """
    deputy = """
        kind: person
        id: q
        name: Q
        deputy: p
        """
    book = write_book(tmp_path, {"a.yml": model, "t.yml": TEAM, "q.yml": deputy})
    assert run("leave", "p", "--on", "2026-11-30", "--successor", "q", "--write", "-C", book).code == 0
    written = (book / "cards/a.yml").read_text("utf-8")
    assert "confirmed_unused: {by: p, on: 2026-01-01}" in written
    assert "operations: {alerts: {by: q}}" in written
    assert "deputy" not in (book / "cards/q.yml").read_text("utf-8")


def test_a_binary_file_does_not_prevent_a_departure(tmp_path):
    book = write_book(tmp_path, {"t.yml": TEAM})
    (book / "cards/bad.yml").write_bytes(b"\xff\xfek\x00")
    ran = run("leave", "p", "--on", "2026-11-30", "-C", book)
    assert ran.code == 1  # the team has no successor
    assert "cards/bad.yml:1" in ran.err


def test_manual_steps_have_their_positions_before_the_change(tmp_path):
    experiment = """
        kind: experiment
        id: e
        name: E
        owners:
          - t
          - p
        decision: {winner: a, by: p, decided_on: 2026-09-02}
        variants: {a: {model: ryl, traffic: 100}}
        notes: ask p   # or P
        """
    prose = "---\n" + MODEL.strip().replace("[t]", "\n  - t\n  - p  # p knows") + "\n---\nBuilt by p.\n"
    book = write_book(tmp_path, {"e.yml": experiment, "ryl.md": prose, "t.yml": TEAM})
    opened = run("leave", "p", "--on", "2026-11-30", "-C", book, "--json").data["open"]
    named = {(one["file"], one["line"]) for one in opened if one["what"].startswith("the text names")}
    assert named == {("cards/e.yml", 9), ("cards/ryl.md", 10), ("cards/ryl.md", 12)}


GONE = """
kind: team
id: t
name: Team
lead: q
---
kind: person
id: p
name: P
team: t
left_on: 2026-05-31
successor: r
---
kind: person
id: q
name: Q
---
kind: person
id: r
name: R
"""


@pytest.mark.parametrize(
    "options",
    [
        ("--on", "2027-01-31"),
        ("--on", "2026-03-31", "--successor", "q"),
        ("--on", "2026-05-31", "--successor", "q"),
        ("--on", "2027-01-31", "--write", "--json"),
    ],
)
def test_a_recorded_departure_is_not_replaced_unless_forced(tmp_path, options):
    book = write_book(tmp_path, {"t.yml": GONE, "m.yml": MODEL.replace("[t]", "[p]")})
    before = contents(book)
    ran = run("leave", "p", *options, "-C", book)
    assert (ran.code, ran.out) == (2, "")
    assert "p left on 2026-05-31; r is the successor: use --force" in ran.err
    assert contents(book) == before
    forced = run("leave", "p", *options, "--force", "-C", book, "--json")
    assert (forced.code, forced.data["heir"]) == (0, "person:q" if "q" in options else "person:r")


def test_the_recorded_successor_is_the_default(tmp_path):
    book = write_book(tmp_path, {"t.yml": GONE, "m.yml": MODEL.replace("[t]", "[p]")})
    data = run("leave", "p", "--on", "2026-05-31", "-C", book, "--json").data
    assert (data["heir"], [one["to"] for one in data["handed"]]) == ("person:r", ["person:r"])
    gone = GONE.replace("name: R", "name: R\nleft_on: 2026-05-01")
    write_book(tmp_path, {"t.yml": gone})
    assert run("leave", "p", "--on", "2026-05-31", "-C", book, "--json").data["heir"] == "person:q"


@pytest.mark.parametrize(("recorded", "said"), [("left_on: 2027-05-31\n", "p leaves on 2027-05-31: use"), ("", "r is")])
def test_a_future_departure_and_a_successor_without_one_are_records(tmp_path, recorded, said):
    book = write_book(tmp_path, {"t.yml": GONE.replace("left_on: 2026-05-31\n", recorded)})
    if recorded:
        write_book(tmp_path, {"t.yml": GONE.replace("left_on: 2026-05-31\nsuccessor: r\n", recorded)})
    ran = run("leave", "p", "--on", "2027-01-31", "--successor", "q", "-C", book)
    assert ran.code == 2
    assert said in ran.err
    assert run("leave", "p", "--on", "2027-01-31", "--successor", "q", "--force", "-C", book).code == 0


def test_exit_status_of_leave_depends_on_open_decisions(tmp_path):
    book = write_book(tmp_path, {"t.yml": TEAM})
    shown = run("leave", "p", "--on", "2026-12-31", "-C", book)
    assert (shown.code, "team:t: lead is now empty" in shown.out) == (1, True)
    assert run("leave", "p", "--on", "2026-12-31", "--write", "-C", book).code == 1
    assert run("leave", "p", "--on", "2026-12-31", "-C", book).code == 0  # decided, nothing names p any more
    assert "1 something needs a decision" in " ".join(run("leave", "--help").out.split())
    assert "status is 1" in (REPOSITORY / "docs/answers.md").read_text("utf-8").replace("\n", " ")
