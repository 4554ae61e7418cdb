"""Inline Markdown that the templates print, as HTML: text, character references, tags, links and bold.

Card text is escaped, so whatever else Markdown could read as markup is refused.
"""

import re
from collections.abc import Collection

LINK_MARK = "\0"
"""Stands before and after the target of a link, which depends on the files of the site."""

CODE_TAGS = frozenset(["script", "style", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"])
"""Elements whose content is not HTML to a parser."""
ENTITY = r"&(?:\#[0-9]+|\#x[0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);"
_CACHED = 20_000
_TAG = r"</?[a-zA-Z][a-zA-Z0-9:-]*(?: +[a-zA-Z_:][\w:.-]*(?:=\"[^\"<>\[\]\\`\x00-\x1f]*\")?)* ?/?>"
"""A tag as the templates print it; brackets, backslashes and backticks in it would be read before the tag."""
TAG = re.compile(_TAG)
_PLAIN = re.compile(
    rf"(?:[^<&>\[\]\\`*_{{}}\x00-\x09\x0b-\x1f\x7f]++|{_TAG}|{ENTITY}|(?<=[0-9A-Za-z])_+(?=[0-9A-Za-z]))*+"
)
_BOLD = re.compile(r"\*\*([^*\s](?:[^*]*[^*\s])?)\*\*")
_WORD_BOLD = re.compile(r"(?<![^\s>])\*\*([^*\W](?:[^*]*(?:[^*\W]|[^*\s](?=\*\*(?:\s|$))))?)\*\*(?![^\s<.,:;)])")
"""Bold words, with nothing between the marks and the words that `betterem` could read in another way."""
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([A-Za-z0-9./#%_~+,:@=?-]*)\)")
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")


class RefusedError(Exception):
    """Markdown outside of the grammar."""


class InlineConverter:
    """Converter of inline Markdown, with what it has converted so far: the words of a book are on many pages."""

    def __init__(
        self,
        block_tags: Collection[str],
        triggers: re.Pattern[str] | None,
        early_triggers: re.Pattern[str] | None = None,
        *,
        only_words: bool = False,
    ) -> None:
        """Prepare the converter.

        Args:
            block_tags: The tags that are not part of a line.
            triggers: What an extension of the author reads as markup.
            early_triggers: The same for an extension that looks into tags, too.
            only_words: Whether to refuse other bold text than words.

        """
        self._block_tags = block_tags
        self._triggers = triggers
        self._early_triggers = early_triggers
        self._bold = _WORD_BOLD if only_words else _BOLD
        self._converted: dict[str, str] = {}

    def convert(self, text: str) -> str:
        """Return the HTML of a text, with the targets of links between marks."""
        try:
            return self._converted[text]
        except KeyError:
            if len(self._converted) >= _CACHED:
                self._converted.clear()
            html = self._converted[text] = self._convert(text)
            return html

    def _convert(self, text: str) -> str:
        names = {name.lower() for name in _TAG_NAME.findall(text)}
        if not names.isdisjoint(self._block_tags) or not names.isdisjoint(CODE_TAGS):
            raise RefusedError
        if "  \n" in text:  # a line break
            raise RefusedError
        if self._early_triggers is not None and self._early_triggers.search(text):
            raise RefusedError
        if self._triggers is not None and self._triggers.search(TAG.sub("", text)):
            raise RefusedError
        if _PLAIN.fullmatch(text):
            return text
        pieces: list[str] = []
        for number, part in enumerate(self._bold.split(text)):
            html = _convert_links(part)
            pieces.append(f"<strong>{html}</strong>" if number % 2 else html)
        return "".join(pieces)


def _convert_links(text: str) -> str:
    pieces: list[str] = []
    for number, part in enumerate(_LINK.split(text)):
        match number % 3:
            case 2:
                pieces.append(f'<a href="{LINK_MARK}{part}{LINK_MARK}">{pieces.pop()}</a>')
            case _ if not _PLAIN.fullmatch(part):
                raise RefusedError
            case _:
                pieces.append(part)
    return "".join(pieces)
