"""The entities of a Backstage catalog, their references, and the cards that they become.

Format: https://backstage.io/docs/features/software-catalog/descriptor-format
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.backstage_files import CatalogFile
from generator.drafts.reading import Plain, SourceDocument, read_vocabulary
from generator.drafts.results import Note
from generator.drafts.text_cleaning import make_id, make_unique_ids, to_one_line
from generator.grouping import group_pairs
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.names import Ref
from generator.schema import KINDS
from generator.values import FrozenValue

OWN_REFERENCE = "modelbook/ref"
"""The annotations that the export writes, so that an import of its catalog guesses nothing."""
OWN_OWNERS = "modelbook/owners"
OWN_LEFT_ON = "modelbook/left-on"
OWN_FIELDS = "modelbook/fields"
"""The fields of the card that the entity has no place for, as JSON."""
OWN_PROSE = "modelbook/prose"
NO_ENTITY = "this document is not an entity"
UNKNOWN = "unknown"
"""The owner or lifecycle of an entity without one; Backstage requires both."""
_MODEL_TYPES = frozenset({"ml-model", "ai-model", "model", "machine-learning-model", "mlmodel"})
"""The values of `spec.type` that catalogs use for models."""
_DEFAULT_NAMESPACE = "default"
_CARD_KINDS = {"component": "system", "group": "team", "user": "person"}
_RESOURCE_TYPES = read_vocabulary("resource_types")


class EntityRef(FrozenValue, order=True):
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
    place: str
    """Its file and line."""

    @classmethod
    def from_document(cls, document: SourceDocument, file: str) -> "CatalogEntity | None":
        """Return the entity of a document; None if it has no `kind` or no `metadata.name`."""
        data = as_mapping(document.value)
        metadata = as_mapping(data.get("metadata"))
        kind, name = to_one_line(data.get("kind") or "").lower(), to_one_line(metadata.get("name") or "")
        namespace = to_one_line(metadata.get("namespace") or _DEFAULT_NAMESPACE).lower()
        if not kind or not name:
            return None
        ref = EntityRef(kind, namespace, name.lower())
        return cls(ref, name, metadata, as_mapping(data.get("spec")), f"{file}:{document.line}")

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
    def is_template(self) -> bool:
        """Whether it is a template of the scaffolder, whose values are filled in later."""
        texts = [self.name, *(value for value in self.spec.values() if isinstance(value, str))]
        return any("{{" in text or "{%" in text for text in texts) or not re.fullmatch(r"[\w.-]+", self.name)

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
    def exported_fields(self) -> Mapping[str, Plain]:
        """The fields of the card from which our export made the entity that the entity itself does not have."""
        try:
            text = as_mapping(self.metadata.get("annotations")).get(OWN_FIELDS)
            fields = json.loads(text) if self.exported_ref is not None and isinstance(text, str) else {}
        except (ValueError, RecursionError):
            return {}
        return {key: value for key, value in as_mapping(fields).items() if key not in {"kind", "id"}}

    @property
    def id(self) -> str:
        """The id of the card that it becomes, unless another entity has it."""
        return self.exported_ref.id if self.exported_ref is not None else make_id(self.name)

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
    """All entities of some files with the cards that they become, and the cards that the book has."""

    entities: tuple[CatalogEntity, ...]
    book: frozenset[Ref] = frozenset()

    @classmethod
    def parse(cls, files: Iterable[CatalogFile], book: Iterable[Ref]) -> tuple["Catalog", list[Note]]:
        """Return the catalog of some files, with notes on the documents that are not entities."""
        entities: list[CatalogEntity] = []
        notes: list[Note] = []
        for file in files:
            for document in file.documents:
                entity = CatalogEntity.from_document(document, file.name)
                if entity is None and document.value is not None:
                    notes.append(Note(f"{file.name}:{document.line}", NO_ENTITY))
                elif entity is not None and entity.is_template:
                    reason = f"{to_one_line(entity.name, 60)!r} is a template of the scaffolder, not an entity"
                    notes.append(Note(entity.place, f"{reason}: its values are filled in later"))
                elif entity is not None:
                    entities.append(entity)
        return cls(tuple(entities), frozenset(book)), notes

    @cached_property
    def by_ref(self) -> Mapping[EntityRef, CatalogEntity]:
        """The entities by reference; of several with the same name the last."""
        return {entity.ref: entity for entity in self.entities}

    @cached_property
    def cards(self) -> Mapping[EntityRef, Ref]:
        """The card that each entity becomes or is in the book; APIs and other kinds without cards are not included."""
        chosen: dict[EntityRef, Ref] = dict(self._in_book)
        for kind in sorted({entity.card_kind for entity in self.entities} - {""}):
            same = [one for one in self.by_ref.values() if one.card_kind == kind and one.ref not in self._in_book]
            ids = make_unique_ids(entity.id for entity in same)
            chosen |= {entity.ref: Ref(kind, card) for entity, card in zip(same, ids, strict=True)}
        return chosen

    @cached_property
    def _in_book(self) -> Mapping[EntityRef, Ref]:
        """The cards that the book has for entities."""
        found: dict[EntityRef, Ref] = {}
        for entity in self.by_ref.values():
            card = self.find_in_book(entity.ref) if entity.card_kind else None
            if card is not None and card.id.lower() == entity.id.lower():
                found[entity.ref] = card
        return found

    @cached_property
    def providers(self) -> Mapping[EntityRef, CatalogEntity]:
        """The entity that provides each API; models take precedence over systems."""
        by_kind = sorted(self.entities, key=lambda entity: entity.is_model)
        return {api: entity for entity in by_kind for api in entity.list_references("providesApis", "api")}

    @cached_property
    def exported_uses(self) -> Mapping[Ref, tuple[str, ...]]:
        """The models that each system uses by its own card or those of the models, as our export kept them."""
        pairs = [
            (self.cards[one.ref], f"model:{use.get('model')}")
            for one in self.by_ref.values() if one.ref in self.cards
            for use in as_mappings(one.exported_fields.get("uses"))
        ]  # fmt: skip
        pairs += [
            (Ref("system", str(consumer.get("system"))), str(self.cards[one.ref]))
            for one in self.by_ref.values() if one.ref in self.cards
            for consumer in as_mappings(one.exported_fields.get("consumers"))
        ]  # fmt: skip
        return group_pairs(pairs)

    @cached_property
    def _book_by_id(self) -> Mapping[str, tuple[Ref, ...]]:
        return group_pairs((ref.id.lower(), ref) for ref in sorted(self.book))

    def find_in_book(self, ref: EntityRef) -> Ref | None:
        """Return the card of the book that a reference means; a component can be a model or a system."""
        kinds = {"component": ("system", "model"), "group": ("team",), "user": ("person",)}.get(ref.kind, ())
        found = self._book_by_id.get(make_id(ref.name).lower(), ())
        if ref.kind == "resource":
            return next((one for one in found if one.kind not in KINDS), None)
        return next((one for kind in kinds for one in found if one.kind == kind), None)

    def resolve(self, ref: EntityRef) -> Ref | None:
        """Return the card that a reference points to, even if its entity is in no file; None for other kinds."""
        if ref.kind == "api" and ref in self.providers:
            return self.cards.get(self.providers[ref].ref)
        kind = "table" if ref.kind == "resource" else _CARD_KINDS.get(ref.kind)
        return self.cards.get(ref) or self.find_in_book(ref) or (Ref(kind, make_id(ref.name)) if kind else None)

    def is_known(self, ref: EntityRef) -> bool:
        """Whether a file has the entity, or the book its card."""
        return ref in self.by_ref or self.find_in_book(ref) is not None

    @cached_property
    def dependencies(self) -> Mapping[EntityRef, list[EntityRef]]:
        """The dependencies of each entity, which it or the dependency names; a model names its consumers itself."""
        stated = [(one.ref, ref) for one in self.entities for ref in one.list_references("dependsOn", "component")]
        for one in self.entities:
            if self.cards.get(one.ref, Ref("", "")).kind != "model":
                stated += [(ref, one.ref) for ref in one.list_references("dependencyOf", "component")]
        return {dependent: list(dict.fromkeys(refs)) for dependent, refs in group_pairs(stated).items()}

    def list_groups(self, user: CatalogEntity) -> tuple[EntityRef, ...]:
        """Return the groups of a user, which either the user or the group names."""
        others = (group.ref for group in self.entities if user.ref in group.list_references("members", "user"))
        return tuple(dict.fromkeys([*user.list_references("memberOf", "group"), *others]))

    def list_owners(self, entity: CatalogEntity) -> list[str]:
        """Return the ids of the owners: those of our export, else `owner`, and `owners`, which some catalogs add."""
        if exported := entity.get_annotation(OWN_OWNERS):
            return [to_one_line(owner) for owner in exported.split(",")]
        refs = [*entity.list_references("owner", "group"), *entity.list_references("owners", "group")]
        return list(dict.fromkeys(owner.id for ref in refs if (owner := self.resolve(ref))))
