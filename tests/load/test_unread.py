"""A card that cannot be read makes no errors in other files: references to it wait."""

from pathlib import Path

import pytest

from generator.findings import Severity
from generator.load.cards import load_cards
from generator.names import Ref
from generator.project import Project
from tests.books import open_book, write_book

TEAM = """\
{kind: team, id: kitchen, name: Kitchen, lead: ola, channel: "#k"}
---
{kind: person, id: ola, name: Ola Nord, team: kitchen}
"""
SYSTEMS = "---\n".join(
    f"{{kind: system, id: {name}, name: {name}, type: app, owners: [kitchen],"
    " uses: [{model: dish-photos, why: Picture}]}\n"
    for name in ("menu-page", "cart-page", "mailer")
)
MODEL = """\
kind: model
name: Dish photos
summary: Picks the photo.
lifecycle: experimental
serving: offline
owners: [kitchen]
"""
BOOK = {"team.yml": TEAM, "systems.yml": SYSTEMS, "models/dish-photos.yml": MODEL}


def errors(project: Project) -> list[str]:
    return [finding.code for finding in project.findings if finding.severity is Severity.ERROR]


def waiting(project: Project) -> list[tuple[str, str]]:
    """The first word of each message about references that wait, which is their number, with the file."""
    return [
        (finding.message.partition(" ")[0], finding.position.file)
        for finding in project.findings
        if finding.code == "MB105"
    ]


def test_the_book_is_fine_as_it_is(tmp_path: Path):
    project = open_book(tmp_path, BOOK)
    assert (errors(project), waiting(project)) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("summary: Picks", 'summary: "Picks', "MB001"),
        ("serving: offline", "serving:offline", "MB001"),
        ("kind: model", "kind:model", "MB001"),
        ("serving: offline\n", "<<<<<<< HEAD\nserving: offline\n=======\nserving: online\n>>>>>>> photos\n", "MB001"),
        ("serving: offline", "serving: [offline", "MB001"),
        ("serving: offline", "\tserving: offline", "MB001"),
        ("serving: offline", "serving: off\x07line", "MB002"),
        ("serving: offline", "seving: offline", "MB010"),
        ("serving: offline", "serving: sometimes", "MB013"),
        ("serving: offline\n", "", "MB011"),
        ("kind: model", "kind: modle", "MB009"),
        ("kind: model\n", "", "MB009"),
        ("kind: model\n", "kind: model\nid: Dish Photos\n", "MB014"),
        ("kind: model\n", "- kind: model\n", "MB001"),
        (MODEL, "", "MB003"),
        (MODEL, "- model\n", "MB003"),
        ("serving: offline", f"x-a: {'[' * 70}{']' * 70}", "MB005"),
        (MODEL, "# large\n" * 130_000, "MB004"),
    ],
)
def test_only_the_true_error_is_reported(tmp_path: Path, before: str, after: str, code: str):
    project = open_book(tmp_path, {**BOOK, "models/dish-photos.yml": MODEL.replace(before, after)})
    assert set(errors(project)) == {code}
    assert waiting(project) == [("3", "cards/models/dish-photos.yml")]


@pytest.mark.parametrize(
    "data",
    [
        MODEL.encode("utf-16"),
        MODEL.encode("utf-16-le"),
        MODEL.replace("photo.", "Größe").encode("latin-1"),
        b"kind: model\nid: dish-photos\nname: \xff\n",
    ],
)
def test_a_file_in_another_encoding(tmp_path: Path, data: bytes):
    write_book(tmp_path, BOOK)
    (tmp_path / "cards/models/dish-photos.yml").write_bytes(data)
    project = open_book(tmp_path)
    assert (errors(project), waiting(project)) == (["MB002"], [("3", "cards/models/dish-photos.yml")])


def test_a_file_whose_content_is_unknown_may_be_any_card(tmp_path: Path):
    write_book(tmp_path, {name: text for name, text in BOOK.items() if name != "models/dish-photos.yml"})
    (tmp_path / "cards/photos.yml").symlink_to("../photos.yml")
    project = open_book(tmp_path)
    assert (len(errors(project)), waiting(project)) == (1, [("3", "cards/photos.yml")])


