"""The imports of LiteLLM, KServe and dbt: names, addresses, owners, and no secrets."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from generator.drafts.dbt import import_dbt
from generator.drafts.kserve import import_kserve
from generator.drafts.litellm import import_litellm
from generator.drafts.manifests import is_yaml, read_files
from generator.drafts.results import ImportResult
from generator.drafts.secret_hiding import hide_secrets
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

PROXY = """
model_list:
  - model_name: large
    litellm_params: {model: azure/large-eu, api_base: https://eu.example.com, api_key: os.environ/AZURE_KEY, rpm: 10}
    model_info: {description: "The large model, i.e. for agents. Costly."}
  - model_name: large
    litellm_params: {model: azure/large-us, api_base: https://us.example.com, api_key: sk-made-up}
  - model_name: small
    litellm_params: {model: ollama/small, api_base: os.environ/BASE}
  - {model_name: "other/*", litellm_params: {model: other/*}}
router_settings:
  fallbacks: [{large: [small, gone]}]
  model_group_alias: {big: large}
"""
SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: kitchen-load, namespace: ml, labels: {team: Kitchen ML}}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: "s3://models/load", env: [{name: API_TOKEN, value: made-up}]}
status: {url: "https://kitchen-load.example.com"}
---
kind: Service
metadata: {name: other}
"""
VALUES = """
models: [{name: fee, storageUri: "gs://fee/1", replicas: 2}]
wait: {storageUri: "s3://wait", labels: {owner: ann@example.com}}
image: {tag: 1}
"""
SERVICES = """
inference: {predictor: {base_env: [{name: STORAGE_URI, value: "s3://base"}]}}
inference_services:
  topics: {predictor: {config: {minReplicas: 2}}}
  embeddings: {predictor: {env: [{name: MODEL_NAME, value: qwen3}, {name: STORAGE_URI, value: "s3://qwen3"}]}}
  risk: {predictor: {env: [{name: MODEL_NAME, value: risk}]}}
  risk-early: {predictor: {env: [{name: MODEL_NAME, value: risk}]}}
"""
MANIFEST = {
    "exposures": {
        "exposure.shop.load": {
            "name": "load", "label": "Kitchen load", "type": "ml", "maturity": "high", "url": "https://ml.example.com",
            "owner": {"name": "Ann Lee", "email": "ann@example.com"}, "description": "Guesses **load**. Weekly.",
            "depends_on": {"nodes": ["model.shop.orders", "source.shop.raw.menus"]}, "meta": {"tier": 1},
        },
        "exposure.shop.board": {
            "name": "board", "type": "dashboard", "owner": {"email": "bi@example.com"},
            "depends_on": {"nodes": ["model.shop.orders", "model.other.menus"]},
        },
    },
    "nodes": {
        "model.shop.orders": {"name": "orders", "schema": "shop", "alias": "orders", "description": "All. Daily."}
    },
}  # fmt: skip


def load(result: ImportResult, tmp_path: Path, ref: str) -> Any:
    return load_drafts(result, tmp_path).by_ref[Ref.parse(ref)].card


def list_refs(result: ImportResult) -> list[str]:
    return [str(file.ref) for file in result.files]


def test_the_deployments_of_a_name_are_one_model(tmp_path: Path):
    result = import_litellm(PROXY, "config.yaml")
    card = load(result, tmp_path, "model:large")
    assert list_refs(result) == ["model:large", "model:small"]
    assert card.endpoints == {"production": "https://eu.example.com", "deployment-2": "https://us.example.com"}
    assert (card.fallback, card.aliases, card.summary) == ("small", ("big",), "The large model, i.e. for agents.")
    params = [one["litellm_params"] for one in card.extras["x-litellm"]["deployments"]]
    assert (params[0]["api_key"], params[0]["rpm"], params[1]["api_key"]) == ("os.environ/AZURE_KEY", 10, None)
    assert card.extras["x-litellm"]["fallbacks"] == ["small", "gone"]
    told = "\n".join(map(str, result.notes))
    assert "`litellm_params.api_key` may be a secret" in told
    assert "the fallback 'gone' is no model of the file" in told
    assert "'other/*' is any model" in told
    assert "sk-made-up" not in told + "".join(file.text for file in result.files)


def test_a_configuration_is_found_in_a_config_map_and_in_the_values_of_a_chart():
    drafts = [file.text for file in import_litellm(PROXY, "a.yaml").files]
    config_map = json.dumps({"kind": "ConfigMap", "data": {"config.yaml": PROXY}})
    for text in (f"kind: Namespace\n---\n{config_map}", "proxy_config:\n  " + PROXY.strip().replace("\n", "\n  ")):
        assert [file.text for file in import_litellm(text, "a.yaml").files] == drafts


def test_all_configurations_of_a_file_are_read(tmp_path: Path):
    second = """
model_list: [{model_name: small, litellm_params: {api_base: "https://b"}}, {model_name: tiny, litellm_params: {}}]
router_settings: {fallbacks: [{small: [tiny]}, {large: [tiny]}], model_group_alias: {big: large}}
general_settings: {}
"""
    data = [{"c.yaml": "model_list: []\n"}, {"a.yaml": PROXY}, {"b.yaml": second}]
    manifests = [{"kind": "ConfigMap", "data": one} for one in data]
    for text in ("\n---\n".join(map(json.dumps, manifests)), json.dumps({"kind": "List", "items": manifests})):
        result = import_litellm(text, "a.yaml")
        cards = load_drafts(result, tmp_path / str(len(text))).by_ref
        models: list[Any] = [cards[Ref("model", name)].card for name in ("large", "small", "tiny")]
        assert [one.fallback for one in models] == ["small", "tiny", None]
        assert models[0].extras["x-litellm"]["fallbacks"] == ["small", "gone", "tiny"]
        assert models[0].aliases == ("big",)
        assert models[1].endpoints == {"production": "https://b"}
        assert sum("`general_settings` describes the proxy" in str(note) for note in result.notes) == 1


def test_an_inference_service_is_a_model_with_its_place(tmp_path: Path):
    result = import_kserve([("isvc.yaml", SERVICE)])
    card = load(result, tmp_path, "model:kitchen-load")
    assert list_refs(result) == ["model:kitchen-load", "team:kitchen-ml"]
    assert (card.endpoints, card.owners) == ({"production": "https://kitchen-load.example.com"}, ("kitchen-ml",))
    assert "sklearn" in card.tags
    assert card.extras["x-kserve"]["namespace"] == "ml"
    assert card.extras["x-kserve"]["spec"]["predictor"]["model"]["storageUri"] == "s3://models/load"
    assert "made-up" not in "".join(file.text for file in result.files)


def test_a_served_language_model_has_the_name_that_calls_use(tmp_path: Path):
    text = (
        "kind: LLMInferenceService\nmetadata: {name: coder}\nspec: {model: {uri: 'hf://org/coder', name: org/coder}}\n"
    )
    assert load(import_kserve([("llm.yaml", text)]), tmp_path, "model:coder").aliases == ("org/coder",)


def test_a_manifest_with_the_templates_of_a_runtime_is_a_model():
    service = SERVICE.replace("env:", 'args: ["--model_name={{.Name}}"], env:')
    assert "model:kitchen-load" in list_refs(import_kserve([("a.yaml", service)]))


def test_a_manifest_with_the_template_of_a_chat_is_a_model():
    script = "metadata: {name: coder}\nspec:\n  args:\n  - |\n    {%- for one in messages %}\n    {{ one }}\n"
    assert list_refs(import_kserve([("a.yaml", "kind: InferenceService\n" + script)])) == ["model:coder"]


def test_blank_lines_are_searched_once():
    blank = "\n" * 200_000
    start = time.process_time()
    import_kserve([("a.yaml", f"{SERVICE}---\na: b{blank}c: d")])
    import_litellm(json.dumps([{"model_list": [{"model_name": "large"}]}, blank]), "a.yaml")
    assert time.process_time() - start < 20, "a search from each blank line takes minutes"


def test_values_with_a_storage_are_models(tmp_path: Path):
    result = import_kserve([("values.yaml", VALUES)])
    assert list_refs(result) == ["model:fee", "model:wait", "person:ann"]
    assert load(result, tmp_path, "model:fee").extras["x-kserve"]["values"]["replicas"] == 2


def test_a_part_of_a_service_does_not_name_it():
    values = (
        "fraud: {predictor: {model: {storageUri: 's3://x'}}}\nkitchen: {env: [{name: STORAGE_URI, value: 's3://y'}]}"
    )
    assert list_refs(import_kserve([("values.yaml", values)])) == ["model:fraud", "model:kitchen"]


def test_the_services_of_a_chart_are_models_with_the_names_that_calls_use(tmp_path: Path):
    result = import_kserve([("values.yaml", SERVICES)])
    assert {ref[6:] for ref in list_refs(result)} == {"embeddings", "risk", "risk-early", "topics"}
    drafts = load_drafts(result, tmp_path).by_ref.items()
    assert {ref.id: card.card.aliases for ref, card in drafts if card.card.aliases} == {"embeddings": ("qwen3",)}


def test_the_name_in_the_arguments_of_a_server_is_an_alias(tmp_path: Path):
    service = SERVICE.replace("env:", "args: [--model_name=load-v2, --max-len=4], env:")
    assert load(import_kserve([("a.yaml", service)]), tmp_path, "model:kitchen-load").aliases == ("load-v2",)


def test_the_environments_of_a_chart_are_one_model():
    staging = "inference_services: [{name: topics}, {name: tts}, {wiki: en}]"
    result = import_kserve(
        [("a/values-staging.yaml", staging), ("a/values.yaml", SERVICES), ("b/values.yaml", staging)]
    )
    assert {ref[6:] for ref in list_refs(result)} == {
        "embeddings", "risk", "risk-early", "topics", "topics-2", "tts", "tts-2"
    }  # fmt: skip
    assert [str(note) for note in result.notes] == [
        "a/values-staging.yaml: services that its chart names: import what `helm template` prints",
        "b/values.yaml: services that its chart names: import what `helm template` prints",
        "a/values-staging.yaml:1, topics: the values of another environment of the model",
    ]


def test_a_folder_without_models_is_told_what_was_searched_for():
    result = import_kserve([("a.yaml", "{{ x }}"), ("b.yaml", "kind: Service\n")])
    assert str(result.notes[-1]) == "the other files: no InferenceService, and no values with the storage of a model"


@pytest.mark.parametrize(
    "text",
    [
        "kind: InferenceService\nmetadata: {name: {{ .Values.name }}}\n",
        "kind: InferenceService\nmetadata: {name: 'ranker-{{ .Values.stage }}'}\n",
        "{%- if x %}\n",
    ],
)
def test_a_template_of_helm_is_told(text: str):
    result = import_kserve([("templates/isvc.yaml", text)])
    assert (result.files, result.notes[0].message) == (
        (), "a template of Helm, whose values are filled in later: import what it renders",
    )  # fmt: skip


def test_manifests_are_found_in_folders(tmp_path: Path):
    for name in ("a.yaml", "in/b.yml", ".git/c.yaml", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SERVICE)
    assert [name for name, _ in read_files([tmp_path, tmp_path / "d.txt"], is_yaml)[0]] == [
        "a.yaml",
        "in/b.yml",
        "d.txt",
    ]


def test_an_exposure_of_machine_learning_is_a_model(tmp_path: Path):
    result = import_dbt(json.dumps(MANIFEST), "manifest.json")
    assert list_refs(result) == [
        "flow:load-inputs", "model:load", "person:ann-lee", "person:bi", "table:model.other.menus", "table:orders",
        "table:source.shop.raw.menus", "system:board",
    ]  # fmt: skip
    cards = load_drafts(result, tmp_path).by_ref
    flow: Any = cards[Ref("flow", "load-inputs")].card
    model: Any = cards[Ref("model", "load")].card
    board: Any = cards[Ref("system", "board")].card
    table: Any = cards[Ref("table", "orders")].card
    assert [step.object for step in flow.steps] == ["table:orders", "table:source.shop.raw.menus"]
    assert (model.name, model.owners, model.links) == ("Kitchen load", ("ann-lee",), {"dbt": "https://ml.example.com"})
    assert model.extras["x-dbt"] == {"maturity": "high", "meta": {"tier": 1}}
    assert (board.type, board.depends_on) == ("dashboard", ("table:orders", "table:model.other.menus"))
    assert (table.location, table.summary, table.notes) == ("shop.orders", "All.", "All. Daily.")


@pytest.mark.parametrize("text", ["", "{}", "[", '{"exposures": {}}', "[" * 100_000, "9" * 5000])
def test_a_manifest_without_exposures_is_refused(text: str):
    with pytest.raises(UserError, match=r"manifest\.json"):
        import_dbt(text, "manifest.json")


def test_other_files_are_refused():
    with pytest.raises(UserError, match=r"import `target/manifest\.json`, which `dbt parse` writes"):
        import_dbt("exposures:\n  - name: load\n", "exposures.yml")
    with pytest.raises(UserError, match="is not a configuration of LiteLLM"):
        import_litellm("a: 1\nnote: |\n  model_list: [\n", "config.yaml")
    with pytest.raises(UserError, match="have no InferenceService"):
        import_kserve([("a.yaml", "kind: Service\n")])


def test_secrets_are_hidden_by_their_names():
    problems: list[str] = []
    data: Any = {"a": [{"name": "DB_PASSWORD", "value": "x"}], "token": "$TOKEN", "max_tokens": 5, "b": {"secret": "y"}}
    assert hide_secrets(data, problems) == {
        "a": [{"name": "DB_PASSWORD", "value": None}], "token": "$TOKEN", "max_tokens": 5, "b": {"secret": None},
    }  # fmt: skip
    assert [problem.split("`")[1] for problem in problems] == ["a.DB_PASSWORD", "b.secret"]


@pytest.mark.parametrize(
    "name",
    [
        "apiKeyProd", "privateKeyPem", "hfTokenProd", "accessKeyId", "authTokenValue", "keyfile", "keyBase64", "key",
        "apiKeys", "HF_TOKEN_2", "tokenizer_api_key", "secretNameKey", "passwd", "CREDENTIALS",
    ],
)  # fmt: skip
def test_a_name_with_the_word_of_a_secret_hides_its_value(name: str):
    data: Any = {"auth": {name: "zq83"}, "env": [{"name": name, "value": "zq83"}]}
    assert hide_secrets(data, []) == {"auth": {name: None}, "env": [{"name": name, "value": None}]}


def test_the_values_of_options_are_hidden():
    problems: list[str] = []
    data: Any = {
        "args": ["--api-key=zq83", "--hf-token", "zq84", "--port", "80", "--max-tokens=4k", "-v", {"key": "zq85"}]
    }
    assert hide_secrets(data, problems) == {
        "args": ["--api-key=", "--hf-token", None, "--port", "80", "--max-tokens=4k", "-v", {"key": None}]
    }
    assert [problem.split("`")[1] for problem in problems] == ["args.api-key", "args.hf-token", "args.key"]


def test_a_draft_of_a_service_has_no_secret():
    service = SERVICE.replace("{name: API_TOKEN, value: made-up}", "{name: hfTokenProd, value: zq83}")
    result = import_kserve([("a.yaml", service.replace("predictor:", "auth: {key: zq83}\n  predictor:"))])
    assert "zq83" not in "".join(file.text for file in result.files)
    assert sum("may be a secret" in str(note) for note in result.notes) == 2


def test_names_of_kubernetes_and_of_tokenizers_are_no_secrets():
    data: Any = {
        "tolerations": [{"key": "gpu"}], "expressions": [{"key": "gpu", "operator": "Exists"}],
        "taint": {"key": "gpu", "effect": "NoSchedule"}, "secretKeyRef": {"name": "hub", "key": "read"},
        "passwordRef": "hub", "KEYSPACE": "ranking", "TIKTOKEN_BASE": "/cache", "tokenizer": "org/coder",
        "secretName": "hub", "max_tokens": "4k", "maxInputTokens": "4k", "topologyKey": "zone",
        "input_cost_per_token": 2.5e-06,
    }  # fmt: skip
    assert hide_secrets(data, []) == data
