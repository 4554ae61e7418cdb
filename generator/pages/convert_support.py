"""The converter for the Markdown extensions of a book; None if one of them, or an option of it, is not known."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import markdown
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.toc import TocTreeprocessor, unique
from markdown.serializers import to_xhtml_string
from pygments.styles import get_style_by_name

from generator.pages.convert import HeadingOptions, MarkdownConverter
from generator.pages.convert_inline import InlineConverter

_REQUIRED = frozenset({
    "markdown.extensions.attr_list.AttrListTreeprocessor",
    "markdown.extensions.md_in_html.HtmlBlockPreprocessor",
    "markdown.extensions.md_in_html.MarkdownInHtmlProcessor",
    "markdown.extensions.md_in_html.MarkdownInHTMLPostprocessor",
    "markdown.extensions.tables.TableProcessor",
    "markdown.extensions.toc.TocTreeprocessor",
    "pymdownx.highlight.HighlightTreeprocessor",
    "pymdownx.superfences.SuperFencesBlockPreprocessor",
    "pymdownx.superfences.SuperFencesCodeBlockProcessor",
})  # fmt: skip
"""The processors that the pages of the book need."""
_REPLACED = frozenset({
    "markdown.blockprocessors.CodeBlockProcessor",
    "markdown.inlinepatterns.BacktickInlineProcessor",
    "markdown.inlinepatterns.DelimiterProcessor",
    "markdown.postprocessors.RawHtmlPostprocessor",
    "markdown.preprocessors.HtmlBlockPreprocessor",
})  # fmt: skip
"""The processors of Python-Markdown itself that they, `inlinehilite` and `betterem` replace."""
_HARMLESS = frozenset({
    "markdown.extensions.abbr",
    "markdown.extensions.admonition",
    "markdown.extensions.def_list",
    "markdown.extensions.footnotes",
    "markdown.extensions.meta",
    "pymdownx.delimiterprocessor",
    "pymdownx.details",
    "pymdownx.inlinehilite",
    "pymdownx.tabbed",
    "pymdownx.tasklist",
})  # fmt: skip
"""The modules of extensions that change only what the converter refuses: brackets, backticks, starts of lines."""
_TAB = 4
_MARKERS = ("[TOC]", "")
"""The texts for a table of contents in a page: the converter refuses brackets, and an empty one switches it off."""
_TRIGGERS: Mapping[str, str] = {"pymdownx.emoji": r":[\w+-]+:"}
"""What other extensions read as markup in a line, by their modules."""
_EARLY_TRIGGERS: Mapping[str, str] = {"pymdownx.arithmatex": r"\$", "pymdownx.keys": r"\+\+"}
"""The same for extensions that read a line before its tags, and so look into their attributes."""
_DELIMITER = "pymdownx.delimiterprocessor.DelimiterProcessor"
_DELIMITERS: Mapping[str, str] = {"^": r"\^", "~": "~", "=": "==", "_": r"\b_|_\b", "*": r"\*{3}"}
"""The same for the delimiters of `caret`, `tilde`, `mark` and `betterem`, which share a processor."""

_SAMPLE = """\
<p class="a">One <b>two</b></p>
<div id="x">

<p>raw &#42;</p></div>

# Title &amp; [link](a/b.md#c)

## **Bold** {: #given }
Text, x_y, [a](b.md) and
<i>more</i>

<div class="z" id="q" markdown="1">
<section title="a&#39;b" data-c markdown="1">

- one
- [two](c.md)<br>three

</section>
<table class="t"><tbody>
<tr><td>a</td><td>b <small>c</small></td></tr>
</tbody></table>

| a | b |
|---|--:|
| 1 | <u>2</u> |

<details markdown="1">
<summary>More</summary>

```json
{}
```

