"""The search for names in files."""

import resource

import pytest

from generator.evidence import matching
from generator.evidence.literals import LiteralFinder
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

RYL = SearchName("ryl-v3", "model:ryl-v3", NameKind.ID)
ETA = SearchName("eta", "model:eta", NameKind.ID)
TOPIC = SearchName("orders.v1", "topic:orders.v1", NameKind.ID)
HOST = SearchName("ml.example.com", "model:ryl", NameKind.HOST)
URL = SearchName("https://ml.example.com/v1/models/ryl:predict", "model:ryl", NameKind.URL)
OWN = SearchName("ryl", "model:ryl", NameKind.ID)


def find(text: str | bytes, *names: SearchName, path: str = "src/app.py") -> list[tuple[str, int, int, str]]:
    content = text if isinstance(text, bytes) else text.encode()
    hits = [hit for hit in Matcher(names).find(content, path) if hit.is_strong or not hit.name.weakness]
    return [(hit.name.ref, hit.line, hit.column, hit.match) for hit in hits]


def find_matches(text: str, *names: SearchName, path: str = "src/app.py") -> list[str]:
    return [match for _, _, _, match in find(text, *names, path=path)]


def test_a_hit_has_line_and_column_in_characters_and_the_name_as_it_is_in_the_file():
    assert find("é = 1\r\nénergie = 'ryl-v3'\r\n", RYL) == [("model:ryl-v3", 2, 12, "ryl-v3")]


def test_an_id_within_a_longer_name_is_no_hit():
    for text in ("ryl-v3-ab", "my-ryl-v3", "ryl-v31", "ryl-v3_x", "xryl-v3", "ryl-v3.1", "кryl-v3", "éryl-v3"):
        assert find(text, RYL) == [], text


def test_a_stylesheet_names_classes_and_addresses():
    text = ".ryl-v3 { background: url(https://ryl.example.com/a.png); color: red }"
    host = SearchName("ryl.example.com", "model:ryl", NameKind.HOST)
    assert find_matches(text, RYL, host, path="web/page.scss") == ["ryl.example.com"]
    assert find_matches(text, RYL, host, path="web/page.ts") == ["ryl-v3", "ryl.example.com"]


def test_an_id_is_found_beside_other_characters():
    for text in (
        "a/ryl-v3/b",
        "x.ryl-v3.svc",
        '"ryl-v3"',
        "模型ryl-v3",
        r"'\nryl-v3'",
        "%2Fryl-v3%3A",
        r"\u002fryl-v3",
        "ryl-v3->x",
    ):
        assert find_matches(text, RYL) == ["ryl-v3"], text


def test_an_id_counts_although_a_host_of_the_card_has_the_same_name():
    host = SearchName("fraud-detection", "model:fraud-detection", NameKind.HOST)
    name = SearchName("fraud-detection", "model:fraud-detection", NameKind.ID)
    assert find_matches('group = "fraud-detection"', host, name) == ["fraud-detection"]
    assert find_matches('connect("http://fraud-detection/score")', host, name) == ["fraud-detection"]
    weak_host, weak = (SearchName("eta", "model:eta", kind) for kind in (NameKind.HOST, NameKind.ID))
    assert find_matches('"eta", "http://eta/score", "/models/eta"', weak_host, weak) == ["eta", "eta"]


@pytest.mark.parametrize(
    "text",
    [
        'f"{config.ENV}-ryl-v3"',
        "f'{environment_map[CS.dev_or_production]}-ryl-v3'",
        '"${var.environment}-ryl-v3"',
        "{{ .Values.govukEnvironment }}-ryl-v3",
        "`ryl-v3-${config.environment.toLowerCase()}`",
        "ryl-v3-#{stage}",
        'f"{env}_ryl-v3"',
        '"${var.environment}_ryl-v3"',
        "`ryl-v3_${config.environment}`",
        "{{ .Values.env }}_ryl-v3_{{ .Values.env }}",
        "f\"ryl-v3-{os.environ['AIRFLOW_ENV']}\"",
    ],
)
def test_a_name_with_a_placeholder_of_the_environment_is_found(text: str):
    assert find_matches(text, RYL) == ["ryl-v3"]


