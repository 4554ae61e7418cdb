from pathlib import Path

import pytest

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.load.cards import load_cards
from generator.names import Ref

MODEL = "kind: model\nid: {0}\nname: {0}\nsummary: Ranks.\nlifecycle: production\nserving: online\n"
CARDS = (
    MODEL.format("ryl") + "consumers: [{system: feed, why: Fills the carousel, surface: Home, criticality: low}]\n",
    MODEL.format("eta"),
    (
        "kind: system\nid: feed\nname: Feed\ntype: service\n"
        "uses: [{model: ryl, why: Ranks it, surface: Home, criticality: high}, {model: eta, why: Shows it}]\n"
    ),
    "kind: system\nid: app\nname: App\ntype: app\n",
    "kind: flow\nid: w\nname: W\nsteps: [{from: 'system:app', calls: 'model:ryl', note: one city}]\n",
)
RYL, ETA, FEED, APP = Ref("model", "ryl"), Ref("model", "eta"), Ref("system", "feed"), Ref("system", "app")


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    (tmp_path / "all.yml").write_text("---\n".join(CARDS))
    cards, findings = load_cards(tmp_path, tmp_path)
    assert not findings
    return build_graph(cards)[0]


def test_declarations_of_both_sides_are_one_use(graph: Graph):
    called, used = list_model_uses(graph, RYL)
    assert (called.system, used.system) == (APP, FEED)
    assert used.whys == ("Fills the carousel", "Ranks it")
    assert used.surfaces == ("Home",)
    assert used.criticality == "high"
    assert used.declared_by == (RYL, FEED)


def test_a_flow_declares_a_use_that_no_card_lists(graph: Graph):
    (use,) = list_system_uses(graph, APP)
    assert (use.model, use.whys) == (RYL, ("one city",))
    assert [(statement.declared_by, statement.step) for statement in use.statements] == [(Ref("flow", "w"), 1)]


def test_both_ends_have_the_same_use(graph: Graph):
    assert [use.model for use in list_system_uses(graph, FEED)] == [ETA, RYL]
    assert list_system_uses(graph, FEED)[1] == list_model_uses(graph, RYL)[1]
    assert list_model_uses(graph, Ref("model", "none")) == ()


def test_a_result_is_computed_once_for_each_graph(graph: Graph):
    asked: list[Graph] = []

    def count(given: Graph) -> int:
        asked.append(given)
        return len(given.edges)

    assert graph.cache_result(count) == graph.cache_result(count) == len(graph.edges)
    assert asked == [graph]
    other = Graph(graph.cards, graph.named, {})
    assert other.cache_result(count) == 0
