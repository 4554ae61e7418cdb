"""Diagrams that several tests use, and a strategy for random graphs."""

from datetime import date

from hypothesis import strategies as st

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram, Timeline, TimelineRow

FLOW = GraphDiagram(
    title="Home page ranking",
    description="Orders become customer profiles; RYL and TPFY read them; the home feed calls both.",
    nodes=(
        DiagramNode("order-service", "Order service", "system", "../../systems/order-service/", "orders"),
        DiagramNode("orders.v1", "orders.v1", "topic", "../../resources/topic/orders.v1/", "orders"),
        DiagramNode("pipeline", "Feature pipeline", "system", "../../systems/feature-pipeline/", "ranking"),
        DiagramNode("profile", "customer_profile", "feature_view", None, "ranking"),
        DiagramNode("stats", "restaurant_stats", "feature_view", None, "ranking", note="orders_7d, rating"),
        DiagramNode("ryl", "Restaurants You'll Like", "model", "../../models/ryl/", "ranking", state="focus"),
        DiagramNode("tpfy", "Top Picks For You", "model", "../../models/tpfy/", "ranking"),
        DiagramNode("popular", "Popular nearby", "model", "../../models/popular/", "ranking", state="deprecated"),
        DiagramNode("copy", "restaurants_ryl_v3", "collection", None),
        DiagramNode("feed", "Home feed", "system", "../../systems/home-feed/", "feed"),
        DiagramNode("app", "Customer app", "system", "../../systems/app/", "feed"),
        DiagramNode("clicks", "clicks.v2", "topic", None, "feed"),
    ),
    edges=(
        DiagramEdge("order-service", "orders.v1", "publishes", "publishes"),
        DiagramEdge("orders.v1", "pipeline", "consumed by", "consumes"),
        DiagramEdge("pipeline", "profile", "writes", "writes"),
        DiagramEdge("pipeline", "stats", "writes", "writes"),
        DiagramEdge("profile", "ryl", "read by", "reads"),
        DiagramEdge("stats", "ryl", "", "reads"),
        DiagramEdge("profile", "tpfy", "", "reads"),
        DiagramEdge("ryl", "feed", "called by: candidates and city", "calls", "#step-6"),
        DiagramEdge("tpfy", "feed", "called by", "calls"),
        DiagramEdge("popular", "feed", "fallback", "fallback"),
        DiagramEdge("copy", "feed", "read by", "reads"),
        DiagramEdge("feed", "app", "serves"),
        DiagramEdge("app", "clicks", "publishes", "publishes"),
        DiagramEdge("clicks", "pipeline", "consumed by", "consumes"),
    ),
    groups=(
        DiagramGroup("ranking", "Ranking data science", "../../teams/ranking/"),
        DiagramGroup("orders", "Order engineering"),
        DiagramGroup("feed", "Feed engineering"),
        DiagramGroup("empty", "A team without nodes"),
    ),
)

WAVES = Timeline(
    title="Waves",
    description="A city, then a state, then all.",
    rows=(
        TimelineRow("Mysuru, 1 %", date(2026, 10, 5), date(2026, 10, 5), "done"),
        TimelineRow("Karnataka, 20 %", date(2026, 10, 12), date(2026, 10, 25), "running", "#wave-2"),
        TimelineRow("All cities", date(2026, 11, 9), date(2026, 11, 9), "planned"),
        TimelineRow("Dark launch", date(2026, 9, 15), None),
    ),
    today=date(2026, 10, 20),
)

ALONE = GraphDiagram("One", "", (DiagramNode("a", "Alone", "model"),), ())
EMPTY = GraphDiagram("None", "", (), ())

HOSTILE = "</title><script>alert('1')</script> & \"q\" {{ 7*7 }} <!-- ]]> \x00 \ud800 \u202e מודל"


def build_chain(count: int) -> GraphDiagram:
    """Build a chain of nodes."""
    nodes = tuple(DiagramNode(f"n{number}", f"Node {number}", "system") for number in range(count))
    edges = tuple(DiagramEdge(f"n{number}", f"n{number + 1}") for number in range(count - 1))
    return GraphDiagram("Chain", "", nodes, edges)


def build_star(count: int) -> GraphDiagram:
    """Build a model between its consumers and its feature views."""
    model = DiagramNode("model", "The model", "model", state="focus")
    callers = tuple(DiagramNode(f"s{number}", f"System {number}", "system") for number in range(count))
    views = tuple(DiagramNode(f"v{number}", f"view_{number}", "feature_view") for number in range(count))
    calls = tuple(DiagramEdge(node.id, "model", "calls", "calls") for node in callers)
    reads = tuple(DiagramEdge("model", node.id, "reads", "reads") for node in views)
    return GraphDiagram("Star", "", (model, *callers, *views), calls + reads)


TEXTS = st.text(max_size=60) | st.sampled_from([HOSTILE, "a" * 10_000, "餐厅推荐模型 v2", "نموذج", "\n\n\t", "é" * 80])
KINDS = st.sampled_from(["model", "system", "team", "person", "flow", "experiment", "migration", "topic", "rule"])


@st.composite
def diagrams(draw: st.DrawFn) -> GraphDiagram:
    """Build a graph of up to ten nodes with loops, parallel edges, cycles, and groups with and without nodes."""
    groups = tuple(DiagramGroup(f"g{number}", draw(TEXTS)) for number in range(draw(st.integers(0, 3))))
    homes = st.sampled_from([None, *(group.id for group in groups)])
    nodes = tuple(
        DiagramNode(f"n{number}", draw(TEXTS), draw(KINDS), draw(TEXTS), draw(homes), draw(TEXTS), draw(TEXTS))
        for number in range(draw(st.integers(0, 10)))
    )
    if not nodes:
        return GraphDiagram(draw(TEXTS), draw(TEXTS), nodes, (), groups)
    ends = st.sampled_from([node.id for node in nodes])
    edges = st.builds(DiagramEdge, ends, ends, st.just("") | TEXTS, TEXTS, st.none() | TEXTS)
    return GraphDiagram(draw(TEXTS), draw(TEXTS), nodes, tuple(draw(st.lists(edges, max_size=14))), groups)
