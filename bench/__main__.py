"""`python -m bench`: every benchmark, or those that are named."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from bench import build, change, check, collect, growth, lighthouse, publish, reconcile, scan, search, sizes


@dataclass(frozen=True)
class Benchmark:
    """A benchmark with its title."""

    title: str
    run: Callable[[bool], None]
    """Prints the tables; for small sizes and one round if its argument is true."""
    is_default: bool = True


BENCHMARKS = {
    "build": Benchmark(
        "Build: cards to site", lambda quick: build.main((100, 300) if quick else (100, 1000), 1 if quick else 3)
    ),
    "change": Benchmark(
        "Change: one card to the new page",
        lambda quick: change.main((300,) if quick else (1000, 10_000), 1 if quick else 3),
    ),
    "check": Benchmark(
        "Check: cards to findings",
        lambda quick: check.main((300, 1000) if quick else (1000, 3000, 10_000), 1 if quick else 3),
    ),
    "publish": Benchmark(
        "Publish: site to Confluence", lambda quick: publish.main(150 if quick else 300, 0.02 if quick else 0.1)
    ),
    "search": Benchmark(
        "Search: keys to results",
        lambda quick: search.main((300, 1000) if quick else (1000, 10_000), 1 if quick else 5),
    ),
    "scan": Benchmark(
        "Scan: repositories to places of names",
        lambda quick: scan.main((10, 30) if quick else (10, 100, 1000), 1 if quick else 5),
    ),
    "reconcile": Benchmark(
        "Reconcile: traffic to calls", lambda quick: reconcile.main(40 if quick else 400, 1 if quick else 3)
    ),
    "collect": Benchmark(
        "Collect: repositories to cards",
        lambda quick: collect.main((30, 100) if quick else (100, 1000), 1 if quick else 3),
    ),
    "growth": Benchmark(
        "Growth: one card with more and more entries",
        lambda quick: growth.main((100, 400) if quick else (500, 2000, 10_000)),
        is_default=False,
    ),
    "sizes": Benchmark(
        "Sizes: the largest pages of large books",
        lambda quick: sizes.main((300, 1000) if quick else (1000, 10_000)),
        is_default=False,
    ),
    "lighthouse": Benchmark(
        "Lighthouse: accessibility of the site", lambda _quick: lighthouse.main(), is_default=False
    ),
}


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    default = [name for name, benchmark in BENCHMARKS.items() if benchmark.is_default]
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} [default: {', '.join(default)}]"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    options = parser.parse_args()
    if unknown := sorted({*options.names} - {*BENCHMARKS}):
        parser.error(f"unknown: {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    for name in options.names or default:
        print(f"## {BENCHMARKS[name].title}\n")
        BENCHMARKS[name].run(options.quick)
        print(flush=True)


if __name__ == "__main__":
    main()
