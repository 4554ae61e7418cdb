"""Targets are found by the most specific name of the book that a call has; what cannot be decided has a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.records import UNKNOWN_TARGET
from generator.evidence.traffic.hosts import Host, list_prefixes, normalize_path
from generator.evidence.traffic.targets import AMBIGUOUS, SHARED_OTHER_PATH, TargetIndex
from tests.evidence.traffic.book import CARDS, migration, model, system

INDEX = TargetIndex(CARDS)


def find(host: str = "", path: str = "", service: str = "", index: TargetIndex = INDEX) -> list[str]:
    return [ref for ref, _ in index.find(host, path, service).matches]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("ML.example.com", ("ml.example.com", "")),
        ("ml.example.com:443", ("ml.example.com", "")),
        ("http://ml.example.com:80/x", ("ml.example.com", "")),
        ("ml.example.com.:8080", ("ml.example.com", "8080")),
        ("asha:s3cret@ml.example.com", ("ml.example.com", "")),
        ("[2001:db8::1]:8080", ("[2001:db8::1]", "8080")),
        ("2001:db8::1", ("2001:db8::1", "")),
        ("", ("", "")),
    ],
)
def test_hosts_have_one_form(text: str, host: tuple[str, str]):
    assert Host.parse(text) == host


@given(st.text(max_size=30))
def test_any_text_is_a_path_and_a_host_without_query(text: str):
    path = normalize_path(text)
    assert not path.endswith("/")
    assert list(list_prefixes(path))[:1] == ([path] if path else [])
    assert "@" not in Host.parse(text).name


def test_the_longest_path_of_a_shared_host_wins():
    index = TargetIndex([model("a", "https://x.example.com/rank"), model("b", "https://x.example.com/rank/deep")])
    assert find("x.example.com", "/rank/deep/7", index=index) == ["model:b"]
    assert find("x.example.com", "/rank/other", index=index) == ["model:a"]
    assert find("x.example.com", "/ranking", index=index) == []
    assert index.find("x.example.com", "/ranking", "").reason == SHARED_OTHER_PATH


def test_an_address_of_two_models_is_not_guessed():
    index = TargetIndex([model("a", "https://x.example.com/predict"), model("b", "https://x.example.com/predict")])
    assert index.find("x.example.com", "/predict", "").reason == AMBIGUOUS


def test_parameters_in_the_path_of_an_endpoint_match_one_step():
    index = TargetIndex([model("a", "https://x.example.com/{tenant}/rank"), model("b", "https://x.example.com/eta")])
    assert find("x.example.com", "/pune/rank", index=index) == ["model:a"]
    assert find("x.example.com", "/pune/x/rank", index=index) == []


def test_a_path_without_a_host_is_found_if_only_one_card_has_it():
    assert find(path="/score") == ["model:fraud"]
    index = TargetIndex([model("a", "https://x.example.com/rank"), model("b", "https://y.example.com/rank")])
    assert find(path="/rank", index=index) == []


def test_the_model_in_the_path_decides_before_the_host():
    assert find("fraud.example.com", "/v1/models/ryl:predict") == ["model:ryl"]
    assert find("fraud.example.com", "/v1/models/unheard-of:predict") == ["model:fraud"]
    assert find("any.internal", "/v2/models/fraud-pune/infer") == ["model:fraud"]
    assert find("any.internal", "/serving/ryl_v2:rank") == ["model:ryl"]


def test_a_number_after_a_colon_is_no_verb():
    assert find("any.internal", "/clock/eta:5") == []
    assert find("any.internal", "/model/eta") == []


def test_hostile_paths_and_names_are_examined_in_linear_time():
    for piece in ("/a", ":a", "/a:b", "%2F", "-1", "-x2x7k", "a.", "/models/"):
        INDEX.find(piece * 200_000, piece * 200_000, piece * 200_000)


def test_unknown_hosts_are_not_kept():
    for number in range(10):
        INDEX.find(f"host{number}.example.com", "/x", "")
    assert not any(host.startswith("host") for host in INDEX.hosts)


def test_a_system_is_no_model_in_a_path():
    assert find("any.internal", "/v1/models/search:predict") == []


@pytest.mark.parametrize("host", ["search", "search.shop.svc.cluster.local", "search.shop.svc", "search-v3.shop.svc"])
def test_a_service_in_the_cluster_is_found_by_its_name(host: str):
    assert find(host) == ["system:search"]


@pytest.mark.parametrize("host", ["search.example.com", "www.search.org", "xsearch"])
def test_the_first_part_of_another_host_is_no_name(host: str):
    assert find(host) == []
    assert INDEX.find(host, "", "").reason == UNKNOWN_TARGET


def test_a_workload_of_a_system_is_a_target_in_its_namespace():
    index = TargetIndex(
        [system("a", seen_as={"workloads": ["feed/api"]}), system("b", seen_as={"workloads": ["shop/api"]})]
    )
    assert find("api.feed.svc.cluster.local", index=index) == ["system:a"]
    assert find("api.other.svc.cluster.local", index=index) == []


def test_a_host_among_the_aliases_of_a_system_is_its_host():
    index = TargetIndex([system("orders", aliases=["orders.example.com"])])
    assert find("orders.example.com", "/x", index=index) == ["system:orders"]


def test_a_name_of_a_model_and_a_system_is_not_guessed_for_a_service():
    index = TargetIndex([model("search"), system("search")])
    assert index.find("search", "", "search").reason == AMBIGUOUS
    assert find("gw", "/v1/models/search:predict", index=index) == ["model:search"]


def test_retired_strings_are_found_beside_a_card():
    index = TargetIndex(
        [*CARDS, migration("move", "fraud.example.com", "https://ml.example.com/v1/models/eta", "ryl_v2")]
    )
    assert find("fraud.example.com", "/score", index=index) == ["migration:move", "model:fraud"]
    assert find("ml.example.com", "/v1/models/eta:predict", index=index) == ["migration:move", "model:eta"]
    assert find("ml.example.com", "/v1/models/ryl_v2:predict", index=index) == ["migration:move", "model:ryl"]
    assert find("ml.example.com", "/v1/models/ryl:predict", index=index) == ["model:ryl"]
    assert index.find("fraud.example.com", "/score", "").matches[0] == ("migration:move", "fraud.example.com")


def test_a_retired_string_with_spaces_stands_in_no_traffic():
    assert find("any.internal", "/model: ryl_v1") == []


@given(st.text(max_size=20), st.text(max_size=30), st.text(max_size=20))
def test_any_call_has_a_target_or_a_reason(host: str, path: str, service: str):
    target = INDEX.find(host, path, service)
    assert bool(target.matches) != bool(target.reason)


@given(st.sampled_from(["a/b:c", "", "a//b", "/"]), st.text("ab/:.", max_size=12))
def test_prefixes_are_the_paths_above(start: str, rest: str):
    path = normalize_path(f"/{start}{rest}")
    prefixes = list(list_prefixes(path))
    assert all(path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/", ":") for prefix in prefixes)
    assert len(prefixes) == len(set(prefixes))
