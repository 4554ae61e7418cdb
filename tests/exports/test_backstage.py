import json
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.contracts.openapi import resolve_contracts
from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.results import write_drafts
from generator.exports.backstage import render_backstage
from generator.exports.catalog import to_written_data
from generator.graph.edges import FLOWING, Graph, Relation
from generator.load.cards import load_cards
from generator.names import Ref
from generator.schema import Card, Model
from tests.conftest import Golden
from tests.exports.books import graph_of, hostile, own
from tests.load.writing import as_yaml
from tests.schema.strategies import Data, cards

HERE = Path(__file__).parent
NO_ENTITIES = {"flow", "experiment", "migration"}


def back(graph: Graph, folder: Path) -> Graph:
    """The book after the way to Backstage and back."""
    drafts = import_backstage([CatalogFile.parse(render_backstage(graph), "catalog-info.yaml")])
    write_drafts(drafts, folder / "cards")
    cards, findings = load_cards(folder / "cards", folder)
    assert findings == []
    return graph_of(resolve_contracts(cards)[0])


def names(graph: Graph) -> dict[Ref, str]:
    return {ref: graph.get_name(ref) for ref in graph.refs if ref.kind not in NO_ENTITIES}


def pairs(graph: Graph, *relations: Relation) -> set[tuple[Ref, Ref]]:
    return {
        (edge.source, edge.target)
        for edge in graph.edges
        if edge.relation in relations and edge.source.kind not in NO_ENTITIES and edge.target.kind not in NO_ENTITIES
    }


def test_export_and_import_keep_names_owners_and_dependencies(tmp_path: Path):
    graph = own()
    again = back(graph, tmp_path)
    assert names(again) == names(graph)
    assert pairs(again, Relation.OWNED_BY) == pairs(graph, Relation.OWNED_BY)
    assert pairs(again, Relation.MEMBER_OF) == pairs(graph, Relation.MEMBER_OF)
    # what reads features is told by the features as well, which Backstage does not know: the dependency is the same
    assert pairs(again, *FLOWING) == pairs(graph, *FLOWING)


def list_cards(graph: Graph) -> dict[Ref, tuple[Data, str]]:
    """The written fields and the prose of the cards that Backstage has an entity for; an import adds the tag draft."""

    def list_fields(card: Card) -> Data:
        fields = {key: value for key, value in to_written_data(card).items() if value not in ([], {})}
        tags = dict.fromkeys(" ".join(tag.split()) for tag in card.tags if tag != "draft")
        return {**fields, "tags": list(tags)}

    return {
        ref: (list_fields(loaded.card), loaded.body)
        for ref, loaded in graph.cards.items()
        if ref.kind not in NO_ENTITIES
    }


def test_export_and_import_keep_the_cards_of_the_demo(tmp_path: Path):
    graph = own()
    before, after = list_cards(graph), list_cards(back(graph, tmp_path))
    for ref, (fields, body) in before.items():
        # The dependencies in flows, which have no entity, are `depends_on` of their systems then.
        again = after[ref][0]
        for key in ("uses", "depends_on"):
            stated = fields.get(key, [])
            assert again.pop(key, [])[: len(stated)] == stated
            fields.pop(key, None)
        for contract in (fields.get("contract", {}), again.get("contract", {})):
            contract.pop("openapi", None)  # the import writes the document under a name of its own
        assert (again, after[ref][1]) == (fields, body)


POOL = st.sampled_from(["a", "b", "c.d", "E"])
KINDS_WITH_ENTITIES = ("model", "system", "team", "person", "resource")
# What may be lost: flows, experiments and migrations, for which Backstage has no kind of entity (their dependencies
# are kept, without the notes); the comments and the form of the files; a tag that is repeated, and the white space
# within a tag.
BOOKS = st.lists(st.sampled_from(KINDS_WITH_ENTITIES).flatmap(cards), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.data(), BOOKS)
def test_export_and_import_lose_nothing(data: st.DataObject, drawn: list[Data]):
    for card in drawn:
        card["id"] = data.draw(POOL)
        if card["kind"] in {"model", "system", "resource"} and data.draw(st.booleans()):
            card["owners"] = data.draw(st.lists(POOL, max_size=3))
        if card["kind"] == "system":
            card["uses"] = [{"model": one, "why": "w"} for one in data.draw(st.lists(POOL, max_size=2, unique=True))]
            card["depends_on"] = data.draw(st.lists(POOL.map("system:{}".format), max_size=2, unique=True))
        if card["kind"] == "model":
            systems = data.draw(st.lists(POOL, max_size=2, unique=True))
            card["consumers"] = [{"system": one, "why": "w"} for one in systems]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cards").mkdir()
        (folder / "cards/all.yml").write_text("---\n".join(map(as_yaml, drawn)), "utf-8")
        graph = graph_of(load_cards(folder / "cards", folder)[0])
        before = list_cards(graph)
        (folder / "again").mkdir()
        after = list_cards(back(graph, folder / "again"))
    assert {ref: after[ref] for ref in before} == before


