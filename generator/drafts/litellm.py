"""The configuration of a LiteLLM proxy to cards: a model for each name that callers can ask for.

Format: https://docs.litellm.ai/docs/proxy/configs
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import Plain, iterate_values, parse_documents
from generator.drafts.results import ImportResult, build_notes, merge_results
from generator.drafts.secret_hiding import hide_secrets
from generator.drafts.text_cleaning import clean_text, describe_made_id, extract_summary, make_unique_ids, to_one_line
from generator.errors import UserError
from generator.grouping import group_pairs
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.schema.base import to_plain_data

_CONFIGURATION = re.compile(r"^[ \t]*model_list:\s", re.MULTILINE)


def import_litellm(text: str, file: str) -> ImportResult:
    """Return drafts of the models of the configurations in a file; several deployments of one name are one model."""
    found = list(_find_configurations(text, file))
    entries = [one for data in found for one in as_mappings(data.get("model_list")) if one.get("model_name")]
    if not entries:
        raise UserError(f"{file} is not a configuration of LiteLLM: it has no `model_list` with a `model_name`")
    groups = group_pairs((to_one_line(entry["model_name"], 120), entry) for entry in entries)
    named = {name: deployments for name, deployments in groups.items() if "*" not in name}
    ids = dict(zip(named, make_unique_ids(named), strict=True))
    settings = [as_mapping(data.get(key)) for data in found for key in ("litellm_settings", "router_settings")]
    fallbacks: dict[str, list[str]] = {}
    aliases: list[tuple[str, str]] = []
    for part in settings:
        for name, targets in (pair for one in as_mappings(part.get("fallbacks")) for pair in one.items()):
            known = fallbacks.setdefault(to_one_line(name), [])
            known += [one for one in map(to_one_line, as_list(targets)) if one not in known]
        for alias, target in as_mapping(part.get("model_group_alias")).items():
            model = as_mapping(target).get("model") if isinstance(target, dict) else target
            aliases.append((to_one_line(model or ""), to_one_line(alias)))
    aliases_of = group_pairs(aliases)
    cards = [
        _build_model(file, name, ids, deployments, fallbacks.get(name, []), [*dict.fromkeys(aliases_of.get(name, ()))])
        for name, deployments in named.items()
    ]
    messages = [f"{name!r} is any model, so it has no card" for name in groups if "*" in name]
    others = dict.fromkeys(key for data in found for key in data if key != "model_list")
    messages += [f"`{key}` describes the proxy, not a model" for key in others]
    return merge_results([*cards, build_notes(file, messages)])


def _find_configurations(text: str, file: str) -> Iterator[Mapping[str, Plain]]:
    """Yield the configurations in a file: it is one, or the values of a Helm chart or a ConfigMap that contain one."""
    for document in parse_documents(text, file):
        # The values are found from the last to the first.
        for _, value in reversed([*iterate_values(to_plain_data(document.value))]):
            if isinstance(value, dict) and "model_list" in value:
                yield value
            elif isinstance(value, str) and value != text and _CONFIGURATION.search(value):
                with suppress(UserError):  # a text that only looks like one
                    yield from _find_configurations(value, file)


def _build_model(
    file: str,
    name: str,
    ids: Mapping[str, str],
    deployments: tuple[Mapping[str, Plain], ...],
    fallbacks: list[str],
    aliases: list[str],
) -> ImportResult:
    problems = describe_made_id(ids[name], name)
    endpoints: dict[str, str] = {}
    kept: list[object] = []
    for number, deployment in enumerate(deployments, 1):
        params = as_mapping(deployment.get("litellm_params"))
        address = to_one_line(params.get("api_base") or "", 2000)
        if "://" in address:
            endpoints["production" if not endpoints else f"deployment-{number}"] = address
        kept.append(hide_secrets({key: value for key, value in deployment.items() if key != "model_name"}, problems))
    infos = [as_mapping(one.get("model_info")) for one in deployments]
    described = next((info["description"] for info in infos if info.get("description")), "")
    known = [ids[target] for target in fallbacks if target in ids]
    problems += [f"the fallback {target!r} is no model of the file" for target in fallbacks if target not in ids]
    problems += [f"a model has one fallback: {', '.join(known[1:])} was omitted"] if len(known) > 1 else []
    values: dict[str, object] = {
        "summary": extract_summary(described),
        "notes": clean_text(described) if extract_summary(described) != clean_text(described) else "",
        "aliases": aliases,
        "serving": "online",
        "endpoints": endpoints,
        "fallback": known[0] if known else None,
        "x-litellm": {"deployments": kept, **({"fallbacks": fallbacks} if len(fallbacks) > 1 else {})},
    }
    guesses = {"endpoints": "the address behind the proxy; callers use that of the proxy"} if endpoints else {}
    place = f"{file}, model {name!r}"
    return build_draft(CardDraft("model", ids[name], name, place, values, guesses), problems)
