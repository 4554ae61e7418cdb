"""Screenshots for the README, of the built site and of the demo server. Run `make docs` first."""

import argparse
import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from generator.cli.publish.session import apply_plan, prepare_plan
from generator.cli.publish.source import read_publish_settings, read_source
from generator.confluence.demo import SPACES, DemoServer, serve
from generator.confluence.rest import connect, read_credentials
from generator.confluence.wiki import Flavour

WIDTH, HEIGHT = 1280, 860
HEADER = 64
"""The height of the site's header in pixels."""
COLOURS = 192
"""Enough for a page of text and boxes, at half of the file size."""
LIMIT = 150_000
"""The largest file in bytes, for slow connections."""
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """A page of the site with the heading at its upper edge."""

    name: str
    page: str
    heading: str = ""
    """The id of the heading; empty for the top of the page."""


SHOTS = (
    Shot("home", "index.html"),
    Shot("model", "models/ryl.html"),
    Shot("flow", "flows/home-ranking.html", "diagram"),
    Shot("map", "map.html"),
)


CONFLUENCE_SHOTS = (Shot("confluence-model", "models/ryl.html"), Shot("confluence-flow", "flows/home-ranking.html"))
"""Pages of the demo server, which has no dark mode."""
_DAY = datetime(2026, 11, 20, tzinfo=UTC)
"""The day of the publication, so that the screenshots are the same every day."""


def take(site: Path, out: Path) -> Iterator[Path]:
    """Take all screenshots, those of the site in light and dark mode; yield each file once it is written."""
    names = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for shot in SHOTS:
            address = (site / shot.page).resolve().as_uri()
            for scheme in SCHEMES:
                path = out / f"{shot.name}-{scheme}.png"
                path.write_bytes(_small(_picture(browser, address, shot, scheme)))
                yield path
        with published(site) as addresses:
            for shot in CONFLUENCE_SHOTS:
                path = out / f"{shot.name}.png"
                path.write_bytes(_small(_picture(browser, addresses[shot.page], shot, "light")))
                yield path
        browser.close()


@contextmanager
def published(site: Path) -> Iterator[dict[str, str]]:
    """Publish the site to a demo server; yield the address of each page by its path in the site."""
    source = read_source(Path(), site)
    demo = DemoServer(Flavour.CLOUD, now=lambda: _DAY)
    with closing(demo), serve(demo) as address:
        wiki = connect(read_credentials(address.environ))
        settings = read_publish_settings(source.configuration, {}, SPACES[0][0]).model_copy(update={"parent": None})
        made = prepare_plan(wiki, source, settings)
        apply_plan(made, wiki, source)
        urls = {page.title: page.url for page in wiki.pages_in_space(wiki.space(SPACES[0][0]))}
        yield {entry.path: urls[made.plan.titles[entry.ref]] for entry in source.built.entries}


def _picture(browser: Browser, address: str, shot: Shot, scheme: str) -> bytes:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page.goto(address, wait_until="networkidle")
    _settle(page, shot)
    taken = page.screenshot(animations="disabled", caret="hide")
    page.close()
    return taken


def _settle(page: Page, shot: Shot) -> None:
    """Wait for the fonts; then scroll to the heading."""
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important }")
    page.wait_for_function("document.fonts.ready.then(() => true)")
    if shot.heading:
        page.evaluate(
            "([id, header]) => scrollTo(0, document.getElementById(id).getBoundingClientRect().top - header)",
            [shot.heading, HEADER],
        )
    page.wait_for_timeout(300)  # the header's shadow, the current entry of the contents


def _small(png: bytes) -> bytes:
    """Return the image with fewer colours."""
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.screenshots", description=__doc__)
    parser.add_argument("--site", type=Path, default=Path("site"), help="the built site")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder for the screenshots")
    given = parser.parse_args()
    missing = [shot.page for shot in (*SHOTS, *CONFLUENCE_SHOTS) if not (given.site / shot.page).is_file()]
    if missing:
        parser.error(f"{given.site} has no {', '.join(missing)}; build the site first: make docs")
    given.out.mkdir(parents=True, exist_ok=True)
    large = []
    for path in take(given.site, given.out):
        size = path.stat().st_size
        print(f"{path}  {WIDTH} x {HEIGHT}  {size / 1000:.0f} kB")
        large += [path.name] if size > LIMIT else []
    if large:
        sys.exit(f"larger than {LIMIT // 1000} kB: {', '.join(large)}")


if __name__ == "__main__":
    main()
