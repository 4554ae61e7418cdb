"""The commands in rules, messages, hints, help and templates of Modelbook exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import generator
from generator.book_findings import ALL_RULES
from generator.pages.template_folders import find_shipped_templates
from tests.command_lines import find_usage_error

PACKAGE = Path(generator.__file__).parent
COMMAND = re.compile(
    r"(?:^[ #]*|`|[:;(] |&& |\b(?:run|then|with|as in) )(?P<command>modelbook [a-z][^`\n;|&>]*)", re.MULTILINE
)
"""At the start of a line, in backticks, or in a sentence that names it."""
EXAMPLES = {"KIND": "model", "X": "model"}
"""Values for placeholders of choices."""


def find_named_commands(text: str) -> Iterator[str]:
    for match in COMMAND.finditer(text):
        line = re.split(r"\s{3,}|, |\)|\. |\.$| -->|: (?=[a-z])", match["command"])[0]
        yield " ".join(EXAMPLES.get(word, word) for word in line.replace("TEAM|PERSON", "TEAM").split()).strip(" .:")


def read_strings(path: Path) -> Iterator[str]:
    """Yield the strings of a module, including docstrings, with X for each inserted value."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def find_mistakes(texts: Iterator[str]) -> dict[str, str]:
    commands = [command for text in texts for command in find_named_commands(text)]
    return {command: mistake for command in commands if (mistake := find_usage_error(command.replace("'", "")))}


def test_every_command_in_a_module_exists_with_its_options():
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 200
    assert {path: mistakes for path in paths if (mistakes := find_mistakes(read_strings(path)))} == {}


def test_every_command_in_a_rule_exists():
    assert find_mistakes(rule.explanation for rule in ALL_RULES) == {}


def test_every_command_in_a_template_exists():
    paths = [
        path
        for path in find_shipped_templates().rglob("*")
        if path.suffix in {".j2", ".md", ".yml"} or path.name == "Makefile"
    ]
    assert len(paths) > 20
    assert find_mistakes(path.read_text("utf-8") for path in paths) == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Search the code for it with `modelbook grep`.", "modelbook grep"),
        ("2 cards could not be read; run modelbook chekc", "modelbook chekc"),
        ("\n  modelbook check --baselin known.json      from then on", "modelbook check --baselin known.json"),
        ("wrote X; next: modelbook check --basline X", "modelbook check --basline model"),
    ],
)
def test_an_unknown_command_is_detected(text, wrong):
    assert list(find_mistakes(iter([text]))) == [wrong]


@pytest.mark.parametrize("text", ["Modelbook is a tool", "the modelbook plugin", "`modelbook check --fail-on warning`"])
def test_other_text_is_no_command(text):
    assert find_mistakes(iter([text])) == {}
