"""Templates: a mistake is a finding at its file and line; own templates come first and may extend the shipped ones."""

import shutil
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from generator.findings import Position
from generator.pages import render
from generator.pages.site import PageBuilder
from generator.pages.template_folders import build_template_folders
from tests.books import MODEL, TEAM, open_book, open_own_book, replace_templates_folder

FORMER_TEMPLATES = Path(__file__).parent / "former_templates"
"""The templates of an earlier version, which authors have copied and changed."""


def page(project, key="model:ryl"):
    pages, findings = project.render_pages()
    return {page.key: page for page in pages}.get(key), findings


def book(tmp_path, template: str, name: str = "pages/model.md.j2"):
    path = tmp_path / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template, encoding="utf-8")
    return open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})


def test_an_own_template_extends_the_shipped_one(tmp_path):
    template = '{% extends "shipped/pages/model.md.j2" %}{% block contacts %}Ours.\n\n{{ super() }}{% endblock %}'
    made, findings = page(book(tmp_path, template))
    assert not findings
    assert made is not None
    assert made.markdown.index("Ours.") < made.markdown.index("## People")


def test_a_book_with_copies_of_earlier_templates_still_builds(tmp_path):
    shutil.copytree(FORMER_TEMPLATES, tmp_path / "templates")
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    made, findings = page(project)
    assert not findings
    assert made is not None
    assert "## Consumers and why" in made.markdown


def test_the_demo_with_copies_of_earlier_templates_has_no_finding():
    own = open_own_book()
    project = replace(own, configuration=replace_templates_folder(own.configuration, str(FORMER_TEMPLATES)))
    made, findings = page(project)
    assert not findings
    assert made is not None
    assert "## When it fails" in made.markdown


def test_an_undefined_name_is_a_finding_at_its_line(tmp_path):
    template = '{% extends "shipped/pages/model.md.j2" %}\n{% block contacts %}\n{{ view.nope }}\n{% endblock %}\n'
    project = book(tmp_path, template)
    made, findings = page(project)
    assert made is None
    assert [(finding.code, finding.position) for finding in findings] == [
        ("MB082", Position("templates/pages/model.md.j2", 3))
    ]
    assert "nope" in findings[0].message
    assert project.check_templates() == findings


def test_a_syntax_error_is_a_finding_at_its_line(tmp_path):
    _, findings = page(book(tmp_path, "a\n{% if %}\n"))
    assert [(finding.code, finding.position) for finding in findings] == [
        ("MB081", Position("templates/pages/model.md.j2", 2))
    ]


def test_an_unknown_filter_is_a_finding(tmp_path):
    _, findings = page(book(tmp_path, "{{ view.card.title | shout }}"))
    assert [finding.code for finding in findings] == ["MB081"]
    assert "shout" in findings[0].message


def test_a_template_that_fails_is_a_finding(tmp_path):
    _, findings = page(book(tmp_path, "\n{{ 1 // 0 }}"))
    assert [(finding.code, finding.position.line) for finding in findings] == [("MB082", 2)]


def test_a_missing_template_is_a_finding_with_a_suggestion(tmp_path):
    _, findings = page(book(tmp_path, '{% extends "shipped/pages/modle.md.j2" %}'))
    assert [(finding.code, finding.hint) for finding in findings] == [
        ("MB082", "did you mean 'shipped/pages/model.md.j2'?")
    ]


def test_one_mistake_on_many_pages_is_one_finding(tmp_path):
    _, findings = page(book(tmp_path, "{{ nope }}", "parts/path.md.j2"))
    assert len(findings) == 1


def test_output_of_templates_is_escaped_also_when_joined(tmp_path):
    template = (
        '{% set a, b, c = "<b>", ["[x](javascript:1)", "|"], "*a*" %}{{ a }} {{ b | join(", ") }} {{ c | e }}\n'
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(a) }}"
    )
    made, _ = page(book(tmp_path, template))
    assert made is not None
    assert made.markdown == ("&#60;b&#62; &#91;x&#93;(javascript:1), &#124; &#42;a&#42;\n&#60;b&#62;\n")


def test_a_constant_link_depends_on_the_page_that_includes_it(tmp_path):
    book(tmp_path, '{{ "map.md" | page }} {{ "map.md" | href }}', "parts/link.md.j2")
    book(tmp_path, '{% include "parts/link.md.j2" %}', "pages/home.md.j2")
    project = book(tmp_path, '{% include "parts/link.md.j2" %}')
    pages = {page.key: page.markdown for page in project.render_pages()[0]}
    assert pages["page:home"] == "map.md map.html\n"
    assert pages["model:ryl"] == "../map.md ../map.html\n"


def test_none_prints_nothing(tmp_path):
    made, _ = page(book(tmp_path, "{% set x = none %}a{{ x }}b"))
    assert made is not None
    assert made.markdown == "ab\n"


