"""The cards of one repository, checked with the other cards of the published book."""

import json
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.errors import UserError
from generator.evidence.published_book import CatalogNode, parse_catalog
from generator.evidence.records import Evidence, FileClass, NameKind
from generator.exports.catalog import to_written_data
from generator.findings import Finding, Severity
from generator.load.cards import load_cards
from generator.merged_book import RepositoryCards, check_repository, render_cards
from generator.schema import KINDS
from tests.collected_books import COLLECTED, RYL, SETTINGS, TEAMS, WEB, publish, render_published
from tests.evidence.records import code_use, scanned
from tests.schema.strategies import Data, any_card


def ranking(*cards: str, file: str = "modelbook/ryl.yml", **values: Any) -> RepositoryCards:
    text = "---\n".join(card.lstrip("\n") for card in cards)
    refs = {f"model:{line.split()[1]}" for line in text.splitlines() if line.startswith("id: ")}
    contents = {file: text.encode()} if text else {}
    stated = {"name": "shop/ranking", "url": "https://git.example.com/shop/ranking", "commit": "d" * 40, "paths": ()}
    return RepositoryCards(contents=contents, cards=dict.fromkeys(refs, file), **{**stated, **values})


def list_findings(findings: tuple[Finding, ...]) -> list[tuple[str, str, int, str]]:
    return [(one.code, one.position.file, one.position.line, one.message) for one in findings]


def test_unchanged_cards_have_no_findings(tmp_path: Path):
    result = check_repository(ranking(RYL), publish(tmp_path))
    assert (list_findings(result.findings), result.replaced) == ([], 1)
    assert list(result.texts) == ["modelbook/ryl.yml"]


def test_mistakes_in_the_cards_are_found_at_their_lines_as_in_the_book_itself(tmp_path: Path):
    book = publish(tmp_path)
    wrong = RYL.replace("production", "prod", 1)
    assert list_findings(check_repository(ranking(wrong), book).findings)[0] == (
        "MB013", "modelbook/ryl.yml", 5,
        "invalid lifecycle 'prod': expected one of experimental, production, deprecated, retired",
    )  # fmt: skip
    unknown = RYL.replace("owners: [ranking]", "owners: [rankin]")
    (finding,) = check_repository(ranking(unknown), book).findings
    assert (finding.code, str(finding.position), finding.hint) == (
        "MB101", "modelbook/ryl.yml:7:10", "did you mean 'ranking'?",
    )  # fmt: skip
    curl = f'{RYL}curl: "curl -X DELETE https://ml.example.com/ryl"\n'
    assert "MB309" in [one.code for one in check_repository(ranking(curl), book).findings]
    (secret,) = check_repository(ranking(f"{RYL}notes: 'password: hunter2hunter2'\n"), book).findings
    assert (secret.code, secret.position.file) == ("MB312", "modelbook/ryl.yml")


def test_references_to_cards_of_the_book_and_to_new_cards_of_the_change_are_resolved(tmp_path: Path):
    fallback = RYL.replace("id: ryl", "id: popular").replace("/ryl", "/popular")
    changed = f"{RYL}fallback: popular\n"
    found = check_repository(ranking(changed, fallback), publish(tmp_path)).findings
    assert "MB101" not in [one.code for one in found]


@pytest.mark.parametrize(
    ("cards", "code", "words"),
    [
        ([], "MB025", "model:ryl is no longer in the book: it was last in modelbook/ryl.yml in shop/ranking"),
        ([RYL.replace("id: ryl", "id: ryl-2")], "MB025", "model:ryl is no longer in the book"),
        ([RYL.replace("scores", "score")], "MB310", "the response of model:ryl has no field 'scores'"),
        ([RYL.replace("production", "retired", 1)], "MB406", "model:ryl: retired, but system:web still depends on it"),
        ([RYL, WEB], "MB023", "system:web has two cards"),
    ],
    ids=["removed", "renamed", "field removed", "retired", "claimed"],
)
def test_what_a_change_breaks_on_other_cards_is_reported_with_both_places(
    tmp_path: Path, cards: list[str], code: str, words: str
):
    found = {one.code: one for one in check_repository(ranking(*cards), publish(tmp_path)).findings}
    assert found[code].position.file == "modelbook/ryl.yml"
    assert words in found[code].message
    source = found[code].source
    assert source is None or str(source) == "modelbook.yml:1 in shop/web"
    assert source is not None or "modelbook.yml:1 in shop/web" in found[code].message


