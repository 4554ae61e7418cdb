from pathlib import Path

import pytest

from generator.checks import check
from generator.checks.contracts import curl_disagrees, curl_side_effect, curl_unreadable
from generator.findings import Severity
from tests.checks.books import build_context

CARD = """\
kind: model
id: ryl
name: RYL
summary: Ranks.
lifecycle: production
serving: online
endpoints: {production: "https://ml.example.com/v1/ryl"}
contract:
  request:
    type: object
    required: [customer_id]
    additionalProperties: false
    properties: {customer_id: {type: string}, note: {type: string}}
  headers: {Authorization: Bearer $TOKEN, Accept-Language: kn}
curl: |
"""
RIGHT = """\
curl --request POST https://ml.example.com/v1/ryl \\
  --header "Authorization: Bearer $TOKEN" \\
  --header 'Accept-Language: kn' \\
  --header 'Content-Type: application/json' \\
  --data-raw '{
    "customer_id": "c-42"
  }'
"""


def indented(curl: str) -> str:
    return "".join(f"  {line}\n" for line in curl.splitlines())


def messages(curl: str, folder: Path) -> list[tuple[int, str]]:
    """The findings of a curl, with their lines counted from its own first one."""
    context, unreadable = build_context({"ryl.yml": CARD + indented(curl)}, folder)
    assert unreadable == []
    prefix = "the curl of model:ryl "
    first = len(CARD.splitlines())
    found = check(context, [curl_disagrees, curl_unreadable])
    return [(each.position.line - first, each.message.removeprefix(prefix)) for each in found]


def test_a_curl_that_agrees_has_no_findings(tmp_path: Path):
    assert messages(RIGHT, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("POST", "PUT", [(1, "sends PUT: expected POST")]),
        ("v1/ryl", "v2/ryl", [(1, "calls the path /v2/ryl, unlike the production endpoint")]),
        ("https:", "http:", [(1, "uses http, unlike the production endpoint")]),
        ("Authorization", "X-Auth", [(1, "lacks the header Authorization")]),
        ("Language: kn", "Language: en", [(3, "sends the header Accept-Language: en: expected kn")]),
        ("application/json", "text/plain", []),
        (
            " \\\n  --header 'Content-Type: application/json'",
            "",
            [(4, "sends JSON as application/x-www-form-urlencoded, the default of curl")],
        ),
        ("--data-raw '{", "--data-raw '{,", [(5, "sends a body that is not JSON")]),
        (
            '"c-42"',
            "42",
            [(6, "sends an invalid body at /customer_id: invalid value 42: expected string")],
        ),
        ('"customer_id"', '"customer"', 2),
        ("https://ml.example.com/v1/ryl", '"$HOST/v1/ryl"', []),
        (
            "https://ml.example.com/v1/ryl",
            '"$HOST/v2/ryl"',
            [(1, "calls $HOST/v2/ryl, unlike the production endpoint")],
        ),
        ("https://ml.example.com/v1/ryl", "'https://ml.example.com/v1/ryl?debug=1'", []),
    ],
)
def test_each_disagreement_is_reported_at_its_line(
    old: str, new: str, expected: list[tuple[int, str]] | int, tmp_path: Path
):
    assert old in RIGHT
    found = messages(RIGHT.replace(old, new), tmp_path)
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert found == expected


def test_an_invalid_command_is_reported_at_its_line(tmp_path: Path):
    ((line, message),) = messages(RIGHT.replace("  }'", "  }"), tmp_path)
    assert line == 5
    assert "not closed" in message
    ((line, message),) = messages(RIGHT.replace("--data-raw", "--data-rwa"), tmp_path / "option")
    assert line == 5
    assert "--data-rwa" in message


def test_a_secret_in_the_curl_is_not_repeated(tmp_path: Path):
    secret = "marmalade77"
    for curl in (
        RIGHT.replace("https://ml", f"$SCHEME://asha:{secret}@old-ml"),
        RIGHT.replace("/v1/ryl", f"/v2/ryl?api_key={secret}"),
        RIGHT.replace("Accept-Language: kn", f"Accept-Language: password={secret}"),
    ):
        ((_, message),) = messages(curl, tmp_path / str(len(curl)))
        assert secret not in message


def test_a_secret_in_the_contract_is_not_repeated(tmp_path: Path):
    secret = "Zq7rT0pLm2XvB9sKd4Wn"
    card = CARD.replace("Accept-Language: kn}", f"X-Api-Key: {secret}}}")
    context, _ = build_context({"ryl.yml": card + indented(RIGHT)}, tmp_path)
    (finding,) = check(context, [curl_disagrees])
    assert finding.message.endswith("lacks the header X-Api-Key")
    assert "add --header" in finding.hint
    assert secret not in finding.hint


def test_a_side_effect_is_reported_at_its_line(tmp_path: Path):
    curl = RIGHT.rstrip("\n") + " \\\n  --proxy http://p \\\n  -k\nrm -r x"
    context, _ = build_context({"ryl.yml": CARD + indented(curl)}, tmp_path)
    first = len(CARD.splitlines())
    found = [
        (each.position.line - first, each.position.column, each.severity) for each in check(context, [curl_side_effect])
    ]
    assert found == [(8, 5, Severity.ERROR), (9, 5, Severity.WARNING), (10, 3, Severity.ERROR)]


def test_a_secret_in_a_side_effect_is_not_repeated(tmp_path: Path):
    curl = f"{RIGHT}mysql --password=marmalade77 {'x' * 40}"
    context, _ = build_context({"ryl.yml": CARD + indented(curl)}, tmp_path)
    (finding,) = check(context, [curl_side_effect])
    assert "runs another command: 'mysql" in finding.message
    assert "marmalade" not in finding.message


def test_a_curl_with_thousands_of_side_effects_has_few_findings(tmp_path: Path):
    context, _ = build_context({"ryl.yml": CARD + indented(RIGHT + "; a" * 20_000)}, tmp_path)
    assert 1 < len(check(context, [curl_side_effect])) < 100


def test_the_method_is_not_compared_if_the_operation_is_unknown(tmp_path: Path):
    card = CARD.replace("contract:\n", "contract:\n  openapi: ryl.openapi.yml\n  operation: rank\n")
    openapi = "openapi: 3.1.0\ninfo: {title: RYL, version: '1'}\npaths: {}\n"
    curl = RIGHT.replace("POST", "PUT")
    context, _ = build_context({"ryl.yml": card + indented(curl), "ryl.openapi.yml": openapi}, tmp_path)
    assert check(context, [curl_disagrees]) == []
    written = card.replace("operation: rank\n", "operation: rank\n  method: POST\n")
    context, _ = build_context({"ryl.yml": written + indented(curl), "ryl.openapi.yml": openapi}, tmp_path / "written")
    assert len(check(context, [curl_disagrees])) == 1
