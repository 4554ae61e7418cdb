"""The Atom feed of the latest changes: https://www.rfc-editor.org/rfc/rfc4287."""

from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from generator.answers.recent_changes import list_recent_changes
from generator.pages.book import Book
from generator.pages.paths import get_card_path, get_output_path
from generator.printable import NOT_XML

FEED_PATH = "changes.atom"
_MOST_ENTRIES = 50
# Material requests a sitemap for each link[rel=alternate], as for a site in another language. The second word keeps its
# selector from matching; readers of the attribute split it at spaces.
_LINK = f'<link rel="feed alternate" type="application/atom+xml" title="Recently changed" href="{FEED_PATH}">\n'


def render_feed(book: Book, *, directory_urls: bool) -> str:
    """Render the feed of a book with an address; an entry for each card and commit, the latest first.

    The feed depends on the history only: the same history gives the same bytes. Ids stay when the site moves.
    """
    changes = list(list_recent_changes(book.history, book.graph, book.settings.functions, _MOST_ENTRIES))
    base = f"{book.site_url.rstrip('/')}/"
    home = base + get_output_path("index.md", directory_urls=directory_urls).removesuffix("index.html")
    feed = ET.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "id", uuid5(NAMESPACE_URL, f"modelbook:{book.title}").urn)
    _add(feed, "title", f"Changes of {book.title}")
    # Required, also without an entry; a day of the build would change the feed.
    latest = max((change.commit.landed_at for change in changes), default=None)
    _add(feed, "updated", latest.isoformat() if latest else "1970-01-01T00:00:00+00:00")
    ET.SubElement(feed, "link", rel="self", type="application/atom+xml", href=base + FEED_PATH)
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=home)
    _add(feed, "generator", "Modelbook")
    for change in changes:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", uuid5(NAMESPACE_URL, f"modelbook:{change.commit.id}:{change.ref}").urn)
        more = len(change.texts) - 1
        _add(entry, "title", f"{change.name}: {change.texts[0]}{f' and {more} more' if more else ''}")
        _add(entry, "updated", change.commit.landed_at.isoformat())
        _add(entry, "published", change.commit.written_at.isoformat())
        _add(ET.SubElement(entry, "author"), "name", change.author or "unknown")
        path = get_output_path(get_card_path(change.ref), directory_urls=directory_urls) if change.exists else ""
        ET.SubElement(entry, "link", rel="alternate", type="text/html", href=base + path if path else home)
        summary = _add(entry, "summary", "\n".join([*change.texts, "", change.commit.reason]).rstrip())
        summary.set("type", "text")
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def add_feed_link(page: str) -> str:
    """Add the link to the feed to the head of the home page's HTML."""
    before, head, after = page.partition("</head>")
    return f"{before}{_LINK}{head}{after}" if head else page


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = NOT_XML.sub("\ufffd", text)
    return element
