"""The registered models of MLflow to cards, from a tracking server or a local store."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.columns import index_fields, normalize_header
from generator.drafts.markdown_text import split_description
from generator.drafts.mlflow_registry import ModelRegistry, ModelVersion, RegisteredModel
from generator.drafts.mlflow_server import ServerRegistry
from generator.drafts.mlflow_signature import SignatureError, build_contract, convert_example
from generator.drafts.mlflow_stores import DatabaseRegistry, FileRegistry
from generator.drafts.reading import parse_first_document
from generator.drafts.records import DAY_FIELDS, Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, build_notes, merge_results
from generator.drafts.text_cleaning import clean_text, extract_remainder, extract_summary, make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_mapping

_TAG_FIELDS = frozenset(
    {"summary", "notes", "aliases", "tags", "features", "lifecycle", "serving", *DAY_FIELDS, "owners", "team",
     "stakeholders"}
)  # fmt: skip
_TAG_GROUPS = ("contacts", "endpoints", "links", "card")
"""The fields that a tag can fill; the value of any other tag is kept under `x-mlflow`."""


@contextmanager
def open_registry(uri: str, environment: Mapping[str, str] | None = None) -> Iterator[ModelRegistry]:
    """Open the registry at `https://…`, `sqlite:///mlflow.db`, or a path to mlflow.db, mlruns or their folder.

    The environment has the credentials of a server, in the variables that MLflow's own clients read.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise UserError(f"invalid address {uri!r}: {error}") from None
    if parts.scheme not in {"http", "https"}:
        yield _open_store(uri)
        return
    if parts.username or parts.password:
        raise UserError("the address has a password: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead")
    variables = environment or {}
    with requests.Session() as session:
        if token := variables.get("MLFLOW_TRACKING_TOKEN"):
            session.headers["Authorization"] = f"Bearer {token}"
        elif user := variables.get("MLFLOW_TRACKING_USERNAME"):
            session.auth = (user, variables.get("MLFLOW_TRACKING_PASSWORD", ""))
        yield ServerRegistry(uri.rstrip("/").partition("#")[0], session)


def _open_store(uri: str) -> ModelRegistry:
    scheme, mark, rest = uri.partition("://")
    # After `sqlite:///` a path is relative: https://docs.sqlalchemy.org/en/20/core/engines.html#sqlite
    place = Path(unquote(rest.removeprefix("/") if scheme == "sqlite" else rest)) if mark else Path(uri)
    database = place if place.is_file() else place / "mlflow.db"
    if database.is_file():
        return DatabaseRegistry(database)
    for folder in (place, place / "mlruns"):
        if (folder / "models").is_dir():
            return FileRegistry(folder)
    message = (
        f"{uri} is not an MLflow store: expected the address of a server, mlflow.db, or a folder mlruns with models"
    )
    raise UserError(message)


def import_mlflow(registry: ModelRegistry, functions: Mapping[str, str]) -> ImportResult:
    """Return drafts of all registered models; `functions` are the functions of the company with their titles.

    A card describes the version with the alias champion or production, or the stage Production, else the newest.
    """
    found = list(registry.list_models())
    fields = index_fields(functions)
    models = [(model, _read_tags(model, fields)) for model in found if not model.is_prompt]
    context = RecordContext.collect(tags for _, tags in models)
    cards = make_unique_ids(model.name for model, _ in models)
    return merge_results(
        [
            *context.directory.build_drafts(registry.name),
            *(_build_model(registry, *model, card, context) for model, card in zip(models, cards, strict=True)),
            *(
                build_notes(f"{registry.name}, {model.name}", ["prompts have no cards"])
                for model in found
                if model.is_prompt
            ),
        ]
    )


def _read_tags(model: RegisteredModel, fields: Mapping[str, str]) -> Record:
    """Return the tags that users set; those of the version take precedence."""
    version, _ = model.serving_version
    tags = {**model.tags, **(version.tags if version else {})}
    keys: dict[str, str] = {}
    others: dict[str, str] = {}
    for key, value in sorted(tags.items()):
        name = fields.get(normalize_header(key), "")
        if key.startswith("mlflow.") or not value.strip():
            continue
        if (name in _TAG_FIELDS or name.partition(".")[0] in _TAG_GROUPS) and name not in keys:
            keys[name] = key
        else:
            others[key] = value
    return Record({name: tags[key] for name, key in keys.items()}, others, keys)