def test_a_name_that_another_repository_has_is_reported_in_the_one_that_is_new(tmp_path: Path):
    book = publish(tmp_path)
    result = check_repository(ranking(RYL, name="shop/search", url="https://git.example.com/shop/search"), book)
    assert result.replaced == 0
    (finding,) = [one for one in result.findings if "model:ryl" in one.message]
    assert finding.position.file == "modelbook/ryl.yml"
    assert "shop/ranking" in f"{finding.message} {finding.hint}"


def test_findings_that_the_book_has_without_the_change_are_omitted(tmp_path: Path):
    cards = {**COLLECTED, "collected/shop/web/modelbook.yml": WEB.replace("model: ryl", "model: gone")}
    book = publish(tmp_path, cards)
    assert list_findings(check_repository(ranking(RYL.replace("scores", "score")), book).findings) == [
        ("MB411", "modelbook/ryl.yml", 1, "production model:ryl has no consumers")
    ]


def test_the_settings_of_the_book_decide(tmp_path: Path):
    retired = ranking(RYL.replace("review_by: 2027-03-02", "review_by: 2026-11-01"))
    (finding,) = check_repository(retired, publish(tmp_path / "a")).findings
    assert (finding.code, finding.severity) == ("MB403", Severity.WARNING)
    severe = SETTINGS.replace("severities: {", "severities: {MB403: error, ")
    (finding,) = check_repository(retired, publish(tmp_path / "b", mkdocs=severe)).findings
    assert finding.severity is Severity.ERROR
    off = SETTINGS.replace("severities: {", "severities: {MB403: 'off', ")
    assert check_repository(retired, publish(tmp_path / "c", mkdocs=off)).findings == ()
    assert check_repository(retired, publish(tmp_path / "d"), date(2026, 10, 1)).findings == ()


def test_settings_that_this_version_does_not_know_have_their_defaults(tmp_path: Path):
    book = publish(tmp_path)
    odd = {**book.settings, "cards": "../../outside", "severities": {"MB405": "loud"}, "newer": 1, "functions": [3]}
    assert check_repository(ranking(RYL), replace(book, settings=odd)).replaced == 1
    assert check_repository(ranking(RYL), replace(book, settings={})).replaced == 1


def test_a_card_of_the_book_itself_is_named_with_the_book(tmp_path: Path):
    cards = {"collected/shop/ranking/modelbook/ryl.yml": RYL, "people.yml": TEAMS, "web.yml": f"\n{WEB}"}
    (finding,) = check_repository(ranking(RYL.replace("scores", "score")), publish(tmp_path, cards)).findings
    assert (finding.code, str(finding.position)) == ("MB310", "modelbook/ryl.yml:1:1")
    assert str(finding.source) == "cards/web.yml:1 in Test book"


def test_a_card_that_moves_from_the_book_into_the_repository_is_a_warning_until_it_is_collected(tmp_path: Path):
    cards = {**COLLECTED, "ryl.yml": RYL}
    del cards["collected/shop/ranking/modelbook/ryl.yml"]
    book = publish(tmp_path, cards)
    (finding,) = check_repository(ranking(RYL), book).findings
    assert (finding.code, finding.severity) == ("MB023", Severity.WARNING)
    assert str(finding.position) == "modelbook/ryl.yml:2:5"
    assert finding.message == "model:ryl is a card of the book itself, too: cards/ryl.yml:1"
    # The card of the repository is the one that is checked.
    changed = check_repository(ranking(RYL.replace("scores", "score")), book).findings
    assert [one.code for one in changed] == ["MB310", "MB023"]
    off = replace(book, settings={**book.settings, "severities": {"MB023": "off", "MB203": "off"}})
    assert check_repository(ranking(RYL), off).findings == ()