@pytest.mark.parametrize(
    "text",
    [
        'f"{city}-ryl-v3"',
        'f"ryl-v3-{version}"',
        'f"{envoy}-ryl-v3"',
        'f"{env}-x-ryl-v3"',
        "ryl-v3-v{env}",
        "}-ryl-v3",
        "-ryl-v3",
        'f"{city}_ryl-v3"',
        'f"ryl-v3_{version}"',
        "}_ryl-v3",
        "_ryl-v3",
        "ryl-v3_",
        'f"{env}__ryl-v3"',
        'f"{env}_x_ryl-v3"',
    ],
)
def test_a_name_with_another_placeholder_is_a_part_of_a_longer_one(text: str):
    assert find_matches(text, RYL) == []


@pytest.mark.parametrize(
    "text",
    [
        'EndpointName=f"eta"',
        'EndpointName=f"{stage}-eta"',
        "EndpointName=f'eta-{stage}'",
        "EndpointName=f'{stage}_eta'",
        "EndpointName=f'eta_{stage}'",
        'endpoint_name = "${var.env}-eta"',
        'EndpointName: !Sub "${Environment}-eta"',
        "EndpointName: !Sub eta-${Environment}",
    ],
)
def test_a_weak_name_is_found_in_a_string_with_a_placeholder(text: str):
    assert find_matches(text, ETA) == ["eta"]
    assert find_matches(text.replace("ndpoint", "ven"), ETA) == []


def test_topics_have_parts_after_dots():
    assert find_matches("orders.v1.retry", TOPIC) == []
    assert find_matches("the topic orders.v1. dev.orders.v1", TOPIC) == ["orders.v1", "orders.v1"]


def test_hosts_have_any_case_and_are_no_part_of_other_hosts():
    assert find_matches("ML.EXAMPLE.COM:443 Ml.Example.com.", HOST) == ["ML.EXAMPLE.COM", "Ml.Example.com"]
    assert find_matches("x.ml.example.com x-ml.example.com ml.example.com.evil.org ml.example.company", HOST) == []


def test_addresses_are_found_in_every_spelling():
    for text in (
        "https://ml.example.com/v1/models/ryl:predict",
        "https://ML.example.com/v1/models/ryl:predict",
        "ml.example.com/v1/models/ryl%3Apredict",
        r"https:\/\/ml.example.com\/v1\/models\/ryl:predict",
        "https%3A%2F%2Fml.example.com%2Fv1%2Fmodels%2Fryl%3apredict",
        "/v1/models/ryl:predict",
    ):
        assert find_matches(f'call("{text}")', URL, OWN, HOST) == [text]


def test_the_fixed_beginning_of_an_address_with_a_placeholder_is_found():
    name = SearchName("https://ml.example.com/models/ryl/{city}:predict", "model:ryl", NameKind.URL)
    for text in (
        'f"https://ml.example.com/models/ryl/{town}:predict"',
        "https://ml.example.com/models/ryl/bengaluru:predict",
        '"https://ml.example.com/models/ryl/" + city',
    ):
        assert find_matches(text, name) == ["https://ml.example.com/models/ryl"], text
    assert find_matches('post(f"/models/ryl/{city}:predict")', name, OWN) == ["/models/ryl"]
    assert find_matches("https://ml.example.com/models/ryl2/bengaluru https://ml.example.com/v1/", name) == []


def test_a_name_within_a_longer_one_is_dropped_unless_one_of_them_is_retired():
    retired = SearchName("ryl:predict", "migration:m", NameKind.RETIRED)
    found = find("https://ml.example.com/v1/models/ryl:predict", URL, OWN, HOST, retired)
    assert [ref for ref, *_ in found] == ["model:ryl", "migration:m"]


