"""MB106: the links in the prose of Markdown cards."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from generator.checks.rule import RuleContext, Violation, rule
from generator.findings import Position, Severity
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import KINDS

_LINK = re.compile(r"\]\(|\]:|<[a-z]\w*:")
_ADDRESS = re.compile(r"https?:|mailto:|#", re.IGNORECASE)


@rule("MB106", "broken-prose-link", Severity.WARNING)
def broken_prose_link(context: RuleContext) -> Iterator[Violation]:
    """Checks that every link in the prose of a Markdown card has a target.

    Why: the page shows the words of the link, but readers cannot follow it. Such a link often remains after a card gets
    another id.
    Fix: write the id of the card, as in `[RYL](model:ryl)`, or an address that begins with `https://`.
    """
    for loaded in context.items:
        for address, line in _list_links(loaded.body) if _LINK.search(loaded.body) else ():
            ref = _parse_reference(address)
            if _ADDRESS.match(address) or (ref is not None and ref in context.graph):
                continue
            message = f"unresolved link {address!r}: expected kind:id or an https address"
            hint = "link to a card, as in `[RYL](model:ryl)`, or to an address that begins with `https://`"
            if ref is not None and ref.kind in KINDS:
                message = f"unresolved link {address!r}: expected a card"
                hint = f"correct the id, or write the card: modelbook new {ref.kind} {ref.id}"
            elif ref is not None:
                message = f"unresolved link {address!r}: expected a resource that a card names"
                hint = "correct the id, or write a card for the resource"
            yield Violation(_locate_link(context, loaded, address, line), message, hint, loaded.ref)


def _list_links(prose: str) -> Iterator[tuple[str, int]]:
    """List the addresses of the links in prose, each with the number of the line where its paragraph begins."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most prose has no links

    for token in MarkdownIt("commonmark").enable("table").parse(prose):
        for child in token.children or ():
            if child.type == "link_open":
                yield unquote(str(child.attrGet("href") or "")), token.map[0] if token.map else 0


def _parse_reference(address: str) -> Ref | None:
    try:
        return Ref.parse(address)
    except ValueError:
        return None


def _locate_link(context: RuleContext, loaded: LoadedCard, address: str, line: int) -> Position:
    """Return the place of a link in the file of its card: that of its address from a line of the prose on."""
    text = context.cards.texts.get(loaded.file, "").replace("\r\n", "\n")
    start = text.rfind(loaded.body)
    first = text.count("\n", 0, max(start, 0)) + line
    for number, content in enumerate(text.split("\n")[first:], first + 1):
        if start >= 0 and address in content:
            return Position(loaded.file, number, content.index(address) + 1)
    return loaded.at()
