"""A model's README on the Hugging Face Hub to a card: front matter to fields, sections to the paper's sections.

The keys are those of the Hub's model card metadata; the sections those of its template and of the Trainer's cards.
A section that the paper has no place for stays prose on the card's page.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.drafts.cards import Draft, drafted
from generator.drafts.markdown import Section, first_paragraph, front_matter, sections, told
from generator.drafts.reading import Plain, part, read_text
from generator.drafts.values import Drafts, Note, gathered
from generator.drafts.words import identifier, one_line, summary
from generator.errors import UserError
from generator.schema.base import to_plain_data
from generator.schema.model import ModelCardSections

_SECTIONS: Mapping[str, str] = {
    "model details": "model_details", "model description": "model_details", "description": "model_details",
    "model summary": "model_details", "model sources": "model_details", "background": "model_details",
    "technical specifications": "model_details", "model architecture and objective": "model_details",
    "citation": "model_details", "license": "model_details", "licence": "model_details",
    "uses": "intended_use", "direct use": "intended_use", "intended use": "intended_use",
    "intended uses": "intended_use", "downstream use": "intended_use", "intended uses & limitations": "intended_use",
    "intended uses and limitations": "intended_use", "use cases": "intended_use",
    "out-of-scope use": "out_of_scope", "out of scope": "out_of_scope", "out-of-scope uses": "out_of_scope",
    "misuse": "out_of_scope",
    "bias, risks, and limitations": "limitations", "bias, risks and limitations": "limitations",
    "limitations": "limitations", "limitations and bias": "limitations", "known limitations": "limitations",
    "bias": "ethical_considerations", "ethical considerations": "ethical_considerations",
    "risks": "ethical_considerations", "environmental impact": "ethical_considerations",
    "recommendations": "caveats", "caveats": "caveats", "caveats and recommendations": "caveats",
    "training data": "training_data", "training details": "training_data", "training": "training_data",
    "training procedure": "training_data", "training hyperparameters": "training_data",
    "training and evaluation data": "training_data", "dataset": "training_data", "datasets": "training_data",
    "evaluation data": "evaluation_data", "testing data": "evaluation_data",
    "testing data, factors & metrics": "evaluation_data", "test data": "evaluation_data",
    "factors": "factors",
    "evaluation": "quantitative_analyses", "results": "quantitative_analyses", "metrics": "quantitative_analyses",
    "evaluation results": "quantitative_analyses", "training results": "quantitative_analyses",
    "performance": "quantitative_analyses", "quantitative analyses": "quantitative_analyses",
}  # fmt: skip
_DETAILS = ("license", "license_name", "license_link", "library_name", "pipeline_tag", "language", "base_model",
            "base_model_relation", "new_version", "co2_eq_emissions", "model_type", "arxiv")  # fmt: skip
_TAKEN = frozenset({*_DETAILS, "tags", "datasets", "metrics", "model-index", "model_name"})
_TITLE_NOISE = re.compile(r"\s*\[optional\]|[:.]$|^[^\w]+")
_EMPTY_LABEL = re.compile(r"^\s*\*\*[^*\n]+:\*\*\s*(?=\n\s*\n|\Z)", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\[?\s*more information needed\s*\]?\.?|\{\{.*?\}\}", re.IGNORECASE)


def read_readme(folder: Path) -> str:
    """The README.md of a model's folder."""
    return read_text(folder / "README.md" if folder.is_dir() else folder)


def huggingface(readme: str, name: str) -> Drafts:
    """The draft of one model from its README; `name` is that of its folder, as in the Hub's addresses."""
    matter, body = front_matter(readme)
    metadata = part(matter, f"{name}/README.md") if matter else {}
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        message = f"the front matter of {name}/README.md is not a mapping"
        raise UserError(message)
    data = to_plain_data(metadata)
    assert isinstance(data, dict)
    prose = sections(body)
    origin = f"the README of the Hugging Face model {name!r}"
    card, left = _card_sections(data, prose)
    draft = Draft(
        "model", identifier(name), _title(data, prose, name), origin,
        {"summary": _summary(prose), "tags": _tags(data), "card": card, "links": _links(data)}, body=left,
    )  # fmt: skip
    return gathered([drafted(draft), Drafts(notes=tuple(_notes(data, origin)))])


def _title(data: Mapping[str, Plain], prose: tuple[Section, ...], name: str) -> str:
    said = data.get("model_name")
    heading = next((section.title for section in prose if section.level == 1), "")
    told = said if isinstance(said, str) else heading or name
    return one_line(re.sub(r"(?i)^model card (for|of)\s+", "", told), 120) or name


def _summary(prose: tuple[Section, ...]) -> str:
    described = [section for section in prose if section.title.lower() in {"model description", "model summary"}]
    told = (first_paragraph(_told(section.text)) for section in [*prose[:2], *described])
    return summary(next((text for text in told if text), ""))