def test_code_that_still_has_a_retired_model_is_reported_if_the_book_knows_it(tmp_path: Path):
    cards = {"collected/shop/ranking/modelbook/ryl.yml": RYL, "people.yml": TEAMS}
    use = code_use("model:ryl", name="ryl", repo="shop/web", system="")
    book = replace(publish(tmp_path, cards), evidence=Evidence((scanned("shop/web"), use)))
    assert [one.code for one in check_repository(ranking(RYL), book).findings] == ["MB411"]
    found = check_repository(ranking(RYL.replace("production", "retired", 1)), book).findings
    assert [(one.code, one.position.file) for one in found if one.code.startswith("MB7")] == [
        ("MB703", "modelbook/ryl.yml")
    ]


def test_a_finding_from_code_that_a_card_accepts_is_known_to_the_check(tmp_path: Path):
    move = """
kind: migration
id: to-cloud
name: To the cloud
status: running
owners: [ranking]
moves: [model:ryl]
fallback: ryl
x-allow: {MB606: The shop is released in December, MB604: The old place stays up}
"""
    own = ranking(move, file="modelbook/move.yml")
    use = code_use(
        "model:ryl", "system:web", "shop/web", FileClass.CODE, (("src/rank.py", 3),), kind=NameKind.HOST,
        name="ml.example.com",
    )  # fmt: skip
    book = publish(tmp_path, {**COLLECTED, "collected/shop/ranking/modelbook/move.yml": move})
    own = replace(own, cards={"migration:to-cloud": "modelbook/move.yml"}, paths=("modelbook/move.yml",))
    known = check_repository(own, replace(book, evidence=Evidence((scanned("shop/web"), use))))
    assert "MB606" in [one.finding.code for one in known.suppressed]
    assert "MB020" not in [one.code for one in known.findings]
    assert "MB020" in [one.code for one in check_repository(own, book).findings]


@pytest.mark.parametrize("name", ["../../../../{}", "{}", "..", ".hidden", "a/../../../../{}", "con"])
def test_a_hostile_name_of_a_repository_leads_to_no_file_outside(tmp_path: Path, name: str):
    outside = tmp_path / "outside"
    name = name.format(outside)
    book = publish(tmp_path / "book")
    nodes = tuple(
        node if node.source is None or node.source.name != "shop/ranking" else msgspec.structs.replace(
            node, source=msgspec.structs.replace(node.source, name=name)
        )
        for node in book.nodes
    )  # fmt: skip
    result = check_repository(ranking(RYL), replace(book, nodes=nodes))
    assert (list_findings(result.findings), result.replaced) == ([], 1)
    assert list_findings(check_repository(ranking(RYL, name=name), book).findings) == []
    assert not outside.exists()


def test_a_catalog_with_a_hostile_reference_is_refused(tmp_path: Path):
    catalog = json.loads(render_published(tmp_path / "book"))
    catalog["nodes"].append({"ref": f"model:/../../../..{tmp_path}/x", "card": {"kind": "model", "id": "x"}})
    with pytest.raises(UserError, match="is not a catalog"):
        parse_catalog(json.dumps(catalog).encode(), "catalog.json")


def test_accepted_findings_are_counted(tmp_path: Path):
    accepted = RYL.replace("review_by: 2027-03-02\n", "") + "x-allow: {MB405: reviewed with the platform each year}\n"
    result = check_repository(ranking(accepted), publish(tmp_path))
    assert [(one.finding.code, one.finding.position.file) for one in result.suppressed] == [
        ("MB405", "modelbook/ryl.yml")
    ]


