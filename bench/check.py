"""Reading and checking a book, as `modelbook check` does before it looks at templates: seconds as the book grows."""

import statistics
import tempfile
from pathlib import Path

from bench.books import write_book
from bench.measure import Measured, measure

CHECK = """
import sys
from pathlib import Path
from generator.project import open_project
project = open_project(Path(sys.argv[1]))
assert not project.findings and len(project.cards.items) > 0.9 * int(sys.argv[2])
"""
"""Interpreter, imports, reading, checking; the cards of a bench book have nothing wrong with them."""


def measured(counts: tuple[int, ...], rounds: int) -> dict[int, Measured]:
    """Medians over rounds in which the sizes take turns, so that a busy machine burdens all alike."""
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        roots = {count: Path(name) / str(count) for count in counts}
        for count, root in roots.items():
            root.mkdir()
            write_book(root, count)
        taken: dict[int, list[Measured]] = {count: [] for count in counts}
        for _ in range(rounds):
            for count, root in roots.items():
                taken[count].append(measure("-c", CHECK, ".", str(count), cwd=root))
    return {
        count: Measured(
            statistics.median(one.seconds for one in several), statistics.median(one.megabytes for one in several)
        )
        for count, several in taken.items()
    }


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table; the third column stays level where the time grows with the number of cards."""
    print("| cards | check s | s per 1,000 cards | MB |")
    print("|---|---|---|---|")
    for count, taken in measured(counts, rounds).items():
        print(f"| {count} | {taken.seconds:.1f} | {1000 * taken.seconds / count:.2f} | {taken.megabytes:.0f} |")
