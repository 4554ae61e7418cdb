"""Drafts: the findings on them are notes until the tag `draft` is removed, in every report and in the build."""

import re
from pathlib import Path

import pytest

from tests.books import MKDOCS, write_book
from tests.cli.running import Ran, run, run_forked

FUNCTIONS = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, functions: {ds: Science, product: Product}}")
TIPS = """\
kind: model
id: tips
name: Tips
summary: Suggests a tip
lifecycle: production
tags: [draft]
serving: online
owners: [nobody]
"""
FINISHED = TIPS.replace("tags: [draft]\n", "")


def check(root: Path, cards: dict[str, str], *options: str) -> Ran:
    return run("check", "-C", write_book(root, cards, FUNCTIONS), *options)


def list_found(root: Path, cards: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    findings = check(root, cards, "--format", "json").data["findings"]
    return {one["code"]: (one["severity"], one["softened_from"]) for one in findings}


def test_errors_and_warnings_on_a_draft_are_notes_until_the_tag_is_removed(tmp_path):
    before = list_found(tmp_path / "after", {"tips.yml": FINISHED})
    assert {before[code] for code in ("MB101", "MB203", "MB301", "MB302")} == {("error", None)}
    softened = list_found(tmp_path / "draft", {"tips.yml": TIPS})
    assert softened == {
        code: ("info", severity if severity != "info" else None) for code, (severity, _) in before.items()
    }


def test_check_counts_the_softened_findings_in_one_line(tmp_path):
    ran = check(tmp_path, {"tips.yml": TIPS, "more.yml": TIPS.replace("id: tips", "id: more")})
    assert ran.code == 0
    assert "13 findings on 2 drafts are softened until the tag `draft` is removed\n" in ran.out
    assert re.search(r"info MB101 .*'nobody'.* \(a draft\)\n", ran.out)
    assert "softened" not in check(tmp_path / "after", {"tips.yml": FINISHED}).out


def test_fail_on_info_fails_on_softened_findings(tmp_path):
    assert check(tmp_path, {"tips.yml": TIPS}, "--fail-on", "warning").code == 0
    assert check(tmp_path, {"tips.yml": TIPS}, "--fail-on", "info").code == 1


@pytest.mark.parametrize(
    ("form", "shown", "hidden"), [("github", "::notice ", "::error "), ("junit", "(a draft)", "<failure")]
)
def test_other_reports_show_the_softened_severity(tmp_path, form, shown, hidden):
    ran = check(tmp_path, {"tips.yml": TIPS}, "--format", form)
    assert ran.code == 0
    assert shown in ran.out
    assert "(a draft)" in ran.out
    assert hidden not in ran.out


def test_sarif_has_the_softened_level(tmp_path):
    (sarif,) = check(tmp_path, {"tips.yml": TIPS}, "--format", "sarif").data["runs"]
    assert {one["level"] for one in sarif["results"]} == {"note"}
    assert any("(a draft)" in one["message"]["text"] for one in sarif["results"])


def test_softening_follows_the_configured_severities(tmp_path):
    settings = FUNCTIONS.replace("product: Product}", "product: Product}, severities: {MB301: off, MB405: error}")
    book = write_book(tmp_path, {"tips.yml": TIPS}, settings)
    findings = run("check", "-C", book, "--format", "json").data["findings"]
    found = {one["code"]: (one["severity"], one["softened_from"]) for one in findings}
    assert "MB301" not in found
    assert found["MB405"] == ("info", "error")


@pytest.mark.parametrize(
    ("code", "cards"),
    [
        ("MB001", {"tips.yml": TIPS + "notes: 'open\n"}),
        ("MB010", {"tips.yml": TIPS + "owner: t\n"}),
        ("MB013", {"tips.yml": TIPS.replace("production", "prod")}),
        ("MB008", {"tips.yml": TIPS, "twin.yml": TIPS}),
        ("MB022", {"tips.yml": TIPS + "x-allow: {MB101: the team starts in June}\n"}),
        ("MB312", {"tips.yml": TIPS + "notes: 'password: hunter2-Hq7w9Zk3LmP4'\n"}),
    ],
)
def test_a_draft_that_cannot_be_read_or_has_a_secret_is_an_error(tmp_path, code, cards):
    assert list_found(tmp_path, cards)[code] == ("error", None)
    assert check(tmp_path / "again", cards).code == 1


def test_a_finding_on_another_card_that_refers_to_a_draft_stays(tmp_path):
    retired = TIPS.replace("production", "retired")
    user = "kind: system\nid: till\nname: Till\ntype: app\nuses: [{model: tips, why: Suggests}]\n"
    findings = check(tmp_path, {"tips.yml": retired, "till.yml": user}, "--format", "json").data["findings"]
    found = {(one["code"], one["card"]): one["severity"] for one in findings}
    assert found["MB406", "system:till"] == found["MB201", "system:till"] == "error"


def test_a_book_with_a_draft_is_built_and_without_the_tag_it_is_not(tmp_path):
    book = write_book(tmp_path, {"tips.yml": TIPS}, FUNCTIONS)
    ran = run_forked("build", "-C", book)
    assert (ran.code, "6 findings on 1 draft are softened" in ran.out) == (0, True)
    assert (book / "site/models/tips.html").exists()
    (book / "cards/tips.yml").write_text(FINISHED, "utf-8")
    assert run_forked("build", "-C", book).code == 1


@pytest.mark.parametrize(
    ("tag", "kinds"), [("draft", {"review overdue"}), ("home", {"review overdue", "contact missing"})]
)
def test_a_draft_has_no_overdue_work_but_its_own_dates(tmp_path, tag, kinds):
    late = TIPS.replace("draft", tag) + "review_by: 2026-03-01\n"
    book = write_book(tmp_path, {"tips.yml": late}, FUNCTIONS)
    assert {entry["kind"] for entry in run("debt", "-C", book, "--json").data["entries"]} == kinds


def test_rules_about_serving_ignore_a_guessed_value(tmp_path):
    guessed = FINISHED + "x-guessed: {serving: not in the source}\n"
    found = list_found(tmp_path, {"tips.yml": guessed})
    assert {"MB301", "MB302"}.isdisjoint(found)
    assert found["MB430"] == ("warning", None)
    assert {"MB301", "MB302"} <= list_found(tmp_path / "stated", {"tips.yml": FINISHED}).keys()


def test_a_guess_about_another_key_or_a_changed_value_is_harmless(tmp_path):
    offline = FINISHED.replace("online", "offline")
    changed = offline + "x-guessed: {serving: not in the source, lifecycle: no, hue: blue}\n"
    found = list_found(tmp_path, {"tips.yml": changed})
    assert found.keys() - {"MB430"} == list_found(tmp_path / "plain", {"tips.yml": offline}).keys()


def test_drafts_of_a_list_ask_for_no_endpoint_of_a_guessed_serving(tmp_path):
    book = write_book(tmp_path, {}, FUNCTIONS)
    (tmp_path / "list.csv").write_text("Model,Team,Stage\nWeekly staffing,Kitchen,pilot\nOven,Kitchen,production\n")
    assert run("import", "csv", tmp_path / "list.csv", "-C", book).code == 0
    findings = run("check", "-C", book, "--format", "json").data["findings"]
    assert not [one for one in findings if one["code"] in {"MB301", "MB302", "MB303"} or one["severity"] != "info"]


def test_drafts_without_contacts_have_one_finding_each(tmp_path):
    book = write_book(tmp_path, {}, FUNCTIONS)
    (tmp_path / "list.csv").write_text("Model,Team\nDish ranker,Menu\nFee model,Pricing\nSlot picker,Menu\n")
    run("import", "csv", tmp_path / "list.csv", "-C", book)
    assert run("check", "-C", book).out.count("MB203") == 3


@pytest.mark.parametrize("tags", ["Draft", "[home, DRAFT]", '"draft "'])
def test_the_tag_of_a_draft_may_be_written_in_any_case(tmp_path, tags):
    found = list_found(tmp_path, {"tips.yml": TIPS.replace("[draft]", tags)})
    assert {severity for severity, _ in found.values()} == {"info"}
