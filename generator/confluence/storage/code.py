"""Code blocks of Pygments, bare `pre` elements, and sources of Mermaid diagrams."""

from collections.abc import Iterator

from generator.confluence.storage import macros
from generator.confluence.storage.nodes import Nodes
from generator.confluence.storage.page import (
    ConversionContext,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
    is_dropped,
)
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
"""The languages of the code macro by the names of Pygments. The macro fails for other languages."""
_MARK_NAMES = "b bdi bdo big br code del div em font i ins kbd label mark p q s samp small span strike strong sub sup"
_MARKS = frozenset(f"{_MARK_NAMES} time tt u var wbr".split())
"""Elements of which a code block keeps the text."""
_WITHOUT_COLOURS = frozenset({"text", "plain", "plaintext", "txt", "none", "output"})
"""Languages without syntax highlighting."""


def convert_highlighted(element: Html, context: ConversionContext) -> Nodes:
    """Return a block of pymdownx.highlight with its language, title and line numbers.

    If its box contains more than one block of code, all its content is converted in order.
    """
    block = _find_only_block(element)
    if block is None:
        return context.convert_blocks(element)
    title = next((get_text(name) for name in _find_file_name(element)), "")
    coded = macros.build_code(_get_code_text(block), get_language(element), title, _get_first_line(element))
    return (*check_language(element), *_list_lost_elements(block), coded)


def convert_preformatted(element: Html, _context: ConversionContext) -> Nodes:
    """Return a bare `pre` as a code block; inside a highlighted box it has the language of the box."""
    around = next(filter(is_highlighted, element.iterancestors()), element)
    owner = element if _get_given_language(element) else around
    return (
        *check_language(owner),
        *_list_lost_elements(element),
        macros.build_code(_get_code_text(element), get_language(owner)),
    )


def convert_mermaid(element: Html, _context: ConversionContext) -> Nodes:
    """Return the source of a Mermaid diagram, which Confluence cannot draw without an add-on."""
    return (
        build_loss(SHOWN_AS_SOURCE, "a Mermaid drawing", element),
        macros.build_code(_get_code_text(element), title="Mermaid"),
    )


def get_language(element: Html) -> str:
    """Return the language of the code macro; "" if the block has none that the macro supports."""
    return _LANGUAGES.get(_get_given_language(element), "")


def check_language(element: Html) -> Nodes:
    """Report a language that the code macro does not support."""
    given = _get_given_language(element)
    is_carried = not given or given in _WITHOUT_COLOURS or given in _LANGUAGES
    return () if is_carried else (build_loss(LANGUAGE_NOT_KNOWN, f"a code block in {given}", element),)


def _get_given_language(element: Html) -> str:
    """Return the language as the built page names it, in lower case."""
    elements = [element, *(node for node in element.iter("pre", "code") if node is not element)]
    named = (name for node in elements for name in sorted(get_classes(node)))
    return next((name for name in named if name.startswith("language-")), "").removeprefix("language-").lower()


def _find_only_block(element: Html) -> Html | None:
    """Find the block of code without its line numbers; None if the box contains anything else."""
    numbers = [cell for cell in element.iter("td") if "linenos" in get_classes(cell)]
    numbered = [block for cell in numbers for block in cell.iter("pre")]
    blocks = [block for block in element.iter("pre") if block not in numbered]
    is_only = len(blocks) == 1 and not _has_other_content(element, [*blocks, *numbers, *_find_file_name(element)])
    return blocks[0] if is_only else None


def _find_file_name(element: Html) -> list[Html]:
    """Find the file name, which is above the code or in the head of the table with its line numbers."""
    return [name for name in element.iter("span", "th") if "filename" in get_classes(name)][:1]


def _has_other_content(element: Html, known: list[Html]) -> bool:
    """Return whether an element shows anything other than the known elements."""
    if element in known or is_dropped(element):
        return False
    own = get_tag(element) in {"img", "svg"} or bool((element.text or "").strip())
    return own or any(_has_other_content(child, known) or (child.tail or "").strip() for child in element)


def _list_lost_elements(block: Html) -> Nodes:
    """List the losses for links, images and blocks, of which the code macro keeps only the text."""
    within = (node for node in block.iterdescendants() if get_tag(node) not in _MARKS and not is_dropped(node))
    # The anchors of line numbers only link to their own line.
    lost = [node for node in within if get_tag(node) != "a" or not node.get("href", "#__").startswith("#__")]
    return tuple(build_loss(NOT_CARRIED, f"<{get_tag(node)}> in a code block", node) for node in lost)


def _get_code_text(block: Html) -> str:
    """Return the text with its line ends, without the last one."""
    return "".join(_list_texts(block)).removesuffix("\n")


def _list_texts(element: Html) -> Iterator[str]:
    if is_dropped(element) or get_tag(element) == "svg":
        return
    yield "\n" if get_tag(element) == "br" else element.text or ""
    for child in element:
        yield from (*_list_texts(child), child.tail or "")


def _get_first_line(element: Html) -> str:
    """Return the number of the first line if lines are numbered: in a table, or on each line."""
    for column in element.iter("td"):
        if "linenos" in get_classes(column):
            return next(iter(get_text(column).split()), "")
    for number in element.iter("span"):
        if number.get("data-linenos") is not None:
            return (number.get("data-linenos") or "").strip()
    return ""


def is_highlighted(element: Html) -> bool:
    """Return whether an element is the box of a highlighted block."""
    return get_tag(element) in {"div", "figure"} and bool(get_classes(element) & {"highlight", "codehilite"})
