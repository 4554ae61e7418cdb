"""The sections of a model's page: the verdict, who to call, consumers, people, calls, operations, history."""

import html
import re
from pathlib import Path

import pytest

from generator.pages.contexts.model import ModelCardSection
from generator.project import open_project
from generator.schema import Model
from generator.schema.fields import get_keys
from tests.books import MODEL, TEAM, open_book, open_own_book, write_book
from tests.history.repositories import new_repository
from tests.pages.test_answers import find_fold, find_section, render_page

ONLINE = MODEL.replace("serving: offline", "serving: online").lstrip()
HOME = (
    "kind: system\nid: home\nname: Home\ntype: service\nowners: [t]\n"
    "uses: [{model: ryl, why: Fills the carousel, surface: Home page, criticality: high}]\n"
)


@pytest.fixture(scope="module")
def own_page() -> str:
    return render_page(open_own_book(), "model:ryl")


def make_page(tmp_path: Path, card: str = "", **more: str) -> str:
    cards = {"ryl.yml": ONLINE + card, "t.yml": TEAM} | {f"{name}.yml": text for name, text in more.items()}
    return render_page(open_book(tmp_path, cards), "model:ryl")


def test_the_verdict_has_its_word_and_links_in_its_reasons(own_page):
    panel = find_section(own_page, "Can it be switched off?")
    assert '<p class="mb-word"><b>No.</b> Customers would notice.</p>' in panel
    sign = '<span class="mb-sign mb-sign--blocks" role="img" aria-label="Blocks">✕</span>'
    assert f"- {sign} Used by [Home feed](../systems/home-feed.md), shown in Home, carousel 2" in panel
    assert re.search(r'aria-label="Wait">&#33;</span> \[Move RYL .*\]\(.*\) moves it, wave', panel)
    assert " on 30 Nov 2026." in panel
    assert '<span data-mb-relative> of <time datetime="2026-11-20">20 Nov 2026</time></span>' in panel


def test_who_to_call_names_the_rota_or_the_gap(tmp_path):
    team = TEAM.replace("channel: '#t'", "channel: '#t'\nhours: 9 to 18")
    panel = make_page(tmp_path, home=HOME, t=team)
    calls = panel.partition("### Who to call now")[2].partition("## Who uses it")[0]
    assert "- **Home is wrong or slow**<br>[Team](../teams/t.md) " in calls
    assert len([line for line in calls.splitlines() if line.startswith("- **")]) == 3
    assert f"{NO_ON_CALL}<small>&#35;t, 9 to 18, [Person](../people/p.md)</small>" in calls
    with_rota = make_page(tmp_path / "rota", t=TEAM.replace("lead: p", "lead: p\non_call: https://rota.example.com/t"))
    assert '**Answers look wrong**<br><a href="https://rota.example.com/t">Team on call</a>, &#35;t' in with_rota
    assert "\n- **Answers look wrong**" in with_rota


NO_ON_CALL = '<span class="mb-missing">No on-call</span> '
NIGHT = "kind: team\nid: t\nname: Night shift\nchannel: '#night'\nemail: night@example.com\n"


def test_the_channel_and_the_list_of_a_team_without_a_lead_are_in_the_place_of_a_person(tmp_path):
    mail = '<a href="mailto:night@example.com">night&#64;example.com</a>'
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": NIGHT})
    calls = render_page(project, "model:ryl").partition("### Who to call now")[2].partition("## Who uses it")[0]
    assert calls.count(f"[Night shift](../teams/t.md) {NO_ON_CALL}<small>&#35;night, {mail}</small>") == 2
    (row,) = [line for line in render_page(project, "page:who-to-call").splitlines() if line.startswith("| [Night")]
    assert f'| &#35;night | <span class="mb-missing">No lead</span> | {mail} |' in row


def test_the_address_and_the_channel_of_a_contact_are_beside_the_name(tmp_path):
    team = "kind: team\nid: t\nname: Kitchen\nlead: p\nchannel: '#k'\nchat: https://chat.example.com/k\n---\n"
    person = "kind: person\nid: p\nname: Ola Nord\nteam: t\nemail: ola@example.com\n"
    project = open_book(tmp_path, {"ryl.yml": f"{MODEL}contacts: {{ds: p}}\n", "t.yml": team + person})
    mail = '<a href="mailto:ola@example.com">ola&#64;example.com</a>'
    chat = '<a href="https://chat.example.com/k">&#35;k</a>'
    people = find_section(render_page(project, "model:ryl"), "People")
    assert re.search(rf"\[Ola Nord\]\(\.\./people/p\.md\).* \| {mail} \| {chat} \|", people)
    page = render_page(project, "page:who-to-call")
    assert re.search(rf"^\| \[Kitchen\].*\| {chat} \| \[Ola Nord\]\(people/p\.md\) \|", page, re.MULTILINE)
    assert re.search(rf"^\| \[Ola Nord\].*\| {mail} \|", page, re.MULTILINE)


