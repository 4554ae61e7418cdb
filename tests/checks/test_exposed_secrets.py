import json
from pathlib import Path

import pytest

from generator.checks import check
from generator.checks.redaction import secret_in_plain_sight
from generator.findings import Finding
from tests.checks.books import build_context

SECRET = "marmalade77"
MODEL = "kind: model\nid: ryl\nname: RYL\nsummary: Ranks.\nlifecycle: production\nserving: online\n"


def found_in(files: dict[str, str], folder: Path) -> list[Finding]:
    context, _ = build_context(files, folder)
    return check(context, [secret_in_plain_sight])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"notes: 'the password: {SECRET}'\n", 7),
        (f"notes: |\n  Log in.\n  The password: {SECRET}\n", 9),
        ('notes: "the password: marm\\x61lade77"\n', 7),
        (f"x-db:\n  password: >-\n    {SECRET}\n", 9),
        (f"contract: {{examples: [{{request: {{password: {SECRET}}}}}]}}\n", 7),
        (f"links: {{board: 'https://asha:{SECRET}@bi.example.com/d/1'}}\n", 7),
        (f"consumers:\n  - {{system: s, why: 'Logs in with password={SECRET}'}}\n", 8),
    ],
)
def test_a_secret_is_found_once_and_never_repeated(text: str, line: int, tmp_path: Path):
    found = found_in({"ryl.yml": MODEL + text}, tmp_path)
    assert [finding.position.line for finding in found] in ([line], [line - 1])
    assert not any(SECRET in f"{finding.message}{finding.hint}" for finding in found)
    assert str(found[0].subject) == "model:ryl"


def test_prose_and_broken_cards_are_searched_too(tmp_path: Path):
    prose = f"---\n{MODEL}---\nA model.\n\nThe password: {SECRET}\n"
    broken = f"kind: model\nid: half\npassword: {SECRET}\n"
    found = found_in({"ryl.md": prose, "half.yml": broken}, tmp_path)
    assert [(finding.position.line, str(finding.subject)) for finding in found] == [(3, "None"), (11, "model:ryl")]


def test_a_file_that_the_contract_includes_is_searched(tmp_path: Path):
    card = MODEL + "contract:\n  request:\n    $ref: parts/request.json\n  response: {type: object}\n"
    schema = {"type": "object", "example": {"password": SECRET}}
    found = found_in({"ryl.yml": card, "parts/request.json": json.dumps(schema)}, tmp_path)
    assert [finding.position.line for finding in found] == [9]
    clean = found_in({"ryl.yml": card, "parts/request.json": json.dumps({"type": "object"})}, tmp_path / "clean")
    assert clean == []


@pytest.mark.parametrize(
    "text",
    [
        f"x-d: {{secret: {{password: {SECRET}}}}}\n",
        f"x-d: {{credentials: [{{api_key: {SECRET}}}]}}\n",
        f"x-a: &shared {SECRET}\nx-b: {{password: *shared}}\n",
    ],
)
def test_a_secret_below_another_name_or_behind_an_alias_is_found(text: str, tmp_path: Path):
    (finding,) = found_in({"ryl.yml": MODEL + text}, tmp_path)
    assert finding.position.line == 7
