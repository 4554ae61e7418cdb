"""The names of a book that a scan searches for."""

from datetime import date

import pytest

from generator.evidence.names import SearchName, list_names
from generator.evidence.records import NameKind
from generator.names import Ref
from generator.schema import Card, Migration, Model, Person, Resource, System

TODAY = date(2026, 11, 20)


def model(**fields):
    return Model(**{"id": "ryl", "name": "R", "summary": "R", "lifecycle": "production", "serving": "online"} | fields)


def list_texts(*cards: Card, kind: NameKind | None = None) -> set[tuple[str, str]]:
    names = list_names(cards, (), TODAY)
    return {(name.text, name.ref) for name in names if kind in {None, name.kind}}


def test_ids_aliases_and_copies_of_a_model_lead_to_it():
    names = list_names([model(aliases=("RYL", "ryl_v2"), instances=({"id": "ryl-pune"},))], (), TODAY)
    assert set(names) == {
        SearchName("ryl", "model:ryl", NameKind.ID),
        SearchName("RYL", "model:ryl", NameKind.ALIAS),
        SearchName("ryl_v2", "model:ryl", NameKind.ALIAS),
        SearchName("ryl-pune", "model:ryl", NameKind.INSTANCE),
    }
    assert list(names) == sorted(names)


def test_a_host_of_several_cards_is_no_name_and_one_with_a_port_is():
    one = model(endpoints={"production": "https://ml.example.com:8443/v1/ryl"})
    other = model(id="eta", endpoints={"production": "https://ml.example.com/v1/eta"})
    assert list_texts(one, other, kind=NameKind.HOST) == {("ml.example.com:8443", "model:ryl")}
    assert list_texts(one, kind=NameKind.HOST) == {
        ("ml.example.com", "model:ryl"),
        ("ml.example.com:8443", "model:ryl"),
    }
    assert list_texts(one, kind=NameKind.URL) == {("https://ml.example.com:8443/v1/ryl", "model:ryl")}


def test_hosts_of_the_machine_itself_and_hosts_with_placeholders_are_no_names():
    endpoints = {"dev": "http://localhost:8080/ryl", "production": "https://{city}.example.com/ryl"}
    assert list_texts(model(endpoints=endpoints), kind=NameKind.HOST) == set()


@pytest.mark.parametrize(
    ("address", "other", "is_clear"),
    [
        ("https://ml.example.com/v1/ryl/{city}:predict", "https://ml.example.com/v1/eta", True),
        ("https://ml.example.com/v1/ryl/{city}:predict", "https://ml.example.com/v1/ryl/{town}", False),
        ("https://ml.example.com/v1/ryl/{city}:predict", "https://ml.example.com/v1/ryl", False),
        ("https://ml.example.com/v1/models/{city}:predict", "https://ml.example.com/v1/models/eta:predict", False),
        ("https://ml.example.com/v1/models/{city}:predict", "https://ml.example.com/v1/models2", True),
        ("https://ml.example.com/{city}/ryl", "https://eta.example.com/", False),
        ("https://{city}.example.com/ryl", "https://eta.example.com/", False),
        ("https://us-central1-aiplatform.googleapis.com/v1/ryl/{city}", "https://eta.example.com/", False),
    ],
)
def test_an_address_with_a_placeholder_is_a_name_if_no_other_card_is_below_it(address, other, is_clear):
    cards = (model(endpoints={"production": address}), model(id="eta", endpoints={"production": other}))
    found = list_texts(*cards, kind=NameKind.URL)
    assert ((address, "model:ryl") in found) == is_clear


@pytest.mark.parametrize(
    "host",
    [
        "us-central1-aiplatform.googleapis.com",
        "runtime.sagemaker.eu-west-1.amazonaws.com",
        "bedrock-runtime.us-east-1.amazonaws.com:443",
    ],
)
def test_on_a_platform_of_all_customers_only_the_whole_address_names_a_model(host: str):
    endpoint = f"https://{host}/v1/endpoints/ryl-v3:predict"
    one = model(endpoints={"production": endpoint})
    assert list_texts(one, kind=NameKind.HOST) == set()
    assert list_texts(one, kind=NameKind.URL) == {(endpoint, "model:ryl")}


