"""A book with known findings: every command passes until there is a new one."""

import json
import os
import re
from pathlib import Path

import pytest
from lxml import html
from lxml.html import HtmlElement

from generator.confluence.wiki import Flavour
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import run
from tests.history.repositories import Repository, new_repository
from tests.publishing import run_demo_server
from tests.servers import start_server
from tests.sites import run_mkdocs, run_modelbook
from tests.test_serve import shows_error, shows_page

WITH_BASELINE = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, baseline: known.json}")
LIVE = MODEL.replace("experimental", "production")
"""A model with errors (no contacts), warnings and a note."""
BROKEN = MODEL.replace("id: ryl", "id: broken").replace("offline", "ofline")
"""A card that cannot be read."""
NO_CHANNEL = "kind: team\nid: quiet\nname: Quiet\nlead: p\n"


def write_known(root: Path, cards: dict[str, str], mkdocs: str = WITH_BASELINE) -> Path:
    """Write a book whose findings of today are in its baseline."""
    write_book(root, cards, mkdocs)
    ran = run("check", "-C", root, "--write-baseline", *([] if "baseline:" in mkdocs else [root / "known.json"]))
    assert ran.code == 0, ran.err
    return root


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_known(tmp_path / "book", {"ryl.yml": LIVE, "t.yml": TEAM})


def add_new_error(book: Path) -> None:
    card = book / "cards/ryl.yml"
    card.write_text(card.read_text("utf-8") + "fallback: nowhere\n", "utf-8")


def check_with(book: Path, *arguments: str) -> dict[str, object]:
    data: dict[str, object] = run("check", "-C", book, "--format", "json", *arguments).data
    return data


def list_codes(report: dict[str, object]) -> list[str]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [one["code"] for one in findings]


def test_check_passes_with_the_configured_baseline_and_fails_on_a_new_finding(book):
    assert run("check", "-C", book, "--fail-on", "info").code == 0
    assert run("check", "-C", book, "--no-baseline").code == 1
    add_new_error(book)
    ran = run("check", "-C", book)
    assert ran.code == 1
    assert re.findall(r"MB\d{3}", ran.out) == ["MB101"]


def test_an_option_of_check_replaces_the_configured_baseline(book, tmp_path):
    empty = tmp_path / "empty.json"
    empty.write_text('{"baseline": 2, "findings": []}', "utf-8")
    assert run("check", "-C", book, "--baseline", empty).code == 1


def test_a_book_without_a_configured_baseline_names_the_setting(tmp_path):
    ran = run("check", "-C", write_book(tmp_path, {"t.yml": TEAM}), "--write-baseline")
    assert ran.code == 2
    assert "set `baseline: known.json` in mkdocs.yml" in ran.err


def test_a_written_baseline_names_the_next_command(book, tmp_path):
    assert run("check", "-C", book, "--write-baseline").out.endswith("known.json; next: modelbook check\n")
    other = tmp_path / "other.json"
    ran = run("check", "-C", book, "--write-baseline", other)
    assert ran.out.endswith(f"next: modelbook check --baseline {other}\n")


def test_a_baseline_in_a_book_without_the_setting_names_the_setting(tmp_path):
    folder = write_book(tmp_path, {"t.yml": TEAM})
    ran = run("check", "-C", folder, "--write-baseline", folder / "known.json")
    assert ran.out.endswith("known.json; next: set `baseline: known.json` in mkdocs.yml\n")


def test_the_build_passes_with_known_errors_and_stops_at_new_ones(book):
    built = run_modelbook("build", "--strict", cwd=book)
    assert built.returncode == 0, built.stdout + built.stderr
    assert re.match(r"\d known findings; `modelbook check --no-baseline` lists them\nbuilt ", built.stdout)
    add_new_error(book)
    stopped = run_modelbook("build", cwd=book)
    assert stopped.returncode == 1
    assert re.findall(r"MB\d{3}", stopped.stdout) == ["MB101"]


def test_the_build_takes_the_baseline_as_an_option_relative_to_the_current_folder(tmp_path):
    book = write_known(tmp_path / "book", {"ryl.yml": LIVE, "t.yml": TEAM}, MKDOCS)
    assert run_modelbook("build", "-C", "book", cwd=tmp_path).returncode == 1
    built = run_modelbook("build", "-C", "book", "--baseline", "book/known.json", cwd=tmp_path)
    assert built.returncode == 0, built.stdout + built.stderr
    assert (book / "site/models/ryl.html").exists()


def test_mkdocs_and_render_pass_with_known_errors_and_stop_at_new_ones(book, tmp_path):
    done = run_mkdocs("build", "--strict", cwd=book)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("known findings; ") == 1
    assert not re.search(r"MB\d{3}", done.stderr)
    ran = run("render", "-C", book, "--out", tmp_path / "out")
    assert (ran.code, re.findall(r"MB\d{3}|\d known findings", ran.err)[1:]) == (0, [])
    add_new_error(book)
    assert run_mkdocs("build", cwd=book).returncode == 1
    ran = run("render", "-C", book, "--out", tmp_path / "out")
    assert (ran.code, re.findall(r"MB\d{3}", ran.err)) == (1, ["MB101"])


