"""The sections at the end of a card's page: cards by their names, functions by their titles."""

import re

from generator.names import Ref
from generator.pages.contexts.answers import build_answers
from tests.books import open_own_book

RYL, ASHA = Ref("model", "ryl"), Ref("person", "asha")


def test_a_handover_names_functions_by_their_titles():
    found = build_answers(open_own_book().book, ASHA).handover
    assert found is not None
    roles = {one.ref: one.roles for one in found.held}
    assert roles[RYL] == ("contact for Data Science",)
    whys = [why for ask in found.asks for why in ask.whys]
    assert "contact for Merch Operations on Restaurants You'll Like" in whys


def test_a_handover_describes_edges_by_name():
    book = open_own_book().book
    found = build_answers(book, Ref("team", "data-science")).handover
    assert found is not None
    table = next(one for one in found.held if one.ref == Ref("table", "churn_scores"))
    assert {why for caller in table.callers for why in caller.whys} == {
        why
        for caller in table.callers
        for why in book.edge_text.describe_edges(
            one for one in book.graph.list_incoming_edges(table.ref) if one.source == caller.ref
        )
    }
    assert table.callers
    assert not [why for caller in table.callers for why in caller.whys if "churn_scores" in why]


def test_no_section_of_a_page_contains_ids():
    """The history is excluded: it shows the values as they were in the card."""
    project = open_own_book()
    keys = {str(ref) for ref in project.graph.refs if ref.kind in {"team", "person", "model", "system"}}
    pages, mistakes = project.render_pages()
    assert mistakes == []
    ids = re.compile(r"\(declared by \w+:|\b(?:ds|merch_ops|dsp) contact\b|contact for (?:ds|merch_ops|dsp)\b")
    sections = {page.key: page.markdown.partition("## History")[0] for page in pages if page.key in keys}
    assert {key: found[0] for key, markdown in sections.items() if (found := ids.search(markdown))} == {}
    assert sum("mb-fold" in markdown or "## Impact" in markdown for markdown in sections.values()) > 20
