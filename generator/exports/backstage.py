"""The book as a Backstage catalog-info.yaml: models and systems as components, resources, groups, users, APIs.

What Backstage has no field for stands in annotations that start with `modelbook/`; the import reads them, so that
names, owners and dependencies survive the way there and back. Flows, experiments and migrations are no entities.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.drafts.backstage_catalog import OWN_LEFT_ON, OWN_OWNERS, OWN_REFERENCE, UNKNOWN
from generator.drafts.text_cleaning import to_one_line
from generator.drafts.yaml_writing import render_yaml
from generator.exports.data import Data
from generator.exports.openapi import definition
from generator.graph.edges import FLOWING, Graph, Relation
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Card, Model, Person, System, Team

_KINDS = {"model": "Component", "system": "Component", "team": "Group", "person": "User"}
_NO_ENTITIES = frozenset({"flow", "experiment", "migration"})
_NAME_LIMIT = 63


def backstage(graph: Graph) -> str:
    """All documents of the catalog, sorted by kind and name."""
    names = _Names(graph)
    entities = [entity for ref in names.refs for entity in _entities(names, ref)]
    entities.sort(key=lambda entity: (entity["kind"], entity["metadata"]["name"]))
    documents = (
        "\n".join(line for key, value in entity.items() for line in render_yaml(key, value)) for entity in entities
    )
    return "---\n" + "\n---\n".join(documents) + "\n"


@dataclass(frozen=True)
class _Names:
    """The book's nodes with their names in the catalog, which are shorter and shared by models and systems."""

    graph: Graph

    @property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(ref for ref in self.graph.refs if ref.kind not in _NO_ENTITIES)

    @cached_property
    def of(self) -> Mapping[Ref, str]:
        """`metadata.name` of each node, its own within its kind of entity."""
        found: dict[Ref, str] = {}
        used: set[tuple[str, str]] = set()
        for ref in self.refs:
            plain = re.sub(r"[-._]+$", "", ref.id[:_NAME_LIMIT])
            chosen, number = plain, 1
            while (kind_of(ref), chosen.lower()) in used:
                number += 1
                chosen = f"{plain[: _NAME_LIMIT - 12]}-{ref.kind[:8]}{number if number > 2 else ''}"
            used.add((kind_of(ref), chosen.lower()))
            found[ref] = chosen
        return found

    def entity(self, ref: Ref) -> str:
        """A reference as Backstage writes it."""
        return f"{kind_of(ref).lower()}:{self.of[ref]}"

    def api(self, ref: Ref) -> str:
        """The name of the API of a model."""
        return f"{self.of[ref][: _NAME_LIMIT - 4]}-api"

    def has_api(self, ref: Ref) -> bool:
        """Whether a node is a model with a contract."""
        card = self.graph.cards[ref].card if ref in self.graph.cards else None
        return isinstance(card, Model) and card.contract is not None


def kind_of(ref: Ref) -> str:
    """The kind of entity that a node becomes."""
    return _KINDS.get(ref.kind, "Resource")


def _entities(names: _Names, ref: Ref) -> Iterator[Data]:
    loaded = names.graph.cards.get(ref)
    card = loaded.card if loaded else None
    match card:
        case Team():
            profile = {"displayName": card.name, **({"email": card.email} if card.email else {})}
            yield _entity(names, ref, card, {"type": "team", "profile": profile, "children": []})
        case Person():
            profile = {"displayName": card.name, **({"email": card.email} if card.email else {})}
            teams = [names.of[edge.target] for edge in names.graph.list_outgoing_edges(ref, Relation.MEMBER_OF)]
            yield _entity(names, ref, card, {"profile": profile, "memberOf": teams})
        case _:
            yield _entity(names, ref, card, _spec(names, ref, card))
    if loaded is not None and names.has_api(ref):
        yield _api(names, ref, loaded)


def _entity(names: _Names, ref: Ref, card: Card | None, spec: Data) -> Data:
    owners = [edge.target.id for edge in names.graph.list_outgoing_edges(ref, Relation.OWNED_BY)]
    annotations = {OWN_REFERENCE: str(ref), **({OWN_OWNERS: ",".join(owners)} if len(owners) > 1 else {})}
    if isinstance(card, Person) and card.left_on:
        annotations[OWN_LEFT_ON] = card.left_on.isoformat()
    metadata: Data = {"name": names.of[ref], "title": names.graph.get_name(ref)}
    if card is not None:
        metadata |= _said(card)
    api_version = "backstage.io/v1alpha1"
    return {
        "apiVersion": api_version,
        "kind": kind_of(ref),
        "metadata": {**metadata, "annotations": annotations},
        "spec": spec,
    }


def _said(card: Card) -> Data:
    """What Backstage has fields for, those left out that are empty."""
    tags = dict.fromkeys(
        re.sub(r"[^a-z0-9:+#]+", "-", tag.lower()).strip("-")[:_NAME_LIMIT].strip("-") for tag in card.tags
    )
    links = [{"url": target, "title": title} for title, target in card.links.items() if re.match(r"https?://", target)]
    said: Data = {"description": card.summary, "tags": [tag for tag in tags if tag], "links": links}
    return {key: value for key, value in said.items() if value}


def _spec(names: _Names, ref: Ref, card: Card | None) -> Data:
    types = {"model": "ml-model", "system": card.type.value if isinstance(card, System) else ""}
    spec: Data = {"type": types.get(ref.kind, ref.kind.replace("_", "-"))}
    if kind_of(ref) == "Component":
        spec["lifecycle"] = card.lifecycle.value if isinstance(card, Model) else UNKNOWN
    owners = names.graph.list_outgoing_edges(ref, Relation.OWNED_BY)
    spec["owner"] = names.entity(owners[0].target) if owners else UNKNOWN
    if names.has_api(ref):
        spec["providesApis"] = [names.api(ref)]
    used = {edge.target for edge in names.graph.list_outgoing_edges(ref, Relation.USES) if names.has_api(edge.target)}
    needed = {edge.target for edge in names.graph.list_outgoing_edges(ref, *FLOWING)} - used - {ref}
    called: Data = {
        "consumesApis": [names.api(target) for target in sorted(used)],
        "dependsOn": [names.entity(target) for target in sorted(needed) if target in names.of],
    }
    return {**spec, **{key: value for key, value in called.items() if value}}


def _api(names: _Names, ref: Ref, loaded: LoadedCard) -> Data:
    card: Any = loaded.card
    owners = names.graph.list_outgoing_edges(ref, Relation.OWNED_BY)
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "metadata": {"name": names.api(ref), "title": to_one_line(f"{card.name}: how it is called")},
        "spec": {
            "type": "openapi",
            "lifecycle": card.lifecycle.value,
            "owner": names.entity(owners[0].target) if owners else UNKNOWN,
            "definition": json.dumps(definition(card, loaded.openapi), ensure_ascii=False, indent=1),
        },
    }