def test_a_new_warning_fails_a_strict_build(book):
    (book / "cards/quiet.yml").write_text(NO_CHANNEL, "utf-8")
    stopped = run_modelbook("build", "--strict", cwd=book)
    assert stopped.returncode == 1
    assert "warning MB209" in stopped.stdout
    assert "error" not in stopped.stdout
    assert run_mkdocs("build", "--strict", cwd=book).returncode == 1


def test_fixed_findings_are_counted(book):
    card = book / "cards/ryl.yml"
    card.write_text(card.read_text("utf-8") + "deployed_on: 2026-01-01\n", "utf-8")
    built = run_modelbook("build", cwd=book)
    assert re.match(r"\d known findings, 1 fixed since; ", built.stdout)
    assert check_with(book)["gone"] == 1


def test_the_findings_of_a_removed_card_are_fixed(book):
    entries = json.loads((book / "known.json").read_text("utf-8"))["findings"]
    known = sum(one.get("times", 1) for one in entries)
    (book / "cards/ryl.yml").unlink()
    report = check_with(book)
    assert (report["gone"], report["known"]) == (known, 0)
    assert run_modelbook("build", cwd=book).stdout.startswith(f"0 known findings, {known} fixed since; ")


def test_the_baseline_of_another_book_knows_nothing(book, tmp_path):
    other = write_known(tmp_path / "other", {"x.yml": LIVE.replace("id: ryl", "id: x"), "t.yml": TEAM})
    before = list_codes(check_with(book, "--no-baseline"))
    (book / "known.json").write_text((other / "known.json").read_text("utf-8"), "utf-8")
    assert list_codes(check_with(book)) == before


def test_a_baseline_with_fewer_findings_knows_only_these(book):
    data = json.loads((book / "known.json").read_text("utf-8"))
    left = [one for one in data["findings"] if one["code"] != "MB411"]
    (book / "known.json").write_text(json.dumps({**data, "findings": left}), "utf-8")
    assert list_codes(check_with(book)) == ["MB411"]


