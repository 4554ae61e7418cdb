"""Generated books of any size, with every kind of card and realistic references; the same bytes each time."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.pages.template_folders import find_shipped_templates

FUNCTIONS = ("ds", "product", "engineering")


def write_book(root: Path, count: int) -> None:
    """Write a book of about `count` cards, of which 60 % are models."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(_mkdocs(), encoding="utf-8")
    for card in cards(count):
        path = root / "cards" / f"{card['kind']}s" / f"{card['id']}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_yaml(card), encoding="utf-8")


def _mkdocs() -> str:
    """Return the configuration of a new book of `modelbook init`, with a fixed date."""
    text = (find_shipped_templates() / "book/mkdocs.yml").read_text(encoding="utf-8")
    return text.replace("@BOOK@", "Bench").replace("  - modelbook:\n", "  - modelbook:\n      as_of: 2026-11-20\n")


def cards(count: int) -> Iterator[dict[str, Any]]:
    """Yield the cards; each kind has a fixed share of the count."""
    chance = random.Random(count)
    models, systems, people = int(count * 0.6), int(count * 0.15), max(6, int(count * 0.1))
    views, flows = max(3, int(count * 0.05)), max(1, int(count * 0.05))
    teams = max(2, count // 50)
    for number in range(teams):
        yield {
            "kind": "team",
            "id": f"t{number}",
            "name": f"Team {number}",
            "lead": f"p{number}",
            "channel": f"#t{number}",
        }
    for number in range(people):
        yield {"kind": "person", "id": f"p{number}", "name": f"Person {number}", "team": f"t{number % teams}"}
    for number in range(views):
        features = [{"name": f"f{feature}", "type": "float32"} for feature in range(8)]
        yield {"kind": "resource", "type": "feature_view", "id": f"v{number}", "name": f"View {number}",
               "owners": [f"t{number % teams}"], "features": features}  # fmt: skip
    for number in range(systems):
        yield _system(number, teams, models, chance)
    for number in range(models):
        yield _model(number, teams, people, views, systems, chance)
    for number in range(flows):
        model, system = chance.randrange(models), chance.randrange(systems)
        steps = [
            {"from": f"system:s{chance.randrange(systems)}", "publishes": f"topic:events.{number}"},
            {"from": f"system:s{chance.randrange(systems)}", "writes": f"feature_view:v{number % views}"},
            {"from": f"model:m{model}", "reads": f"feature_view:v{number % views}"},
            {"from": f"system:s{system}", "calls": f"model:m{model}", "note": "one request a page"},
        ]
        yield {
            "kind": "flow",
            "id": f"w{number}",
            "name": f"Flow {number}",
            "owners": [f"t{number % teams}"],
            "steps": steps,
        }


def _system(number: int, teams: int, models: int, chance: random.Random) -> dict[str, Any]:
    uses = [
        {"model": f"m{model}", "why": f"Ranks list {model} of screen {number}", "surface": f"Screen {number}"}
        for model in sorted(chance.sample(range(models), min(3, models)))
    ]
    return {"kind": "system", "id": f"s{number}", "name": f"System {number}", "type": "service",
            "owners": [f"t{number % teams}"], "uses": uses}  # fmt: skip


def _model(number: int, teams: int, people: int, views: int, systems: int, chance: random.Random) -> dict[str, Any]:
    host = f"https://ml.example.com/v1/models/m{number}:predict"
    request = {
        "type": "object",
        "required": ["customer_id"],
        "properties": {
            f"field_{field}": {"type": "string", "description": f"What field {field} means"} for field in range(6)
        }
        | {"customer_id": {"type": "string"}},
    }
    item = {"type": "object", "properties": {"id": {"type": "string"}, "score": {"type": "number", "minimum": 0}}}
    response = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}
    consumers = [
        {"system": f"s{system}", "why": f"Fills slot {number} of screen {system}", "surface": f"Screen {system}"}
        for system in sorted(chance.sample(range(systems), min(3, systems)))
    ]
    return {
        "kind": "model",
        "id": f"m{number}",
        "name": f"Model {number}",
        "aliases": [f"model_{number}_v1"],
        "summary": f"Ranks what customers of segment {number} see first, by what they ordered before.",
        "lifecycle": "production",
        "serving": "online",
        "owners": [f"t{number % teams}"],
        "contacts": {function: f"p{(number + index) % people}" for index, function in enumerate(FUNCTIONS)},
        "version": f"1.{number}",
        "deployed_on": "2026-03-01",
        "review_by": "2027-06-30",
        "endpoints": {"production": host, "staging": host.replace("ml.", "ml-stg.")},
        "contract": {
            "request": request,
            "response": response,
            "examples": [
                {"name": "one", "request": {"customer_id": "c-1"}, "response": {"items": [{"id": "r-1", "score": 0.5}]}}
            ],
        },
        "features": [f"v{number % views}:f{feature}" for feature in range(6)],
        "consumers": consumers,
        "notes": "Trained every night on the last ninety days; a failed run keeps the model of the day before.",
    }


def as_yaml(value: object, depth: int = 0) -> str:
    """Return a value as YAML in block style, with scalars as JSON."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        return "".join(_entry(f"{pad}{key}:", item, depth) for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(_entry(f"{pad}-", item, depth) for item in value)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"


def _entry(start: str, item: object, depth: int) -> str:
    if isinstance(item, dict | list) and item:
        return f"{start}\n{as_yaml(item, depth + 1)}"
    return f"{start} {json.dumps(item, ensure_ascii=False)}\n"
