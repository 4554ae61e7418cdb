"""Impact: dependents, people to notify, surfaces, fallbacks."""

from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.impact import Impact, compute_impact
from generator.errors import UserError
from generator.graph.edges import DEPENDING, FLOWING, Graph
from generator.graph.resolve import build_graph
from generator.load.cards import load_cards
from generator.names import Ref
from tests.answers.books import GOLDENS, TODAY, book, own_book
from tests.answers.graphs import graphs
from tests.conftest import Golden
from tests.corpus import WHOLE, read_corpus, write_corpus

SMALL = {
    "people.yml": """kind: person
id: old
name: Old One
team: t
left_on: 2025-01-01
successor: new
---
kind: person
id: new
name: New One
---
kind: team
id: t
name: Team
lead: new
""",
    "models.yml": """kind: model
id: a
name: A
summary: s
lifecycle: production
serving: online
owners: [t]
contacts: {ds: old}
stakeholders: [person:old]
features: [view:x]
fallback: b
---
kind: model
id: b
name: B
summary: s
lifecycle: retired
serving: online
fallback: c
---
kind: model
id: c
name: C
summary: s
lifecycle: production
serving: online
""",
    "systems.yml": """kind: system
id: shop
name: Shop
type: app
owners: [t]
uses:
  - {model: a, why: Sorts, surface: Home, criticality: low}
  - {model: a, why: Sorts more, surface: Search, criticality: high}
---
kind: system
id: till
name: Till
type: app
depends_on: [topic:sales]
uses: [{model: c, why: Says, surface: Receipt}]
""",
}


@pytest.fixture
def small(tmp_path: Path) -> Graph:
    return book(tmp_path, SMALL)


def ask(graph: Graph, ref: str) -> Impact:
    return compute_impact(graph, Ref.parse(ref), TODAY)


def test_direct_and_indirect_dependents_have_the_reason_of_each_edge(small: Graph) -> None:
    found = ask(small, "feature_view:view")
    assert [(str(one.ref), one.distance) for one in found.affected] == [("model:a", 1), ("system:shop", 2)]
    assert found.affected[0].reasons == ("a reads features of view (declared by model:a)",)
    assert [str(one.ref) for one in found.direct] == ["model:a"]


def test_each_party_is_notified_once_and_a_departed_one_is_replaced(small: Graph) -> None:
    old, team = ask(small, "feature_view:view").told
    assert (str(team.party), team.whys) == ("team:t", ("owns A, Shop",))
    assert (old.whys, old.instead) == (("contact for ds on A", "is a stakeholder of A"), Ref("person", "new"))
    assert old.path == ("Old One left on 2025-01-01, followed by new",)


EXPERIMENT = """kind: experiment
id: ab
name: AB
status: concluded
variants: {x: {model: a, traffic: 50}, y: {model: c, traffic: 50}}
decision: {winner: x, by: new, decided_on: 2026-01-01}
cleanup: {due: 2026-12-01, items: [{remove: "topic:x", owner: new}]}
"""


def test_a_person_is_named_by_teams_clean_ups_and_decisions(tmp_path: Path) -> None:
    graph = book(tmp_path, {**SMALL, "experiment.yml": EXPERIMENT})
    assert sorted(ask(graph, "person:new").named_by) == [
        "ab is cleaned up by new (declared by experiment:ab)",
        "ab was decided by new (declared by experiment:ab)",
        "old is succeeded by new (declared by person:old)",
        "t is led by new (declared by team:t)",
    ]
    assert ask(graph, "person:old").named_by == ("a has as stakeholder old (declared by model:a)",)
    assert ask(graph, "team:t").named_by == ("old is a member of t (declared by person:old)",)


def test_the_owners_of_the_card_itself_are_notified(small: Graph) -> None:
    assert next(one.whys for one in ask(small, "model:a").told if one.party.kind == "team") == ("owns A, Shop",)


def test_surfaces_are_sorted_worst_first(small: Graph) -> None:
    found = ask(small, "model:a").surfaces
    assert [(one.surface, one.criticality and one.criticality.value, one.whys) for one in found] == [
        ("Search", "high", ("Sorts more",)),
        ("Home", "low", ("Sorts",)),
    ]


def test_a_surface_that_is_written_in_two_ways_is_listed_once(tmp_path: Path) -> None:
    systems = SMALL["systems.yml"].replace("surface: Search", 'surface: " home "')
    graph = book(tmp_path, {**SMALL, "systems.yml": systems})
    assert [(one.surface, str(one.criticality), one.whys) for one in ask(graph, "model:a").surfaces] == [
        ("Home", "high", ("Sorts", "Sorts more"))
    ]


def test_all_surfaces_of_a_system_that_fails_through_more_than_a_model_are_affected(small: Graph) -> None:
    assert [(one.surface, str(one.model)) for one in ask(small, "topic:sales").surfaces] == [("Receipt", "model:c")]
    assert [one.surface for one in ask(small, "system:till").surfaces] == ["Receipt"]