def test_a_weak_name_is_found_only_where_the_position_shows_its_meaning():
    assert find("eta = eta(x)  # the eta, 'eta'", ETA) == []
    for text in (
        "/v1/models/eta/x",
        "models:/eta",
        "eta:predict",
        "model: eta",
        '"modelName": "eta"',
        "MODEL_NAME=eta",
        "models = ['tpfy', 'eta']",
        "--model eta",
        "load_model('eta')",
    ):
        assert find_matches(text, ETA) == ["eta"], text
    assert find_matches("models:\n  # first\n  - tpfy\n  - eta\n", ETA, path="values.yaml") == ["eta"]
    assert find_matches("names:\n  - tpfy\n  - eta\n", ETA, path="values.yaml") == []
    assert find_matches("eta\n", ETA, path="models.lst") == ["eta"]
    block = "models:\n  - name: tpfy\n    url: x\n\n  - url: y\n    name: eta\n"
    assert find_matches(block, ETA, path="values.yaml") == ["eta"]
    assert find_matches(block.replace("models", "cities"), ETA, path="values.yaml") == []
    pretty = '{\n  "models": [\n    {\n      "name": "tpfy"\n    },\n    {\n      "name": "eta"\n    }\n  ]\n}\n'
    assert find_matches(pretty, ETA, path="a.json") == ["eta"]
    assert find_matches(pretty.replace("models", "cities"), ETA, path="a.json") == []
    assert find_matches("model:\n  size: 1\nname: eta\n", ETA, path="a.yml") == []


def test_a_weak_name_of_a_model_is_marked_once_in_a_file_that_proves_nothing():
    city = SearchName("city", "feature_view:profile", NameKind.FEATURE)
    hits = Matcher([ETA, city]).find(b"eta = eta(city)\nmodel: eta\n", "src/app.py")
    assert [(hit.name, hit.line, hit.column, hit.is_strong) for hit in hits] == [(ETA, 1, 1, False), (ETA, 2, 8, True)]


def test_a_weak_name_of_a_system_is_found_as_a_whole_host():
    api = SearchName("api", "system:api", NameKind.ID)
    for text in (
        "http://api/v1",
        "http://api:8080",
        "http://api.shop.svc.cluster.local",
        "http://api.svc",
        "service: api",
    ):
        assert find_matches(text, api) == ["api"], text
    for text in ("https://api.github.com", "x.api()", "host = 'api.' + domain", "api_url: x", "/api/v1"):
        assert find_matches(text, api) == [], text


def test_a_weak_name_of_a_model_is_found_as_its_server_and_its_deployment():
    for text in (
        "http://eta:3000",
        "http://eta.ml.svc.cluster.local/openai/v1",
        'sm.invoke_endpoint(EndpointName="eta", Body=body)',
        'AzureChatOpenAI(azure_deployment="eta")',
        'serve.get_deployment_handle("eta", app_name="x")',
        "AZURE_DEPLOYMENT=eta",
    ):
        assert find_matches(text, ETA) == ["eta"], text
    for text in ("http://eta.example.com:80", "https://eta/", "endpoint: eta", "eta: 3000", "name: eta", "x(eta:30)"):
        assert find_matches(text, ETA) == [], text


def test_the_host_of_a_model_in_kserve_is_its_name():
    for rest in ("-predictor.ml.svc.cluster.local/openai/v1", "-predictor-default.ml.svc:80", "-transformer.ml.svc"):
        assert find_matches(f"http://ryl-v3{rest}", RYL) == ["ryl-v3"]
        assert find_matches(f"url: eta{rest}", ETA, path="values.yaml") == ["eta"]
    for rest in ("-predictor", "-predictor.py", "-predictor.ml.svc-x", "-predictor-x.ml.svc"):
        assert find_matches(f"http://ryl-v3{rest}", RYL) == [], rest


def test_encodings_with_a_byte_order_mark_are_read():
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        assert find("é 'ryl-v3'".encode(encoding), RYL) == [("model:ryl-v3", 1, 4, "ryl-v3")]


