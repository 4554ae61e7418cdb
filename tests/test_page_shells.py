"""A page that is filled into a shell of the theme has the bytes that the theme would render."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.page_shells import remove_search_attributes
from generator.pages.shell import PageValues, build_key, build_markers, parse_shell
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.sites import run_mkdocs

COMPARE = """
import json
from pathlib import Path
from generator import page_shells

renderer, report = page_shells.ShellRenderer, {"filled": [], "different": [], "left": [], "pages": 0}
standard, fill, finished, known = renderer.render, page_shells.Shell.fill, {}, []


def count(shell, values):
    known.append(values)
    return fill(shell, values)


def render(self, context):
    theme, page = self._render, context["page"]
    rendered = []
    self._render = lambda context: rendered.append(context) or theme(context)
    output = standard(self, context)
    self._render = theme
    if not rendered:
        report["filled"].append(page.file.src_uri)
    if output != theme(context):
        report["different"].append(page.file.src_uri)
    return output


renderer.render = render


def on_nav(nav, config, files):
    report["files"] = files


def on_post_page(output, page, config):
    finished[page.file.src_uri] = output


def on_post_build(config):
    plugin, files = config.plugins["modelbook"], report.pop("files")
    report["complete"] = plugin._shells is not None and plugin._shells.is_complete
    find_url = lambda path: getattr(files.get_file_from_path(path), "url", None)
    for path, made in plugin._pages.items() if plugin._shells else ():
        html = plugin._converter.convert(made.markdown)
        content = page_shells.resolve_page_links(plugin._shells, made, html, find_url)
        output = page_shells.render_page_html(plugin._shells, made, html, content)
        report["pages"] += 1
        if output != finished[path]:
            report["left" if output is None else "different"].append(path)
    Path(config.config_file_path).with_name("report.json").write_text(json.dumps(report))
