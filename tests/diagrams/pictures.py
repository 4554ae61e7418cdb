"""Pictures that several tests look at, and a strategy for any other."""

from datetime import date

from hypothesis import strategies as st

from generator.diagrams import Edge, Group, Node, Picture, Row, Timeline

FLOW = Picture(
    title="Home page ranking",
    description="Orders become customer profiles; RYL and TPFY read them; the home feed calls both.",
    nodes=(
        Node("order-service", "Order service", "system", "../../systems/order-service/", "orders"),
        Node("orders.v1", "orders.v1", "topic", "../../resources/topic/orders.v1/", "orders"),
        Node("pipeline", "Feature pipeline", "system", "../../systems/feature-pipeline/", "ranking"),
        Node("profile", "customer_profile", "feature_view", None, "ranking"),
        Node("stats", "restaurant_stats", "feature_view", None, "ranking", note="orders_7d, rating"),
        Node("ryl", "Restaurants You'll Like", "model", "../../models/ryl/", "ranking", state="focus"),
        Node("tpfy", "Top Picks For You", "model", "../../models/tpfy/", "ranking"),
        Node("popular", "Popular nearby", "model", "../../models/popular/", "ranking", state="deprecated"),
        Node("copy", "restaurants_ryl_v3", "collection", None),
        Node("feed", "Home feed", "system", "../../systems/home-feed/", "feed"),
        Node("app", "Customer app", "system", "../../systems/app/", "feed"),
        Node("clicks", "clicks.v2", "topic", None, "feed"),
    ),
    edges=(
        Edge("order-service", "orders.v1", "publishes", "publishes"),
        Edge("orders.v1", "pipeline", "consumed by", "consumes"),
        Edge("pipeline", "profile", "writes", "writes"),
        Edge("pipeline", "stats", "writes", "writes"),
        Edge("profile", "ryl", "read by", "reads"),
        Edge("stats", "ryl", "", "reads"),
        Edge("profile", "tpfy", "", "reads"),
        Edge("ryl", "feed", "called by: candidates and city", "calls", "#step-6"),
        Edge("tpfy", "feed", "called by", "calls"),
        Edge("popular", "feed", "fallback", "fallback"),
        Edge("copy", "feed", "read by", "reads"),
        Edge("feed", "app", "serves"),
        Edge("app", "clicks", "publishes", "publishes"),
        Edge("clicks", "pipeline", "consumed by", "consumes"),
    ),
    groups=(
        Group("ranking", "Ranking data science", "../../teams/ranking/"),
        Group("orders", "Order engineering"),
        Group("feed", "Feed engineering"),
        Group("nobody", "A team without a part in it"),
    ),
)

WAVES = Timeline(
    title="Waves",
    description="A city, then a state, then all.",
    rows=(
        Row("Mysuru, 1 %", date(2026, 10, 5), date(2026, 10, 5), "done"),
        Row("Karnataka, 20 %", date(2026, 10, 12), date(2026, 10, 25), "running", "#wave-2"),
        Row("All cities", date(2026, 11, 9), date(2026, 11, 9), "planned"),
        Row("Dark launch", date(2026, 9, 15), None),
    ),
    today=date(2026, 10, 20),
)

ALONE = Picture("One", "", (Node("a", "Alone", "model"),), ())
EMPTY = Picture("None", "", (), ())

HOSTILE = "</title><script>alert('1')</script> & \"q\" {{ 7*7 }} <!-- ]]> \x00 \ud800 \u202e מודל"


def chain(count: int) -> Picture:
    """Nodes one after another."""
    nodes = tuple(Node(f"n{number}", f"Node {number}", "system") for number in range(count))
    edges = tuple(Edge(f"n{number}", f"n{number + 1}") for number in range(count - 1))
    return Picture("Chain", "", nodes, edges)


def star(count: int) -> Picture:
    """A model in the middle, consumers on one side, feature views on the other."""
    model = Node("model", "The model", "model", state="focus")
    callers = tuple(Node(f"s{number}", f"System {number}", "system") for number in range(count))
    views = tuple(Node(f"v{number}", f"view_{number}", "feature_view") for number in range(count))
    calls = tuple(Edge(node.id, "model", "calls", "calls") for node in callers)
    reads = tuple(Edge("model", node.id, "reads", "reads") for node in views)
    return Picture("Star", "", (model, *callers, *views), calls + reads)


TEXTS = st.text(max_size=60) | st.sampled_from([HOSTILE, "a" * 10_000, "餐厅推荐模型 v2", "نموذج", "\n\n\t", "é" * 80])
KINDS = st.sampled_from(["model", "system", "team", "person", "flow", "experiment", "migration", "topic", "rule"])


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Any picture of up to ten nodes: loops, parallel edges, cycles, groups with and without nodes."""
    groups = tuple(Group(f"g{number}", draw(TEXTS)) for number in range(draw(st.integers(0, 3))))
    homes = st.sampled_from([None, *(group.id for group in groups)])
    nodes = tuple(
        Node(f"n{number}", draw(TEXTS), draw(KINDS), draw(TEXTS), draw(homes), draw(TEXTS), draw(TEXTS))
        for number in range(draw(st.integers(0, 10)))
    )
    if not nodes:
        return Picture(draw(TEXTS), draw(TEXTS), nodes, (), groups)
    ends = st.sampled_from([node.id for node in nodes])
    edges = st.builds(Edge, ends, ends, st.just("") | TEXTS, TEXTS, st.none() | TEXTS)
    return Picture(draw(TEXTS), draw(TEXTS), nodes, tuple(draw(st.lists(edges, max_size=14))), groups)
