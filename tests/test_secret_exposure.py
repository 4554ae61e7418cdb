"""A secret in a card is an error at its position, and redacted on every page, report and export."""

import json
from pathlib import Path

import pytest

from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.secrets.vendor_tokens import draw_token
from tests.sites import run_modelbook

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PASSWORD = "hunter2" + "Secret9!"

CARD = f"""{MODEL}
notes: 'call me, the token is {SECRET}'
curl: |
  curl https://e.example.com/v1 -H 'Authorization: Bearer {SECRET}' -d '{{}}'
endpoints: {{production: 'https://user:{PASSWORD}@e.example.com/v1'}}
contract:
  headers: {{X-Api-Key: {SECRET}}}
  examples: [{{request: {{password: {PASSWORD}}}, response: {{}}}}]
consumers: [{{system: s, why: 'uses {SECRET}'}}]
"""
HEADER = "Qorvex" + "77hdr"
SENT = "Brumal" + "88key"
NESTED = "Hibiscus" + "88nest"
FAR = "Tamarix" + "55far"
FOLDED = "Verbena" + "66fold"
BRACED = "Wistful" + "33bzrqe"
DISAGREEING = f"""{MODEL.replace("ryl", "dis")}
endpoints: {{production: 'https://e.example.com/v1'}}
curl: |
  curl -X POST https://e.example.com/v1 -H "X-Api-Key: {SENT}" -d '{{}}'
contract:
  headers: {{X-Api-Key: {HEADER}}}
x-d: {{secret: {{password: {NESTED}}}}}
x-e: {{credentials: {{api_key: {BRACED}}}}}
x-f:
  password:
    - >-
      {FAR}
x-g: "the pass\\x77ord: {FOLDED}"
"""
TOKENS = [
    draw_token(one)
    for one in ("lsv2_pt_ h32 _ h10", "xai- a80", "pplx- a48", "nvapi- a64", "pcsk_ a6 _ a63", "pa- a43", "fw_ a24")
]
FERNET = draw_token("a20 - a22 =")
VENDORS = f"""{MODEL.replace("ryl", "vend")}
# the old one was {TOKENS[0]}
notes: traces need {TOKENS[1]} in the pod
links: {{traces: 'https://smith.example.com/p?k={TOKENS[2]}'}}
card: {{model_details: 'Embeddings come with {TOKENS[3]}.'}}
x-index: 'menu-dishes {TOKENS[4]}'
x-embedding: ['{TOKENS[5]}', '{TOKENS[6]}']
x-encryption: {{fernet_key: '{FERNET}'}}
"""
SECRETS = (SECRET, PASSWORD, HEADER, SENT, NESTED, FAR, FOLDED, BRACED)
PIECES = tuple(secret[start : start + 5] for secret in SECRETS for start in (0, len(secret) - 5)) + tuple(
    token[start : start + 10] for token in (*TOKENS, FERNET) for start in (len(token) // 2, len(token) - 10)
)
SYSTEM = "kind: system\nid: s\nname: S\ntype: job\nowners: [t]\n"
LOWERED = MKDOCS.replace(
    "{as_of: 2026-11-20}", "{as_of: 2026-11-20, severities: {MB312: warning, MB309: warning, MB308: 'off'}}"
)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("secret")
    write_book(root / "base", {"t.yml": TEAM})
    return write_book(
        root,
        {
            "ryl.yml": CARD,
            "t.yml": TEAM,
            "s.yml": SYSTEM,
            "dis.yml": DISAGREEING,
            "vend.yml": VENDORS,
            "m.md": f"---{MODEL.replace('ryl', 'm')}---\n{SECRET}\n",
        },
        LOWERED,
    )


def contains_secret(text: str) -> bool:
    """Whether a text contains the beginning or the end of a secret."""
    return any(piece in text for piece in PIECES)


def test_a_secret_is_an_error(tmp_path):
    root = write_book(tmp_path, {"ryl.yml": CARD, "t.yml": TEAM, "s.yml": SYSTEM})
    done = run_modelbook("check", "--format", "json", cwd=root)
    assert done.returncode == 1
    assert '"MB312"' in done.stdout


def test_a_vendor_token_is_an_error_in_any_field(book):
    done = run_modelbook("check", "--format", "json", cwd=book)
    found = [each for each in json.loads(done.stdout)["findings"] if each["file"].endswith("vend.yml")]
    lines = [each["line"] for each in found if each["code"] == "MB312"]
    assert [line - lines[0] for line in lines] == [0, 1, 2, 3, 4, 5, 5, 6]


@pytest.mark.parametrize("report", ["text", "json", "github", "sarif", "junit"])
def test_no_report_contains_a_secret(book, report):
    done = run_modelbook("check", "--format", report, cwd=book)
    assert "MB312" in done.stdout
    assert "MB309" in done.stdout
    assert not contains_secret(done.stdout + done.stderr)


def test_no_baseline_contains_a_secret(book, tmp_path):
    known = tmp_path / "known.json"
    done = run_modelbook("check", "--write-baseline", str(known), cwd=book)
    assert done.returncode == 0, done.stderr
    assert "MB309" in known.read_text(encoding="utf-8")
    assert not contains_secret(known.read_text(encoding="utf-8") + done.stdout + done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "model:ryl"),
        ("show", "--json", "model:ryl"),
        ("show", "model:dis"),
        ("show", "--json", "model:dis"),
        ("show", "model:vend"),
        ("show", "--json", "model:vend"),
        ("export", "catalog"),
        ("export", "readme", "model:vend"),
        ("impact", "model:ryl"),
        ("diff", "base"),
        ("diff", "base", "--format", "json"),
        ("diff", "base", "--format", "markdown"),
    ],
)
def test_no_answer_contains_a_secret(book, arguments):
    done = run_modelbook(*arguments, cwd=book)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 100
    assert not contains_secret(done.stdout + done.stderr)


def test_no_file_of_the_site_contains_a_secret(book):
    done = run_modelbook("build", cwd=book)
    assert done.returncode == 0, done.stdout
    assert "MB312" in done.stdout
    assert not contains_secret(done.stdout + done.stderr)
    built = [path for path in (book / "site").rglob("*") if path.is_file()]
    assert len(built) > 50
    assert not [path for path in built if contains_secret(path.read_bytes().decode("utf-8", "replace"))]
    assert "████" in (book / "site/models/ryl.html").read_text(encoding="utf-8")
