"""The README of a Hugging Face model to a card: front matter to fields, sections to the sections of a model card.

The keys are those of the Hub's model card metadata: https://huggingface.co/docs/hub/model-cards. The sections are those
of its template and of the cards that the Trainer writes. Other sections become prose on the page of the card.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.markdown_text import MarkdownSection, find_first_paragraph, parse_sections, split_section_text
from generator.drafts.reading import Plain, parse_first_document, read_text, read_vocabulary
from generator.drafts.results import ImportResult, build_notes
from generator.drafts.text_cleaning import extract_summary, make_id, to_one_line
from generator.errors import UserError
from generator.load.files import SIZE_LIMIT as FILE_LIMIT
from generator.load.files import parse_front_matter
from generator.load.nodes import as_list, as_mapping
from generator.schema.base import to_plain_data
from generator.schema.model import ModelCardSections


def split_front_matter(text: str) -> tuple[str, str]:
    """Return the YAML between the first two lines `---`, and the text after it; no YAML if there is no such line."""
    matter = parse_front_matter(text)
    return (matter.yaml, matter.body) if matter is not None and matter.is_closed else ("", text)


_SECTIONS = read_vocabulary("sections")
_DETAILS = ("license", "license_name", "license_link", "library_name", "pipeline_tag", "language", "base_model",
            "base_model_relation", "new_version", "co2_eq_emissions", "model_type", "arxiv")  # fmt: skip
_TAKEN = frozenset({*_DETAILS, "tags", "datasets", "metrics", "model-index", "model_name"})
_TITLE_NOISE = re.compile(r"\s*\[optional\]|\s*\([^()]*\)$|[:.]$|^[^\w]+|^\d+[.)]\s+")
_PROCEDURE = ("training", "hyperparameters")
"""The beginnings of headings in `model_details` that their text needs."""
_DATA_SET_KEYS = frozenset({"dataset_info", "size_categories", "task_categories", "task_ids", "annotations_creators"})
_SPACE_KEYS = frozenset({"app_file", "sdk", "sdk_version", "app_port"})
_MODEL_KEYS = frozenset({"pipeline_tag", "library_name", "base_model", "model-index", "model_name"})
_EMPTY_LABEL = re.compile(r"^\s*\*\*[^*\n]+:\*\*\s*(?=\n\s*\n|\Z)", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\[?\s*more information needed\s*\]?\.?|\{\{.*?\}\}", re.IGNORECASE)


def read_readme(folder: Path) -> str:
    """Return the text of README.md in the folder of a model."""
    return read_text(folder / "README.md" if folder.is_dir() else folder, FILE_LIMIT)


def import_huggingface(readme: str, name: str) -> ImportResult:
    """Return the draft of a model from its README; `name` is the name of its folder, as in addresses of the Hub."""
    matter, body = split_front_matter(readme)
    data = to_plain_data(parse_first_document(matter, f"{name}/README.md") if matter else {}) or {}
    if not isinstance(data, dict):
        raise UserError(f"the front matter of {name}/README.md is not a mapping")
    sections = parse_sections(body)
    texts, prose = _assign_sections(sections)
    stated = data.get("model_name")
    heading = next((section.title for section in sections if section.level == 1), "")
    title = stated if isinstance(stated, str) else heading or name
    kind = _find_other_kind(data)
    if kind:
        message = f"this is the card of a {kind}, not of a model"
        return build_notes(f"{name}/README.md", [message])
    title = to_one_line(re.sub(r"(?i)^model card (for|of)\s+", "", title), 120) or name
    described = [section for section in sections if section.title.lower() in {"model description", "model summary"}]
    paragraphs = (find_first_paragraph(_remove_placeholders(section.text)) for section in [*sections[:2], *described])
    base_models = [base for base in as_list(data.get("base_model")) if isinstance(base, str)]
    has_base = len(base_models) == 1 and re.fullmatch(r"[\w.-]+/[\w./-]+", base_models[0])
    tags = [*as_list(data.get("pipeline_tag")), *as_list(data.get("tags"))]
    values = {
        "summary": extract_summary(next(filter(None, paragraphs), "")),
        "tags": [line for tag in tags if (line := to_one_line(tag, 60))],
        "card": _build_card_sections(data, {key: text for key, text in texts.items() if key != "citation"}),
        "x-huggingface": {
            **({"citation": texts["citation"]} if "citation" in texts else {}),
            **{key: data[key] for key in sorted(set(data) - _TAKEN)},
        },
        "links": {"base model": f"https://huggingface.co/{base_models[0]}"} if has_base else {},
    }
    origin = f"the README of the Hugging Face model {name!r}"
    draft = CardDraft("model", make_id(name), title, origin, values, body=prose)
    return build_draft(draft, list(_list_omissions(data)))


def _find_other_kind(data: Mapping[str, Plain]) -> str:
    """Return what a card describes by the keys of its front matter if it is not a model; else an empty text.

    The keys of data sets and of Spaces: https://huggingface.co/docs/hub/datasets-cards,
    https://huggingface.co/docs/hub/spaces-config-reference
    """
    if _MODEL_KEYS & set(data):
        return ""
    if _SPACE_KEYS & set(data):
        return "Space, which is a demo application"
    configs = [as_mapping(one) for one in as_list(data.get("configs"))]
    return "data set" if _DATA_SET_KEYS & set(data) or any("data_files" in one for one in configs) else ""


def _remove_placeholders(text: str) -> str:
    """Return a text without the parts of the Hub's template that are not filled in."""
    filled = _EMPTY_LABEL.sub("", "\n".join(line for line in text.split("\n") if not _PLACEHOLDER.search(line)))
    without = "\n".join(line.rstrip() for line in filled.split("\n"))
    return re.sub(r"\n\s*[-*_]{3,}\Z", "", without.strip()).strip()