@pytest.mark.parametrize("more", ["", "card: {intended_use: Tips}\n"])
def test_notes_are_shown_as_they_are_typed(tmp_path, more: str):
    notes = "See [the wiki](https://wiki.example.com/tips), **first** the <b>cap</b>."
    page = make_page(tmp_path, f"notes: '{notes}'\n{more}")
    (line,) = [line for line in page.splitlines() if "the wiki" in line]
    assert html.unescape(re.sub("<[^>]*>", "", line)) == notes
    assert not re.search(r"[*\[\]]|<b>", re.sub("&#[0-9]+;", "", line))
    assert "Markdown and HTML are shown as they are typed" in get_keys(Model)["notes"].description


def test_a_model_that_is_off_names_only_its_owner(tmp_path):
    cards = {"ryl.yml": f"{ONLINE.replace('experimental', 'retired')}stakeholders: ['team:t']\n", "t.yml": TEAM}
    retired = render_page(open_book(tmp_path, cards), "model:ryl")
    assert "<b>Already off.</b>" in retired
    assert "**Something still calls it**" in retired
    assert "Model server is down" not in retired
    assert "Before you switch it off" not in retired


def test_a_consumer_has_its_reason_its_surface_and_how_the_use_is_known(own_page):
    section = find_section(own_page, "Who uses it, and why")
    (row,) = [line for line in section.splitlines() if line.startswith("| [Home feed]")]
    assert row.startswith("| [Home feed](../systems/home-feed.md)<small>Core engineering</small> | Fills the second")
    assert "Shown in Home, carousel 2. Reads <code>items&#91;&#93;.restaurant_id</code>." in row
    assert "Step 6 of [Home page ranking](../flows/home-ranking.md)." in row
    assert '</span> Declared by both cards <small>since <time datetime="2024-02-12">12 Feb 2024</time>' in row
    assert "12 Feb 2024</time>, confirmed" in row
    assert "</span> Found in code <small><a href=" in row
    assert "</span> Seen in traffic <small>30,014,810 requests in 30 days, 0.21\N{NO-BREAK SPACE}% errors" in row
    assert "not looked at" not in section


def test_readers_of_data_that_the_model_fills_are_consumers_through_it(tmp_path):
    flow = (
        "kind: flow\nid: f\nname: F\nowners: [t]\nsteps: [{from: 'model:ryl', writes: 'table:scores'},"
        " {from: 'system:home', reads: 'table:scores'}]\n"
    )
    home = "kind: system\nid: home\nname: Home\ntype: service\nowners: [t]\n"
    section = find_section(make_page(tmp_path, f=flow, home=home), "Who uses it, and why")
    assert "Through [scores](../resources/table/scores.md)." in section


def test_indirect_dependents_are_folded(tmp_path):
    app = "kind: system\nid: app\nname: App\ntype: app\nowners: [t]\ndepends_on: ['system:home']\n"
    page = make_page(tmp_path, home=HOME, app=app)
    assert "## Impact" not in page
    fold = find_fold(page, "Indirect dependents")
    assert re.search(r"\| \[App\]\(../systems/app.md\) \| App .* Home", fold)


def test_a_model_without_a_consumer_says_so_in_one_line(tmp_path):
    section = find_section(make_page(tmp_path), "Who uses it, and why")
    assert section.count('class="mb-empty"') == 1
    assert "<b>No card names a consumer</b>" in section


def test_many_consumers_are_cut_on_the_first_screen_too(tmp_path):
    systems = "\n---\n".join(HOME.replace("home", f"s{n}").replace("Home\n", f"S{n}\n") for n in range(60))
    page = make_page(tmp_path, many=systems)
    panel = find_section(page, "Can it be switched off?")
    assert panel.count("Used by [S") == 4
    assert "And 56 more consumers." in panel
    assert panel.count("is wrong or slow**") == 3
    assert "These are 40 of 60;" in page


def test_people_who_left_have_their_successor_beside_them(tmp_path):
    people = (
        "kind: person\nid: o\nname: Old\nleft_on: 2026-01-01\nsuccessor: n\n---\n"
        "kind: person\nid: n\nname: New\nteam: t\nemail: n@example.com\ndeputy: p\n"
    )
    section = find_section(make_page(tmp_path, "contacts: {ds: o}\n", people=people), "People")
    (row,) = [line for line in section.splitlines() if "Old" in line]
    assert '[Old](../people/o.md) <span class="mb-missing">has left</span>' in row
    assert "ask [New](../people/n.md), deputy [Person](../people/p.md)" in row
    assert '<a href="mailto:n@example.com">' in row
    assert '<span class="mb-missing">no contact</span>' in section


