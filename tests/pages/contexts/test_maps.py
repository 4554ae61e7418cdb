"""The map: one picture for a small book, and a table of teams with a page for each in a large one."""

import re
from pathlib import Path

import pytest

from generator.names import Ref
from generator.pages.contexts.maps import (
    MATRIX_TEAMS,
    PICTURE_BOXES,
    build_map_view,
    build_team_map_view,
    list_map_teams,
    list_pictures,
)
from generator.project import Project
from tests.books import open_book, open_own_book

MODEL = "kind: model\nid: m{0}\nname: M{0}\nsummary: Ranks\nlifecycle: production\nserving: online\nowners: [t{1}]\n"
SYSTEM = "kind: system\nid: s{0}\nname: S{0}\ntype: service\n{2}uses: [{1}]\n"


def open_large(root: Path, teams: int, models: int) -> Project:
    """Open a book in which the system of each team uses the models of the next two; system 0 has no team."""
    cards = [f"kind: team\nid: t{team}\nname: Team {team:02}\naliases: [old{team}]\n" for team in range(teams)]
    cards += [MODEL.format(number, number % teams) for number in range(models)]
    for team in range(teams):
        used = [n for n in range(models) if n % teams in {(team + 1) % teams, (team + 2) % teams}]
        uses = ", ".join(f"{{model: m{n}, why: Ranks, criticality: {'high' if n == 1 else 'low'}}}" for n in used)
        cards.append(SYSTEM.format(team, uses, f"owners: [t{team}]\n" if team else ""))
    return open_book(root, {"all.yml": "---\n".join(cards)})


def test_the_demo_has_one_picture_with_every_use() -> None:
    book = open_own_book().book
    view = build_map_view(book)
    assert view.teams == ()
    assert view.picture is not None
    assert len(view.picture.models) + len(view.picture.systems) == view.models + view.systems == len(view.rows)
    assert list_map_teams(book) == ()
    assert [file for file, _ in list_pictures(book)] == ["assets/modelbook/map.svg"]


def test_a_large_book_has_a_table_of_teams_whose_cells_open_their_pictures(tmp_path: Path) -> None:
    book = open_large(tmp_path, teams=12, models=60).book
    view = build_map_view(book)
    assert view.picture is None
    assert len(view.teams) == 12
    assert view.columns[0] == "No team"
    row = view.teams[1]
    assert (row.name, row.models) == ("Team 01", 5)
    pairs = {pair.name: pair for pair in row.pairs}
    assert set(pairs) == {"No team", "Team 11"}
    assert pairs["No team"].count == 5
    assert pairs["No team"].is_high
    assert pairs["No team"].path == "map/t1.md#-no-team"
    assert [cell.name if cell else "" for cell in row.cells].count("Team 11") == 1
    pictures = [pair for team in list_map_teams(book) for pair in build_team_map_view(book, team).pairs]
    assert sum(len(pair.picture.lines) for pair in pictures) == sum(
        pair.count for row in view.teams for pair in row.pairs
    )
    anchors = {f"map/{team.id}.md#{pair.anchor}" for team in list_map_teams(book)
               for pair in build_team_map_view(book, team).pairs}  # fmt: skip
    assert {pair.path for row in view.teams for pair in row.pairs} == anchors


def test_no_picture_has_more_boxes_than_fit_and_the_most_critical_uses_stay(tmp_path: Path) -> None:
    book = open_large(tmp_path, teams=2, models=200).book
    for team in list_map_teams(book):
        for pair in build_team_map_view(book, team).pairs:
            assert len(pair.picture.models) + len(pair.picture.systems) <= PICTURE_BOXES
            assert pair.shown == len(pair.picture.lines) < len(pair.uses)
    view = build_team_map_view(book, Ref("team", "t1"))
    assert any(line.criticality == "high" for pair in view.pairs for line in pair.picture.lines)


def test_many_teams_are_a_list(tmp_path: Path) -> None:
    view = build_map_view(open_large(tmp_path, teams=MATRIX_TEAMS + 5, models=60).book)
    assert view.columns == ()
    assert all(row.cells == () for row in view.teams)
    assert sum(len(row.pairs) for row in view.teams) == 2 * (MATRIX_TEAMS + 5)


@pytest.mark.parametrize("teams", [3, MATRIX_TEAMS + 5])
def test_every_page_of_the_map_is_rendered(tmp_path: Path, teams: int) -> None:
    pages, mistakes = open_large(tmp_path, teams, models=50).render_pages()
    assert mistakes == []
    by_key = {page.key: page for page in pages}
    links = re.findall(r'href="([^"]*)"', by_key["page:map"].markdown)
    assert "map/t2.html#t1" in links
    assert not [link for link in links if ".md" in link]
    page = by_key["page:map/t1"]
    assert (page.path, page.parent, page.title) == ("map/t1.md", "page:map", "Map: Team 01")
    assert (page.aliases, by_key["team:t1"].aliases) == (("map/old1",), ("old1",))
    assert "## Team 01, used by" in page.markdown


def test_a_team_with_the_id_no_team_is_not_the_place_of_what_no_team_owns(tmp_path: Path) -> None:
    cards = ["kind: team\nid: no-team\nname: Homeless\n"]
    cards += [MODEL.format(number, 0).replace("owners: [t0]\n", "") for number in range(PICTURE_BOXES)]
    cards += [SYSTEM.format(0, "{model: m0, why: Ranks}", "owners: [no-team]\n")]
    book = open_book(tmp_path, {"all.yml": "---\n".join(cards)}).book
    view = build_map_view(book)
    assert view.columns == ("Homeless",)
    assert [row.name for row in view.teams] == ["No team"]
    assert [build_team_map_view(book, team).name for team in list_map_teams(book)] == ["Homeless", "No team"]


def test_a_model_that_a_person_owns_is_on_the_map_of_the_team_of_the_person(tmp_path: Path) -> None:
    people = "kind: team\nid: t0\nname: Homeless\n---\nkind: person\nid: asha\nname: Asha\nteam: t0\n"
    cards = {"people.yml": people, "m.yml": MODEL.format(1, 0).replace("[t0]", "[asha]")}
    [row] = build_map_view(open_book(tmp_path, cards).book).rows
    assert (row.team, row.team_name) == (Ref("team", "t0"), "Homeless")
