"""`check --book` in a repository finds what `check` finds in the book after it has collected the same cards."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from generator.collect.card_files import read_card_files
from generator.collect.working_tree import WorkingTree
from generator.evidence.published_book import parse_catalog
from generator.findings import Finding, Severity
from generator.grouping import group_pairs
from generator.load.collected import FormerCard
from generator.merged_book import RepositoryCards, check_repository
from tests.books import open_book
from tests.locked_books import COMMIT, write_collected_book

Files = dict[str, str]
MODEL = {
    "kind": "model", "summary": "Ranks.", "lifecycle": "experimental", "serving": "offline", "owners": ["ranking"],
}  # fmt: skip
IDS = ["ryl", "tpfy", "web", "food"]


def draw_cards(ids: list[str], *, is_sound: bool = True) -> st.SearchStrategy[Files]:
    """Draw the files of a repository, with cards that refer to each other."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "owners": st.lists(st.sampled_from(["ranking", "kitchen", "food", "nobody"]), min_size=1, max_size=2),
        "lifecycle": st.sampled_from(["experimental", "production", "retired", *([] if is_sound else ["prod"])]),
        "fallback": st.sampled_from(IDS),
        "aliases": st.lists(st.sampled_from([*IDS, "The list"]), max_size=2),
        "consumers": st.lists(
            st.fixed_dictionaries({"system": st.sampled_from(IDS), "why": st.just("Sorts")}), max_size=2
        ),
        "stakeholders": st.lists(st.sampled_from(IDS).map("team:{}".format), max_size=2),
        "x-allow": st.dictionaries(
            st.sampled_from(["MB203", "MB405", "MB411"]), st.just("reviewed each year"), max_size=1
        ),
        "tags": st.just(["draft"]),
        "review_by": st.sampled_from(["2026-01-01", "2027-01-01", *([] if is_sound else ["soon"])]),
        "contract": st.fixed_dictionaries({"request": st.just({"$ref": "api.json"})}),
    }
    card = st.builds(
        lambda kind, identifier, more: {**kind, "id": identifier, "name": f"The {identifier}", **more},
        st.sampled_from([MODEL] if is_sound else [MODEL, {"kind": "system"}, {"kind": "team"}]), st.sampled_from(ids),
        st.fixed_dictionaries({}, optional=optional),
    )  # fmt: skip
    places = st.sampled_from(["modelbook.yml", "modelbook/a.yml", "modelbook/b.yml"])
    unique = (lambda placed: placed[1]["id"]) if is_sound else None
    placed = st.lists(st.tuples(places, card), max_size=4, unique_by=unique)
    return st.tuples(placed, st.booleans()).map(lambda drawn: write_files(drawn[0], has_contract=drawn[1]))


def write_files(placed: list[tuple[str, dict[str, Any]]], *, has_contract: bool) -> Files:
    files = {path: yaml.safe_dump_all(cards, sort_keys=False) for path, cards in group_pairs(placed).items()}
    return {**files, **({"modelbook/api.json": '{"type": "object"}'} if has_contract else {})}


def read_cards(files: Files) -> tuple[Files, Mapping[str, str]]:
    """Return the files that are collected, and the path of each card."""
    with tempfile.TemporaryDirectory() as name:
        for path, text in files.items():
            (Path(name) / path).parent.mkdir(exist_ok=True)
            (Path(name) / path).write_text(text, "utf-8")
        found = read_card_files(WorkingTree(Path(name).resolve()), "", ())
    return {path: content.decode() for path, content in found.contents.items()}, found.cards


def describe(finding: Finding, prefix: str = "") -> tuple[str, Severity, str, int, int, str]:
    place = finding.position
    message = re.sub(r" of \d{4}-\d\d-\d\d$", "", finding.message.replace(prefix, ""))
    message = re.sub(r":\d+( in shop/search)", r"\1", message)  # of a published card, only the first line is known
    return finding.code, finding.severity, place.file.removeprefix(prefix), place.line, place.column, message


@settings(max_examples=60, deadline=None)
@given(draw_cards(IDS[:2]), draw_cards(IDS[2:]), draw_cards(IDS, is_sound=False))
@example({"modelbook.yml": "kind: model\nid: ryl\n"}, {"modelbook.yml": "kind: model\nid: tpfy\nfallback: ryl\n"}, {})
def test_the_findings_on_the_cards_of_a_repository_are_those_of_the_book(own: Files, other: Files, changed: Files):
    (own, before), (other, _), (changed, after) = map(read_cards, (own, other, changed))
    name, prefix = "shop/web", "cards/collected/shop/web/"
    with tempfile.TemporaryDirectory() as root:
        published = open_book(
            write_collected_book(Path(root), {name: own, "shop/search": other}, url="https://git.example.com/{name}")
        )
        assume(not published.unreadable and "MB023" not in {one.code for one in published.findings})
        book = parse_catalog(published.render_catalog().join(), "catalog.json")
    with tempfile.TemporaryDirectory() as root:
        former = [FormerCard(ref, name, path, COMMIT) for ref, path in before.items() if ref not in after]
        later = open_book(
            write_collected_book(
                Path(root), {name: changed, "shop/search": other}, former=former, url="https://git.example.com/{name}"
            )
        )
    contents = {path: text.encode() for path, text in changed.items()}
    cards = RepositoryCards(name, "https://git.example.com/shop/web", COMMIT, (), contents, after)
    found = check_repository(cards, book, later.today).findings
    expected = {describe(one, prefix) for one in later.findings if one.position.file.startswith(prefix)}
    # A change can also break other cards: those findings name the card that causes them.
    assert {describe(one) for one in found if one.source is None} == expected