def test_a_finding_that_became_worse_stops_the_build(tmp_path):
    book = write_known(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    assert run_modelbook("build", "--strict", cwd=book).returncode == 0
    (book / "cards/ryl.yml").write_text(LIVE.lstrip(), "utf-8")
    stopped = run_modelbook("build", cwd=book)
    assert stopped.returncode == 1
    assert "error MB203" in stopped.stdout


def test_a_baseline_of_format_1_is_known_to_the_build(book):
    findings = run("check", "-C", book, "--no-baseline", "--format", "json").data["findings"]
    old = [{"code": one["code"], "on": one["card"] or one["file"], "message": "reworded since"} for one in findings * 3]
    (book / "known.json").write_text(json.dumps({"baseline": 1, "findings": old}), "utf-8")
    assert run_modelbook("build", cwd=book).returncode == 0


def test_a_book_with_known_errors_is_published(book):
    assert run_modelbook("build", cwd=book).returncode == 0
    with run_demo_server(Flavour.CLOUD) as wiki:
        done = wiki.run(book, "apply", "--quiet")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Restaurants" in wiki.list_pages()


def break_baseline(book: Path, how: str) -> None:
    known = book / "known.json"
    match how:
        case "missing":
            known.unlink()
        case "broken":
            known.write_text("<<<<<<< HEAD\n", "utf-8")
        case "conflict":
            known.write_text("{\n<<<<<<< HEAD\n" + known.read_text("utf-8"), "utf-8")
        case "folder":
            known.unlink()
            known.mkdir()
        case "pipe":
            known.unlink()
            os.mkfifo(known)
        case "outside":
            (book / "mkdocs.yml").write_text(WITH_BASELINE.replace("known.json", "../known.json"), "utf-8")
            known.rename(book.parent / "known.json")
        case "link":
            known.rename(book.parent / "known.json")
            known.symlink_to("../known.json")


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "cannot read the baseline known.json: No such file or directory; write it with"),
        ("folder", "cannot read the baseline known.json: Is a directory; write it with"),
        ("pipe", "cannot read the baseline known.json: not a regular file; write it with"),
        ("broken", "invalid baseline known.json: merge conflict in line 1; write it with"),
        ("conflict", "invalid baseline known.json: merge conflict in line 2; write it with"),
        ("outside", "the baseline '../known.json' is outside of the book: move it next to mkdocs.yml"),
        ("link", "the baseline 'known.json' is outside of the book: move it next to mkdocs.yml"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_a_usage_error_in_one_line(book, tmp_path, how, message):
    break_baseline(book, how)
    for ran in (run("check", "-C", book), run("render", "-C", book, "--out", tmp_path / "out")):
        assert (ran.code, ran.out) == (2, "")
        assert message in ran.err
    built = run_modelbook("build", cwd=book)
    assert (built.returncode, built.stdout) == (2, "")
    assert message in built.stderr
    assert built.stderr.count("\n") == 1
    assert message in run_mkdocs("build", cwd=book).stderr
    assert not (book / "site").exists()
    assert run("show", "ryl", "-C", book).code == 0


def test_a_missing_baseline_can_be_written(book):
    (book / "known.json").unlink()
    assert run("check", "-C", book, "--write-baseline").code == 0
    assert run("check", "-C", book).code == 0


def test_a_baseline_that_another_editor_saved_is_read(book):
    known = book / "known.json"
    known.write_bytes(b"\xef\xbb\xbf" + known.read_bytes().replace(b"\n", b"\r\n"))
    assert run("check", "-C", book, "--fail-on", "info").code == 0


def test_a_baseline_with_a_merge_conflict_can_be_written_again(book):
    break_baseline(book, "conflict")
    assert run("check", "-C", book, "--write-baseline").code == 0
    assert run("check", "-C", book).code == 0


@pytest.mark.parametrize("file", ["mkdocs.yml", "cards/ryl.yml"])
def test_a_baseline_never_overwrites_another_file(book, file):
    before = (book / file).read_text("utf-8")
    ran = run("check", "-C", book, "--write-baseline", book / file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f"{file} exists and is not a baseline: name a new file\n")
    assert (book / file).read_text("utf-8") == before


def test_a_site_never_replaces_the_baseline(book):
    (book / "mkdocs.yml").write_text(WITH_BASELINE.replace("known.json", "site/known.json"), "utf-8")
    (book / "site").mkdir()
    (book / "known.json").rename(book / "site/known.json")
    done = run_mkdocs("build", cwd=book)
    assert "the site would replace 'site/known.json'" in done.stderr
    assert (book / "site/known.json").exists()


def read_page(page: Path) -> HtmlElement:
    tree: HtmlElement = html.fromstring(page.read_text("utf-8"))
    return tree


def list_rows(page: Path) -> list[str]:
    tables = [one for one in read_page(page).iter("div") if "mb-findings" in one.get("class", "")]
    return [" ".join("".join(row.itertext()).split()) for table in tables for row in table.iter("tr")]


def test_pages_show_known_findings_as_known(book):
    (book / "cards/quiet.yml").write_text(NO_CHANNEL, "utf-8")
    built = run_modelbook("build", cwd=book)
    assert built.returncode == 0, built.stdout
    rows = list_rows(book / "site/attention.html")
    assert [row for row in rows if row.startswith("error")] == [row for row in rows if row.startswith("error known")]
    assert any(row.startswith("warning MB209") for row in rows)
    known = sum(" known " in row for row in rows)
    assert len(list_rows(book / "site/models/ryl.html")) == known + 1
    assert f"({known} known)" in "".join(read_page(book / "site/index.html").itertext())
    assert "error, known, MB203" in run("show", "ryl", "-C", book).out


def test_the_preview_shows_only_new_errors_and_knows_unreadable_cards(tmp_path):
    book = write_known(tmp_path / "book", {"ryl.yml": LIVE, "t.yml": TEAM, "broken.yml": BROKEN})
    card = book / "cards/ryl.yml"
    good = card.read_text("utf-8")
    with start_server(book) as server:
        server.wait_for("/models/ryl.html", shows_page("Ranks restaurants."))
        card.write_text(good.replace("Ranks restaurants.", "Changed.") + "fallback: nowhere\n", "utf-8")
        server.wait_for("/models/ryl.html", shows_error("Changed.", "MB101"))
        card.write_text(good.replace("offline", "ofline"), "utf-8")
        server.wait_for("/models/ryl.html", shows_error("Changed.", "cards/ryl.yml:6:10 MB013"))
        card.write_text(good, "utf-8")
        server.wait_for("/models/ryl.html", shows_page("Ranks restaurants."))
        (book / "known.json").write_text('{"baseline": 2, "findings": []}', "utf-8")
        server.wait_for("/models/ryl.html", shows_error("Ranks restaurants.", "cards/broken.yml"))


def test_changed_since_reports_a_new_finding_with_the_message_of_a_known_one(tmp_path):
    repository: Repository = new_repository(tmp_path / "repository")
    book = tmp_path / "repository/book"
    write_known(book, {"ryl.yml": LIVE + "fallback: nowhere\n", "t.yml": TEAM})
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "Start")
    assert list_codes(check_with(book, "--changed-since", "HEAD")) == []
    card = book / "cards/ryl.yml"
    card.write_text(card.read_text("utf-8").replace("fallback: nowhere", "successor: nowhere"), "utf-8")
    assert list_codes(check_with(book, "--changed-since", "HEAD")) == ["MB101"]
    assert list_codes(check_with(book, "--changed-since", "HEAD", "--no-baseline")) == []
