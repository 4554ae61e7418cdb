"""A draft of any values loads as a card and contains the values."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.results import merge_results
from generator.drafts.text_cleaning import make_id, make_unique_ids, to_printable
from generator.drafts.yaml_writing import render_yaml
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema.base import to_plain_data
from tests.drafts.draft_loading import load_drafts

WORDS = st.sampled_from([
    "yes", "no", "on", "null", "~", "1", "1.10", "0x1f", "1e3", "2025-11-03", "12:30:00", "- a", "a: b", "#x", "@y",
    "%z", "!t", "&a", "*b", "{a}", "[b]", "a #b", "'", '"', "|", ">", "...", "---", "=", "<<", "a\nb", "\ta",
    "a\n\n  b\n",    "a\t", " a ", "ü\u2028é", "\ufeff", "\x85", "\x07", "\ud800", "😀", "",
])  # fmt: skip
TEXTS = st.one_of(WORDS, st.text(max_size=30), st.lists(WORDS, max_size=4).map("\n".join))
DATA = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def cleaned(data: Any) -> Any:
    """Data without what no file may hold; of keys that become equal the last."""
    if isinstance(data, dict):
        return {to_printable(key): cleaned(item) for key, item in data.items()}
    if isinstance(data, list):
        return [cleaned(item) for item in data]
    return to_printable(data) if isinstance(data, str) else data


@given(DATA, TEXTS)
@settings(max_examples=300, deadline=None)
def test_written_data_is_read_back(data: Any, key: str):
    data, key = cleaned(data), to_printable(key)
    text = "\n".join(render_yaml(key, data)) + "\n"
    documents, findings = read_documents(text, "a.yml")
    assert findings == []
    assert to_plain_data(documents[0].root.to_plain()) == {key: data}


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_text_stays_text_for_every_reader(text: str):
    text = to_printable(text)
    written = "\n".join(render_yaml("key", text)) + "\n"
    assert yaml.safe_load(written) == {"key": text} or is_day(text)


def is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == "-" == text[7]


FIELDS = [
    "summary", "lifecycle", "serving", "owners", "version", "deployed_on", "endpoints", "contract", "features",
    "consumers", "fallback", "card", "links", "aliases", "tags", "notes", "unknown", "x-own",
]  # fmt: skip


@given(
    st.text(max_size=40),
    st.dictionaries(st.sampled_from(FIELDS), DATA, max_size=6),
    st.text(max_size=30),
    st.text(max_size=20),
)
@settings(max_examples=120, deadline=None)
def test_a_draft_of_any_values_loads(name: str, values: dict[str, Any], origin: str, body: str):
    with tempfile.TemporaryDirectory() as folder:
        load_drafts(build_draft(CardDraft("model", make_id(name), name, origin, values, body=body)), Path(folder))


def test_values_that_the_schema_refuses_are_omitted_and_noted(tmp_path: Path):
    values = {"version": "2.10", "deployed_on": "3 Nov", "endpoints": {"production": "ml"}, "owners": ["ds"], "nmae": 1}
    drafts = build_draft(CardDraft("model", "ryl", "RYL", "a test", values))
    card: Any = load_drafts(drafts, tmp_path).by_ref[Ref("model", "ryl")].card
    assert (card.version, card.owners, card.deployed_on) == ("2.10", ("ds",), None)
    assert [note.message.split(" was omitted")[0] for note in drafts.notes] == [
        '`deployed_on` "3 Nov"', '`endpoints` {"production": "ml"}', "`nmae` 1",
    ]  # fmt: skip


def test_values_that_are_too_large_are_omitted_and_noted(tmp_path: Path):
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    values = {"x-deep": deep, "x-wide": list(range(30_000)), "x-key": {"k" * 2000: 1}, "notes": "n" * 200_000}
    drafts = build_draft(CardDraft("model", "ryl", "RYL", "a test", values))
    load_drafts(drafts, tmp_path)
    assert len(drafts.notes) == 4


def test_a_secret_in_any_value_or_in_the_text_is_replaced_and_noted():
    key = "Zx81kLm02PqR7tVw"
    values = {"repo": f"https://example.com/x?api_key={key}", "x-call": [{"name": "PASSWORD", "value": "hunter2x9"}]}
    made = build_draft(CardDraft("model", "ryl", "Ryl", "a test", values, body=f"Call it with `?token={key}`."))
    (file,) = made.files
    assert key not in file.text + str(made.notes)
    assert "hunter2x9" not in file.text
    assert file.text.count("████") == 3
    assert [note.message for note in made.notes] == [
        f"{place} had a secret, which was hidden" for place in ("`repo`", "`x-call`", "the text")
    ]


@pytest.mark.parametrize(
    "address",
    [
        "//svc:hunter@db.internal/x",
        "https://svc:hun/ter@db.internal/x",
        "https://svc:pa@ss/hunter@db.internal/x",
        "https://hunter4Kq9wLm2Tr8x@git.internal/x",
        "https://h.internal/x?token=hunter&page=2",
        "https://h.internal/x?sig=hunter",
        "https://h.internal/x?access_token=hunter",
        "jdbc:oracle:thin:svc/hunter@//h1:1521/x",
        "mongodb://svc:hun/ter@h1:27017,h2:27017/db",
        "amqp://svc:hunter@h1:5672,svc:hun/ter@h2:5672/v",
    ],
)
def test_no_credential_of_an_address_reaches_a_draft(address: str):
    values = {"summary": f"Reads {address}", "x-source": {"hosts": [address]}}
    draft = CardDraft("model", "ranker", f"Ranker {address}", address, values, {"summary": address}, body=address)
    result = build_draft(draft, [f"unknown `{address}`"])
    shown = result.files[0].text + "".join(map(str, result.notes))
    assert not [secret for secret in ("hunter", "hun/ter", "ss/hun") if secret in shown], shown


@pytest.mark.parametrize(
    "address",
    [
        "ssh://git@git.internal/a/b",
        "https://h.internal:8080/p@v1",
        "https://u:${PASSWORD}@h.internal/x",
        "https://h.internal/@user",
        "https://h.internal/x?page_token=abc&max_tokens=200",
        "docker://registry.internal:5000/a@sha256:abc",
        "see //x and write to ann@x.io,bob@x.io",
    ],
)
def test_an_address_without_a_credential_stays(address: str):
    draft = CardDraft("model", "ranker", "Ranker", "a file", {"x-source": address})
    assert address in build_draft(draft).files[0].text


def test_comments_at_the_top_list_guesses_and_missing_keys():
    text = build_draft(CardDraft("model", "ryl", "RYL", "a\nnote # of somebody", {"owners": ["ds"]})).files[0].text
    assert text.startswith(
        "# Draft made from a note # of somebody.\n"
        "# Review and complete it, then remove the tag `draft`, `x-guessed` and these lines.\n"
        "# Guessed, please check: lifecycle, serving, summary.\n"
        "# Still missing: contacts, version, deployed_on, endpoints, contract, consumers, fallback.\n"
        "kind: model\n"
    )


@given(st.lists(st.text(max_size=20), max_size=8))
@settings(max_examples=200, deadline=None)
def test_ids_are_valid_and_unique(names: list[str]):
    ids = make_unique_ids(names)
    assert len({one.lower() for one in ids}) == len(names)
    assert "index" not in {one.lower() for one in ids}
    for one in ids:
        assert str(Ref.parse(f"model:{one}")) == f"model:{one}"
    assert make_unique_ids(names) == ids


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ryl", "ryl"),
        ("RYL_v2.1", "RYL_v2.1"),
        ("Restaurants You'll Like", "restaurants-youll-like"),
        ("Größe: Küche", "grosse-kuche"),
        ("../../etc/passwd", "etc-passwd"),
        ("index", "index-92deb235"),
        ("模型", "mo-xing"),
        ("Цена доставки", "tsena-dostavki"),
        ("Łódź: Ørsted", "lodz-orsted"),
        ("🎂", "unnamed-0b88e5c9"),
    ],
)
def test_identifiers(name: str, expected: str):
    assert make_id(name) == expected


def test_merged_results_have_no_duplicate_notes():
    drafts = build_draft(CardDraft("model", "ryl", "RYL", "a test", {"nmae": 1}))
    assert merge_results([drafts, drafts]) == drafts
