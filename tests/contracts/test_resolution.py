"""Contracts of cards that refer to an operation of an OpenAPI file."""

import json

from generator.findings import Position
from generator.schema import Model
from tests.books import MODEL, open_book

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Fraud", "version": "1"},
    "paths": {
        "/score": {
            "put": {
                "operationId": "score",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Payment"},
                            "examples": {"small": {"value": {"amount": 3}}},
                        }
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"risk": {"type": "number"}}},
                                "examples": {"small": {"value": {"risk": 0.1}}},
                            }
                        }
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Payment": {"type": "object", "properties": {"amount": {"type": "number"}}}}},
}


def write_book(tmp_path, contract: str):
    card = f"{MODEL}contract: {contract}\nendpoints: {{production: 'https://e.example.com/score'}}\n"
    return open_book(tmp_path, {"api.json": json.dumps(DOCUMENT), "ryl.yml": card})


def find_contract(project):
    card = project.cards.items[0].card
    assert isinstance(card, Model)
    assert card.contract is not None
    return card.contract


def test_schemas_method_and_examples_come_from_the_operation(tmp_path):
    contract = find_contract(write_book(tmp_path, "{openapi: api.json, operation: score}"))
    assert contract.method == "PUT"
    assert contract.request["$ref"] or contract.request["properties"]["amount"]
    assert contract.response["properties"] == {"risk": {"type": "number"}}
    assert [(example.name, example.request, example.response) for example in contract.examples] == [
        ("small", {"amount": 3}, {"risk": 0.1})
    ]


def test_a_single_operation_is_used_without_a_name(tmp_path):
    assert find_contract(write_book(tmp_path, "{openapi: api.json}")).operation == "score"


def test_values_of_the_card_are_kept(tmp_path):
    contract = find_contract(write_book(tmp_path, "{openapi: api.json, method: POST, request: {type: object}}"))
    assert (contract.method, contract.request) == ("POST", {"type": "object"})


def test_a_missing_operation_is_reported_with_the_closest_one(tmp_path):
    findings = [f for f in write_book(tmp_path, "{openapi: api.json, operation: scor}").findings if f.code == "MB104"]
    assert [finding.position for finding in findings] == [Position("cards/ryl.yml", 8, 42)]
    assert findings[0].hint == "did you mean 'score'?"


def test_the_page_shows_the_fields_and_the_call(tmp_path):
    pages, _ = write_book(tmp_path, "{openapi: api.json, operation: score}").render_pages()
    page = next(page.markdown for page in pages if page.key == "model:ryl")
    assert "<code>amount</code>" in page
    assert "--request PUT https://e.example.com/score" in page


def test_an_example_of_the_card_is_checked_against_the_operation(tmp_path):
    project = write_book(tmp_path, "{openapi: api.json, examples: [{request: {amount: much}, response: {risk: 1}}]}")
    assert "MB306" in {finding.code for finding in project.findings}
