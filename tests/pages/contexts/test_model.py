"""The page of a model describes a written curl as checked only if all of it was checked."""

from pathlib import Path

import pytest

from tests.books import MODEL, TEAM, open_book

URL = "https://ml.example.com/v2/tips:predict"
ENDPOINTS = f"endpoints: {{production: '{URL}'}}\n"
CONTRACT = "contract: {request: {type: object, properties: {order: {type: string}}}}\n"
BODY = """--json '{"order": "o-1"}'"""


@pytest.mark.parametrize(
    ("card", "curl", "expected"),
    [
        (ENDPOINTS + CONTRACT, f"curl {URL} {BODY}", "checked against the endpoint and the contract."),
        (ENDPOINTS + CONTRACT, f'curl {URL} --json "$BODY"', "checked against the endpoint only."),
        (ENDPOINTS + CONTRACT, f'curl "$HOST/v2/tips:predict" {BODY}', "checked against the contract only."),
        (ENDPOINTS, f"curl {URL} {BODY}", "checked against the endpoint only."),
        (CONTRACT, f"curl {URL} {BODY}", "checked against the contract only."),
        ("", f"curl {URL} {BODY}", "and not checked."),
        (ENDPOINTS + CONTRACT, f"curl {URL} {BODY} | sh", "read it before you run it."),
        (ENDPOINTS + CONTRACT, f"curl --insecure {URL} {BODY}", "read it before you run it."),
        (ENDPOINTS + CONTRACT, f"curl {URL}/other {BODY}", "and not checked."),
        (ENDPOINTS + CONTRACT, f"curl {URL} {BODY} --frobnicate", "and not checked."),
        (ENDPOINTS + CONTRACT, f"curl {URL} {BODY} '", "and not checked."),
        (ENDPOINTS + CONTRACT + "lifecycle: retired\n", f"curl {URL} {BODY}", "and not checked."),
    ],
)
def test_the_note_below_a_written_curl(card: str, curl: str, expected: str, tmp_path: Path):
    model = MODEL.replace("lifecycle: experimental\n", "") if "lifecycle" in card else MODEL
    project = open_book(tmp_path, {"ryl.yml": f"{model}{card}curl: |\n  {curl}\n", "t.yml": TEAM})
    pages, findings = project.render_pages()
    assert findings == []
    (page,) = (page for page in pages if page.key == "model:ryl")
    note = next(line for line in page.markdown.splitlines() if "Written by hand in the card" in line)
    assert note.startswith("Written by hand in the card and ")
    assert note.endswith(expected)
    assert ("not checked" in note) is (expected in {"and not checked.", "read it before you run it."})
