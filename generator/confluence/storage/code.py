"""Code blocks: what Pygments coloured, what stands in a bare `pre`, and Mermaid sources."""

from collections.abc import Iterator

from generator.confluence.storage import macros
from generator.confluence.storage.dropped import is_dropped
from generator.confluence.storage.nodes import Nodes
from generator.confluence.storage.page import ConversionContext, Html, build_loss, get_classes, get_tag, get_text
from generator.confluence.storage.rules import LANGUAGE_NOT_KNOWN, NOT_CARRIED, SHOWN_AS_SOURCE

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
_MARK_NAMES = "b bdi bdo big br code del div em font i ins kbd label mark p q s samp small span strike strong sub sup"
_MARKS = frozenset(f"{_MARK_NAMES} time tt u var wbr".split())
"""What only marks text or groups it, and so gives nothing but its text to a block of code."""
_WITHOUT_COLOURS = frozenset({"text", "plain", "plaintext", "txt", "none", "output"})
"""What says that there is nothing to colour."""


def convert_highlighted(element: Html, context: ConversionContext) -> Nodes:
    """A block of pymdownx.highlight with its language, title and line numbers; the colours are Confluence's own.

    A box that an author filled with more than one block of code gives all that it holds, one after the other.
    """
    block = _find_only_block(element)
    if block is None:
        return context.convert_blocks(element)
    title = next((get_text(name) for name in _find_file_name(element)), "")
    coded = macros.build_code(_get_code_text(block), get_language(element), title, _get_first_line(element))
    return (*check_language(element), *_list_lost_elements(block), coded)


def convert_preformatted(element: Html, _context: ConversionContext) -> Nodes:
    """A bare `pre`, as it was typed; within a box of coloured code in the box's language."""
    around = next(filter(is_highlighted, element.iterancestors()), element)
    owner = element if _get_given_language(element) else around
    return (
        *check_language(owner),
        *_list_lost_elements(element),
        macros.build_code(_get_code_text(element), get_language(owner)),
    )


def convert_mermaid(element: Html, _context: ConversionContext) -> Nodes:
    """A Mermaid drawing as its source, for Confluence draws none by itself."""
    return (
        build_loss(SHOWN_AS_SOURCE, "a Mermaid drawing", element),
        macros.build_code(_get_code_text(element), title="Mermaid"),
    )


def get_language(element: Html) -> str:
    """The code macro's name for the language, "" for one that it does not know or that was not given."""
    return _LANGUAGES.get(_get_given_language(element), "")


def check_language(element: Html) -> Nodes:
    """A loss for a language that the code macro does not know: the code is carried, its colours are not."""
    given = _get_given_language(element)
    is_carried = not given or given in _WITHOUT_COLOURS or given in _LANGUAGES
    return () if is_carried else (build_loss(LANGUAGE_NOT_KNOWN, f"a code block in {given}", element),)


def _get_given_language(element: Html) -> str:
    """The language as the built page names it, in small letters."""
    named = (name for node in _list_code_elements(element) for name in sorted(get_classes(node)))
    return next((name for name in named if name.startswith("language-")), "").removeprefix("language-").lower()


def _list_code_elements(element: Html) -> list[Html]:
    return [element, *(node for node in element.iter("pre", "code") if node is not element)]


def _find_only_block(element: Html) -> Html | None:
    """The block of code, not the line numbers beside it; None where the box shows anything besides it."""
    numbers = [cell for cell in element.iter("td") if "linenos" in get_classes(cell)]
    numbered = [block for cell in numbers for block in cell.iter("pre")]
    blocks = [block for block in element.iter("pre") if block not in numbered]
    is_only = len(blocks) == 1 and not _has_other_content(element, [*blocks, *numbers, *_find_file_name(element)])
    return blocks[0] if is_only else None


def _find_file_name(element: Html) -> list[Html]:
    """Where the file's name stands: above the code, or in the head of the table with its line numbers."""
    return [name for name in element.iter("span", "th") if "filename" in get_classes(name)][:1]


def _has_other_content(element: Html, known: list[Html]) -> bool:
    """Whether a reader sees anything of the element but the known ones."""
    if element in known or is_dropped(element):
        return False
    own = get_tag(element) in {"img", "svg"} or bool((element.text or "").strip())
    return own or any(_has_other_content(child, known) or (child.tail or "").strip() for child in element)


def _list_lost_elements(block: Html) -> Nodes:
    """Losses for the links, pictures and blocks within, of which the code macro keeps the text alone."""
    within = (node for node in block.iterdescendants() if get_tag(node) not in _MARKS and not is_dropped(node))
    lost = [node for node in within if get_tag(node) != "a" or _is_link(node)]
    return tuple(build_loss(NOT_CARRIED, f"<{get_tag(node)}> in a code block", node) for node in lost)


def _is_link(element: Html) -> bool:
    """Whether it leads anywhere else than to its own line, as the anchors of line numbers do."""
    return not element.get("href", "#__").startswith("#__")


def _get_code_text(block: Html) -> str:
    """The text with its line ends; the last one only closes the last line."""
    return "".join(_list_texts(block)).removesuffix("\n")


def _list_texts(element: Html) -> Iterator[str]:
    if is_dropped(element) or get_tag(element) == "svg":
        return
    yield "\n" if get_tag(element) == "br" else element.text or ""
    for child in element:
        yield from (*_list_texts(child), child.tail or "")


def _get_first_line(element: Html) -> str:
    """The number of the first line where lines are numbered: in a table beside the code, or on each line."""
    for column in element.iter("td"):
        if "linenos" in get_classes(column):
            return next(iter(get_text(column).split()), "")
    for number in element.iter("span"):
        if number.get("data-linenos") is not None:
            return (number.get("data-linenos") or "").strip()
    return ""


def is_highlighted(element: Html) -> bool:
    """Whether the element is the box around a coloured block."""
    return get_tag(element) in {"div", "figure"} and bool(get_classes(element) & {"highlight", "codehilite"})
