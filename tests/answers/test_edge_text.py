"""Pages call things by their names and functions by their titles, whatever the ids are."""

import re

import pytest

from generator.findings import Position
from generator.graph.edges import Edge, Relation
from generator.names import Ref
from generator.pages.contexts.answers import build_answers
from tests.books import own_book

PROJECT = own_book()
BOOK = PROJECT.book
RYL, FEED, ASHA = Ref("model", "ryl"), Ref("system", "home-feed"), Ref("person", "asha")
FLOW = Ref("flow", "home-ranking")


def edge(relation: Relation, target: Ref, says: Ref, *, source: Ref = FEED, role: str = "", step: int = 0) -> Edge:
    return Edge(source, target, relation, Position("cards/c.yml", 1, 1), says, role=role, step=step)


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([edge(Relation.USES, RYL, FEED)], "Home feed uses Restaurants You'll Like"),
        ([edge(Relation.USES, RYL, RYL)], "Home feed uses Restaurants You'll Like (says Restaurants You'll Like)"),
        ([edge(Relation.USES, RYL, RYL), edge(Relation.USES, RYL, FEED)], "Home feed uses Restaurants You'll Like"),
        (
            [edge(Relation.CALLS, RYL, FLOW, step=6)],
            "Home feed calls Restaurants You'll Like in flow Home page ranking, step 6",
        ),
        (
            [edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="ds")],
            "Restaurants You'll Like has Asha Rao as contact for Data Science",
        ),
        (
            [edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="unheard_of")],
            "Restaurants You'll Like has Asha Rao as contact for unheard_of",
        ),
    ],
)
def test_a_reason_is_said_once_with_names(edges, words):
    assert BOOK.edge_text.describe_edges(edges) == (words,)


def test_what_somebody_is_to_a_thing_names_the_function_by_its_title():
    contact = edge(Relation.CONTACT, ASHA, RYL, source=RYL, role="merch_ops")
    assert BOOK.edge_text.describe_role(contact) == "contact for Merch Operations on Restaurants You'll Like"
    assert BOOK.edge_text.describe_role(edge(Relation.OWNED_BY, ASHA, FEED)) == "owns Home feed"
    assert BOOK.edge_text.describe_role(edge(Relation.STAKEHOLDER, ASHA, FEED)) == "has a stake in Home feed"


def test_a_handover_calls_a_role_as_the_rest_of_the_page_does():
    found = build_answers(BOOK, ASHA).handover
    assert found is not None
    roles = {one.ref: one.roles for one in found.held}
    assert roles[RYL] == ("contact for Data Science",)
    whys = [why for ask in found.asks for why in ask.whys]
    assert "contact for Merch Operations on Restaurants You'll Like" in whys


def test_a_handover_says_why_callers_count_on_a_thing_with_names():
    found = build_answers(BOOK, Ref("team", "data-science")).handover
    assert found is not None
    table = next(one for one in found.held if one.ref == Ref("table", "churn_scores"))
    assert {why for caller in table.callers for why in caller.whys} == {
        why
        for caller in table.callers
        for why in BOOK.edge_text.describe_edges(
            one for one in BOOK.graph.list_incoming_edges(table.ref) if one.source == caller.ref
        )
    }
    assert table.callers
    assert not [why for caller in table.callers for why in caller.whys if "churn_scores" in why]


def test_no_page_answers_in_ids():
    """The history is left out: it tells what the card said, in the card's own words."""
    asked = [str(ref) for ref in BOOK.graph.refs if ref.kind in {"team", "person", "model", "system"}]
    pages, mistakes = PROJECT.render_pages(only=asked)
    assert mistakes == []
    ids = re.compile(r"\(says \w+:|\b(?:ds|merch_ops|dsp) contact\b|contact for (?:ds|merch_ops|dsp)\b")
    told = {page.key: page.markdown.partition("## History")[0] for page in pages}
    assert {key: found[0] for key, markdown in told.items() if (found := ids.search(markdown))} == {}
    assert sum("## Impact" in markdown for markdown in told.values()) > 20
