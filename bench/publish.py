"""The requests and the duration of publishing, compared with md2conf, on a demo server with some latency.

The requests are those that the demo server received. md2conf parses Markdown as XML, so it gets the pages of `modelbook
render` without HTML and diagrams. It has less work for each page than Modelbook, which also uploads every diagram.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.books import write_book
from generator.confluence.demo import DemoServer, Fault, FaultKind, serve
from generator.confluence.wiki import Flavour

MD2CONF = Path(".venv/md2conf/bin/python")
"""The interpreter of a separate environment, which `make bench` creates from requirements/bench.txt."""
SPACES = (("BOOK", "Model book"), ("TEAM", "Team"))
"""Two spaces, because md2conf expects more than one."""
PAGES_BESIDE_CARDS = 127
"""The number of indexes, overviews and reference pages."""
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


def compare(pages: int, latency: float) -> Iterator[tuple[str, Run]]:
    """Yield the first run, an unchanged run and a run with one change, for Modelbook and then for md2conf."""
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        root = Path(name) / "book"
        root.mkdir()
        write_book(root, pages - PAGES_BESIDE_CARDS)
        _modelbook(root, "build")
        _modelbook(root, "render", "--out", str(Path(name) / "plain"))
        yield from (("modelbook", run) for run in _runs(_ours(root), lambda: _edit_card(root), latency))
        docs = Path(name) / "plain/docs"
        if MD2CONF.exists():
            _simplify(docs)
            yield from (("md2conf", run) for run in _runs(_theirs(docs), lambda: _edit_page(docs), latency))


def _runs(command: Command, edit: Callable[[], None], latency: float) -> Iterator[Run]:
    with closing(DemoServer(Flavour.CLOUD, spaces=SPACES)) as demo, serve(demo) as address:
        demo.faults.replace([Fault(FaultKind.SLOW, count=0, seconds=latency)])
        environment = {**os.environ, **address.environ}
        for what in ("first", "unchanged", "one changed"):
            if what == "one changed":
                edit()
            demo.log.clear()
            started = time.perf_counter()
            done = subprocess.run(command(address.site), env=environment, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - started
            if done.returncode:
                raise RuntimeError(f"{what} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
            yield Run(what, len(demo.log.entries), seconds)


def _ours(root: Path) -> Command:
    def command(_site: str) -> list[str]:
        return [sys.executable, "-m", "generator", "publish", "apply", "-C", str(root)]

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
    """Print the table."""
    if not MD2CONF.exists():
        print(f"md2conf is not measured: {MD2CONF} is missing; run `make bench` to install it\n")
    print(f"{pages} pages, {1000 * latency:.0f} ms for every response\n")
    print("| | run | requests | s |")
    print("|---|---|---|---|")
    for who, run in compare(pages, latency):
        print(f"| {who} | {run.what} | {run.requests} | {run.seconds:.1f} |", flush=True)
