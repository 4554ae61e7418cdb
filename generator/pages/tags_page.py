"""The page of tags, whose lists Material's tags plugin makes."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from html import unescape

from generator.pages.markup import escape_text
from generator.pages.paths import SECTIONS

TAGS_PATH = "tags.md"
"""The page that lists the pages by their tags, if the tags plugin is enabled."""
TAGS_PAGE = "---\nsearch: {exclude: true}\n---\n# Tags\n\n<!-- material/tags -->\n"
"""In the search, each tag would be a result before the cards that have it."""
MOST_TAGGED, MOST_UNLISTED = 3_000, 200
"""The most links on the page of tags, and the most tags that it names without their pages."""


def choose_listed_tags(pages_by_tag: Mapping[str, int]) -> frozenset[str]:
    """Choose the tags whose pages the page of tags lists: all, or those with the fewest pages if these are too many."""
    listed, links = set[str](), 0
    for tag, count in sorted(pages_by_tag.items(), key=lambda item: (item[1], item[0])):
        links += count
        if links > MOST_TAGGED:
            break
        listed.add(tag)
    return frozenset(listed)


def render_tags_page(tags: Iterable[str]) -> str:
    """Render the Markdown of the page of tags for MkDocs, from the tags of every page, each as often as a page has it.

    Tags with too many pages are only named, with the index of a kind if the tag is a kind.
    """
    counts = Counter(tags)
    listed = choose_listed_tags(counts)
    if len(listed) == len(counts):
        return TAGS_PAGE
    indexes = {section.kind.replace("_", "-"): section for section in SECTIONS}
    lines = []
    for tag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if tag not in listed:
            section = indexes.get(tag)
            link = f", [{section.title}]({section.path})" if section else ""
            lines.append(f"- {escape_text(unescape(tag))}: {count} pages{link}\n")
    more = len(lines) - MOST_UNLISTED
    shown = [*lines[:MOST_UNLISTED], *([f"- and {more} more\n"] if more > 0 else [])]
    # A directive in a comment: YAML, whose escapes are those of JSON.
    names = json.dumps(sorted(listed)).replace(">", "\\u003e").replace("<", "\\u003c")
    directive = f"<!-- material/tags {{ include: {names} }} -->" if listed else ""
    text = f"These tags have too many pages to list them here. The search finds the pages.\n\n{''.join(shown)}\n"
    return TAGS_PAGE.replace("<!-- material/tags -->", f"{text}{directive}")
