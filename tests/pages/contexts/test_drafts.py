"""The page *Drafts to finish*: by team, with guesses, gaps and the findings that wait; only if there are drafts."""

from generator.drafts.cards import CardDraft, build_draft
from generator.names import Ref
from generator.pages.contexts.drafts import build_drafts_view
from tests.books import MODEL, TEAM, open_book, write_book
from tests.pages.test_answers import find_section, render_page

DRAFT = MODEL.lstrip().replace("offline", "online") + "tags: [home, draft]\n"
GUESSED = DRAFT + "x-guessed: {serving: the source says 'maybe', hue: none}\n"


def draft(number: int, owners: str = "[t]") -> str:
    return DRAFT.replace("id: ryl", f"id: m{number}").replace("Restaurants", f"M{number}").replace("[t]", owners)


def test_a_book_without_drafts_has_no_such_page_and_no_link_to_it(tmp_path):
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    pages, _ = project.render_pages()
    assert "page:drafts-to-finish" not in {page.key for page in pages}
    assert not [page.key for page in pages if "drafts-to-finish" in page.markdown]


def test_a_draft_has_its_guesses_its_missing_keys_and_its_softened_findings(tmp_path):
    live = GUESSED.replace("experimental", "production").replace("[t]", "[gone, t]")
    project = open_book(tmp_path, {"ryl.yml": live, "t.yml": TEAM})
    (team,) = build_drafts_view(project.book).teams
    (row,) = team.rows
    assert (team.team, row.ref, row.waiting) == (Ref("team", "t"), Ref("model", "ryl"), "2 errors, 2 warnings")
    assert [(guess.key, guess.value, guess.reason) for guess in row.guesses] == [
        ("serving", "online", "the source says 'maybe'")
    ]
    assert "contacts" in row.missing
    assert "owners" not in row.missing
    assert row.codes[:2] == ("MB203", "MB101")
    section = find_section(render_page(project, "page:drafts-to-finish"), "[Team](teams/t.md)")
    assert "[Restaurants](models/ryl.md)<small>model</small>" in section
    assert "[MB101](reference/codes/index.md#MB101)" in section


def test_drafts_are_listed_by_the_teams_of_their_owners_and_without_one_last(tmp_path):
    cards = {
        "t.yml": TEAM.replace("name: Team\n", "name: Team\ntags: [draft]\n"),
        "a.yml": draft(1, "[person:p]"),
        "b.yml": draft(2, "[alone]"),
        "c.yml": draft(3, "[]"),
        "d.yml": draft(4, "[alone, t]"),
        "e.yml": "kind: person\nid: alone\nname: Alone\ntags: [draft]\n",
        "f.yml": draft(5).replace("draft", "not-draft"),
    }
    book = open_book(tmp_path, cards).book
    found = {str(team.team): [row.ref.id for row in team.rows] for team in build_drafts_view(book).teams}
    assert found == {"person:alone": ["m2"], "team:t": ["m1", "m4", "t"], "None": ["alone", "m3"]}
    assert list(found)[-1] == "None"
    assert build_drafts_view(book).count == 6


def test_home_and_the_page_of_the_team_link_to_the_drafts(tmp_path):
    project = open_book(tmp_path, {"a.yml": draft(1), "b.yml": draft(2), "c.yml": draft(3, "[]"), "t.yml": TEAM})
    assert '<b>3 drafts</b> to review and complete: <a href="drafts-to-finish.html">' in render_page(
        project, "page:home"
    )
    assert '<b>2 drafts</b> to review and complete: <a href="../drafts-to-finish.html">' in render_page(
        project, "team:t"
    )
    assert "drafts-to-finish" not in render_page(project, "person:p")


def test_a_team_with_many_drafts_has_sixty_rows_and_the_names_of_the_others(tmp_path):
    project = open_book(tmp_path, {"m.yml": "---\n".join(draft(number) for number in range(75)), "t.yml": TEAM})
    (team,) = build_drafts_view(project.book).teams
    assert (team.count, len(team.rows), len(team.others), team.more) == (75, 60, 15, 0)
    page = render_page(project, "page:drafts-to-finish")
    assert "15 more: <a href=" in page
    assert all(f"models/m{number}." in page for number in range(75))


def test_the_page_stays_short_in_a_book_with_thousands_of_drafts(tmp_path):
    people = [f"kind: team\nid: t{number}\nname: T{number}\n" for number in range(40)]
    drafts = [draft(number, f"[t{number % 40}]") for number in range(2_000)] + [draft(9_999, "[]")]
    book = open_book(tmp_path, {"m.yml": "---\n".join(drafts), "t.yml": "---\n".join(people)}).book
    view = build_drafts_view(book)
    assert view.count == 2_001
    assert sum(len(team.rows) for team in view.teams) <= 1_000
    assert sum(len(team.rows) + len(team.others) + team.more for team in view.teams) == 2_001


def test_a_draft_without_guesses_and_findings_is_ready(tmp_path):
    finished = DRAFT.replace("online", "offline")
    other = GUESSED.replace("id: ryl\nname: Restaurants", "id: g\nname: Other")
    project = open_book(tmp_path, {"ryl.yml": finished, "t.yml": TEAM, "g.yml": other})
    assert build_drafts_view(project.book).ready == 1
    assert ">ready</span>" in render_page(project, "page:drafts-to-finish")


def test_a_text_to_be_written_is_missing_and_what_an_offline_model_does_not_need_is_not(tmp_path):
    (file,) = build_draft(CardDraft("model", "ryl", "RYL", "a list", {"serving": "offline"})).files
    write_book(tmp_path, {"ryl.yml": file.text})
    (team,) = build_drafts_view(open_book(tmp_path).book).teams
    assert team.rows[0].missing[0] == "summary"
    assert {"endpoints", "contract"}.isdisjoint(team.rows[0].missing)
    assert [guess.key for guess in team.rows[0].guesses] == ["lifecycle"]


def test_the_page_of_a_draft_has_a_badge(tmp_path):
    project = open_book(tmp_path, {"ryl.yml": DRAFT, "t.yml": TEAM})
    assert ">draft</span>" in render_page(project, "model:ryl")
    assert ">draft</span>" not in render_page(project, "team:t")
