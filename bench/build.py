"""The duration of a whole build, compared with other engines that build the same Markdown."""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.books import write_book
from bench.measure import Measured, measure
from tests.engines.environments import ZENSICAL, install_environment

HUGO_CONFIGURATION = """
title = "Bench"
disableKinds = ["taxonomy", "term", "RSS"]
[markup.goldmark.renderer]
unsafe = true
"""
HUGO_LAYOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head>
<body><nav>{{ .TableOfContents }}</nav><main>{{ .Content }}</main></body></html>
"""
"""Hugo has no Material: its pages have neither a sidebar nor a search."""


@dataclass(frozen=True)
class Engine:
    """A program that builds a site, and what is removed before each of its builds."""

    name: str
    measure: Callable[[], Measured]
    site: Path


def compare(folder: Path, count: int, rounds: int) -> dict[str, Measured]:
    """Return medians over rounds in which the engines alternate, so that load on the machine affects all of them."""
    book, plain = folder / "book", folder / "plain"
    book.mkdir(parents=True)
    write_book(book, count)
    measure("-m", "generator", "render", "--out", str(plain), cwd=book)
    engines = list(_list_engines(book, plain, folder / "hugo"))
    taken: dict[str, list[Measured]] = {engine.name: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            shutil.rmtree(engine.site, ignore_errors=True)
            taken[engine.name].append(engine.measure())
            if not any((engine.site / name).is_file() for name in ("models/m5.html", "models/m5/index.html")):
                raise RuntimeError(f"{engine.name} has not built the page of a model")
    return {name: get_median(several) for name, several in taken.items()}


def _list_engines(book: Path, plain: Path, hugo: Path) -> Iterator[Engine]:
    """Yield Modelbook, which also reads and checks the cards, and the engines that get its Markdown."""
    build = ("-m", "generator", "build", "--force")
    yield Engine("modelbook build", lambda: measure(*build, cwd=book), book / "site")
    yield Engine("MkDocs", lambda: measure("-m", "mkdocs", "build", cwd=plain), plain / "site")
    zensical = str(install_environment(ZENSICAL.environment) / "bin/zensical")
    yield Engine("Zensical", lambda: measure("build", "--clean", cwd=plain, program=zensical), plain / "site")
    if program := shutil.which("hugo"):
        write_hugo_site(plain / "docs", hugo)
        yield Engine("Hugo, without a theme", lambda: measure(cwd=hugo, program=program), hugo / "public")


def write_hugo_site(docs: Path, hugo: Path) -> None:
    """Write the Markdown for Hugo, which knows the page of a folder by another name."""
    for page in docs.rglob("*.md"):
        copied = hugo / "content" / page.relative_to(docs)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, copied.with_name("_index.md") if page.name == "index.md" else copied)
    (hugo / "layouts/_default").mkdir(parents=True)
    for name in ("single", "list"):
        (hugo / f"layouts/_default/{name}.html").write_text(HUGO_LAYOUT, encoding="utf-8")
    (hugo / "config.toml").write_text(HUGO_CONFIGURATION, encoding="utf-8")


def get_median(several: list[Measured]) -> Measured:
    """Return the median of each figure."""
    return Measured(
        statistics.median(one.seconds for one in several),
        statistics.median(one.megabytes for one in several),
        statistics.median(one.cpu_seconds for one in several),
    )


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table, after a small round that compiles every module."""
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        compare(Path(name) / "warm", 20, 1)
        if shutil.which("hugo") is None:
            print("Hugo is not measured: it is not installed (`apt install hugo`)\n", file=sys.stderr)
        print("| cards | engine | wall s | CPU s | peak MB | Modelbook is faster: wall | CPU |")
        print("|---|---|---|---|---|---|---|")
        for count in counts:
            result = compare(Path(name) / str(count), count, rounds)
            own = result["modelbook build"]
            for engine, taken in result.items():
                ratios = f"{taken.seconds / own.seconds:.1f} x | {taken.cpu_seconds / own.cpu_seconds:.1f} x"
                print(
                    f"| {count:,} | {engine} | {taken.seconds:.1f} | {taken.cpu_seconds:.1f} | {taken.megabytes:.0f} "
                    f"| {ratios if taken is not own else ' | '} |",
                    flush=True,
                )
