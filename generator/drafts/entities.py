"""Entities of a Backstage catalog as they refer to one another."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.drafts.reading import Part, Plain
from generator.drafts.words import one_line

Object = Mapping[str, Plain]

MODEL_TYPES = frozenset({"ml-model", "ai-model", "model", "machine-learning-model", "mlmodel"})
"""The values of `spec.type` by which catalogs say that a component or a resource is a model."""
OWN_REFERENCE = "modelbook/ref"
"""The annotation that our own export writes, so that nothing is guessed on the way back."""
OWN_OWNERS = "modelbook/owners"
OWN_LEFT_ON = "modelbook/left-on"
UNKNOWN = "unknown"
"""What a catalog says where Backstage asks for an owner or a lifecycle and nobody knows it."""
_DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, order=True, slots=True)
class EntityRef:
    """An entity, in small letters as Backstage compares them: `component:default/home-feed`."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str, kind: str, namespace: str = _DEFAULT_NAMESPACE) -> "EntityRef | None":
        """Read `[kind:][namespace/]name`; None when the text is none."""
        match = re.fullmatch(r"(?:(?P<kind>[\w.-]+):)?(?:(?P<namespace>[\w.-]+)/)?(?P<name>[\w.-]+)", text.strip())
        if match is None:
            return None
        where = match["namespace"] or namespace
        return cls((match["kind"] or kind).lower(), where.lower(), match["name"].lower())

    def __str__(self) -> str:
        return (
            f"{self.kind}:{self.name}"
            if self.namespace == _DEFAULT_NAMESPACE
            else f"{self.kind}:{self.namespace}/{self.name}"
        )


@dataclass(frozen=True, slots=True)
class Entity:
    """One document of a catalog-info.yaml."""

    ref: EntityRef
    name: str
    """`metadata.name` as it was typed."""
    metadata: Object
    spec: Object
    line: int

    @property
    def title(self) -> str:
        """What people call it."""
        profile = mapping(self.spec.get("profile"))
        return one_line(self.metadata.get("title") or profile.get("displayName") or self.name, 120)

    @property
    def type(self) -> str:
        """`spec.type`, in small letters."""
        return one_line(self.spec.get("type") or "").lower()

    @property
    def is_model(self) -> bool:
        """Whether it is a machine-learning model."""
        return self.ref.kind in {"component", "resource"} and self.type in MODEL_TYPES

    def annotation(self, key: str) -> str:
        """An annotation; empty where there is none."""
        return one_line(mapping(self.metadata.get("annotations")).get(key) or "", 2000)

    def references(self, key: str, kind: str) -> tuple[EntityRef, ...]:
        """What a field of `spec` refers to, one or many."""
        told = (text for text in texts(self.spec.get(key)) if text != UNKNOWN)
        found = (EntityRef.parse(text, kind, self.ref.namespace) for text in told)
        return tuple(dict.fromkeys(ref for ref in found if ref is not None))


def entities(parts: Iterable[Part]) -> tuple[tuple[Entity, ...], tuple[int, ...]]:
    """The entities of a file, and the lines of documents that are none."""
    found: list[Entity] = []
    others: list[int] = []
    for part in parts:
        entity = _entity(part)
        if entity is None:
            others.append(part.line)
        else:
            found.append(entity)
    return tuple(found), tuple(others)


def _entity(part: Part) -> Entity | None:
    data = mapping(part.value)
    metadata = mapping(data.get("metadata"))
    kind, name = one_line(data.get("kind") or "").lower(), one_line(metadata.get("name") or "")
    namespace = one_line(metadata.get("namespace") or _DEFAULT_NAMESPACE).lower()
    if not kind or not name:
        return None
    return Entity(EntityRef(kind, namespace, name.lower()), name, metadata, mapping(data.get("spec")), part.line)


def mapping(value: object) -> Object:
    """A mapping as it is; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def texts(value: object) -> list[str]:
    """A text or a list of texts as a list of lines."""
    several = value if isinstance(value, list | tuple) else [value]
    return [line for item in several if isinstance(item, str) and (line := one_line(item))]
