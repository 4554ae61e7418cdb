"""Text of cards that looks like scripts, templates, links or tables is shown as typed in a browser."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Dialog

from tests.books import write_book
from tests.pages.test_markup import HOSTILE, one_line
from tests.sites import build, list_pages, serve_folder

pytestmark = pytest.mark.browser

ATTACKS = [
    "danger <script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "</title><script>document.title='pwned'</script>",
    "</td></tr></table><svg onload=\"document.title='pwned'\">",
    "[click](javascript:document.title='pwned')",
    "{{ 7*7 }}{% for x in [] %}",
    "&lt;script&gt;document.title='pwned'&lt;/script&gt;",
    "\"><script>document.title='pwned'</script>",
    "```\n</code></pre><script>document.title='pwned'</script>",
    *HOSTILE,
]
HOSTILE_NAME = ATTACKS[2]
QUIET = [code for start in (201, 301, 401, 601) for code in range(start, start + 40)]
"""Rules that are switched off, because the test is about pages and not about findings."""


def card(number: int, text: str) -> dict[str, object]:
    line = one_line(text)
    return {
        "kind": "model",
        "id": f"m{number}",
        "name": line,
        "aliases": [line],
        "summary": line,
        "lifecycle": "production",
        "serving": "online",
        "owners": ["t"],
        "deployed_on": "2026-01-01",
        "version": line,
        "tags": [line[:50]],
        "links": {"dashboard": line, line[:60]: "javascript:alert(1)"},
        "notes": text,
        "curl": f"curl https://e.example.com/{number} -d '{text}'",
        "endpoints": {"production": f"https://e.example.com/{number}"},
        "features": [{"feature": "view:f", "type": line, "description": text}],
        "consumers": [{"system": "s", "why": text, "surface": line, "configured_in": line}],
        "contract": {
            "headers": {"X-Test": line[:100]},
            "request": {"type": "object", "properties": {line[:80]: {"type": "string", "description": text}}},
            "examples": [{"name": line, "request": {"a": text}, "response": {"b": text}}],
        },
        "card": {"intended_use": text, "metrics": [{line[:80]: text, "value": 1}], "limitations": [text]},
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    cards = {f"m{number}.yml": json.dumps(card(number, text)) for number, text in enumerate(ATTACKS)}
    hostile = HOSTILE_NAME
    around = [
        {"kind": "team", "id": "t", "name": hostile, "channel": hostile, "lead": "p"},
        {"kind": "person", "id": "p", "name": ATTACKS[0], "email": """a@b.c"onmouseover="document.title='pwned'"""},
        {"kind": "system", "id": "s", "name": ATTACKS[1], "type": "app", "repo": "javascript:alert(1)"},
        {
            "kind": "flow", "id": "f", "name": hostile, "trigger": hostile, "owners": ["t"],
            "steps": [{"from": "system:s", "calls": "model:prose", "note": hostile}],
        },
        {
            "kind": "migration", "id": "g", "name": hostile, "owners": ["t"], "status": "planned",
            "moves": ["model:m1"], "retires": [hostile],
            "waves": [{"scope": {"city": [hostile]}, "traffic": 5, "note": hostile, "planned_on": "2026-12-01"}],
        },
        {
            "kind": "experiment", "id": "e", "name": hostile, "owners": ["t"], "status": "draft", "metric": hostile,
            "hypothesis": hostile, "variants": {"a": {"model": "m0", "traffic": 100, "note": hostile}},
        },
        {"kind": "resource", "id": "view", "type": "feature_view", "name": hostile, "consumers": [hostile]},
        {"kind": "system", "id": "d", "name": hostile, "type": "app", "tags": ["draft", hostile], "owners": ["t"],
         "notes": hostile, "x-guessed": {"type": ATTACKS[0], "notes": ATTACKS[3], hostile: hostile}},
    ]  # fmt: skip
    cards |= {f"around{number}.yml": json.dumps(entry) for number, entry in enumerate(around)}
    prose = "---\nkind: model\nid: prose\nname: Prose\nsummary: s\nlifecycle: experimental\nserving: offline\n---\n"
    cards["prose.md"] = prose + "\n\n".join(ATTACKS[:9])
    mkdocs = (
        "site_name: Hostile\ntheme: {name: material, font: false}\n"
        "plugins:\n  - search\n  - tags\n  - offline\n"
        "  - modelbook: {as_of: 2026-11-20, severities: {"
        + ", ".join(f"MB{code}: 'off'" for code in QUIET)
        + "}}\nmarkdown_extensions: [attr_list, md_in_html, tables, toc, pymdownx.highlight, pymdownx.superfences,"
        " pymdownx.emoji, pymdownx.keys, pymdownx.mark, pymdownx.magiclink]\n"
        "extra_css: [assets/modelbook/diagrams.css]\n"
    )
    write_book(root, {}, mkdocs)
    for name, text in cards.items():
        (root / "cards" / name).write_text(text, encoding="utf-8")
    build(root, root / "out")
    return root / "out"


def test_no_page_runs_a_script_or_requests_another_host(site, browser, sample):
    paths = sorted(list_pages(site))
    with serve_folder(site) as address:
        page = browser.new_context().new_page()
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        dialogs: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        for path in (paths[number - 1] for number in sample(len(paths), 6)):
            page.goto(address + path.relative_to(site).as_posix())
            assert page.title() != "pwned", path
            assert not page.locator("article script, article img, article [onerror], article [onload]").count(), path
            hrefs = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href') || '')")
            assert not [href for href in hrefs if href.lower().strip().startswith(("javascript:", "data:"))], path
        assert not dialogs
        assert not [url for url in requested if not url.startswith((address, "data:", "blob:"))]


def test_the_guesses_of_a_draft_are_shown_as_typed(site, plain_tab):
    page = plain_tab
    page.goto((site / "drafts-to-finish.html").as_uri())
    cell = one_line(page.locator(".mb-drafts td").nth(1).inner_text())
    assert cell == one_line(f"type app {ATTACKS[0]} notes {HOSTILE_NAME} {ATTACKS[3]}")


def test_the_search_shows_hostile_names_as_text(site, tab):
    with serve_folder(site) as address:
        page = tab
        page.goto(address)
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("danger")
        page.locator(".md-search-result__link").first.wait_for()
        assert page.title() != "pwned"
        assert not page.locator(
            ".md-search-result script, .md-search-result img, .md-search-result svg[onload]"
        ).count()


def test_texts_are_shown_as_typed_in_complete_tables(site, plain_tab, sample):
    page = plain_tab
    for number in (chosen - 1 for chosen in sample(len(ATTACKS), 8)):
        attack, text = ATTACKS[number], one_line(ATTACKS[number])
        page.goto((site / "models" / f"m{number}.html").as_uri())
        shown = page.evaluate(_READ)
        assert one_line(shown["title"]) == text
        assert one_line(shown["lead"]) == text
        uses = [one_line(cell) for cell in shown["uses"]]
        assert uses[0] == one_line(ATTACKS[1])
        assert uses[1].startswith(text)
        assert f"Shown in {text}. Configured in {text}." in uses[1]
        assert uses[2] == "not stated"
        features = [one_line(cell) for cell in shown["features"]]
        assert features == ["f", one_line(HOSTILE_NAME), text, text]
        assert one_line(shown["curl"]) == one_line(f"curl https://e.example.com/{number} -d '{attack}'")


_READ = """() => {
  const cells = selector => [...document.querySelectorAll(`${selector} tbody td`)].map(cell => cell.textContent);
  return {
    title: document.querySelector("article h1").firstChild.textContent,
    lead: document.querySelector("article .mb-lead").textContent,
    uses: cells(".mb-uses"),
    features: cells("#data-and-dependencies ~ .mb-short-2"),
    curl: document.querySelector("details .highlight code").textContent,
  };
}"""
