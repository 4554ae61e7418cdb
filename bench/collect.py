"""The cost of collecting cards from many repositories: the first time, with some changes, and with none."""

import os
import shutil
import tempfile
from pathlib import Path

from bench.measure import Measured, measure
from bench.repositories import call_git, import_commit

_CARDS = 5
"""The number of cards of a repository, beside 20 files of code."""


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table; the least of the rounds is shown for a run that changes nothing."""
    print(f"{_CARDS} cards and 20 files of code a repository. Changes: one repository in 10 has a new card.\n")
    print("| repositories | first s | CPU s | changes s | CPU s | nothing new s | CPU s | --locked s | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as folder:
            root = Path(folder)
            mirrors = _make_mirrors(root / "mirrors", count)
            book = root / "book"
            book.mkdir()
            (book / "mkdocs.yml").write_text("site_name: Book\nplugins: [modelbook]\n", "utf-8")
            (book / "collect.yml").write_text("- folder: ../mirrors\n", "utf-8")
            runs = [_collect(book)]
            for number, mirror in enumerate(mirrors[::10]):
                import_commit(mirror, iter([(f"modelbook/new{number}.yml", _make_card(f"new{number}"))]), day=1)
            runs.append(_collect(book))
            runs.append(min((_collect(book) for _ in range(rounds)), key=lambda one: one.cpu_seconds))
            shutil.rmtree(book / "cards")
            runs.append(_collect(book, "--locked"))
        print(f"| {count} |" + "".join(f" {one.seconds:.1f} | {one.cpu_seconds:.1f} |" for one in runs), flush=True)
    print(f"\nLoad of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")


def _collect(book: Path, *options: str) -> Measured:
    return measure("-m", "generator", "collect", "--cache", str(book.parent / "cache"), *options, cwd=book)


def _make_mirrors(folder: Path, count: int) -> list[Path]:
    mirrors = []
    for number in range(count):
        path = folder / f"team{number % 50}/repository{number}.git"
        path.mkdir(parents=True)
        call_git(path, "init", "-q", "--bare", "-b", "main")
        cards = [(f"modelbook/m{one}.yml", _make_card(f"m{number}-{one}")) for one in range(_CARDS)]
        code = [(f"src/a{one}.py", b"x = 1\n" * 100 * one) for one in range(20)]
        import_commit(path, iter([*cards, *code]))
        mirrors.append(path)
    return mirrors


def _make_card(name: str) -> bytes:
    keys = ("kind: model", f"id: {name}", f"name: {name}", "summary: Ranks.", "owners: food", "lifecycle: experimental")
    return "\n".join((*keys, "serving: offline\n")).encode()
