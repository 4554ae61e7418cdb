"""Deleted cards that leave consumers behind."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from msgspec import structs

from generator.answers.observations import SightingIndex, describe_sighting
from generator.answers.used_by import list_consumers
from generator.graph.consumers import list_model_uses
from generator.graph.edges import DEPENDING, Graph, Relation
from generator.grouping import group_pairs
from generator.history.facts import FactKind, HistoricalFact
from generator.names import ID_PATTERN, Ref, sort_refs
from generator.schema import KINDS, Model, Resource
from generator.schema.card import Criticality
from generator.values import FrozenValue

ACCEPT_DELETION = "Accept-deletion"
"""The trailer of a commit message that accepts the deletion of a card with consumers: `Accept-deletion: model:ryl`."""
_ACCEPTED = re.compile(rf"^{ACCEPT_DELETION}:(.*)$", re.MULTILINE | re.IGNORECASE)
_REFERENCE = re.compile(rf"(?<![\w:./-])[a-z][a-z0-9_]*:{ID_PATTERN}(?<![.-])")


class LeftConsumer(FrozenValue):
    """A consumer that stays in the book while the card that it uses is deleted."""

    ref: Ref | None
    """None if it has no card."""
    name: str
    whys: tuple[str, ...]
    surfaces: tuple[str, ...]
    """The places where users would notice."""
    criticality: Criticality | None
    named_in: tuple[Ref, ...]
    """The cards that still declare the use; empty if only the deleted card did."""
    found: str = ""
    """The evidence of a use in code or traffic; empty if only cards declare it."""

    @property
    def text(self) -> str:
        """The reasons, the places, the criticality and the cards that name it."""
        parts = ["; ".join(self.whys), *([f"shown in {' and '.join(self.surfaces)}"] if self.surfaces else [])]
        parts += [f"criticality {self.criticality}"] if self.criticality is not None else []
        cards = " and ".join(map(str, self.named_in))
        named = f"named in {cards}" if self.named_in else "" if self.found else "named only in the deleted card"
        parts += [named, self.found]
        return "; ".join(filter(None, parts))


class Deletion(FrozenValue):
    """A deleted card that leaves consumers behind."""

    ref: Ref
    name: str
    consumers: tuple[LeftConsumer, ...]
    is_accepted: bool


def list_deletions(
    before: Graph,
    after: Graph,
    removed: Iterable[Ref],
    renamed: Mapping[Ref, Ref],
    changed_facts: Collection[HistoricalFact],
    accepted: Collection[Ref],
    sightings: Iterable[SightingIndex] = (),
) -> Iterator[Deletion]:
    """List the deleted models, systems and resources that leave consumers behind.

    A consumer is not left behind if it is deleted or retired too, if the cards that declared its use, other than the
    deleted one, do not do so any more, or if it uses the successor from now on. By the evidence of either book, a
    consumer is left behind whatever the cards declare.

    `changed_facts` are those in the changed files of the new book, `renamed` has the new names of other cards, and
    `accepted` are the cards that may be deleted all the same.
    """
    stated = {(fact.subject, fact.key, fact.declared_by) for fact in changed_facts if fact.kind is FactKind.CONSUMER}
    stated |= {
        (Ref("model", fact.value), str(fact.subject), fact.declared_by)
        for fact in changed_facts
        if fact.kind is FactKind.FALLBACK
    }
    for ref in sort_refs(removed):
        left = [*_list_users(before, after, ref, renamed, stated), *_list_data_readers(before, after, ref, renamed)]
        for user, name, text in _list_found_users(before, after, ref, renamed, sightings):
            known = next((number for number, one in enumerate(left) if (one.ref, one.name) == (user, name)), None)
            if known is None:
                left.append(LeftConsumer(user, name, (), (), None, (), text))
            else:
                left[known] = structs.replace(left[known], found=text)
        if left:
            yield Deletion(ref, before.get_name(ref), tuple(left), ref in accepted)


def _list_found_users(
    before: Graph, after: Graph, ref: Ref, renamed: Mapping[Ref, Ref], sightings: Iterable[SightingIndex]
) -> Iterator[tuple[Ref | None, str, str]]:
    """List the users of a deleted card by the evidence, each with its name and the evidence."""
    found: dict[tuple[Ref | None, str], str] = {}
    for index in sightings:
        for one in replace(index, graph=before).list_users(ref):  # the new book does not know the deleted card
            now = renamed.get(one.user, one.user) if one.user is not None else None
            if now is None or (now in after.cards and not after.is_retired(now)):
                found.setdefault((now, after.get_name(now) if now else one.name), describe_sighting(one))
    yield from ((user, name, text) for (user, name), text in found.items())


def _list_users(
    before: Graph, after: Graph, ref: Ref, renamed: Mapping[Ref, Ref], stated: Collection[tuple[Ref, str, Ref]]
) -> Iterator[LeftConsumer]:
    """List the cards that use a deleted card itself."""
    edges = group_pairs((edge.source, edge) for edge in before.list_incoming_edges(ref, *DEPENDING))
    model = before.cards[ref].card
    successor = Ref("model", model.successor) if isinstance(model, Model) and model.successor else None
    uses = {use.system: use for use in list_model_uses(before, ref)} if ref.kind == "model" else {}
    for source, several in edges.items():
        now = renamed.get(source, source)
        if now not in after.cards or source.kind not in KINDS or before.is_retired(source) or after.is_retired(now):
            continue
        others = {renamed.get(edge.declared_by, edge.declared_by) for edge in several if edge.declared_by != ref}
        others &= after.cards.keys()
        changed = {one for one in others if one not in before.cards or before.cards[one].card != after.cards[one].card}
        still = (others - changed) | {by for used, key, by in stated if (used, key) == (ref, str(now))}
        has_moved = (
            successor is not None and after.depends_on(now, successor) and not before.depends_on(source, successor)
        )
        if still or not (changed or has_moved):
            use = uses.get(source)
            whys = use.whys if use is not None else tuple(dict.fromkeys(edge.why for edge in several if edge.why))
            surfaces, criticality = (use.surfaces, use.criticality) if use is not None else ((), None)
            yield LeftConsumer(now, after.get_name(now), whys, surfaces, criticality, tuple(sort_refs(still)))


def _list_data_readers(before: Graph, after: Graph, ref: Ref, renamed: Mapping[Ref, Ref]) -> Iterator[LeftConsumer]:
    """List the readers of data that only the deleted model filled."""
    model = before.cards[ref].card
    for one in list_consumers(before, model) if isinstance(model, Model) else ():
        data = one.through[-1] if one.through else None
        if data is None or data not in after:
            continue
        suppliers = after.list_outgoing_edges(data, Relation.PUBLISHED_BY, Relation.WRITTEN_BY)
        if any(edge.target in after for edge in suppliers):  # a step of a flow may still name the deleted model
            continue
        now = renamed.get(one.ref, one.ref) if one.ref is not None else None
        edges = [edge for edge in after.list_incoming_edges(data, *DEPENDING) if edge.source == now]
        resource = after.cards[data].card if data in after.cards else None
        is_named = isinstance(resource, Resource) and one.name in resource.consumers
        if (now is None and is_named) or (edges and now is not None and not after.is_retired(now)):
            named_in = tuple(sorted({edge.declared_by for edge in edges} or {data}))
            why = f"reads {after.get_name(data)}, which nothing else fills"
            yield LeftConsumer(now, one.name, (why,), (), one.criticality, named_in)


def find_accepted_deletions(messages: Iterable[str]) -> frozenset[Ref]:
    """Find the cards that lines such as `Accept-deletion: model:ryl, moved to the batch job` name."""
    lines = (line for message in messages for line in _ACCEPTED.findall(message))
    return frozenset(Ref.parse(text) for line in lines for text in _REFERENCE.findall(line))
