"""The import of OpenAPI documents: names that people say, files beside the document, and everything it states."""

import json
from pathlib import Path
from typing import Any

import pytest

from generator.drafts.openapi import import_openapi
from generator.drafts.openapi_naming import find_model_parameter, name_model, split_words
from generator.drafts.reading import open_folder
from generator.drafts.results import ImportResult
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

BODY = {"content": {"application/json": {"schema": {"type": "object", "properties": {"k": {"type": "string"}}}}}}


def post(**more: Any) -> dict[str, Any]:
    return {"post": {"requestBody": BODY, "responses": {"200": {"description": "ok"}}, **more}}


def draft(paths: dict[str, Any], info: dict[str, Any] | None = None, **options: Any) -> ImportResult:
    document = {"openapi": "3.0.3", "info": info or {}, "servers": [{"url": "https://ml.example.com"}], "paths": paths}
    return import_openapi(json.dumps(document), "api.json", **options)


def load(result: ImportResult, tmp_path: Path, card: str) -> Any:
    return load_drafts(result, tmp_path).by_ref[Ref("model", card)].card


def list_ids(result: ImportResult) -> list[str]:
    return [file.ref.id for file in result.files if file.ref is not None]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/models/kitchen-load:predict", "kitchen-load"),
        ("/v1/{country}/load:predict", "load"),
        ("/api/v2/eta", "eta"),
        ("/kitchen-load/predict", "kitchen-load"),
        ("/models/ryl/versions/3/infer", "ryl"),
        ("/predict", ""),
        ("/v1/models/{name}:predict", ""),
        ("/", ""),
        ("/service/v1/models/{wiki}-quality:predict", "quality"),
    ],
)
def test_a_model_is_named_by_its_path(path: str, name: str):
    assert name_model(path) == name


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v2/models/{name}/infer", "name"),
        ("/v2/models/${MODEL_NAME}/infer", "MODEL_NAME"),
        ("/v1/models/{model}:predict", "model"),
        ("/{model_id}/predict", "model_id"),
        ("/v1/{country}/load:predict", ""),
        ("/v1/models/ryl:predict", ""),
    ],
)
def test_a_parameter_for_any_model_is_found(path: str, parameter: str):
    assert find_model_parameter(path) == parameter


@pytest.mark.parametrize(
    ("name", "words"),
    [("kitchen-load", "Kitchen load"), ("kitchenLoadPredict", "Kitchen load predict"), ("predictETA", "Predict ETA"),
     ("a", "A"), ("", "")],
)  # fmt: skip
def test_names_are_split_into_words(name: str, words: str):
    assert split_words(name) == words


def test_the_operation_is_an_alias_and_its_sentence_the_summary(tmp_path: Path):
    operation = post(operationId="kitchenLoadPredict", summary="Predict how busy a kitchen will be")
    card = load(draft({"/v1/models/kitchen-load:predict": operation}), tmp_path, "kitchen-load")
    assert (card.name, card.aliases) == ("Kitchen load", ("kitchenLoadPredict",))
    assert card.summary == "Predict how busy a kitchen will be"


def test_models_without_a_name_in_the_path_are_named_by_the_title_or_the_operation():
    assert list_ids(draft({"/predict": post(operationId="p")}, {"title": "Kitchen load"})) == ["kitchen-load"]
    paths = {"/v1/predict": post(operationId="predictLoad"), "/v2/predict": post(operationId="predictWait")}
    assert list_ids(draft(paths, {"title": "Kitchen"})) == ["predict-load", "predict-wait"]


def test_two_operations_of_one_model_get_different_ids():
    paths = {"/models/ryl:predict": post(), "/models/ryl:explain": post(), "/v2/ryl": post(operationId="rank")}
    assert list_ids(draft(paths)) == ["ryl-explain", "ryl-rank", "ryl"]


def test_a_protocol_asks_for_the_models(tmp_path: Path):
    paths = {"/v2/models/{name}/versions/{version}/infer": post(), "/v2/models/{name}/infer": post(operationId="infer")}
    asked = draft(paths)
    assert asked.files == ()
    assert asked.notes[0].message == (
        "POST /v2/models/{name}/infer: `{name}` is any model, so the operation is no model: "
        "name them, as in `--model ryl`"
    )
    result = draft(paths, models=["ryl", "tpfy"])
    assert list_ids(result) == ["ryl", "tpfy"]
    card = load(result, tmp_path, "ryl")
    assert (card.endpoints, card.aliases) == ({"production": "https://ml.example.com/v2/models/ryl/infer"}, ())
    assert card.contract.operation == "infer"