def test_fallbacks_are_followed_past_a_retired_model(small: Graph) -> None:
    (rescue,) = ask(small, "model:a").rescues
    assert (rescue.takes_over, rescue.problems) == (Ref("model", "c"), ("B is retired",))


def test_a_model_that_only_loses_its_fallback_is_weakened_and_its_surfaces_are_last(small: Graph) -> None:
    found = ask(small, "model:c")
    states = {str(one.ref): one.only_weakened for one in found.affected}
    assert states == {"model:b": True, "model:a": True, "system:shop": True, "system:till": False}
    assert [(one.surface, one.only_weakened) for one in found.surfaces] == [
        ("Receipt", False),
        ("Search", True),
        ("Home", True),
    ]
    assert [(str(one.model), one.problems) for one in found.rescues] == [("model:c", ("it has no fallback",))]


def test_an_affected_or_circular_fallback_does_not_work(tmp_path: Path) -> None:
    circle = SMALL["models.yml"].replace("lifecycle: retired", "lifecycle: production\nfeatures: [view:y]")
    circle = circle.removesuffix("serving: online\n") + "serving: online\nfeatures: [view:z]\nfallback: a\n"
    found = ask(book(tmp_path, {**SMALL, "models.yml": circle}), "feature_view:view")
    assert {str(one.model): one.takes_over for one in found.rescues} == dict.fromkeys(["model:a", "model:b", "model:c"])
    assert found.rescues[0].problems == (
        "B is affected too",
        "C is affected too",
        "A has a circular fallback",
    )


def test_a_dependent_model_without_a_card_has_no_fallback_chain(tmp_path: Path) -> None:
    flow = "kind: flow\nid: f\nname: F\nsteps: [{from: model:gone, reads: topic:x}]\n"
    impact = compute_impact(book(tmp_path, {"f.yml": flow}), Ref("topic", "x"), TODAY)
    assert [one.ref for one in impact.affected] == [Ref("model", "gone")]
    assert impact.rescues == ()


def test_the_dependents_of_people_are_their_cards_and_the_dependents_of_those(small: Graph) -> None:
    team = ask(small, "team:t")
    assert [str(one.ref) for one in team.direct] == ["model:a", "system:shop"]
    person = ask(small, "person:old")
    assert [(str(one.ref), one.distance) for one in person.affected] == [("model:a", 1), ("system:shop", 2)]
    assert person.affected[0].reasons == ("a has old as contact for ds (declared by model:a)",)
    assert not person.rescues


def test_an_unknown_card_is_an_error_with_the_nearest_name(small: Graph) -> None:
    with pytest.raises(UserError, match="there is system:shop"):
        ask(small, "model:shop")
    with pytest.raises(UserError, match="did you mean 'till'"):
        ask(small, "system:tilll")


@settings(max_examples=150, deadline=None)
@given(graph=graphs(), data=st.data())
def test_impact_is_the_transitive_closure(graph: Graph, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(graph.refs))
    found = compute_impact(graph, start, TODAY)
    for relations, affected in (
        (DEPENDING, {one.ref for one in found.affected}),
        (FLOWING, {one.ref for one in found.affected if not one.only_weakened}),
    ):
        other = networkx.DiGraph()
        other.add_nodes_from(graph.refs)
        other.add_edges_from((edge.source, edge.target) for edge in graph.edges if edge.relation in relations)
        assert affected == networkx.ancestors(other, start)


def test_the_impact_of_each_real_model_is_its_users(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "cards", read_corpus())
    cards, findings = load_cards(tmp_path / "cards", tmp_path)
    graph, dangling = build_graph(cards)
    assert not [*findings, *dangling]
    edges = {
        (record["id"], one.ref.id)
        for record in corpus.records
        for one in compute_impact(graph, Ref("model", record["id"]), TODAY).affected
    }
    assert edges == corpus.edges
    if WHOLE.exists():
        assert len(edges) == 565


def as_text(found: Impact) -> str:
    lines = [f"{found.ref}  {found.name}", "", "Depends on it:"]
    for one in found.affected:
        lines += [f"  {one.distance}  {one.ref}{'  (only weakened)' if one.only_weakened else ''}"]
        lines += [f"       {reason}" for reason in one.reasons]
    lines += ["", "To be told:"]
    lines += [f"  {one.party}: {'; '.join(one.whys)}" for one in found.told]
    lines += ["", "Users notice in:"]
    lines += [f"  {one.criticality}  {one.surface}  ({one.system} by {one.model})" for one in found.surfaces]
    lines += ["", "Takes over:"]
    lines += [f"  {one.model} -> {one.takes_over or 'nothing: ' + '; '.join(one.problems)}" for one in found.rescues]
    return "\n".join([*lines, "", "Named by:", *(f"  {line}" for line in found.named_by), ""])


def test_the_impact_of_a_feature_view_in_the_own_book(golden: Golden) -> None:
    _, graph = own_book()
    golden(GOLDENS / "impact-customer_profile.txt", as_text(ask(graph, "feature_view:customer_profile")))
