import copy
import io
import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import structs

from generator.evidence.published_book import parse_catalog
from generator.evidence.records import NO_EVIDENCE, AnswerShape, Evidence, NameKind, Verification
from generator.exports.catalog import VERSION, CatalogPieces, Text, render_catalog, to_written_data, update_catalog
from generator.graph.edges import Graph, Relation
from generator.graph.resolve import build_graph
from generator.load.cards import Cards, load_cards
from generator.names import Ref
from generator.printable import escape_json
from generator.schema import KINDS
from generator.settings import RULE_SETTINGS, Settings
from tests.books import REPOSITORY, open_book
from tests.conftest import Golden
from tests.evidence.records import SCANNED, code_use, scanned, seen_call, traffic_source
from tests.exports.books import hostile, own
from tests.load.writing import as_yaml
from tests.schema.strategies import Data as Written
from tests.schema.strategies import any_card

SCHEMA_FILE = REPOSITORY / "generator/exports/catalog.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_valid_and_current(golden: Golden):
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    schema = copy.deepcopy(SCHEMA)
    schema["$defs"]["edge"]["properties"]["relation"]["enum"] = [one.value for one in Relation]
    golden(SCHEMA_FILE, json.dumps(schema, ensure_ascii=False, indent=2) + "\n")


def test_the_catalog_conforms_to_its_schema(tmp_path: Path):
    for graph in (own(), hostile(tmp_path)):
        text = render_catalog(graph, "Book").join().decode()
        data = json.loads(text)
        assert list(VALIDATOR.iter_errors(data)) == []
        assert text == escape_json(json.dumps(data, ensure_ascii=False, indent=1)) + "\n"


def test_pieces_of_a_catalog_are_replaced(tmp_path: Path):
    cards = "{kind: team, id: t, name: Tüftler}\n---\n{kind: model, id: a, name: A, lifecycle: production, owners: [t]}"
    several = cards + "\n---\n{kind: model, id: b, name: B, lifecycle: production}"
    graphs = [
        own(),
        hostile(tmp_path),
        build_graph(Cards(()))[0],
        *(open_book(tmp_path / name, {"t.yml": text}).graph for name, text in (("two", cards), ("three", several))),
    ]
    for graph in graphs:
        for evidence in (NO_EVIDENCE, Evidence((scanned(), code_use()))):
            without_cards = replace(graph, cards={})
            without_cards.__dict__.update(refs=graph.refs, outgoing={})
            old, new = (_render(one, evidence) for one in (without_cards, graph))
            file, lengths = _write(old)
            assert update_catalog(file + b"\n", lengths, graph.refs, graph, (), {}) is None
            for refs in ((), graph.refs, graph.refs[:1], graph.refs[-1:], graph.refs[::2], graph.refs[1:3]):
                chosen = [ref in refs for ref in graph.refs]
                mixed = CatalogPieces(
                    old.head, _choose(old.nodes, new.nodes, chosen), _choose(old.edges, new.edges, chosen), old.tail
                )
                there = update_catalog(file, lengths, graph.refs, graph, refs, {})
                assert there == _write(mixed)
                assert update_catalog(*there, graph.refs, without_cards, reversed(refs), {}) == (file, lengths)


def _render(graph: Graph, evidence: Evidence) -> CatalogPieces:
    pieces = render_catalog(graph, "Book", evidence=evidence)
    return structs.replace(pieces, nodes=[*pieces.nodes], edges=[*pieces.edges])


def _write(pieces: CatalogPieces) -> tuple[bytes, bytes]:
    file = io.BytesIO()
    lengths = pieces.write(file)
    return file.getvalue(), lengths


def _choose(old: Iterable[Text], new: Iterable[Text], chosen: list[bool]) -> list[Text]:
    return [after if is_new else before for before, after, is_new in zip(old, new, chosen, strict=True)]


def broken(change: Any) -> Any:
    data = json.loads(render_catalog(own(), "Book").join())
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(version=2),
        lambda data: data.pop("edges"),
        lambda data: data["edges"][0].pop("reason"),
        lambda data: data["edges"][0].update(relation="likes"),
        lambda data: data["nodes"][0].update(ref="no reference"),
        lambda data: next(node for node in data["nodes"] if node["card"]).pop("file"),
        lambda data: next(node for node in data["nodes"] if node["card"])["card"].pop("name"),
    ],
)
def test_the_schema_rejects_a_broken_catalog(change: Any):
    assert not VALIDATOR.is_valid(broken(change))


