"""The prose of a Markdown card as safe HTML: raw HTML is shown as typed, no address runs or loads anything."""

from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from generator.pages.escaping import is_linkable

Resolve = Callable[[str], str | None]
"""From `model:tpfy` to the way to its page; None where it leads nowhere."""

_OWN_HEADING = 3
"""Headings in prose start at this level, below the page's own."""
_LANGUAGE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#-_.")


def prose(markdown: str, resolve: Resolve) -> str:
    """CommonMark with tables, strike-through, task lists, definition lists and footnotes, as HTML.

    Links to `kind:id` lead to that card's page; other links only by http, https, mailto, or within the page.
    Images would load from elsewhere, so they become links.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    headings = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = _OWN_HEADING - min(headings, default=_OWN_HEADING)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + shift)}"
        for child in token.children or ():
            _tame(child, resolve)
        if token.type == "fence":
            token.info = "".join(letter for letter in token.info.split(" ")[0] if letter in _LANGUAGE)
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return html.replace("\n\n", "\n&#10;") if "<pre" in html else html.replace("\n\n", "\n")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.use(deflist_plugin).use(footnote_plugin).use(tasklists_plugin)
    parser.add_render_rule("image", _image)
    return parser


def _tame(token: Token, resolve: Resolve) -> None:
    if token.type == "link_open":
        address = str(token.attrGet("href") or "")
        target = address if is_linkable(address) or address.startswith("#") else resolve(address)
        if target is None:
            token.attrs = {"class": "mb-missing", "title": "leads nowhere"}
        else:
            token.attrs = {"href": target}
    elif token.type == "image":
        source = str(token.attrGet("src") or "")
        token.attrs = {"src": source if is_linkable(source) else "", "alt": ""}


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, *_environment: object) -> str:
    token = tokens[index]
    label = _escape(token.content or "image")
    source = str(token.attrGet("src") or "")
    return f'<a href="{_escape(source)}">{label}</a>' if source else label


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
