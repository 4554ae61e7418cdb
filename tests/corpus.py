"""Real models as cards: the Open Model Zoo if the shared corpus is present, else the committed sample of it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.books import MKDOCS, write_book

_HERE = Path(__file__).parent
WHOLE = _HERE.parent.parent / "shared" / "corpus" / "open-model-zoo.jsonl"
SAMPLE = _HERE / "corpus_sample.jsonl"


@dataclass(frozen=True)
class Corpus:
    """Records of models with their uses."""

    records: tuple[dict[str, Any], ...]

    @property
    def demos(self) -> tuple[str, ...]:
        """The programs that use models, sorted."""
        return tuple(sorted({demo for record in self.records for demo in record["used_by"]}))

    @property
    def edges(self) -> frozenset[tuple[str, str]]:
        """The (model id, system id) of every use."""
        return frozenset((record["id"], to_system_id(demo)) for record in self.records for demo in record["used_by"])


def read_corpus(path: Path | None = None) -> Corpus:
    """Read the corpus, or its sample if the corpus is not present."""
    source = path or (WHOLE if WHOLE.exists() else SAMPLE)
    return Corpus(tuple(json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()))


def to_system_id(demo: str) -> str:
    """Convert the path of a demo to an id."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", demo).strip("-._")


def build_card(record: dict[str, Any]) -> dict[str, Any]:
    """Build the card of a model."""
    properties = {
        item["name"]: {
            "type": "array",
            "description": ", ".join(f"{key} {item[key]}" for key in ("shape", "layout") if key in item),
        }
        for item in record["inputs"]
    }
    card: dict[str, Any] = {
        "kind": "model",
        "id": record["id"],
        "name": record["id"],
        "summary": record["description"],
        "lifecycle": "production",
        "serving": "offline",
        "owners": ["open-model-zoo"],
        "deployed_on": record["added_on"],
        "tags": [record["task"], record["framework"], record["group"]],
        "links": {"license": record["license"], "source": record["source"]},
        "consumers": [{"system": to_system_id(demo), "why": f"Loaded by {demo}"} for demo in record["used_by"]],
    }
    if properties:
        request = {"type": "object", "required": list(properties), "properties": properties}
        card["contract"] = {"request": request}
    return {key: value for key, value in card.items() if value}


def write_corpus(folder: Path, corpus: Corpus | None = None) -> Corpus:
    """Write a card for every model and system of the corpus, and the team that owns them."""
    corpus = corpus or read_corpus()
    team = {"kind": "team", "id": "open-model-zoo", "name": "Open Model Zoo"}
    systems = [
        {"kind": "system", "id": to_system_id(demo), "name": demo, "type": "app", "owners": ["open-model-zoo"]}
        for demo in corpus.demos
    ]
    cards: list[dict[str, Any]] = [team, *systems, *map(build_card, corpus.records)]
    for card in cards:
        path = folder / f"{card['kind']}s" / f"{card['id']}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(card, ensure_ascii=False, indent=1), encoding="utf-8")
    return corpus


def write_corpus_book(root: Path, corpus: Corpus | None = None) -> None:
    """Write a book of the corpus that can be published."""
    options = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, functions: {}, confluence: {space: BOOK}}")
    write_corpus(write_book(root, {}, options) / "cards", corpus)
