"""A check after a change of cards equals a check of the whole book, and runs for the cards concerned only."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.checks import RULES, RuleContext
from generator.checks.book_indexes import BookIndexes
from generator.checks.examples import read_example, split_files
from generator.checks.recheck import BookCheck, check_whole_book, find_affected, recheck
from generator.findings import sort_findings
from generator.graph.resolve import build_graph, update_graph
from generator.load.configuration import read_configuration
from generator.names import Ref
from generator.settings import Settings
from tests.checks.books import FUNCTIONS, read_context
from tests.incremental.rich_book import write_rich_book
from tests.incremental.test_state import COMMON, EDITS, LINES

CODES = [checked.rule.code for checked in RULES]
Files = dict[str, str]


def split_cards(section: str) -> Files:
    """Return the files of an example with each card in a file of its own, so that one can change without the others."""
    files: Files = {}
    for name, text in split_files(section).items():
        if name.startswith("cards/") and name.endswith(".yml") and "kind:" in text:
            for number, card in enumerate(re.split(r"^---\n", text, flags=re.MULTILINE)):
                files[f"{name.removesuffix('.yml')}-{number:02}.yml"] = card
        else:
            files[name] = text
    return files


def open_context(root: Path, files: Mapping[str, str]) -> RuleContext | None:
    """Read a book; None if a card of it cannot be read."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    configured = read_configuration(root)[0].settings if (root / "mkdocs.yml").is_file() else Settings()
    context, _ = read_context(root / "cards", root, configured.model_copy(update={"functions": FUNCTIONS}))
    return context if not context.cards.unread else None


def list_changed(old: RuleContext, new: RuleContext) -> set[Ref]:
    """List the cards of the files that differ."""
    pairs = old.cards.texts.items() ^ new.cards.texts.items()
    files = {file for file, _ in pairs}
    return {loaded.ref for one in (old, new) for loaded in one.cards.items if loaded.document.file in files}


def is_usual(old: RuleContext, new: RuleContext) -> bool:
    """Return whether a change is one after which only some cards are checked: no reference has another target."""
    if [*old.cards.by_ref] == [*new.cards.by_ref] and old.graph.named == new.graph.named:
        return [*old.cards.texts] == [*new.cards.texts]
    is_resolved = not any(build_graph(one.cards)[1] for one in (old, new))
    is_possible = is_resolved and old.cards.can_become(new.cards)
    return is_possible and update_graph(old.graph, new.cards, list_changed(old, new)) is not None


def sort_index(indexes: BookIndexes) -> list[object]:
    """Return the indexes with the cards of each key in one order."""
    several = (indexes.labels, indexes.addresses, indexes.production)
    shared = [{key: sorted(refs) for key, refs in index.items()} for index in several]
    return [*shared, dict(indexes.successors), dict(indexes.fallbacks), dict(indexes.code)]


def expect_same(found: BookCheck, expected: BookCheck) -> None:
    assert sort_findings(found) == sort_findings(expected)
    assert sort_findings(found.of_book) == sort_findings(expected.of_book)
    assert dict(found.reads) == dict(expected.reads)
    assert dict(found.by_card) == dict(expected.by_card)
    assert sort_index(found.indexes) == sort_index(expected.indexes)


