import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagrams.graphviz import open_graphviz
from generator.exports.dot import quote, render_dot
from generator.graph.edges import DEPENDING, Relation
from tests.conftest import Golden
from tests.exports.books import hostile, own

HERE = Path(__file__).parent


def drawn(text: str) -> dict:  # type: ignore[type-arg] # Graphviz's JSON
    found: dict = json.loads(open_graphviz()(text, "dot"))  # type: ignore[type-arg] # the same
    return found


def test_graphviz_draws_the_nodes_and_edges_of_the_book():
    graph = own()
    picture = drawn(render_dot(graph))
    nodes = {item["name"] for item in picture["objects"] if "nodes" not in item and "tooltip" in item}
    assert nodes == {
        str(ref) for ref in graph.refs if ref.kind not in {"team", "person", "flow", "experiment", "migration"}
    }
    arrows = {(edge.source, edge.target, edge.relation) for edge in graph.edges if edge.relation in DEPENDING}
    assert len(picture["edges"]) == len(arrows)


def test_teams_are_frames():
    picture = drawn(render_dot(own()))
    frames = {item["label"] for item in picture["objects"] if item["name"].startswith("cluster_")}
    assert {"Data science", "Core engineering"} <= frames


def test_with_people_the_graph_is_complete():
    graph = own()
    picture = drawn(render_dot(graph, people=True))
    assert len([item for item in picture["objects"] if "tooltip" in item]) == len(graph.refs)
    assert any(edge["label"] == Relation.MEMBER_OF.value for edge in picture["edges"])


def test_hostile_names_are_text(tmp_path: Path, golden: Golden):
    text = render_dot(hostile(tmp_path))
    picture = drawn(text)
    labels = {item.get("name"): item["label"] for item in picture["objects"]}
    assert labels["cluster_t"].replace("\\\\", "\\") == ']; } label="x &amp;lt;'
    golden(HERE / "golden" / "hostile.dot", text)


@given(st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_quoted(text: str):
    written = quote(text.encode("utf-8", "replace").decode())
    picture = drawn(f"digraph {{ a [label={written}]; }}")
    assert len(picture["objects"]) == 1
    assert set(picture["objects"][0]) >= {"name", "label"}
    assert picture["objects"][0]["name"] == "a"