def test_a_description_in_markdown_becomes_prose(tmp_path: Path):
    description = "# Limits\n\nSee the [card](https://a.example.com) and **mind** e.g. Oslo. Then:\n\n| a |\n|---|\n"
    result = draft({"/load": post(description=description)})
    item = load_drafts(result, tmp_path).by_ref[Ref("model", "load")]
    assert item.card.summary == "See the card and mind e.g. Oslo."
    assert item.body.startswith("### Limits\n\nSee the [card](https://a.example.com)")
    assert (item.card.notes, result.files[1].path) == (None, "models/load.md")


def test_a_plain_description_becomes_notes(tmp_path: Path):
    card = load(draft({"/load": post(summary="Load", description="Minutes. Of a\nkitchen.")}), tmp_path, "load")
    assert (card.summary, card.notes) == ("Load", "Minutes. Of a\nkitchen.")


@pytest.mark.parametrize(
    "text",
    [
        "Minutes. This model is planned for deprecation; use load-2 instead.",
        "It will be retired in May. Use load-2.",
        "Superseded by load-2.",
    ],
)
def test_an_end_in_words_is_asked_about(text: str):
    result = draft({"/load": post(description=text)})
    assert any("is it deprecated, and what is its successor?" in note.message for note in result.notes)
    assert "# Guessed: the source says '" in next(file.text for file in result.files if file.ref)


def test_the_contact_is_kept(tmp_path: Path):
    contact = {"name": "Kitchen ML", "url": "https://wiki.example.com/kitchen-ml"}
    card = load(draft({"/load": post()}, {"contact": contact}), tmp_path, "load")
    assert card.links == {"contact": "https://wiki.example.com/kitchen-ml"}
    assert card.extras["x-openapi"] == {"contact": contact}
    mail = load(draft({"/load": post()}, {"contact": {"email": "a@example.com"}}), tmp_path / "b", "load")
    assert mail.links == {"contact": "mailto:a@example.com"}


def test_an_example_of_the_response_alone_is_kept(tmp_path: Path):
    answer = {"200": {"description": "ok", "content": {"application/json": {"example": {"load": 0.75}}}}}
    card = load(draft({"/load": post(responses=answer)}), tmp_path, "load")
    assert [(one.request, one.response) for one in card.contract.examples] == [(None, {"load": 0.75})]


def test_examples_of_parameters_are_kept(tmp_path: Path):
    country = {"name": "country", "in": "path", "required": True, "schema": {"type": "string", "example": "no"}}
    parameters = [
        {"name": "top", "in": "query", "required": True, "example": 5},
        {"name": "debug", "in": "query", "example": True},
        {"name": "X-Tenant", "in": "header", "required": True},
    ]
    card = load(draft({"/{country}/load": {"parameters": [country], **post(parameters=parameters)}}), tmp_path, "load")
    assert card.contract.parameters == {"country": "no", "top": 5}
    assert card.contract.headers == {"X-Tenant": "$X_TENANT"}


def test_files_beside_the_document_are_copied(tmp_path: Path):
    source = tmp_path / "source"
    (source / "paths").mkdir(parents=True)
    (source / "api.yaml").write_text("openapi: 3.0.3\npaths: {/load: {$ref: paths/load.yaml}, /b: {$ref: ../b.yaml}}\n")
    (tmp_path / "b.yaml").write_text("post: {}\n")
    body = (
        "post: {requestBody: {content: {application/json: {schema: {$ref: ../schemas.yaml#/Load}}}}, responses: {}}\n"
    )
    (source / "paths/load.yaml").write_text(body)
    (source / "schemas.yaml").write_text("Load: {type: object, properties: {kitchen: {type: string}}}\n")
    result = import_openapi((source / "api.yaml").read_text(), "api.yaml", read=open_folder(source))
    assert [file.path for file in result.files if file.ref is None] == [
        "contracts/api/api.yaml", "contracts/api/paths/load.yaml", "contracts/api/schemas.yaml",
    ]  # fmt: skip
    item = load_drafts(result, tmp_path / "book").by_ref[Ref("model", "load")]
    assert "kitchen" in str(item.openapi)
    assert "'../b.yaml' is no file in the folder of the document" in str(result.notes)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path):
    (tmp_path / "secret.yaml").write_text("a: 1\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link.yaml").symlink_to(tmp_path / "secret.yaml")
    read = open_folder(tmp_path / "in")
    assert [read(name) for name in ("link.yaml", "../secret.yaml", "none.yaml", "/etc/hostname", "a\0b")] == [None] * 5


def test_an_old_format_is_refused_with_a_converter():
    with pytest.raises(UserError, match=r"npx swagger2openapi api\.json -o openapi\.yaml"):
        import_openapi('{"swagger": "2.0", "paths": {}}', "api.json")
