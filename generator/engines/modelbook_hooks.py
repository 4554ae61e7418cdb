"""Hooks for MkDocs and ProperDocs, which complete the site that they build from this folder. They need no package.

The search box gets the index in docs/search, the sidebar marks the kind of a card, and the Markdown of each page is
copied beside it. Other engines ignore this file. The plugin imports its functions.
"""

import functools
import hashlib
import json
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_MARKDOWN = _FOLDER / "markdown"
_WORKER = "assets/modelbook/search.js"
THEME_WORKER = re.compile(r"assets/javascripts/workers/search\.[0-9a-f]+\.min\.js")
"""The search worker of Material; the digest in its name changes with each release."""
MOST_CONTENTS = 8
"""The entries of the table of contents."""


def on_env(env: Any, config: Any, files: Any) -> Any:  # noqa: ANN401, ARG001 - the values of the engine
    """Make the pages name the worker of the book's search where the theme names its own."""
    if _find_search_index(config) is not None:
        own = build_worker_path(_FOLDER / "docs")
        resolve_url = env.filters["url"]

        @functools.wraps(resolve_url)  # with the mark by which Jinja passes the context
        def resolve_worker_url(context: Any, value: str) -> str:  # noqa: ANN401
            return str(resolve_url(context, own if THEME_WORKER.fullmatch(str(value)) else value))

        env.filters["url"] = resolve_worker_url
    return env


def build_worker_path(folder: Path) -> str:
    """Return the path of the worker of the book's search, with the digest of its file in a folder."""
    return f"{_WORKER}?v={hashlib.blake2b((folder / _WORKER).read_bytes(), digest_size=8).hexdigest()}"


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:  # noqa: ANN401, ARG001
    """Mark the kind of a card in the sidebar, and shorten the table of contents of a generated page."""
    indexes = {other.file.src_uri: other for other in nav.pages if other.file.src_uri.endswith("/index.md")}
    for index in indexes.values():
        index.active = False
    page.active = True  # again: it shares its group with an index
    if "edit_url" in page.meta:  # a generated page
        kind = indexes.get(f"{page.file.src_uri.partition('/')[0]}/index.md")
        if kind is not None:
            kind.active = True
        shorten_contents(page.toc)
    return context


def shorten_contents(contents: Any) -> None:  # noqa: ANN401 - the type of the engine
    """Shorten the table of contents of a generated page."""
    for heading in contents:
        heading.children = heading.children[:MOST_CONTENTS]
        for section in heading.children:
            section.children = []


_SEARCH_BOX = 'data-md-component="search" role="dialog"'


def on_post_page(output: str, page: Any, config: Any) -> str:  # noqa: ANN401, ARG001
    """Link the Markdown file of a page in its head, and name the search for screen readers."""
    output = name_search(output)
    path = f"{page.file.dest_uri.removesuffix('.html')}.md"
    if not (_MARKDOWN / path).is_file():
        return output
    link = f'<link rel="alternate describedby" type="text/markdown" href="{posixpath.basename(path)}">\n'
    return output.replace("</head>", f"{link}</head>", 1)


def name_search(output: str) -> str:
    """Name the search for screen readers: Material's is a dialog without a name."""
    return output.replace(_SEARCH_BOX, f'{_SEARCH_BOX} aria-label="Search"', 1)


def on_post_build(config: Any) -> None:  # noqa: ANN401
    """Replace the theme's index by the record of the book's own, and copy the Markdown files."""
    index = _find_search_index(config)
    if index is not None:
        index.entries[:] = [json.loads((_FOLDER / "search.json").read_text("utf-8"))]
    shutil.copytree(_MARKDOWN, config["site_dir"], dirs_exist_ok=True)


on_post_build.mkdocs_priority = 100  # type: ignore[attr-defined] # before the search plugin writes its index


def _find_search_index(config: Any) -> Any:  # noqa: ANN401
    """Find the index of the theme's search; None if the search is disabled, or is not that of Material."""
    plugins = config["plugins"]
    plugin = plugins.get("material/search") or plugins.get("materialx/search")
    return getattr(getattr(plugin, "provider", plugin), "search_index", None)  # MaterialX has several providers
