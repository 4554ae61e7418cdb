"""The requests and the duration of publishing, compared with md2conf, on a demo server with some latency.

The requests are those that the demo server received. The first table counts requests for pages that both tools get
with the same text, labels and images. The second has the duration for a generated book: md2conf parses Markdown as XML,
so it gets the pages of `modelbook render` without HTML and diagrams. It has less work for each page than Modelbook,
which also uploads every diagram.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.books import write_book
from bench.pages import make_pages, write_markdown, write_site
from bench.wiki import BenchServer
from generator.confluence.demo import Address, Fault, FaultKind, serve
from generator.confluence.demo.world import PAGE, Version

MD2CONF = Path(".venv/md2conf/bin/python")
"""The interpreter of a separate environment, which `make bench` creates from requirements/bench.txt."""
PAGES_BESIDE_CARDS = 19
"""The number of indexes and overviews."""
UNMANAGED = 5_000
"""The number of other pages in the space of the first plan."""
LIMITS = {
    "20 pages, first": 70,
    "20 pages, unchanged": 5,
    "300 pages, first": None,
    "300 pages, unchanged": 6,
    "20 pages, first plan": 30,
}
"""The largest number of requests of each run."""
_BEFORE, _AFTER = "Trained every night", "Trained every week"
_CARD, _PAGE = "cards/models/m5.yml", "models/m5.md"

Command = Callable[[str], list[str]]
"""A function from the address of the site to the command line."""


@dataclass(frozen=True)
class Run:
    """The cost of one run."""

    what: str
    requests: int
    seconds: float
    cpu_seconds: float
    """Of the publisher, without the server."""


@dataclass(frozen=True)
class Wiki:
    """A demo server that runs."""

    demo: BenchServer
    address: Address

    def run(self, command: Command, what: str) -> Run:
        """Run a publisher, and return its cost."""
        self.demo.log.clear()
        environment = {**os.environ, **self.address.environ}
        started, before = time.perf_counter(), _get_children_time()
        done = subprocess.run(command(self.address.site), env=environment, capture_output=True, text=True, check=False)
        seconds, cpu_seconds = time.perf_counter() - started, _get_children_time() - before
        if done.returncode:
            raise RuntimeError(f"{what} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
        return Run(what, len(self.demo.log), seconds, cpu_seconds)


def _get_children_time() -> float:
    """Return the CPU seconds of all finished child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def start_wiki(latency: float = 0) -> Iterator[Wiki]:
    """Start a demo server that answers after some time."""
    faults = [Fault(FaultKind.SLOW, count=0, seconds=latency)] if latency else []
    with closing(BenchServer(faults)) as demo, serve(demo) as address:
        yield Wiki(demo, address)


def count_requests(root: Path) -> Iterator[tuple[str, Run]]:
    """Yield the runs that LIMITS names, for Modelbook and for md2conf, which has no plan."""
    for size in (20, 300):
        pages, book, docs = make_pages(size, 5), root / f"book-{size}", root / f"docs-{size}"
        write_site(book, pages)
        write_markdown(docs, pages)
        commands = {"modelbook": _ours(book)} | ({"md2conf": _theirs(docs)} if MD2CONF.exists() else {})
        for who, command in commands.items():
            with start_wiki() as wiki:
                for what in ("first", "unchanged"):
                    yield who, wiki.run(command, f"{size} pages, {what}")
    with start_wiki() as wiki:
        session = wiki.demo.session()
        space = session.world.spaces[0]
        for number in range(UNMANAGED):
            session.create(PAGE, space, space.homepage_id, Version(f"Note {number}", "<p>Text</p>"))
        yield "modelbook", wiki.run(_ours(root / "book-20", "plan"), "20 pages, first plan")


def compare(root: Path, pages: int, latency: float) -> Iterator[tuple[str, Run]]:
    """Yield first, unchanged and changed runs, for Modelbook and then for md2conf, which has no plan."""
    book, docs = root / "book", root / "plain/docs"
    book.mkdir()
    write_book(book, pages - PAGES_BESIDE_CARDS)
    _modelbook(book, "build")
    _modelbook(book, "render", "--out", str(docs.parent))
    yield from (
        ("modelbook", run) for run in _runs(_ours(book), lambda: _edit_card(book), latency, _ours(book, "plan"))
    )
    if MD2CONF.exists():
        shutil.rmtree(docs / "reference")  # Modelbook does not publish the pages about itself either
        _simplify(docs)
        yield from (("md2conf", run) for run in _runs(_theirs(docs), lambda: _edit_page(docs), latency))


def _runs(command: Command, edit: Callable[[], None], latency: float, plan: Command | None = None) -> Iterator[Run]:
    with start_wiki(latency) as wiki:
        yield wiki.run(command, "first")
        yield wiki.run(command, "unchanged")
        if plan is not None:
            yield wiki.run(plan, "unchanged plan")
        edit()
        yield wiki.run(command, "one changed")


def _ours(root: Path, name: str = "apply") -> Command:
    def command(_site: str) -> list[str]:
        return [sys.executable, "-m", "generator", "publish", name, "-C", str(root)]

    return command


def _theirs(docs: Path) -> Command:
    options = ["-s", "BOOK", "-u", "admin@example.com", "-a", "admin", "-d", "127.0.0.1", "-l", "error"]

    def command(site: str) -> list[str]:
        return [str(MD2CONF), "-m", "md2conf", str(docs), "--api-url", f"{site}/", "--no-force-valid-url", *options]

    return command


def _edit_card(root: Path) -> None:
    card = root / _CARD
    card.write_text(card.read_text("utf-8").replace(_BEFORE, _AFTER), "utf-8")
    _modelbook(root, "build")


def _edit_page(docs: Path) -> None:
    page = docs / _PAGE
    text = page.read_text("utf-8")
    assert _BEFORE in text
    page.write_text(text.replace(_BEFORE, _AFTER), "utf-8")


def _simplify(docs: Path) -> None:
    """Remove diagrams and HTML tags from the pages, except in code blocks."""
    for page in docs.rglob("*.md"):
        parts = re.split(r"(^```.*?^```$)", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        page.write_text("".join(part if part.startswith("```") else _without_html(part) for part in parts), "utf-8")


def _without_html(text: str) -> str:
    return re.sub(r"</?[A-Za-z][^>]*>", "", re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))


def _modelbook(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "generator", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])


def main(pages: int, latency: float) -> None:
    """Print the tables."""
    if not MD2CONF.exists():
        print(f"md2conf is not measured: {MD2CONF} is missing; run `make bench` to install it\n")
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        root = Path(name)
        print("| run | limit | Modelbook | md2conf |")
        print("|---|---|---|---|")
        counts: dict[str, dict[str, int]] = {what: {} for what in LIMITS}
        for who, run in count_requests(root):
            counts[run.what][who] = run.requests
        for what, limit in LIMITS.items():
            cells = [limit, counts[what]["modelbook"], counts[what].get("md2conf")]
            print(f"| {what} | {' | '.join('' if cell is None else f'{cell:,}' for cell in cells)} |", flush=True)
        print(f"\n{pages} pages, {1000 * latency:.0f} ms for every response\n")
        print("| | run | requests | s | CPU s |")
        print("|---|---|---|---|---|")
        for who, run in compare(root, pages, latency):
            print(f"| {who} | {run.what} | {run.requests} | {run.seconds:.1f} | {run.cpu_seconds:.1f} |", flush=True)
