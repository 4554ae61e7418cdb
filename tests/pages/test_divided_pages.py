"""Pages that grow with the book: with many rows they are divided, and no page grows without limit."""

import gzip
import re
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

from generator.incremental.affected import add_derived, compare_derived, find_affected, list_changed_reads
from generator.incremental.readers import index_readers
from generator.names import Ref
from generator.pages.contexts import page_parts
from generator.pages.contexts.indexes import build_index_view
from generator.pages.contexts.page_parts import NO_TEAM, RowGroup, divide_rows
from generator.pages.own_pages import build_tags_page
from generator.pages.paths import get_section
from generator.pages.site_page import SitePage
from generator.pages.tags_page import MOST_TAGGED, TAGS_PAGE, choose_listed_tags, render_tags_page
from generator.project import Project
from tests.books import open_book
from tests.incremental.rich_book import update_project

TEAM = "kind: team\nid: {0}\nname: Team {0}\nlead: {0}-lead\nchannel: '#{0}'\n"
PERSON = "kind: person\nid: {0}\nname: Person {0}\nteam: {1}\nemail: {0}@example.com\n"
MODEL = """kind: model
id: m{0}
name: Model {0:04}
summary: Ranks dishes of menu {0}
lifecycle: {1}
serving: offline
owners: [{2}]
contacts: {{ds: {3}, product: {3}, engineering: {3}}}
"""
SYSTEM = """kind: system
id: s{0}
name: System {0:04}
type: service
owners: [{1}]
uses: [{{model: m{0}, why: Ranks it}}]
"""
FLOW = "kind: flow\nid: f\nname: Flow\nsummary: Sends\ntrigger: An order\nowners: [t00]\nsteps:\n"


