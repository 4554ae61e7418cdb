"""What a page has in the wiki for its readers: contents, excerpt, child pages, mentions, anchors, colours of code."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.built import read_site
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.parse import normalise_storage
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Sheet, publisher, write_site
from tests.confluence.storage.book import PAGE, PLACES, SITE, page_html

TOC = (
    '<ac:structured-macro ac:name="toc"><ac:parameter ac:name="maxLevel">2</ac:parameter>'
    '<ac:parameter ac:name="separator">pipe</ac:parameter><ac:parameter ac:name="type">flat</ac:parameter>'
    "</ac:structured-macro>"
)
CHILDREN = '<ac:structured-macro ac:name="children"/>'
SECTION = f"<h2>Use</h2><p>{'word ' * 150}</p>"


def convert(body: str, page: SourcePage = PAGE, site: SourceSite = SITE) -> str:
    return convert_page(page_html(body).encode(), page, site).storage.resolve(PLACES, "BOOK")


def test_a_long_page_has_a_table_of_contents_above_its_first_section():
    made = convert(f"<p>Summary</p>{SECTION * 5}")
    assert made.startswith(f"<p>Summary</p>{TOC}<h2>Use</h2>")
    assert made.count(TOC) == 1


@pytest.mark.parametrize(
    "body", [SECTION * 4 + "<h3>Part</h3>" * 5, "<h2>Use</h2><p>word</p>" * 20], ids=["few sections", "few words"]
)
def test_a_short_page_has_no_table_of_contents(body: str):
    assert TOC not in convert(body)


def test_the_summary_of_a_card_is_an_excerpt():
    made = convert('<p class="mb-summary" data-mb-excerpt>Ranks <em>dishes</em>.</p><p>More</p>')
    excerpt = "<ac:rich-text-body><p>Ranks <em>dishes</em>.</p></ac:rich-text-body>"
    assert made == f'<ac:structured-macro ac:name="excerpt">{excerpt}</ac:structured-macro><p>More</p>'


def test_a_page_lists_its_child_pages_unless_it_links_to_all_of_them():
    page = replace(PAGE, children=frozenset({"model:tpfy", "page:models"}))
    links = '<p><a href="tpfy.html">a</a> <a href="index.html">b</a></p>'
    assert CHILDREN not in convert(links, page)
    assert convert('<p><a href="tpfy.html">a</a></p>', page).count(CHILDREN) == 1
    assert CHILDREN not in convert("<p>text</p>")


@pytest.mark.parametrize(("is_cloud", "attribute"), [(True, "ri:account-id"), (False, "ri:userkey")])
def test_the_page_of_a_person_mentions_the_account_once(is_cloud: bool, attribute: str):
    body = "<p data-mb-excerpt>Data scientist</p><p>Team</p>"
    made = convert(body, replace(PAGE, account='557058:2954"'), replace(SITE, is_cloud=is_cloud))
    mention = f"<p><ac:link><ri:user {attribute}='557058:2954\"'/></ac:link></p>"
    assert made.count("ri:user ") == 1
    assert f"</ac:structured-macro>{mention}<p>Team</p>" in made


def test_only_ids_to_which_a_link_points_become_anchors():
    body = (
        '<h2 id="own">A</h2><h2 id="linked">B</h2><h2 id="free">C</h2><table><tr id="row"><td>x</td></tr></table>'
        '<p><a href="#own">a</a><a class="headerlink" href="#free">\N{PILCROW SIGN}</a></p>'
    )
    result = convert_page(page_html(body).encode(), replace(PAGE, linked_ids=frozenset({"linked"})), SITE)
    assert result.anchors == ("own", "linked")
    assert result.losses == ()


def test_a_date_relative_to_the_reader_is_left_out():
    made = convert("<p>Due on 2026-12-01<span data-mb-relative> (in 2 days)</span></p>")
    assert made == "<p>Due on 2026-12-01</p>"


def test_the_fact_panel_has_an_id_for_reports():
    made = convert('<table class="mb-facts"><tr><th>Owner</th><td>x</td></tr></table>')
    assert made.startswith(
        '<ac:structured-macro ac:name="details"><ac:parameter ac:name="id">modelbook</ac:parameter><ac:rich-text-body>'
    )


@pytest.mark.parametrize(
    ("kind", "panel"),
    [("note", "info"), ("info", "info"), ("tip", "tip"), ("warning", "note"), ("danger", "warning"), ("quote", "info")],
)
def test_a_panel_has_the_colour_of_its_admonition(kind: str, panel: str):
    made = convert(f'<div class="admonition {kind}"><p class="admonition-title">T</p><p>x</p></div>')
    assert made.startswith(f'<ac:structured-macro ac:name="{panel}">')


LANGUAGES = [("go", "go", ""), ("rust", "rust", ""), ("dockerfile", "dockerfile", ""), ("json", "json", "js")]
LANGUAGES += [("python", "py", "py"), ("yaml", "yaml", "yml"), ("toml", "toml", ""), ("gherkin", "", "")]


@pytest.mark.parametrize(("language", "cloud", "datacenter"), LANGUAGES)
def test_cloud_highlights_more_languages_than_data_center(language: str, cloud: str, datacenter: str):
    body = f'<div class="language-{language} highlight"><pre><code>a</code></pre></div>'
    for is_cloud, name in ((True, cloud), (False, datacenter)):
        result = convert_page(page_html(body).encode(), PAGE, replace(SITE, is_cloud=is_cloud))
        parameter = f'<ac:parameter ac:name="language">{name}</ac:parameter>'
        assert (parameter in result.storage.resolve({})) == bool(name)
        assert [loss.rule.code for loss in result.losses] == ([] if name else ["MB912"])


A = Sheet("model:a", "A", None, '<h2 id="use">Use</h2><h2 id="end">End</h2>')
ADDRESSES = ['"../model/a.html#use"', "'../model/a.html#use'", "../model/a.html#use", '"../model/a.html?x=1#%75se"']


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_links_of_other_pages_decide_about_anchors(tmp_path: Path, address: str):
    built = write_site(tmp_path, [A, Sheet("model:b", "B", None, f"<p><a href={address}>a</a></p>")])
    first, second = built.all_wanted()
    assert first.converted.anchors == ("use",)
    assert [(link.ref, link.anchor) for link in second.converted.links] == [("model:a", "use")]
    [alone] = write_site(tmp_path, [A]).all_wanted()
    assert alone.converted.anchors == ()
    assert alone.converted != first.converted


def test_a_link_in_the_navigation_of_the_theme_makes_no_anchor(tmp_path: Path):
    write_site(tmp_path, [A, Sheet("model:b", "B")])
    page = tmp_path / "model" / "b.html"
    navigation = '<nav>menu <a href="../model/a.html#use">a</a></nav>'
    page.write_text(page.read_text("utf-8").replace("<nav>menu</nav>", navigation), "utf-8")
    assert next(read_site(tmp_path, lambda _: ()).all_wanted()).converted.anchors == ()


def test_the_site_knows_the_flavour_and_the_child_pages(tmp_path: Path):
    code = '<div class="language-go highlight"><pre><code>a</code></pre></div>'
    built = write_site(tmp_path, [A, Sheet("model:b", "B", "model:a", code)])
    parent, child = built.all_wanted()
    assert CHILDREN in parent.converted.storage.resolve({})
    assert CHILDREN not in child.converted.storage.resolve({})
    assert child.converted.losses == ()
    [_, child] = built.for_flavour(Flavour.DATACENTER).all_wanted()
    assert [loss.what for loss in child.converted.losses] == ["a code block in go"]


def test_confluence_stores_all_that_is_added_for_readers(flavour: Flavour, tmp_path: Path):
    made = publisher(flavour, tmp_path / "site")
    page = replace(PAGE, account="557058:2954", children=frozenset({"model:tpfy"}))
    site = replace(SITE, is_cloud=flavour is Flavour.CLOUD)
    sent = convert(f"<p data-mb-excerpt>Ranks dishes.</p>{SECTION * 5}", page, site)
    assert all(f'ac:name="{name}"' in sent for name in ("excerpt", "toc", "children"))
    assert "ri:user" in sent
    made.create_unmanaged_page("Mine", sent)
    assert normalise_storage(made.find_page("Mine").body or "") == normalise_storage(sent)
