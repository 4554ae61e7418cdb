"""Edges as text: by id with the declaring card, by name with the declaring card if it is another one."""

import pytest

from generator.findings import Position
from generator.graph.edge_text import EdgeText, NamedEdgeText, describe_declaration
from generator.graph.edges import Edge, Relation
from generator.names import Ref
from tests.answers.books import own_book

RYL, FEED, ASHA = Ref("model", "ryl"), Ref("system", "home-feed"), Ref("person", "asha")
FLOW = Ref("flow", "home-ranking")


def edge(
    relation: Relation, target: Ref, declared_by: Ref, *, source: Ref = FEED, role: str = "", step: int = 0
) -> Edge:
    return Edge(source, target, relation, Position("cards/c.yml", 1, 1), declared_by, role=role, step=step)


USE = edge(Relation.USES, RYL, FEED)
USE_BY_MODEL = edge(Relation.USES, RYL, RYL)
CALL = edge(Relation.CALLS, RYL, FLOW, step=6)
DS = edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="ds")
UNKNOWN = edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="unheard_of")
RYL_NAME = "Restaurants You'll Like"


@pytest.fixture(scope="module")
def ids() -> EdgeText:
    return EdgeText(own_book()[1])


@pytest.fixture(scope="module")
def names() -> NamedEdgeText:
    return NamedEdgeText(own_book()[1], {"ds": "Data Science", "merch_ops": "Merch Operations"})


@pytest.mark.parametrize(
    ("edges", "by_id", "by_name"),
    [
        ([USE], "home-feed uses ryl (declared by system:home-feed)", f"Home feed uses {RYL_NAME}"),
        ([USE_BY_MODEL], "home-feed uses ryl (declared by model:ryl)",
         f"Home feed uses {RYL_NAME} (declared by {RYL_NAME})"),
        ([CALL, CALL], "home-feed calls ryl in flow home-ranking, step 6",
         f"Home feed calls {RYL_NAME} in flow Home page ranking, step 6"),
        ([DS], "ryl has asha as contact for ds (declared by model:ryl)",
         f"{RYL_NAME} has Asha Rao as contact for Data Science"),
        ([UNKNOWN], "ryl has asha as contact for unheard_of (declared by model:ryl)",
         f"{RYL_NAME} has Asha Rao as contact for unheard_of"),
    ],
)  # fmt: skip
def test_an_edge_is_described_once(
    ids: EdgeText, names: NamedEdgeText, edges: list[Edge], by_id: str, by_name: str
) -> None:
    assert ids.describe_edges(edges) == (by_id,)
    assert names.describe_edges(edges) == (by_name,)


def test_an_edge_that_its_source_declares_names_no_other_card(names: NamedEdgeText) -> None:
    assert names.describe_edges([USE_BY_MODEL, USE]) == (f"Home feed uses {RYL_NAME}",)


def test_a_use_that_two_cards_and_a_flow_declare_is_one_sentence_with_these_places(ids: EdgeText) -> None:
    places = "model:ryl, system:home-feed, step 6 of flow:home-ranking"
    sentence = f"home-feed uses ryl (declared by {places})"
    assert ids.describe_edges([CALL, USE_BY_MODEL, USE, CALL]) == (sentence,)
    other = edge(Relation.CALLS, Ref("model", "tpfy"), FLOW, step=7)
    assert ids.describe_edges([other, USE]) == (
        "home-feed calls tpfy in flow home-ranking, step 7",
        "home-feed uses ryl (declared by system:home-feed)",
    )


def test_a_fallback_and_a_step_of_a_flow_are_two_sentences(ids: EdgeText) -> None:
    falls = edge(Relation.FALLS_BACK_TO, RYL, Ref("model", "tpfy"), source=Ref("model", "tpfy"))
    reads = edge(Relation.READS, RYL, FLOW, source=Ref("model", "tpfy"), step=2)
    assert len(ids.describe_edges([falls, reads])) == 2


def test_a_role_names_the_function_by_its_title_if_it_is_known(ids: EdgeText, names: NamedEdgeText) -> None:
    contact = edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="merch_ops")
    assert ids.describe_role(contact) == f"contact for merch_ops on {RYL_NAME}"
    assert names.describe_role(contact) == f"contact for Merch Operations on {RYL_NAME}"
    assert names.describe_responsibility(contact) == "contact for Merch Operations"
    for text in (ids, names):
        assert text.describe_role(edge(Relation.OWNED_BY, ASHA, FEED)) == "owns Home feed"
        assert text.describe_role(edge(Relation.STAKEHOLDER, ASHA, FEED)) == "is a stakeholder of Home feed"


def test_a_neighbour_is_described_from_either_side(names: NamedEdgeText) -> None:
    assert names.describe_neighbour(CALL, from_source=True) == f"calls {RYL_NAME}, step 6 of Home page ranking"
    assert names.describe_neighbour(CALL, from_source=False) == "Home feed calls it, step 6 of Home page ranking"
    feature = edge(Relation.FEATURE_OF, Ref("feature_view", "profile"), RYL, role="city")
    assert names.describe_neighbour(feature, from_source=False).endswith(" reads features of it: city")


def test_the_declaration_is_a_step_of_a_flow_or_a_card() -> None:
    assert describe_declaration(CALL) == "flow home-ranking, step 6"
    assert describe_declaration(USE_BY_MODEL) == "model:ryl, uses"
