"""Callers are found by the longest name that the book knows, and shown only by a name."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.callers import CallerIndex, clean_name
from generator.evidence.traffic.calls import RawCall
from generator.evidence.traffic.workloads import list_name_forms
from tests.evidence.traffic.book import CARDS, model, system

INDEX = CallerIndex(CARDS)


@pytest.mark.parametrize(
    ("workload", "system_id"),
    [
        ("feed/home-feed", "home-feed"),
        ("feed/home-feed-canary", "home-feed"),
        ("feed/home-feed-5d9c7b8f4-x2x7k", "home-feed"),
        ("feed/home-feed-canary-5d9c7b8f4-x2x7k", "home-feed"),
        ("home-feed-0", "home-feed"),
        ("feed-worker-29384756", "home-feed"),
        ("batch/feed-worker-29384756-x2x7k", "home-feed"),
        ("HOME-FEED", "home-feed"),
        ("search", "search"),
        ("search-v2", "search-v2"),
        ("search-v2-7f9c6d5b8-hx4wz", "search-v2"),
        ("search-v3", "search"),
        ("checkout-svc", "checkout"),
        ("home-feed-x2x7k", "home-feed"),
        ("home-feed-proxy", ""),
        ("home-feed-httpx", ""),
        ("home-feeder", ""),
        ("my-home-feed", ""),
        ("unheard-of", ""),
    ],
)
def test_suffixes_are_left_out_only_if_the_book_does_not_know_the_whole_name(workload: str, system_id: str):
    assert INDEX.find(RawCall(workload=workload)).system == (f"system:{system_id}" if system_id else "")


def test_a_name_in_another_namespace_is_another_one():
    index = CallerIndex(
        [system("a", seen_as={"workloads": ["feed/api"]}), system("b", seen_as={"workloads": ["shop/api"]})]
    )
    assert index.find(RawCall(workload="feed/api-7f9c6d5b8-hx4wz")).system == "system:a"
    assert index.find(RawCall(workload="shop/api")).system == "system:b"
    assert index.find(RawCall(workload="other/api")) == ("other/api", "", False)
    assert index.find(RawCall(workload="api")) == ("api", "", False)


def test_a_source_without_namespaces_has_the_only_workload_of_the_name():
    assert (
        CallerIndex([system("a", seen_as={"workloads": ["feed/api"]})]).find(RawCall(service="api")).system
        == "system:a"
    )


@pytest.mark.parametrize(
    ("agent", "system_id"),
    [
        ("home-feed-http/1.2", "home-feed"),
        ("home-feed-http", "home-feed"),
        ("Home-Feed-HTTP (linux)", "home-feed"),
        ("home-feed-httpx/1", ""),
        ("search/7", "search"),
        ("search-v2/7", "search-v2"),
        ("search-service/7", ""),
        ("search-canary/7", ""),
        ("Mozilla/5.0 home-feed-http/1.2", ""),
        ("", ""),
    ],
)
def test_user_agents_are_found_by_their_beginning(agent: str, system_id: str):
    assert INDEX.find(RawCall(user_agent=agent)).system == (f"system:{system_id}" if system_id else "")


def test_a_user_agent_is_named_as_the_book_writes_it():
    index = CallerIndex([system("rider-app", seen_as={"user_agents": ["FoodRider"]})])
    assert index.find(RawCall(user_agent="foodrider/7.4 (Android 14)")).name == "FoodRider"


def test_the_longest_beginning_of_a_user_agent_wins():
    cards = [system("a", seen_as={"user_agents": ["app"]}), system("b", seen_as={"user_agents": ["app (batch"]})]
    index = CallerIndex(cards)
    assert index.find(RawCall(user_agent="app (batch; 7)")).system == "system:b"
    assert index.find(RawCall(user_agent="app/1 (batch; 7)")).system == "system:a"
    assert index.find(RawCall(user_agent="app (batched)")).system == "system:a"


def test_a_workload_comes_before_a_user_agent_and_a_name_before_a_library():
    assert INDEX.find(RawCall(workload="search", user_agent="home-feed-http/1")).system == "system:search"
    assert INDEX.find(RawCall(workload="gateway", user_agent="home-feed-http/1")).system == "system:home-feed"
    assert INDEX.find(RawCall(workload="gateway", user_agent="other/1")).name == "gateway"


def test_a_system_comes_before_a_model_of_the_same_name():
    cards = [model("search"), system("search")]
    assert CallerIndex(cards).find(RawCall(workload="search")).system == "system:search"
    assert CallerIndex([model("search")]).find(RawCall(workload="search-predictor-default")).system == "model:search"


def test_a_name_of_two_systems_is_not_guessed():
    cards = [system("a", aliases=["api"]), system("b", aliases=["api"])]
    assert CallerIndex(cards).find(RawCall(workload="api")) == ("api", "", False)


@pytest.mark.parametrize(
    "agent", ["curl/8.1", "python-requests/2.31", "Mozilla/5.0 (X11)", "Go-http-client/2.0", "grpc-go/1.6"]
)
def test_a_library_is_no_name(agent: str):
    assert INDEX.find(RawCall(user_agent=agent)) == ("", "", False)


@pytest.mark.parametrize(
    "text",
    [
        "10.4.3.2", "10.4.3.2:8080", "2001:db8::1", "0f8fad5b-d9cb-469f-a165-70867728950e", "asha@example.com", "a\nb",
        "sk-proj-abcdefghijklmnop1234567890ABCD", "AKIAQ3EGPLZ2B7XNMK4T", "x" * 200, "<script>", "",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)  # fmt: skip
def test_addresses_ids_and_secrets_are_no_names(text: str):
    assert clean_name(text) == ""
    assert INDEX.find(RawCall(workload=text)).name == ""


@pytest.mark.parametrize("text", ["growth-batch", "feed/growth-batch", "notebooks.v2", "Team Growth", "etl_job-7"])
def test_plain_names_are_kept(text: str):
    assert clean_name(text) == text


def test_the_pods_of_an_unknown_workload_are_one_caller():
    assert {INDEX.find(RawCall(workload=f"etl/copy-5d9c7b8f4-{pod}")).name for pod in ("x2x7k", "p4q8z")} == {
        "etl/copy"
    }


@given(st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,10}){0,5}", fullmatch=True))
def test_forms_of_a_name_are_shorter_and_shorter_beginnings(name: str):
    forms = list(list_name_forms(name))
    assert forms[0] == name
    assert all(longer.startswith(shorter) and longer != shorter for longer, shorter in itertools.pairwise(forms))


@given(st.builds(RawCall, **{key: st.text(max_size=20) for key in ("workload", "service", "account", "user_agent")}))
def test_any_names_have_a_caller_that_may_be_shown(call: RawCall):
    caller = INDEX.find(call)
    assert caller.system or caller.is_probe or caller.name == clean_name(caller.name)


def test_hostile_names_are_examined_in_linear_time():
    for piece in ("-1", "-x2x7k", "a", "a/", "spiffe://", "(", "1a"):
        INDEX.find(RawCall(workload=piece * 200_000, account=piece * 200_000, user_agent=piece * 200_000))
