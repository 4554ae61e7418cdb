"""The duration of reading and checking books of several sizes, as `modelbook check` does before the templates."""

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
"""Interpreter, imports, reading, checking. A generated book has no findings."""


def measured(counts: tuple[int, ...], rounds: int) -> dict[int, Measured]:
    """Return medians over rounds in which the sizes alternate, so that load on the machine affects all of them."""
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
    """Print the table; the third column is constant if the time is proportional to the number of cards."""
    print("| cards | check s | s per 1,000 cards | peak MB |")
    print("|---|---|---|---|")
    for count, taken in measured(counts, rounds).items():
        print(f"| {count} | {taken.seconds:.1f} | {1000 * taken.seconds / count:.2f} | {taken.megabytes:.0f} |")
