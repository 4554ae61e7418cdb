"""pages.json: what was built, for whatever publishes the site elsewhere."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.pages.site import Page
from generator.pages.tree import Here


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page that the author wrote in Markdown, beside the cards."""

    path: str
    """Its Markdown file."""
    title: str
    built: str
    """Its HTML file in the site."""


def manifest(
    title: str, site_url: str | None, pages: Mapping[str, Page], own: Iterable[OwnPage], *, directory_urls: bool
) -> str:
    """The pages in the order of the site, parents first, as JSON (version 1)."""
    entries = [
        {
            "path": _html(page.path, directory_urls=directory_urls),
            "ref": page.key,
            "title": page.title,
            "parent": page.parent,
            "labels": list(page.labels),
            "source": {"file": page.file, "line": page.line} if page.file else None,
            "digest": page.digest,
        }
        for page in pages.values()
    ]
    root = "page:home" if any(page.key == "page:home" for page in pages.values()) else None
    entries += [
        {
            "path": page.built,
            "ref": f"page:{page.path.removesuffix('.md')}",
            "title": page.title,
            "parent": root,
            "labels": [],
            "source": None,
            "digest": None,
        }
        for page in own
    ]
    book = {"version": 1, "site_url": site_url, "title": title, "pages": entries}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _html(path: str, *, directory_urls: bool) -> str:
    built = Here(path, directory_urls).built(path)
    return f"{built}index.html" if built.endswith("/") or not built else built
