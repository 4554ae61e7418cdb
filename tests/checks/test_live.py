"""Findings about live answers: only for endpoints that the cards still have, and none without evidence."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check
from generator.checks.live import answer_breaks_contract, endpoint_not_verified, sample_refused
from generator.findings import Finding
from tests.checks.books import build_section_context

CARD = """
kind: model
id: eta
name: Delivery time
summary: Predicts the delivery time of an order.
lifecycle: {lifecycle}
serving: online
endpoints: {{staging: "https://ml-staging.example.com/eta"}}
instances: [{{id: eta-pune, endpoints: {{production: "https://pune.example.com/eta"}}}}]
contract:
  safe: true
  response: {{type: object}}
  examples: [{{request: {{}}, response: {{}}}}]
"""


def find(folder: Path, *records: dict[str, Any], lifecycle: str = "production") -> list[Finding]:
    base = {"row": "verification", "ref": "model:eta", "environment": "staging", "day": "2026-11-19"}
    lines = "".join(f"{json.dumps(base | record)}\n" for record in records)
    section = f"# cards/eta.yml\n{CARD.format(lifecycle=lifecycle)}# evidence/verify.jsonl\n{lines}"
    context, unread = build_section_context(section, folder)
    assert unread == []
    return check(context, (answer_breaks_contract, sample_refused, endpoint_not_verified))


def test_a_book_without_evidence_has_no_findings(tmp_path: Path):
    assert find(tmp_path) == []


@pytest.mark.parametrize("shape", ["invalid", "refused", "no answer"])
def test_an_answer_of_an_endpoint_that_the_card_lacks_is_not_reported(tmp_path: Path, shape: str):
    record = {"shape": shape, "problem": "status 404"}
    good = {"shape": "valid"}, {"shape": "valid", "instance": "eta-pune", "environment": "production"}
    removed = [
        {"ref": "model:removed"}, {"environment": "canary"}, {"instance": "eta-delhi"}, {"instance": "eta-pune"},
    ]  # fmt: skip
    assert find(tmp_path / "removed", *good, *(record | place for place in removed)) == []
    assert find(tmp_path / "retired", record, lifecycle="retired") == []
    assert len(find(tmp_path / "there", good[1], record)) == 1


def test_an_answer_of_an_instance_names_it(tmp_path: Path):
    record = {"shape": "no answer", "instance": "eta-pune", "environment": "production", "problem": "no connection"}
    (found,) = find(tmp_path, record, {"shape": "valid"})
    assert found.message == (
        "the production endpoint of eta-pune of model:eta did not answer the example on 2026-11-19: no connection"
    )
    assert found.hint.endswith("run `modelbook verify eta-pune --env production --yes`")


def test_an_answer_that_could_not_be_compared_is_not_reported(tmp_path: Path):
    pune = {"shape": "valid", "instance": "eta-pune", "environment": "production"}
    assert find(tmp_path, pune, {"shape": "unchecked", "problem": "too costly to check"}) == []
