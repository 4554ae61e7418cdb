"""KServe manifests and the values of Helm charts to cards: a model for each InferenceService.

Format: https://kserve.github.io/website/docs/reference/crd-api
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from generator.drafts.manifests import UNRENDERED, Manifest, parse_manifests
from generator.drafts.reading import Plain, iterate_values
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.served_models import ServedModel, build_served_models
from generator.drafts.text_cleaning import to_one_line
from generator.errors import UserError
from generator.load.nodes import as_mapping, as_mappings

_KINDS = ("InferenceService", "LLMInferenceService")
_STORAGE_KEYS = ("storageUri", "storage_uri", "modelUri")
_SERVICES_KEY = re.compile(r".*inference_?services", re.IGNORECASE)
_PARTS = {"spec", "predictor", "model", "container", "containers", "transformer", "storage"}
"""Keys within the values of a service, which are not its name."""
_SERVER = re.compile(r"sklearn|xgboost|tensorflow|pytorch|triton|onnx|huggingface|lightgbm|pmml|paddle|mlflow")
_NAME_ARGUMENT = re.compile(r"--(?:served[-_])?model[-_]name[= ]([\w.:/-]+)")


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
    aliases = _list_served_names(served)
    named = [replace(one, aliases=(alias,) if alias else ()) for one, alias in zip(served, aliases, strict=True)]
    return merge_results([build_served_models(named, "kserve"), ImportResult(notes=tuple(notes))])


def _read_models(files: Iterable[tuple[str, str]]) -> tuple[list[ServedModel], list[Note]]:
    """Return the models in manifests and values, with notes on the files and models that were left out."""
    served: list[ServedModel] = []
    manifests, notes = parse_manifests(files)
    for manifest in manifests:
        if manifest.data.get("kind") in _KINDS:
            served += _read_service(manifest)
        elif "kind" not in manifest.data:
            # The services of the values of a chart, or else all that have a storage.
            for name, values in list(_find_services(manifest.data)) or _find_stored(manifest.data):
                labels, kept = as_mapping(values.get("labels")), {"values": dict(values)}
                served.append(ServedModel(name, manifest.file, manifest.line, kept, labels))
    unnamed = "services that its chart names: import what `helm template` prints"
    named = [one for one in served if one.name and "{{" not in one.name]
    others = {one.file: UNRENDERED if one.name else unnamed for one in served if one not in named}
    return named, notes + [Note(file, message) for file, message in sorted(others.items())]


def _read_service(manifest: Manifest) -> Iterator[ServedModel]:
    metadata, spec = as_mapping(manifest.data.get("metadata")), as_mapping(manifest.data.get("spec"))
    name = to_one_line(metadata.get("name") or "", 120)
    if not name:
        return
    status = as_mapping(manifest.data.get("status"))
    address = to_one_line(status.get("url") or as_mapping(status.get("address")).get("url") or "", 2000)
    kept = {key: metadata.get(key) for key in ("namespace", "labels", "annotations")} | {"spec": spec}
    labels = {**as_mapping(metadata.get("annotations")), **as_mapping(metadata.get("labels"))}
    # The format, such as `sklearn`, is stated in `modelFormat`, or is the key of the server.
    predictor = as_mapping(spec.get("predictor"))
    formats = [as_mapping(as_mapping(predictor.get("model")).get("modelFormat")).get("name")]
    formats += [key for key in predictor if _SERVER.fullmatch(key)]
    tags = tuple(to_one_line(one) for one in formats if one)
    yield ServedModel(name, manifest.file, manifest.line, kept, labels, address, tags=tags)


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


def _separate_environments(served: Iterable[ServedModel]) -> tuple[list[ServedModel], list[Note]]:
    """Return each model of the values in a folder once, and notes on the values of its other environments.

    Helm merges `values-staging.yaml` into `values.yaml`, so the file with the shortest name describes the model.
    """
    models: dict[tuple[str, str], ServedModel] = {}
    kept: list[ServedModel] = []
    notes: list[Note] = []
    for one in sorted(served, key=lambda one: len(one.file)):
        first = models.setdefault((str(Path(one.file).parent), one.name), one) if "values" in one.details else one
        if first.file == one.file:
            kept.append(one)
        else:
            notes.append(Note(f"{one.place}, {one.name}", "the values of another environment of the model"))
    return sorted(kept, key=lambda one: (one.file, one.line)), sorted(notes)


def _list_served_names(served: Sequence[ServedModel]) -> list[str]:
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
