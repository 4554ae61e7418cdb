from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.results import write_drafts
from generator.exports.backstage import render_backstage
from generator.graph.edges import FLOWING, Graph, Relation
from generator.load.cards import load_cards
from generator.names import Ref
from generator.schema import Model
from tests.conftest import Golden
from tests.exports.books import graph_of, hostile, own

HERE = Path(__file__).parent
NO_ENTITIES = {"flow", "experiment", "migration"}


def back(graph: Graph, folder: Path) -> Graph:
    """The book after the way to Backstage and back."""
    drafts = import_backstage([CatalogFile.parse(render_backstage(graph), "catalog-info.yaml")])
    write_drafts(drafts, folder / "cards")
    cards, findings = load_cards(folder / "cards", folder)
    assert findings == []
    return graph_of(cards)


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


def test_export_and_import_keep_a_contract(tmp_path: Path):
    again = back(own(), tmp_path)
    card = again.cards[Ref("model", "ryl")].card
    assert isinstance(card, Model)
    assert card.contract is not None
    assert card.contract.operation == "ryl"
    assert card.endpoints["production"] == "https://ml.example.com/v1/models/ryl:predict"


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
