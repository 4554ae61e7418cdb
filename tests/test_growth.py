"""The work for a book grows with the entries of one card, not with their square."""

import cProfile
import pstats
import sys
from pathlib import Path

import pytest

from bench.growth import SHAPES, write_growing_book
from generator.graph.edges import Relation
from generator.names import Ref
from generator.project import open_project

FEW = 100
TIMES = 4
"""Sorting takes about 5 times the comparisons for 4 times the entries; what is quadratic takes up to 16 times."""
MOST_GROWTH = 1.6 * TIMES
FEWEST_CALLS = 20 * FEW
"""A function with fewer calls than a few for each entry is not the work of a large book."""


def count_calls(root: Path, shape: str, count: int) -> dict[tuple[str, int, str], int]:
    """Return how often each function is called to check a book and to make its pages."""
    write_growing_book(root, shape, count)
    profile = cProfile.Profile()
    with profile:
        project = open_project(root)
        project.render_pages()
    assert not [finding for finding in project.findings if finding.code < "MB100"]
    return {place: calls for place, (_, calls, *_) in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]


def clear_caches() -> None:
    """Forget the results that an earlier book of this process has left in the caches of functions."""
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] == "generator":
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.mark.sample(1)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_function_is_called_more_often_than_the_book_has_grown(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.workers.count_processes", lambda _items: 1)
    clear_caches()
    count_calls(tmp_path / "warm", shape, 10)  # templates are compiled, caches are filled
    few = count_calls(tmp_path / "few", shape, FEW)
    many = count_calls(tmp_path / "many", shape, TIMES * FEW)
    grown = {
        place: (few.get(place, 0), calls)
        for place, calls in many.items()
        if calls > FEWEST_CALLS and calls > MOST_GROWTH * few.get(place, 0)
    }
    assert not grown


def test_the_edges_of_a_hub_are_selected_once(tmp_path: Path) -> None:
    write_growing_book(tmp_path, "consumers", 100)
    graph, rush = open_project(tmp_path).graph, Ref("model", "rush")
    first = graph.list_incoming_edges(rush, Relation.USES)
    assert len(first) == 150
    assert graph.list_incoming_edges(rush, Relation.USES) is first