def test_a_template_is_compiled_again_only_after_a_change(tmp_path, monkeypatch):
    compiled = []
    compile_template = jinja2.Environment.compile

    def compile_and_count(environment, source, *arguments, **options):
        compiled.append(source)
        return compile_template(environment, source, *arguments, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", compile_and_count)
    shown = []
    for text in ("One of {{ title }}.", "One of {{ title }}.", "Another of {{ title }}."):
        made, _ = page(book(tmp_path, text))
        assert made is not None
        shown.append(made.markdown)
    assert shown == ["One of Restaurants.\n"] * 2 + ["Another of Restaurants.\n"]
    assert compiled.count("One of {{ title }}.") == 1
    assert len(compiled) == len(set(compiled))


def test_compiled_templates_of_packages_are_kept_on_disk(tmp_path, monkeypatch):
    compiled = []
    compile_template = jinja2.Environment.compile

    def compile_and_count(environment, source, *arguments, **options):
        compiled.append(source)
        return compile_template(environment, source, *arguments, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", compile_and_count)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = '{% extends "shipped/pages/model.md.j2" %}'
    project, shown, counts = book(tmp_path / "book", own), [], []
    for state in ("empty", "filled", "damaged"):
        monkeypatch.setattr(render, "_compiled_templates", render._CompiledTemplates("pages"))
        for file in tmp_path.rglob("*.cache") if state == "damaged" else ():
            file.write_bytes(file.read_bytes()[:40])
        shown.append(page(project)[0])
        counts.append(len(compiled))
        compiled.clear()
    assert shown[0] == shown[1] == shown[2]
    assert counts[0] > counts[1] == 1  # the own one
    assert counts[2] == counts[0]
    monkeypatch.setattr(jinja2, "__version__", "0")
    monkeypatch.setattr(render, "_compiled_templates", render._CompiledTemplates("pages"))
    page(project)
    assert len(compiled) == counts[0]


def test_a_theme_with_filters_of_other_plugins_is_compiled_for_each_build():
    usual, other = jinja2.Environment(), jinja2.Environment()
    usual.filters["url"] = other.filters["shout"] = str
    for environment in (usual, other):
        render.cache_theme(environment)
    assert usual.bytecode_cache is not None
    assert other.bytecode_cache is None


def test_a_book_without_own_templates_renders_no_page_to_check_them(tmp_path, monkeypatch):
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    monkeypatch.setattr(PageBuilder, "__init__", lambda *_, **__: pytest.fail("pages were rendered"))
    assert project.check_templates() == []


def render_samples(tmp_path: Path, name: str, template: str, cards: dict[str, str]) -> tuple[list[str], list[str]]:
    book(tmp_path, template, name)
    project = open_book(tmp_path, cards)
    maker = PageBuilder(project.book, build_template_folders(tmp_path, "templates"), directory_urls=False)
    keys = [made.key for made in maker.build_samples()]
    assert [str(finding) for finding in project.check_templates()] == [str(finding) for finding in maker.findings]
    return keys, [str(finding.position) for finding in maker.findings]


MANY = {"t.yml": TEAM, "ryl.yml": MODEL} | {
    f"m{number}.yml": MODEL.replace("kind: model", f"kind: model\nid: m{number}") for number in range(20)
}


def test_a_template_is_checked_with_a_few_cards_of_its_kind_only(tmp_path):
    template = '{% extends "shipped/pages/model.md.j2" %}\n{% block contacts %}\n{{ view.nope }}\n{% endblock %}\n'
    keys, places = render_samples(tmp_path, "pages/model.md.j2", template, MANY)
    assert keys
    assert len(keys) <= 3
    assert all(key.startswith("model:") for key in keys)
    assert places == ["templates/pages/model.md.j2:3:1"]


def test_a_part_is_checked_on_every_page_that_includes_it(tmp_path):
    keys, places = render_samples(tmp_path, "macros/layout.md.j2", "{% macro broken() %}", MANY)
    assert {key.partition(":")[0] for key in keys} == {"page", "model", "team", "person"}
    assert {"page:home", "page:who-to-call"} <= set(keys)
    assert len(keys) < len(MANY)
    assert places == ["templates/macros/layout.md.j2:1:1"]


def test_a_template_that_no_page_includes_is_not_rendered(tmp_path):
    keys, places = render_samples(tmp_path, "parts/mine.md.j2", "{{ nope }}", MANY)
    assert (keys, places) == ([], [])


def test_a_mistake_that_only_the_fullest_card_shows_is_found(tmp_path):
    template = '{% extends "shipped/pages/model.md.j2" %}{% block contacts %}{{ view.nope if view.uses }}{% endblock %}'
    used = MODEL.replace("kind: model", "kind: model\nid: used") + "consumers: [{system: feed, why: Sorts}]\n"
    feed = "kind: system\nid: feed\nname: Feed\ntype: service\nowners: [t]\n"
    _, places = render_samples(tmp_path, "pages/model.md.j2", template, MANY | {"u.yml": used, "f.yml": feed})
    assert places == ["templates/pages/model.md.j2:1:1"]


def test_templates_are_checked_with_a_hundred_resources_without_a_card(tmp_path):
    steps = "".join(f"- {{from: 'model:ryl', publishes: 'topic:t{number}'}}\n" for number in range(150))
    flow = f"kind: flow\nid: f\nname: F\nsummary: S\nsteps:\n{steps}"
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "f.yml": flow})
    folders = build_template_folders(tmp_path, "templates")
    maker = PageBuilder(project.book, folders, directory_urls=False, only_checks=True)
    keys = [made.key for made in maker.build_book_pages()]
    assert len([key for key in keys if key.startswith("topic:")]) == 100
    assert {"model:ryl", "team:t", "flow:f", "page:home"} <= set(keys)


def test_names_in_a_text_are_links_and_the_longest_name_wins(tmp_path):
    cards = {"ryl.yml": MODEL, "v3.yml": MODEL.replace("id: ryl", "id: v3").replace("Restaurants", "Restaurants (v3)")}
    path = tmp_path / "templates/pages/model.md.j2"
    path.parent.mkdir(parents=True)
    text = "Restaurants (v3) & Restaurants, not XRestaurants"
    path.write_text(f"{{{{ '{text}' | linked(view.fallback_of + (view.card.ref,)) }}}}")
    cards["v3.yml"] += "fallback: ryl\n"
    made, findings = page(open_book(tmp_path, {**cards, "t.yml": TEAM}))
    assert not findings
    assert made is not None
    assert made.markdown == "[Restaurants (v3)](v3.md) &#38; [Restaurants](ryl.md), not XRestaurants\n"
