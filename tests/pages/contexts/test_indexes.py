"""The table of a kind: rows by name, those of a family together."""

from pathlib import Path

from lxml import html

from generator.pages.contexts.indexes import build_index_view
from generator.pages.paths import get_section
from tests.books import open_book

MODEL = "kind: model\nid: {0}\nname: {1}\nsummary: Ranks\nlifecycle: experimental\nserving: online\n{2}"
CARDS = [
    MODEL.format("a-de", "Articles, de", "family: Topic\n"),
    MODEL.format("b", "Banners", "instances: [{id: b-mysuru}]\naliases: [old-b]\n"),
    MODEL.format("z-en", "Zebra, en", "family: Topic\n"),
    MODEL.format("y", "Yield", ""),
]


def test_models_of_a_family_are_together_at_the_place_of_its_name(tmp_path: Path) -> None:
    project = open_book(tmp_path, {"m.yml": "---\n".join(CARDS)})
    view = build_index_view(project.book, get_section("model"))
    assert [(group.family, [row.ref.id for row in group.rows]) for group in view.groups] == [
        ("", ["b"]), ("Topic", ["a-de", "z-en"]), ("", ["y"]),
    ]  # fmt: skip
    assert [row.ref.id for row in view.rows] == ["a-de", "b", "y", "z-en"]
    assert view.rows[1].aliases == ("old-b", "b-mysuru")
    pages, mistakes = project.render_pages()
    assert mistakes == []
    markdown = next(page.markdown for page in pages if page.key == "page:models")
    table = html.fromstring(markdown[markdown.index("<table") : markdown.index("</table>") + len("</table>")])
    bodies = [["".join(map(str, row.itertext())).split()[0] for row in body.iter("tr")] for body in table.iter("tbody")]
    assert bodies == [["Banners"], ["Topic", "Articles,", "Zebra,"], ["Yield"]]
    assert markdown.count("<tbody>") == markdown.count("</tbody>") == 3


def test_the_words_of_a_filter_are_those_of_the_rows(tmp_path: Path) -> None:
    team = "kind: team\nid: t\nname: 'R&D {new} \"x\"'\naliases: ['r&d_old']\nfunction: ds\n"
    other = "kind: team\nid: u\nname: Ops\n"
    models = [MODEL.format("a", "A", "owners: [t]\naliases: ['a_b*c']\n"), MODEL.format("b", "B", "owners: [u]\n")]
    pages, _ = open_book(tmp_path, {"m.yml": "---\n".join([*models, team, other])}).render_pages()
    markdown = next(page.markdown for page in pages if page.key == "page:models")
    page = html.fromstring(markdown)
    choices = {option.text for select in page.iter("select") if select.get("name") == "owner" for option in select}
    rows = {row.get("data-text"): row.get("data-owner") for row in page.iter("tr") if row.get("data-owner")}
    assert choices == {"all", *rows.values()} == {"all", 'R&D {new} "x"', "Ops"}
    assert "a_b*c" in rows


def test_a_column_without_a_value_is_omitted(tmp_path: Path) -> None:
    models = [MODEL.format("a", "A", ""), MODEL.format("b", "B", "review_by: 2027-03-31\n")]
    view = build_index_view(open_book(tmp_path, {"m.yml": "---\n".join(models)}).book, get_section("model"))
    assert view.columns == ("Lifecycle", "Serving", "Consumers", "Review by")
    assert [len(row.cells) for row in view.rows] == [4, 4]
