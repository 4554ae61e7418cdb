"""No file that the size limit lets in takes more than 1 GB of memory or 10 CPU seconds, from end to end.

Each book is checked in a process of its own that the system stops at these limits.
"""

import json
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.load.files import SIZE_LIMIT
from tests.books import write_book

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of a process work on Linux")

MKDOCS = "site_name: Large\nplugins:\n  - modelbook: {as_of: 2026-11-20}\n"
HEAD = "kind: model\nname: Soup\nsummary: s\nlifecycle: experimental\nserving: offline\n"
SYSTEM = "kind: system\nname: S\ntype: app\n"
LONG = "y" * 700_000
SECRETS = "password: hunter2 token=abc https://u:p@h/ curl -u a:b secret key Bearer xyz "
VALUES = ["x"] * 500
Text = Callable[[], str]
"""A text of about a megabyte, which only the test makes."""


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


def check(folder: Path, name: str, text: str) -> dict[str, int]:
    """How often each code is found in a book of one file, within the limits."""
    assert len(text.encode()) <= SIZE_LIMIT
    write_book(folder, {}, MKDOCS)
    (folder / "cards" / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "generator", "check", "-C", str(folder), "--format", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode in {0, 1}, done.stderr[-2000:]
    codes = [finding["code"] for finding in json.loads(done.stdout)["findings"]]
    return dict(Counter(code for code in codes if code.startswith(("MB0", "MB1"))))


def lines(line: str, count: int) -> str:
    return "".join(line.format(number) for number in range(count))


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(
            lambda: f"{HEAD}x-t: &t {LONG}\nx-l: [{', '.join(['*t'] * 12_000)}]\n", {"MB005": 1}, id="a long text"
        ),
        pytest.param(lambda: f"{HEAD}x-t: &t {LONG}\nx-l:\n" + "- {*t : 1}\n" * 12_000, {"MB005": 1}, id="a long key"),
        pytest.param(lambda: f"{HEAD}x-t: &t {LONG}\n*t : 1\n", {"MB010": 1}, id="a long key of the card"),
        pytest.param(
            lambda: f"{HEAD}x-a: &a [{LONG}]\nx-b: &b [{', '.join(['*a'] * 40)}]\nx-c: [{', '.join(['*b'] * 1_000)}]\n",
            {"MB005": 1},
            id="lists of lists",
        ),
        pytest.param(
            lambda: f"{HEAD}x-a: &a [{', '.join(VALUES)}]\nx-l: [{', '.join(['*a'] * 20_000)}]\n",
            {"MB005": 1},
            id="values",
        ),
        pytest.param(
            lambda: HEAD + "x-0: &a0 [x]\n" + "".join(f"x-{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
            {"MB005": 1},
            id="a doubling list",
        ),
        pytest.param(
            lambda: f"{HEAD}x-t: &t '{'password: ' * 20_000}'\nx-l: [{', '.join(['*t'] * 18)}]\n",
            {},
            id="below the limit",
        ),
        pytest.param(
            lambda: f"{HEAD}x-t: &t '{SECRETS * 3_000}'\nx-l: [{', '.join(['*t'] * 20)}]\n", {}, id="secrets in aliases"
        ),
        pytest.param(lambda: f"{HEAD}x-t: '{SECRETS * 12_000}'\n", {}, id="secrets"),
        pytest.param(lambda: f"{HEAD}x-t: '{lines('password: hunter{}x! ', 30_000)}'\n", {}, id="different secrets"),
        pytest.param(
            lambda: HEAD + "x-l:\n" + lines("- 'password:\n   hunter{}x!'\n", 15_000), {}, id="folded secrets"
        ),
        pytest.param(lambda: HEAD + "x-l:\n" + lines("- &a{0} x\n- *a{0}\n", 42_000), {}, id="many anchors"),
        pytest.param(
            lambda: (
                f"{HEAD}x-a: &a {{{', '.join(f'k{n}: 1' for n in range(500))}}}\n"
                f"consumers: [{', '.join(['*a'] * 190)}]\n"
            ),
            {"MB010": 95_000, "MB011": 380},
            id="mistakes in an alias",
        ),
        pytest.param(lambda: HEAD + "x-t: " + "[" * 900_000, {"MB005": 1}, id="deep"),
        pytest.param(lambda: HEAD + "x-t: [" + "[[[[[[]]]]]]," * 70_000 + "]", {"MB005": 1}, id="many lists"),
        pytest.param(lambda: HEAD + "x-t: " + "a" * 900_000, {}, id="one word"),
        pytest.param(lambda: HEAD + "x-t: " + "9" * 900_000, {"MB013": 1}, id="one number"),
        pytest.param(lambda: HEAD + "x-t: 0o" + "7" * 900_000, {"MB013": 1}, id="one octal number"),
        pytest.param(lambda: HEAD + "x-l:\n" + "- 1e999\n" * 90_000, {"MB013": 90_000}, id="many numbers"),
        pytest.param(lambda: HEAD + "x-l:\n" + '- "\\ud83c\\udf72"\n' * 50_000, {}, id="escapes"),
        pytest.param(lambda: lines("%TAG !{0}! x\n", 60_000) + "---\n" + HEAD, {"MB005": 1}, id="directives"),
        pytest.param(
            lambda: f"{SYSTEM}depends_on:\n" + lines("- model:m{}\n", 60_000), {"MB101": 60_000}, id="references"
        ),
        pytest.param(
            lambda: f"{HEAD}consumers:\n" + lines("- {{system: s, why: w, zz{}: 1}}\n", 24_000),
            {"MB010": 24_000},
            id="keys in lists",
        ),
        pytest.param(
            lambda: f"{HEAD}consumers:\n" + lines("- {{system: s, why: w, risk: x{}}}\n", 24_000),
            None,
            id="words",
        ),
        pytest.param(
            lambda: f"{HEAD}x-allow:\n" + lines("  X{}: for now, until May\n", 30_000), {"MB022": 30_000}, id="codes"
        ),
        pytest.param(lambda: lines("---\nkind: modl{}\n", 50_000), {"MB009": 50_000}, id="kinds"),
        pytest.param(lambda: lines("---\nkond{}: x\n", 50_000), {"MB009": 50_000}, id="no kinds"),
        pytest.param(
            lambda: lines("---\nkind: team\nid: a{}\n", 30_000) + "x: [\n", None, id="a syntax error at the end"
        ),
    ],
)
def test_a_hostile_file_ends_in_findings(tmp_path: Path, text: Text, codes: dict[str, int] | None):
    found = check(tmp_path, "soup.yml", text())
    if codes is not None:
        assert found == codes


