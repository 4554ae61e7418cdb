"""KServe manifests and the values of Helm charts to cards: a model for each InferenceService.

Format: https://kserve.github.io/website/docs/reference/crd-api
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import Plain, iterate_values, parse_documents, read_text
from generator.drafts.records import Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.secret_hiding import hide_secrets
from generator.drafts.text_cleaning import describe_made_id, make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_mapping, as_mappings
from generator.load.yaml_reader import COMPLEX_KEY
from generator.schema.base import to_plain_data
from generator.values import FrozenValue

_OWNER_LABELS = ("owner", "team", "app.kubernetes.io/team", "owned-by")
_KINDS = ("InferenceService", "LLMInferenceService")
_STORAGE_KEYS = ("storageUri", "storage_uri", "modelUri")
_SERVICES_KEY = re.compile(r".*inference_?services", re.IGNORECASE)
_PARTS = {"spec", "predictor", "model", "container", "containers", "transformer", "storage"}
"""Keys within the values of a service, which are not its name."""
_SERVER = re.compile(r"sklearn|xgboost|tensorflow|pytorch|triton|onnx|huggingface|lightgbm|pmml|paddle|mlflow")
_TEMPLATE = re.compile(r"(?:^|[-:,\[{])[ \t]*\{[{%]", re.MULTILINE)
"""A template in place of a line or of a value. Within a text, as in `--name={{.Name}}`, it can be KServe's own."""
_UNRENDERED = "a template of Helm, whose values are filled in later: import what it renders"
_NAME_ARGUMENT = re.compile(r"--(?:served[-_])?model[-_]name[= ]([\w.:/-]+)")
_FILES_LIMIT = 10_000


class _ServedModel(FrozenValue):
    """A model that a manifest or the values of a chart describe."""

    name: str
    file: str
    line: int
    labels: Mapping[str, Plain]
    address: str
    details: Mapping[str, Plain]
    """What a card has no field for."""
    in_values: bool = False

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.file}:{self.line}"


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


def import_kserve(files: Sequence[tuple[str, str]]) -> ImportResult:
    """Return drafts of the models in manifests and values, given by name and text, and of their teams."""
    served, notes = _read_models(files)
    served, other_environments = _separate_environments(served)
    notes += other_environments
    if not served:
        missing = "no InferenceService, and no values with the storage of a model"
        if not notes:
            raise UserError(f"the files have {missing}")
        notes += [Note("the other files", missing)] if len(notes) < len(files) else []
    records: list[Record] = []
    for model in served:
        label = next((one for one in _OWNER_LABELS if model.labels.get(one)), "")
        owners = {"owners": to_one_line(model.labels[label])} if label else {}
        records.append(Record(owners, {}, {"owners": label} if label else {}))
    context = RecordContext.collect(records)
    ids = make_unique_ids(one.name for one in served)
    aliases = _list_served_names(served)
    cards = [
        _build_model(one, record, context, card, alias)
        for one, record, card, alias in zip(served, records, ids, aliases, strict=True)
    ]
    parties = context.directory.build_drafts("the labels of the manifests")
    return merge_results([*parties, *cards, ImportResult(notes=tuple(notes))])


def _read_models(files: Iterable[tuple[str, str]]) -> tuple[list[_ServedModel], list[Note]]:
    """Return the models in manifests and values, with notes on the files and models that were left out."""
    served: list[_ServedModel] = []
    notes: list[Note] = []
    for file, text in files:
        is_template = _TEMPLATE.search(text) is not None
        try:
            documents = parse_documents(text, file)
        except UserError as error:
            notes.append(Note(file, _UNRENDERED if is_template else str(error)))
            continue
        # `{{ x }}` in place of a value is a mapping with a complex key; in a block of text, it is text.
        inner = (value for document in documents for _, value in iterate_values(document.value))
        if is_template and any(isinstance(value, dict) and COMPLEX_KEY in value for value in inner):
            notes.append(Note(file, _UNRENDERED))
            continue
        for document in documents:
            data = as_mapping(to_plain_data(document.value))
            manifests = as_mappings(data.get("items")) if data.get("kind") == "List" else [data]
            for manifest in manifests:
                if manifest.get("kind") in _KINDS:
                    served += _read_service(manifest, file, document.line)
                elif "kind" not in manifest:
                    # The services of the values of a chart, or else all that have a storage.
                    for name, values in list(_find_services(manifest)) or _find_stored(manifest):
                        labels, kept = as_mapping(values.get("labels")), {"values": dict(values)}
                        served.append(_ServedModel(name, file, document.line, labels, "", kept, in_values=True))
    unnamed = "services that its chart names: import what `helm template` prints"
    named = [one for one in served if one.name and "{{" not in one.name]
    others = {one.file: _UNRENDERED if one.name else unnamed for one in served if one not in named}
    return named, notes + [Note(file, message) for file, message in sorted(others.items())]


