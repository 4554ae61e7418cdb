"""A site has the same bytes and the same warnings with our own converter as with Python-Markdown alone."""

from pathlib import Path

import pytest
from mkdocs.config import load_config

from generator.pages.convert_support import build_converter
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.sites import SharedBooks, build, run_mkdocs, write_own_book
from tests.test_determinism import STAMPED, read_files

SWITCH = """
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor


class Unknown(Treeprocessor):
    def run(self, root):
        return None


class UnknownExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Unknown(md), "unknown", -1)


def on_config(config):
    config.markdown_extensions.append(UnknownExtension())
    return config


def on_page_content(html, *, page, config, files):
    assert type(page).__name__ == "Page"
    return html
"""
"""A hook with an extension that does nothing, for which our converter is off."""
COUNT = """
from pathlib import Path
from mkdocs.structure.pages import Page

standard, left = Page.render, []


def render(page, config, files):
    left.append(page.file.src_uri)
    standard(page, config, files)


Page.render = render


def on_post_build(config):
    Path(config.config_file_path).with_name("left.txt").write_text("\\n".join(left))
"""
"""A hook that lists the pages that Python-Markdown converts."""


def add_hook(root: Path, text: str) -> None:
    (root / "hook.py").write_text(text, "utf-8")
    settings = (root / "mkdocs.yml").read_text("utf-8")
    (root / "mkdocs.yml").write_text(f"{settings}\nhooks: [hook.py]\n", "utf-8")


def test_the_site_of_the_demo_is_the_same_without_the_converter(shared_books: SharedBooks, tmp_path: Path):
    own = shared_books.build("own", write_own_book)
    config = load_config(str(own / "mkdocs.yml"))
    assert build_converter(config.markdown_extensions, config.mdx_configs)  # which refuses no page: see test_convert
    write_own_book(tmp_path)
    add_hook(tmp_path, SWITCH)
    build(tmp_path, tmp_path / "site")
    usual, ours = read_files(tmp_path / "site"), read_files(own / "site")
    assert usual.keys() == ours.keys()
    assert {name for name in usual if usual[name] != ours[name]} <= STAMPED


ALONE = "import generator.workers\n\ngenerator.workers.MINIMUM_ITEMS = 10**9\n"
"""A hook for a build in one process."""


def test_several_processes_make_the_same_site(tmp_path: Path):
    people = "---\n".join(f"kind: person\nid: p{number}\nname: Person {number}\n" for number in range(220))
    sites = []
    for name, hook in (("several", COUNT), ("alone", ALONE)):
        root = write_book(tmp_path / name, {"people.yml": people, "t.yml": TEAM, "ryl.yml": MODEL})
        (root / "docs/guide.md").write_text("# Guide\n\nOf [a person](people/p1.md).\n", "utf-8")
        add_hook(root, hook)
        done = run_mkdocs("build", cwd=root)
        assert done.returncode == 0, done.stderr
        sites.append(read_files(root / "site"))
    assert sites[0].keys() == sites[1].keys()
    assert {name for name in sites[0] if sites[0][name] != sites[1][name]} <= STAMPED
    assert b"[a person](people/p1.md)" in sites[0]["guide.md"]
    assert (tmp_path / "several/left.txt").read_text("utf-8") == "guide.md"


TEMPLATE = """{% extends "shipped/pages/model.md.j2" %}
{% block about %}
## Own part

[Missing](../gone.md), [missing anchor](../teams/t.md#gone), [unrecognized](../teams/t), [absolute](/x.md),
[same page](#gone), [good](../teams/t.md#ownership), [other](https://example.com/?a=1&amp;b=2), [image](../teams/)

*Emphasis* and `code` are left to Python-Markdown.
{% endblock %}
"""


@pytest.mark.parametrize("text", [TEMPLATE, TEMPLATE.replace("*Emphasis* and `code` are", "This is not")])
def test_links_to_nothing_are_reported_as_by_mkdocs(tmp_path: Path, text: str):
    reports = []
    settings = MKDOCS + "validation: {anchors: warn, absolute_links: warn, unrecognized_links: warn}\n"
    for name in ("with", "without"):
        root = write_book(tmp_path / name, {"ryl.yml": MODEL, "t.yml": TEAM}, settings)
        (root / "templates/pages").mkdir(parents=True)
        (root / "templates/pages/model.md.j2").write_text(text, "utf-8")
        if name == "without":
            add_hook(root, SWITCH)
        done = run_mkdocs("build", cwd=root)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stderr.splitlines() if "Doc file" in line]
        reports.append((lines, read_files(root / "site")["models/ryl.html"]))
    assert reports[0] == reports[1]
    assert len(reports[0][0]) >= 5