def test_the_same_path_of_two_endpoints_is_one_hit():
    staging = SearchName("https://ml-stg.example.com/v1/models/ryl:predict", "model:ryl", NameKind.URL)
    assert find_matches("'/v1/models/ryl:predict'", URL, staging, OWN) == ["/v1/models/ryl:predict"]


def test_the_same_names_are_found_without_the_automaton(monkeypatch: pytest.MonkeyPatch):
    text = "https://ml.example.com/v1/models/ryl:predict ryl-v3 ML.EXAMPLE.COM %2Fryl-v3%2F orders.v1 models:/eta"
    names = (RYL, ETA, TOPIC, HOST, URL, OWN)
    expected = find(text, *names)
    monkeypatch.setattr(matching, "LiteralFinder", lambda texts: LiteralFinder(texts, has_automaton=False))
    assert find(text, *names) == expected
    assert len(expected) == 6


@pytest.mark.parametrize("unit", ["a", "a-", "a."])
def test_nested_names_need_little_memory(unit: str):
    names = [SearchName(unit * count + "a", "model:a", NameKind.RETIRED) for count in range(1, 2_000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in kB
    Matcher(names).find(unit.encode() * (20_000 // len(unit)), "src/a.py")
    # A list of all matches would take a minute and 7 GB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_name_on_a_long_line_is_found_with_its_column():
    line = "é" * 1_000_000 + ' "ryl-v3" '
    assert find(line * 3, RYL)[2] == ("model:ryl-v3", 1, 3 * len(line) - 7, "ryl-v3")


def test_the_places_of_a_name_in_a_file_are_capped():
    content = b"'ryl-v3' " * 5_000 + b"'eta-v9'"
    found = find(content, RYL, SearchName("eta-v9", "model:eta", NameKind.ID))
    assert len(found) == 1_001
    assert found[-1][0] == "model:eta"


def test_a_retired_setting_is_found_in_other_notations():
    retired = SearchName("model: ryl_v1", "migration:m", NameKind.RETIRED)
    for text in ("model: ryl_v1", '{"model": "ryl_v1"}', "model='ryl_v1'", 'model: "ryl_v1"', "model=ryl_v1"):
        assert len(find(text, retired)) == 1, text
    assert find("model: ryl_v10", retired) == find("other-model: x", retired) == []


def test_a_feature_is_found_with_its_view_and_as_the_column_of_a_store():
    feature = SearchName("profile:veg_share", "feature_view:profile", NameKind.FEATURE)
    view = SearchName("profile", "feature_view:profile", NameKind.ID)
    assert find_matches("features: ['profile:veg_share']", feature, view) == ["profile:veg_share"]
    assert find_matches("df['profile__veg_share']", feature, view) == ["profile__veg_share"]


def test_a_leaver_is_found_where_people_are_named():
    person = SearchName("priya", "person:priya", NameKind.PERSON)
    email = SearchName("priya@example.com", "person:priya", NameKind.EMAIL)
    assert find_matches("* @priya @asha\n", person, path="CODEOWNERS") == ["priya"]
    assert find_matches("owner: priya\nmail: Priya@Example.com\n", person, email) == ["priya", "Priya@Example.com"]
    assert find_matches("priya = 1", person) == []


def test_a_weak_name_is_found_as_the_value_of_a_variable_of_a_container():
    for text in (
        "env:\n  - name: MODEL_NAME\n    value: eta\n",
        '  - name: "MODEL_NAME"\r\n    value: "eta"\r\n',
        '{"name": "MODEL_NAME", "value": "eta"}',
        "- {name: MODEL_NAME, value: eta}",
    ):
        assert find_matches(text, ETA, path="values.yaml") == ["eta"], text
    assert find_matches("  - name: CITY\n    value: eta\n", ETA, path="values.yaml") == []
    assert find_matches("model: x\nvalue: eta\n", ETA, path="values.yaml") == []


def test_a_list_of_patterns_has_at_most_a_thousand_places_of_a_name():
    assert (
        len(find("home-rank*\n" * 1500, SearchName("home-ranker", "model:h", NameKind.ID), path="models.lst")) == 1000
    )
