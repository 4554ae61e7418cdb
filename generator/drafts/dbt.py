"""The exposures of a dbt project to cards: models and systems with the tables that they read.

Format: https://docs.getdbt.com/reference/artifacts/manifest-json
"""

import json
from collections.abc import Mapping
from typing import Any

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.markdown_text import split_description
from generator.drafts.records import Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, merge_results
from generator.drafts.text_cleaning import make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping

SIZE_LIMIT = 200_000_000
"""Bytes of a manifest: those of large projects have more than 50 MB."""
_SYSTEM_TYPES = {"application": "app", "dashboard": "dashboard"}
_NODES = ("nodes", "sources")


def import_dbt(text: str, file: str) -> ImportResult:
    """Return drafts of the exposures of a manifest, and of the tables that they depend on."""
    try:
        data = as_mapping(json.loads(text))
    except (ValueError, RecursionError) as error:
        hint = "import `target/manifest.json`, which `dbt parse` writes"
        raise UserError(f"{file} is not a manifest of dbt ({to_one_line(error, 100)}): {hint}") from None
    exposures = [as_mapping(one) for _, one in sorted(as_mapping(data.get("exposures")).items())]
    exposures = [one for one in exposures if one.get("name")]
    if not exposures:
        raise UserError(f"{file} has no exposures: write them for the models and dashboards that read its tables")
    nodes = {key: as_mapping(one) for part in _NODES for key, one in as_mapping(data.get(part)).items()}
    used = sorted({str(node) for one in exposures for node in as_list(as_mapping(one.get("depends_on")).get("nodes"))})
    last_names = [node.rpartition(".")[2] for node in used]
    names = [name if last_names.count(name) == 1 else node for name, node in zip(last_names, used, strict=True)]
    tables = dict(zip(used, make_unique_ids(names), strict=True))
    records = [_read_owner(one) for one in exposures]
    context = RecordContext.collect(records)
    ids = make_unique_ids(to_one_line(one["name"], 120) for one in exposures)
    cards = [
        _build_exposure(file, one, card, record, context, tables)
        for one, card, record in zip(exposures, ids, records, strict=True)
    ]
    resources = [_build_table(file, node, tables[node], nodes.get(node, {})) for node in used]
    return merge_results([*context.directory.build_drafts(file), *cards, *resources])


def _read_owner(exposure: Mapping[str, Any]) -> Record:
    owner = as_mapping(exposure.get("owner"))
    names, emails = as_list(owner.get("name")), as_list(owner.get("email"))
    text = (
        f"{to_one_line(names[0])} <{to_one_line(emails[0])}>"
        if names and emails
        else to_one_line([*names, *emails, ""][0])
    )
    return Record({"owners": text} if text else {}, {}, {"owners": "owner"})


def _build_exposure(
    file: str,
    exposure: Mapping[str, Any],
    card: str,
    record: Record,
    context: RecordContext,
    tables: Mapping[str, str],
) -> ImportResult:
    unmapped = Unmapped(record)
    values = build_values(record, context, unmapped)
    stated = to_one_line(exposure.get("type") or "")
    kind = "model" if stated.lower() == "ml" else "system"
    summary, notes, prose = split_description(exposure.get("description") or "")
    nodes = [str(node) for node in as_list(as_mapping(exposure.get("depends_on")).get("nodes"))]
    reads = [f"table:{tables[node]}" for node in nodes]
    title = to_one_line(exposure.get("label") or exposure["name"], 120)
    place = f"{file}, exposure {to_one_line(exposure['name'], 120)}"
    used = {"name", "label", "type", "description", "owner", "depends_on", "url", "tags"}
    internal = {"fqn", "unique_id", "refs", "sources", "metrics", "created_at", "resource_type", "unrendered_config"}
    extra = {key: value for key, value in exposure.items() if key not in used | internal and value}
    common: dict[str, object] = {
        "summary": summary,
        "notes": notes,
        "owners": values["owners"],
        "tags": [to_one_line(tag, 60) for tag in as_list(exposure.get("tags"))],
        "links": {"dbt": to_one_line(exposure["url"], 2000)} if exposure.get("url") else {},
        "x-dbt": extra,
    }
    guesses: dict[str, str] = {}
    results: list[ImportResult] = []
    if kind == "system":
        common |= {"type": _SYSTEM_TYPES.get(stated.lower(), "service"), "depends_on": reads}
        if stated.lower() not in _SYSTEM_TYPES:
            guesses["type"] = f"its type in dbt is {stated!r}"
            extra["type"] = stated
    elif reads:
        steps = [{"from": f"model:{card}", "reads": table} for table in reads]
        flow = CardDraft("flow", f"{card[:90]}-inputs", f"Inputs of {title}", place, {"steps": steps})
        results.append(build_draft(flow))
    draft = CardDraft(kind, card, title, place, common, guesses, prose)
    return merge_results([build_draft(draft, unmapped.messages), *results])


def _build_table(file: str, node: str, card: str, data: Mapping[str, Any]) -> ImportResult:
    summary, notes, _ = split_description(data.get("description") or "")
    location = ".".join(to_one_line(data[key]) for key in ("database", "schema", "alias") if data.get(key))
    values: dict[str, object] = {
        "type": "table",
        "summary": summary,
        "notes": notes or (data.get("description") if data.get("description") != summary else ""),
        "location": location,
        "x-dbt": {"node": node},
    }
    name = to_one_line(data.get("name") or card, 120)
    return build_draft(CardDraft("resource", card, name, f"{file}, {node}", values))
