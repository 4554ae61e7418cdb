"""MB106: the links in the prose of Markdown cards."""

import re
from collections.abc import Iterator
from itertools import accumulate
from urllib.parse import unquote

from generator.checks.locations import LineIndex
from generator.checks.rule import RuleContext, Violation, rule
from generator.findings import Severity
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
        if not _LINK.search(loaded.body):
            continue
        prose, text = (_unify_lines(one) for one in (loaded.body, context.cards.texts.get(loaded.file, "")))
        start, index = text.rfind(prose), LineIndex(text, loaded.file)
        for address, offset in _list_links(prose):
            ref = _parse_reference(address)
            if _ADDRESS.match(address) or (
                ref is not None and (ref in context.graph or context.cards.unread.find([ref]))
            ):
                continue
            message = f"unresolved link {address!r}: expected kind:id or an https address"
            hint = "link to a card, as in `[RYL](model:ryl)`, or to an address that begins with `https://`"
            if ref is not None and ref.kind in KINDS:
                message = f"unresolved link {address!r}: expected a card"
                hint = f"correct the id, or write the card: modelbook new {ref.kind} {ref.id}"
            elif ref is not None:
                message = f"unresolved link {address!r}: expected a resource that a card names"
                hint = "correct the id, or write a card for the resource"
            position = index.locate(start + offset) if start >= 0 else loaded.at()
            yield Violation(position, message, hint, loaded.ref)


def _unify_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _list_links(prose: str) -> Iterator[tuple[str, int]]:
    """List the addresses of the links in prose, each with its place, or else that of its paragraph."""
    from generator.prose import build_prose_parser  # noqa: PLC0415 - most prose has no links

    starts = [*accumulate((len(line) + 1 for line in prose.split("\n")), initial=0)]
    for token in build_prose_parser().parse(prose):
        position, end = (starts[line] for line in token.map) if token.map else (0, len(prose))
        for child in token.children or ():
            if child.type == "link_open":
                address = unquote(str(child.attrGet("href") or ""))
                found = prose.find(address, position, end)
                yield address, max(found, position)
                position = max(found + len(address), position)


def _parse_reference(address: str) -> Ref | None:
    try:
        return Ref.parse(address)
    except ValueError:
        return None
