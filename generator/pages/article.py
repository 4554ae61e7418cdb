"""Markdown to the HTML of an article, for what is made from it before an engine builds the site."""

from markdown import Markdown

_EXTENSIONS = (
    "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.details",
    "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.tasklist",
)  # fmt: skip
"""The extensions of a new book."""
_OPTIONS = {"pymdownx.highlight": {"pygments_lang_class": True}, "pymdownx.tabbed": {"alternate_style": True}}
"""Code keeps the name of its language. Without Pygments, titles of code blocks would not be read."""


class ArticleConverter:
    """Converts the Markdown of pages as the engines do. A new parser for each page would take most of the time."""

    def __init__(self) -> None:
        self._parser = Markdown(extensions=_EXTENSIONS, extension_configs=_OPTIONS)

    def convert(self, markdown: str) -> str:
        """Return the HTML of a page without front matter; links stay as they are written."""
        return str(self._parser.reset().convert(markdown))