def _build_model(
    registry: ModelRegistry, model: RegisteredModel, record: Record, card: str, context: RecordContext
) -> ImportResult:
    version, marked_by = model.serving_version
    unmapped = Unmapped(record)
    values = build_values(record, context, unmapped)
    messages, guesses = unmapped.messages, unmapped.guesses
    messages += [f"tag `{to_one_line(key, 60)}` has no field: it is kept under `x-mlflow`" for key in record.others]
    texts, prose = _build_texts(model, version, record)
    values |= texts
    if not values["lifecycle"]:
        archived = {one.stage.lower() for one in model.versions} == {"archived"}
        values["lifecycle"] = "production" if marked_by else "retired" if archived else None
    if version is not None:
        links = as_mapping(values["links"])
        own_link = f"models:/{model.name}/{version.number}"
        values |= {"version": str(version.number), "links": {**links, "mlflow": links.get("mlflow", own_link)}}
        values["contract"] = _read_contract(registry, version, messages)
        if values["contract"]:
            guesses["contract"] = "the form in which MLflow serves the model"
        if not marked_by:
            guesses["version"] = "the newest; no version has the alias champion or production, or the stage Production"
    run = registry.read_run(version.run_id) if version is not None and version.run_id else None
    extra: dict[str, object] = {"tags": {**record.others, **unmapped.kept}, "versions": _list_versions(model)}
    if run is not None:
        sections = as_mapping(values["card"])
        metrics = [{"name": name, "value": value} for name, value in run.metrics.items()]
        extra |= {"metrics": metrics} if "metrics" in sections else {}
        values["card"] = {"metrics": metrics, **sections} if metrics else sections
        extra |= {"user": run.user}
        if run.user and not values["owners"]:
            messages.append(f"its run is by the user {to_one_line(run.user, 60)!r}: is that an owner?")
    values["x-mlflow"] = {key: value for key, value in extra.items() if value}
    messages += _list_omissions(model, version, record)
    number = f", version {version.number}" if version else ""
    place = f"{registry.name}, registered model {model.name!r}{number}"
    return build_draft(CardDraft("model", card, model.name, place, values, guesses, prose), messages)


def _build_texts(model: RegisteredModel, version: ModelVersion | None, record: Record) -> tuple[dict[str, object], str]:
    """Return the summary and the notes, and the prose of descriptions in Markdown."""
    of_version = clean_text(version.description) if version else ""
    summary, notes, prose = split_description(model.description or of_version)
    several = [notes, record.get("notes")]
    if version is not None and model.description and of_version:
        first, rest, prose_of_version = split_description(of_version)
        title = f"Version {version.number}"
        several.append(f"{title}: {rest or first}" if not prose_of_version else "")
        prose = "\n\n".join(filter(None, [prose, f"### {title}\n\n{prose_of_version}" if prose_of_version else ""]))
    stated = record.get("summary")
    if stated:  # a tag takes precedence over the description, which is kept whole
        several = [extract_remainder(stated), *([] if notes or prose else [summary]), *several]
        summary = extract_summary(stated)
    return {"summary": summary, "notes": "\n\n".join(dict.fromkeys(filter(None, several)))}, prose


def _list_versions(model: RegisteredModel) -> list[dict[str, object]]:
    """Return the versions that an alias or a stage marks, unless it is only one without an alias."""
    marked = model.marked_versions
    if len(marked) < 2 and not any(aliases for _, aliases in marked):
        return []
    found = [
        {
            "version": str(version.number),
            "aliases": aliases,
            "stage": version.stage if version.stage.lower() != "none" else "",
            "registered_on": version.registered_on,
            "description": clean_text(version.description),
            "tags": {key: value for key, value in version.tags.items() if not key.startswith("mlflow.")},
        }
        for version, aliases in marked
    ]
    return [{key: value for key, value in one.items() if value} for one in found]


def _read_contract(registry: ModelRegistry, version: ModelVersion, messages: list[str]) -> dict[str, object] | None:
    text = registry.read_artifact(version, "MLmodel")
    if text is None:
        messages.append(f"cannot read its MLmodel file at {version.source!r}, so the contract is unknown")
        return None
    try:
        contract = build_contract(parse_first_document(text, "MLmodel"))
    except (UserError, SignatureError) as error:
        messages.append(f"cannot read its signature: {to_one_line(error, 200)}")
        return None
    if contract is None:
        messages.append("it has no signature, so the contract is unknown")
        return None
    serving_input = registry.read_artifact(version, "serving_input_example.json")
    request = convert_example(serving_input, contract.get("request", {})) if serving_input else None
    return {**contract, "examples": [{"name": "MLflow's input example", "request": request}]} if request else contract


def _list_omissions(model: RegisteredModel, version: ModelVersion | None, record: Record) -> Iterator[str]:
    if version is None:
        yield "it has no version, so the contract is unknown"
        return
    if version.registered_on and not record.get("deployed_on"):
        yield f"version {version.number} was registered on {version.registered_on}: its day of deployment is unknown"
    newest = max(one.number for one in model.versions)
    if newest > len(model.marked_versions):
        yield "its other versions, which have neither an alias nor a stage, were omitted"
    known = {one.number for one in model.versions}
    for name, number in sorted(model.aliases.items()):
        if number not in known:
            yield f"the alias {name!r} is that of version {number}, which is missing"