def test_the_catalog_contains_the_whole_book():
    graph = own()
    data = json.loads(render_catalog(graph, "Book", {Ref("model", "ryl"): "models/ryl/"}).join())
    assert [node["ref"] for node in data["nodes"]] == [str(ref) for ref in graph.refs]
    assert len(data["edges"]) == len(graph.edges)
    ryl = next(node for node in data["nodes"] if node["ref"] == "model:ryl")
    assert ryl["page"] == "models/ryl/"
    assert ryl["owners"] == [
        str(edge.target) for edge in graph.list_outgoing_edges(Ref("model", "ryl"), Relation.OWNED_BY)
    ]
    named = {node["ref"] for node in data["nodes"] if node["card"] is None}
    assert named == {str(ref) for ref in graph.named}


def test_evidence_is_in_the_catalog_without_names_of_people():
    leaver = code_use("person:karan", kind=NameKind.EMAIL, name="karan@example.com")
    verified = Verification(ref="model:ryl", environment="staging", day=SCANNED, shape=AnswerShape.VALID)
    evidence = Evidence((scanned(), code_use(), leaver), (traffic_source(), seen_call()), (verified,))
    data = json.loads(render_catalog(own(), "Book", evidence=evidence).join())
    assert list(VALIDATOR.iter_errors(data)) == []
    found = data["evidence"]
    assert [len(found[key]) for key in ("repositories", "uses", "calls", "verifications")] == [1, 1, 1, 1]
    assert found["uses"][0]["places"] == [{"file": "config/app.yaml", "line": 3, "column": 1}]
    assert (found["code_on"], found["traffic_on"]) == ("2026-11-19", "2026-11-19")
    assert "karan@example.com" not in json.dumps(found)
    assert "evidence" not in json.loads(render_catalog(own(), "Book").join())


def test_settings_of_rules_are_in_the_catalog_and_no_others():
    verify = {"headers": {"Authorization": "Bearer $TOKEN"}}
    chosen = {"severities": {"MB203": "off"}, "as_of": "2026-11-20", "repositories": ["/home/me"], "verify": verify}
    rules = Settings.model_validate(chosen)
    data = json.loads(render_catalog(own(), "Book", settings=rules).join())
    assert list(VALIDATOR.iter_errors(data)) == []
    stated = data["settings"]
    assert sorted(stated) == sorted(RULE_SETTINGS)
    assert Settings.model_validate(stated) == Settings(as_of=date(2026, 11, 20), severities={"MB203": "off"})
    assert "settings" not in json.loads(render_catalog(own(), "Book").join())


def test_a_card_can_be_read_from_its_data(tmp_path: Path):
    for graph in (own(), hostile(tmp_path)):
        for loaded in graph.cards.values():
            data = json.loads(json.dumps(to_written_data(loaded.card)))
            assert KINDS[loaded.card.kind].model_validate(data) == loaded.card


def test_the_order_of_the_cards_has_no_effect():
    graph = own()
    cards = Cards(tuple(reversed(list(graph.cards.values()))))
    assert render_catalog(build_graph(cards)[0], "Book").join() == render_catalog(graph, "Book").join()


@settings(max_examples=60, deadline=None)
@given(st.lists(any_card, min_size=1, max_size=4), st.sampled_from(["", "# Why\n\nFor *you*."]))
def test_the_cards_of_a_catalog_are_those_of_the_book(drawn: list[Written], prose: str):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cards").mkdir()
        (folder / "cards/all.yml").write_text("\n---\n".join(map(as_yaml, drawn[1:])) or "# no card\n", "utf-8")
        (folder / "cards/one.md").write_text(f"---\n{as_yaml(drawn[0])}\n---\n{prose}", "utf-8")
        cards = load_cards(folder / "cards", folder)[0]
    content = render_catalog(build_graph(cards)[0], "Book").join()
    book = parse_catalog(content, "catalog.json")
    assert (book.unreadable, {card.ref: card for card in book.cards}) == (0, {one.ref: one.card for one in cards.items})
    published = {node.ref: (node.file, node.line, node.prose) for node in book.nodes}
    assert published == {str(one.ref): (one.at().file, one.at().line, one.body) for one in cards.items}
