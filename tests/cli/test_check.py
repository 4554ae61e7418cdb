"""The reports of `modelbook check`, its baseline and --changed-since, on books with mistakes."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from lxml import etree

from generator.book_findings import ALL_RULES
from generator.checks.suppressions import Suppressed
from generator.cli.console import format_lines
from generator.cli.reports import REPORTS, SARIF_LIMIT, CheckResult, describe_sarif_limits
from generator.findings import Finding, Position, Severity
from generator.names import Ref
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import run
from tests.history.repositories import Repository, new_repository

SARIF = json.loads((Path(__file__).parent / "schemas/sarif-schema-2.1.0.json").read_text("utf-8"))
NASTY = "100 % of\r\nit, a: b <b> & \x1b[31m \ud800 \ufffe 猫"
LATE = MODEL.lstrip() + "review_by: 2026-03-01\n"
BROKEN = MODEL.lstrip().replace("owners: [t]", "owners: [nobody]")
ACCEPTED = LATE + "x-allow: {MB403: Waits for the new data}\n"


@pytest.fixture
def broken(tmp_path) -> Path:
    return write_book(tmp_path, {"ryl.yml": BROKEN, "late.yml": ACCEPTED.replace("id: ryl", "id: late"), "t.yml": TEAM})


def nasty() -> CheckResult:
    rule = ALL_RULES[0]
    findings = [
        Finding(Position(f"cards/a b,{severity}:%.yml", 3, 7), rule.code, rule.name, severity, NASTY, "hint", None)
        for severity in Severity
    ]
    suppressed = Suppressed(rule.at(Position("cards/x.yml"), NASTY, "", Ref("model", "x")), "because, 100 %")
    return CheckResult(tuple(findings), {"cards/clean.yml": ""}, (suppressed,), 2, 1)


def report_text(form: str, checked: CheckResult) -> str:
    return format_lines(REPORTS[form](checked))


def test_text_report_shows_the_line_with_a_caret_and_the_fix(broken):
    ran = run("check", "-C", broken)
    assert ran.code == 1
    assert "cards/ryl.yml:7:10 error MB101" in ran.out
    assert "  7 | owners: [nobody]\n    |          ^\n" in ran.out
    assert ran.out.rstrip().endswith("1 suppressed by x-allow; `modelbook debt` lists the reasons")


def test_json_report_has_counts_and_suppressed_findings(broken):
    report = run("check", "-C", broken, "--format", "json").data
    assert report["counts"]["error"] == sum(one["severity"] == "error" for one in report["findings"]) > 0
    assert [(one["code"], one["reason"]) for one in report["suppressed"]] == [("MB403", "Waits for the new data")]


@pytest.mark.parametrize("make", ["nasty", "clean", "broken"])
def test_sarif_report_is_valid(broken, make):
    text = run("check", "-C", broken, "--format", "sarif").out
    if make != "broken":
        text = report_text("sarif", nasty() if make == "nasty" else CheckResult(()))
    report = json.loads(text)
    jsonschema.Draft4Validator(SARIF).validate(report)
    run_ = report["runs"][0]
    for result in run_["results"]:
        assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize(("urls", "page"), [("true", "reference/codes/"), ("false", "reference/codes/index.html")])
def test_sarif_rules_link_to_their_anchors_on_the_site(tmp_path, urls, page):
    options = f"site_url: https://book.example.com/ml/\nuse_directory_urls: {urls}\n{MKDOCS.replace('  - offline', '')}"
    book = write_book(tmp_path, {"ryl.yml": BROKEN, "t.yml": TEAM}, options)
    report = json.loads(run("check", "-C", book, "--format", "sarif").out)
    jsonschema.Draft4Validator(SARIF).validate(report)
    links = {rule["id"]: rule["helpUri"] for rule in report["runs"][0]["tool"]["driver"]["rules"]}
    assert links["MB101"] == f"https://book.example.com/ml/{page}#MB101"


def test_sarif_rules_have_no_link_if_the_site_has_no_address(broken):
    assert "helpUri" not in run("check", "-C", broken, "--format", "sarif").out


def test_sarif_schema_rejects_an_invalid_report():
    report = json.loads(report_text("sarif", nasty()))
    report["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SARIF).validate(report)


def test_sarif_report_has_at_most_the_results_that_github_accepts():
    place = Position("cards/a.yml")
    rule = next(rule for rule in ALL_RULES if rule.code == "MB701")
    infos = [Finding(place, "MB704", "n", Severity.INFO, f"m{number}") for number in range(SARIF_LIMIT)]
    errors = [rule.at(place, f"e{number}") for number in range(3)]
    report = json.loads(report_text("sarif", CheckResult((*infos, *errors))))
    jsonschema_rs.Draft4Validator(SARIF).validate(report)  # jsonschema takes seconds
    (sarif,) = report["runs"]
    assert len(sarif["results"]) == SARIF_LIMIT
    assert sum(result["ruleId"] == "MB701" for result in sarif["results"]) == 3
    (notice,) = sarif["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == "3 of 25,003 findings are left out: GitHub accepts 25,000"
    assert describe_sarif_limits(5_001) == "GitHub shows 5,000 of 5,001 findings"
    assert describe_sarif_limits(5_000) == ""


def test_sarif_report_has_suppressed_findings_with_their_reasons(broken):
    results = json.loads(run("check", "-C", broken, "--format", "sarif").out)["runs"][0]["results"]
    accepted = [result for result in results if "suppressions" in result]
    assert [(result["ruleId"], result["suppressions"][0]["justification"]) for result in accepted] == [
        ("MB403", "Waits for the new data")
    ]
    assert accepted[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "cards/late.yml"


def test_github_annotation_is_one_line_for_any_message():
    lines = report_text("github", nasty()).split("\n")
    commands = [line for line in lines if line.startswith("::")]
    assert [line.split(" ")[0] for line in commands] == ["::error", "::warning", "::notice"]
    properties, _, message = commands[0].removeprefix("::error ").partition("::")
    assert properties.startswith("file=cards/a b%2Cerror%3A%25.yml,line=3,col=7,title=")
    assert message.startswith(r"100 %25 of\r\nit, a: b <b> & \x1b[31m \ud800")
    assert "\r" not in "".join(lines)


def test_junit_report_is_well_formed_and_its_counts_are_correct(broken):
    for text in (run("check", "-C", broken, "--format", "junit").out, report_text("junit", nasty())):
        root = etree.fromstring(text.encode("utf-8", "replace"))
        assert root.tag == "testsuites"
        suites = list(root)
        assert {suite.tag for suite in suites} == {"testsuite"}
        for attribute, path in (("tests", "testcase"), ("failures", "testcase/failure")):
            assert int(str(root.get(attribute))) == sum(int(str(suite.get(attribute))) for suite in suites)
            for suite in suites:
                assert int(str(suite.get(attribute))) == len(suite.findall(path))
        assert all(case.get("classname") and case.get("name") for case in root.iter("testcase"))
        assert all(failure.get("message") and failure.get("type") for failure in root.iter("failure"))


def test_a_report_in_a_file_has_no_colours(broken, tmp_path):
    ran = run("check", "-C", broken, "-o", tmp_path / "report.txt")
    assert (ran.code, ran.out) == (1, "")
    assert "\x1b" not in (tmp_path / "report.txt").read_text("utf-8")


@pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_exit_status_depends_on_the_highest_severity(tmp_path, least, code):
    book = write_book(tmp_path, {"ryl.yml": LATE, "t.yml": TEAM})
    assert run("check", "-C", book, "--fail-on", least).code == code


def test_with_a_baseline_only_new_findings_fail(broken, tmp_path):
    known = tmp_path / "known.json"
    assert run("check", "-C", broken, "--write-baseline", known).code == 0
    ran = run("check", "-C", broken, "--baseline", known)
    assert ran.code == 0
    assert re.search(r"no findings\n1 suppressed by x-allow; .*\n\d+ known findings?, not reported\n", ran.out)
    path = broken / "cards/ryl.yml"
    path.write_text("# moved down\n\n" + path.read_text("utf-8").replace("id: ryl", "id: ryl\nfallback: gone"), "utf-8")
    found = run("check", "-C", broken, "--baseline", known, "--format", "json")
    assert found.code == 1
    assert [(one["code"], one["card"]) for one in found.data["findings"]] == [("MB101", "model:ryl")]
    path.write_text(MODEL.lstrip(), "utf-8")
    after = run("check", "-C", broken, "--baseline", known, "--format", "json")
    assert (after.code, after.data["gone"] > 0) == (0, True)


def test_a_baseline_of_format_1_still_works_with_a_notice(broken, tmp_path):
    findings = run("check", "-C", broken, "--format", "json").data["findings"]
    old = [{"code": one["code"], "on": one["card"] or one["file"], "message": "reworded since"} for one in findings]
    known = tmp_path / "known.json"
    known.write_text(json.dumps({"baseline": 1, "findings": old}), encoding="utf-8")
    ran = run("check", "-C", broken, "--baseline", known)
    assert ran.code == 0
    assert ran.err.count("write it again with --write-baseline") == 1


@pytest.mark.parametrize("text", [None, "{", '{"baseline": 9, "findings": []}'])
def test_an_unreadable_baseline_is_a_usage_error(broken, tmp_path, text):
    path = tmp_path / "known.json"
    if text is not None:
        path.write_text(text, "utf-8")
    ran = run("check", "-C", broken, "--baseline", path)
    assert (ran.code, ran.out) == (2, "")
    assert "baseline" in ran.err


@pytest.fixture
def repository(tmp_path) -> Repository:
    root = tmp_path / "repository" / "books" / "ours"
    repository = new_repository(tmp_path / "repository")
    write_book(root, {}, MKDOCS)
    return repository


def commit(repository: Repository, message: str, day: str, files: dict[str, str | None]) -> str:
    """A commit of the book, which stands below the top of the repository."""
    return repository.commit(message, day, {f"../books/ours/cards/{name}": text for name, text in files.items()})


def added(repository: Repository, revision: str, *more: str) -> list[tuple[str, str]]:
    book = repository.root / "books/ours"
    ran = run("check", "-C", book, "--changed-since", revision, "--format", "json", *more)
    return [(one["code"], one["file"]) for one in ran.data["findings"]]


USER = "kind: model\nid: user\nname: User\nsummary: Uses.\nlifecycle: experimental\nserving: offline\nowners: [t]\n"


def test_changed_since_reports_findings_in_unchanged_files(repository):
    commit(repository, "start", "2026-01-01", {"ryl.yml": BROKEN, "t.yml": TEAM, "user.yml": USER + "fallback: pop\n",
                                               "pop.yml": MODEL.lstrip().replace("id: ryl", "id: pop")})  # fmt: skip
    assert added(repository, "HEAD") == []
    commit(repository, "pop goes", "2026-01-02", {"pop.yml": None})
    found = added(repository, "HEAD~1")
    assert ("MB101", "cards/user.yml") in found
    assert all(file == "cards/user.yml" for _, file in found)
    assert run("check", "-C", repository.root / "books/ours", "--changed-since", "HEAD~1").code == 1
    assert run("check", "-C", repository.root / "books/ours", "--changed-since", "HEAD").code == 0


def test_changed_since_reports_findings_of_a_new_lifecycle(repository, tmp_path):
    bare = USER.replace("owners: [t]\n", "").replace("offline", "online")
    commit(repository, "start", "2026-01-01", {"user.yml": bare, "t.yml": TEAM})
    book, known = repository.root / "books/ours", tmp_path / "known.json"
    assert run("check", "-C", book, "--write-baseline", known).code == 0
    commit(repository, "live", "2026-01-02", {"user.yml": bare.replace("experimental", "production")})
    whole = run("check", "-C", book, "--format", "json").data["findings"]
    errors = {one["code"] for one in whole if one["severity"] == "error"}
    assert {"MB201", "MB302"} <= errors
    assert errors <= {code for code, _ in added(repository, "HEAD~1")}
    report = run("check", "-C", book, "--baseline", known, "--format", "json").data
    assert errors <= {one["code"] for one in report["findings"]}


def test_changed_since_includes_uncommitted_changes(repository):
    commit(repository, "start", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    (repository.root / "books/ours/cards/ryl.yml").write_text(BROKEN, "utf-8")
    assert ("MB101", "cards/ryl.yml") in added(repository, "HEAD")


def test_changed_since_ignores_fixes_on_the_other_branch(repository):
    commit(repository, "start", "2026-01-01", {"ryl.yml": BROKEN, "t.yml": TEAM})
    repository.git("checkout", "-q", "-b", "side")
    commit(repository, "side", "2026-01-02", {"user.yml": USER})
    repository.git("checkout", "-q", "main")
    commit(repository, "mended", "2026-01-03", {"ryl.yml": MODEL.lstrip()})
    repository.git("checkout", "-q", "side")
    assert {file for _, file in added(repository, "main")} == {"cards/user.yml"}


def test_changed_since_does_not_report_an_earlier_version_decrease(repository):
    for number, version in enumerate(("2.0", "1.0"), 1):
        card = MODEL.lstrip() + f"version: '{version}'\n"
        commit(repository, version, f"2026-01-0{number}", {"ryl.yml": card, "t.yml": TEAM})
    commit(repository, "more", "2026-01-05", {"user.yml": USER})
    book = repository.root / "books/ours"
    backwards = [one["code"] for one in run("check", "-C", book, "--format", "json").data["findings"]]
    assert "MB412" in backwards
    assert {file for _, file in added(repository, "HEAD~1")} == {"cards/user.yml"}
    assert ("MB412", "cards/ryl.yml") in added(repository, "HEAD~2")


def test_changed_since_reports_everything_if_there_was_no_book(repository):
    repository.git("commit", "-q", "--allow-empty", "-m", "nothing")
    commit(repository, "start", "2026-01-02", {"ryl.yml": BROKEN, "t.yml": TEAM})
    whole = run("check", "-C", repository.root / "books/ours", "--format", "json").data["findings"]
    assert added(repository, "HEAD~1") == [(one["code"], one["file"]) for one in whole]


@pytest.mark.parametrize("revision", ["nope", "--help", "HEAD~99", "main:cards"])
def test_an_unknown_revision_is_a_usage_error(repository, revision):
    commit(repository, "start", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    ran = run("check", "-C", repository.root / "books/ours", f"--changed-since={revision}")
    assert (ran.code, ran.out) == (2, "")
    assert f"unknown git revision {revision!r}" in ran.err


def test_changed_since_needs_git(broken):
    ran = run("check", "-C", broken, "--changed-since", "HEAD")
    assert (ran.code, ran.out) == (2, "")
    assert "needs git" in ran.err


def test_changed_since_does_not_change_the_repository(repository):
    commit(repository, "start", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})

    def everything() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}

    before = everything()
    added(repository, "HEAD")
    assert everything() == before
    status = ["git", "-C", str(repository.root), "status", "--porcelain", "books/ours/cards"]
    assert subprocess.run(status, capture_output=True, check=True).stdout == b""


def test_a_contract_with_an_unavailable_file_is_not_missing(tmp_path):
    card = USER.replace("offline", "online").replace("experimental", "production")
    card += "contract: {request: {$ref: ../../gone.yml}, response: {$ref: gone.yml}}\n"
    book = write_book(tmp_path, {"user.yml": card, "t.yml": TEAM})
    codes = [one["code"] for one in run("check", "-C", book, "--format", "json").data["findings"]]
    assert {"MB006", "MB015"} <= set(codes)
    assert "MB302" not in codes
    write_book(tmp_path, {"user.yml": card.replace("{$ref: gone.yml}", "")})
    report = run("check", "-C", book, "--format", "json").data["findings"]
    assert ["has no response" in one["message"] for one in report if one["code"] == "MB302"] == [True]