def test_the_first_error_of_its_file_comes_first(tmp_path: Path):
    project = open_book(tmp_path, {**BOOK, "team.yml": TEAM.replace('"#k"', "#k")})
    assert errors(project) == ["MB001"]
    codes = [finding.code for finding in project.findings if finding.position.file == "cards/team.yml"]
    assert codes == ["MB001", "MB105"]
    assert waiting(project) == [("4", "cards/team.yml")]
    first = project.findings[[finding.code for finding in project.findings].index("MB001")]
    assert (first.message, str(first.position)) == ("unclosed bracket", "cards/team.yml:1:1")


def test_other_references_are_still_checked(tmp_path: Path):
    cards = {**BOOK, "models/dish-photos.yml": MODEL.replace("offline", "[offline"), "more.yml": SYSTEMS}
    cards["more.yml"] = "kind: system\nname: More\ntype: app\nowners: [kitchn]\nuses: [{model: dish-photo, why: w}]\n"
    project = open_book(tmp_path, cards)
    found = [finding.message for finding in project.findings if finding.code == "MB101"]
    assert found == ["unknown team or person 'kitchn'", "unknown model 'dish-photo'"]


def test_a_broken_card_among_others_hides_only_itself(tmp_path: Path):
    models = "---\n".join(f"{MODEL}id: {name}\n" for name in ("dish-photos", "menu-order", "soup"))
    broken = models.replace("id: menu-order", "id: menu-order\nzzz: 1")
    cards = {"team.yml": TEAM, "all.yml": broken, "s.yml": SYSTEMS.replace("dish-photos", "menu-order")}
    cards["t.yml"] = (
        "kind: system\nname: T\ntype: app\nowners: [kitchen]\nuses: [{model: salad, why: w}, {model: soup, why: w}]\n"
    )
    project = open_book(tmp_path, cards)
    assert errors(project) == ["MB010", "MB101"]
    assert waiting(project) == [("3", "cards/all.yml")]


def test_documents_after_a_syntax_error_are_known_by_their_text(tmp_path: Path):
    cards = {"all.yml": f"{TEAM}---\nkind: system\nname: [\n---\n{MODEL}id: dish-photos\n", "systems.yml": SYSTEMS}
    project = open_book(tmp_path, cards)
    assert (errors(project), waiting(project)) == (["MB001"], [("3", "cards/all.yml")])
    assert Ref("team", "kitchen") in project.cards.by_ref


@pytest.mark.parametrize("text", ["---\n{}", "---\n{}---\nProse\n", "{}"])
def test_a_markdown_card(tmp_path: Path, text: str):
    broken = text.format(MODEL.replace("serving: offline", "serving: [offline"))
    cards = {"team.yml": TEAM, "systems.yml": SYSTEMS, "dish-photos.md": broken}
    project = open_book(tmp_path, cards)
    assert len(errors(project)) == 1
    assert waiting(project) == [("3", "cards/dish-photos.md")]


def test_two_cards_whose_ids_differ_in_case(tmp_path: Path):
    cards = {"a.yml": MODEL + "id: Soup\n", "b.yml": MODEL + "id: soup\n", "team.yml": TEAM}
    cards["s.yml"] = (
        "kind: system\nname: S\ntype: app\nowners: [kitchen]\nuses: [{model: Soup, why: w}, {model: soup, why: w}]\n"
    )
    assert errors(open_book(tmp_path, cards)) == ["MB008"]


def test_a_resource_that_cannot_be_read_has_its_type(tmp_path: Path):
    cards = {"r.yml": "kind: resource\ntype: topik\nid: orders\nname: [\n"}
    cards["s.yml"] = "kind: system\nname: S\ntype: app\ndepends_on: ['topik:orders', 'topik:others']\n"
    found = [finding for finding in open_book(tmp_path, cards).findings if finding.code == "MB103"]
    assert [finding.message for finding in found] == ["unknown resource type 'topik'"]


def test_nothing_is_called_unused_while_its_user_cannot_be_read(tmp_path: Path):
    model = MODEL.replace("experimental", "production")
    system = "kind: system\nname: S\ntype: app\nuses: [{model: dish-photos, why: w}]\n"
    person = "kind: person\nid: asha\nname: Asha\n"
    cards = {
        "dish-photos.yml": model,
        "s.yml": system,
        "asha.yml": person,
        "team.yml": TEAM + "---\nkind: team\nid: x\nname: X\nlead: asha\n",
    }
    broken = {**cards, "s.yml": system + "zzz: [\n", "team.yml": cards["team.yml"] + "zzz: 1\n"}

    def unused(book: dict[str, str], folder: str) -> set[str]:
        return {finding.code for finding in open_book(tmp_path / folder, book).findings} & {"MB210", "MB411"}

    assert unused(cards, "whole") == set()
    assert unused(broken, "broken") == set()
    without = {**cards, "s.yml": "kind: system\nname: S\ntype: app\n", "team.yml": TEAM}
    assert unused(without, "without") == {"MB210", "MB411"}