</details>
</div>
1. one
2. two
"""
"""What the templates print, to compare the converter with the installed version of Python-Markdown."""


def build_converter(extensions: Sequence[Any], options: Mapping[str, Any]) -> MarkdownConverter | None:
    """Build the converter for the extensions and their options as MkDocs passes them to Python-Markdown."""
    parser = markdown.Markdown(extensions=list(extensions), extension_configs=dict(options))
    usual, found = Counter(_list_processors(markdown.Markdown())), Counter(_list_processors(parser))
    added = {kind for kind, _ in found - usual}
    modules = {kind.rpartition(".")[0] for kind in added} - {kind.rpartition(".")[0] for kind in _REQUIRED}
    added_delimiters = [one.delimiters for one in parser.inlinePatterns if _get_kind(one) == _DELIMITER]
    delimiters = {token: one for found in added_delimiters for token, one in found.items()}
    if not added >= _REQUIRED or not {kind for kind, _ in usual - found} <= _REPLACED:
        return None
    if not modules <= _HARMLESS | _TRIGGERS.keys() | _EARLY_TRIGGERS.keys():
        return None
    if not delimiters.keys() <= _DELIMITERS.keys():
        return None
    if "_" in delimiters and not delimiters["_"].smart:  # it is emphasis within a word too
        return None
    headings = _read_heading_options(parser.treeprocessors["toc"])
    highlight = next((one for one in parser.registeredExtensions if hasattr(one, "pygments_code_block")), None)
    if headings is None or highlight is None or parser.parser.blockprocessors["table"].config["use_align_attribute"]:
        return None
    if any(one.getConfig("glossary") for one in parser.registeredExtensions if isinstance(one, AbbrExtension)):
        return None  # abbreviations for all pages; those of one page are refused
    if parser.tab_length != _TAB or parser.serializer is not to_xhtml_string:
        return None
    patterns = [
        *(_DELIMITERS[token] for token in delimiters),
        *(_TRIGGERS[name] for name in sorted(modules & _TRIGGERS.keys())),
    ]
    block_tags = frozenset(parser.block_level_elements)
    early = [_EARLY_TRIGGERS[name] for name in sorted(modules & _EARLY_TRIGGERS.keys())]
    triggers, early_triggers = (re.compile("|".join(found)) if found else None for found in (patterns, early))
    inline = InlineConverter(block_tags, triggers, early_triggers, only_words="*" in delimiters)
    converter = MarkdownConverter(block_tags, headings, inline, _FenceRenderer(parser, highlight).render)
    converted = converter.convert(_SAMPLE)
    expected = parser.reset().convert(_SAMPLE)
    return converter if converted and converted.resolve_links(lambda target: target) == expected else None


def _list_processors(parser: markdown.Markdown) -> Iterator[tuple[str, str]]:
    """List the processors of an engine by their classes and patterns."""
    registries = (parser.preprocessors, parser.parser.blockprocessors, parser.inlinePatterns)
    for registry in (*registries, parser.treeprocessors, parser.postprocessors):
        yield from ((_get_kind(one), str(getattr(one, "pattern", ""))) for one in registry)


def _get_kind(processor: object) -> str:
    return f"{type(processor).__module__}.{type(processor).__qualname__}"


def _read_heading_options(toc: TocTreeprocessor) -> HeadingOptions | None:
    """Read the options of `toc`; None if one of them is not known."""
    # MkDocs finds the link in the title of a page by this class.
    is_known = not toc.use_permalinks or toc.permalink_class == "headerlink"
    is_known = is_known and toc.marker in _MARKERS
    if toc.base_level or toc.use_anchors or toc.permalink_leading or not is_known:
        return None
    permalink = "&para;" if toc.use_permalinks is True else html.escape(toc.use_permalinks or "", quote=False)
    return HeadingOptions(
        toc.slugify, unique, toc.sep, toc.toc_top, toc.toc_bottom, permalink, toc.permalink_class, toc.permalink_title
    )


class _NoStyle:
    """A style without rules: HTML with classes has none of them, and Pygments computes its CSS for each fence."""

    background_color = None

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _FenceRenderer:
    def __init__(self, parser: markdown.Markdown, highlight: Any) -> None:  # noqa: ANN401 - it has no types
        self._parser = parser
        self._highlight = highlight
        self._counts = bool(highlight.getConfig("line_spans") or highlight.getConfig("line_anchors"))
        if highlight.getConfig("use_pygments") and not highlight.getConfig("noclasses"):
            get_style_by_name(highlight.getConfig("pygments_style"))  # an unknown one is an error
            highlight.setConfig("pygments_style", _NoStyle())
        self._rendered: dict[tuple[str, int], str] = {}

    def render(self, fence: str, number: int) -> str:
        """Render a fence, the page's nth from 0, which some options make part of the anchors of lines."""
        key = (fence, number if self._counts else 0)
        if key not in self._rendered:
            self._parser.reset()
            self._highlight.pygments_code_block = key[1] - 1
            # SuperFences renders the fence before all else: the rest of the conversion would take as long again.
            rest = self._parser.preprocessors["fenced_code_block"].run(fence.split("\n"))
            blocks = self._parser.htmlStash.rawHtmlBlocks
            is_whole = len(rest) == len(blocks) == 1 and blocks[0].startswith("<div ")
            self._rendered[key] = blocks[0] if is_whole else self._parser.convert(fence)
        return self._rendered[key]
