"""The evidence of uses on the pages of models, systems and resources."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from generator.evidence.files import CODE_FILE, TRAFFIC_FILE, VERIFY_FILE, render_records
from generator.evidence.records import AnswerShape, FileClass, Verification
from generator.names import Ref
from generator.pages.card_facts import list_sections
from generator.pages.card_view import build_page_view
from generator.project import Project
from tests.books import open_book, write_book
from tests.evidence.records import COMMIT, SCANNED, code_use, scanned, seen_call, traffic_source
from tests.pages.test_answers import render_page

DASH = "\N{EN DASH}"
OLD = SCANNED.replace(month=6)
MODEL = (
    "kind: model\nid: ryl\nname: RYL\nsummary: s\nlifecycle: experimental\nserving: {}\nowners: [t]\n"
    "endpoints: {{staging: 'https://stg.example.com/ryl', production: 'https://ml.example.com/ryl'}}\n"
    "consumers: [{{system: feed, why: Fills the carousel}}]\nfeatures: [profile:taste]\n"
)
CARDS = {
    "ryl.yml": MODEL.format("online"),
    "t.yml": "kind: team\nid: t\nname: Core\n",
    "feed.yml": "kind: system\nid: feed\nname: Home feed\ntype: job\nowners: [t]\nrepo: https://github.com/food/feed\n",
    "cart.yml": "kind: system\nid: cart\nname: Cart\ntype: app\nowners: [t]\nrepo: git@git.example.com:food/cart.git\n",
}


def write_evidence(root: Path, cards: dict[str, str], code=(), traffic=(), verifications=()) -> None:
    """Write a book with files of evidence."""
    write_book(root, cards)
    folder = root / "evidence"
    folder.mkdir()
    for name, records in ((CODE_FILE, code), (TRAFFIC_FILE, traffic), (VERIFY_FILE, verifications)):
        if records:
            (folder / name).write_bytes(render_records(records))


def open_with(root: Path, code=(), traffic=(), verifications=(), cards: dict[str, str] | None = None) -> Project:
    write_evidence(root, cards or CARDS, code, traffic, verifications)
    return open_book(root)


def list_evidence(project: Project, ref: str = "model:ryl") -> dict[str, list[tuple[str, str]]]:
    view: Any = build_page_view(project.book, Ref.parse(ref))
    rows = view.consumers if ref.startswith("model:") else view.models
    name = project.graph.get_name
    return {name(row.ref) if row.ref else row.name: [(one.sign.mark, one.text) for one in row.evidence] for row in rows}


def test_without_evidence_each_cell_is_a_sentence(tmp_path: Path) -> None:
    project = open_with(tmp_path)
    assert list_evidence(project) == {
        "Home feed": [("✓", "Declared by this card"), (DASH, "Code not scanned"), (DASH, "Traffic not connected")]
    }
    page = render_page(project, "model:ryl")
    assert "Code and traffic were not looked at: a consumer that no card names can exist." in page
    assert "Last verified" not in page


def test_undeclared_uses_come_first_with_their_evidence(tmp_path: Path) -> None:
    code = (
        scanned("food/feed"), scanned("food/cart"), scanned("food/old"),
        code_use(system="system:cart", repo="food/cart", cls=FileClass.CODE, count=4), code_use(repo="food/old"),
    )  # fmt: skip
    project = open_with(tmp_path, code, (traffic_source(), seen_call(), seen_call(system="system:feed", errors=12)))
    assert list_evidence(project) == {
        "Cart": [("!", "No card declares it"), ("✓", "Found in code"), ("!", "Not seen in traffic")],
        "food/old": [("!", "No card declares it"), ("✓", "Found in code"), (DASH, "Not seen in traffic")],
        "growth-batch": [("!", "No card declares it"), (DASH, "Not found in code"), ("✓", "Seen in traffic")],
        "Home feed": [("✓", "Declared by this card"), ("!", "Not found in code"), ("✓", "Seen in traffic")],
    }
    page = render_page(project, "model:ryl")
    assert "Purpose unknown: ask [Core](../teams/t.md), the owner of [Cart](../systems/cart.md)." in page
    assert "Purpose unknown: ask the owner of food/old." in page
    assert "1,200 requests in 30 days, 1\N{NO-BREAK SPACE}% errors, last on <time" in page
    assert 'commit of <time datetime="2026-11-19">19 Nov 2026</time>, and 3 more' in page


def test_a_place_is_a_link_to_its_line_at_its_commit(tmp_path: Path) -> None:
    places = (("src/a&b.py", 12),)
    code = (scanned(), code_use(system="system:feed", places=places), code_use(system="system:cart", repo="food/cart"))
    page = render_page(open_with(tmp_path, code), "model:ryl")
    link = f'<a href="https://github.com/food/feed/blob/{COMMIT}/src/a%26b.py#L12">src/<wbr>a&#38;b.py:12</a>'
    assert link in page
    assert "<code>config/<wbr>app.yaml:3</code>" in page  # the other repository has no https address


def test_a_hostile_path_is_shown_as_typed(tmp_path: Path) -> None:
    places = (("a|b/<script>alert(1)</script>\n`x`.py", 1),)
    page = render_page(open_with(tmp_path, (scanned(), code_use(system="system:feed", places=places))), "model:ryl")
    row = next(line for line in page.splitlines() if line.startswith("| [Home feed]"))
    assert "<script" not in row
    assert row.replace("\\|", "").count("|") == 5


def test_a_caller_without_a_name_has_nobody_to_ask(tmp_path: Path) -> None:
    page = render_page(open_with(tmp_path, (), (traffic_source(), seen_call(caller=""))), "model:ryl")
    assert '| Unknown caller <span class="mb-missing">No card</span> | Purpose unknown: the traffic does not' in page


@pytest.mark.parametrize(
    ("skipped", "expected"), [({}, ("!", "Not found in code")), ({"too large": 1}, (DASH, "Not found in code"))]
)
def test_a_use_is_missed_only_where_every_file_was_read(tmp_path: Path, skipped, expected) -> None:
    project = open_with(tmp_path, (scanned("food/feed", **skipped),))
    assert list_evidence(project)["Home feed"][1] == expected


def test_the_reason_for_no_evidence_is_stated(tmp_path: Path) -> None:
    cards = {**CARDS, "feed.yml": CARDS["feed.yml"].replace("repo: https://github.com/food/feed\n", "")}
    other = (scanned("food/other"),)
    assert list_evidence(open_with(tmp_path / "a", other))["Home feed"][1] == (DASH, "Its code was not scanned")
    assert list_evidence(open_with(tmp_path / "b", other, cards=cards))["Home feed"][1] == (
        DASH, "No repository on its card",
    )  # fmt: skip


def test_no_calls_are_missed_of_a_model_that_answers_none(tmp_path: Path) -> None:
    cards = {**CARDS, "ryl.yml": MODEL.format("offline")}
    project = open_with(tmp_path, (), (traffic_source(), seen_call()), cards=cards)
    assert list_evidence(project)["Home feed"][2] == (DASH, "Not seen in traffic")


def test_old_evidence_is_grey_with_its_age(tmp_path: Path) -> None:
    code = (scanned(on=OLD), code_use(system="system:feed", on=OLD))
    page = render_page(open_with(tmp_path, code), "model:ryl")
    assert '<span class="mb-ev mb-old"><span' in page
    assert "too old to rely on<span data-mb-relative> (154 days)</span></small>" in page
    assert (
        'code<span data-mb-relative> of <time datetime="2026-06-19">19 Jun 2026</time></span>, too old to rely' in page
    )


def test_a_later_scan_without_another_result_changes_nothing_that_is_published(tmp_path: Path) -> None:
    def render(folder: str, day: date) -> str:
        code = (scanned("food/feed", day), scanned("food/cart", day))
        page = render_page(open_with(tmp_path / folder, code, (traffic_source(day),)), "model:ryl")
        shown, _, _ = page.partition("<summary>Findings on this card")
        return re.sub(r"<span data-mb-relative>.*?</span>", "", shown)

    assert render("a", SCANNED) == render("b", SCANNED - timedelta(days=3))


def test_the_page_of_a_system_mirrors_the_table(tmp_path: Path) -> None:
    code = (
        scanned("food/feed"), scanned("food/cart"), code_use(system="system:cart", repo="food/cart"),
        code_use("feature_view:profile", "system:cart", "food/cart"),
        code_use("system:feed", "system:cart", "food/cart"),
    )  # fmt: skip
    project = open_with(tmp_path, code)
    assert list_evidence(project, "system:cart") == {
        "RYL": [("!", "No card declares it"), ("✓", "Found in code"), (DASH, "Traffic not connected")]
    }
    assert list_evidence(project, "system:feed") == {
        "RYL": [("✓", "Declared by its own card"), ("!", "Not found in code"), (DASH, "Traffic not connected")]
    }
    cart, feed = render_page(project, "system:cart"), render_page(project, "system:feed")
    assert "Purpose unknown: add the use with its reason to this card." in cart
    assert '[profile](../resources/feature_view/profile.md) <span class="mb-missing">Undeclared</span>' in cart
    assert "## Found in code and traffic" in feed
    assert '[Cart](cart.md) <span class="mb-missing">Undeclared</span>' in feed


def test_the_page_of_a_resource_names_its_users_in_code(tmp_path: Path) -> None:
    code = (scanned(), code_use("feature_view:profile", "model:ryl"), code_use("feature_view:profile", repo="food/old"))
    page = render_page(open_with(tmp_path, code), "feature_view:profile")
    table = page[page.index("## Found in code and traffic") :]
    assert table.index('food/old <span class="mb-missing">No card</span>') < table.index("[RYL](../../models/ryl.md)")


def test_an_endpoint_shows_when_it_was_verified(tmp_path: Path) -> None:
    answers = (
        Verification(
            ref="model:ryl", environment="staging", day=SCANNED, valid_on=SCANNED, status=200, milliseconds=45,
            shape=AnswerShape.VALID,
        ),
        Verification(
            ref="model:ryl", environment="production", day=SCANNED, valid_on=OLD, status=200,
            shape=AnswerShape.INVALID, problem="items[0] is missing",
        ),
    )  # fmt: skip
    page = render_page(open_with(tmp_path, (), (), answers), "model:ryl")
    staging, production = (line for line in page.splitlines() if "example.com/ryl" in line and line.startswith("| "))
    assert '>verified</span> <time datetime="2026-11-19">19 Nov 2026</time><small>HTTP 200, 45 ms</small>' in staging
    assert ">breaks the contract</span>" in production
    assert 'HTTP 200, items&#91;0&#93; is missing; last valid on <time datetime="2026-06-19">' in production


def test_the_page_properties_have_the_evidence(tmp_path: Path) -> None:
    code = (scanned(), code_use(system="system:cart", repo="food/cart"))
    project = open_with(tmp_path, code, (traffic_source(),))
    view = build_page_view(project.book, Ref("model", "ryl"))
    facts = {fact.name: fact.values for fact in view.card.properties}
    assert facts["Found in code"] == ("1 consumer",)
    assert facts["Seen in traffic"] == ("0 consumers",)
    assert facts["Undeclared uses"] == ("Cart",)
    assert "Last verified" not in facts


def test_the_page_properties_have_the_last_day_of_a_valid_answer(tmp_path: Path) -> None:
    answers = (
        Verification(ref="model:ryl", environment="staging", day=SCANNED, valid_on=OLD, shape=AnswerShape.NO_ANSWER),
        Verification(ref="model:ryl", environment="production", day=SCANNED, shape=AnswerShape.REFUSED),
    )
    view = build_page_view(open_with(tmp_path, (), (), answers).book, Ref("model", "ryl"))
    assert {fact.name: fact.values for fact in view.card.properties}["Last verified"] == (OLD,)


def test_users_by_the_evidence_count_for_the_order_of_llms_txt(tmp_path: Path) -> None:
    declared = {page.key: page.dependents for page in open_with(tmp_path / "a").render_pages()[0]}
    code = (scanned(), code_use(system="system:cart", repo="food/cart"), code_use(repo="food/old"))
    found = {page.key: page.dependents for page in open_with(tmp_path / "b", code).render_pages()[0]}
    assert found["model:ryl"] == declared["model:ryl"] + 2


def test_the_facts_of_a_card_name_what_is_only_found(tmp_path: Path) -> None:
    code = (
        scanned("food/feed"), code_use(system="system:feed"), code_use(system="system:cart", repo="food/cart"),
        code_use("feature_view:profile", "system:cart", "food/cart"),
    )  # fmt: skip
    verified = Verification(ref="model:ryl", environment="staging", day=SCANNED, status=503, shape=AnswerShape.REFUSED)
    book = open_with(tmp_path, code, (), (verified,)).book

    def list_lines(ref: str, title: str) -> tuple[str, ...]:
        sections = list_sections(book, build_page_view(book, Ref.parse(ref)))
        return next(section.lines for section in sections if section.title == title)

    assert list_lines("model:ryl", "Who uses it, and why") == (
        "Cart: purpose unknown, no card declares it; found in code: config/app.yaml, line 3, of food/cart",
        "Home feed, medium: Fills the carousel (found in code)",
    )
    assert list_lines("model:ryl", "Endpoints")[0] == (
        "staging: https://stg.example.com/ryl (refused on 2026-11-19, HTTP 503)"
    )
    unknown = "purpose unknown, found by the evidence, but no card declares it"
    assert list_lines("system:cart", "Models it uses") == (f"RYL: {unknown}",)
    assert f"Cart: {unknown}" in list_lines("feature_view:profile", "Used by")