def test_a_contact_reached_through_a_team_that_cannot_be_read(tmp_path: Path):
    model = MODEL + "contacts: {ds: ola}\n"
    broken = TEAM.replace("lead: ola", "leed: ola")
    codes = [finding.code for finding in open_book(tmp_path, {"dish-photos.yml": model, "team.yml": broken}).findings]
    assert "MB010" in codes
    assert "MB212" not in codes


def test_the_contract_file_of_a_card_that_cannot_be_read_is_no_broken_card(tmp_path: Path):
    contract = "type: object\nproperties: {id: {type: string}}\n"
    model = MODEL + "contract: {response: {$ref: schemas/photos.yml}}\nzzz: 1\n"
    cards = {"team.yml": TEAM, "dish-photos.yml": model, "schemas/photos.yml": contract}
    assert errors(open_book(tmp_path, cards)) == ["MB010"]


@pytest.mark.parametrize("name", ["README.md", ".gitkeep", "notes.txt", None])
def test_a_book_without_cards(tmp_path: Path, name: str | None):
    (tmp_path / "cards").mkdir()
    if name:
        (tmp_path / "cards" / name).write_text("Nothing yet.")
    _, (finding,) = load_cards(tmp_path / "cards", tmp_path)
    assert (finding.code, finding.severity, finding.position.file) == ("MB003", Severity.ERROR, "cards")
    assert finding.message == "no cards in cards/: expected .yml, .yaml or .md files with a `kind`"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("kitchen", "write 'team:kitchen'"),
        ("ola", "write 'person:ola'"),
        ("both", "write 'person:both' or 'team:both'"),
    ],
)
def test_a_reference_without_its_kind(tmp_path: Path, written: str, hint: str):
    more = "{kind: team, id: both, name: B}\n---\n{kind: person, id: both, name: B}\n"
    system = "{kind: system, id: kitchen, name: K, type: app}\n"
    model = f"{MODEL}stakeholders: [{written}]\n"
    cards = {"a.yml": model, "both.yml": more, "k.yml": system, "team.yml": TEAM}
    (finding,) = [finding for finding in open_book(tmp_path, cards).findings if finding.code == "MB013"]
    assert finding.hint == hint


def test_a_reference_of_any_kind_without_it(tmp_path: Path):
    cards = {"m.yml": "kind: migration\nname: M\nstatus: planned\nmoves: [dish-photos]\n", **BOOK}
    (finding,) = [finding for finding in open_book(tmp_path, cards).findings if finding.code == "MB013"]
    assert finding.hint == "write 'model:dish-photos'"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"<<<<<<< HEAD\n---\n{MODEL}---\n=======\n---\n{MODEL}---\n>>>>>>> photos\n", 1),
        (f"---\n{MODEL}<<<<<<< HEAD\n=======\n>>>>>>> photos\n---\nProse\n", 8),
        (f"---\n{MODEL}---\nTitle\n=====\n<<<<<<< HEAD\nOne\n=======\nTwo\n>>>>>>> photos\n", 11),
    ],
)
def test_a_conflict_anywhere_in_a_markdown_card(tmp_path: Path, text: str, line: int):
    project = open_book(tmp_path, {"team.yml": TEAM, "systems.yml": SYSTEMS, "dish-photos.md": text})
    (finding,) = [finding for finding in project.findings if finding.severity is Severity.ERROR]
    assert (finding.code, finding.position.line) == ("MB001", line)
    assert finding.message == "unresolved git conflict: `<<<<<<< HEAD`"


def test_a_heading_in_prose_is_no_conflict(tmp_path: Path):
    text = f"---\n{MODEL}---\nTitle\n=======\n>>>>>>> quoted\n"
    assert errors(open_book(tmp_path, {"team.yml": TEAM, "dish-photos.md": text})) == []
