"""Files beside the pages: the stylesheet and scripts of the site, the map's data, the badges."""

import json
from collections.abc import Iterator

from generator.answers.badges import badges
from generator.diagrams import STYLESHEET, compute_positions
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.pictures import MAP_NODES, map_edges, map_refs, team_of
from generator.pages.tree import Here, path_of

_SPREAD = 4
"""The layout spaces dots; on the map they carry names."""

FOLDER = "assets/modelbook"


def assets(book: Book, *, directory_urls: bool) -> Iterator[tuple[str, str]]:
    """Each generated file with its content; the theme's own files are MkDocs' to copy."""
    yield f"{FOLDER}/diagrams.css", STYLESHEET
    if len(map_refs(book)) > MAP_NODES:
        data = map_data(book, directory_urls=directory_urls).replace("<", "\\u003c")
        yield f"{FOLDER}/map.js", f"window.modelbookMap = {data};\n"
    for path, svg in badges(book.ledger):
        yield f"{FOLDER}/{path}", svg


def map_data(book: Book, *, directory_urls: bool) -> str:
    """The map's nodes with their places and its edges, as cytoscape.js reads them."""
    refs = map_refs(book)
    edges = map_edges(book)
    here = Here("map.md", directory_urls)
    places = compute_positions([str(ref) for ref in refs], [(str(edge.target), str(edge.source)) for edge in edges])
    nodes = [_node(book, ref, here, places[str(ref)]) for ref in refs]
    links = [{"data": {"source": str(edge.target), "target": str(edge.source)}} for edge in edges]
    return json.dumps({"nodes": nodes, "edges": links}, ensure_ascii=False, separators=(",", ":"))


def _node(book: Book, ref: Ref, here: Here, place: tuple[float, float]) -> dict[str, object]:
    team = team_of(book, ref)
    data = {
        "id": str(ref),
        "label": book.graph.get_name(ref),
        "kind": ref.kind,
        "team": book.graph.get_name(team) if team else "",
        "href": here.href(path_of(ref)),
    }
    return {"data": data, "position": {"x": round(place[0] * _SPREAD), "y": round(place[1] * _SPREAD)}}
