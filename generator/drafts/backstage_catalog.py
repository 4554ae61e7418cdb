"""The entities of a Backstage catalog, their references, and the cards that they become.

Format: https://backstage.io/docs/features/software-catalog/descriptor-format
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.reading import Plain, SourceDocument, read_vocabulary
from generator.drafts.text_cleaning import make_id, make_unique_ids, to_one_line
from generator.load.nodes import as_list, as_mapping
from generator.names import Ref
from generator.schema import KINDS

OWN_REFERENCE = "modelbook/ref"
"""The annotations that the export writes, so that an import of its catalog guesses nothing."""
OWN_OWNERS = "modelbook/owners"
OWN_LEFT_ON = "modelbook/left-on"
UNKNOWN = "unknown"
"""The owner or lifecycle of an entity without one; Backstage requires both."""
_MODEL_TYPES = frozenset({"ml-model", "ai-model", "model", "machine-learning-model", "mlmodel"})
"""The values of `spec.type` that catalogs use for models."""
_DEFAULT_NAMESPACE = "default"
_CARD_KINDS = {"component": "system", "group": "team", "user": "person"}
_RESOURCE_TYPES = read_vocabulary("resource_types")


@dataclass(frozen=True, order=True, slots=True)
class EntityRef:
    """A reference to an entity, in lower case as Backstage compares them: `component:default/home-feed`."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str, kind: str, namespace: str = _DEFAULT_NAMESPACE) -> "EntityRef | None":
        """Return the reference `[kind:][namespace/]name`; None if the text has another form."""
        match = re.fullmatch(r"(?:(?P<kind>[\w.-]+):)?(?:(?P<namespace>[\w.-]+)/)?(?P<name>[\w.-]+)", text.strip())
        if match is None:
            return None
        return cls((match["kind"] or kind).lower(), (match["namespace"] or namespace).lower(), match["name"].lower())

    def __str__(self) -> str:
        namespace = "" if self.namespace == _DEFAULT_NAMESPACE else f"{self.namespace}/"
        return f"{self.kind}:{namespace}{self.name}"


@dataclass(frozen=True)
class CatalogEntity:
    """A document of a catalog-info.yaml."""

    ref: EntityRef
    name: str
    """`metadata.name` as typed."""
    metadata: Mapping[str, Plain]
    spec: Mapping[str, Plain]
    line: int

    @classmethod
    def from_document(cls, document: SourceDocument) -> "CatalogEntity | None":
        """Return the entity of a document; None if it has no `kind` or no `metadata.name`."""
        data = as_mapping(document.value)
        metadata = as_mapping(data.get("metadata"))
        kind, name = to_one_line(data.get("kind") or "").lower(), to_one_line(metadata.get("name") or "")
        namespace = to_one_line(metadata.get("namespace") or _DEFAULT_NAMESPACE).lower()
        if not kind or not name:
            return None
        return cls(
            EntityRef(kind, namespace, name.lower()), name, metadata, as_mapping(data.get("spec")), document.line
        )

    @property
    def title(self) -> str:
        """Its display name."""
        profile = as_mapping(self.spec.get("profile"))
        return to_one_line(self.metadata.get("title") or profile.get("displayName") or self.name, 120)

    @property
    def type(self) -> str:
        """`spec.type` in lower case."""
        return to_one_line(self.spec.get("type") or "").lower()

    @property
    def is_model(self) -> bool:
        """Whether it is a machine-learning model."""
        return self.ref.kind in {"component", "resource"} and self.type in _MODEL_TYPES

    def get_annotation(self, key: str) -> str:
        """Return an annotation; an empty text if it is missing."""
        return to_one_line(as_mapping(self.metadata.get("annotations")).get(key) or "", 2000)

    def list_references(self, key: str, kind: str) -> tuple[EntityRef, ...]:
        """Return the references in a field of `spec`, which has one or several."""
        names = (name for name in as_text_list(self.spec.get(key)) if name != UNKNOWN)
        found = (EntityRef.parse(name, kind, self.ref.namespace) for name in names)
        return tuple(dict.fromkeys(ref for ref in found if ref is not None))

    @cached_property
    def exported_ref(self) -> Ref | None:
        """The card from which our export made the entity, if the entity can become that card."""
        try:
            ref = Ref.parse(self.get_annotation(OWN_REFERENCE))
        except ValueError:
            return None
        kinds = {"component": {"model", "system"}, "group": {"team"}, "user": {"person"}}.get(self.ref.kind, set())
        is_type = self.ref.kind == "resource" and _to_resource_type(ref.kind) == ref.kind
        return ref if ref.kind in kinds or is_type else None

    @cached_property
    def card_kind(self) -> str:
        """The kind of card, or the type of resource, that it becomes; empty if cards have no such kind."""
        if self.exported_ref is not None:
            return self.exported_ref.kind
        if self.is_model:
            return "model"
        if self.ref.kind == "resource":
            return _RESOURCE_TYPES.get(self.type) or _to_resource_type(self.type)
        return _CARD_KINDS.get(self.ref.kind, "")


def as_text_list(value: Plain) -> list[str]:
    """Return a text or a list of texts as a list of lines."""
    return [line for item in as_list(value) if isinstance(item, str) and (line := to_one_line(item))]


def _to_resource_type(text: str) -> str:
    """Return a word as the type of a resource, which is different from every kind of card."""
    word = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:60]
    return f"resource_{word}" if word in {*KINDS, "page"} or word[:1].isdigit() else word or "table"


@dataclass(frozen=True)
class Catalog:
    """All entities of a file with the cards that they become."""

    file: str
    entities: tuple[CatalogEntity, ...]

    @cached_property
    def by_ref(self) -> Mapping[EntityRef, CatalogEntity]:
        """The entities by reference; of several with the same name the last."""
        return {entity.ref: entity for entity in self.entities}

    @cached_property
    def cards(self) -> Mapping[EntityRef, Ref]:
        """The card that each entity becomes; APIs and other kinds without cards are not included."""
        chosen: dict[EntityRef, Ref] = {}
        for kind in sorted({entity.card_kind for entity in self.entities} - {""}):
            same = [entity for entity in self.by_ref.values() if entity.card_kind == kind]
            ids = make_unique_ids(
                entity.exported_ref.id if entity.exported_ref is not None else make_id(entity.name) for entity in same
            )
            chosen |= {entity.ref: Ref(kind, card) for entity, card in zip(same, ids, strict=True)}
        return chosen

    @cached_property
    def providers(self) -> Mapping[EntityRef, CatalogEntity]:
        """The entity that provides each API; models take precedence over systems."""
        by_kind = sorted(self.entities, key=lambda entity: entity.is_model)
        return {api: entity for entity in by_kind for api in entity.list_references("providesApis", "api")}

    def get_place(self, entity: CatalogEntity) -> str:
        """Return the place of an entity, for notes."""
        return f"{self.file}:{entity.line}, {entity.ref}"

    def resolve(self, ref: EntityRef) -> Ref | None:
        """Return the card that a reference points to, even if its entity is not in the file."""
        kind = _CARD_KINDS.get(ref.kind)
        return self.cards.get(ref) or (Ref(kind, make_id(ref.name)) if kind else None)

    def list_groups(self, user: CatalogEntity) -> tuple[EntityRef, ...]:
        """Return the groups of a user, which either the user or the group names."""
        others = (group.ref for group in self.entities if user.ref in group.list_references("members", "user"))
        return tuple(dict.fromkeys([*user.list_references("memberOf", "group"), *others]))
