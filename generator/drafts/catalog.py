"""A Backstage catalog as a whole: what each entity becomes, and what a reference to it means in a book."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.entities import OWN_REFERENCE, Entity, EntityRef
from generator.drafts.words import distinct, identifier
from generator.names import Ref
from generator.schema import KINDS

_KINDS = {"component": "system", "group": "team", "user": "person"}
_RESOURCE_TYPES = {
    "kafka-topic": "topic", "pubsub-topic": "topic", "sns-topic": "topic", "s3-bucket": "bucket",
    "gcs-bucket": "bucket", "feature-view": "feature_view", "feature-group": "feature_view", "db-table": "table",
}  # fmt: skip


@dataclass(frozen=True)
class Catalog:
    """All entities of a file, and what each of them becomes."""

    file: str
    entities: tuple[Entity, ...]

    @cached_property
    def by_ref(self) -> Mapping[EntityRef, Entity]:
        """The entities by their references; of two of one name the last."""
        return {entity.ref: entity for entity in self.entities}

    @cached_property
    def cards(self) -> Mapping[EntityRef, Ref]:
        """The card that each entity becomes; none for APIs and what else a book has no place for."""
        kinds = {entity.ref: _kind(entity) for entity in self.entities}
        chosen: dict[EntityRef, Ref] = {}
        for kind in sorted(set(kinds.values()) - {""}):
            mine = [entity for entity in self.by_ref.values() if kinds[entity.ref] == kind]
            ids = distinct(_wanted_id(entity, kind) for entity in mine)
            chosen |= {entity.ref: Ref(kind, own) for entity, own in zip(mine, ids, strict=True)}
        return chosen

    @cached_property
    def providers(self) -> Mapping[EntityRef, Entity]:
        """Who provides each API; a model before a system."""
        found: dict[EntityRef, Entity] = {}
        for entity in sorted(self.entities, key=lambda one: one.is_model):
            for api in entity.references("providesApis", "api"):
                found[api] = entity
        return found

    def place(self, entity: Entity) -> str:
        """Where an entity stands, for notes."""
        return f"{self.file}:{entity.line}, {entity.ref}"

    def target(self, ref: EntityRef) -> tuple[Ref | None, bool]:
        """The card that a reference means, and whether it stands in the file."""
        if ref in self.cards:
            return self.cards[ref], True
        kind = _KINDS.get(ref.kind)
        return (Ref(kind, identifier(ref.name)) if kind else None), False


def _kind(entity: Entity) -> str:
    """The kind of card, or the type of resource, that an entity becomes; empty where there is none."""
    own = own_ref(entity)
    if own is not None:
        return own.kind
    if entity.is_model:
        return "model"
    if entity.ref.kind == "resource":
        return _RESOURCE_TYPES.get(entity.type) or _type_name(entity.type)
    return _KINDS.get(entity.ref.kind, "")


def _type_name(text: str) -> str:
    """A word as the type of a resource, which is never a kind of card."""
    word = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:60]
    return f"resource_{word}" if word in {*KINDS, "page"} or word[:1].isdigit() else word or "table"


def own_ref(entity: Entity) -> Ref | None:
    """What our own export says that the entity is, where the entity can be that."""
    try:
        ref = Ref.parse(entity.annotation(OWN_REFERENCE))
    except ValueError:
        return None
    fitting = {"component": {"model", "system"}, "group": {"team"}, "user": {"person"}}.get(entity.ref.kind, set())
    is_type = entity.ref.kind == "resource" and _type_name(ref.kind) == ref.kind
    return ref if ref.kind in fitting or is_type else None


def _wanted_id(entity: Entity, kind: str) -> str:
    own = own_ref(entity)
    return own.id if own is not None and own.kind == kind else identifier(entity.name)
