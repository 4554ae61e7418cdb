"""The book as a Backstage catalog-info.yaml: models and systems as components, resources, groups, users, APIs.

Values for which Backstage has no field are annotations that start with `modelbook/`. The import reads them, so that
cards are the same after an export and an import. Flows, experiments and migrations are omitted. The format: https://backstage.io/docs/features/software-catalog/descriptor-format
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from generator.drafts.backstage_catalog import (
    OWN_FIELDS,
    OWN_LEFT_ON,
    OWN_OWNERS,
    OWN_PROSE,
    OWN_REFERENCE,
    UNKNOWN,
)
from generator.drafts.text_cleaning import extract_remainder, extract_summary, to_one_line
from generator.drafts.yaml_writing import render_yaml
from generator.exports.catalog import Data, to_written_data
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import list_owners
from generator.load.bind import LoadedCard
from generator.load.nodes import as_mapping
from generator.names import Ref
from generator.schema import Card, Model, Person, Resource, System, Team
from generator.values import FrozenValue

_KINDS = {"model": "Component", "system": "Component", "team": "Group", "person": "User"}
_OMITTED = frozenset({"flow", "experiment", "migration"})
_NAME_LIMIT = 63


def render_backstage(graph: Graph) -> str:
    """Render the entities of the book as YAML documents, sorted by kind and name."""
    models = ((ref, loaded.card) for ref, loaded in graph.cards.items() if isinstance(loaded.card, Model))
    with_api = frozenset(ref for ref, card in models if card.contract is not None)
    names = _Names(graph, _assign_names(ref for ref in graph.refs if ref.kind not in _OMITTED), with_api)
    entities = [entity for ref in names.by_ref for entity in _build_entities(names, ref)]
    entities.sort(key=lambda entity: (entity["kind"], entity["metadata"]["name"]))
    documents = (
        "\n".join(line for key, value in entity.items() for line in render_yaml(key, value)) for entity in entities
    )
    return "---\n" + "\n---\n".join(documents) + "\n"


class _Names(FrozenValue):
    """The names of entities, which are shorter than ids and unique for each kind of entity."""

    graph: Graph
    by_ref: Mapping[Ref, str]
    with_api: frozenset[Ref]
    """The models with a contract."""

    def get_reference(self, ref: Ref) -> str:
        """Return the reference to an entity."""
        return f"{_get_kind(ref).lower()}:{self.by_ref[ref]}"

    def get_owner(self, ref: Ref) -> str:
        """Return the reference to the first owner."""
        owners = list_owners(self.graph, ref)
        return self.get_reference(owners[0]) if owners else UNKNOWN

    def get_api(self, ref: Ref) -> str:
        """Return the name of the API of a model."""
        return f"{self.by_ref[ref][: _NAME_LIMIT - 4]}-api"


def _assign_names(refs: Iterable[Ref]) -> Mapping[Ref, str]:
    found: dict[Ref, str] = {}
    used: set[tuple[str, str]] = set()
    for ref in refs:
        plain = re.sub(r"[-._]+$", "", ref.id[:_NAME_LIMIT])
        chosen, number = plain, 1
        while (_get_kind(ref), chosen.lower()) in used:
            number += 1
            chosen = f"{plain[: _NAME_LIMIT - 12]}-{ref.kind[:8]}{number if number > 2 else ''}"
        used.add((_get_kind(ref), chosen.lower()))
        found[ref] = chosen
    return found


def _get_kind(ref: Ref) -> str:
    return _KINDS.get(ref.kind, "Resource")


def _build_entities(names: _Names, ref: Ref) -> Iterator[Data]:
    """Build the entity of a node, and that of its API if it has one."""
    graph = names.graph
    loaded = graph.cards.get(ref)
    card = loaded.card if loaded else None
    owners = [owner.id for owner in list_owners(graph, ref)]
    annotations = {OWN_REFERENCE: str(ref), **({OWN_OWNERS: ",".join(owners)} if len(owners) > 1 else {})}
    if isinstance(card, Person) and card.left_on:
        annotations[OWN_LEFT_ON] = card.left_on.isoformat()
    metadata: Data = {
        "name": names.by_ref[ref],
        "title": graph.get_name(ref),
        **(_build_metadata(card) if card else {}),
        "annotations": annotations,
    }
    spec = _build_spec(names, ref, card)
    if loaded is not None:
        others = _select_other_fields(loaded, _read_entity(metadata, spec, owners, loaded.card))
        # Text is valid in any YAML, also with the escapes of JSON.
        annotations |= {OWN_FIELDS: json.dumps(others)} if others else {}
        annotations |= {OWN_PROSE: loaded.body} if loaded.body else {}
    yield _build_entity(_get_kind(ref), metadata, spec)
    if loaded is not None and isinstance(card, Model) and card.contract is not None:
        interface = {
            "type": "openapi",
            "lifecycle": card.lifecycle.value,
            "owner": names.get_owner(ref),
            "definition": json.dumps(build_openapi(card, loaded.openapi), ensure_ascii=False, indent=1),
        }
        title = to_one_line(f"{card.name}: prediction API")
        metadata = {"name": names.get_api(ref), "title": title, "annotations": {OWN_REFERENCE: str(ref)}}
        yield _build_entity("API", metadata, interface)


def _build_entity(kind: str, metadata: Data, spec: Data) -> Data:
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _read_entity(metadata: Data, spec: Data, owners: list[str], card: Card) -> Data:
    """Return the fields of a card that the import reads from its entity."""
    summary = metadata.get("description", "")
    links = {to_one_line(link["title"], 60): to_one_line(link["url"], 2000) for link in metadata.get("links", [])}
    fields: Data = {
        "name": to_one_line(metadata["title"], 120),
        "summary": extract_summary(summary) if not extract_remainder(summary) else None,
        "tags": metadata.get("tags"),
        "links": links if len(links) == len(card.links) else None,
        "owners": owners,
        "lifecycle": spec.get("lifecycle"),
        "type": card.ref.kind if isinstance(card, Resource) else spec.get("type"),
    }
    if isinstance(card, Team | Person):
        fields |= {"email": spec["profile"].get("email"), "parent": spec.get("parent")}
        fields |= {
            "left_on": metadata["annotations"].get(OWN_LEFT_ON),
            "team": next(iter(spec.get("memberOf", ())), None),
        }
    return fields


def _select_other_fields(loaded: LoadedCard, known: Data) -> Data:
    """Return the fields of a card that differ from its entity."""
    stated = to_written_data(loaded.card)
    if "contract" in stated and loaded.openapi is not None:
        # The entity of the API has the document; the rest of the contract is as its author wrote it.
        written = as_mapping(as_mapping(loaded.document.to_plain()).get("contract"))
        stated["contract"] = {key: value for key, value in stated["contract"].items() if key in written}
    return {key: value for key, value in stated.items() if key not in {"kind", "id"} and known.get(key) != value}


def _build_metadata(card: Card) -> Data:
    tags = dict.fromkeys(
        re.sub(r"[^a-z0-9:+#]+", "-", tag.lower()).strip("-")[:_NAME_LIMIT].strip("-") for tag in card.tags
    )
    links = [{"url": target, "title": title} for title, target in card.links.items() if re.match(r"https?://", target)]
    stated: Data = {"description": card.summary, "tags": [tag for tag in tags if tag], "links": links}
    return {key: value for key, value in stated.items() if value}


def _build_spec(names: _Names, ref: Ref, card: Card | None) -> Data:
    graph = names.graph
    if isinstance(card, Team | Person):
        profile = {"displayName": card.name, **({"email": card.email} if card.email else {})}
        if isinstance(card, Team):
            parent = names.by_ref.get(Ref("team", card.parent)) if card.parent else None
            return {"type": "team", "profile": profile, **({"parent": parent} if parent else {}), "children": []}
        teams = [names.by_ref[edge.target] for edge in graph.list_outgoing_edges(ref, Relation.MEMBER_OF)]
        return {"profile": profile, "memberOf": teams}
    types = {"model": "ml-model", "system": card.type.value if isinstance(card, System) else ""}
    spec: Data = {"type": types.get(ref.kind, ref.kind.replace("_", "-"))}
    if _get_kind(ref) == "Component":
        stated = card.lifecycle if isinstance(card, Model | System) else None
        spec["lifecycle"] = stated.value if stated is not None else UNKNOWN
    spec["owner"] = names.get_owner(ref)
    if ref in names.with_api:
        spec["providesApis"] = [names.get_api(ref)]
    used = {edge.target for edge in graph.list_outgoing_edges(ref, Relation.USES)} & names.with_api
    needed = {edge.target for edge in graph.list_outgoing_edges(ref, *FLOWING)} - used - {ref}
    dependencies: Data = {
        "consumesApis": [names.get_api(target) for target in sorted(used)],
        "dependsOn": [names.get_reference(target) for target in sorted(needed) if target in names.by_ref],
    }
    return {**spec, **{key: value for key, value in dependencies.items() if value}}


def build_openapi(card: Model, document: object) -> Data:
    """Return the OpenAPI document that a model's contract names, else one with the single operation of the model."""
    if isinstance(document, dict):
        return document
    addresses = [urlsplit(address) for address in card.endpoints.values()]
    servers = dict.fromkeys(f"{parts.scheme}://{parts.netloc}" for parts in addresses)
    path = (addresses[0].path or "/") if addresses else f"/{card.id}"
    answer: Data = {"description": "The answer"}
    operation: Data = {"operationId": card.id, "summary": card.summary}
    contract, method = card.contract, "post"
    if contract is not None:
        method = contract.method.lower()
        examples = contract.examples
        if contract.request is not None:
            shown = next((one.request for one in examples if one.request is not None), None)
            content = _build_content(card, "request", contract.request, shown)
            operation["requestBody"] = {"required": True, "content": content}
        if contract.response is not None:
            shown = next((one.response for one in examples if one.response is not None), None)
            answer["content"] = _build_content(card, "response", contract.response, shown)
    return {
        "openapi": "3.1.0",
        "info": {"title": card.name, "version": card.version or "unknown"},
        **({"servers": [{"url": server} for server in servers]} if servers else {}),
        "paths": {path: {method: {**operation, "responses": {"200": answer}}}},
    }


def _build_content(card: Model, side: str, schema: object, example: object) -> Data:
    if isinstance(schema, dict):
        # The id makes `#` in a reference mean the schema instead of the whole document.
        own_id = {"$id": f"urn:modelbook:{card.id}:{side}"} if "$ref" in str(schema) else {}
        schema = {**own_id, **schema}
    return {"application/json": {"schema": schema, **({"example": example} if example is not None else {})}}