def test_the_address_of_a_vendor_names_no_model_but_it_can_name_a_system():
    one = model(endpoints={"production": "https://api.openai.com/v1/chat/completions"})
    assert list_texts(one) == {("ryl", "model:ryl")}
    vendor = System(id="openai", name="O", type="external", aliases=("https://api.openai.com/v1",))
    assert ("api.openai.com", "system:openai") in list_texts(one, vendor)


def test_a_file_and_a_platform_are_no_hosts_of_a_model():
    engine = "https://eu-discoveryengine.googleapis.com/v1/projects/x/engines/site/servingConfigs/a:search"
    one = model(aliases=("n2v.model", "ranker.onnx"), endpoints={"production": engine})
    assert list_texts(one, kind=NameKind.HOST) == set()
    assert list_texts(one, kind=NameKind.ALIAS) == {("n2v.model", "model:ryl"), ("ranker.onnx", "model:ryl")}


def test_an_alias_that_is_a_host_or_an_address_has_the_boundaries_of_one():
    system = System(id="orders", name="O", type="service", aliases=("orders.example.com", "http://old.example.com/o"))
    assert list_texts(system, kind=NameKind.HOST) == {
        ("orders.example.com", "system:orders"),
        ("old.example.com", "system:orders"),
    }
    topic = Resource(type="topic", id="t", aliases=("orders.raw",))
    assert list_texts(topic, kind=NameKind.ALIAS) == {("orders.raw", "topic:t")}


def test_features_lead_to_their_view_and_a_feature_of_two_views_only_with_its_view():
    view = Resource(type="feature_view", id="profile", features=({"name": "age_days"}, {"name": "veg_share"}))
    assert list_texts(view, model(features=("stats:age_days",)), kind=NameKind.FEATURE) == {
        ("profile:age_days", "feature_view:profile"),
        ("profile:veg_share", "feature_view:profile"),
        ("veg_share", "feature_view:profile"),
        ("stats:age_days", "feature_view:stats"),
    }


def test_retired_strings_lead_to_their_migration():
    card = Migration(id="m", name="M", status="running", moves=("model:ryl",), retires=("old:8080", {"text": "ryl_v1"}))
    assert list_texts(card) == {("old:8080", "migration:m"), ("ryl_v1", "migration:m")}


def test_people_are_names_from_the_day_after_their_last_one():
    gone = Person(id="priya", name="P", email="priya@example.com", left_on=TODAY)
    stays = Person(id="asha", name="A", email="asha@example.com", left_on=date(2026, 11, 21))
    assert list_texts(gone, stays) == {("priya", "person:priya"), ("priya@example.com", "person:priya")}


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("eta", NameKind.ID, "fewer than 5 characters"),
        ("RYL", NameKind.ALIAS, "fewer than 5 characters"),
        ("readability", NameKind.ID, "one lower-case word"),
        ("minutes", NameKind.FEATURE, "one lower-case word"),
        ("scorer", NameKind.HOST, "a host without a domain"),
        ("scorer:8080", NameKind.HOST, "a host without a domain"),
        ("fraud-score", NameKind.HOST, "a host without a domain"),
        ("fraud-score:8080", NameKind.HOST, ""),
        ("recommendationservice:8080", NameKind.HOST, ""),
        ("ryl-v3", NameKind.ID, ""),
        ("resnet50", NameKind.ID, ""),
        ("eta", NameKind.RETIRED, ""),
        ("a@b.c", NameKind.EMAIL, ""),
    ],
)
def test_short_and_common_words_are_weak_names(text: str, kind: NameKind, reason: str):
    assert SearchName(text, "model:x", kind).weakness == reason


def test_resources_without_a_card_are_names():
    assert list_names([], [Ref("topic", "orders.v1")], TODAY) == (
        SearchName("orders.v1", "topic:orders.v1", NameKind.ID),
    )