def test_only_the_chosen_cards_of_a_repository_are_replaced(tmp_path: Path):
    """A monorepo whose services check their own cards."""
    book = publish(tmp_path)
    nodes = tuple(
        node if node.source is None else msgspec.structs.replace(
            node, source=msgspec.structs.replace(node.source, url="https://git.example.com/shop/mono")
        )
        for node in book.nodes
    )  # fmt: skip
    mono = {"name": "shop/mono", "url": "https://git.example.com/shop/mono"}
    own = ranking(RYL.replace("scores", "score"), **mono, paths=("modelbook",))
    result = check_repository(own, replace(book, nodes=nodes))
    assert (result.replaced, [one.code for one in result.findings]) == (1, ["MB310"])
    everything = check_repository(ranking(RYL, **mono), replace(book, nodes=nodes))
    assert (everything.replaced, [one.code for one in everything.findings]) == (2, ["MB411"])


@settings(max_examples=40, deadline=None)
@given(st.lists(any_card, min_size=1, max_size=4), st.integers(1, 40))
def test_published_cards_are_read_back_at_their_lines(drawn: list[Data], first: int):
    nodes = [
        CatalogNode("x:y", to_written_data(KINDS[card["kind"]].model_validate(card)), file="a.yml", line=line)
        for line, card in zip(range(first, 99, 3), drawn, strict=False)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cards").mkdir()
        (folder / "cards/a.yml").write_bytes(render_cards(nodes))
        loaded, findings = load_cards(folder / "cards", folder)
    kept = {KINDS[card["kind"]].model_validate(card).ref: card for card in reversed(drawn)}
    assert {one.code for one in findings} <= {"MB008"}
    assert len({ref.id.lower() + ref.kind for ref in kept}) == len(loaded.items)
    for one in loaded.items:
        assert one.card == KINDS[one.card.kind].model_validate(kept[one.ref])
        assert (one.at().line - first) % 3 == 0


def test_a_published_card_with_prose_is_read_back(tmp_path: Path):
    node = CatalogNode("model:ryl", {"kind": "model", "id": "ryl"}, file="cards/ryl.md", line=2, prose="# Why\n\n---\n")
    assert render_cards([node]).decode() == '---\n{"kind": "model", "id": "ryl"}\n---\n# Why\n\n---\n\n'


odd_names = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "..", "cards/../../x.yml", "/etc/x.yml", "cards/con.yml", "cards/a.yml/b.yml"]),
    st.sampled_from(["cards/a.yml", "cards/A.yml", "cards/" + "x" * 300 + ".yml", "cards/a\\b.yml"]),
)
odd_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=6,
)
odd_cards = st.builds(
    lambda kind, identifier, more: {"kind": kind, "id": identifier, "name": "n", **more},
    st.sampled_from([*KINDS, "other", 3]), st.sampled_from(["a", "b", "", None, 1]),
    st.dictionaries(st.sampled_from(["owners", "contract", "uses", "x-a", "notes", "type"]), odd_values, max_size=3),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(odd_cards, odd_names, odd_names, st.integers(-5, 10**9)), max_size=4))
def test_any_catalog_is_checked_or_refused(drawn: list[tuple[Data, str, str, int]]):
    nodes = [
        {"ref": f"model:{number}", "card": card, "file": file, "line": line,
         **({"source": {"name": name, "path": file}} if name else {})}
        for number, (card, file, name, line) in enumerate(drawn)
    ]  # fmt: skip
    catalog = {"format": "modelbook-catalog", "version": 1, "name": "b", "nodes": nodes, "edges": []}
    book = parse_catalog(json.dumps(catalog).encode(), "catalog.json")
    with suppress(UserError):
        files = {one.position.file for one in check_repository(ranking(RYL), book).findings}
        assert files <= {"modelbook/ryl.yml"}