def _assign_sections(sections: tuple[MarkdownSection, ...]) -> tuple[dict[str, str], str]:
    """Return the texts by section of a model card, and the rest: other sections, tables, code."""
    texts: dict[str, str] = {}
    prose: list[str] = []
    target, level = "", 0
    for number, section in enumerate(sections):
        known = _SECTIONS.get(_TITLE_NOISE.sub("", section.title.lower()).strip())
        if known is not None:
            target, level = known, section.level
        elif section.level <= level:
            target, level = "", 0
        text = _remove_placeholders(section.text)
        if target == "citation":
            texts[target] = "\n\n".join(filter(None, (texts.get(target), text)))
            text = ""
        elif target:
            readable, text = split_section_text(text)
            is_procedure = target == "model_details" and section.title.lower().startswith(_PROCEDURE)
            is_named = known is not None and not is_procedure
            titled = readable if is_named or not readable else f"{section.title}: {readable}"
            texts[target] = "\n\n".join(filter(None, (texts.get(target), titled)))
        if text and (number or target):
            prose.append(f"{'#' * max(3, section.level)} {section.title}\n\n{text}" if section.level else text)
    return {key: text for key, text in texts.items() if text}, "\n\n".join(prose)


def _build_card_sections(data: Mapping[str, Plain], texts: Mapping[str, str]) -> dict[str, object]:
    card: dict[str, object] = dict(texts)
    details: dict[str, object] = {key: data[key] for key in _DETAILS if data.get(key) is not None}
    datasets = as_list(data.get("datasets"))
    for section, values in (("model_details", details), ("training_data", {"datasets": datasets} if datasets else {})):
        if values:
            card[section] = {**values, **({"description": texts[section]} if section in texts else {})}
    metrics = as_list(data.get("metrics"))
    results = list(_list_results(data.get("model-index")))
    if results or metrics:
        card["metrics"] = results or ", ".join(map(to_one_line, metrics))
    order = list(ModelCardSections.model_fields)
    return {key: card[key] for key in sorted(card, key=order.index)}


def _list_metrics(index: Plain) -> Iterator[tuple[Mapping[str, Plain], Mapping[str, Plain]]]:
    """Yield the metrics of `model-index`, each with the result that it belongs to."""
    for model in as_list(index):
        for result in as_list(as_mapping(model).get("results")):
            for metric in as_list(as_mapping(result).get("metrics")):
                if isinstance(metric, dict):
                    yield metric, as_mapping(result)


def _list_results(index: Plain) -> Iterator[dict[str, Plain]]:
    """Yield the metrics of `model-index` that have a value: name, value, dataset."""
    for metric, result in _list_metrics(index):
        if metric.get("value") is not None:
            name = to_one_line(metric.get("name") or metric.get("type") or "metric")
            dataset = result.get("dataset")
            if isinstance(dataset, dict):
                parts = [to_one_line(dataset[key]) for key in ("config", "split") if dataset.get(key)]
                dataset = to_one_line(dataset.get("name") or dataset.get("type") or "")
                dataset += f" ({', '.join(parts)})" if parts else ""
            yield {"name": name, "value": metric["value"], **({"dataset": to_one_line(dataset)} if dataset else {})}


def _list_omissions(data: Mapping[str, Plain]) -> Iterator[str]:
    index = data.get("model-index")
    with_value = {str(result["name"]).lower() for result in _list_results(index)}
    types = {to_one_line(metric.get("type", "")).lower() for metric, _ in _list_metrics(index)}
    named = {to_one_line(metric).lower() for metric in as_list(data.get("metrics"))}
    for metric in sorted(named - with_value - types) if with_value else ():
        yield f"the metric {metric!r} has no value"
    if len(as_list(index)) > 1:
        yield "the results of several models in `model-index` are in one list"
