"""The diff and the description of a change."""

import pytest

from generator.confluence.demo.storage import rewrite_body
from generator.confluence.storage.readable import to_readable_lines
from generator.confluence.sync.difference import (
    contains_edit,
    describe_difference,
    first_lines,
    line_diff,
    same_content,
)
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import render_facts
from tests.confluence.storage.book import storage


def page(text: str = "", **rows: str) -> str:
    return storage(f"{render_facts(**rows) if rows else ''}{text}")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (page(deployed_on="2025-11-03"), page(deployed_on="2026-02-01"), "deployed on 2025-11-03 → 2026-02-01"),
        (page(consumers="feed, mail"), page(consumers="feed, mail, search"), "consumers: + search"),
        (page(consumers="feed, mail"), page(consumers="mail, search"), "consumers: + search, - feed"),
        (page(a="1"), page(a="1", b="2"), "b: + 2"),
        (page(a="1", b="2"), page(a="1"), "b: - 2"),
        (page("<h2>Use</h2><p>a</p>"), page("<h2>Use</h2><p>a</p><ul><li>two</li></ul>"), "Use: + two"),
        (page("<h2>Use</h2><p>one</p>"), page("<h2>Use</h2><p>two</p>"), "Use changed"),
        (page("<h2>Use</h2><p>x</p>"), page("<p>y</p>"), "Text added; Use removed"),
        (page("<p>x</p>"), page("<p>x</p><h2>More</h2><p>y</p>"), "More added"),
        (page("<p>x</p>", a="1"), page("<p>x</p>", a="1"), ""),
    ],
)
def test_a_change_is_described(old: str, new: str, words: str) -> None:
    assert describe_difference(rewrite_body(old, Flavour.CLOUD, "1"), new) == words


def test_changed_lines_are_paired_and_equal_lines_omitted() -> None:
    old = storage("".join(f"<p>line {number}</p>" for number in range(9)))
    assert line_diff(
        rewrite_body(old, Flavour.CLOUD, "1"), old.replace("line 2", "LINE 2").replace("line 7", "LINE 7")
    ) == (
        *("  line 1", "- line 2", "+ LINE 2", "  line 3", "@@"),
        *("  line 6", "- line 7", "+ LINE 7", "  line 8"),
    )


def test_changes_of_confluence_on_save_are_ignored() -> None:
    body = page("<p>Größe &amp; mehr</p><pre><code>x &lt; y</code></pre>", owner="a")
    assert line_diff(rewrite_body(body, Flavour.CLOUD, "1"), body) == ()
    assert same_content(rewrite_body(body, Flavour.CLOUD, "1"), rewrite_body(body, Flavour.CLOUD, "2"))
    assert not same_content(body, body.replace("mehr", "weniger"))
    assert not same_content("<p>broken", "<p>")


def test_a_long_diff_contains_the_number_of_omitted_lines() -> None:
    lines = line_diff("<p>x</p>", "".join(f"<p>line {number}</p>" for number in range(500)))
    assert len(lines) == 121
    assert lines[-1] == "@@ 381 more lines"


def test_a_new_page_shows_its_first_lines() -> None:
    body = "".join(f"<p>line {number}</p>" for number in range(20))
    assert first_lines(body, 3) == ("+ line 0", "+ line 1", "+ line 2", "@@ 17 more lines")
    assert first_lines("<p>x</p>") == tuple(f"+ {line}" for line in to_readable_lines("<p>x</p>"))


@pytest.mark.parametrize(
    ("edited", "wanted", "contained"),
    [
        ("<p>a</p><p>new</p>", "<p>a</p><p>new</p><p>more</p>", True),
        ("<p>new</p>", "<p>new</p><p>more</p>", True),
        ("<p>a</p><p>new</p>", "<p>a</p><p>newer</p>", False),
        ("<p>new</p>", "<p>a</p><p>new</p>", False),
        ("<p><b>a</b></p>", "<p><i>a</i></p>", False),
        ("<p>a</p><p>a</p>", "<p>a</p>", False),
    ],
)
def test_a_body_contains_an_edit_with_all_its_lines(edited: str, wanted: str, contained: bool) -> None:
    assert contains_edit("<p>a</p>", edited, wanted) == contained
