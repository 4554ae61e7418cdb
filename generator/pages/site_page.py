"""A page of the site: its Markdown and its metadata."""

import hashlib
import html
from urllib.parse import quote

from generator.names import Ref
from generator.pages.contexts.page_parts import PagePart
from generator.pages.convert import PageHtml
from generator.pages.packed_text import unpack_text
from generator.pages.search import SearchEntry
from generator.settings import PageSection
from generator.values import FrozenValue


class SitePage(FrozenValue):
    """A page as Markdown, with its metadata: path, labels, source."""

    path: str
    """Its Markdown file, relative to the folder of the pages."""
    key: str
    """`model:ryl` for a card's page, `page:map` for the others: it stays when the page is renamed."""
    title: str
    parent: str | None
    """The key of the parent page."""
    packed: bytes = b""
    """Its Markdown, packed; empty if a template of it has an error, or if only its HTML is needed."""
    converted: PageHtml | None = None
    """Its HTML, if `PageBuilder` has a converter that accepts the page."""
    description: str = ""
    labels: tuple[str, ...] = ()
    file: str = ""
    """The file of the card; empty if the page has no card."""
    line: int = 1
    search_entry: SearchEntry | None = None
    search_sections: tuple[SearchEntry, ...] = ()
    """The entries of its sections in the search; their locations are the anchors."""
    is_wide: bool = False
    """Whether its tables need the room of the table of contents."""
    section: PageSection = "views"
    """Its section in the setting `confluence.pages`."""
    state: str = ""
    """The state of its card if it is not the ordinary one: `deprecated`, `retired` or `review overdue`."""
    alias: str = ""
    """The abbreviation by which its model or system is known, if its title does not contain it."""
    aliases: tuple[str, ...] = ()
    """The other names of its card, of which one can be a former id."""
    account: str = ""
    """The account of its person in Confluence."""
    dependents: int = 0
    """The number of nodes that refer to its card, or use it by the evidence."""
    origin: str = ""
    """The place of its card in another repository, as `modelbook/ryl.yml:1 in shop/web, commit 3f2a91c07b`."""
    origin_edit_url: str = ""
    """The address where a card of another repository is edited; empty if it is not known."""

    digest: str = ""
    """A hash that changes when anything on the page does."""
    reads: bytes = b""
    """What it was made from: see `generator.reads`."""
    part: PagePart[Ref] | None = None
    """The rows that it was made from too, if it is a part of a divided page that has not read all of these rows."""

    @property
    def markdown(self) -> str:
        """Its Markdown."""
        return unpack_text(self.packed)

    def build_edit_url(self, pattern: str | None) -> str:
        """Return the address where its card is edited; empty if it is not known.

        `pattern` is the address for the cards of the book itself, with `{path}`.
        """
        if self.origin:
            return self.origin_edit_url
        return pattern.replace("{path}", quote(self.file)) if pattern and self.file else ""

    @property
    def ref(self) -> str:
        """The reference of its card; empty if it is not the page of a card."""
        return "" if self.key.startswith("page:") else self.key

    @property
    def facts(self) -> dict[str, object]:
        """Its front matter in the Markdown file next to its HTML."""
        return {
            "type": self.ref.partition(":")[0] or "page",
            "ref": self.ref,
            "title": self.title,
            "description": self.description,
            "tags": list(self.labels),
            "source": f"{self.file}:{self.line}" if self.file else "",
            **({"collected_from": self.origin} if self.origin else {}),
        }

    @property
    def tags(self) -> list[str]:
        """Its labels for the engine, escaped."""
        return [_escape(label) for label in self.labels]

    @property
    def meta(self) -> dict[str, object]:
        """Its metadata for the engine, escaped: themes insert it into HTML unchanged."""
        values: dict[str, object] = {"title": _escape(self.title), "tags": self.tags}
        if self.description:
            values["description"] = _escape(self.description)
        return values | {"hide": ["toc"]} if self.is_wide else values


def _escape(text: str) -> str:
    # Themes write attributes in double quotes, and an engine may show the entity of an apostrophe.
    return html.escape(" ".join(text.split())).replace("&#x27;", "'")


def compute_digest(page: SitePage, markdown: str) -> str:
    """Compute the digest of a page with some Markdown."""
    parts = [page.path, page.key, page.title, page.parent or "", markdown, *page.labels]
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
