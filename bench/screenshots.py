"""The README's pictures, taken from the built site: `make docs` first, then `make screenshots`."""

import argparse
import io
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

WIDTH, HEIGHT = 1280, 860
HEADER = 64
"""Pixels at the upper edge that the site's header covers."""
COLOURS = 192
"""A page of text and boxes needs no more, and the file becomes half of its size."""
LIMIT = 150_000
"""Bytes; a README is read over slow lines too."""
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """A page of the site, and from which heading on it is shown."""

    name: str
    page: str
    heading: str = ""
    """The id of the heading at the upper edge; the top of the page when left out."""


SHOTS = (
    Shot("home", "index.html"),
    Shot("model", "models/ryl.html"),
    Shot("flow", "flows/home-ranking.html", "diagram"),
    Shot("map", "map.html"),
)


def take(site: Path, out: Path) -> Iterator[Path]:
    """Take every picture in light and dark; each file as soon as it is written."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for shot in SHOTS:
            for scheme in SCHEMES:
                path = out / f"{shot.name}-{scheme}.png"
                path.write_bytes(_small(_picture(browser, site, shot, scheme)))
                yield path
        browser.close()


def _picture(browser: Browser, site: Path, shot: Shot, scheme: str) -> bytes:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page.goto((site / shot.page).resolve().as_uri(), wait_until="networkidle")
    _settle(page, shot)
    taken = page.screenshot(animations="disabled", caret="hide")
    page.close()
    return taken


def _settle(page: Page, shot: Shot) -> None:
    """Wait for fonts and for the map, which is drawn by a script; then scroll to the heading."""
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important }")
    page.wait_for_function("document.fonts.ready.then(() => true)")
    page.wait_for_function("!document.querySelector('[data-mb-map]') || document.querySelector('[data-mb-map] canvas')")
    if shot.heading:
        page.evaluate(
            "([id, header]) => scrollTo(0, document.getElementById(id).getBoundingClientRect().top - header)",
            [shot.heading, HEADER],
        )
    page.wait_for_timeout(300)  # the header's shadow, the current entry of the contents


def _small(png: bytes) -> bytes:
    """The same picture with few colours."""
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.screenshots", description=__doc__)
    parser.add_argument("--site", type=Path, default=Path("site"), help="the built site")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="where the pictures go")
    given = parser.parse_args()
    missing = [shot.page for shot in SHOTS if not (given.site / shot.page).is_file()]
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
