import pytest

from generator.drafts.parties import Party, parse_party, split_parties


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Asha Rao <asha@example.com>", Party("person", "Asha Rao", "asha@example.com")),
        ("asha.rao@example.com", Party("person", "Asha Rao", "asha.rao@example.com")),
        ("DS Ranking", Party("team", "DS Ranking")),
        ("#ds-ranking", Party("team", "ds-ranking")),
        ("Asha Rao", Party("person", "Asha Rao", guessed=True)),
        ("Phoenix", Party("team", "Phoenix", guessed=True)),
    ],
)
def test_teams_and_people_are_told_apart(text: str, expected: Party):
    assert parse_party(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ola Nord (ola@example.com)", Party("person", "Ola Nord", "ola@example.com")),
        ("ola@example.com (Ola Nord)", Party("person", "Ola Nord", "ola@example.com")),
        ("Nord, Ola <ola@example.com>", Party("person", "Ola Nord", "ola@example.com")),
        ("Ola Nord - ola@example.com", Party("person", "Ola Nord", "ola@example.com")),
        ("mailto:ola.nord@example.com", Party("person", "Ola Nord", "ola.nord@example.com")),
        ("Menu squad <menu@example.com>", Party("team", "Menu squad", "menu@example.com")),
        ("Sund, Mira", Party("person", "Mira Sund", guessed=True)),
        ("van Dijk, Jan", Party("person", "Jan van Dijk", guessed=True)),
        ("Отдел цен", Party("team", "Отдел цен", guessed=True)),
        ("Ольга Норд", Party("person", "Ольга Норд", guessed=True)),
        ("配送チーム", Party("team", "配送チーム", guessed=True)),
        ("Department of Prices", Party("team", "Department of Prices")),
    ],
)
def test_names_and_addresses_of_people_are_read(text: str, expected: Party):
    assert parse_party(text) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Sund, Mira", ("Sund, Mira",)),
        ("Sund, Mira; Nord, Ola", ("Sund, Mira", "Nord, Ola")),
        ("Sund, Mira (mira@example.com)", ("Sund, Mira (mira@example.com)",)),
        ("Mira Sund, Ola Nord", ("Mira Sund", "Ola Nord")),
        ("Menu, Pricing", ("Menu", "Pricing")),
        ("ranking, growth", ("ranking", "growth")),
        ("Asha, Ben, Kim", ("Asha", "Ben", "Kim")),
        ("ola@example.com, mira@example.com", ("ola@example.com", "mira@example.com")),
        ("Menu team, ola@example.com", ("Menu team", "ola@example.com")),
        ("- Ola Nord\n- Mira Sund", ("Ola Nord", "Mira Sund")),
        ("", ()),
    ],
)
def test_a_cell_is_split_into_teams_and_people(cell: str, expected: tuple[str, ...]):
    assert split_parties(cell, frozenset({"menu"})) == expected
