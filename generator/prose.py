"""The Markdown of prose in cards: CommonMark with tables, strikethrough, lists of terms and tasks, and footnotes."""

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin


def build_prose_parser() -> MarkdownIt:
    """Return a parser that reads HTML as text."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    return parser.use(deflist_plugin).use(footnote_plugin).use(tasklists_plugin)
