from pathlib import Path

import pytest

from generator.pages.contexts.diagrams import MAP_ARROWS, build_map_diagram
from generator.project import open_project

TEAMS = 12
MODELS = 60
MODEL = "kind: model\nid: m{0}\nname: M{0}\nsummary: Ranks\nlifecycle: production\nserving: online\nowners: [t{1}]\n"
SYSTEM = "kind: system\nid: s{0}\nname: S{0}\ntype: service\nowners: [t{0}]\nuses: [{1}]\n"


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """Write a book in which every team uses the models of seven others, and team 0 only those of team 1."""
    (tmp_path / "mkdocs.yml").write_text("site_name: Crowded\nplugins: [modelbook: {as_of: 2026-11-20}]\n")
    cards = [f"kind: team\nid: t{team}\nname: Team {team}\n" for team in range(TEAMS)]
    cards += [MODEL.format(number, number % TEAMS) for number in range(MODELS)]
    for team in range(TEAMS):
        used = range(1, MODELS, TEAMS) if team == 0 else range(team + 1, team + 8)
        cards.append(SYSTEM.format(team, ", ".join(f"{{model: m{model % MODELS}, why: Ranks}}" for model in used)))
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards/all.yml").write_text("---\n".join(cards))
    return tmp_path


def test_a_crowded_map_shows_every_team_and_only_the_strongest_arrows(crowded):
    project = open_project(crowded)
    assert len(project.cards.items) == 2 * TEAMS + MODELS
    picture = build_map_diagram(project.book)
    assert [node.id for node in picture.nodes] == sorted(f"team:t{team}" for team in range(TEAMS))
    assert len(picture.edges) == MAP_ARROWS
    assert ("team:t1", "team:t0", "5") in {(edge.source, edge.target, edge.label) for edge in picture.edges}
    assert f"The {MAP_ARROWS} strongest of 78 arrows are shown; the list has every connection." in picture.description
