"""The search in Chromium: its results, and Material's search box in front of it."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from generator.book_findings import ALL_RULES
from generator.pages.search import SearchEntry, join_words
from generator.pages.search_index import render_search_index
from generator.pages.search_words import cut_words
from tests.books import MKDOCS, MODEL, TEAM, open_own_book, write_book
from tests.searching import ask_worker, list_locations, type_query
from tests.sites import run_mkdocs, serve_folder, write_own_book

pytestmark = pytest.mark.browser

FIRST_HITS = {
    # ids, aliases and names
    "ryl": "models/ryl.html",
    "RYL_v2": "models/ryl.html",
    "risk_score": "models/fraud.html",
    "promise": "models/eta.html",
    "dfc": "models/demand-forecast.html",
    "featpipe": "systems/feature-pipeline.html",
    "home-feed": "systems/home-feed.html",
    "scorer-to-kserve": "migrations/scorer-to-kserve.html",
    "searches.v1": "resources/topic/searches.v1.html",
    "feed-eng": "teams/core-eng.html",
    "restaurants you'll like": "models/ryl.html",
    "data science": "teams/data-science.html",
    "joel d\u2019souza": "people/joel.html",
    "ಆಶಾ": "people/asha.html",
    "MB203": "reference/codes/index.html",
    "who to call": "who-to-call.html",
    # beginnings and several words
    "restaur": "models/ryl.html",
    "coup": "models/coupon-uplift.html",
    "model fraud": "models/fraud.html",
    "migration ryl": "migrations/scorer-to-kserve.html",
    "ryl v3": "models/ryl-v3.html",
    "flow ryl": "flows/home-ranking.html",
    # questions
    "can we switch off ryl": "models/ryl.html",
    "what breaks if home feed fails": "systems/home-feed.html",
    "who owns tpfy": "models/tpfy.html",
    # one or two wrong letters, and spaces
    "rly": "models/ryl.html",
    "fruad": "models/fraud.html",
    "popluar": "models/popular-nearby.html",
    "cupon uplft": "models/coupon-uplift.html",
    "delivry promise": "models/eta.html",
    "serach ranking": "models/search-ranking.html",
    "chekout": "systems/checkout.html",
    "serches.v1": "resources/topic/searches.v1.html",
    "joel dsouzza": "people/joel.html",
    "homefeed": "systems/home-feed.html",
    "cou pon": "models/coupon-uplift.html",
    # texts
    "asha@example.com": "people/asha.html",
    "#data-science": "teams/data-science.html",
    "grafana.example.com/d/ryl": "models/ryl.html",
    "ml-stg.example.com ryl": "models/ryl.html",
    "carousels.ya home-feed": "systems/home-feed.html",
    "retention.sql": "models/churn.html",
    "lambdamart": "models/ryl.html",
    "0.412": "models/ryl.html",
    "Fills the second carousel": "models/ryl.html",
    "ryl cuisine_affinity": "models/ryl.html",
    "64 million home sessions": "models/ryl.html",
    "exit status": "checking.html",
}


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book) / "site")


@pytest.fixture(scope="module")
def wrong(tab) -> list[str]:
    return watch(tab.context)


@pytest.fixture
def page(tab, wrong) -> Iterator[Page]:
    """Return a page that fails the test if it requests another host or logs an error."""
    yield tab
    tab.goto("about:blank")
    found = [*wrong]
    wrong.clear()
    assert not found


def watch(context: BrowserContext) -> list[str]:
    wrong: list[str] = []
    own = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:blank")
    context.on("request", lambda request: None if request.url.startswith(own) else wrong.append(request.url))
    context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    return wrong


def expect_first(page: Page, location: str) -> None:
    link = page.locator(".md-search-result__link").first
    expect(link).to_have_attribute("href", re.compile(re.escape(location)), timeout=30_000)


def test_every_query_finds_the_page_that_their_author_wants(page, site):
    answers = ask_worker(page, site, FIRST_HITS)
    found = {query: list_locations(answer)[:1] for query, answer in zip(FIRST_HITS, answers, strict=True)}
    assert found == {query: [location] for query, location in FIRST_HITS.items()}


def test_the_name_the_id_and_the_aliases_of_every_card_come_first(page, site):
    graph = open_own_book().graph
    names = [(ref, name) for ref, loaded in graph.cards.items()
             for name in (ref.id, loaded.card.name, *loaded.card.aliases)]  # fmt: skip
    answers = ask_worker(page, site, [name for _, name in names])
    for (ref, name), answer in zip(names, answers, strict=True):
        same = [f"/{other.id}.html" for other, one in names if cut_words(one) == cut_words(name)]
        assert list_locations(answer)[0].endswith(tuple(same)), (str(ref), name)


def misspell(name: str, chance: random.Random) -> str:
    """Remove, insert, replace or swap a letter."""
    at, letter = chance.randrange(len(name) - 1), chance.choice("abcdefghijklmnopqrstuvwxyz")
    return chance.choice(
        [
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        ]
    )


@pytest.mark.parametrize("mistakes", [1, 2])
def test_names_with_one_or_two_wrong_letters_are_found(page, site, mistakes):
    graph = open_own_book().graph
    chance = random.Random(mistakes)
    queries = []
    for ref, loaded in graph.cards.items():
        for name in {ref.id, loaded.card.name, *loaded.card.aliases}:
            if len(name) >= 5 + mistakes and name.isascii():
                wrong = misspell(name, chance) if mistakes == 1 else misspell(misspell(name, chance), chance)
                queries.append((f"/{ref.id}.html", wrong))
    answers = ask_worker(page, site, [wrong for _, wrong in queries])
    ranks = [
        next((rank for rank, location in enumerate(list_locations(answer), 1) if location.endswith(ending)), None)
        for (ending, _), answer in zip(queries, answers, strict=True)
    ]
    lost = [wrong for (_, wrong), rank in zip(queries, ranks, strict=True) if rank is None]
    assert len(queries) > 80
    assert not lost
    assert sum(rank <= 10 for rank in ranks if rank) >= 0.97 * len(queries)


TEXTS = [
    "Zażółć gęślą", "Straße ﬁnden", "İstanbul", "ΟΔΟΣ οδός", "ಆಶಾ ರಾವ್", "Йод и ёлка", "推荐模型v2", "サービス業",
    "한국어 검색", "ﬀ ½ ① ²", "e\u0301te\u0301", "naïve café", "עברית", "العربية", "ไทยเเลนด์", "हिन्दी",
    "\U00010428\U0001d7d8", "O\u2019Hara's",
]  # fmt: skip


def test_the_worker_cuts_words_as_python_does(page, tmp_path, site):
    entries = [SearchEntry((f"Card number {row}",), words=join_words([text]), location=f"{row}.html")
               for row, text in enumerate(TEXTS)]  # fmt: skip
    copy_with_index(site, tmp_path, entries)
    queries = [word for text in TEXTS for word in text.split()]
    expected = [f"{row}.html" for row, text in enumerate(TEXTS) for _ in text.split()]
    answers = ask_worker(page, tmp_path, queries)
    for query, location, answer in zip(queries, expected, answers, strict=True):
        assert location in list_locations(answer), query


def copy_with_index(site: Path, folder: Path, entries: list[SearchEntry]) -> None:
    """Copy some pages of a site with another index."""
    (folder / "search").mkdir(parents=True, exist_ok=True)
    shutil.copytree(site / "assets", folder / "assets", dirs_exist_ok=True)
    for name in ("index.html", "404.html", "models/ryl.html"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(site / name, folder / name)
    index = render_search_index(entries)
    record = json.loads((site / "search/search_index.json").read_text("utf-8")) | {"docs": [index.record]}
    for name, text in {**dict(index.render_files()), "search_index.json": json.dumps(record)}.items():
        (folder / "search" / name).write_text(text, encoding="utf-8")


def test_rules_come_after_everything_else(page, site):
    words = sorted({word for rule in ALL_RULES for word in cut_words(rule.name) if len(word) > 2})
    for word, answer in zip(words, ask_worker(page, site, words), strict=True):
        is_rule = [location == "reference/codes/index.html" for location in list_locations(answer)]
        assert is_rule == sorted(is_rule), word


def test_the_best_result_for_a_code_is_its_anchor_on_the_page_of_rules(page, site):
    codes = [rule.code for rule in ALL_RULES]
    for code, answer in zip(codes, ask_worker(page, site, codes), strict=True):
        best = max(answer[0], key=lambda item: float(item["score"]))
        assert best["location"] == f"reference/codes/index.html#{code}"


def test_cards_of_a_kind_with_the_same_score_are_in_the_order_of_their_names(page, tmp_path, site):
    titles = ["Zebra", "apple", "Mango"]
    entries = [SearchEntry((title,), "", (kind,), "parcels", 1.5, f"{kind}{number}.html")
               for kind in ("model", "system") for number, title in enumerate(titles)]  # fmt: skip
    copy_with_index(site, tmp_path, entries)
    [answer] = ask_worker(page, tmp_path, ["parcels"])
    assert list_locations(answer) == [f"{kind}{number}.html" for kind in ("model", "system") for number in (1, 2, 0)]


def test_texts_in_results_are_escaped(page, tmp_path, site):
    attack = '<img src=x onerror=alert(1)> &amp; "danger"'
    copy_with_index(site, tmp_path, [SearchEntry((attack,), attack, (attack,), "danger", location="x.html")])
    [[[item]]] = ask_worker(page, tmp_path, ["danger"])
    shown = item["title"] + item["text"] + "".join(item["tags"])
    assert "<img" not in shown
    assert re.findall("<[^>]*>", shown) == ["<mark>", "</mark>"] * 2
    assert "&amp;amp;" in item["title"]


@pytest.mark.parametrize("opens", ["http", "file"])
def test_the_box_finds_a_misspelt_name_and_the_page_marks_it(page, site, opens):
    with serve_folder(site, below="books/models") as address:
        page.goto(f"{address}flows/paying.html" if opens == "http" else (site / "flows/paying.html").as_uri())
        type_query(page, "restuarants youll")
        expect_first(page, "models/ryl.html")
        expect(page.locator(".md-search-result h1 mark").first).to_have_text("Restaurants")
        page.locator(".md-search-result__link").first.click()
        page.wait_for_url("**/models/ryl.html?h=*")
        expect(page.locator("article mark").first).to_have_text("Restaurants")


@pytest.mark.parametrize("opens", ["http", "file"])
def test_the_keyboard_chooses_a_result(page, site, opens):
    with serve_folder(site) as address:
        page.goto(address if opens == "http" else (site / "index.html").as_uri())
        page.keyboard.press("/")
        page.keyboard.type("ryl v3")
        expect_first(page, "models/ryl-v3.html")
        second = page.locator(".md-search-result__link").nth(1)
        expect(second).to_have_attribute("href", re.compile("experiments/ryl-v3-ab"))
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(second).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(page.locator(".md-search__input")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/models/ryl-v3.html*")


def test_the_arrow_key_takes_the_suggestion(page, site):
    with serve_folder(site) as address:
        page.goto(address)
        type_query(page, "Restaur")
        expect(page.locator(".md-search__suggest")).to_have_text("Restaurants")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".md-search__input")).to_have_value("Restaurants")


def test_a_link_with_a_query_shows_its_results(page, site):
    with serve_folder(site) as address:
        page.goto(f"{address}?q=risk_score")
        expect_first(page, "models/fraud.html")


def test_the_box_names_a_word_that_no_page_has(page, site):
    with serve_folder(site) as address:
        page.goto(address)
        type_query(page, "ryl qqqqqq")
        expect(page.locator(".md-search-result__terms del").first).to_have_text("qqqqqq")
        page.locator(".md-search__input").fill("")
        page.locator(".md-search__input").press_sequentially("qqqqqq")
        expect(page.locator(".md-search-result__meta")).to_have_text("No matching documents")


def test_a_section_of_an_own_page_is_a_result_with_its_anchor(page, site):
    with serve_folder(site) as address:
        page.goto(address)
        type_query(page, "exit status")
        section = page.locator(".md-search-result__link[href*='#exit-status']")
        expect(section).to_be_visible()
        section.click()
        page.wait_for_url("**/checking.html?h=*#exit-status")


def test_the_box_is_hidden_without_scripts(browser, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((site / "index.html").as_uri())
    assert not page.locator(".md-search").is_visible()
    assert not page.locator("label[for=__search]").first.is_visible()


def test_an_index_that_failed_to_load_is_loaded_at_the_next_key(browser, tmp_path, site):
    copy_with_index(site, tmp_path, [SearchEntry(("Lost parcels",), location="models/ryl.html")])
    names = tmp_path / "search/names.js"
    names.rename(tmp_path / "away.js")
    page = browser.new_context().new_page()
    with serve_folder(tmp_path) as address:
        page.goto(address)
        with page.expect_console_message(lambda message: "cannot be loaded" in message.text):
            type_query(page, "l")
        (tmp_path / "away.js").rename(names)
        page.keyboard.type("o")
        expect_first(page, "models/ryl.html")


def test_a_page_that_was_open_during_a_publication_finds_the_new_cards(page, tmp_path, site):
    many = " ".join(f"a{number:05d}" for number in range(10_000))
    copy_with_index(site, tmp_path, [SearchEntry(("Old parcels",), words=many, location="404.html")])
    with serve_folder(tmp_path) as address:
        page.goto(address)
        type_query(page, "old")
        expect_first(page, "404.html")
        copy_with_index(site, tmp_path, [SearchEntry(("New parcels",), words="a00001", location="models/ryl.html")])
        page.locator(".md-search__input").fill("")
        type_query(page, "a00001")  # is in a file of words that the page has not loaded yet
        expect_first(page, "models/ryl.html")


def test_a_theme_without_materials_worker_is_an_error(tmp_path):
    options = MKDOCS.replace("font: false", "font: false, custom_dir: own")
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM}, options)
    (root / "own").mkdir()
    (root / "own/main.html").write_text('{% extends "base.html" %}{% block config %}{% endblock %}')
    done = run_mkdocs("build", cwd=root)
    assert done.returncode == 1
    assert "no page names Material's search worker" in done.stderr


@pytest.mark.parametrize("search", ["", "  - search: {enabled: false}\n"], ids=["no plugin", "disabled"])
def test_a_book_without_search_has_no_index(tmp_path, search):
    options = MKDOCS.replace("  - search\n", search)
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM}, options)
    done = run_mkdocs("build", "--strict", cwd=root)
    assert done.returncode == 0, done.stderr
    assert not (root / "site/search/names.js").exists()


def test_pages_of_the_author_are_indexed_unless_they_are_excluded(tmp_path):
    options = MKDOCS.replace("  - offline\n", "")
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM}, options)
    (root / "docs/guide.md").write_text("# Guide\n\nWalruses\n\n## Next steps\n\nPelicans\n", encoding="utf-8")
    (root / "docs/hidden.md").write_text("---\nsearch: {exclude: true}\n---\n# Hidden\n\nOtters\n", encoding="utf-8")
    done = run_mkdocs("build", "--strict", cwd=root)
    assert done.returncode == 0, done.stderr
    names, words = ((root / "site/search" / name).read_text("utf-8") for name in ("names.js", "words-0.js"))
    assert all(f'["{location}",' in names for location in ("", "models/ryl/", "guide/", "guide/#next-steps"))
    assert "hidden" not in names
    assert "walruses" in words
    assert "pelicans" in words
    assert "otters" not in words
