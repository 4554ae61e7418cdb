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
