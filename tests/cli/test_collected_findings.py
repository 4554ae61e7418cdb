"""The reports of findings on cards that were collected from other repositories."""

import json
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from tests.books import MKDOCS
from tests.cli.running import run
from tests.locked_books import COMMIT, build_model, write_collected_book
from tests.sites import run_modelbook

SARIF = json.loads((Path(__file__).parent / "schemas/sarif-schema-2.1.0.json").read_text("utf-8"))
PLACE = "modelbook/ryl.yml:7 in shop/web"
URL = f"https://github.com/shop/web/blob/{COMMIT}/modelbook/ryl.yml"


@pytest.fixture
def broken(tmp_path) -> Path:
    return write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": build_model("ryl", "nobody")}})


def test_the_text_names_both_places(broken):
    out = run("check", "-C", broken).out
    assert "cards/collected/shop/web/modelbook/ryl.yml:7:10 error MB101" in out
    assert f"\n  source: {PLACE}\n" in out


def test_json_has_the_source_of_a_collected_card_only(broken):
    (broken / "cards/tips.yml").write_text(build_model("tips", "nobody"))
    found = {one["card"]: one for one in run("check", "-C", broken, "--format", "json").data["findings"]}
    source = {"repository": "shop/web", "file": "modelbook/ryl.yml", "line": 7, "column": 10, "url": f"{URL}#L7"}
    assert found["model:ryl"]["source"] == source
    assert "source" not in found["model:tips"]


def test_an_annotation_names_the_source(broken):
    lines = run("check", "-C", broken, "--format", "github").out.splitlines()
    assert any(line.startswith("::error file=cards/collected/") and f"source: {PLACE}" in line for line in lines)


def test_sarif_has_the_source_as_a_related_location(broken):
    report = run("check", "-C", broken, "--format", "sarif").data
    jsonschema.validate(report, SARIF)
    related = next(one for one in report["runs"][0]["results"] if one["ruleId"] == "MB101")["relatedLocations"]
    region = {"startLine": 7, "startColumn": 10}
    assert related == [
        {"message": {"text": PLACE}, "physicalLocation": {"artifactLocation": {"uri": URL}, "region": region}}
    ]


def test_junit_has_the_source_in_the_text_of_a_failure(broken):
    tree = etree.fromstring(run("check", "-C", broken, "--format", "junit").out.encode())
    assert any(f"source: {PLACE}" in (failure.text or "") for failure in tree.iter("failure"))


def test_a_build_that_fails_names_both_places(broken):
    (broken / "docs/index.md").write_text("# Book\n")
    (broken / "mkdocs.yml").write_text(MKDOCS)
    done = run_modelbook("build", cwd=broken)
    assert done.returncode == 1
    assert f"source: {PLACE}" in done.stdout + done.stderr
    assert "ryl.yml:7:10 error MB101" in done.stdout + done.stderr


def test_a_baseline_knows_findings_on_collected_cards(broken):
    assert run("check", "-C", broken, "--write-baseline", broken / "known.json").code == 0
    assert run("check", "-C", broken, "--baseline", broken / "known.json").code == 0
    ryl = broken / "cards/collected/shop/web/modelbook/ryl.yml"
    moved = broken / "cards/collected/shop/web/modelbook/models/ryl.yml"
    moved.parent.mkdir()
    ryl.rename(moved)
    lock = broken / "collect.lock"
    lock.write_text(lock.read_text().replace("modelbook/ryl.yml", "modelbook/models/ryl.yml"))
    assert run("check", "-C", broken, "--baseline", broken / "known.json").code == 0
