"""Markdown that shows text as typed on GitHub, GitLab and the Hub: the escapes of CommonMark, no HTML."""

import json
import re
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt

_SHORT = 200
"""The longest text in the cache: pages have most of their words in common."""
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_MARKUP = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])|!(?=\[)")
_BAR = re.compile(r"(?<!\\)\|")
_TICKS = re.compile("`+")
_START = re.compile(r"^(?:[-+=#]|\d{1,9}(?=[.)](?:\s|$)))")
_PLAIN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_RAW = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_INLINE = re.compile(
    r"\\.|`+"  # an escape, a delimiter of code
    r"|\](?:\(|:[ \t]*)<[^<>\n]*>"  # the target of a link
    r"|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[\w.+-]{1,64}@[\w.-]{1,255}>"  # a link in angle brackets
    r"|<(?=[A-Za-z/!?])"
)
_LINKABLE = frozenset({"http", "https", "mailto"})


def escape_text(value: object) -> str:
    """Escape a value as one line of text."""
    return escape_start(escape_inline(str(value)).strip())


def escape_inline(text: str) -> str:
    """Escape a part of a line; spaces at its ends stay."""
    return _escape_short(text) if len(text) <= _SHORT else _escape(text)


def _escape(text: str) -> str:
    line = _SPACE.sub(" ", text)
    return _MARKUP.sub(lambda match: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(match[0], f"\\{match[0]}"), line)


_escape_short = lru_cache(maxsize=4_096)(_escape)


def escape_start(escaped: str) -> str:
    """Escape the start of a line whose text is escaped, so that it is no heading and no item of a list."""
    start = _START.match(escaped)
    if start is None:
        return escaped
    return f"{start[0]}\\{escaped[len(start[0]) :]}" if start[0].isdigit() else f"\\{escaped}"


def escape_paragraphs(value: object) -> str:
    """Escape a text of several paragraphs, line breaks included."""
    paragraphs = re.split(r"\n\s*\n", str(value).strip())
    return "\n\n".join(
        "\\\n".join(escape_text(line) for line in one.splitlines() if line.strip()) for one in paragraphs
    )


def render_code(value: object) -> str:
    """Render a short text as code, between as many backticks as it needs."""
    line = _SPACE.sub(" ", str(value)).strip()
    if not line:
        return ""
    mark = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{mark}{space}{line}{space}{mark}"


def escape_html(markdown: str) -> str:
    """Escape the raw HTML in Markdown, so that it is shown as typed; code and links stay as they are.

    The result is checked with a parser of CommonMark. If it still contains a tag, as when a cell of a table ends within
    backticks, code is escaped too and shows `&lt;`.
    """
    lines_of_code = {
        number
        for token in _PLAIN.parse(markdown)
        if token.type in {"fence", "code_block"} and token.map
        for number in range(*token.map)
    }
    escaped: list[str] = []
    paragraph: list[str] = []
    for number, line in enumerate([*markdown.split("\n"), ""]):
        if number not in lines_of_code and line.strip(" \t>"):
            paragraph.append(line)
            continue
        if paragraph:
            escaped.append(_escape_paragraph("\n".join(paragraph)))
            paragraph = []
        escaped.append(line)
    result = "\n".join(escaped[:-1])
    tokens = (token for parent in _RAW.parse(result) for token in (parent, *(parent.children or ())))
    has_html = any(token.type in {"html_block", "html_inline"} for token in tokens)
    return _TAG.sub("&lt;", markdown) if has_html else result


def _escape_paragraph(text: str) -> str:
    """Escape the tags outside of code spans: a run of backticks and the next run of the same length."""
    tokens = list(_INLINE.finditer(text))
    runs: dict[str, deque[int]] = {}
    for number, token in enumerate(tokens):
        if token[0].startswith("`"):
            runs.setdefault(token[0], deque()).append(number)
    parts: list[str] = []
    done, code_until = 0, -1
    for number, token in enumerate(tokens):
        if token[0].startswith("`"):
            runs[token[0]].popleft()
            if number > code_until and runs[token[0]]:
                code_until = runs[token[0]][0]
        elif token[0] == "<" and number > code_until:
            parts += [text[done : token.start()], "&lt;"]
            done = token.end()
    return "".join([*parts, text[done:]])


def isolate_markdown(markdown: str) -> str:
    """Return Markdown that changes nothing in a document around it: its fences end, its link definitions are text.

    In CommonMark the first definition of a label wins, also for the links before it.
    """
    found: dict[str, Any] = {}
    tokens = _PLAIN.parse(f"{markdown}\n\nend", found)
    defined = [*found.get("references", {}).values(), *found.get("duplicate_refs", ())]
    lines = markdown.split("\n")
    for number in {definition["map"][0] for definition in defined}:
        lines[number] = lines[number].replace("[", "\\[", 1)
    if tokens[-1].type == "fence":
        lines.append(tokens[-1].markup)
    return "\n".join(lines)


def escape_cell(value: str) -> str:
    """Escape Markdown for the cell of a table, in which a bar ends the cell even in code."""
    return _BAR.sub(r"\\|", value) if "|" in value else value


def render_code_block(value: object, language: str = "") -> str:
    """Render a block of code, data as JSON; the fence is longer than any in the text."""
    content = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    content = content.rstrip("\n").replace("\r", "")
    marks = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(content) or [""]))
    return f"{marks}{language}\n{content}\n{marks}"


def render_link(label: object, target: str) -> str:
    """Render a link; both parts as text if the target is not a web or mail address."""
    try:
        usable = urlsplit(target).scheme.lower() in _LINKABLE
    except ValueError:
        usable = False
    if not usable or _SPACE.search(target):
        return f"{escape_text(label)}: {render_code(target)}" if str(label) != target else render_code(target)
    return f"[{escape_text(label)}](<{quote(target, safe=':/?#@!$&*+,;=%-._~()')}>)"


def render_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table of cells that are Markdown."""
    body = [[escape_cell(one) for one in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(header), ["---"] * len(header), *body])
