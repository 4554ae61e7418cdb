"""The imports of LiteLLM, KServe and dbt: names, addresses, owners, and no secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.drafts.dbt import import_dbt
from generator.drafts.kserve import import_kserve, read_manifests
from generator.drafts.litellm import import_litellm
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


def test_an_inference_service_is_a_model_with_its_place(tmp_path: Path):
    result = import_kserve([("isvc.yaml", SERVICE)])
    card = load(result, tmp_path, "model:kitchen-load")
    assert list_refs(result) == ["model:kitchen-load", "team:kitchen-ml"]
    assert (card.endpoints, card.owners) == ({"production": "https://kitchen-load.example.com"}, ("kitchen-ml",))
    assert "sklearn" in card.tags
    assert card.extras["x-kserve"]["namespace"] == "ml"
    assert card.extras["x-kserve"]["spec"]["predictor"]["model"]["storageUri"] == "s3://models/load"
    assert "made-up" not in "".join(file.text for file in result.files)


def test_values_with_a_storage_are_models(tmp_path: Path):
    result = import_kserve([("values.yaml", VALUES)])
    assert list_refs(result) == ["model:fee", "model:wait", "person:ann"]
    assert load(result, tmp_path, "model:fee").extras["x-kserve"]["values"]["replicas"] == 2


@pytest.mark.parametrize("text", ["kind: InferenceService\nmetadata: {name: {{ .Values.name }}}\n", "{%- if x %}\n"])
def test_a_template_of_helm_is_told(text: str):
    result = import_kserve([("templates/isvc.yaml", text)])
    assert (result.files, result.notes[0].message) == (
        (), "a template of Helm, whose values are filled in later: import what it renders",
    )  # fmt: skip


def test_manifests_are_found_in_folders(tmp_path: Path):
    for name in ("a.yaml", "in/b.yml", ".git/c.yaml", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SERVICE)
    assert [name for name, _ in read_manifests([tmp_path, tmp_path / "d.txt"])[0]] == ["a.yaml", "in/b.yml", "d.txt"]


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
    with pytest.raises(UserError, match="is not a configuration of LiteLLM"):
        import_litellm("a: 1\n", "config.yaml")
    with pytest.raises(UserError, match="have no InferenceService"):
        import_kserve([("a.yaml", "kind: Service\n")])


def test_secrets_are_hidden_by_their_names():
    problems: list[str] = []
    data: Any = {"a": [{"name": "DB_PASSWORD", "value": "x"}], "token": "$TOKEN", "max_tokens": 5, "b": {"secret": "y"}}
    assert hide_secrets(data, problems) == {
        "a": [{"name": "DB_PASSWORD", "value": None}], "token": "$TOKEN", "max_tokens": 5, "b": {"secret": None},
    }  # fmt: skip
    assert [problem.split("`")[1] for problem in problems] == ["a.DB_PASSWORD", "b.secret"]
