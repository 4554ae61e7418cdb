"""Text of cards as safe markup: shown as typed, or as HTML from Markdown.

Each character that Markdown or HTML could read as markup becomes a character reference, which both read as that
character. The same escaping serves paragraphs, table cells, link labels and raw HTML.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from generator.prose import build_prose_parser

_MARKUP = re.compile(
    r"""[&<>"`*|\[\]\\{}$^~#]"""  # always
    r"""|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"""  # emphasis; inside a word an underscore is one
    r"""|(?<=[=+])[=+]|[=+](?=[=+])"""  # marks and keys
    r"""|:(?=[\w+-]+:)"""  # emoji
    r"""|(?<=\w):(?=//)|(?<=mailto):|@|(?<=www)\."""  # addresses that some engines link by themselves
    r"""|!(?=\[)"""
)
_EMPTY_CELL = re.compile(r"\| *\|")
_BLOCK_START = re.compile(r"^(?:[-+#=>:!?%]|\d+[.)](?=\s|$))")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_PLAIN = re.compile(r"[A-Za-z][0-9A-Za-z,.;()/'-]*(?: [0-9A-Za-z,.;()/'-]+)*")
"""Words without markup; only `www.` is read as the start of an address."""
_ATTRIBUTE = re.compile(r"[&<>\"'`{}\[\]]")
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_LINKABLE = frozenset({"http", "https", "mailto"})
_SHORT = 200
"""The longest text in the cache: the names and words of a book are on many pages."""
_FIRST_HEADING = 3
"""The level of the first heading in prose, below the page's own headings."""
_LANGUAGE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#-_.")


def escape_text(value: object) -> Markup:
    """Return a value as one line of text, safe in Markdown and in HTML; a line never ends between `9` and `%`."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    return _escape_short_line(text) if len(text) <= _SHORT else _escape_line(text)


def _escape_line(text: str) -> Markup:
    if text.isalnum() or (_PLAIN.fullmatch(text) and "www." not in text):
        return Markup(text)  # noqa: S704 - nothing to escape
    line = _SPACE.sub(" ", text).strip()
    escaped = _BLOCK_START.sub(_to_references, _MARKUP.sub(_to_references, line))
    return Markup(_PERCENT.sub("\N{NO-BREAK SPACE}", escaped))  # noqa: S704 - just escaped


_escape_short_line = lru_cache(maxsize=16_384)(_escape_line)


def _to_references(match: re.Match[str]) -> str:
    return "".join(character if character.isalnum() else f"&#{ord(character)};" for character in match[0])


def escape_lines(value: object) -> Markup:
    """Return a text with its line breaks."""
    return Markup("<br>").join(escape_text(line) for line in str(value).strip().splitlines())


def escape_attribute(value: object) -> Markup:
    """Return a value for a double-quoted HTML attribute."""
    text = str(value)
    return _escape_short_attribute(text) if len(text) <= _SHORT else _escape_long_attribute(text)


def _escape_long_attribute(text: str) -> Markup:
    line = _SPACE.sub(" ", text).strip()
    return Markup(_ATTRIBUTE.sub(_to_references, line))  # noqa: S704 - just escaped


_escape_short_attribute = lru_cache(maxsize=4_096)(_escape_long_attribute)


def format_css_string(value: object) -> Markup:
    """Return a text as a string of CSS in a style attribute, with typographic apostrophes."""
    return _format_css_text(str(value))


@lru_cache(maxsize=512)
def _format_css_text(text: str) -> Markup:
    # A backslash would escape the next character: https://www.w3.org/TR/css-syntax-3/#consume-string-token.
    text = text.replace("\\", "\\\\").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
    return Markup(f"'{escape_text(text)}'")  # noqa: S704 - just escaped


def format_code(value: object) -> Markup:
    """Return a short text as code, safe in a table cell."""
    text = escape_text(value)
    return _wrap_short_code(text) if len(text) <= _SHORT else _wrap_code(text)


def _wrap_code(text: Markup) -> Markup:
    copied = text.replace("\N{NO-BREAK SPACE}", " ")  # code is copied
    return Markup(f"<code>{copied}</code>") if copied else Markup("")  # noqa: S704 - just escaped


_wrap_short_code = lru_cache(maxsize=4096)(_wrap_code)


def format_code_spans(value: object) -> Markup:
    """Return a text of our own, in which backticks mark code."""
    pieces: list[Markup] = []
    for number, part in enumerate(str(value).split("`")):
        if number % 2:
            pieces.append(format_code(part))
        else:
            pieces.append(escape_part(part))
    return Markup("").join(pieces)


def escape_part(text: str) -> Markup:
    """Return a part of a line as text; escaping removes the spaces around a whole line."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return Markup(f"{before}{escape_text(text)}{after}")  # noqa: S704 - just escaped


