import re

import pytest

from bench import books
from generator.exports.llms import MOST_CHARACTERS, LlmsEntry, LlmsSection, join_llms, render_llms_line
from generator.outputs import SiteOptions, build_outputs
from generator.project import open_project

LINK = re.compile(r"^- \[.*?[^\\]\]\(([^)]+)\)", re.M)


def entries(count, summary="what it predicts and for whom"):
    return [LlmsEntry(f"Model {n}", f"models/m{n}.md", summary, dependents=n % 7) for n in range(count)]


def build_section(title, entries):
    return LlmsSection(title, title.lower(), [render_llms_line(entry) for entry in entries])


def test_a_small_book_is_one_file_with_the_most_used_pages_first():
    files = join_llms("Book", [build_section("Models", entries(9)), build_section("Flows", [])])
    assert list(files) == ["llms.txt"]
    assert LINK.findall(files["llms.txt"]) == [f"models/m{n}.md" for n in (6, 5, 4, 3, 2, 1, 8, 0, 7)]
    assert "Flows" not in files["llms.txt"]


@pytest.mark.parametrize("count", [1_000, 5_000])
def test_a_large_book_is_split_by_kind(count):
    sections = [build_section("Models", entries(count)), build_section("Teams", entries(3))]
    files = join_llms("Book", sections)
    assert max(map(len, files.values())) <= MOST_CHARACTERS
    listed = [path for name, text in files.items() if name.startswith("llms-models") for path in LINK.findall(text)]
    assert sorted(listed) == sorted(entry.path for entry in entries(count))
    first = LINK.findall(files["llms.txt"])
    assert first[: len(first) - 3] == listed[: len(first) - 3]
    assert set(re.findall(r"\]\((llms-[\w-]+\.txt)\)", files["llms.txt"])) == files.keys() - {"llms.txt"}


def test_text_of_cards_cannot_add_links_or_lines():
    section = build_section("Models", [LlmsEntry("a](b) [x", "models/a (1).md", "one\n# two\n- [c](d)")])
    (line,) = [line for line in join_llms("B", [section])["llms.txt"].splitlines() if line.startswith("- ")]
    assert line == r"- [a\](b) \[x](models/a%20%281%29.md): one # two - \[c\](d)"


def test_a_long_summary_is_cut_after_a_word():
    section = build_section("Models", [LlmsEntry("A", "models/a.md", "word " * 200)])
    line = join_llms("B", [section])["llms.txt"].splitlines()[-1]
    assert line == f"- [A](models/a.md): {'word ' * 59}…"


@pytest.mark.sample(0)
def test_a_book_of_1000_cards_has_files_of_at_most_50000_characters(tmp_path):
    books.write_book(tmp_path, 1_000)
    project = open_project(tmp_path)
    pages, _ = project.render_pages()
    options = SiteOptions("Book", None, directory_urls=True, has_search=False)
    _, outputs = build_outputs(options, pages, (), (), b"", ())
    files = outputs.join_llms()
    assert max(map(len, files.values())) <= 50_000
    linked = {path for text in files.values() for path in LINK.findall(text)}
    of_cards = {f"{page.path.removesuffix('.md')}/index.md" for page in pages if page.ref}
    assert of_cards <= linked
