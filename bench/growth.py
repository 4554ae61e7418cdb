"""Books in which one card grows, and how the time to check and to render them grows with it."""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.measure import measure
from generator.grouping import cut_lines

Card = Mapping[str, Any]

CONFIGURATION = """site_name: Growth
theme: {name: material, font: false}
plugins:
  - search
  - modelbook: {as_of: 2026-11-20}
"""
_MOST_CHARACTERS = 500_000
"""A file of cards stays below the limit of a megabyte."""
_STAGES = 10


def write_growing_book(root: Path, shape: str, count: int) -> None:
    """Write the book of a shape, in which one card has so many entries."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "docs/index.md").write_text("# Growth\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(CONFIGURATION, encoding="utf-8")
    (root / "cards").mkdir(exist_ok=True)
    texts = (json.dumps(card) for card in (_TEAM, *SHAPES[shape](count)))
    for number, chunk in enumerate(cut_lines(texts, _MOST_CHARACTERS)):
        (root / f"cards/{number}.yml").write_text("\n---\n".join(chunk) + "\n", encoding="utf-8")


_TEAM = {"kind": "team", "id": "menu", "name": "Menu", "channel": "#menu", "lead": "asha"}


def _person(key: str) -> Card:
    return {"kind": "person", "id": key, "name": f"Person {key}", "team": "menu"}


def _model(key: str, **values: object) -> Card:
    contacts = dict.fromkeys(("ds", "product", "engineering"), "asha")
    text = {"kind": "model", "id": key, "name": f"Model {key}", "summary": "How busy it is"}
    return {
        **text,
        "lifecycle": "experimental",
        "serving": "offline",
        "owners": ["menu"],
        "contacts": contacts,
        **values,
    }


def _system(key: str, **values: object) -> Card:
    return {"kind": "system", "id": key, "name": f"System {key}", "type": "service", "owners": ["menu"]} | values


def _resource(kind: str, key: str, **values: object) -> Card:
    return {"kind": "resource", "type": kind, "id": key, "name": f"Resource {key}", "owners": ["menu"]} | values


def _list_consumers(count: int) -> Iterable[Card]:
    """List a model with so many consumers, of which every second one states the use too."""
    consumers = [{"system": f"s{n}", "why": f"Fills screen {n}", "surface": f"Screen {n}"} for n in range(count)]
    uses = [{"model": "rush", "why": "Sorts the screen"}]
    systems = [_system(f"s{n}", **({"uses": uses} if n % 2 else {})) for n in range(count)]
    return [_person("asha"), _model("rush", consumers=consumers), *systems]


def _list_uses(count: int) -> Iterable[Card]:
    """List a system that uses so many models."""
    uses = [{"model": f"m{n}", "why": f"Fills slot {n}", "surface": f"Screen {n}"} for n in range(count)]
    return [_person("asha"), _system("feed", uses=uses), *(_model(f"m{n}") for n in range(count))]


def _list_readers(count: int) -> Iterable[Card]:
    """List a feature view that so many models read."""
    view = _resource("feature_view", "profile", features=[{"name": f"f{n}", "type": "float32"} for n in range(8)])
    models = [_model(f"m{n}", features=[f"profile:f{n % 8}", f"profile:f{(n + 1) % 8}"]) for n in range(count)]
    return [_person("asha"), view, *models]


def _list_moves(count: int) -> Iterable[Card]:
    """List a migration of so many cards in ten waves, of which the first five are done; systems use the models."""
    models = [_model(f"m{n}") for n in range(count // 2)]
    uses = [[{"model": f"m{n}", "why": "Sorts"}] for n in range(count // 2)]
    systems = [_system(f"s{n}", uses=uses[n]) for n in range(count // 2)]
    moves = [f"model:m{n}" for n in range(count // 2)] + [f"system:s{n}" for n in range(count // 2)]
    size = -(-len(moves) // _STAGES)
    waves = [
        {"scope": {"city": ["all"]}, "traffic": 10 * (n + 1), "moves": moves[n * size : (n + 1) * size],
         "planned_on": f"2026-1{n // 8}-{n + 10}", **({"done_on": f"2026-10-{n + 10}"} if n < _STAGES // 2 else {})}
        for n in range(_STAGES)
    ]  # fmt: skip
    migration = {"kind": "migration", "id": "kserve", "name": "To KServe", "summary": "Off the VMs",
                 "status": "running", "owners": ["menu"], "moves": moves, "fallback": "m0", "waves": waves}  # fmt: skip
    return [_person("asha"), *models, *systems, migration]


def _list_steps(count: int) -> Iterable[Card]:
    """List a flow of so many steps, each of a system of its own."""
    steps = [{"from": f"system:s{n}", "calls": "model:rush", "note": f"call {n}"} for n in range(count // 2)]
    steps += [{"from": f"system:s{n}", "publishes": "topic:orders", "note": f"event {n}"} for n in range(count // 2)]
    flow = {"kind": "flow", "id": "rank", "name": "Rank", "summary": "Ranks", "owners": ["menu"], "steps": steps}
    return [_person("asha"), _model("rush"), *(_system(f"s{n}") for n in range(count // 2)), flow]


def _list_cleanup_items(count: int) -> Iterable[Card]:
    """List an experiment after which so many resources have to be removed."""
    items = [{"remove": f"collection:c{n}", "owner": "menu"} for n in range(count)]
    variants = {"control": {"model": "rush", "traffic": 50}, "treatment": {"traffic": 50}}
    decision = {"winner": "control", "by": "asha", "decided_on": "2026-09-02", "reason": "No more orders"}
    experiment = {"kind": "experiment", "id": "ab", "name": "AB", "summary": "Test", "status": "concluded",
                  "owners": ["menu"], "started_on": "2026-08-01", "ended_on": "2026-08-30", "where": "system:feed",
                  "metric": "orders", "variants": variants, "decision": decision,
                  "cleanup": {"due": "2026-10-01", "items": items}}  # fmt: skip
    collections = [_resource("collection", f"c{n}", created_for="experiment:ab") for n in range(count)]
    return [_person("asha"), _model("rush"), _system("feed"), experiment, *collections]


def _list_aliases(count: int) -> Iterable[Card]:
    """List a model with so many aliases."""
    return [_person("asha"), _model("rush", aliases=[f"rush-v{n}" for n in range(count)])]


def _list_members(count: int) -> Iterable[Card]:
    """List a team of so many people, each of whom is a contact of a model."""
    models = [_model(f"m{n}", contacts={"ds": f"p{n}", "product": "asha", "engineering": "asha"}) for n in range(count)]
    return [_person("asha"), *(_person(f"p{n}") for n in range(count)), *models]


def _list_fallbacks(count: int) -> Iterable[Card]:
    """List models that all fall back to one."""
    return [_person("asha"), _model("rush"), *(_model(f"m{n}", fallback="rush") for n in range(count))]


def _list_features(count: int) -> Iterable[Card]:
    """List a feature view of so many features, each of which a model reads."""
    view = _resource("feature_view", "profile", features=[{"name": f"f{n}", "type": "float32"} for n in range(count)])
    return [_person("asha"), view, *(_model(f"m{n}", features=[f"profile:f{n}"]) for n in range(count))]


def _list_addresses(count: int) -> Iterable[Card]:
    """List so many models with one address."""
    endpoints = {"production": "https://ml.example.com/v1/predict"}
    return [_person("asha"), *(_model(f"m{n}", serving="online", endpoints=endpoints) for n in range(count))]


SHAPES: Mapping[str, Callable[[int], Iterable[Card]]] = {
    "consumers": _list_consumers,
    "uses": _list_uses,
    "readers": _list_readers,
    "moves": _list_moves,
    "steps": _list_steps,
    "clean-up": _list_cleanup_items,
    "aliases": _list_aliases,
    "members": _list_members,
    "fallbacks": _list_fallbacks,
    "features": _list_features,
    "addresses": _list_addresses,
}


RENDER = """
import sys
from pathlib import Path
from generator.project import open_project
project = open_project(Path(sys.argv[1]))
project.render_pages()
"""


def main(counts: tuple[int, ...]) -> None:
    """Print the CPU time of each book, and its growth; the growth is that of the entries if the work is linear."""
    print(f"| one card with | {' | '.join(f'{count} entries, CPU s' for count in counts)} | growth | MB |")
    print(f"|---|{'---|' * (len(counts) + 2)}")
    for shape in SHAPES:
        with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
            taken = []
            for count in counts:
                root = Path(name) / str(count)
                write_growing_book(root, shape, count)
                taken.append(measure("-c", RENDER, ".", cwd=root))
        seconds = [one.cpu_seconds for one in taken]
        times = " ".join(f"{after / before:.1f}x" for before, after in pairwise(seconds))
        print(f"| {shape} | {' | '.join(f'{one:.1f}' for one in seconds)} | {times} | {taken[-1].megabytes:.0f} |")
