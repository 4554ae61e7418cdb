import random

import pytest

from generator.diagrams import positions


def test_a_thousand_nodes_keep_apart_and_near_their_neighbours():
    chance = random.Random(7)
    nodes = [f"m{number}" for number in range(1000)]
    edges = [(node, nodes[chance.randrange(number // 2 + 1)]) for number, node in enumerate(nodes)]
    places = positions(nodes, edges)
    assert list(places) == nodes
    assert len(set(places.values())) > 990

    def length(pairs: list[tuple[str, str]]) -> float:
        return sum(abs(places[a][0] - places[b][0]) + abs(places[a][1] - places[b][1]) for a, b in pairs)

    strangers = [(node, chance.choice(nodes)) for node in nodes]
    assert length(edges) < length(strangers) / 2
    assert positions(nodes, edges) == places
    assert all(round(x, 1) == x and round(y, 1) == y for x, y in places.values())


def test_small_maps():
    assert positions([], []) == {}
    assert set(positions(["a"], [("a", "a")])) == {"a"}
    assert len(set(positions(["a", "b"], [("a", "b"), ("b", "a"), ("a", "b")]).values())) == 2


def test_strange_ids_are_only_names():
    name = 'x"]; node [label="' + "\n"
    assert set(positions([name, "y"], [(name, "y")])) == {name, "y"}


def test_unknown_and_repeated_ids_are_refused():
    with pytest.raises(ValueError, match="unknown nodes: zz"):
        positions(["a"], [("a", "zz")])
    with pytest.raises(ValueError, match="twice"):
        positions(["a", "a"], [])
