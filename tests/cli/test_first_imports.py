"""The first import of a company: after each of them, a new book builds, and its drafts have a page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import run, run_forked
from tests.drafts.test_platforms import MANIFEST, PROXY, SERVICE
from tests.drafts.test_serving_platforms import ENSEMBLE, PIPELINE
from tests.drafts.test_serving_platforms import SERVICE as BENTO

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: dish-ranker, description: Ranks dishes, tags: [ml-model]}
spec: {type: ml-model, lifecycle: production, owner: group:menu, dependsOn: [resource:orders, component:gone]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: menu-page}
spec: {type: website, lifecycle: in-house, owner: user:ann, dependsOn: [component:dish-ranker]}
"""
OPENAPI = """\
openapi: 3.0.0
info: {title: Scorer, version: "1"}
servers: [{url: http://ml.example.com}]
paths:
  /v1/score:predict:
    post:
      requestBody: {content: {application/json: {schema: {type: object}, example: [1]}}}
      responses: {"200": {description: ok}}
"""
README = "---\nlicense: mit\npipeline_tag: text-classification\n---\n# Intent\n\nFinds the intent of a query.\n"
LIST = "Model,Team,Stage,Contact DS,Used by,Endpoint\nDish ranker,Menu,production,Ann Lee,Menu page,https://ml/x\nFee,,,,,\n"


def write_registry(folder: Path) -> list[str | Path]:
    """Write a file store of MLflow with a model in production that has neither owner nor signature."""
    store = folder / "mlruns"
    for name, text in {
        "0/meta.yaml": "experiment_id: '0'\nname: Default\nlifecycle_stage: active\n",
        "models/ryl/meta.yaml": "name: ryl\ncreation_timestamp: 1\nlast_updated_timestamp: 1\n",
        "models/ryl/version-1/meta.yaml": "name: ryl\nversion: 1\ncurrent_stage: Production\nstatus: READY\n",
    }.items():
        (store / name).parent.mkdir(parents=True, exist_ok=True)
        (store / name).write_text(text, "utf-8")
    return ["mlflow", store]


def write(name: str, text: str, *command: str) -> Callable[[Path], list[str | Path]]:
    def write_source(folder: Path) -> list[str | Path]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return [*command, path.parent if name.endswith("README.md") else path]

    return write_source


SOURCES: dict[str, Callable[[Path], list[str | Path]]] = {
    "csv": write("models.csv", LIST, "csv", "--column", "Contact DS=contacts.ds"),
    "backstage": write("catalog-info.yaml", CATALOG, "backstage"),
    "openapi": write("scorer.yaml", OPENAPI, "openapi"),
    "mlflow": write_registry,
    "huggingface": write("intent/README.md", README, "huggingface"),
    "litellm": write("config.yaml", PROXY, "litellm"),
    "kserve": write("isvc.yaml", SERVICE, "kserve"),
    "seldon": write("pipeline.yaml", PIPELINE, "seldon"),
    "triton": write("config.pbtxt", ENSEMBLE, "triton"),
    "bentoml": write("service.py", BENTO, "bentoml"),
    "dbt": write("manifest.json", json.dumps(MANIFEST), "dbt"),
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book as `modelbook init` makes it."""
    assert run("init", tmp_path / "book").code == 0
    return tmp_path / "book"


@pytest.mark.sample(4)
@pytest.mark.parametrize("source", SOURCES)
def test_a_new_book_builds_right_after_an_import(source: str, book: Path, tmp_path: Path):
    imported = run("import", *SOURCES[source](tmp_path / "source"), "-C", book)
    assert imported.code == 0, imported.err
    assert "next: modelbook build; site/drafts-to-finish.html lists the open points by team\n" in imported.out
    built = run_forked("build", "--strict", "-C", book)
    assert built.code == 0, built.out
    page = (book / "site/drafts-to-finish.html").read_text("utf-8")
    for card in (book / "cards").rglob("*"):
        if card.is_file() and "tags: [draft" in card.read_text("utf-8"):
            assert f"{card.stem}.html" in page


def test_all_imports_together_build(book: Path, tmp_path: Path):
    drafts = [
        run("import", *write_source(tmp_path / name), "-C", book, "--json").data["drafts"]
        for name, write_source in SOURCES.items()
    ]
    assert all(drafts)
    assert run_forked("build", "--strict", "-C", book).code == 0
    found = run("check", "-C", book, "--format", "json").data["findings"]
    assert {one["severity"] for one in found} == {"info"}
    assert {"MB101", "MB203"} <= {one["code"] for one in found if one["softened_from"] == "error"}


def test_an_import_that_writes_nothing_mentions_no_drafts(book: Path, tmp_path: Path):
    command = SOURCES["csv"](tmp_path / "source")
    run("import", *command, "-C", book)
    again = run("import", *command, "-C", book)
    assert again.out.endswith("\n0 files written\n")
    assert "draft:" not in again.out


def test_a_secret_in_a_contract_that_is_copied_is_reported(book: Path, tmp_path: Path):
    source = tmp_path / "api.yaml"
    source.write_text(
        "openapi: 3.0.3\ninfo: {title: Fee, version: '1'}\npaths:\n  /predict:\n    post:\n      operationId: fee\n"
        "      requestBody: {content: {application/json: {schema: {type: string, example: "
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a}}}}\n      responses: {'200': {description: ok}}\n"
    )
    ran = run("import", "openapi", source, "-C", book)
    assert "cards/contracts/api.yaml contains a secret, an error in drafts too" in ran.out
    assert "ghp_" not in ran.out + ran.err


def test_an_import_names_the_drafts_with_a_secret_without_printing_it(book: Path, tmp_path: Path):
    source = tmp_path / "list.csv"
    source.write_text("Model,Remark\nFee,token ghp_abcdefghijklmnopqrstuvwxyz0123456789\nOven,none\n")
    ran = run("import", "csv", source, "-C", book)
    assert "Fee: `notes` had a secret, which was hidden" in ran.out + ran.err
    assert "Oven: `notes` had" not in ran.out + ran.err
    assert "ghp_" not in ran.out + ran.err + (book / "cards/models/Fee.yml").read_text()
    assert run("build", "-C", book).code == 0
