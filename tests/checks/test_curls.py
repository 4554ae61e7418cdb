from pathlib import Path

import pytest

from generator.checks import check
from generator.checks.curls import curl_disagrees, curl_unreadable
from tests.checks.books import facts_of

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


def messages(curl: str, folder: Path) -> list[tuple[int, str]]:
    """The findings of a curl, with their lines counted from its own first one."""
    indented = "".join(f"  {line}\n" for line in curl.splitlines())
    facts, unreadable = facts_of({"ryl.yml": CARD + indented}, folder)
    assert unreadable == []
    prefix = "the curl of model:ryl "
    first = len(CARD.splitlines())
    found = check(facts, [curl_disagrees, curl_unreadable])
    return [(each.position.line - first, each.message.removeprefix(prefix)) for each in found]


def test_a_curl_that_agrees_is_left_alone(tmp_path: Path):
    assert messages(RIGHT, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("POST", "PUT", [(1, "sends PUT; the contract says POST")]),
        ("v1/ryl", "v2/ryl", [(1, "calls https://ml.example.com/v2/ryl, which is none of its endpoints")]),
        ("https:", "http:", [(1, "calls http://ml.example.com/v1/ryl, which is none of its endpoints")]),
        ("Authorization", "X-Auth", [(1, "lacks the header Authorization")]),
        ("Language: kn", "Language: en", [(3, "sends the header Accept-Language: en; the contract says kn")]),
        ("application/json", "text/plain", []),
        (
            " \\\n  --header 'Content-Type: application/json'",
            "",
            [(4, "sends JSON and calls it a form, as curl does by itself")],
        ),
        ("--data-raw '{", "--data-raw '{,", [(5, "sends a body that is not JSON")]),
        (
            '"c-42"',
            "42",
            [(5, "sends a body that the request schema refuses at /customer_id: 42 is not of type 'string'")],
        ),
        ('"customer_id"', '"customer"', 2),
        ("https://ml.example.com/v1/ryl", '"$HOST/v1/ryl"', []),
        (
            "https://ml.example.com/v1/ryl",
            '"$HOST/v2/ryl"',
            [(1, "calls $HOST/v2/ryl, which is none of its endpoints")],
        ),
        ("https://ml.example.com/v1/ryl", "'https://ml.example.com/v1/ryl?debug=1'", []),
    ],
)
def test_each_disagreement_is_named_at_its_line(
    old: str, new: str, expected: list[tuple[int, str]] | int, tmp_path: Path
):
    assert old in RIGHT
    found = messages(RIGHT.replace(old, new), tmp_path)
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert found == expected


def test_what_no_shell_takes_is_named_at_its_line(tmp_path: Path):
    ((line, message),) = messages(RIGHT.replace("  }'", "  }"), tmp_path)
    assert line == 5
    assert "never closed" in message
    ((line, message),) = messages(RIGHT.replace("--data-raw", "--data-rwa"), tmp_path / "option")
    assert line == 5
    assert "--data-rwa" in message


def test_a_secret_in_the_curl_is_not_repeated(tmp_path: Path):
    secret = "marmalade77"
    found = messages(RIGHT.replace("https://ml", f"https://asha:{secret}@ml"), tmp_path)
    assert len(found) == 1
    assert secret not in found[0][1]
