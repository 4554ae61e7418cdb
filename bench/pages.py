"""Pages with labels and images, as a built site for Modelbook and as Markdown for md2conf."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from generator.confluence.built import VERSION

_MKDOCS = "site_name: Requests\nplugins: [{modelbook: {as_of: 2026-11-20}}]\n"
_TEXT = "Ranks what customers see first, by what they ordered before. Trained every night."


@dataclass(frozen=True)
class WrittenPage:
    """A page below the first one."""

    name: str
    title: str
    labels: tuple[str, str]
    image: bytes = b""


def make_pages(count: int, images: int) -> list[WrittenPage]:
    """Return pages with two labels each, the first of them with an image."""
    return [
        WrittenPage(f"m{number}", f"Model {number}", ("model", "production"), _draw(number) if number < images else b"")
        for number in range(count)
    ]


def _draw(number: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 40), (number, 80, 120)).save(written, "PNG")
    return written.getvalue()


def write_site(root: Path, pages: list[WrittenPage]) -> None:
    """Write a book with its built site."""
    site = root / "site"
    site.mkdir(parents=True)
    (root / "mkdocs.yml").write_text(_MKDOCS, "utf-8")
    listed = []
    for page in pages:
        image = f'<p><img src="{page.name}.png" alt="{page.title}"></p>' if page.image else ""
        text = f'<h1>{page.title}</h1><p>{_TEXT}</p><h2 id="use">Use</h2><p>One request a page.</p>{image}'
        body = f'<article class="md-content__inner md-typeset">{text}</article>'
        (site / f"{page.name}.html").write_text(f"<!doctype html><html><body>{body}</body></html>", "utf-8")
        _write_image(site, page)
        listed.append({"path": f"{page.name}.html", "ref": f"model:{page.name}", "title": page.title,
                       "parent": None if page is pages[0] else f"model:{pages[0].name}",
                       "labels": [*page.labels], "source": None})  # fmt: skip
    listing = {"version": VERSION, "site_url": None, "title": "Requests", "pages": listed}
    (site / "pages.json").write_text(json.dumps(listing), "utf-8")


def write_markdown(folder: Path, pages: list[WrittenPage]) -> None:
    """Write the same pages as Markdown; the first one is the index of the folder."""
    folder.mkdir(parents=True)
    for page in pages:
        name = "index" if page is pages[0] else page.name
        image = f"\n![{page.title}]({page.name}.png)\n" if page.image else ""
        head = f"---\ntitle: {page.title}\ntags: [{', '.join(page.labels)}]\n---\n\n# {page.title}\n\n"
        (folder / f"{name}.md").write_text(f"{head}{_TEXT}\n\n## Use\n\nOne request a page.\n{image}", "utf-8")
        _write_image(folder, page)


def _write_image(folder: Path, page: WrittenPage) -> None:
    if page.image:
        (folder / f"{page.name}.png").write_bytes(page.image)
