"""The book in the cache, from which the next build takes what it need not read and check again.

It consists of Python objects: only a file that nobody else can write is read. Cards and edges are read when they are
asked for, since most changes touch few.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from generator.garbage_collection import suspend_collection
from generator.graph.edges import Graph, NodeEdges
from generator.incremental.slices import SliceIndex, SliceWriter, StoredMapping, read_slices, write_slices
from generator.incremental.stored_cards import CARDS_TOGETHER, CardSlices, StoredCard, StoredTexts
from generator.load.cards import Cards
from generator.load.collected import CardOrigin
from generator.load.files import Folder
from generator.names import Ref
from generator.project import Project
from generator.values import FrozenValue


def write_project(path: Path, project: Project) -> None:
    """Write a project as a whole, readable by its owner only. Do nothing without a cache.

    It contains no secrets: see `can_be_updated`.
    """
    write_slices(path, partial(_store_project, project))


def read_project(path: Path) -> Project | None:
    """Read a project that this version of the software has written; None if it is missing, damaged or not private.

    Its values raise DamagedStateError if they are damaged.
    """
    stored, body = read_slices(path) or (None, memoryview(b""))
    with suspend_collection():
        return _restore_project(stored, body) if isinstance(stored, _StoredProject) else None


class _StoredProject(FrozenValue):
    project: Project
    """The project without cards and graph."""
    cards: Cards
    """The cards without the items and the texts."""
    refs: tuple[Ref, ...]
    """The references to the cards, in their order."""
    names: tuple[str, ...]
    """The name of each card."""
    files: tuple[str, ...]
    """The file of each card."""
    origins: tuple[CardOrigin | None, ...]
    drafts: frozenset[Ref]
    accepting: frozenset[Ref]
    inventoried: frozenset[Ref]
    texts: tuple[str, ...]
    """The names of the files that were read."""
    nodes: tuple[Ref, ...]
    named: frozenset[Ref]
    contents: SliceIndex
    """The contents of the cards, several together."""
    documents: SliceIndex
    declared: SliceIndex
    """The edges that each card declares."""
    outgoing: SliceIndex
    """The edges from each node."""
    incoming: SliceIndex
    commits: tuple[bytes, ...]
    changes: SliceIndex
    """What the commits have changed: see `History`."""


def _store_project(project: Project, writer: SliceWriter) -> _StoredProject:
    cards, graph, history = project.cards, project.graph, project.history
    contents = [(loaded.card, loaded.body, loaded.openapi) for loaded in cards.items]
    return _StoredProject(
        replace(project, cards=Cards(()), graph=Graph({}, frozenset(), {}), history=replace(history, changes={})),
        replace(cards, items=(), texts={}),
        tuple(cards.by_ref),
        tuple(loaded.card.name for loaded in cards.items),
        tuple(loaded.file for loaded in cards.items),
        tuple(loaded.origin for loaded in cards.items),
        cards.drafts,
        cards.accepting,
        cards.inventoried,
        tuple(cards.texts),
        graph.refs,
        graph.named,
        writer.add(contents[start : start + CARDS_TOGETHER] for start in range(0, len(contents), CARDS_TOGETHER)),
        writer.add(loaded.document for loaded in cards.items),
        writer.add(graph.declared[ref] for ref in cards.by_ref),
        writer.add(graph.list_outgoing_edges(ref) for ref in graph.refs),
        writer.add(graph.list_incoming_edges(ref) for ref in graph.refs),
        tuple(history.changes),
        writer.add(iter(history.changes.values())),
    )


def _restore_project(stored: _StoredProject, body: memoryview) -> Project:
    rows = zip(stored.refs, stored.files, stored.origins, strict=True)
    groups = range((len(stored.refs) + CARDS_TOGETHER - 1) // CARDS_TOGETHER)
    contents = StoredMapping(dict(zip(groups, groups, strict=True)), partial(stored.contents.read, body))
    source = CardSlices(body, contents, stored.documents)
    items = tuple([StoredCard(source, number, *row) for number, row in enumerate(rows)])
    project = stored.project
    settings = project.configuration.settings
    linked = tuple(project.root / name for name in settings.linked_folders)
    folder = Folder(project.root / settings.cards, project.root, linked)
    cards = replace(stored.cards, items=items, texts=StoredTexts(stored.texts, folder))
    by_ref = dict(zip(stored.refs, items, strict=True))
    known = {"drafts": stored.drafts, "accepting": stored.accepting, "inventoried": stored.inventoried}
    cards.__dict__.update(known, by_ref=by_ref)
    numbers = {ref: number for number, ref in enumerate(stored.refs)}
    nodes = {ref: number for number, ref in enumerate(stored.nodes)}
    graph = Graph(cards.by_ref, stored.named, StoredMapping(numbers, partial(stored.declared.read, body)))
    graph.__dict__.update(
        {
            "refs": stored.nodes,
            "names": {ref: (ref, name) for ref, name in zip(stored.refs, stored.names, strict=True)},
            "outgoing": StoredMapping(nodes, lambda number: NodeEdges(stored.outgoing.read(body, number))),
            "incoming": StoredMapping(nodes, lambda number: NodeEdges(stored.incoming.read(body, number))),
        }
    )
    commits = {key: number for number, key in enumerate(stored.commits)}
    history = replace(project.history, changes=StoredMapping(commits, partial(stored.changes.read, body)))
    return replace(project, cards=cards, graph=graph, history=history)
