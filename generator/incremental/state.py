"""The state of a build: what the next build takes from it instead of making it again.

It is a file of the cache, with Python objects: only a file that nobody else can write is read.
"""

import copyreg
import io
import os
import pickle
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from generator.cache_files import read_cache_file, write_cache_file
from generator.graph.edges import Edge, Graph
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.project import Project, suspend_collection

_MARK = b"modelbook state 1\n"


@dataclass(frozen=True, slots=True)
class BookState:
    """The state of a build."""

    project: Project
    """The cards with their graph and all findings. It contains no secrets: see `can_be_updated`."""


def write_state(path: Path, state: BookState, version: str) -> None:
    """Write a state as a whole, readable by its owner only. Do nothing without a cache.

    `version` identifies the software, and everything else that the state depends on besides the cards.
    """
    with suspend_collection():
        content = io.BytesIO()
        content.write(_build_header(version))
        _StatePickler(content, protocol=pickle.HIGHEST_PROTOCOL).dump(state)
        write_cache_file(path, content.getvalue())


def read_state(path: Path, version: str) -> BookState | None:
    """Read a state; None if it is missing, damaged, of another version, or can be written by another user."""
    try:
        status = path.stat()
    except OSError:
        return None
    is_own = os.name != "posix" or (status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    content = read_cache_file(path) if is_own else None
    header = _build_header(version)
    if content is None or not content.startswith(header):
        return None
    with suspend_collection():
        state = pickle.loads(memoryview(content)[len(header) :])  # noqa: S301 - a file of this user
    return state if isinstance(state, BookState) else None


def _build_header(version: str) -> bytes:
    return _MARK + version.encode() + b"\n"


def _reduce_graph(graph: Graph) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return _restore_graph, (graph.cards, graph.named, graph.edges, graph.refs)


def _restore_graph(
    cards: Mapping[Ref, LoadedCard], named: frozenset[Ref], edges: tuple[Edge, ...], refs: tuple[Ref, ...]
) -> Graph:
    graph = Graph(cards, named, edges)
    graph.__dict__["refs"] = refs
    return graph


def _reduce_project(project: Project) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return Project, tuple(getattr(project, field.name) for field in fields(project) if field.init)


class _StatePickler(pickle.Pickler):
    """A pickler that omits what objects compute on demand."""

    dispatch_table = {  # noqa: RUF012 - as the library has it
        **copyreg.dispatch_table,
        Graph: _reduce_graph,
        Project: _reduce_project,
    }
