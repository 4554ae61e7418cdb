"""Sightings: the uses of a card that were found in code or seen in traffic, by their users."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import compress

from msgspec.structs import replace

from generator.evidence.ownership import get_code_owners, is_deployment
from generator.evidence.records import CodeUse, Evidence, NameKind, SeenCall
from generator.graph.duties import find_cleanup
from generator.graph.edges import Graph
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key
from generator.schema import KINDS, Experiment
from generator.schema.rollouts import CleanupItem
from generator.values import FrozenValue

UNKNOWN_CALLER = "unknown caller"
"""The name of a caller that the source does not name."""
NOT_USED = frozenset({"experiment", "migration", "flow", "team", "person"})
"""The kinds of cards that nothing uses, although code may name them."""
NAMES_OF_PEOPLE = frozenset({NameKind.PERSON, NameKind.EMAIL})
NOT_NAMES = frozenset({NameKind.RETIRED, *NAMES_OF_PEOPLE})
"""The kinds of names that are found in code without a use of a card."""
RETIRING = "migration"
"""The kind of card to which the calls to a retired string lead, without a use of it."""


class Sighting(FrozenValue):
    """The use of a card by one system or model, or by one repository or caller that no card has."""

    target: Ref
    user: Ref | None
    """The system or model; None if no card has the code or the caller."""
    name: str
    """The name of the repository or of the caller if no card has it, else the id of the user."""
    uses: tuple[CodeUse, ...]
    """The places in code and configuration."""
    calls: tuple[SeenCall, ...]
    is_documented: bool
    """Whether a card declares a dependency between the two, in either direction."""

    @property
    def found_on(self) -> date | None:
        """The day of the newest commit that has the use; None if it was not found in code."""
        return max((use.committed_on for use in self.uses), default=None)

    @property
    def called_on(self) -> date | None:
        """The last day of the calls; None if there was no call or the sources have no days."""
        return max((call.last_on for call in self.calls if call.last_on is not None), default=None)


def list_sightings(graph: Graph, evidence: Evidence, target: Ref) -> tuple[Sighting, ...]:
    """List the uses of a card, first those of cards, then by name. Its own code and its own calls are not uses."""
    found: defaultdict[tuple[Ref | None, str], list[CodeUse | SeenCall]] = defaultdict(list)
    for use in evidence.list_records(CodeUse, target):
        if use.cls.is_live and use.kind not in NOT_NAMES and use.system != str(target):
            user = _find_user(graph, use.system)
            found[user, user.id if user else use.repo].append(use)
    for call in evidence.list_records(SeenCall, target) if target.kind != RETIRING else ():
        if call.requests and call.system != str(target):
            user = _find_user(graph, call.system)
            found[user, user.id if user else call.caller or UNKNOWN_CALLER].append(call)
    return tuple(
        Sighting(
            target, user, name,
            tuple(one for one in records if isinstance(one, CodeUse)),
            tuple(one for one in records if isinstance(one, SeenCall)),
            user is not None and is_documented(graph, user, target),
        )
        for (user, name), records in sorted(
            found.items(), key=lambda item: (item[0][0] is None, build_sort_key(item[0][1]))
        )
    )  # fmt: skip


def _find_user(graph: Graph, part: str) -> Ref | None:
    """Find the card of a system or model in a record; None if the book does not have it any more."""
    ref = Ref.parse(part) if part else None
    return ref if ref in graph.cards else None


def is_documented(graph: Graph, user: Ref, target: Ref) -> bool:
    """Return whether a card declares a dependency between a user and a card, in either direction."""
    return graph.depends_on(user, target) or graph.depends_on(target, user)


def is_part_of_test(graph: Graph, sighting: Sighting) -> bool:
    """Return whether an experiment accounts for a use, so that no other card has to declare it.

    The system that runs a test uses the resources of its clean-up. After the test, all uses of them are left over.
    """
    test, _ = find_cleanup(graph, sighting.target) or (None, None)
    is_resource = sighting.target.kind not in KINDS
    return test is not None and (test.is_finished or (is_resource and test.where == str(sighting.user)))


def list_items_to_remove(graph: Graph, experiment: Experiment) -> Iterator[tuple[int, CleanupItem, date | None]]:
    """List the numbered items that a finished test removes, each with the day when it was or has to be removed.

    The names that a running test uses again are left out.
    """
    cleanup = experiment.cleanup if experiment.is_finished else None
    for index, item in enumerate(cleanup.items if cleanup else ()):
        test, _ = find_cleanup(graph, Ref.parse(item.remove)) or (experiment, item)
        if test.is_finished:
            yield index, item, item.done_on or item.due or (cleanup.due if cleanup else None)


def list_left_over(graph: Graph, evidence: Evidence, target: Ref) -> tuple[CodeUse, ...]:
    """List the live places that name what a test leaves behind, also those in deployments, which are no uses."""
    found: list[CodeUse] = []
    for use in evidence.list_records(CodeUse, target):
        if not use.cls.is_live or use.kind in NOT_NAMES:
            continue
        places, count = use.places, use.count
        if use.system == str(target):
            owners = [get_code_owners(graph).list_owners(use.repo, place.file) for place in use.places]
            deployed = [any(is_deployment(graph, one) for one in several) for several in owners]
            places = tuple(compress(use.places, deployed))
            count = len(places)
        if count:
            found.append(replace(use, places=places, count=count))
    return tuple(found)


def list_targets(evidence: Evidence) -> Mapping[Ref, tuple[Ref, ...]]:
    """Return the cards and resources that each system or model uses by the evidence."""
    pairs: dict[tuple[Ref, Ref], None] = {}
    for use in evidence.code:
        if isinstance(use, CodeUse) and use.system and use.cls.is_live and use.kind not in NOT_NAMES:
            pairs[Ref.parse(use.system), Ref.parse(use.ref)] = None
    for call in evidence.traffic:
        if isinstance(call, SeenCall) and call.system and call.requests and not call.ref.startswith(f"{RETIRING}:"):
            pairs[Ref.parse(call.system), Ref.parse(call.ref)] = None
    return group_pairs(pairs)