def format_fence(value: object, language: str = "") -> Markup:
    """Return a block of code, with a fence that is longer than any in the text."""
    content = str(value).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", content)), default=2)
    fence = "`" * (longest + 1)
    return Markup(f"{fence}{language}\n{content}\n{fence}")  # noqa: S704 - a fence shows its content as typed


def format_block(value: object, language: str = "") -> Markup:
    """Return a block of code as HTML, for use inside other HTML, where Markdown is not read."""
    content = escapeHtml(str(value).rstrip("\n"))
    # An empty line would end the HTML; a character reference keeps it.
    content = re.sub(r"[{}]", _to_references, _escape_fences(content.replace("\n\n", "\n&#10;")))
    name = escape_attribute(language)
    return Markup(f'<pre><code class="language-{name}">{content}</code></pre>')  # noqa: S704 - just escaped


def is_linkable(address: str) -> bool:
    """Return whether a link may have this address: http, https or mailto, without a character that could end it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _LINKABLE and not re.search(r"[\s<>\"'\x00-\x1f\\]", address)


def render_prose(markdown: str, resolve: Callable[[str], str | None]) -> Markup:
    """Render CommonMark with tables, strike-through, task lists, definition lists and footnotes as HTML.

    Raw HTML is shown as typed. `resolve` returns the path of the page for a link to `model:tpfy`, or None; other links
    may be http, https, mailto, or within the page. Images would be loaded from elsewhere, so they become links.
    """
    parser = _build_parser()
    tokens = parser.parse(markdown)
    headings = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = _FIRST_HEADING - min(headings, default=_FIRST_HEADING)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + shift)}"
        elif token.type == "fence":
            token.info = "".join(letter for letter in token.info.split(" ")[0] if letter in _LANGUAGE)
        for child in token.children or ():
            if child.type == "link_open":
                address = str(child.attrGet("href") or "")
                target = address if is_linkable(address) or address.startswith("#") else resolve(address)
                if target is None:
                    child.attrs = {"class": "mb-missing", "title": "broken link"}
                else:
                    child.attrs = {"href": target}
    html = str(parser.renderer.render(tokens, parser.options, {}))
    # An empty line would end the HTML block in the page; in code, a character reference keeps it.
    html = _escape_fences(html.replace("\n\n", "\n&#10;" if "<pre" in html else "\n"))
    return Markup(html)  # noqa: S704 - from the safe renderer


@cache
def _build_parser() -> MarkdownIt:
    parser = build_prose_parser()
    parser.add_render_rule("image", _render_image)
    return parser


def _escape_fences(html: str) -> str:
    """Return HTML without fences of code: pymdownx.superfences reads them inside HTML too."""
    return re.sub(r"`{3,}|~{3,}", lambda found: f"&#{ord(found[0][0])};" * len(found[0]), html)


def _render_image(_: RendererHTML, tokens: Sequence[Token], index: int, *_environment: object) -> str:
    token = tokens[index]
    label = escapeHtml(token.content or "image")
    source = str(token.attrGet("src") or "")
    return f'<a href="{escapeHtml(source)}">{label}</a>' if is_linkable(source) else label


def omit_empty_columns(rows: str, columns: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the columns of a Markdown table and its rows, without the columns in which all cells are empty."""
    columns = tuple(columns)
    if _EMPTY_CELL.search(rows) is None:
        return columns, rows
    cells = [line.strip()[1:-1].split("|") for line in str(rows).split("\n") if line.strip()]
    if any(len(row) != len(columns) for row in cells):  # a pipe of an author's template
        return columns, rows
    kept = [index for index in range(len(columns)) if any(row[index].strip() for row in cells)]
    lines = [f"|{'|'.join([row[index] for index in kept])}|\n" for row in cells]
    return tuple(columns[index] for index in kept), Markup("".join(lines))  # noqa: S704 - parts of the rows
