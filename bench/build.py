"""The duration of the build, of Modelbook's own part, and of plain MkDocs with the same pages."""

import shutil
import statistics
import tempfile
from pathlib import Path

from bench.books import write_book
from bench.measure import Measured, measure

OWN_PART = """
import gc
import sys
from pathlib import Path
from generator.project import open_project
project = open_project(Path(sys.argv[1]))
pages, findings = project.render_pages()
assert not findings and pages
print(len(pages), sum(len(page.markdown) for page in pages))
gc.freeze()
"""
"""The work of the plugin in a build, up to the pages."""


def compare(count: int, rounds: int) -> dict[str, Measured]:
    """Return medians over rounds in which the three alternate, so that load on the machine affects all of them."""
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        folder = Path(name)
        root = folder / "book"
        root.mkdir()
        write_book(root, count)
        measure("-m", "generator", "render", "--out", str(folder / "plain"), cwd=root)
        taken: dict[str, list[Measured]] = {"whole": [], "unchanged": [], "own": [], "plain": []}
        for _ in range(rounds):
            shutil.rmtree(root / "site", ignore_errors=True)
            taken["whole"].append(measure("-m", "generator", "build", "--force", cwd=root))
            taken["unchanged"].append(measure("-m", "generator", "build", cwd=root))
            taken["own"].append(measure("-c", OWN_PART, ".", cwd=root))
            shutil.rmtree(folder / "plain/site", ignore_errors=True)
            taken["plain"].append(measure("-m", "mkdocs", "build", cwd=folder / "plain"))
    return {name: _median(several) for name, several in taken.items()}


def _median(several: list[Measured]) -> Measured:
    return Measured(
        statistics.median(one.seconds for one in several), statistics.median(one.megabytes for one in several)
    )


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table, after a small round that compiles every module."""
    compare(20, 1)
    names = "cards, build s, unchanged s, own part s, share, plain mkdocs s, build MB, own MB, plain MB, own ms a card"
    print(f"| {names.replace(', ', ' | ')} |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for count in counts:
        result = compare(count, rounds)
        whole, own, plain = result["whole"], result["own"], result["plain"]
        print(
            f"| {count} | {whole.seconds:.1f} | {result['unchanged'].seconds:.2f} "
            f"| {own.seconds:.1f} | {own.seconds / whole.seconds:.0%} "
            f"| {plain.seconds:.1f} | {whole.megabytes:.0f} | {own.megabytes:.0f} | {plain.megabytes:.0f} "
            f"| {1000 * own.seconds / count:.1f} |",
            flush=True,
        )
