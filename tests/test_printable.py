"""Escaped text cannot control a terminal or a CI system, and keeps its readable characters."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.printable import escape_json, escape_line, escape_markdown, escape_unprintable

COMMAND = re.compile(r"^\s*::|##\w*\[")
"""What GitHub, Azure Pipelines and TeamCity take for a command."""
HOSTILE = st.text(
    st.sampled_from("a:#[]v so\t\n\r\x00\x07\x1b\x7f\x85\x9b\xa0\xad\u061c\u200e\u202e\u2028\u2067\ud800\U000e0041")
)
ANY = st.text(st.characters()) | HOSTILE


def is_safe(text: str) -> bool:
    return all(
        unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} or letter in "\t\u200c\u200d"
        for letter in text
    )


@given(ANY)
def test_an_escaped_line_contains_no_commands(text):
    line = escape_line(text)
    assert is_safe(line)
    assert not COMMAND.search(line)
    assert escape_line(line) == line


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"))).filter(lambda text: not COMMAND.search(text)))
def test_text_without_such_characters_is_unchanged(text):
    assert escape_line(text) == text


@given(st.recursive(ANY | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=8))
def test_json_keeps_its_meaning(data):
    text = json.dumps(data, ensure_ascii=False, indent=2)
    safe = escape_json(text)
    assert json.loads(safe) == data
    assert is_safe(safe.replace("\n", ""))
    assert not any(COMMAND.search(line) for line in safe.split("\n"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b]8;;https://login.example.net\x07", r"\x1b]8;;https://login.example.net\x07"),
        ("a\r\nb", r"a\r\nb"),
        ("menu\u202elmy", r"menu\u202elmy"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\U000e0041", r"\U000e0041"),
        ("caf\udce9.yml", r"caf\udce9.yml"),
        ("::error::stop", r":\x3aerror::stop"),
        (" \t\u3000::add-mask::x", " \t\u3000:\\x3aadd-mask::x"),
        ("see ##[group]x and ##vso[task.setvariable]y", r"see #\x23[group]x and #\x23vso[task.setvariable]y"),
        ("###[x", r"##\x23[x"),
        ("a::b, ## Title, [##]", "a::b, ## Title, [##]"),
        *(
            (same, same)
            for same in (
                "\u0915\u094d\u200d\u0937",
                "\u0645\u06cc\u200c\u062e",
                "\U0001f469\u200d\U0001f4bb",
                "10\u00a0%",
            )
        ),
    ],
)
def test_lines(text, line):
    assert escape_line(text) == line


def test_colons_are_escaped_only_in_a_command():
    assert escape_unprintable("::error::\n") == r"::error::\n"


@given(st.text(st.sampled_from("@#!~$&ab1<>`*_[]()|\\: \n\u202e\x1b") | st.characters(), max_size=40))
def test_escaped_markdown_is_the_text_without_mentions_and_markup(text):
    shown = escape_markdown(text)
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(f"x {shown} x")
    inner = html.removeprefix("<p>x ").removesuffix(" x</p>\n")
    assert "<" not in inner
    assert not re.search(r"[@#!~$]\w", inner.replace("&amp;", "+").replace("&lt;", "+").replace("&gt;", "+"))