def test_contracts_samples_and_copies_are_folded_with_their_counts(tmp_path):
    page = make_page(
        tmp_path,
        "endpoints: {production: 'https://ml.example.com/ryl'}\n"
        "instances: [{id: ryl-mysuru, endpoints: {production: 'https://mysuru.example.com/ryl'}}]\n"
        "contract: {request: {type: object, required: [a], "
        "properties: {a: {type: string, default: x}, b: {type: string}}}}\n",
    )
    assert "ryl-mysuru" in find_fold(page, "Copies <small>1</small>")
    assert "<code>b</code>" in find_fold(page, "Request <small>2 fields, 1 required</small>")
    assert "Generated from the endpoint" in find_fold(page, "Sample call")


def test_operations_have_an_owner_and_a_day_and_name_what_is_missing(own_page, tmp_path):
    section = find_section(own_page, "After deployment")
    day = '<time datetime="2026-11-16">16 Nov 2026</time>'
    assert f"| Drift check | Scores as in October | [Data science](../teams/data-science.md) | {day} |" in section
    production = {"ryl.yml": ONLINE.replace("experimental", "production"), "t.yml": TEAM}
    bare = find_section(render_page(open_book(tmp_path, production), "model:ryl"), "After deployment")
    assert "Not recorded: runbook, monitoring, alerts, drift check, capacity, roll-out." in bare
    assert "## After deployment" not in make_page(tmp_path / "experimental")


def test_a_model_has_at_most_eight_sections(own_page):
    headings = re.findall(r"^## (.*)$", own_page, re.MULTILINE)
    assert headings == [
        "Can it be switched off?",
        "Who uses it, and why",
        "People",
        "How to call it",
        "Data and dependencies",
        "After deployment",
        "Lifecycle and history",
        "Notes and model card",
    ]


def test_the_history_is_in_words_with_the_last_change_first(tmp_path):
    repository = new_repository(tmp_path)
    write_book(tmp_path, {})
    repository.commit("start", "2026-01-05", {"ryl.yml": f"{ONLINE}contacts: {{ds: p}}\n", "t.yml": TEAM})
    changed = ONLINE.replace("experimental", "production")
    repository.commit("go live", "2026-02-03", {"ryl.yml": changed, "home.yml": HOME}, author="Asha Rao <a@b.c>")
    page = render_page(open_project(tmp_path), "model:ryl")
    fold = find_fold(page, "History")
    assert fold.startswith("<summary>History <small>updated 3 Feb 2026 by Asha Rao</small></summary>")
    rows = [line for line in fold.splitlines() if line.startswith("| <time")]
    assert "Added consumer Home<br>" in rows[0] or "Added consumer Home |" in rows[0]
    assert "Removed contact for Data Science: Person" in rows[0]
    assert "Changed lifecycle: experimental → production" in rows[0]
    assert "Created the card, with 1 contact" in rows[1]
    assert '<b>Production</b> since <time datetime="2026-02-03">3 Feb 2026</time>' in page
    assert ', changed <time datetime="2026-02-03">3 Feb 2026</time>.' in page


def test_a_column_of_numbers_is_aligned_and_keys_keep_their_letters():
    rows = (("NDCG", "0.412", "a"), ("AUC", "-1", "b"))
    section = ModelCardSection("Metrics", columns=("name", "RMSE", "dataset"), rows=rows)
    assert section.headings == ("Metrics", ">RMSE", "Dataset")
    assert ModelCardSection("Factors", columns=("", "value")).headings == ("Factors", "Value")


def test_a_key_of_a_card_keeps_its_signs(tmp_path):
    page = make_page(tmp_path, """card: {metrics: [{name: a, "p > q": b, "> 0.9": c, "> 0.5": 1}]}\n""")
    assert '<dl class="mb-kv">' not in page, "no section is text"
    assert "| Metrics | P &#62; q | &#62; 0.9 | &#62; 0.5 |\n|---|---|---|---:|" in page


def test_a_key_of_a_card_cannot_leave_the_style_of_a_table(tmp_path):
    page = make_page(tmp_path, """card: {metrics: [{name: a, "');color:red;\\\\": b}]}\n""")
    style = re.search(r'style="([^"]*)" markdown="1">\s*\| Metrics', page)
    assert style is not None
    assert style[1].count("'") == 2
    assert style[1].endswith("&#92;&#92;'"), "the backslash is escaped, so the quote ends the string"


def test_page_properties_answer_for_reports(own_page):
    table = own_page.partition('<table class="mb-facts mb-wiki-only">')[2].partition("</table>")[0]
    facts = dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', table))
    assert facts["Can it be switched off"] == "No"
    assert facts["Used by"] == "Home feed, Merch console"
    assert facts["Criticality"] == "high"
    assert "30 Nov 2026" in facts["Next change"]
    assert "Owner" in facts


def test_the_strip_repeats_no_badge(own_page):
    strip = own_page.partition('<dl class="mb-strip mb-site-only">')[2].partition("</dl>")[0]
    assert re.findall(r"<dt>(.*?)</dt>", strip) == ["Owner", "Version", "Next review", "Links"]
