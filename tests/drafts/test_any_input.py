"""Any input of an import gives valid drafts or an error in one line."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.bentoml import import_bentoml
from generator.drafts.dbt import import_dbt
from generator.drafts.huggingface import import_huggingface
from generator.drafts.kserve import import_kserve
from generator.drafts.litellm import import_litellm
from generator.drafts.mlflow import import_mlflow
from generator.drafts.mlflow_registry import ModelVersion, RegisteredModel, TrainingRun
from generator.drafts.openapi import import_openapi
from generator.drafts.results import ImportResult
from generator.drafts.seldon import import_seldon
from generator.drafts.spreadsheet import import_spreadsheet
from generator.drafts.triton import import_triton
from generator.errors import UserError
from tests.drafts.draft_loading import load_drafts

FUNCTIONS = {"ds": "Data Science", "product": "Product"}
WORDS = st.sampled_from([
    "post", "https://a.example.com", "//a", "https://[", "#/components/schemas/A", "group:default/x", "a", "model:a",
    "component:b", "ml-model", "application/json", "{region}", "true", "-1", "\ud83d", "a: b",
])  # fmt: skip
LONG = "7" * 5000
NUMBERS = st.one_of(
    st.integers(-3, 400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([10**299, 10**400, -(10**4000), 1e308, 5e-324, "<long>", "<infinite>"]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8), WORDS)


def shaped(*keys: str) -> st.SearchStrategy[Any]:
    """Data with the keys of a format, in places where they belong and where they do not."""
    inner = st.recursive(
        LEAVES,
        lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(st.sampled_from(keys), part, max_size=5)),
        max_leaves=15,
    )
    return st.dictionaries(st.sampled_from(keys), inner, max_size=6)


def check_import(make: Callable[[], ImportResult]) -> None:
    try:
        drafts = make()
    except UserError:
        return
    assert make() == drafts
    with tempfile.TemporaryDirectory() as folder:
        load_drafts(drafts, Path(folder))


def as_json(data: Any) -> str:
    text = json.dumps(data).encode("utf-8", "replace").decode()
    return text.replace('"<long>"', LONG).replace('"<infinite>"', "1e999")


DOCUMENT = shaped("servers", "url", "variables", "default", "description", "post", "get", "requestBody", "content",
                  "application/json", "schema", "examples", "example", "value", "responses", "200", "$ref", "security",
                  "operationId", "tags", "components", "securitySchemes", "a", "type", "externalDocs")  # fmt: skip


@given(DOCUMENT, DOCUMENT, DOCUMENT)
@settings(max_examples=60, deadline=None)
def test_any_openapi_document_gives_drafts_or_an_error(document: Any, item: Any, operation: Any):
    body = {"requestBody": {"content": {"application/json": operation}}, **operation}
    whole = {**document, "openapi": "3.1.0", "paths": {"/a": {**item, "post": body}}}

    check_import(lambda: import_openapi(as_json(whole), "api.json", every=True))


ENTITY = shaped("type", "owner", "dependsOn", "consumesApis", "providesApis", "system", "lifecycle", "definition",
                "profile", "displayName", "email", "memberOf", "members", "name", "title", "links", "url", "tags",
                "annotations", "modelbook/ref", "modelbook/owners", "github.com/project-slug", "namespace",
                "description")  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from(["Component", "API", "System", "Group", "User", "Resource"]), ENTITY, ENTITY),
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_catalog_gives_drafts_or_an_error(entities: list[tuple[str, Any, Any]]):
    documents = [
        {"kind": kind, "metadata": {"name": "abc"[number % 3], **metadata}, "spec": spec}
        for number, (kind, metadata, spec) in enumerate(entities)
    ]
    check_import(
        lambda: import_backstage(
            [CatalogFile.parse("\n---\n".join(as_json(one) for one in [{}, *documents]), "catalog-info.yaml")]
        )
    )


MATTER = shaped("license", "tags", "datasets", "metrics", "model-index", "results", "name", "value", "type", "dataset",
                "language", "base_model", "pipeline_tag", "model_name", "widget")  # fmt: skip
PROSE = st.lists(
    st.sampled_from(
        [
            *["#", "##", "###", "```", "~~~", "---", "===", "-", "|", "<!--", "-->", "[a](b)", "**Uses:**", "\n"],
            "\n",
            "\n\n",
            "# Uses\n",
            "a\n",
        ]
    )
)


@given(MATTER, PROSE.map("".join))
@settings(max_examples=60, deadline=None)
def test_any_readme_gives_drafts_or_an_error(matter: Any, prose: str):
    check_import(lambda: import_huggingface(f"---\n{as_json(matter)}\n---\n{prose}", "a/b"))


CELLS = st.sampled_from(["", "ryl", "RYL", "a;b", "a,b\nc", "Asha <a@b.co>", "a@b.co", "#t", "01/02/2025",
                         "2025-01-02", "9" * 5000, "live", "https://a", "index", "=1+1", "ü", '"', "\\",
                         "x" * 200])  # fmt: skip
HEADERS = ["Name", "Id", "Owner", "Team", "DS contact", "Deployed", "URL", "Used by", "Why", "Status", "Mode",
           "Fallback", "Tags", "Aliases", "Features", "Repo", "Limitations", "Notes", "Curl",
           "Stakeholders", "?"]  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=len(HEADERS), max_size=len(HEADERS)), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_spreadsheet_gives_drafts_or_an_error(rows: list[list[str]]):
    quoted = ["\t".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [HEADERS, *rows]]
    check_import(lambda: import_spreadsheet("\r\n".join(quoted).encode(), "a.csv", FUNCTIONS))


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_of_a_spreadsheet_give_drafts_or_an_error(content: bytes):
    check_import(lambda: import_spreadsheet(b"Name,Owner\n" + content, "a.csv", FUNCTIONS))


class FakeRegistry:
    """A registry that holds what it was given."""

    name = "kept"

    def __init__(self, models: list[RegisteredModel], artifact: str | None) -> None:
        self._models = models
        self._artifact = artifact

    def list_models(self) -> Any:
        return iter(self._models)

    def read_artifact(self, _version: ModelVersion, _path: str) -> str | None:
        return self._artifact

    def read_run(self, run_id: str) -> TrainingRun | None:
        return TrainingRun.from_pairs([("a", "1e400"), (run_id, "0.5"), ("b", None)], run_id)


KEYS = st.sampled_from(
    ["owner", "team", "ds_contact", "deployed", "url", "status", "repo", "x", "tags", "mlflow.x", "notes", "a:b"]
)
SIGNATURE = shaped("signature", "inputs", "outputs", "params", "type", "name", "tensor-spec", "shape", "dtype", "items",
                   "properties", "values", "required", "default")  # fmt: skip


@given(
    st.lists(st.text(max_size=8), max_size=3),
    st.dictionaries(KEYS, st.text(max_size=12)),
    SIGNATURE,
    st.text(max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_any_registry_gives_drafts(names: list[str], tags: dict[str, str], signature: Any, alias: str):
    versions = (ModelVersion("m", 0, "Production", "d", tags, "2025-01-01", "s3://x", "", alias), ModelVersion("m", 2))
    models = [RegisteredModel(name, "d. e", tags, {alias: 2}, versions[: len(name)]) for name in names]
    parts = {
        "signature": {
            key: json.dumps(value) if number % 2 else value for number, (key, value) in enumerate(signature.items())
        }
    }
    check_import(lambda: import_mlflow(FakeRegistry(models, as_json({**signature, **parts})), FUNCTIONS))


PLATFORM = shaped("model_name", "litellm_params", "api_base", "api_key", "model_info", "description", "fallbacks",
                  "model_group_alias", "model", "metadata", "name", "labels", "owner", "spec", "predictor", "status",
                  "url", "storageUri", "modelFormat", "items", "type", "label", "depends_on", "nodes", "tags", "email",
                  "schema", "alias", "steps", "candidates", "weight", "mirror", "requirements", "graph",
                  "implementation", "input", "externalInputs", "key", "value", "step", "model_name")  # fmt: skip


@given(st.lists(PLATFORM, max_size=3), PLATFORM)
@settings(max_examples=60, deadline=None)
def test_any_data_of_a_platform_gives_drafts_or_an_error(several: list[Any], settings_: Any):
    proxy = {"model_list": several, "router_settings": settings_}
    check_import(lambda: import_litellm(as_json(proxy), "config.yaml"))
    manifests = [{"kind": "InferenceService", **one} for one in several]
    check_import(lambda: import_kserve([("a.yaml", as_json({"kind": "List", "items": manifests})), ("b.yaml", "{}")]))
    check_import(lambda: import_kserve([("values.yaml", as_json({"a": several, **settings_}))]))
    exposures = {str(number): one for number, one in enumerate(several)}
    check_import(lambda: import_dbt(as_json({"exposures": exposures, "nodes": {"a": settings_}}), "manifest.json"))
    resources = [
        {"apiVersion": "mlops.seldon.io/v1", "kind": kind, **one} for one, kind in zip(several, KINDS, strict=False)
    ]
    check_import(lambda: import_seldon([("a.yaml", as_json({"kind": "List", "items": resources}))]))
    build = as_json(settings_)
    check_import(lambda: import_bentoml([("bentofile.yaml", build), ("a.py", write_service(several, settings_))]))
    check_import(lambda: import_triton([("a/config.pbtxt", f'name: "a" ensemble_scheduling {build}')]))


KINDS = ("Experiment", "Pipeline", "Model")


def write_service(values: Any, name: Any) -> str:
    decorator = f"@bentoml.service(name={name!r}, traffic={values!r})"
    return f"import bentoml\n{decorator}\nclass A:\n  b = bentoml.depends({name!r})\n"


@given(st.text("abN:{}[]<>,;'\"#\\ \n$1", max_size=40))
def test_any_text_in_the_format_of_protocol_buffers_gives_drafts_or_an_error(text: str):
    check_import(lambda: import_triton([("a/config.pbtxt", text)]))