def edit(files: Files, number: int, other: int, line: int) -> None:
    """Replace a line of a card, or write the same key as another card."""
    names = sorted(name for name, text in files.items() if text.startswith("kind:") and name.endswith(".yml"))
    if not names:  # all are on one line
        return
    name, source = names[number % len(names)], names[other % len(names)]
    blocks = list_blocks(files[name])
    kind = blocks["kind"].removeprefix("kind:").strip(' "\n')
    lines = LINES.get(kind, COMMON)
    copied = [block for key, block in list_blocks(files[source]).items() if key not in {"kind", "id"}]
    new = copied[line // 2 % len(copied)] if line % 2 and copied else f"{lines[line // 2 % len(lines)]}\n"
    blocks[new.partition(":")[0]] = "" if new.endswith(": ''\n") else new
    files[name] = "".join(blocks.values())


def list_blocks(card: str) -> dict[str, str]:
    """Return the lines of each key of a card."""
    blocks = re.split(r"^(?=[\w-]+:)", card, flags=re.MULTILINE)
    return {block.partition(":")[0]: block if block.endswith("\n") else f"{block}\n" for block in blocks if block}


def check_changes(root: Path, books: list[Files]) -> int:
    """Compare the checks after each change with those of the whole book; return the number of changes compared."""
    old = open_context(root, books[0])
    former = check_whole_book(old, RULES) if old is not None else None
    compared = 0
    for files in books[1:]:
        new = open_context(root, files)
        if old is None or new is None or former is None or not is_usual(old, new):
            break
        found = recheck(former, old, new, list_changed(old, new), RULES)
        expect_same(found, check_whole_book(open_context(root, files) or new, RULES))
        old, former = new, found
        compared += 1
    return compared


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_a_rule_is_corrected_card_by_card_and_spoilt_again(code: str, tmp_path: Path):
    example = read_example(code)
    assert example is not None
    bad, good = split_cards(example.bad), split_cards(example.good)
    books = [bad]
    for files in (good, bad):
        for name in sorted(bad.keys() & good.keys()):
            books.append({**books[-1], name: files[name]} if name.startswith("cards/") else books[-1])
    check_changes(tmp_path, books)


@settings(deadline=None, max_examples=160, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(CODES),
    st.lists(EDITS | st.integers(0, 30), min_size=1, max_size=4),
)
def test_a_check_after_edits_of_an_example_equals_a_whole_check(code: str, edits: list[tuple[int, int, int] | int]):
    example = read_example(code)
    assert example is not None
    bad, good = split_cards(example.bad), split_cards(example.good)
    names = sorted(name for name in bad.keys() & good.keys() if name.startswith("cards/"))
    books = [bad]
    for one in edits:
        files = dict(books[-1])
        if isinstance(one, tuple):
            edit(files, *one)
        elif names:
            name = names[one % len(names)]
            files[name] = good[name] if files[name] == bad[name] else bad[name]
        books.append(files)
    with tempfile.TemporaryDirectory() as folder:
        check_changes(Path(folder), books)


def read_files(root: Path) -> Files:
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=4))
def test_a_check_after_edits_of_a_rich_book_equals_a_whole_check(edits: list[tuple[int, int, int]]):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "book"
        write_rich_book(root)
        books = [read_files(root)]
        for one in edits:
            files = dict(books[-1])
            edit(files, *one)
            books.append(files)
        check_changes(root, books)


def write_chain(count: int) -> Files:
    """Write a book of models, each the fallback of the next one, with a person who is the contact of all."""
    cards = {
        f"cards/m{number}.yml": f"kind: model\nid: m{number}\nname: M{number}\nsummary: Ranks.\nlifecycle: production\n"
        f"serving: online\nowners: [t]\ncontacts: {{ds: p}}\nfallback: m{number + 1}\nnotes: One\n"
        for number in range(count)
    }
    cards[f"cards/m{count}.yml"] = (
        f"kind: model\nid: m{count}\nname: Last\nsummary: Ranks.\nlifecycle: production\nserving: offline\n"
    )
    cards["cards/t.yml"] = "kind: team\nid: t\nname: T\nlead: p\nchannel: '#t'\n"
    cards["cards/p.yml"] = "kind: person\nid: p\nname: P\nteam: t\nemail: p@example.com\n"
    return cards


@pytest.mark.parametrize(
    ("name", "old", "new", "affected"),
    [
        ("m3", "notes: One", "notes: Two", {"model:m3"}),
        ("m3", "name: M3", "name: m7", {"model:m3", "model:m7"}),
        ("m3", "production", "retired", {"model:m2", "model:m3"}),
        ("p", "name: P", "name: Q\nleft_on: 2026-01-01", {"person:p", "team:t"}),
        ("t", "'#t'", "'#tt'", {"team:t"}),
        ("t", "lead: p", "lead: p\nfunction: merch", {"team:t", *(f"model:m{number}" for number in range(21))}),
    ],
)
def test_a_change_concerns_few_cards(name: str, old: str, new: str, affected: set[str], tmp_path: Path):
    files = write_chain(20)
    before = open_context(tmp_path, files)
    path = f"cards/{name}.yml"
    assert old in files[path]
    after = open_context(tmp_path, {**files, path: files[path].replace(old, new)})
    assert before is not None
    assert after is not None
    former = check_whole_book(before, RULES)
    found = find_affected(former, before, after, list_changed(before, after))
    assert {str(ref) for ref in found} == affected
