"""Seldon Core manifests to cards: models, pipelines that call them, and experiments that divide their traffic.

Formats: https://docs.seldon.ai/seldon-core-2, and for version 1 the SeldonDeployment:
https://docs.seldon.io/projects/seldon-core/en/v1/reference/seldon-deployment.html
"""

from collections.abc import Iterator, Mapping, Sequence

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.manifests import Manifest, parse_manifests
from generator.drafts.reading import iterate_values
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.secret_hiding import hide_secrets
from generator.drafts.served_models import ServedModel, build_served_models
from generator.drafts.text_cleaning import make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping, as_mappings

_KINDS = ("Model", "SeldonDeployment", "Pipeline")
"""The kinds that become models. A name in a pipeline is that of a model, even if a pipeline has the same name."""


def import_seldon(files: Sequence[tuple[str, str]]) -> ImportResult:
    """Return drafts of the models, pipelines and experiments in manifests, given by name and text."""
    manifests, notes = parse_manifests(files)
    found = [one for one in manifests if "seldon.io/" in str(one.data.get("apiVersion")) and _get_name(one)]
    kinds = [kind for kind in _KINDS for one in found if one.data.get("kind") == kind]
    served = [_read_model(one) for kind in _KINDS for one in found if one.data.get("kind") == kind]
    if not served:
        missing = "no SeldonDeployment, Model or Pipeline of Seldon Core"
        if not notes:
            raise UserError(f"the files have {missing}")
        notes += [Note("the other files", missing)] if len(notes) < len(files) else []
    cards = make_unique_ids(one.name for one in served)
    pairs = reversed(list(zip(kinds, served, cards, strict=True)))  # the first of a name counts, as for calls
    ids = {(kind == "Pipeline", one.name): card for kind, one, card in pairs}
    experiments = [_build_experiment(one, ids) for one in found if one.data.get("kind") == "Experiment"]
    return merge_results([build_served_models(served, "seldon"), *experiments, ImportResult(notes=tuple(notes))])


def _get_name(manifest: Manifest) -> str:
    return to_one_line(as_mapping(manifest.data.get("metadata")).get("name") or "", 120)


def _read_model(manifest: Manifest) -> ServedModel:
    metadata, spec = as_mapping(manifest.data.get("metadata")), as_mapping(manifest.data.get("spec"))
    status = as_mapping(manifest.data.get("status"))
    address = to_one_line(as_mapping(status.get("address")).get("url") or "", 2000)
    # The graph of a SeldonDeployment is within it: only the deployment has an address.
    servers = [as_mapping(one).get("implementation") for _, one in iterate_values(spec)]
    tags = [*as_list(spec.get("requirements")), *(str(one).lower().removesuffix("_server") for one in servers if one)]
    calls = [to_one_line(step.get("name") or "") for step in as_mappings(spec.get("steps"))]
    inputs = as_list(as_mapping(spec.get("input")).get("externalInputs"))
    calls += [str(one).partition(".")[0] for one in inputs]
    return ServedModel(
        _get_name(manifest),
        manifest.file,
        manifest.line,
        {key: metadata.get(key) for key in ("namespace", "labels", "annotations")} | {"spec": dict(spec)},
        {**as_mapping(metadata.get("annotations")), **as_mapping(metadata.get("labels"))},
        address,
        tags=tuple(to_one_line(one) for one in tags),
        calls=tuple(dict.fromkeys(filter(None, calls))),
    )


def _build_experiment(manifest: Manifest, ids: Mapping[tuple[bool, str], str]) -> ImportResult:
    spec, name = as_mapping(manifest.data.get("spec")), _get_name(manifest)
    origin = f"{manifest.file}:{manifest.line}, {name}"
    arms = list(_list_arms(spec))
    cards = [ids.get((spec.get("resourceType") == "pipeline", arm)) for arm, _, _ in arms]
    problems = [f"{arm!r} is not in the files" for (arm, _, _), card in zip(arms, cards, strict=True) if card is None]
    variants = {
        variant: {
            key: value
            for key, value in (("model", card), ("traffic", share), ("note", note))
            if value not in {"", None}
        }
        for variant, card, (_, share, note) in zip(make_unique_ids(arm for arm, _, _ in arms), cards, arms, strict=True)
    }
    values = {"status": "running", "variants": variants, "x-seldon": hide_secrets(dict(spec), problems)}
    (card,) = make_unique_ids([name])
    return build_draft(CardDraft("experiment", card, name, origin, values, {"status": "it is deployed"}), problems)


def _list_arms(spec: Mapping[str, object]) -> Iterator[tuple[str, float, str]]:
    """Yield the name, the share of the traffic and the note of each candidate, and of the mirror."""
    candidates = as_mappings(spec.get("candidates"))
    weights = [one.get("weight") for one in candidates]
    numbers = [one if isinstance(one, int) and one > 0 else 0 for one in weights]
    for one, number in zip(candidates, numbers, strict=True):
        share = round(100 * number / (sum(numbers) or 1), 1)
        default = "The default." if one.get("name") == spec.get("default") else ""
        yield to_one_line(one.get("name") or ""), int(share) if share == int(share) else share, default
    mirror = as_mapping(spec.get("mirror"))
    if mirror:
        yield to_one_line(mirror.get("name") or ""), 0, f"Receives a copy of {mirror.get('percent')} % of the requests."
