"""KServe manifests and the values of Helm charts to cards: a model for each InferenceService.

Format: https://kserve.github.io/website/docs/reference/crd-api
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import Plain, parse_documents, read_text
from generator.drafts.records import Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.secret_hiding import hide_secrets
from generator.drafts.text_cleaning import describe_made_id, make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.schema.base import to_plain_data
from generator.values import FrozenValue

_OWNER_LABELS = ("owner", "team", "app.kubernetes.io/team", "owned-by")
_STORAGE_KEYS = ("storageUri", "storage_uri", "modelUri")
_SERVER = re.compile(r"sklearn|xgboost|tensorflow|pytorch|triton|onnx|huggingface|lightgbm|pmml|paddle|mlflow")
_TEMPLATE = re.compile(r"\{\{|\{%")
_FILES_LIMIT = 10_000


class _ServedModel(FrozenValue):
    """A model that a manifest or the values of a chart describe."""

    name: str
    place: str
    labels: Mapping[str, Plain]
    address: str
    details: Mapping[str, Plain]
    """What a card has no field for."""


def read_manifests(paths: Iterable[Path]) -> tuple[list[tuple[str, str]], list[Note]]:
    """Return the names and texts of the given files and of the YAML files in folders, with notes on unreadable ones."""
    found: list[tuple[str, str]] = []
    notes: list[Note] = []
    for path in paths:
        files = [path]
        if path.is_dir():
            inside = (one for one in path.rglob("*") if one.suffix in {".yaml", ".yml"} and one.is_file())
            files = sorted(
                one for one in inside if not any(part.startswith(".") for part in one.relative_to(path).parts)
            )
        for file in files[:_FILES_LIMIT]:
            name = file.relative_to(path).as_posix() if path.is_dir() else path.name
            try:
                found.append((name, read_text(file)))
            except UserError as error:
                if not path.is_dir():
                    raise
                notes.append(Note(name, str(error)))
    return found, notes


def import_kserve(files: Iterable[tuple[str, str]]) -> ImportResult:
    """Return drafts of the models in manifests and values, given by name and text, and of their teams."""
    served: list[_ServedModel] = []
    notes: list[Note] = []
    for file, text in files:
        if _TEMPLATE.search(text):
            notes.append(Note(file, "a template of Helm, whose values are filled in later: import what it renders"))
            continue
        try:
            documents = parse_documents(text, file)
        except UserError as error:
            notes.append(Note(file, str(error)))
            continue
        for document in documents:
            data = as_mapping(to_plain_data(document.value))
            manifests = as_mappings(data.get("items")) if data.get("kind") == "List" else [data]
            for manifest in manifests:
                place = f"{file}:{document.line}"
                if manifest.get("kind") == "InferenceService":
                    served += _read_service(manifest, place)
                elif "kind" not in manifest:
                    served += _find_values(manifest, place)
    if not served and not notes:
        raise UserError("the files have no InferenceService, and no values with the storage of a model")
    records: list[Record] = []
    for model in served:
        label = next((one for one in _OWNER_LABELS if model.labels.get(one)), "")
        owners = {"owners": to_one_line(model.labels[label])} if label else {}
        records.append(Record(owners, {}, {"owners": label} if label else {}))
    context = RecordContext.collect(records)
    ids = make_unique_ids(one.name for one in served)
    cards = [_build_model(one, record, context, card) for one, record, card in zip(served, records, ids, strict=True)]
    parties = context.directory.build_drafts("the labels of the manifests")
    return merge_results([*parties, *cards, ImportResult(notes=tuple(notes))])


def _read_service(manifest: Mapping[str, Plain], place: str) -> Iterator[_ServedModel]:
    metadata, spec = as_mapping(manifest.get("metadata")), as_mapping(manifest.get("spec"))
    name = to_one_line(metadata.get("name") or "", 120)
    if not name:
        return
    status = as_mapping(manifest.get("status"))
    address = to_one_line(status.get("url") or as_mapping(status.get("address")).get("url") or "", 2000)
    kept = {key: metadata.get(key) for key in ("namespace", "labels", "annotations")} | {"spec": spec}
    yield _ServedModel(
        name, place, {**as_mapping(metadata.get("annotations")), **as_mapping(metadata.get("labels"))}, address, kept
    )


def _find_values(value: object, place: str, key: str = "") -> Iterator[_ServedModel]:
    """Yield the mappings of a chart's values that have the storage of a model, named by themselves or by their key."""
    data = as_mapping(value)
    if any(isinstance(data.get(storage), str) for storage in _STORAGE_KEYS):
        name = to_one_line(data.get("name") or key, 120)
        if name:
            yield _ServedModel(name, place, as_mapping(data.get("labels")), "", {"values": dict(data)})
        return
    for name, inner in data.items():
        if isinstance(inner, dict):
            yield from _find_values(inner, place, name)
        for item in as_list(inner) if isinstance(inner, list) else []:
            yield from _find_values(item, place)


def _build_model(model: _ServedModel, record: Record, context: RecordContext, card: str) -> ImportResult:
    unmapped = Unmapped(record)
    values = build_values(record, context, unmapped)
    problems: list[str] = []
    details = as_mapping(hide_secrets({key: value for key, value in model.details.items() if value}, problems))
    predictor = as_mapping(as_mapping(details.get("spec")).get("predictor"))
    # The format, such as `sklearn`, is stated in `modelFormat`, or is the key of the server.
    formats = [as_mapping(as_mapping(predictor.get("model")).get("modelFormat")).get("name")]
    formats += [key for key in predictor if _SERVER.fullmatch(key)]
    values |= {"serving": "online", "tags": [to_one_line(one) for one in formats if one], "x-kserve": details}
    values["endpoints"] = {"production": model.address} if model.address else {}
    reason = "the address in the status of the service, without the path of a call"
    guesses = {"endpoints": reason} if model.address else {}
    messages = [*unmapped.messages, *describe_made_id(card, model.name), *problems]
    return build_draft(CardDraft("model", card, model.name, f"{model.place}, {model.name}", values, guesses), messages)