def test_a_hostile_markdown_card(tmp_path: Path):
    text = f"---\n{HEAD}x-t: &t {LONG}\nx-l: [{', '.join(['*t'] * 12_000)}]\n---\nProse\n"
    assert check(tmp_path, "soup.md", text) == {"MB005": 1}


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(lambda: HEAD + lines("dish_{}: 1\n", 50_000), {"MB010": 50_000}, id="unknown keys"),
        pytest.param(lambda: HEAD + "serving: online\n" * 50_000, {"MB007": 50_000}, id="duplicate keys"),
        pytest.param(lambda: HEAD + "x-list:\n" + "  - !d x\n" * 80_000, {"MB001": 80_000}, id="tags"),
        pytest.param(lambda: "---\n".join(["kind: system\n"] * 45_000), {"MB011": 90_000}, id="documents"),
    ],
)
def test_sixty_thousand_mistakes_take_a_few_seconds(tmp_path: Path, text: Text, codes: dict[str, int]):
    assert check(tmp_path, "soup.yml", text()) == codes


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(
            lambda: (
                "kind: flow\nname: F\nsummary: s\nsteps:\n"
                + lines("- {{from: system:shop, publishes: topic:t{}}}\n", 20_000)
            ),
            {"MB101": 20_000},
            id="steps",
        ),
        pytest.param(
            lambda: lines("--- {{kind: system, id: s{}, name: S{}, type: app}}\n".replace("S{}", "S"), 18_000),
            {"MB019": 17_999},
            id="cards",
        ),
    ],
)
def test_tens_of_thousands_of_valid_values_are_checked_within_the_limits(
    tmp_path: Path, text: Text, codes: dict[str, int]
):
    assert check(tmp_path, "a.yml", text()) == codes