def _read_service(manifest: Mapping[str, Plain], file: str, line: int) -> Iterator[_ServedModel]:
    metadata, spec = as_mapping(manifest.get("metadata")), as_mapping(manifest.get("spec"))
    name = to_one_line(metadata.get("name") or "", 120)
    if not name:
        return
    status = as_mapping(manifest.get("status"))
    address = to_one_line(status.get("url") or as_mapping(status.get("address")).get("url") or "", 2000)
    kept = {key: metadata.get(key) for key in ("namespace", "labels", "annotations")} | {"spec": spec}
    labels = {**as_mapping(metadata.get("annotations")), **as_mapping(metadata.get("labels"))}
    yield _ServedModel(name, file, line, labels, address, kept)


def _find_services(data: Mapping[str, Plain]) -> Iterator[tuple[str, Mapping[str, Plain]]]:
    """Yield what is listed as an inference service; the name is empty if the templates of the chart make it."""
    for key, value in data.items():
        if isinstance(value, dict) and not _SERVICES_KEY.fullmatch(key):
            yield from _find_services(value)
        elif isinstance(value, dict):
            yield from ((name, service) for name, service in value.items() if isinstance(service, dict))
        elif _SERVICES_KEY.fullmatch(key):
            yield from ((to_one_line(service.get("name") or "", 120), service) for service in as_mappings(value))


def _find_stored(value: object, name: str = "") -> Iterator[tuple[str, Mapping[str, Plain]]]:
    """Yield the mappings that have the storage of a model, named by themselves or by the nearest telling key.

    The storage is a key, or a variable of the container.
    """
    data = as_mapping(value)
    name = to_one_line(data.get("name") or name, 120)
    if name and _has_storage(data):
        yield name, data
        return
    for key, inner in data.items():
        if isinstance(inner, dict):
            yield from _find_stored(inner, name if key in _PARTS else key)
        elif isinstance(inner, list):
            for item in inner:
                yield from _find_stored(item)


def _has_storage(data: Mapping[str, Plain]) -> bool:
    if any(isinstance(data.get(storage), str) for storage in _STORAGE_KEYS):
        return True
    return any(variable.get("name") == "STORAGE_URI" for value in data.values() for variable in as_mappings(value))


def _separate_environments(served: Iterable[_ServedModel]) -> tuple[list[_ServedModel], list[Note]]:
    """Return each model of the values in a folder once, and notes on the values of its other environments.

    Helm merges `values-staging.yaml` into `values.yaml`, so the file with the shortest name describes the model.
    """
    models: dict[tuple[str, str], _ServedModel] = {}
    kept: list[_ServedModel] = []
    notes: list[Note] = []
    for one in sorted(served, key=lambda one: len(one.file)):
        first = models.setdefault((str(Path(one.file).parent), one.name), one) if one.in_values else one
        if first.file == one.file:
            kept.append(one)
        else:
            notes.append(Note(f"{one.place}, {one.name}", "the values of another environment of the model"))
    return sorted(kept, key=lambda one: (one.file, one.line)), sorted(notes)


def _list_served_names(served: Sequence[_ServedModel]) -> list[str]:
    """Return for each model the name that calls use, if it differs from all names in the manifests; else an empty text.

    The name is a variable or an argument of the container, or that of the model of an LLMInferenceService.
    """
    names: list[str] = []
    for model in served:
        values = [value for _, value in iterate_values(dict(model.details))]
        named = [one.get("value") for one in as_mappings(values) if one.get("name") == "MODEL_NAME"]
        named += [match[1] for value in values if isinstance(value, str) and (match := _NAME_ARGUMENT.fullmatch(value))]
        named.append(as_mapping(as_mapping(model.details.get("spec")).get("model")).get("name"))
        names.append(next((one for one in named if isinstance(one, str) and "{{" not in one), ""))
    taken = Counter([*names, *(model.name for model in served)])
    return [name if taken[name] == 1 else "" for name in names]


def _build_model(model: _ServedModel, record: Record, context: RecordContext, card: str, alias: str) -> ImportResult:
    unmapped = Unmapped(record)
    values = build_values(record, context, unmapped)
    problems: list[str] = []
    details = as_mapping(hide_secrets({key: value for key, value in model.details.items() if value}, problems))
    predictor = as_mapping(as_mapping(details.get("spec")).get("predictor"))
    # The format, such as `sklearn`, is stated in `modelFormat`, or is the key of the server.
    formats = [as_mapping(as_mapping(predictor.get("model")).get("modelFormat")).get("name")]
    formats += [key for key in predictor if _SERVER.fullmatch(key)]
    values |= {"serving": "online", "tags": [to_one_line(one) for one in formats if one], "x-kserve": details}
    values |= {"aliases": [alias] if alias else []}
    values["endpoints"] = {"production": model.address} if model.address else {}
    reason = "the address in the status of the service, without the path of a call"
    guesses = {"endpoints": reason} if model.address else {}
    messages = [*unmapped.messages, *describe_made_id(card, model.name), *problems]
    return build_draft(CardDraft("model", card, model.name, f"{model.place}, {model.name}", values, guesses), messages)