def write_cards(count: int, teams: int, tag: str = "draft") -> list[str]:
    """Return so many models, systems and people of some teams; the review of most models is overdue."""
    names = [f"t{number}" for number in range(teams)]
    cards = [TEAM.format(team) + "---\n" + PERSON.format(f"{team}-lead", team) for team in names]
    for number in range(count):
        team = names[number % teams]
        cards.append(PERSON.format(f"p{number}", team))
        lifecycle = "experimental" if number % 3 else "production"
        fields = f"tags: [{tag}, menu-{number % 50}]\nreview_by: 2026-{'10' if number % 3 else '12'}-01\n"
        cards.append(MODEL.format(number, lifecycle, team, f"p{number}") + "tier: 1\n" + fields)
        cards.append(SYSTEM.format(number, names[(number * 7) % teams]))
    return cards


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a page have thirty rows, so that small books are large."""
    monkeypatch.setattr(page_parts, "MOST_ROWS", 30)
    return 30


def open_cards(root: Path, cards: list[str]) -> Project:
    return open_book(root, {"all.yml": "---\n".join(cards)})


def render(project: Project) -> dict[str, SitePage]:
    pages, mistakes = project.render_pages()
    assert mistakes == []
    return {page.path: page for page in pages}


def test_rows_are_divided_by_group_and_a_large_group_has_several_pages(few_rows: int) -> None:
    groups = {"a": RowGroup("a", "Alpha", "Models of Alpha"), "b": RowGroup("b", "beta", "Models of beta")}
    none = RowGroup(NO_TEAM.id, "No team", "Models without a team")
    rows = [*range(40), *range(100, 103)]
    found = divide_rows(
        rows, "models/by-team", "Models", lambda row: [groups["b" if row < 40 else "a"], *([none] * (row == 0))]
    )
    assert [(one.group.name, one.count) for one in found] == [("Alpha", 3), ("beta", 40), ("No team", 1)]
    assert [(part.path, part.title, len(part.rows)) for one in found for part in one.parts] == [
        ("models/by-team/a.md", "Models of Alpha", 3),
        ("models/by-team/b.md", "Models of beta, part 1", few_rows),
        ("models/by-team/b/2.md", "Models of beta, part 2", 10),
        ("models/by-team/-no-team.md", "Models without a team", 1),
    ]


def test_too_many_groups_are_pages_in_the_order_of_the_rows(few_rows: int) -> None:
    found = divide_rows(range(70), "models/by-team", "Models", lambda row: [RowGroup(f"{row}", f"{row}", f"{row}")])
    assert [part.rows for one in found for part in one.parts] == [
        tuple(range(start, min(70, start + few_rows))) for start in range(0, 70, few_rows)
    ]


def test_a_new_model_leaves_the_lists_of_other_teams_as_they_are(tmp_path: Path, few_rows: int) -> None:
    cards = write_cards(few_rows + 1, 4)
    before = render(open_cards(tmp_path / "before", cards))
    after = render(open_cards(tmp_path / "after", [*cards, MODEL.format(900, "production", "t0", "p0")]))
    changed = {path for path in before if "by-team" in path and before[path].markdown != after[path].markdown}
    assert changed == {"models/by-team/t0.md", "people/by-team/t0.md"}


def test_an_index_of_many_models_is_an_overview_with_a_page_for_each_team(tmp_path: Path, few_rows: int) -> None:
    cards = write_cards(few_rows + 1, 4)
    cards.append(MODEL.format(900, "retired", "t0, t1", "p0"))
    cards.append(MODEL.format(901, "production", "", "p0"))
    project = open_cards(tmp_path, cards)
    view = build_index_view(project.book, get_section("model"))
    assert view.counted == ("experimental", "production", "retired")
    counts = {one.group.name: (one.count, *view.counts[one.group.id]) for one in view.divisions}
    assert counts["Team t0"] == (9, 5, 3, 1)
    assert counts["No team"] == (1, 0, 1, 0)
    pages = render(project)
    index = pages["models/index.md"].markdown
    assert "33 in all, on a page for each team." in index
    assert "m5.html" not in index
    assert '<a href="by-team/t0.html">Team t0</a>' in index
    part = pages["models/by-team/t1.md"]
    assert (part.key, part.title, part.parent) == ("page:models/by-team/t1", "Models of Team t1", "page:models")
    assert (part.section, part.is_wide) == ("models", True)
    assert (
        '<a href="../../teams/t1.html">Team t1</a>: 9 on this page. <a href="../index.html">All models</a>'
        in part.markdown
    )
    assert '<a href="../m900.html">Model 0900</a>' in part.markdown
    assert "<option>experimental</option>" in part.markdown
    by_model = Counter(
        link for page in pages.values() if page.parent == "page:models" and not page.ref
        for link in re.findall(r'href="\.\./(m\d+)\.html"', page.markdown)
    )  # fmt: skip
    assert by_model == {f"m{number}": 1 for number in [*range(few_rows + 1), 901]} | {"m900": 2}


def test_the_overview_of_an_index_has_all_rows_for_a_template_of_the_author(tmp_path: Path, few_rows: int) -> None:
    template = tmp_path / "templates/pages/index.md.j2"
    template.parent.mkdir(parents=True)
    template.write_text("{{ view.rows|length }} rows, {{ view.columns|length }} columns, {{ view.divisions|length }}\n")
    pages = render(open_cards(tmp_path, write_cards(few_rows + 3, 4)))
    assert pages["models/index.md"].markdown == "33 rows, 5 columns, 4\n"


def test_an_index_at_the_limit_is_one_table(tmp_path: Path, few_rows: int) -> None:
    pages = render(open_cards(tmp_path, write_cards(few_rows, 2)))
    assert pages["models/index.md"].markdown.count("<td><a") == few_rows
    assert not [path for path in pages if path.startswith(("models/by-", "systems/by-"))]


def test_teams_and_data_are_divided_by_name_and_by_type(tmp_path: Path, few_rows: int) -> None:
    teams = "---\n".join(TEAM.format(f"t{number:02}") for number in range(few_rows + 1))
    steps = [f"  - {{from: 'system:s1', publishes: 'topic:o{number}'}}\n" for number in range(few_rows)]
    steps.append("  - {from: 'system:s1', writes: 'collection:c'}\n")
    cards = {"t.yml": teams, "s.yml": SYSTEM.format(1, "t00"), "f.yml": FLOW + "".join(steps)}
    cards["m.yml"] = MODEL.format(1, "experimental", "t00", "t01")
    pages = render(open_book(tmp_path, cards))
    assert pages["teams/by-name/all.md"].title == "Teams, part 1"
    assert pages["teams/by-name/all/2.md"].markdown.count("<td><a") == 1
    assert "31 in all, on several pages." in pages["teams/index.md"].markdown
    assert pages["resources/by-type/collection.md"].title == "Data: collection"
    assert "topic/o7.html" in pages["resources/by-type/topic.md"].markdown


def test_the_pages_of_a_divided_page_have_its_rows_and_its_columns(tmp_path: Path, few_rows: int) -> None:
    pages = render(open_cards(tmp_path, write_cards(2 * few_rows, 4)))
    overviews = [pages[f"{name}.md"].markdown for name in ("who-to-call", "drafts-to-finish", "model-inventory")]
    calls, drafts, inventory = overviews
    assert "[Contacts of 15 models](who-to-call/t2.md)" in calls
    assert "m2.md" not in calls + drafts + inventory
    call = pages["who-to-call/t2.md"].markdown
    assert "| [Model 0002](../models/m2.md) |" in call
    assert "| [Person p2](../people/p2.md) |" in call
    assert "&#35;t2" in call
    assert "&#35;t3" not in call
    draft = pages["drafts-to-finish/t2.md"].markdown
    assert "[Model 0002](../models/m2.md)" in draft
    assert "<b>15</b> drafts" in draft
    assert re.search(r'Team t2</a></td><td data-label="Drafts">15</td><td data-label="Errors"></td>', drafts)
    listed = pages["model-inventory/t2.md"].markdown
    assert listed.count("<tr data-") == 15
    assert "<b>15</b> models" in listed


def test_the_page_of_a_team_links_its_part_of_a_divided_index(tmp_path: Path, few_rows: int) -> None:
    pages = render(open_cards(tmp_path, write_cards(61, 1)))
    assert "1 more: [Models](../models/by-team/t0.md) can be filtered." in pages["teams/t0.md"].markdown


def test_a_page_links_no_part_that_a_divided_index_does_not_have(tmp_path: Path, few_rows: int) -> None:
    cards = write_cards(61, 1)  # one too many for the page of the team
    others = [f"o{number}" for number in range(few_rows - 1)]
    cards += [TEAM.format(team) + "---\n" + PERSON.format(f"{team}-lead", team) for team in others]
    cards += [MODEL.format(100 + number, "production", team, "p0") for number, team in enumerate(others)]
    assert "models/by-team/t0.md" in render(open_cards(tmp_path / "all-groups", cards))
    cards.append(MODEL.format(900, "production", "", "p0"))  # a group more than there may be
    pages = render(open_cards(tmp_path / "too-many", cards))
    assert "models/by-team/t0.md" not in pages
    assert "1 more: [Models](../models/index.md) can be filtered by owner." in pages["teams/t0.md"].markdown


def test_every_link_of_a_divided_page_leads_to_a_page(tmp_path: Path, few_rows: int) -> None:
    pages = render(open_cards(tmp_path, write_cards(2 * few_rows, 4)))
    files = {path.removesuffix(".md") for path in pages}
    for path, page in pages.items():
        if not page.ref and not path.startswith("reference/"):
            links = re.findall(r'(?:href="|\]\()([^":)#]+)\.(?:html|md)', page.markdown)
            found = {resolve(PurePosixPath(path).parent / link) for link in links}
            assert found <= files, path


def resolve(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def test_findings_by_rule_and_the_worst_of_thousands(tmp_path: Path, few_rows: int) -> None:
    project = open_cards(tmp_path, write_cards(2 * few_rows, 2))
    page = render(project)["attention.md"].markdown
    assert page.count("all.yml") == few_rows
    assert f"The {few_rows} most severe of {len(project.findings)}." in page
    for code, count in Counter(finding.code for finding in project.findings).items():
        assert re.search(rf"\| \[{code}\].* \| {count} \|$", page, re.MULTILINE)


def test_open_work_of_many_teams_is_on_their_pages(tmp_path: Path, few_rows: int) -> None:
    pages = render(open_cards(tmp_path, write_cards(4 * few_rows, 4, "food")))
    page = pages["debt.md"].markdown
    assert page.count("## [Team") == 0
    assert "The page of each team lists what it has to do." in page
    assert "## To do" in pages["teams/t1.md"].markdown


SIZES = (50, 150)
MOST_GROWTH = 1.25
"""The growth of the largest page for three times the cards: the tables of teams grow a little."""


@pytest.mark.sample(1)
@pytest.mark.parametrize("tag", ["draft", "food"])
def test_no_page_grows_with_the_number_of_cards(
    tmp_path: Path, few_rows: int, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.pages.tags_page.MOST_TAGGED", 4 * few_rows)
    for name, most in (("maps.MOST_PICTURES", 2), ("maps.PICTURE_BOXES", 8), ("people._MOST_ROWS", 8)):
        monkeypatch.setattr(f"generator.pages.contexts.{name}", most)
    largest = []
    for count in SIZES:
        pages = render(open_cards(tmp_path / str(count), write_cards(count, 6, tag)))
        tags = render_tags_page(tag for page in pages.values() for tag in page.tags)
        texts = {"tags.md": tags} | {path: page.markdown for path, page in pages.items() if "reference/" not in path}
        sizes = {path: len(gzip.compress(text.encode(), 9)) for path, text in texts.items()}
        largest.append(max((size, path) for path, size in sizes.items()))
    (small, _), (large, _) = largest
    assert large < MOST_GROWTH * small, largest


def test_a_tag_of_too_many_pages_is_named_without_them() -> None:
    tags = ["model"] * MOST_TAGGED + ["a, b: [c] --> d&amp;e"] * 2
    page = render_tags_page(tags)
    assert f"- model: {MOST_TAGGED} pages, [Models](models/index.md)\n" in page
    assert page.endswith('<!-- material/tags { include: ["a, b: [c] --\\u003e d&amp;e"] } -->\n')
    assert render_tags_page(tags[1:-2]) == render_tags_page([]) == TAGS_PAGE


def test_the_fewest_pages_are_listed_first() -> None:
    counts = {"all": MOST_TAGGED, "half": MOST_TAGGED // 2, "few": 3}
    assert choose_listed_tags(counts) == {"half", "few"}


def test_the_page_of_tags_for_agents_has_the_same_tags() -> None:
    pages = [SitePage(f"models/m{n}.md", f"model:m{n}", f"M{n}", None, labels=("model",)) for n in range(MOST_TAGGED)]
    pages.append(SitePage("teams/t.md", "team:t", "T", None, labels=("team",)))
    article = build_tags_page(pages, [], directory_urls=False).article
    assert "<h2>team</h2>" in article
    assert "<h2>model</h2>" not in article


def test_the_map_of_a_team_with_many_users_draws_the_busiest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.pages.contexts.maps.MOST_PICTURES", 2)
    cards = [TEAM.format(f"t{number}") for number in range(25)]
    cards += [MODEL.format(number, "experimental", "t0", "t0") for number in range(30)]
    uses = [(n, other) for n in range(30) for other in range(25) if n == 0 or (other in {5, 6} and n < 4)]
    by_team = {other: [f"{{model: m{n}, why: Ranks}}" for n, one in uses if one == other] for other in range(25)}
    cards += [
        f"kind: system\nid: s{other}\nname: S{other}\ntype: service\nowners: [t{other}]\nuses: [{', '.join(found)}]\n"
        for other, found in by_team.items()
    ]
    project = open_cards(tmp_path, cards)
    pages = render(project)
    page = pages["map/t0.md"].markdown
    assert re.findall(r"^## (.*?) \{", page, re.MULTILINE) == [
        "Team t0, used by Team t5", "Team t0, used by Team t6", "Other teams",
    ]  # fmt: skip
    assert page.count("<svg") == 2
    assert '<tr><td>Team t7</td><td data-label="Uses">1' in page
    map_page = pages["map.md"].markdown
    assert 'href="map/t0.html#t5"' in map_page
    assert 'href="map/t0.html#-other-teams"' in map_page
    assert 'and <a href="map/t0.html">5 more</a>' in map_page
    assert Ref("team", "t0") in project.graph


def test_a_change_affects_the_parts_of_its_team_alone(tmp_path: Path, few_rows: int) -> None:
    files = {f"{number}.yml": card for number, card in enumerate(write_cards(2 * few_rows, 4, "food"))}
    former = open_book(tmp_path, files)
    pages = {page.key: page for page in former.render_pages()[0]}

    def find_changed(name: str, old: str, new: str) -> set[str]:
        text = files[name]
        assert old in text
        (tmp_path / "cards" / name).write_text(text.replace(old, new), encoding="utf-8")
        updated = update_project(former, [name])
        assert updated is not None
        refs = [loaded.ref for loaded in updated.cards.items if loaded.document.file == f"cards/{name}"]
        changes = list_changed_reads(former.book, updated.book, refs)
        reads = {key: page.reads for key, page in pages.items()}
        compare = compare_derived(former.book, updated.book)
        affected = find_affected(
            add_derived(changes, index_readers(former.book.pack_derived().reads).find, compare)[0], reads
        )
        rendered = {page.key: page for page in updated.render_pages()[0]}
        builder = updated.build_page_builder()
        wholes = {key for key in affected if "/" not in key} | {f"page:{name}" for name in ("models", "who-to-call")}
        made = list(builder.build_chosen(wholes, lambda key, part: key not in affected and pages[key].part == part))
        assert all(page.markdown == rendered[page.key].markdown for page in made)
        affected |= {page.key for page in made}
        different = {key for key, page in pages.items() if page.markdown != rendered[key].markdown}
        assert different <= affected
        (tmp_path / "cards" / name).write_text(text, encoding="utf-8")
        return {key for key in affected if key.startswith(("page:models", "page:who-to-call", "person:"))}

    model = next(name for name, card in files.items() if "id: m6\n" in card)
    assert find_changed(model, "summary: Ranks", "summary: Sorts") == {"page:models/by-team/t2", "person:p6"}
    renamed = find_changed(model, "name: Model 0006", "name: A model")
    assert renamed == {"page:models/by-team/t2", "page:who-to-call/t2", "person:p6"}
    called = find_changed(model, "ds: p6", "ds: p10")
    assert {"page:who-to-call", "page:who-to-call/t2"} <= called
    assert not {key for key in called if key.endswith(("/t0", "/t1", "/t3"))}
    moved = find_changed(model, "owners: [t2]", "owners: [t3]")
    assert moved >= {f"page:{page}/{team}" for page in ("models/by-team", "who-to-call") for team in ("t2", "t3")}
    assert "page:models/by-team/t1" not in moved
    assert "person:p1" not in moved  # the teams with parts of the index are the same