@pytest.mark.parametrize("text", ["[1", "3", '{"kind": "team", "id": "x", "owners": {"a": [1]}}', "null", '"x"'])
def test_odd_fields_of_another_catalog_do_no_harm(tmp_path: Path, text: str):
    entity = {
        "kind": "Component", "spec": {"type": "service"},
        "metadata": {"name": "app", "annotations": {"modelbook/ref": "system:app", "modelbook/fields": text}},
    }  # fmt: skip
    drafts = import_backstage([CatalogFile.parse(yaml.safe_dump(entity), "catalog-info.yaml")])
    write_drafts(drafts, tmp_path / "cards")
    cards, findings = load_cards(tmp_path / "cards", tmp_path)
    assert (findings, [str(ref) for ref in cards.by_ref]) == ([], ["system:app"])


def test_a_card_with_prose_and_a_contract_with_a_file_are_kept(tmp_path: Path):
    (tmp_path / "cards").mkdir()
    operation = {"operationId": "scoreAll", "responses": {"200": {"description": "ok"}}}
    (tmp_path / "cards/api.json").write_text(
        json.dumps({"openapi": "3.1.0", "paths": {"/a": {"post": operation}, "/b": {"post": {}}}})
    )
    (tmp_path / "cards/ryl.md").write_text(
        "---\nkind: model\nname: A\nsummary: One. Two.\nlifecycle: production\nserving: both\n"
        "contract: {openapi: api.json, operation: scoreAll, safe: true}\n---\n# Why\n\nFor *you*.\n"
    )
    cards, findings = load_cards(tmp_path / "cards", tmp_path)
    assert findings == []
    graph = graph_of(resolve_contracts(cards)[0])
    (tmp_path / "again").mkdir()
    again = back(graph, tmp_path / "again").cards[Ref("model", "ryl")]
    assert again.body == "# Why\n\nFor *you*."
    assert isinstance(again.card, Model)
    assert (again.card.summary, again.card.notes, again.card.serving) == ("One. Two.", None, "both")
    assert again.card.contract is not None
    assert (again.card.contract.safe, again.card.contract.operation) == (True, "scoreAll")
    assert again.card.contract.openapi == "../contracts/ryl-api.openapi.json"


def test_export_and_import_keep_lifecycles_and_the_tree_of_teams(tmp_path: Path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards/all.yml").write_text(
        "{kind: team, id: ops, name: Operations}\n"
        "---\n{kind: team, id: couriers, name: Couriers, parent: ops}\n"
        "---\n{kind: system, id: old, name: Old, type: service, lifecycle: deprecated, owners: [couriers]}\n"
        "---\n{kind: system, id: app, name: App, type: app}\n",
        encoding="utf-8",
    )
    graph = graph_of(load_cards(tmp_path / "cards", tmp_path)[0])
    (tmp_path / "again").mkdir()
    cards = {str(ref): loaded.card for ref, loaded in back(graph, tmp_path / "again").cards.items()}
    assert getattr(cards["team:couriers"], "parent", None) == "ops"
    assert getattr(cards["system:old"], "lifecycle", None) == "deprecated"
    assert getattr(cards["system:app"], "lifecycle", "") is None


def test_export_and_import_keep_hostile_names(tmp_path: Path):
    graph = hostile(tmp_path)
    (tmp_path / "again").mkdir()
    again = back(graph, tmp_path / "again")
    assert names(again) == names(graph)
    assert pairs(again, Relation.OWNED_BY, *FLOWING) == pairs(graph, Relation.OWNED_BY, *FLOWING)


def test_entities_conform_to_the_rules_of_backstage(tmp_path: Path):
    name = {"type": "string", "pattern": r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$", "maxLength": 63}
    tag = {"type": "string", "pattern": r"^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$", "maxLength": 63}
    link = {"type": "object", "required": ["url"], "properties": {"url": {"pattern": "^https?://"}}}
    schema = {
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": "backstage.io/v1alpha1"},
            "metadata": {
                "required": ["name"],
                "properties": {"name": name, "tags": {"items": tag}, "links": {"items": link}},
            },
        },
    }
    needed = {
        "Component": ["type", "lifecycle", "owner"], "API": ["type", "lifecycle", "owner", "definition"],
        "Resource": ["type", "owner"], "Group": ["type", "children"], "User": ["memberOf"],
    }  # fmt: skip
    for graph in (own(), hostile(tmp_path)):
        entities = list(yaml.safe_load_all(render_backstage(graph)))
        for entity in entities:
            assert list(Draft202012Validator(schema).iter_errors(entity)) == []
            assert set(needed[entity["kind"]]) <= set(entity["spec"])
        keys = [(entity["kind"], entity["metadata"]["name"].lower()) for entity in entities]
        assert len(keys) == len(set(keys))


def test_long_names_are_cut_and_stay_apart(tmp_path: Path):
    cards = "".join(f"---\nkind: team\nid: {'t' * 100}{number}\nname: T{number}\n" for number in range(3))
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "teams.yml").write_text(cards)
    graph = graph_of(load_cards(tmp_path / "cards", tmp_path)[0])
    found = [entity["metadata"]["name"] for entity in yaml.safe_load_all(render_backstage(graph))]
    assert len(set(found)) == 3
    assert max(map(len, found)) <= 63
    (tmp_path / "again").mkdir()
    assert names(back(graph, tmp_path / "again")) == names(graph)


def test_the_hostile_book(tmp_path: Path, golden: Golden):
    golden(HERE / "golden" / "backstage.yaml", render_backstage(hostile(tmp_path)))
