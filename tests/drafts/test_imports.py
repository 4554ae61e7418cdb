"""Imports of real documents: the result is a golden file, and every draft loads."""

import json
from pathlib import Path

import pytest

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.huggingface import import_huggingface, read_readme
from generator.drafts.openapi import import_openapi
from generator.drafts.results import ImportResult
from generator.drafts.spreadsheet import import_spreadsheet
from generator.graph.resolve import build_graph
from generator.names import Ref
from generator.schema import Model, System
from tests.conftest import Golden
from tests.drafts.draft_loading import load_drafts, render_result

HERE = Path(__file__).parent
REAL = HERE / "real"
FUNCTIONS = {"ds": "Data Science", "product": "Product", "merch_ops": "Merch Operations"}


def _readme(name: str) -> ImportResult:
    return import_huggingface(read_readme(REAL / name), name)


def _document(name: str) -> ImportResult:
    return import_openapi((REAL / name).read_text(encoding="utf-8"), name, models=["ryl"])


def _sheet() -> ImportResult:
    return import_spreadsheet((REAL / "models.csv").read_bytes(), "models.csv", FUNCTIONS)


def _catalog() -> ImportResult:
    text = (REAL / "catalog-info.yaml").read_text(encoding="utf-8")
    return import_backstage([CatalogFile.parse(text, "catalog-info.yaml")])


IMPORTS = {
    "all-minilm-l6-v2": lambda: _readme("all-minilm-l6-v2"),
    "trainer-card": lambda: _readme("trainer-card"),
    "hub-template": lambda: _readme("hub-template"),
    "dataplane": lambda: _document("dataplane.json"),
    "predictions": lambda: _document("predictions.yaml"),
    "catalog-info": _catalog,
    "models": _sheet,
}


@pytest.mark.parametrize("name", IMPORTS)
def test_drafts_of_a_real_document(name: str, tmp_path: Path, golden: Golden):
    drafts = IMPORTS[name]()
    load_drafts(drafts, tmp_path)
    golden(HERE / "golden" / f"{name}.txt", render_result(drafts))


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_are_deterministic(name: str):
    assert IMPORTS[name]() == IMPORTS[name]()


def test_the_contract_of_an_imported_document_loads(tmp_path: Path):
    cards = load_drafts(_document("dataplane.json"), tmp_path)
    infer = cards.by_ref[Ref("model", "ryl")]
    assert isinstance(infer.card, Model)
    assert infer.card.contract is not None
    assert infer.card.contract.operation == "model-inference"
    assert isinstance(infer.openapi, dict)
    assert "InferenceRequest" in infer.openapi["components"]["schemas"]


def test_uses_and_dependencies_of_a_catalog_are_kept(tmp_path: Path):
    graph, findings = build_graph(load_drafts(IMPORTS["catalog-info"](), tmp_path))
    web = graph.cards[Ref("system", "artist-web")].card
    assert isinstance(web, System)
    assert [use.model for use in web.uses] == ["artist-recommender"]
    assert web.depends_on == ("database:artists-db", "system:artist-lookup", "system:elsewhere")
    assert {edge.target for edge in graph.list_outgoing_edges(Ref("model", "artist-recommender"))} >= {
        Ref("database", "artists-db"),
        Ref("system", "artist-lookup"),
        Ref("team", "artist-relations-team"),
    }
    assert [finding.message for finding in findings] == ["unknown system 'elsewhere'"]


def write_content(number: int) -> dict[str, object]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/Record{number}"}}}


def write_large_document() -> str:
    """Return an OpenAPI document of 60 paths with 300 schemas, each of which refers to the next."""
    schemas = {
        f"Record{number}": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string", "maxLength": 40},
                "next": {"$ref": f"#/components/schemas/Record{(number + 1) % 300}"},
                "scores": {"type": "array", "items": {"type": "number"}},
            },
        }
        for number in range(300)
    }
    paths = {
        f"/v1/models/model{number}:predict": {
            "post": {
                "operationId": f"predict{number}",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Record{number}"}}}
                },
                "responses": {
                    "200": {
                        "description": "A prediction",
                        "content": {
                            "application/json": {"schema": {"$ref": f"#/components/schemas/Record{number * 4}"}}
                        },
                    }
                },
            }
        }
        for number in range(60)
    }
    info = {"title": "Predictions", "version": "1"}
    return json.dumps({"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}, indent=1)


def test_drafts_of_a_large_document(tmp_path: Path):
    text = write_large_document()
    drafts = import_openapi(text, "large.json")
    cards = [file for file in drafts.files if file.ref is not None]
    document = next(file for file in drafts.files if file.ref is None)
    assert len(cards) > 15
    assert document.text == text
    load_drafts(ImportResult((cards[0], document)), tmp_path)
