"""Code blocks of Pygments, bare `pre` elements, and sources of Mermaid diagrams."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files

from generator.confluence.storage import macros, rules
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

_DATACENTER, _CLOUD_ONLY = (
    {alias: name for name, aliases in languages.items() for alias in (name, *aliases)}
    for languages in tomllib.loads((files(__package__) / "languages.toml").read_text("utf-8")).values()
)
"""The languages of the code macro by the names of Pygments."""
_CLOUD = _DATACENTER | _CLOUD_ONLY
_MARK_NAMES = "b bdi bdo big br code del div em font i ins kbd label mark p q s samp small span strike strong sub sup"
_MARKS = frozenset(f"{_MARK_NAMES} time tt u var wbr".split())
"""Elements of which a code block keeps the text."""
_WITHOUT_COLOURS = frozenset({"", "text", "plain", "plaintext", "txt", "none", "output"})
"""Languages without syntax highlighting."""


def convert_highlighted(element: Html, context: ConversionContext) -> Nodes:
    """Return a block of pymdownx.highlight with its language, title and line numbers.

    If its box contains more than one block of code, all its content is converted in order.
    """
    columns = [cell for cell in element.iter("td") if "linenos" in get_classes(cell)]
    numbered = [block for cell in columns for block in cell.iter("pre")]
    blocks = [block for block in element.iter("pre") if block not in numbered]
    # The file name is above the code or in the head of the table with its line numbers.
    names = [name for name in element.iter("span", "th") if "filename" in get_classes(name)][:1]
    if len(blocks) != 1 or _has_other_content(element, [*blocks, *columns, *names]):
        return context.convert_blocks(element)
    lines = [get_text(cell) for cell in columns] or [
        number.get("data-linenos") or "" for number in element.iter("span") if number.get("data-linenos") is not None
    ]
    first_line = next(iter(" ".join(lines[:1]).split()), "")
    title = get_text(names[0]) if names else ""
    return _build_block(blocks[0], _get_language(element), title, first_line, context)


def convert_preformatted(element: Html, context: ConversionContext) -> Nodes:
    """Return a bare `pre` as a code block; inside a highlighted box it has the language of the box."""
    around = next(filter(is_highlighted, element.iterancestors()), element)
    return _build_block(element, _get_language(element) or _get_language(around), "", "", context)


def convert_mermaid(element: Html, _context: ConversionContext) -> Nodes:
    """Return the source of a Mermaid diagram, which Confluence cannot draw without an add-on."""
    noted = build_loss(rules.SHOWN_AS_SOURCE, "a Mermaid drawing", element)
    return (noted, macros.build_code(_get_code_text(element).removesuffix("\n"), title="Mermaid"))


def is_highlighted(element: Html) -> bool:
    """Return whether an element is the box of a highlighted block."""
    return get_tag(element) in {"div", "figure"} and bool(get_classes(element) & {"highlight", "codehilite"})


def _build_block(block: Html, language: str, title: str, first_line: str, context: ConversionContext) -> Nodes:
    """Return a block, and the losses: an unknown language, and elements of which the macro keeps only the text."""
    known = _CLOUD if context.site.is_cloud else _DATACENTER
    is_carried = language in known or language in _WITHOUT_COLOURS
    losses = [] if is_carried else [build_loss(rules.LANGUAGE_NOT_KNOWN, f"a code block in {language}", block)]
    within = (node for node in block.iterdescendants() if get_tag(node) not in _MARKS and not is_dropped(node))
    # The anchors of line numbers only link to their own line.
    lost = (node for node in within if get_tag(node) != "a" or not node.get("href", "#__").startswith("#__"))
    losses += [build_loss(rules.NOT_CARRIED, f"<{get_tag(node)}> in a code block", node) for node in lost]
    text = _get_code_text(block).removesuffix("\n")
    return (*losses, macros.build_code(text, known.get(language, ""), title, first_line))


def _get_language(element: Html) -> str:
    """Return the language as the built page names it, in lower case."""
    elements = [element, *(node for node in element.iter("pre", "code") if node is not element)]
    named = (name for node in elements for name in sorted(get_classes(node)))
    return next((name for name in named if name.startswith("language-")), "").removeprefix("language-").lower()


def _has_other_content(element: Html, known: list[Html]) -> bool:
    """Return whether an element shows anything other than the known elements."""
    if element in known or is_dropped(element):
        return False
    own = get_tag(element) in {"img", "svg"} or bool((element.text or "").strip())
    return own or any(_has_other_content(child, known) or (child.tail or "").strip() for child in element)


def _get_code_text(element: Html) -> str:
    """Return the text with its line ends; a paragraph or a `div` in it is on lines of its own, as in a browser."""
    text, is_apart = "", False
    for part in _list_code_parts(element):
        if part is None:
            is_apart = True
        elif part:
            text += f"\n{part}" if is_apart and text and not text.endswith("\n") else part
            is_apart = False
    return text


def _list_code_parts(element: Html) -> Iterator[str | None]:
    """Yield the texts in an element; None for the edge of a paragraph."""
    if is_dropped(element) or get_tag(element) == "svg":
        return
    yield "\n" if get_tag(element) == "br" else element.text or ""
    for child in element:
        edge = None if get_tag(child) in {"p", "div"} else ""
        yield from (edge, *_list_code_parts(child), edge)
        yield child.tail or ""
