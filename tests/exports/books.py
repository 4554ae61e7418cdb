"""Books to export: the demo book, and small ones with hostile names."""

import functools
from pathlib import Path

from generator.contracts.openapi import resolve_contracts
from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.load.cards import Cards, load_cards

PROJECT = Path(__file__).resolve().parents[2]

HOSTILE = """
kind: model
id: evil
name: 'a "b" \\ <script>alert(1)</script> | `c` {d} %s'
summary: "# not a heading [x](javascript:alert(1)) *y*"
lifecycle: production
serving: online
owners: [t]
tags: ["ü!", "ÄÖ", "ok tag"]
aliases: ["`tick`", "a|b"]
links: {"x](y": "javascript:alert(1)", ok: "https://example.com/a b?<c>", good: "https://example.com/(a)"}
notes: "---\\n\\n1. one\\n\\n- two\\n```\\nthree"
endpoints: {production: "https://ml.example.com/`x`|y"}
contract:
  request: {$ref: "#/$defs/A", $defs: {A: {type: string, const: "```"}}}
  examples: [{name: "*", request: "```"}]
card:
  limitations: ["<b>", {a: [1, {b: "|"}]}]
  metrics: [{name: "F1|", value: 1}, {name: "x", value: "high"}]
  factors: {k: {l: m}}
x-own: {extras: 1}
---
kind: team
id: t
name: "]; } label=\\"x &lt;"
---
kind: person
id: p
name: P
team: t
email: p@example.com
left_on: 2026-01-31
---
kind: system
id: evil
name: Evil
type: job
owners: [p, t]
uses: [{model: evil, why: "a\\nb | c", surface: "<i>", criticality: high}]
depends_on: ["topic:only.named"]
"""


def loaded(project: Path) -> Cards:
    cards, findings = load_cards(project / "cards", project)
    assert findings == []
    return resolve_contracts(cards)[0]


def graph_of(cards: Cards) -> Graph:
    return build_graph(cards)[0]


@functools.cache
def own() -> Graph:
    return graph_of(loaded(PROJECT))


def hostile(folder: Path) -> Graph:
    (folder / "cards").mkdir()
    (folder / "cards" / "all.yml").write_text(HOSTILE.lstrip(), encoding="utf-8")
    return graph_of(loaded(folder))
