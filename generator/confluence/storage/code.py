"""Code blocks: what Pygments coloured, what stands in a bare `pre`, and Mermaid sources."""

from collections.abc import Iterator

from generator.confluence.storage import macros
from generator.confluence.storage.dropped import is_dropped
from generator.confluence.storage.nodes import Nodes
from generator.confluence.storage.page import Html, Walk, classes, loss, tag, text_of
from generator.confluence.storage.rules import LANGUAGE_NOT_KNOWN, SHOWN_AS_SOURCE

_LANGUAGES = {
    alias: name
    for name, aliases in {
        "actionscript3": "actionscript3 as3 actionscript",
        "applescript": "applescript",
        "bash": "bash sh shell zsh console shell-session bash-session curl",
        "c#": "csharp c#",
        "coldfusion": "coldfusion cfm",
        "cpp": "cpp c c++",
        "css": "css less",
        "delphi": "delphi pascal objectpascal",
        "diff": "diff udiff patch",
        "erl": "erlang erl",
        "groovy": "groovy gradle",
        "java": "java kotlin",
        "js": "javascript js typescript ts json jsonc json5 jsx tsx",
        "perl": "perl pl",
        "php": "php",
        "powershell": "powershell ps1 pwsh",
        "py": "python py python3 pycon ipython",
        "ruby": "ruby rb",
        "sass": "sass scss",
        "scala": "scala",
        "sql": "sql mysql postgresql postgres plpgsql tsql sqlite3 bigquery",
        "vb": "vb vbnet vb.net",
        "xml": "xml html svg xhtml html+jinja",
        "yml": "yaml yml",
    }.items()
    for alias in aliases.split()
}
"""Pygments' names for the languages that the code macro of every Confluence knows; it fails on others."""
_WITHOUT_COLOURS = frozenset({"text", "plain", "plaintext", "txt", "none", "output"})
"""What says that there is nothing to colour."""


def highlighted(element: Html, _walk: Walk) -> Nodes:
    """A block of pymdownx.highlight with its language, title and line numbers; the colours are Confluence's own."""
    source = _source(element)
    if source is None:
        return ()
    title = next((text_of(name) for name in element.iter("span", "th") if "filename" in classes(name)), "")
    return (*uncoloured(element), macros.code(source, language(element), title, _first_line(element)))


def preformatted(element: Html, _walk: Walk) -> Nodes:
    """A bare `pre`, as it was typed."""
    return (*uncoloured(element), macros.code(_typed(element), language(element)))


def mermaid(element: Html, _walk: Walk) -> Nodes:
    """A Mermaid drawing as its source, for Confluence draws none by itself."""
    return (loss(SHOWN_AS_SOURCE, "a Mermaid drawing", element), macros.code(_typed(element), title="Mermaid"))


def language(element: Html) -> str:
    """The code macro's name for the language, "" for one that it does not know or that was not given."""
    return _LANGUAGES.get(_given_language(element), "")


def uncoloured(element: Html) -> Nodes:
    """A loss for a language that the code macro does not know: the code is carried, its colours are not."""
    given = _given_language(element)
    is_carried = not given or given in _WITHOUT_COLOURS or given in _LANGUAGES
    return () if is_carried else (loss(LANGUAGE_NOT_KNOWN, f"a code block in {given}", element),)


def _given_language(element: Html) -> str:
    """The language as the built page names it, in small letters."""
    named = (name for node in _with_children(element) for name in sorted(classes(node)))
    return next((name for name in named if name.startswith("language-")), "").removeprefix("language-").lower()


def _with_children(element: Html) -> list[Html]:
    return [element, *(node for node in element.iter("pre", "code") if node is not element)]


def _source(element: Html) -> str | None:
    """The text of the code cell, not of the line numbers beside it."""
    cells = [cell for cell in element.iter("td") if "code" in classes(cell)]
    inner = next(iter(cells), element)
    block = next(inner.iter("pre"), None)
    return None if block is None else _typed(block)


def _typed(block: Html) -> str:
    """The text with its line ends; the last one only closes the last line."""
    return "".join(_parts(block)).removesuffix("\n")


def _parts(element: Html) -> Iterator[str]:
    if is_dropped(element) or tag(element) == "svg":
        return
    yield element.text or ""
    for child in element:
        yield from (*_parts(child), child.tail or "")


def _first_line(element: Html) -> str:
    """The number of the first line where lines are numbered: in a table beside the code, or on each line."""
    for column in element.iter("td"):
        if "linenos" in classes(column):
            return next(iter(text_of(column).split()), "")
    for number in element.iter("span"):
        if number.get("data-linenos") is not None:
            return (number.get("data-linenos") or "").strip()
    return ""


def is_highlighted(element: Html) -> bool:
    """Whether the element is the box around a coloured block."""
    return tag(element) in {"div", "figure"} and bool(classes(element) & {"highlight", "codehilite"})