def _told(text: str) -> str:
    filled = _EMPTY_LABEL.sub("", "\n".join(line for line in text.split("\n") if not _PLACEHOLDER.search(line)))
    without = "\n".join(line.rstrip() for line in filled.split("\n"))
    return re.sub(r"\n\s*[-*_]{3,}\Z", "", without.strip()).strip()


def _tags(data: Mapping[str, Plain]) -> list[str]:
    return [one_line(tag, 60) for tag in [*_many(data.get("pipeline_tag")), *_many(data.get("tags"))] if one_line(tag)]


def _many(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _links(data: Mapping[str, Plain]) -> dict[str, str]:
    bases = [
        base for base in _many(data.get("base_model")) if isinstance(base, str) and re.fullmatch(r"[\w./-]+", base)
    ]
    return {"base model": f"https://huggingface.co/{bases[0]}"} if len(bases) == 1 and "/" in bases[0] else {}


def _card_sections(data: Mapping[str, Plain], prose: tuple[Section, ...]) -> tuple[dict[str, object], str]:
    """The sections of the paper, and the prose that is none of them."""
    texts, left = _sorted_prose(prose)
    card: dict[str, object] = dict(texts)
    details: dict[str, Plain] = {key: data[key] for key in _DETAILS if data.get(key) is not None}
    if details:
        card["model_details"] = (
            {**details, "description": texts["model_details"]} if "model_details" in texts else details
        )
    datasets = _many(data.get("datasets"))
    if datasets:
        text = texts.get("training_data")
        card["training_data"] = {"datasets": datasets, "description": text} if text else {"datasets": datasets}
    results = list(_results(data.get("model-index")))
    if results:
        card["metrics"] = results
    elif _many(data.get("metrics")):
        card["metrics"] = ", ".join(one_line(metric) for metric in _many(data.get("metrics")))
    order = list(ModelCardSections.model_fields)
    return {key: card[key] for key in sorted(card, key=order.index)}, left


def _sorted_prose(prose: tuple[Section, ...]) -> tuple[dict[str, str], str]:
    """The texts by section of the paper, and what is none of them: other sections, tables, code."""
    texts: dict[str, str] = {}
    left: list[str] = []
    target, inside = "", 0
    for number, section in enumerate(prose):
        known = _SECTIONS.get(_TITLE_NOISE.sub("", section.title.lower()).strip())
        if known is not None:
            target, inside = known, section.level
        elif section.level <= inside:
            target, inside = "", 0
        said = _told(section.text)
        if target:
            parts = told(said)
            text = parts.text if known is not None or not parts.text else f"{section.title}: {parts.text}"
            texts[target] = "\n\n".join(part for part in (texts.get(target, ""), text) if part)
            said = parts.rest
        if said and (number or target):
            left.append(f"{'#' * max(3, section.level)} {section.title}\n\n{said}" if section.level else said)
    return {key: text for key, text in texts.items() if text}, "\n\n".join(left)


def _results(index: Plain) -> Iterator[dict[str, Plain]]:
    """The results of `model-index`, one a metric: name, value, dataset."""
    for model in _many(index):
        for result in _many(model.get("results")) if isinstance(model, dict) else ():
            if not isinstance(result, dict):
                continue
            dataset = _dataset(result.get("dataset"))
            for metric in _many(result.get("metrics")):
                if isinstance(metric, dict) and metric.get("value") is not None:
                    name = one_line(metric.get("name") or metric.get("type") or "metric")
                    found: dict[str, Plain] = {"name": name, "value": metric["value"]}
                    yield {**found, "dataset": dataset} if dataset else found


def _dataset(value: Plain) -> str:
    if not isinstance(value, dict):
        return one_line(value) if value else ""
    name = one_line(value.get("name") or value.get("type") or "")
    parts = [one_line(value[key]) for key in ("config", "split") if value.get(key)]
    return f"{name} ({', '.join(parts)})" if parts else name


def _notes(data: Mapping[str, Plain], origin: str) -> Iterator[Note]:
    for key in sorted(set(data) - _TAKEN):
        yield Note(origin, f"a card has no place for `{one_line(key, 60)}` of the front matter")
    named = {one_line(metric).lower() for metric in _many(data.get("metrics"))}
    told = {str(result["name"]).lower() for result in _results(data.get("model-index"))}
    types = {
        one_line(metric.get("type", "")).lower()
        for model in _many(data.get("model-index")) if isinstance(model, dict)
        for result in _many(model.get("results")) if isinstance(result, dict)
        for metric in _many(result.get("metrics")) if isinstance(metric, dict)
    }  # fmt: skip
    for metric in sorted(named - told - types) if told else ():
        yield Note(origin, f"the metric {metric!r} is named without a value")
    if len(_many(data.get("model-index"))) > 1:
        yield Note(origin, "the results of several models in `model-index` stand in one list")
