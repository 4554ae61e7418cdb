"""A small site with the pages under test, and storage format on separate lines for goldens."""

import re
from collections.abc import Iterator
from copy import copy
from html import unescape

from lxml import etree
from msgspec.structs import replace

from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.parse import parse_storage
from generator.confluence.storage.write import ConvertedPage
from generator.diagrams.png import extract_svg_links

FILES = {
    "models/plot.png": b"png of the plot",
    "assets/logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "files/Q3 report.pdf": b"pdf",
    "404.html": b"<html/>",
}
REFS = {
    "index.html": "page:index",
    "models/index.html": "page:models",
    "models/ryl.html": "model:ryl",
    "models/tpfy.html": "model:tpfy",
}
PLACES = {
    "page:index": "Modelbook",
    "page:models": "Models",
    "model:ryl": "Restaurants You'll Like",
    "model:tpfy": "Top Picks & More",
}
NAMES = {path: PLACES[ref] for path, ref in REFS.items()}
PAGE = SourcePage("models/ryl.html", "Restaurants You'll Like")
SITE = SourceSite(REFS, FILES.get, extract_svg_links, "https://book.example.com/docs/")
UNSERVED = SourceSite(REFS, FILES.get, extract_svg_links)


def page_html(body: str) -> str:
    """Build a page with a theme around the body."""
    article = f'<article class="md-content__inner md-typeset">{body}</article>'
    body = f"<body><nav>menu</nav>{article}<footer>f</footer></body>"
    return f"<!doctype html><html><head><title>t</title></head>{body}</html>"


def converted(body: str, site: SourceSite = SITE) -> ConvertedPage:
    """Convert a page to whose ids other pages link."""
    ids = re.findall(r"""(?:id|name)=(["'])(.*?)\1""", body)
    page = replace(PAGE, linked_ids=frozenset(unescape(value) for _, value in ids))
    return convert_page(page_html(body).encode(), page, site)


def storage(body: str, site: SourceSite = SITE) -> str:
    return converted(body, site).storage.resolve(PLACES, "BOOK")


def format_storage(storage_format: str) -> str:
    """Write each block on its own line with indents; inline content is unchanged."""
    return "".join(f"{line}\n" for child in parse_storage(storage_format) for line in _lines(child))


def _lines(element: etree._Element) -> Iterator[str]:
    texts = [element.text, *(child.tail for child in element)]
    if len(element) == 0 or any(texts):
        yield _format_element(element)
        return
    opening, closing = _format_tags(element)
    yield opening
    for child in element:
        yield from (f"  {line}" for line in _lines(child))
    yield closing


def _format_element(element: etree._Element) -> str:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.replace(' xmlns:ac="http://atlassian.com/content"', "").replace(
        ' xmlns:ri="http://atlassian.com/resource/identifier"', ""
    )


def _format_tags(element: etree._Element) -> tuple[str, str]:
    empty = copy(element)
    for child in list(empty):
        empty.remove(child)
    empty.text = " "
    opening, _, closing = _format_element(empty).partition("> <")
    return f"{opening}>", f"<{closing}"


def format_result(result: ConvertedPage) -> str:
    """Write the result as text: the body, then its attachments, properties and losses as comments."""
    lines = [format_storage(result.storage.resolve(PLACES, "BOOK"))]
    lines += [f"<!-- attachment {each.name} {each.media_type} {each.digest[:8]} -->\n" for each in result.attachments]
    lines += [
        f"<!-- {each.rule.code} {each.what} | under {each.section!r} | near {each.near!r} -->\n"
        for each in result.losses
    ]
    return "".join(lines)
