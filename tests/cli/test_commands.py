"""Every command: its help, its usage errors on one line with status 2, and no traceback for a mistake of the user."""

import io
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import jsonschema
import pytest
from rich.console import Console

from generator.book_findings import ALL_RULES
from generator.cli import modelbook
from generator.cli.options import require_book
from generator.cli.progress import show_spinner
from tests.books import MKDOCS, MODEL, REPOSITORY, TEAM, write_book
from tests.cli.running import run
from tests.command_server import get_command_server
from tests.sites import build
from tests.sites import run_modelbook as as_a_user

READING = (["check"], ["show", "x"], ["impact", "x"], ["order", "x"], ["who", "x"], ["handover", "x"], ["debt"],
           ["history", "x"], ["diff", "x"], ["leave", "x", "--on", "2026-01-01"], ["new", "model", "x"],
           ["export", "dot"], ["render", "--out", "out"], ["import", "backstage", "x.yaml"], ["build"])  # fmt: skip


def commands(group: click.Group = modelbook, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


@pytest.fixture
def book(tmp_path) -> Path:
    return write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_has_help(command):
    ran = run(*command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: modelbook {' '.join(command)}" in ran.out


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_help_begins_with_the_summary_of_the_group(command):
    words = run(*command, "--help").out.split("\n\n")[1].split()
    summary = " ".join(words).partition(". ")[0].rstrip(".") + "."
    assert len(summary) <= 60
    if command:
        group = " ".join(run(*command[:-1], "--help").out.split())
        assert f" {command[-1]} {summary}" in group


@pytest.mark.parametrize("name", ["impact", "order", "who", "leave", "handover", "debt", "history", "check"])
def test_help_has_an_example_on_a_separate_line(name):
    assert f"\n    modelbook {name}" in run(name, "--help").out
    assert "\\b" not in run(name, "--help").out


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_a_folder_without_a_book_is_a_usage_error(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    ran = run(*command)
    assert (ran.code, ran.out) == (2, "")
    assert "modelbook init" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_folder_is_named_as_typed(tmp_path, command):
    assert run(command, "-C", tmp_path).err.startswith(f"modelbook: no mkdocs.yml in {tmp_path}: ")
    assert run(command, "-C", tmp_path / "no").err.startswith(f"modelbook: no folder {tmp_path / 'no'}: ")


@pytest.mark.parametrize("command", ["build", "serve"])
@pytest.mark.parametrize("plugins", ["", "plugins: [search]\n", "# - modelbook\nplugins:\n  - search\n"])
def test_a_book_without_the_plugin_keeps_its_site(tmp_path, command, plugins):
    (tmp_path / "mkdocs.yml").write_text(f"site_name: The modelbook of Acme\n{plugins}", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    ran = run(command, "-C", tmp_path)
    error = "modelbook: mkdocs.yml does not use the plugin: add `modelbook` under `plugins`\n"
    assert (ran.code, ran.out, ran.err) == (2, "", error)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins:\n  - search\n  - modelbook", "plugins:\n- modelbook:\n    cards: c", "plugins: [search, 'modelbook']",
        "plugins:\n  modelbook: {}", "plugins: {search: {}, \"modelbook\": {}}", "plugins:\n  - &m modelbook  # ours",
        "plugins: [\n  search,\n  modelbook\n]", "INHERIT: base.yml",
    ],
)  # fmt: skip
def test_the_plugin_is_found_in_any_form_of_yaml(tmp_path, plugins):
    (tmp_path / "mkdocs.yml").write_text(f"site_name: Acme\n{plugins}\n", encoding="utf-8")
    require_book(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"site_name: [", b"- a\n"], ids=["bytes", "syntax", "list"])
def test_an_unreadable_configuration_is_a_usage_error(tmp_path, content):
    (tmp_path / "mkdocs.yml").write_bytes(content)
    ran = run("check", "-C", tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("arguments", [["check", "--nope"], ["nope"], ["leave", "x"], ["check", "--format", "pdf"]])
def test_invalid_options_are_usage_errors(arguments):
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Error:" in ran.err


def test_a_usage_error_has_no_traceback(tmp_path):
    done = as_a_user("impact", "ryl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("modelbook: no mkdocs.yml")


def test_explain_shows_a_rule_with_its_example_or_lists_all_rules():
    assert run("explain", "no-owner").out == run("explain", "mb201").out
    assert "\n  kind: model # MB201\n  id: ryl\n" in run("explain", "MB201").out
    assert "X-Api-Key: ████ # MB312" in run("explain", "MB312").out
    assert "Example" not in run("explain", "MB017").out
    assert run("explain").out.count("\n") == len(ALL_RULES)
    ran = run("explain", "MB9999")
    assert ran.code == 2
    assert "unknown code" in ran.err


def test_show_prints_the_main_facts(book):
    out = run("show", "Restaurants", "-C", book).out
    assert out.startswith("Restaurants  (model:ryl)\n")
    assert "Owner" in out
    assert run("show", "ryl", "-C", book, "--json").data["card"]["summary"] == "Ranks restaurants."


def test_an_ambiguous_id_is_a_usage_error(tmp_path):
    system = "kind: system\nid: ryl\nname: Ours\ntype: job\nowners: [t]\n"
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "s.yml": system})
    ran = run("impact", "ryl", "-C", book)
    assert ran.code == 2
    assert "expected one of model:ryl, system:ryl" in ran.err


def test_new_writes_a_card_and_never_overwrites_one(book):
    ran = run("new", "model", "tpfy", "-C", book)
    assert ran.code == 0
    assert (book / "cards/models/tpfy.yml").is_file()
    assert run("new", "model", "RYL", "-C", book).code == 2


def test_schema_is_json_schema(tmp_path):
    ran = run("schema", "-o", tmp_path / "a/card.json")
    assert ran.code == 0
    jsonschema.Draft202012Validator.check_schema(run("schema").data)


def test_a_rendered_book_builds_without_modelbook(book, tmp_path):
    """Check a small book; the tests of engines build the demo."""
    assert run("render", "-C", book, "--out", tmp_path / "plain").code == 0
    assert "modelbook:" not in (tmp_path / "plain/mkdocs.yml").read_text("utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=tmp_path / "plain", capture_output=True, text=True, check=False, env=quiet)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "plain/site/debt/index.html").is_file() or (tmp_path / "plain/site/debt.html").is_file()


def test_the_site_has_the_catalog_the_badges_and_the_debt(book, tmp_path):
    build(book, tmp_path / "site")
    exported = run("export", "catalog", "-C", book).data
    built = (tmp_path / "site/catalog.json").read_text("utf-8")
    assert '"page": "models/ryl.html"' in built
    schema = json.loads((REPOSITORY / "generator/exports/catalog.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(exported)
    assert [node["ref"] for node in exported["nodes"]] == ["model:ryl", "person:p", "team:t"]
    assert (tmp_path / "site/assets/modelbook/badges/t.svg").is_file()
    assert (tmp_path / "site/debt.html").is_file()
    assert 'href="debt.html"' in (tmp_path / "site/index.html").read_text("utf-8")


def test_export_writes_to_stdout_or_to_a_file(book, tmp_path):
    for command in (["dot"], ["backstage"], ["readme", "ryl"], ["catalog"]):
        path = tmp_path / "out" / command[0]
        told = run("export", *command, "-C", book)
        ran = run("export", *command, "-C", book, "-o", path)
        assert (ran.code, ran.out) == (0, "")
        assert path.read_text("utf-8") == told.out != ""
    assert run("export", "readme", "nope", "-C", book).code == 2


CSV = "Model name,Description,Owner,Point person,Colour\nFoo,Does foo,t,p,red\nRestaurants,Ranks,t,p,\n"


def test_import_reports_written_skipped_and_omitted_items(book, tmp_path):
    (tmp_path / "models.csv").write_text(CSV, "utf-8")
    arguments = ("import", "csv", tmp_path / "models.csv", "--column", "Point person=contacts.ds", "-C", book)
    ran = run(*arguments)
    assert ran.code == 0
    assert "wrote cards/models/Foo.yml" in ran.out
    assert "column 'Colour'" in ran.out.partition("Left out")[2]
    assert "column 'Point person': contacts.ds (as given)" in ran.out
    assert run("check", "-C", book).code == 0
    before = {path: path.read_bytes() for path in book.rglob("*") if path.is_file()}
    again = run(*arguments, "--json")
    assert (again.code, again.data["written"]) == (0, [])
    assert "cards/models/Foo.yml" in [one["path"] for one in again.data["skipped"]]
    assert {path: path.read_bytes() for path in book.rglob("*") if path.is_file()} == before


def test_many_omissions_for_one_reason_are_one_line(book, tmp_path):
    for number in range(10, 22):
        path = tmp_path / "chart" / "templates" / f"{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kind: InferenceService\nname: {{ .Values.name }}\n", "utf-8")
    lines = run("import", "kserve", tmp_path / "chart", "-C", book).out.partition("Left out")[2].splitlines()
    (line,) = (line for line in lines if "templates/" in line)
    assert line.startswith("  templates/10.yaml, templates/11.yaml, templates/12.yaml and 9 more: a template of Helm, ")
    assert len(run("import", "kserve", tmp_path / "chart", "-C", book, "--json").data["notes"]) == 12


BACKSTAGE = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop, description: The shop}
spec: {type: service, lifecycle: production, owner: group:default/shop-team}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: elsewhere}
spec: {targets: [./x.yaml]}
"""
OPENAPI = """openapi: 3.1.0
info: {title: Scorer, version: '1'}
servers: [{url: https://ml.example.com}]
paths:
  /score:
    post:
      summary: Scores.
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
"""


@pytest.mark.parametrize(
    ("kind", "name", "text", "card"),
    [
        ("backstage", "catalog-info.yaml", BACKSTAGE, "systems/shop.yml"),
        ("openapi", "scorer.yaml", OPENAPI, "contracts/scorer.yaml"),
        ("huggingface", "README.md", "---\nlicense: mit\n---\n# Intent\n\nTells intents apart.\n", "models/"),
    ],
)
def test_each_import_writes_readable_drafts(book, tmp_path, kind, name, text, card):
    source = tmp_path / "intent" / name
    source.parent.mkdir()
    source.write_text(text, "utf-8")
    ran = run("import", kind, source.parent if kind == "huggingface" else source, "-C", book, "--json")
    assert ran.code == 0
    assert any(path.startswith(f"cards/{card}") for path in ran.data["written"])
    codes = {one["code"] for one in run("check", "-C", book, "--format", "json").data["findings"]}
    assert not {code for code in codes if code.startswith("MB0")}


def test_an_import_of_a_missing_source_is_a_usage_error(book, tmp_path):
    for kind in ("backstage", "openapi", "huggingface", "csv", "mlflow"):
        ran = run("import", kind, tmp_path / "nothing", "-C", book)
        assert (ran.code, ran.out) == (2, ""), kind


def test_a_spinner_is_shown_on_a_terminal_after_the_delay():
    screen = io.StringIO()
    with show_spinner("reading", 0.01, Console(file=screen, force_terminal=True)):
        deadline = time.monotonic() + 60
        while "reading" not in screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "reading" in screen.getvalue()


@pytest.mark.parametrize(("terminal", "patience"), [(True, 600), (False, 0.01)], ids=["quick work", "no terminal"])
def test_no_spinner_is_shown(terminal, patience):
    screen = io.StringIO()
    with show_spinner("reading", patience, Console(file=screen, force_terminal=terminal)):
        time.sleep(0.2)
    assert screen.getvalue() == ""


@pytest.mark.parametrize(("wish", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["", "NO_COLOR"])
def test_colours_are_printed_only_on_terminals_without_no_color(wish, coloured):
    command = ("explain", "MB101")
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | wish
    ours, theirs = pty.openpty()
    process = get_command_server().start("modelbook", command, REPOSITORY, environment, streams=[theirs] * 3)
    assert process.wait() == 0
    os.close(theirs)
    assert (b"\x1b[1m" in os.read(ours, 4096)) is coloured
    os.close(ours)
    assert "\x1b" not in as_a_user(*command, cwd=REPOSITORY, **wish).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["leave", "p", "--on", "30.11.2026"], "invalid day '30.11.2026': expected YYYY-MM-DD; write it as 2026-11-30"),
        (["check", "--today", "2027-13-01"], "invalid day '2027-13-01': there is no month 13"),
        (["who", "ryl", "--today", "tomorrow"], "invalid day 'tomorrow': expected YYYY-MM-DD; write it as in 2025"),
    ],
)
def test_an_invalid_day_has_the_same_message_as_in_cards(book, arguments, told):
    ran = run(*arguments, "-C", book)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "%Y" not in ran.err


WRITING = (["check", "-o"], ["check", "--write-baseline"], ["export", "dot", "-o"], ["export", "catalog", "-o"],
           ["debt", "--badge-dir"], ["render", "--out"])  # fmt: skip


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_an_unwritable_path_is_a_usage_error(book, tmp_path, command):
    (tmp_path / "file").write_text("no folder", "utf-8")
    ran = run(*command, tmp_path / "file/below/x", "-C", book)
    assert (ran.code, ran.out) == (2, "")
    last = ran.err.splitlines()[-1]
    assert last.startswith("modelbook: ")
    assert last.endswith("cannot be written: Not a directory")


def test_a_report_in_a_missing_folder_is_a_usage_error(book, tmp_path):
    ran = run("check", "-C", book, "-o", tmp_path / "missing/x")
    assert (ran.code, ran.err) == (
        2,
        f"modelbook: {tmp_path / 'missing/x'} cannot be written: No such file or directory\n",
    )


def test_an_unwritable_schema_card_or_book_is_a_usage_error(book, tmp_path):
    (tmp_path / "file").write_text("no folder", "utf-8")
    (book / ".modelbook").write_text("no folder", "utf-8")
    for command in (
        ["schema", "-o", tmp_path / "file/x"], ["init", tmp_path / "file/book"], ["new", "model", "other", "-C", book],
    ):  # fmt: skip
        ran = run(*command)
        assert (ran.code, ran.out) == (2, "")
        assert "cannot be written" in ran.err


def test_today_option_overrides_as_of(tmp_path):
    book = write_book(tmp_path, {"ryl.yml": MODEL + "review_by: 2027-01-01\n", "t.yml": TEAM})  # as_of: 2026-11-20
    assert "2027-01-01" not in run("check", "-C", book).out
    assert "review_by: 2027-01-01" in run("check", "-C", book, "--today", "2027-02-01").out


def test_unwritable_drafts_are_a_usage_error(book, tmp_path):
    (book / "cards/models").write_text("no folder", "utf-8")
    (tmp_path / "models.csv").write_text("id,name\neta,Arrival\n", "utf-8")
    ran = run("import", "csv", tmp_path / "models.csv", "-C", book)
    assert (ran.code, ran.out) == (2, "")
    assert "cards/models" in ran.err
    assert "cannot be written" in ran.err


def test_the_next_command_can_be_pasted(tmp_path, monkeypatch):
    told = run("init", tmp_path / "our book").out
    assert f"next: cd '{tmp_path / 'our book'}' && modelbook check && modelbook serve" in told
    monkeypatch.chdir(tmp_path)
    assert "next: modelbook check && modelbook serve" in run("init", ".").out


@pytest.mark.parametrize("kind", ["model", "system", "flow", "experiment", "migration", "team", "person", "resource"])
def test_a_new_card_in_a_new_book_has_no_error(tmp_path, kind):
    assert run("init", tmp_path / "book").code == 0
    assert run("new", kind, "churn", "-C", tmp_path / "book").code == 0
    found = run("check", "-C", tmp_path / "book", "--format", "json").data["findings"]
    assert [one["message"] for one in found if one["severity"] == "error"] == []


@pytest.mark.parametrize("lifecycle", ["experimental", "production"])
def test_a_card_that_is_not_filled_in_has_one_finding_in_place_of_its_notes(tmp_path, lifecycle):
    book = write_book(tmp_path, {"t.yml": TEAM}, MKDOCS.replace("2026-11-20", "2026-11-20, functions: {ds: Science}"))
    assert run("new", "model", "basket-fill", "-C", book).code == 0
    path = book / "cards/models/basket-fill.yml"
    path.write_text(path.read_text("utf-8").replace("lifecycle: experimental", f"lifecycle: {lifecycle}"), "utf-8")

    def find_codes() -> list[tuple[str, str]]:
        report = run("check", "-C", book, "--format", "json").data
        return [(one["code"], one["severity"]) for one in report["findings"]]

    found = find_codes()
    assert found.count(("MB418", "warning")) == 1
    assert "info" not in dict(found).values()
    assert (len(found) == 1) == (lifecycle == "experimental")
    text = path.read_text("utf-8")
    path.write_text(text.replace("A description in one line", "Fills the basket"), "utf-8")
    assert "MB418" not in dict(find_codes())
    assert {"MB203", "MB301", "MB302"} <= dict(find_codes()).keys()


def test_a_card_that_is_not_filled_in_keeps_notes_whose_severity_the_book_raises(tmp_path):
    settings = "{as_of: 2026-11-20, functions: {ds: Science}, severities: {MB203: error}}"
    book = write_book(tmp_path, {"t.yml": TEAM}, MKDOCS.replace("{as_of: 2026-11-20}", settings))
    run("new", "model", "basket-fill", "-C", book)
    report = run("check", "-C", book, "--format", "json").data
    assert sorted(one["code"] for one in report["findings"]) == ["MB203", "MB418"]


def test_a_card_that_accepts_its_placeholder_has_its_notes(tmp_path):
    book = write_book(tmp_path, {"t.yml": TEAM})
    run("new", "model", "basket-fill", "-C", book)
    with (book / "cards/models/basket-fill.yml").open("a", encoding="utf-8") as card:
        card.write("x-allow: {MB418: written in June}\n")
    report = run("check", "-C", book, "--format", "json").data
    assert {one["code"] for one in report["findings"]} == {"MB203", "MB301", "MB302"}


def test_a_card_that_is_not_filled_in_keeps_what_it_accepts(tmp_path):
    book = write_book(tmp_path, {"t.yml": TEAM})
    run("new", "model", "basket-fill", "-C", book)
    with (book / "cards/models/basket-fill.yml").open("a", encoding="utf-8") as card:
        card.write("x-allow: {MB301: it starts in June}\n")
    report = run("check", "-C", book, "--format", "json").data
    assert [one["code"] for one in report["findings"]] == ["MB418"]


def test_a_new_card_names_no_departed_person_and_no_deprecated_model(tmp_path):
    gone = "kind: person\nid: a\nname: A\nleft_on: 2026-01-01\n---\nkind: person\nid: b\nname: B\n"
    retired = MODEL.replace("ryl", "a-model").replace("experimental", "retired")
    book = write_book(tmp_path, {"people.yml": gone, "a.yml": retired, "ryl.yml": MODEL.replace("ryl", "z-model")})
    run("new", "model", "churn", "-C", book)
    text = (book / "cards/models/churn.yml").read_text("utf-8")
    assert "\nowners: [b]\n" in text
    assert "\n#fallback: z-model\n" in text
