"""A book that collects cards from two repositories, as its site publishes it."""

import json
from collections.abc import Mapping
from pathlib import Path

from generator.evidence.published_book import PublishedBook, parse_catalog
from tests.books import MKDOCS, open_book, write_book

RYL = """
kind: model
id: ryl
name: Restaurants
summary: Ranks restaurants.
lifecycle: production
serving: online
owners: [ranking]
deployed_on: 2026-03-02
review_by: 2027-03-02
endpoints: {production: "https://ml.example.com/ryl"}
contract:
  request: {type: object, properties: {user: {type: string}}}
  response: {type: object, properties: {scores: {type: array, items: {type: number}}}}
  examples: [{request: {user: u1}, response: {scores: [0.5]}}]
"""
WEB = """
kind: system
id: web
name: Web shop
owners: [shop]
type: app
uses: [{model: ryl, why: Sorts the list., fields: [scores]}]
"""
TEAMS = """
kind: team
id: ranking
name: Ranking
lead: asha
channel: "#ranking"
---
kind: person
id: asha
name: Asha
team: ranking
email: asha@example.com
---
kind: team
id: shop
name: Shop
lead: ben
channel: "#shop"
---
kind: person
id: ben
name: Ben
team: shop
email: ben@example.com
"""
COLLECTED = {
    "collected/shop/ranking/modelbook/ryl.yml": RYL,
    "collected/shop/web/modelbook.yml": WEB,
    "people.yml": TEAMS,
}
SETTINGS = MKDOCS.replace("as_of: 2026-11-20", "as_of: 2026-11-20, severities: {MB203: 'off', MB206: 'off'}")


def render_published(root: Path, cards: Mapping[str, str] = COLLECTED, mkdocs: str = SETTINGS) -> bytes:
    """Return catalog.json of a book with the cards of shop/ranking and shop/web."""
    catalog = json.loads(open_book(write_book(root, dict(cards), mkdocs)).render_catalog().join())
    for node in catalog["nodes"]:
        parts = str(node.get("file")).split("/")
        if parts[1:2] == ["collected"]:
            name = "/".join(parts[2:4])
            url = f"https://git.example.com/{name}"
            node["source"] = {"name": name, "path": "/".join(parts[4:]), "url": url, "commit": "c0ffee" * 6 + "abcd"}
    return json.dumps(catalog).encode()


def publish(root: Path, cards: Mapping[str, str] = COLLECTED, mkdocs: str = SETTINGS) -> PublishedBook:
    """Publish a book with the cards of shop/ranking and shop/web."""
    return parse_catalog(render_published(root, cards, mkdocs), "catalog.json")
