"""The largest pages of a site, compressed as a server sends them, and how they grow with the book."""

import gzip
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.books import write_book
from bench.measure import measure

LIMIT = 150_000
"""The most bytes of a compressed page."""
_SHOWN = 12
_SMALLEST = 20_000
"""The smallest file that can be one of the largest when it is compressed."""


def measure_pages(site: Path) -> dict[str, tuple[int, int]]:
    """Return the size of each large page of a site, compressed and as it is, by its path."""
    sizes: dict[str, tuple[int, int]] = {}
    for page in site.rglob("*.html"):
        size = page.stat().st_size
        if size >= _SMALLEST:
            sizes[page.relative_to(site).as_posix()] = len(gzip.compress(page.read_bytes(), 9)), size
    return sizes


def choose_pages(sites: Mapping[int, Mapping[str, tuple[int, int]]]) -> list[str]:
    """Choose the largest pages of the largest book: of the pages of a folder, the largest one."""
    found = sites[max(sites)]
    largest: dict[str, str] = {}
    for path in sorted(found, key=lambda path: found[path], reverse=True):
        folder = path.removesuffix("/index.html").rpartition("/")[0] if "/" in path else path
        largest.setdefault(path if path.endswith("/index.html") else folder, path)
    return list(largest.values())[:_SHOWN]


def main(counts: tuple[int, ...]) -> None:
    """Print the table; fail if a page is larger than the limit."""
    sites = {}
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        for count in counts:
            book = Path(name) / str(count)
            book.mkdir()
            write_book(book, count)
            measure("-m", "generator", "build", cwd=book)
            sites[count] = measure_pages(book / "site")
    print(f"| page | {' | '.join(f'{count:,} cards, compressed kB' for count in counts)} | kB |")
    print(f"|---|{'---|' * (len(counts) + 1)}")
    for path in choose_pages(sites):
        sizes = [sites[count].get(path, (0, 0)) for count in counts]
        compressed = " | ".join(f"{size[0] / 1000:.0f}" if size[0] else "" for size in sizes)
        print(f"| {path} | {compressed} | {sizes[-1][1] / 1000:.0f} |")
    too_large = [path for site in sites.values() for path, (size, _) in site.items() if size > LIMIT]
    if too_large:
        raise RuntimeError(f"larger than {LIMIT // 1000} kB: {', '.join(too_large)}")
