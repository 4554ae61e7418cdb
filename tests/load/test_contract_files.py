"""The files that contracts include."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.load.bind import LoadedCard, bind_card
from generator.load.cards import load_cards
from generator.load.contract_files import SharedFiles, resolve_contract_files
from generator.load.files import Folder
from generator.load.yaml_reader import read_documents
from generator.schema.model import Contract, Model

MODEL = "kind: model\nid: ryl\nname: RYL\nsummary: It ranks\nlifecycle: retired\nserving: online\n"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    folder = tmp_path / "cards"
    (folder / "contracts").mkdir(parents=True)
    return folder


def loaded(cards: Path, contract: str) -> LoadedCard:
    (cards / "ryl.yml").write_text(f"{MODEL}contract: {contract}\n")
    book, findings = load_cards(cards, cards.parent)
    assert findings == []
    assert [str(item.ref) for item in book.items] == ["model:ryl"]
    return book.items[0]


def contract_of(item: LoadedCard) -> Contract:
    assert isinstance(item.card, Model)
    assert item.card.contract is not None
    return item.card.contract


@pytest.mark.parametrize("name", ["request.yml", "request.yaml", "request.json", "request"])
def test_a_schema_comes_from_a_file(cards: Path, name: str):
    (cards / "contracts" / name).write_text('{"type": "object", "required": ["city"], "maxProperties": 2}')
    contract = contract_of(loaded(cards, f"{{request: {{$ref: contracts/{name}}}}}"))
    assert contract.request == {"type": "object", "required": ["city"], "maxProperties": 2}


def test_an_example_comes_from_a_file(cards: Path):
    (cards / "contracts" / "answer.yml").write_text("items: [{score: 0.91, city: 2.10, open: on}]")
    contract = contract_of(loaded(cards, "{examples: [{request: {a: 1}, response: {$ref: contracts/answer.yml}}]}"))
    assert contract.examples[0].request == {"a": 1}
    assert contract.examples[0].response == {"items": [{"score": 0.91, "city": 2.1, "open": "on"}]}


def test_a_part_of_a_file_brings_its_definitions(cards: Path):
    definitions = {"city": {"type": "string"}}
    schemas: dict[str, Any] = {
        "$defs": definitions,
        "definitions": {},
        "request": {"properties": {"city": {"$ref": "#/$defs/city"}}},
    }
    (cards / "contracts" / "all.json").write_text(json.dumps(schemas))
    contract = contract_of(loaded(cards, "{request: {$ref: contracts/all.json#/request}}"))
    assert contract.request == {"$defs": definitions, "definitions": {}, **schemas["request"]}


def test_references_within_a_part_are_relative_to_the_file(cards: Path):
    node = {"properties": {"next": {"$ref": "#/components/schemas/Node"}, "id": {"$ref": "#/components/schemas/Id"}}}
    schemas = {"Node": node, "Id": {"$ref": "#/shared/0"}, "Other": {"$ref": "other.yml"}}
    document = {"openapi": "3.1.0", "components": {"schemas": schemas}, "shared": [{"type": "string"}]}
    (cards / "contracts" / "api.json").write_text(json.dumps(document))
    contract = contract_of(loaded(cards, "{request: {$ref: 'contracts/api.json#/components/schemas/Node'}}"))
    assert contract.request == {
        "components": {"schemas": {"Node": node, "Id": {"$ref": "#/shared/0"}}}, "shared": [{"type": "string"}], **node
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "value"), [("/a~1b/c~0d", 1), ("/with%20space", 2), ("/list/1", 4), ("/", 5), ("/list", [3, 4])]
)
def test_a_pointer_is_read_as_its_standard_says(cards: Path, pointer: str, value: object):
    data = {"a/b": {"c~d": 1}, "with space": 2, "list": [3, 4], "": 5}
    (cards / "contracts" / "all.json").write_text(json.dumps(data))
    contract = contract_of(loaded(cards, f'{{request: {{$ref: "contracts/all.json#{pointer}"}}}}'))
    assert contract.request == value


@pytest.mark.parametrize("text", ["😀", "a\\u", "\\😀", "\\\\ud83d", '"', "\t", "\u2028", "/"])
def test_every_text_that_json_can_write_is_read(cards: Path, text: str):
    (cards / "contracts" / "all.json").write_text(json.dumps({"const": text}, indent="\t"))
    assert contract_of(loaded(cards, "{request: {$ref: contracts/all.json}}")).request == {"const": text}


def test_an_openapi_file_is_read_next_to_the_contract(cards: Path):
    (cards / "contracts" / "api.yml").write_text("openapi: 3.1.0\npaths: {/predict: {post: {operationId: predict}}}\n")
    item = loaded(cards, "{openapi: contracts/api.yml, operation: predict}")
    assert item.openapi == {"openapi": "3.1.0", "paths": {"/predict": {"post": {"operationId": "predict"}}}}
    assert contract_of(item).openapi == "contracts/api.yml"


def test_a_contract_without_files_is_not_copied(tmp_path: Path):
    (document,), _ = read_documents(
        f"{MODEL}contract: {{request: {{type: object}}, examples: [{{request: {{a: 1}}}}]}}", "ryl.yml"
    )
    card, _ = bind_card(document)
    assert card is not None
    resolved, _, _ = resolve_contract_files(card, Folder(tmp_path, tmp_path), SharedFiles())
    assert resolved.card is card.card


def test_references_within_a_schema_stay(cards: Path):
    schema = "{$defs: {city: {type: string}}, properties: {city: {$ref: '#/$defs/city'}}, examples: [{$ref: a.yml}]}"
    contract = contract_of(loaded(cards, f"{{request: {schema}, response: {{$ref: '#'}}}}"))
    assert contract.request["properties"] == {"city": {"$ref": "#/$defs/city"}}
    assert contract.response == {"$ref": "#"}


def test_a_card_in_a_subfolder_refers_relative_to_its_own_folder(cards: Path):
    (cards / "models").mkdir()
    (cards / "contracts" / "a.yml").write_text("type: object")
    (cards / "models" / "ryl.yml").write_text(f"{MODEL}contract: {{request: {{$ref: ../contracts/a.yml}}}}\n")
    book, findings = load_cards(cards, cards.parent)
    assert findings == []
    assert contract_of(book.items[0]).request == {"type": "object"}


def test_a_linked_file_within_the_folder_is_no_card_either(cards: Path):
    (cards / "contracts" / "a.yml").write_text("type: object")
    (cards / "contracts" / "link.yml").symlink_to("a.yml")
    assert contract_of(loaded(cards, "{request: {$ref: contracts/link.yml}}")).request == {"type": "object"}


def test_a_file_that_no_contract_refers_to_should_be_a_card(cards: Path):
    (cards / "contracts" / "a.yml").write_text("city: text")
    (cards / "ryl.yml").write_text(MODEL)
    _, findings = load_cards(cards, cards.parent)
    assert [(finding.code, finding.position.file) for finding in findings] == [("MB009", "cards/contracts/a.yml")]


def test_the_part_of_another_card_may_be_meant(cards: Path):
    (cards / "tpfy.yml").write_text(MODEL.replace("ryl", "tpfy") + "contract: {request: {type: object}}\n")
    (cards / "ryl.yml").write_text(f"{MODEL}contract: {{request: {{$ref: tpfy.yml#/contract/request}}}}\n")
    book, findings = load_cards(cards, cards.parent)
    assert findings == []
    assert [str(item.ref) for item in book.items] == ["model:ryl", "model:tpfy"]
    assert contract_of(book.items[0]).request == {"type": "object"}


def test_a_finding_about_a_file_names_the_card_that_wants_it(cards: Path):
    (cards / "contracts" / "a.yml").write_text("type: [object")
    (cards / "ryl.yml").write_text(f"{MODEL}contract: {{request: {{$ref: contracts/a.yml}}}}\n")
    book, findings = load_cards(cards, cards.parent)
    assert [(str(finding.position), str(finding.subject)) for finding in findings] == [
        ("cards/contracts/a.yml:1:7", "model:ryl")
    ]
    assert contract_of(book.items[0]).request is None


def notes(cards: Path) -> list[tuple[str, str, str]]:
    _, findings = load_cards(cards, cards.parent)
    return [(finding.position.file, finding.severity, finding.message) for finding in findings]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("openapi: 3.0.3\ninfo: {title: Kitchen}\npaths: {}\n", "OpenAPI document"),
        ('{"swagger": "2.0", "name": "old"}', "OpenAPI document"),
        ('{"$schema": "http://json-schema.org/draft-04/schema#", "id": "a"}', "JSON Schema"),
        ("type: object\nproperties: {name: {type: string}}\n", "JSON Schema"),
        ("type: string\n", "JSON Schema"),
        ("$defs: {dish: {type: string}}\n", "JSON Schema"),
    ],
)
def test_a_contract_that_no_card_refers_to_is_a_note(cards: Path, text: str, what: str):
    path = cards / "contracts" / "kitchen.yaml"
    path.write_text(text)
    assert notes(cards) == [("cards/contracts/kitchen.yaml", "info", f"no card refers to this {what}")]


def test_a_contract_that_a_card_refers_to_needs_no_note(cards: Path):
    (cards / "contracts" / "kitchen.yaml").write_text("type: object\n")
    loaded(cards, "{request: {$ref: contracts/kitchen.yaml}}")
    assert notes(cards) == []


def test_a_contract_is_not_called_unused_while_a_card_cannot_be_read(cards: Path):
    (cards / "contracts" / "kitchen.yaml").write_text("type: object\n")
    (cards / "ryl.yml").write_text("kind: model\ncontract: {request: {$ref: contracts/kitchen.yaml}\n")
    assert {(file, severity) for file, severity, _ in notes(cards)} == {("cards/ryl.yml", "error")}


@pytest.mark.parametrize(
    "text",
    ["name: RYL\ntype: service\n", "kind: modle\nproperties: {}\n", "type: {a: 1}\n", "type: service\n", "a: b\n"],
)
def test_a_card_without_its_kind_stays_an_error(cards: Path, text: str):
    (cards / "ryl.yml").write_text(text)
    assert [severity for _, severity, _ in notes(cards)] == ["error"]


@pytest.mark.parametrize("number", ["1e999", "-" + "9" * 5000, "0o" + "7" * 5000, "0x" + "f" * 900_000])
@pytest.mark.parametrize("key", ["request: {{$ref: {}}}", "openapi: {}", "examples: [{{request: {{$ref: {}}}}}]"])
def test_a_number_out_of_range_is_a_finding_at_its_position(cards: Path, number: str, key: str):
    (cards / "contracts" / "all.json").write_text(f'{{"type": "object",\n "maxProperties": {number}}}')
    (cards / "ryl.yml").write_text(f"{MODEL}contract: {{{key.format('contracts/all.json')}}}\n")
    _, findings = load_cards(cards, cards.parent)
    assert [(finding.code, str(finding.position)) for finding in findings] == [
        ("MB013", "cards/contracts/all.json:2:19")
    ]
    assert len(findings[0].message) < 150


def test_a_pair_of_escapes_in_text_that_has_no_escapes_stays(cards: Path):
    (cards / "contracts" / "all.yml").write_text("a: '\\ud83c\\udf72'\nb: \"\\ud83c\\udf72\"\n")
    contract = contract_of(loaded(cards, "{examples: [{request: {$ref: contracts/all.yml}}]}"))
    assert contract.examples[0].request == {"a": r"\ud83c\udf72", "b": "\N{POT OF FOOD}"}


def test_a_pointer_of_a_part_that_has_the_same_key_leads_to_the_file(cards: Path):
    order = {
        "properties": {"line": {"properties": {"dish": {"$ref": "#/properties/code"}}}, "code": {"type": "string"}}
    }
    (cards / "contracts" / "order.json").write_text(json.dumps(order))
    contract = contract_of(loaded(cards, "{request: {$ref: 'contracts/order.json#/properties/line'}}"))
    assert contract.request == {
        "properties": {"dish": {"$ref": "#/x-files/contracts~1order.json/properties/code"}},
        "x-files": {"contracts/order.json": {"properties": {"code": {"type": "string"}}}},
    }


def test_a_schema_may_refer_to_further_files(cards: Path):
    files = {
        "order.yml": "properties: {dish: {$ref: 'parts/dish.yml#/Dish'}, self: {$ref: '#'}}",
        "parts/dish.yml": "Dish: {properties: {order: {$ref: ../order.yml}, side: {$ref: '#/Side'}}}\n"
        "Side: {type: string}",
    }
    (cards / "contracts" / "parts").mkdir()
    for name, text in files.items():
        (cards / "contracts" / name).write_text(text)
    contract = contract_of(loaded(cards, "{request: {$ref: contracts/order.yml}}"))
    dish = "#/x-files/contracts~1parts~1dish.yml"
    assert contract.request["properties"] == {"dish": {"$ref": f"{dish}/Dish"}, "self": {"$ref": "#"}}
    assert contract.request["x-files"] == {
        "contracts/parts/dish.yml": {
            "Dish": {"properties": {"order": {"$ref": "#"}, "side": {"$ref": f"{dish}/Side"}}},
            "Side": {"type": "string"},
        }
    }


def test_a_schema_in_a_card_may_refer_to_a_file(cards: Path):
    (cards / "contracts" / "city.yml").write_text("type: string")
    contract = contract_of(loaded(cards, "{request: {properties: {city: {$ref: contracts/city.yml}}}}"))
    assert contract.request["properties"] == {"city": {"$ref": "#/x-files/contracts~1city.yml"}}
    assert contract.request["x-files"] == {"contracts/city.yml": {"type": "string"}}


def test_an_openapi_document_may_be_in_several_files(cards: Path):
    folder = cards / "contracts"
    (folder / "paths").mkdir()
    (folder / "api.yml").write_text("openapi: 3.1.0\npaths: {/load: {$ref: paths/load.yml}, /gone: {$ref: gone.yml}}")
    (folder / "paths" / "load.yml").write_text("post: {requestBody: {$ref: '../bodies.yml#/Load'}}")
    (folder / "bodies.yml").write_text("Load: {content: {}}")
    openapi: Any = loaded(cards, "{openapi: contracts/api.yml, operation: POST /load}").openapi
    assert openapi["paths"] == {
        "/load": {"$ref": "#/x-files/contracts~1paths~1load.yml"}, "/gone": {"$ref": "gone.yml"},
    }  # fmt: skip
    assert openapi["x-files"]["contracts/paths/load.yml"] == {
        "post": {"requestBody": {"$ref": "#/x-files/contracts~1bodies.yml/Load"}}
    }


@pytest.mark.parametrize(
    ("reference", "code", "message"),
    [
        ("contracts/gone.yml", "MB015", "missing file 'contracts/gone.yml'"),
        ("https://schemas.example.com/a.json", "MB015", "unexpected reference 'https://schemas.example.com/a.json'"),
        ("../outside.yml", "MB006", "'../outside.yml' is outside the cards folder"),
    ],
)
def test_a_reference_within_a_schema_that_leads_nowhere_is_a_finding(
    cards: Path, reference: str, code: str, message: str
):
    (cards.parent / "outside.yml").write_text("type: string")
    (cards / "ryl.yml").write_text(f"{MODEL}contract:\n  request:\n    items: {{$ref: '{reference}'}}\n")
    _, findings = load_cards(cards, cards.parent)
    assert [(one.code, str(one.position)) for one in findings] == [(code, "cards/ryl.yml:9:19")]
    assert findings[0].message.startswith(message)


def test_a_reference_to_a_missing_place_in_a_file_has_a_fix(cards: Path):
    (cards / "list.yml").write_text("- {type: string}\n")
    (cards / "ryl.yml").write_text(f"{MODEL}contract: {{request: {{$ref: 'list.yml#/7'}}}}\n")
    _, findings = load_cards(cards, cards.parent)
    assert [(one.code, one.hint) for one in findings] == [("MB015", "name a place that the file has")]


def test_a_file_that_several_cards_share_is_read_once(cards: Path, monkeypatch: pytest.MonkeyPatch):
    (cards / "order.json").write_text('{"$ref": "parts.json"}', encoding="utf-8")
    (cards / "parts.json").write_text('{"type": "string"}', encoding="utf-8")
    (cards / "api.json").write_text('{"openapi": "3.1.0", "paths": {}}', encoding="utf-8")
    contract = "{openapi: api.json, request: {$ref: order.json}, response: {$ref: order.json}}"
    (cards / "extra").mkdir()
    for folder, path in (("", ""), ("extra/", "../")):
        for name in ("a", "b"):
            text = contract.replace(": api", f": {path}api").replace(": order", f": {path}order")
            card = f"{{kind: model, name: M, lifecycle: experimental, serving: offline, summary: s, contract: {text}}}"
            (cards / f"{folder}{name}{folder[:1]}.yml").write_text(card, encoding="utf-8")
    read: list[str] = []

    def count_reads(text: str, file: str) -> object:
        read.append(file)
        return read_documents(text, file)

    monkeypatch.setattr("generator.load.contract_files.read_documents", count_reads)
    found, findings = load_cards(cards, cards.parent)
    assert findings == []
    assert sorted(read) == ["cards/api.json", "cards/order.json", "cards/parts.json"]
    assert len(found.items) == 4
    first, second = found.items[:2]
    assert first.openapi is second.openapi is not None
    assert contract_of(first).request is contract_of(second).request is not None


def test_a_shared_file_with_a_mistake_is_reported_for_each_card(cards: Path):
    (cards / "order.json").write_text('{"$ref": "none.json"}', encoding="utf-8")
    for name in ("a", "b"):
        text = f"{{kind: model, name: {name}, lifecycle: experimental, serving: offline, summary: s, "
        (cards / f"{name}.yml").write_text(f"{text}contract: {{request: {{$ref: order.json}}}}}}", encoding="utf-8")
    _, findings = load_cards(cards, cards.parent)
    assert [(finding.code, str(finding.subject)) for finding in findings] == [
        ("MB015", "model:a"),
        ("MB015", "model:b"),
    ]
