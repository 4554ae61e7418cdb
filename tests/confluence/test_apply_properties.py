"""Properties of any sequence of books: the next plan is empty and earlier books leave no trace."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.demo import DemoServer
from generator.confluence.sync.values import Consent, Outcome
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import SETTINGS, Publisher, Sheet, read_state, render_facts

REFS = [f"model:{letter}" for letter in "abcdefg"]
YES = Consent(removals=True, comments=True)


@st.composite
def books(draw: st.DrawFn) -> list[Sheet]:
    """Draw some pages in any tree, with titles and ids that other pages may have had before."""
    refs = draw(st.lists(st.sampled_from(REFS), unique=True, min_size=1))
    titles = draw(st.permutations([f"Title {number}" for number in range(len(REFS))]))
    owners = draw(st.dictionaries(st.sampled_from(REFS), st.sampled_from(refs), max_size=3))
    sheets: list[Sheet] = []
    for number, ref in enumerate(refs):
        parent = draw(st.sampled_from([None, *refs[:number]]))
        linked = draw(st.sampled_from(refs))
        text = draw(st.sampled_from(["One", "Two & <em>three</em>", "Ä \N{WHITE SQUARE}"]))
        html = f'{render_facts(owner=text)}<p>{text} <a href="../{linked.replace(":", "/")}.html">there</a></p>'
        labels = draw(st.lists(st.sampled_from(["model", "Retired", "a b"]), unique=True))
        pictures = draw(st.dictionaries(st.sampled_from(["x.png", "y.png"]), st.sampled_from([b"1", b"2"])))
        aliases = tuple(alias.removeprefix("model:") for alias, owner in owners.items() if owner == ref)
        sheets.append(Sheet(ref, titles[number], parent, html, tuple(labels), pictures, aliases=aliases))
    return sheets


@settings(max_examples=40, deadline=None)
@given(history=st.lists(books(), min_size=1, max_size=3), flavour=st.sampled_from(Flavour))
def test_the_plan_after_an_apply_is_empty_and_the_result_ignores_history(
    history: list[list[Sheet]], flavour: Flavour
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trash = SETTINGS.model_copy(update={"orphans": "trash"})
        publisher = Publisher(DemoServer(flavour), Path(folder), settings=trash)
        for book in history:
            assert publisher.publish(book, consent=YES).outcome in (Outcome.DONE, Outcome.NOTHING)
            assert publisher.plan(book).empty
        fresh = Publisher(DemoServer(flavour), Path(folder))
        fresh.publish(history[-1])
        assert {**read_state(publisher.demo), "(gone)": []} == read_state(fresh.demo)
