"""The time to the first result of a search in Chromium, and the bytes that it transfers, in books of any size."""

import gzip
import http.server
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.books import write_book
from bench.measure import measure
from generator.pages.search import SearchEntry, join_words
from generator.pages.search_index import FOLDER, render_search_index
from tests.browser import launch_chromium

KEY_MILLISECONDS = 60
"""The time between two keys of a fast typist."""
_VOCABULARY = 40_000
_WORDS_IN_A_CARD = 150
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def make_entries(count: int) -> list[SearchEntry]:
    """Make entries with varied names and texts, which compress badly: an upper limit for a book of this size."""
    chance = random.Random(count)
    words = sorted({_make_word(chance) for _ in range(_VOCABULARY)})
    chance.shuffle(words)
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))  # as in natural languages
    entries = []
    for number in range(count):
        name = " ".join(chance.choices(words, k=2)).capitalize()
        identifier = f"{name.lower().replace(' ', '-')}-{number}"
        text = chance.choices(words, cum_weights=weights, k=_WORDS_IN_A_CARD)
        text += [f"conf/{chance.choice(words)}.yaml", f"{chance.choice(words)}@example.com", f"{number}.example.com"]
        summary = " ".join(text[:12]).capitalize()
        names, labels = (name, identifier, "_".join(chance.choices(words, k=2))), ("model", "production")
        address = f"models/{identifier}.html"
        entries.append(SearchEntry(names, summary, labels, join_words(text), 1.5, address))
    return entries


def _make_word(chance: random.Random) -> str:
    syllables = chance.randint(2, 4)
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables))


class _Compressing(http.server.SimpleHTTPRequestHandler):
    """A server that compresses as web servers do, and counts what it sends below search/."""

    sent = 0

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        body = gzip.compress(path.read_bytes(), 6) if path.is_file() else b""
        if f"/{FOLDER}/" in self.path:
            type(self).sent += len(body)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Print nothing."""


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Compressing, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def _type(page: Page, query: str) -> float:
    """Type a query; return the seconds from the first key to the first result."""
    box = page.locator(".md-search__input")
    box.click()
    page.evaluate(
        """() => {
            const list = document.querySelector(".md-search-result__list");
            document.querySelector(".md-search__input")
                .addEventListener("keydown", (event) => { window.firstKey ??= event.timeStamp; });
            new MutationObserver(() => { if (list.childElementCount) window.firstResult ??= performance.now(); })
                .observe(list, { childList: true });
        }"""
    )
    box.press_sequentially(query, delay=KEY_MILLISECONDS)
    page.wait_for_function("window.firstResult !== undefined")
    while page.evaluate("performance.now() - window.firstResult") < 2000:  # the words of the texts follow
        time.sleep(0.1)
    return float(page.evaluate("(window.firstResult - window.firstKey) / 1000"))


def _measure_queries(browser: Browser, address: str, queries: list[str]) -> tuple[list[float], list[int]]:
    """Return the seconds and the bytes for each query, each with an empty cache."""
    seconds, sizes = [], []
    for query in queries:
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        _Compressing.sent = 0
        seconds.append(_type(page, query))
        sizes.append(_Compressing.sent)
        context.close()
    return seconds, sizes


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table. One small site serves every size: only the files of its index change."""
    print("| pages | index MB | gzip kB | s to build | first result s, http (worst) | file | kB of a query (most) |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name, sync_playwright() as playwright:
        root = Path(name)
        write_book(root, 20)
        measure("-m", "generator", "build", cwd=root)
        browser = launch_chromium(playwright)
        for count in counts:
            print(_measure_book(browser, root / "site", count, rounds), flush=True)
        browser.close()


def _measure_book(browser: Browser, site: Path, count: int, rounds: int) -> str:
    entries = make_entries(count)
    started = time.perf_counter()
    index = render_search_index(entries)
    built = time.perf_counter() - started
    record = json.dumps({"config": {"separator": r"[\s\-]+"}, "docs": [index.record]})
    files = {**dict(index.render_files()), "search_index.json": record, "search_index.js": f"var __index = {record}"}
    for name, text in files.items():
        (site / FOLDER / name).write_text(text, encoding="utf-8")
    sizes = [len(text.encode()) for text in files.values()]
    packed = [len(gzip.compress(text.encode(), 6)) for text in files.values()]
    chance = random.Random(count)
    queries = []
    for entry in chance.sample(entries, rounds):
        title, words = entry.names[0].lower(), entry.words.split()
        queries += [title, title[:2] + title[3:], f"{chance.choice(words)} {chance.choice(words)}"]
    with _serve(site) as address:
        http_seconds, transferred = _measure_queries(browser, address, queries)
    file_seconds, _ = _measure_queries(browser, (site / "index.html").as_uri(), queries)
    return (
        f"| {count} | {sum(sizes) / 1e6:.2f} | {sum(packed) / 1000:.0f} | {built:.2f} "
        f"| {statistics.median(http_seconds):.2f} ({max(http_seconds):.2f}) | {statistics.median(file_seconds):.2f} "
        f"| {statistics.median(transferred) / 1000:.0f} ({max(transferred) / 1000:.0f}) |"
    )
