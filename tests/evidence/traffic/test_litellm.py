"""Rows of LiteLLM's spend logs name the calling key or team and the model; users, prompts and keys are not read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import ReadState
from generator.evidence.traffic.litellm import SpendLogs
from tests.evidence.traffic.book import edges, read_all, reconcile


def row(**fields: object) -> dict[str, object]:
    metadata = {"user_api_key_alias": "home-feed", "user_api_key_team_alias": "feed", "user_api_key_user_id": "asha"}
    return {
        "request_id": "chatcmpl-1", "call_type": "acompletion", "api_key": "hash-of-a-key", "spend": 0.1,
        "startTime": "2026-11-18T10:02:03.000Z", "endTime": "2026-11-18T10:02:04.000Z", "model": "openai/gpt-4o-2024",
        "model_group": "gpt-4o", "user": "asha@example.com", "end_user": "c-42", "requester_ip_address": "10.1.1.1",
        "messages": [{"content": "s3cret"}], "team_id": "t-7", "metadata": metadata, "status": "success", **fields,
    }  # fmt: skip


def lines(*rows: dict[str, object]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)


def test_rows_are_counted_by_key_and_model():
    _, (source,), (call,) = reconcile(lines(row(), row(status="failure")))
    assert (source.source, source.requests) == ("litellm", 2)
    assert (call.system, call.ref, call.requests, call.errors) == ("system:home-feed", "model:gpt-4o", 2, 1)
    assert str(call.last_on) == "2026-11-18"
    for word in ("asha", "s3cret", "c-42", "10.1.1.1", "hash"):
        assert word not in str(call)


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"data": rows, "total": 2}])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_of_the_proxy_is_read(wrap, indent):
    text = json.dumps(wrap([row(), row()]), indent=indent)
    assert edges(text) == {("system:home-feed", "model:gpt-4o"): 2}


def test_metadata_may_be_json_in_a_text():
    metadata = json.dumps({"user_api_key_alias": None, "user_api_key_team_alias": "search", "status": "failure"})
    _, _, (call,) = reconcile(lines(row(metadata=metadata)))
    assert (call.system, call.errors) == ("system:search", 1)


def test_a_team_without_a_card_is_the_caller():
    _, _, (call,) = reconcile(lines(row(metadata={"user_api_key_team_alias": "notebooks"})))
    assert (call.caller, call.system) == ("notebooks", "")


def test_the_id_of_a_team_is_no_name():
    _, _, (call,) = reconcile(lines(row(metadata={}, team_id="0f8fad5b-d9cb-469f-a165-70867728950e")))
    assert (call.caller, call.system) == ("", "")


def test_a_model_with_its_provider_is_found_by_an_alias():
    assert edges(lines(row(model_group="", model="openai/gpt-4o"))) == {("system:home-feed", "model:gpt-4o"): 1}
    assert edges(lines(row(model_group="azure/gpt-4o"))) == {("system:home-feed", "model:gpt-4o"): 1}


def test_a_retired_name_of_a_model_is_found():
    assert edges(lines(row(model_group="delivery-time:predict"))) == {("system:home-feed", "migration:to-kserve"): 1}


def test_bad_rows_are_counted():
    read, (source,), _ = reconcile(lines(row()) + '{"startTime": 7, "model": "x"}\n' + lines(row(metadata="{")))
    assert source.bad_lines == 2
    assert [number for number, _ in read.bad.first] == [2, 3]
    read, (source,), calls = reconcile('[{"startTime": "2026", "model": "gpt-4o"}, 7]')
    assert (calls, source.bad_lines) == ([], 1)
    _, (source,), (call,) = reconcile(json.dumps([row(metadata="{"), row()]))
    assert (call.requests, source.bad_lines) == (1, 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_rows_without_an_error(data: bytes):
    read_all(SpendLogs(ReadState()), data)
    read_all(SpendLogs(ReadState()), b'{"startTime":"2026-11-18",' + data)


OPTIONAL = st.one_of(st.none(), st.text(max_size=8))
ROWS = st.fixed_dictionaries({"startTime": st.text(max_size=12)}, optional={
    "model": OPTIONAL, "model_group": OPTIONAL, "status": OPTIONAL, "team_id": OPTIONAL,
    "metadata": st.one_of(st.none(), st.fixed_dictionaries({}, optional={"user_api_key_alias": OPTIONAL})),
})  # fmt: skip


@given(st.lists(ROWS, min_size=1, max_size=6))
def test_lines_and_an_array_give_the_same_counts(rows):
    state = ReadState()
    by_line = read_all(SpendLogs(state), lines(*rows).encode())
    assert by_line == read_all(SpendLogs(state), json.dumps(rows).encode())
    assert sum(by_line.requests.values()) == len(rows)
    assert state.bad.count == 0
