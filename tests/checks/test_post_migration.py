import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.locations import CardLocator
from generator.checks.mentions import Mention, MentionSearch
from generator.load.cards import Cards
from tests.checks.books import build_context


def find_mentions(cards: Cards, texts: Iterable[str]) -> Iterator[Mention]:
    search, locator = MentionSearch(texts), CardLocator(cards)
    for file, content in cards.texts.items():
        yield from search.find(file, content, locator)


@pytest.mark.parametrize(
    ("wanted", "line", "found"),
    [
        ("rank_daily", "reads rank_daily.", True),
        ("rank_daily", "reads rank_daily_v2", False),
        ("rank_daily", "reads my-rank_daily", False),
        ("scorer-vm", "asks scorer-vm-2", False),
        ("vm.internal:8080", "http://vm.internal:8080/ryl", True),
        ("vm.internal:8080", "http://vm.internal:80801/ryl", False),
        ("model: ryl_v1", "{model: ryl_v1}", True),
        ("OLD-vm.internal", "asks http://old-VM.Internal/ryl", True),
        ("old-vm.internal:80", "asks OLD-VM.INTERNAL:80", True),
        ("old-vm.internal", "asks OLD-VM.INTERNALS", False),
        ("orders.v1", "reads Orders.v1", False),
        ("rank_daily", "reads RANK_DAILY", False),
        ("/v1/ryl", "https://ml/v1/ryl", True),
        ("...", "nothing to search for...", False),
    ],
)
def test_a_text_is_found_as_whole_words(wanted: str, line: str, found: bool):
    cards = Cards((), texts={"cards/a.yml": f"first\n  {line}\n"})
    assert [mention.position.line for mention in find_mentions(cards, [wanted])] == ([2] if found else [])


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.text("ab_-. ", min_size=1, max_size=4), max_size=4),
    st.lists(st.text("ab_-. \n", max_size=12), max_size=3),
)
def test_the_search_by_words_finds_every_mention(wanted: list[str], texts: list[str]):
    cards = Cards((), texts={f"{number}.yml": text for number, text in enumerate(texts)})
    joining = set("ab_-")

    def whole(text: str, line: str) -> bool:
        places = [start for start in range(len(line)) if line.startswith(text, start)]
        return any(
            not (text[0] in "ab_" and line[:start][-1:] in joining and line[:start])
            and not (text[-1] in "ab_" and line[start + len(text) :][:1] in joining and line[start + len(text) :])
            for start in places
        )

    expected = {
        (text, file, number)
        for file, content in cards.texts.items()
        for number, line in enumerate(content.split("\n"), 1)
        for text in wanted
        if any(letter in "ab_" for letter in text) and whole(text, line)
    }
    found = {(each.text, each.position.file, each.position.line) for each in find_mentions(cards, wanted)}
    assert found == expected


def test_a_mention_has_the_card_of_its_place(tmp_path: Path):
    text = "kind: team\nid: one\nname: One\n---\nkind: team\nid: two\nname: Two gone_host\n"
    context, _ = build_context(
        {"all.yml": text, "prose.md": "---\nkind: team\nname: P\n---\nIt was gone_host.\n"}, tmp_path
    )
    found = list(find_mentions(context.cards, ["gone_host"]))
    assert [str(each.inside.ref) for each in found if each.inside] == ["team:two", "team:prose"]
    assert [(each.position.line, each.position.column) for each in found] == [(7, 11), (5, 8)]


def test_the_time_does_not_depend_on_the_number_of_texts():
    texts = {f"{number}.yml": f"a card with a host-{number}.internal in it\n" * 20 for number in range(300)}
    cards = Cards((), texts=texts)

    def cost(count: int) -> float:
        started = time.process_time()
        assert list(find_mentions(cards, [f"gone-{number}.internal9{number}" for number in range(count)])) == []
        return time.process_time() - started

    cost(10)
    assert cost(2000) < 10 * cost(10) + 0.5
