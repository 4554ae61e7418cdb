"""Owners of code: the systems and models by the repositories and paths of their code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.evidence.retirements import matches_path
from generator.evidence.source_links import get_repository_name
from generator.graph.edges import Graph
from generator.names import Ref
from generator.schema import Card, Model, System


def get_code_repository(card: Card) -> str:
    """Return the name of the repository of a card's own code, as `owner/name`; empty if the card names none."""
    if not isinstance(card, Model | System):
        return ""
    linked = (target for label, target in card.links.items() if label.casefold() == "repo")
    return get_repository_name(card.repo or (next(linked, "") if isinstance(card, Model) else ""))


@dataclass(frozen=True, slots=True)
class _OwnedPaths:
    """The paths of a card in its repository."""

    ref: Ref
    paths: tuple[str, ...]

    def match(self, file: str) -> int:
        """Return the length of the longest path that contains a file, -1 if none does; 0 for the whole repository."""
        if not self.paths:
            return 0
        return max((len(path.strip("/")) for path in self.paths if matches_path(path, file)), default=-1)


class CodeOwners:
    """Finds the cards that a file in a repository belongs to."""

    def __init__(self, cards: Iterable[Card]) -> None:
        by_name: defaultdict[str, list[_OwnedPaths]] = defaultdict(list)
        for card in cards:
            name = get_code_repository(card).casefold()
            if name and isinstance(card, Model | System):
                by_name[name].append(_OwnedPaths(card.ref, card.paths))
        # Systems come first: code that a system and a model share is searched for uses of the model.
        order = {
            name: sorted(owned, key=lambda one: (one.ref.kind != "system", one.ref)) for name, owned in by_name.items()
        }
        self._by_name: Mapping[str, Sequence[_OwnedPaths]] = order
        endings: defaultdict[str, list[str]] = defaultdict(list)
        for name in by_name:
            endings[name.rpartition("/")[2]].append(name)
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
        return tuple(one.ref for one in self._by_name.get(self.normalize(repo), ()))

    def list_owners(self, repo: str, file: str) -> tuple[Ref, ...]:
        """List the cards whose longest path contains a file, systems first; several only if they name the same path."""
        key = (repo, file)
        if key not in self._found:
            lengths = [(one.match(file), one.ref) for one in self._by_name.get(self.normalize(repo), ())]
            longest = max((length for length, _ in lengths), default=-1)
            self._found[key] = tuple(ref for length, ref in lengths if length == longest >= 0)
        return self._found[key]


def get_code_owners(graph: Graph) -> CodeOwners:
    """Return the owners of code by the cards of a book."""
    return graph.cache_result(_index_owners)


def _index_owners(graph: Graph) -> CodeOwners:
    return CodeOwners(loaded.card for loaded in graph.cards.values())
