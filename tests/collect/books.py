"""A book that collects cards, and the repositories that it takes them from."""

from pathlib import Path

from tests.cli.running import Ran, run
from tests.evidence.checkouts import make_checkout

MKDOCS = "site_name: Book\nplugins:\n  - modelbook: {as_of: 2026-11-20, functions: {}}\n"
RYL = """kind: model
id: ryl
name: Ryl
summary: Ranks.
owners: food
lifecycle: experimental
serving: offline
"""
TEAM = "kind: team\nid: food\nname: Food\n"


def make_book(root: Path, sources: str) -> Path:
    """Make a book without cards of its own, with a list of repositories."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(MKDOCS, "utf-8")
    (root / "collect.yml").write_text(sources, "utf-8")
    return root


def collect(book: Path, *arguments: str | Path) -> Ran:
    """Run `modelbook collect` with a cache beside the book."""
    return run("collect", "-C", book, "--cache", book.parent / "cache", *arguments)


def read_collected(book: Path) -> dict[str, str]:
    """Read the collected files."""
    folder = book / "cards/collected"
    files = (path for path in folder.rglob("*") if path.is_file() and ".modelbook" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def make_web(root: Path) -> Path:
    """Make a checkout with one card."""
    return make_checkout(root / "web", {"modelbook/ryl.yml": RYL, "src/app.py": "pass\n"})
