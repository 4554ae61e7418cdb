"""Every command that Modelbook itself names, in rules, messages, hints, help and templates, is one that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import generator
from generator.project import ALL_RULES, find_shipped_templates
from tests.command_lines import mistake_in

PACKAGE = Path(generator.__file__).parent
COMMAND = re.compile(
    r"(?:^[ #]*|`|[:;(] |&& |\b(?:run|then|with|as in) )(?P<command>modelbook [a-z][^`\n;|&>]*)", re.MULTILINE
)
"""At the start of a line, in backticks, or where a sentence says to run it."""
EXAMPLES = {"KIND": "model", "X": "model"}
"""For a placeholder that stands for one of a choice."""


def named_commands(text: str) -> Iterator[str]:
    for match in COMMAND.finditer(text):
        line = re.split(r"\s{3,}|, |\)|\. |\.$| -->|: (?=[a-z])", match["command"])[0]
        yield " ".join(EXAMPLES.get(word, word) for word in line.replace("TEAM|PERSON", "TEAM").split()).strip(" .:")


def texts_of(path: Path) -> Iterator[str]:
    """Each string of a module, docstrings among them; X for what is put into it."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def mistakes_in(texts: Iterator[str]) -> dict[str, str]:
    commands = [command for text in texts for command in named_commands(text)]
    return {command: mistake for command in commands if (mistake := mistake_in(command.replace("'", "")))}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_command_in_a_module_exists_with_its_options(path):
    assert mistakes_in(texts_of(path)) == {}


def test_every_command_in_a_rule_exists():
    assert mistakes_in(rule.explanation for rule in ALL_RULES) == {}


def test_every_command_in_a_template_exists():
    paths = [
        path
        for path in find_shipped_templates().rglob("*")
        if path.suffix in {".j2", ".md", ".yml"} or path.name == "Makefile"
    ]
    assert len(paths) > 20
    assert mistakes_in(path.read_text("utf-8") for path in paths) == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Whether code still holds it, `modelbook scan` finds.", "modelbook scan"),
        ("2 cards could not be read; run modelbook chekc", "modelbook chekc"),
        ("\n  modelbook check --baselin known.json      from then on", "modelbook check --baselin known.json"),
        ("wrote X; next: modelbook check --basline X", "modelbook check --basline model"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(text, wrong):
    assert list(mistakes_in(iter([text]))) == [wrong]


@pytest.mark.parametrize("text", ["Modelbook is a tool", "the modelbook plugin", "`modelbook check --fail-on warning`"])
def test_other_text_is_no_command(text):
    assert mistakes_in(iter([text])) == {}