"""
"""A hook that compares each page with what the theme renders, and with what is rendered without MkDocs."""
FEW_TAGGED = "from generator.pages import tags_page\ntags_page.MOST_TAGGED = 6\n"
BOOK = {
    "t.yml": TEAM,
    "people.yml": "---\n".join(f"kind: person\nid: p{n}\nname: Person {n} & \"so\" on\nteam: t\n" for n in range(6)),
    **{
        f"m{n}.yml": MODEL.replace("ryl", f"m{n}").replace("Restaurants", f"It's <b>{n}</b> & 'more'") + more
        for n, more in enumerate(["", "tags: ['a & b', c]\n", "tags: [a, 'a/b']\n", "contacts: {ds: p1}\n"])
    },
    "old.yml": MODEL.replace("ryl", "old.v1").replace("experimental", "deprecated"),
}  # fmt: skip
VARIANTS = {
    "no address": "",
    "an address": "site_url: https://example.com/book/\n",
    "files": "use_directory_urls: false\nsite_url: https://example.com\n",
    "features": "theme: {name: material, font: false, features: [navigation.tabs, navigation.sections, "
    "navigation.path, navigation.footer, navigation.top, navigation.indexes, toc.integrate, content.action.edit, "
    "content.action.view]}\nrepo_url: https://git.example.com/a/b\nedit_uri: edit/main/docs/\n",
    "blob": "theme: {name: material, features: [navigation.expand, navigation.prune, content.action.view]}\n"
    "repo_url: https://git.example.com/a/b\nedit_uri: blob/main/docs/\n",
    "a language and colours": "theme: {name: material, language: de, palette: [{scheme: default, primary: red}, "
    "{scheme: slate, toggle: {icon: material/weather-night, name: Dark}}]}\n",
    "navigation": "nav: [index.md, {Models: [models/m1.md, models/m2.md]}, {Own: own.md}]\n",
    "feedback": "extra: {analytics: {provider: google, property: G-1, feedback: {title: Good, ratings: "
    "[{icon: material/star, name: yes, data: 1, note: 'https://example.com/?t={title}&u={url}'}]}}}\n",
}
"""What an author may write in mkdocs.yml, for which there are shells."""


def write_compared_book(root: Path, settings: str, plugins: str = "search, offline, tags") -> None:
    theme = "" if "theme:" in settings else "theme: {name: material, font: false}\n"
    mkdocs = MKDOCS.replace("theme: {name: material, font: false}\n", theme)
    mkdocs = mkdocs.replace("  - search\n  - offline\n", "".join(f"  - {name}\n" for name in plugins.split(", ")))
    write_book(root, BOOK, f"{mkdocs}{settings}hooks: [hook.py]\n")
    (root / "hook.py").write_text(COMPARE, "utf-8")
    (root / "docs/own.md").write_text("# Own page\n\n[m1](models/m1.md)\n", "utf-8")
    below = root / "docs/models/m1/more.md"
    below.parent.mkdir(parents=True)
    below.write_text("# Below the address of a model\n", "utf-8")


def build_compared(root: Path) -> dict[str, Any]:
    done = run_mkdocs("build", cwd=root)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads((root / "report.json").read_text("utf-8"))
    return report


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "feedback"])
def test_pages_are_those_of_the_theme(tmp_path: Path, name: str):
    write_compared_book(tmp_path, VARIANTS[name])
    report = build_compared(tmp_path)
    assert report["different"] == report["left"] == []
    assert report["complete"]
    assert report["pages"] > 20
    assert "people/p5.md" in report["filled"]


def test_pages_with_tags_that_are_not_listed_are_those_of_the_theme(tmp_path: Path):
    write_compared_book(tmp_path, "")
    (tmp_path / "hook.py").write_text(f"{COMPARE}\n{FEW_TAGGED}", "utf-8")
    report = build_compared(tmp_path)
    assert report["different"] == report["left"] == []
    assert report["complete"]
    assert "people/p5.md" in report["filled"]
    page = (tmp_path / "site/models/m1.html").read_text("utf-8")
    assert '<span class="md-tag">model</span>' in page
    assert 'class="md-tag">c</a>' in page


def test_a_theme_that_changes_a_value_renders_each_page(tmp_path: Path):
    write_compared_book(tmp_path, VARIANTS["feedback"])  # with the title as a part of an address
    report = build_compared(tmp_path)
    assert report["different"] == report["filled"] == []
    assert report["complete"]
    assert len(report["left"]) == report["pages"]


def test_pages_without_tags_are_those_of_the_theme(tmp_path: Path):
    write_compared_book(tmp_path, "", plugins="search")
    report = build_compared(tmp_path)
    assert report["different"] == report["left"] == []
    assert "people/p5.md" in report["filled"]


META = "search, meta, tags"
HOOK = "\n\ndef on_page_context(context, page, config, nav):\n    return context\n"


@pytest.mark.parametrize("change", ["a hook", "a template", "icons of tags", "metadata"])
def test_pages_that_others_may_change_are_left_to_the_theme(tmp_path: Path, change: str):
    extra = {"a template": "theme: {name: material, custom_dir: own}\n", "icons of tags": "extra: {tags: {a: b}}\n"}
    write_compared_book(tmp_path, extra.get(change, ""), META if change == "metadata" else "search, tags")
    if change == "a hook":
        (tmp_path / "hook.py").write_text(COMPARE + HOOK, "utf-8")
    template = tmp_path / "own/partials/copyright.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>{{ page.title }}</p>", "utf-8")
    (tmp_path / "docs/people").mkdir()
    (tmp_path / "docs/people/.meta.yml").write_text("status: new\n", "utf-8")
    report = build_compared(tmp_path)
    assert report["different"] == []
    assert not report["complete"]
    assert "people/p5.md" not in report["filled"]


PAGE = PageValues(
    title="Ryl &amp; more",
    description="Ranks",
    content="<h1>x</h1>",
    edit_url="https://example.com/edit/ryl.yml",
    canonical_url="",
    start="#ryl",
    headings=(("#a", "A"), ("#b", "B")),
    tags=(("../tags.html#tag:a", "a"),),
)
THEME = "<title>{title}</title><a href={raw}>{edit}</a><nav>{headings}</nav><p>{tags}</p><main>{content}</main>"


def render(values: PageValues, theme: str = THEME) -> str:
    return theme.format(
        title=values.title,
        raw=values.edit_url.replace("edit", "raw"),
        edit=values.edit_url,
        headings=", ".join(f"<a href={link}><b>{text}</b></a>" for link, text in values.headings),
        tags="".join(f"<a href={link}>{text}</a>" if link else f"<b>{text}</b>" for link, text in values.tags),
        content=values.content,
    )


@given(st.lists(st.sampled_from([" ", "\n", "\u2003", "a", 'data-search-a="b"', "data-search-", 'x="y"', '"', "="])))
def test_attributes_of_the_search_are_removed_as_by_its_plugin(pieces: list[str]):
    content = "".join(pieces)
    # The pattern of material/plugins/search/plugin.py.
    assert remove_search_attributes(content) == re.sub(r"\s?data-search-\w+=\"[^\"]+\"", "", content)


def test_a_shell_is_filled_with_any_number_of_headings_and_tags():
    shell = parse_shell(render(build_markers(PAGE)))
    assert shell is not None
    assert shell.fill(PAGE) == render(PAGE)


def test_a_shell_has_a_place_for_each_tag_if_some_have_no_link():
    values = replace(PAGE, tags=(("", "model"), ("#b", "b"), ("", "c")))
    shell = parse_shell(render(build_markers(values)))
    assert shell is not None
    other = replace(PAGE, tags=(("", "flow"), ("#x", "x"), ("", "y")))
    assert shell.fill(other) == render(other)
    assert build_key(values, "", "", None, ()) == build_key(other, "", "", None, ())
    assert build_key(values, "", "", None, ()) != build_key(replace(PAGE, tags=values.tags[:2]), "", "", None, ())


@pytest.mark.parametrize("change", ["{title!r}", "<{title:.20}>", "{headings!r}", "{tags!s:.40}"])
def test_there_is_no_shell_if_a_theme_does_more_than_insert_values(change: str):
    assert parse_shell(render(build_markers(PAGE), THEME + change)) is None


def test_the_items_of_a_list_have_to_be_alike():
    markers = build_markers(PAGE)
    output = render(markers)
    assert parse_shell(output.replace(f"<b>{markers.headings[1][1]}</b>", markers.headings[1][1])) is None


def test_pages_have_a_shell_in_common_if_they_have_the_same_values():
    def key(values: PageValues) -> object:
        return build_key(values, "models", "", "page:models", ())

    assert key(PAGE) == key(replace(PAGE, title="Other", headings=PAGE.headings[:1]))
    assert key(PAGE) != key(replace(PAGE, headings=()))
    assert key(PAGE) != key(replace(PAGE, edit_url="https://example.com/blob/ryl.yml"))
    assert key(PAGE) != key(replace(PAGE, content="no heading"))
