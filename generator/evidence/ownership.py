"""Owners of code: the systems and models by the repositories and paths of their code."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.evidence.retirements import compile_path
from generator.evidence.source_links import get_repository_name
from generator.graph.edges import Graph
from generator.grouping import group_pairs
from generator.names import Ref
from generator.schema import Card, Model, System


def get_code_repository(card: Card) -> str:
    """Return the name of the repository of a card's own code, as `owner/name`; empty if the card names none."""
    if not isinstance(card, Model | System):
        return ""
    linked = (target for label, target in card.links.items() if label.casefold() == "repo")
    return get_repository_name(card.repo or (next(linked, "") if isinstance(card, Model) else ""))


Code = tuple[str, tuple[str, ...]]
"""The name of the repository of a card, and its paths in it."""


def get_code(card: Card) -> Code:
    """Return the place of a card's own code; an empty name if the card names none."""
    return get_code_repository(card), card.paths if isinstance(card, Model | System) else ()


@dataclass(slots=True)
class _Repository:
    """The cards with code in a repository. A path without wildcards is looked up, since a repository can have many."""

    whole: list[Ref] = field(default_factory=list)
    """The cards without paths."""
    folders: defaultdict[str, list[Ref]] = field(default_factory=lambda: defaultdict(list))
    patterns: list[tuple[str, re.Pattern[str], Ref]] = field(default_factory=list)

    def add(self, ref: Ref, paths: Iterable[str]) -> None:
        wanted = [path.removeprefix("./").strip("/") for path in paths]
        if not wanted or "" in wanted:
            self.whole.append(ref)
        for path in wanted:
            if "*" in path:
                self.patterns.append((path, compile_path(path), ref))
            elif path:
                self.folders[path].append(ref)

    def list_owners(self, file: str) -> set[Ref]:
        """List the cards whose path has the most characters of those that contain a file."""
        found: defaultdict[int, set[Ref]] = defaultdict(set)
        found[0].update(self.whole)
        end = len(file)
        while end > 0:
            if file[:end] in self.folders:
                found[end].update(self.folders[file[:end]])
                break
            end = file.rfind("/", 0, end)
        for path, pattern, ref in self.patterns:
            if pattern.fullmatch(file):
                found[len(path)].add(ref)
        return found[max(found)]


class CodeOwners:
    """Finds the cards that a file in a repository belongs to."""

    def __init__(self, cards: Iterable[Card] = (), code: Mapping[Ref, Code] | None = None) -> None:
        """Index the code of cards, or the code that is given."""
        self._by_name: defaultdict[str, _Repository] = defaultdict(_Repository)
        self._cards: defaultdict[str, list[Ref]] = defaultdict(list)
        code = {card.ref: get_code(card) for card in cards} if code is None else code
        for ref, (repository, paths) in code.items():
            if repository:
                name = repository.casefold()
                self._by_name[name].add(ref, paths)
                self._cards[name].append(ref)
        endings = group_pairs((name.rpartition("/")[2], name) for name in self._by_name)
        self._by_ending = {ending: names[0] for ending, names in endings.items() if len(names) == 1}
        self._found: dict[tuple[str, str], tuple[Ref, ...]] = {}

    def normalize(self, repo: str) -> str:
        """Return the name by which the cards know a repository, in lower case.

        A folder without a remote has no owner in its name: it is the only repository of the cards with that name.
        """
        name = repo.casefold()
        return name if "/" in name else self._by_ending.get(name, name)

    def list_cards(self, repo: str) -> tuple[Ref, ...]:
        """List the cards with code in a repository."""
        return _sort_owners(self._cards.get(self.normalize(repo), ()))

    def list_owners(self, repo: str, file: str) -> tuple[Ref, ...]:
        """List the cards whose longest path contains a file, systems first; several only if they name the same path."""
        key = (repo, file)
        if key not in self._found:
            repository = self._by_name.get(self.normalize(repo))
            self._found[key] = _sort_owners(repository.list_owners(file) if repository else ())
        return self._found[key]


def _sort_owners(refs: Iterable[Ref]) -> tuple[Ref, ...]:
    """Sort systems first: code that a system and a model share is searched for uses of the model."""
    return tuple(sorted(refs, key=lambda ref: (ref.kind != "system", ref)))


def get_code_owners(graph: Graph) -> CodeOwners:
    """Return the owners of code by the cards of a book."""
    return graph.cache_result(_index_owners)


def _index_owners(graph: Graph) -> CodeOwners:
    return CodeOwners(loaded.card for loaded in graph.cards.values())


def is_deployment(graph: Graph, owner: Ref) -> bool:
    """Return whether a card is a system that deploys others, so that the names in its code are no uses."""
    card = graph.cards[owner].card if owner in graph.cards else None
    return isinstance(card, System) and card.is_deployment
