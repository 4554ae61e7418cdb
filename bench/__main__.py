"""`python -m bench`: every benchmark, or those that are named."""

import argparse

from bench import build, check, collect, growth, lighthouse, publish, reconcile, scan, search


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        help="build, check, publish, search, scan, reconcile, collect, growth, lighthouse [default: first seven]",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    options = parser.parse_args()
    names = options.names or ["build", "check", "publish", "search", "scan", "reconcile", "collect"]
    if "build" in names:
        print("## Build: cards to site\n")
        build.main((100, 300) if options.quick else (100, 300, 1000), 1 if options.quick else 3)
    if "check" in names:
        print("\n## Check: cards to findings\n")
        check.main((300, 1000) if options.quick else (1000, 3000, 10_000), 1 if options.quick else 3)
    if "publish" in names:
        print("\n## Publish: site to Confluence\n")
        publish.main(150 if options.quick else 300, 0.02 if options.quick else 0.1)
    if "search" in names:
        print("\n## Search: keys to results\n")
        search.main((300, 1000) if options.quick else (1000, 10_000), 1 if options.quick else 5)
    if "scan" in names:
        print("\n## Scan: repositories to places of names\n")
        scan.main((10, 30) if options.quick else (10, 100, 1000), 1 if options.quick else 5)
    if "reconcile" in names:
        print("\n## Reconcile: traffic to calls\n")
        reconcile.main(40 if options.quick else 400, 1 if options.quick else 3)
    if "collect" in names:
        print("\n## Collect: repositories to cards\n")
        collect.main((30, 100) if options.quick else (100, 1000), 1 if options.quick else 3)
    if "growth" in names:
        print("\n## Growth: one card with more and more entries\n")
        growth.main((100, 400) if options.quick else (500, 2000, 10_000))
    if "lighthouse" in names:
        print("\n## Lighthouse: accessibility of the site\n")
        lighthouse.main()


if __name__ == "__main__":
    main()
