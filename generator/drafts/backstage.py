"""A Backstage catalog-info.yaml to cards: components, groups, users and resources with their dependencies.

A component or a resource with a type such as `ml-model` becomes a model, any other component a system. An API has no
card: it becomes the contract of the model that provides it, and its consumers use that model.
"""

from collections.abc import Iterator

from generator.drafts.backstage_catalog import (
    OWN_LEFT_ON,
    OWN_OWNERS,
    UNKNOWN,
    Catalog,
    CatalogEntity,
    as_text_list,
)
from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.openapi import OpenApiDocument, list_endpoints
from generator.drafts.reading import parse_documents, parse_first_document, read_vocabulary
from generator.drafts.results import DraftFile, ImportResult, Note, build_notes, merge_results
from generator.drafts.text_cleaning import extract_remainder, extract_summary, make_id, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_mapping, as_mappings
from generator.names import Ref
from generator.schema.base import to_plain_data
from generator.schema.card import TO_BE_WRITTEN

_SYSTEM_TYPES = read_vocabulary("system_types")
_LIFECYCLES = read_vocabulary("backstage_lifecycles")
_IMPORTED = {
    "component": {"type", "lifecycle", "owner", "system", "dependsOn", "consumesApis", "providesApis"},
    "resource": {"type", "lifecycle", "owner", "system", "dependsOn"},
    "group": {"type", "profile", "children", "members"},
    "user": {"profile", "memberOf"},
    "api": {"type", "lifecycle", "owner", "system", "definition"},
}
"""The keys of `spec` that cards have a place for."""


def import_backstage(text: str, file: str) -> ImportResult:
    """Return drafts of all entities in a catalog file; `file` is its name."""
    documents = parse_documents(text, file)
    found = [(document, CatalogEntity.from_document(document)) for document in documents]
    catalog = Catalog(file, tuple(entity for _, entity in found if entity is not None))
    if not catalog.entities:
        message = f"{file} has no entity: expected a document with `kind` and `metadata.name`"
        raise UserError(message)
    notes = [
        Note(f"{file}:{document.line}", "this document is not an entity") for document, entity in found if not entity
    ]
    notes += [
        Note(catalog.get_place(entity), "duplicate name: the last document with this name is used")
        for entity in catalog.entities
        if catalog.by_ref[entity.ref] is not entity
    ]
    drafts = (_build_entity(catalog, entity) for entity in catalog.by_ref.values())
    return merge_results([*drafts, ImportResult(notes=tuple(notes))])


def _build_entity(catalog: Catalog, entity: CatalogEntity) -> ImportResult:
    ref, place = catalog.cards.get(entity.ref), catalog.get_place(entity)
    if ref is None:
        return build_notes(place, _list_reasons_without_card(catalog, entity))
    values = _build_common_values(catalog, entity, ref)
    guesses: dict[str, str] = {}
    messages: list[str] = []
    results: list[ImportResult] = []
    needs: tuple[str, ...] = ()
    if ref.kind == "model":
        file, contract = _build_contract(catalog, entity, guesses, messages)
        values |= {"lifecycle": _LIFECYCLES.get(to_one_line(entity.spec.get("lifecycle") or "").lower()), **contract}
        needs = (file.path,) if file is not None else ()
        results = [ImportResult((file,) if file is not None else ())]
    elif ref.kind == "system":
        values |= _build_system_values(catalog, entity, ref)
        if entity.type not in _SYSTEM_TYPES:
            guesses["type"] = f"its type in Backstage is {entity.type!r}"
    kind = ref.kind if ref.kind in {"model", "system", "team", "person"} else "resource"
    if kind in {"model", "resource"}:
        results.append(_build_dependencies(catalog, entity, ref))
    origin = _describe_origin(catalog, entity)
    messages += _list_omissions(catalog, entity)
    draft = CardDraft(kind, ref.id, entity.title, origin, values, guesses, needs=needs)
    return merge_results([build_draft(draft, messages, place), *results])


def _describe_origin(catalog: Catalog, entity: CatalogEntity) -> str:
    return f"the Backstage entity {entity.ref} in {catalog.file}"


def _build_common_values(catalog: Catalog, entity: CatalogEntity, ref: Ref) -> dict[str, object]:
    """Return the values of a card that do not depend on the contract and the uses."""
    metadata = entity.metadata
    description = metadata.get("description") or ""
    values: dict[str, object] = {
        "summary": extract_summary(description),
        "tags": [
            *as_text_list(metadata.get("tags")),
            *(system.name for system in entity.list_references("system", "system")),
        ],
        "links": {
            to_one_line(link.get("title") or link.get("type") or f"link {number}", 60): to_one_line(link["url"])
            for number, link in enumerate(as_mappings(metadata.get("links")), 1)
            if link.get("url")
        },
    }
    if ref.kind in {"team", "person"}:
        values["email"] = to_one_line(as_mapping(entity.spec.get("profile")).get("email") or "")
        if ref.kind == "person":
            teams = [team.id for group in catalog.list_groups(entity) if (team := catalog.resolve(group))]
            values |= {"team": teams[0] if teams else None, "left_on": entity.get_annotation(OWN_LEFT_ON)}
        return values
    values |= {"notes": extract_remainder(description), "owners": _list_owners(catalog, entity)}
    return values if ref.kind in {"model", "system"} else {**values, "type": ref.kind}


def _list_owners(catalog: Catalog, entity: CatalogEntity) -> list[str]:
    """Return the owners; only our own export has several."""
    exported = entity.get_annotation(OWN_OWNERS)
    if exported:
        return [to_one_line(owner) for owner in exported.split(",")]
    return [owner.id for ref in entity.list_references("owner", "group") if (owner := catalog.resolve(ref))]


def _build_contract(
    catalog: Catalog, entity: CatalogEntity, guesses: dict[str, str], problems: list[str]
) -> tuple[DraftFile | None, dict[str, object]]:
    """Return the first OpenAPI definition that a model provides, and its values; add the problems of the others."""
    for ref in entity.list_references("providesApis", "api"):
        api = catalog.by_ref.get(ref)
        definition = api.spec.get("definition") if api else None
        if api is None or api.type != "openapi" or not isinstance(definition, str):
            problems.append(f"{ref} has no OpenAPI definition in the file, so the contract is unknown")
            continue
        data = as_mapping(to_plain_data(parse_first_document(definition, str(ref))))
        operations = OpenApiDocument(str(ref), data).list_operations()
        calls = [operation for operation in operations if operation.looks_like_prediction] or operations
        if not calls:
            problems.append(f"the definition of {ref} has no operation")
            continue
        if len(calls) > 1:
            problems.append(f"{ref} has {len(calls)} operations: the contract is that of {calls[0].key}")
        path = f"contracts/{make_id(api.name)}.openapi.{'json' if definition.lstrip()[:1] == '{' else 'yml'}"
        contract = {"openapi": f"../{path}", "operation": calls[0].key}
        values: dict[str, object] = {"endpoints": list_endpoints(calls[0], guesses, problems), "contract": contract}
        return DraftFile(path, str(definition)), values
    return None, {}


def _build_system_values(catalog: Catalog, entity: CatalogEntity, ref: Ref) -> dict[str, object]:
    uses: list[dict[str, str]] = []
    dependencies = [str(card) for card in _list_dependencies(catalog, entity)]
    for api in entity.list_references("consumesApis", "api"):
        provider = catalog.providers.get(api)
        card = catalog.cards.get(provider.ref) if provider else None
        if card is not None and card.kind == "model":
            uses.append({"model": card.id, "why": f"{TO_BE_WRITTEN}: it consumes the API {api.name}"})
        elif card is not None and card != ref:
            dependencies.append(str(card))
    slug = entity.get_annotation("github.com/project-slug")
    location = entity.get_annotation("backstage.io/source-location")
    location = location or entity.get_annotation("backstage.io/managed-by-location")
    repo = f"https://github.com/{slug}" if slug else ""
    return {
        "type": _SYSTEM_TYPES.get(entity.type, "service"),
        "repo": location.removeprefix("url:") if location.startswith("url:") else repo,
        "uses": uses,
        "depends_on": list(dict.fromkeys(dependencies)),
    }


def _list_dependencies(catalog: Catalog, entity: CatalogEntity) -> list[Ref]:
    cards = (catalog.resolve(ref) for ref in entity.list_references("dependsOn", "component"))
    return [card for card in cards if card is not None and card != catalog.cards[entity.ref]]


def _build_dependencies(catalog: Catalog, entity: CatalogEntity, ref: Ref) -> ImportResult:
    """Return a flow of the dependencies of a model or a resource, whose own cards have no place for them.

    A model acts itself. A resource is filled by its dependencies.
    """
    steps: list[dict[str, str]] = []
    for card in _list_dependencies(catalog, entity):
        if ref.kind == "model":
            verb = {"system": "calls", "model": "calls", "topic": "consumes"}.get(card.kind, "reads")
            steps.append({"from": str(ref), verb: str(card)})
        else:
            steps.append({"from": str(card), "publishes" if ref.kind == "topic" else "writes": str(ref)})
    if not steps:
        return ImportResult()
    values = {"owners": _list_owners(catalog, entity), "steps": steps}
    guesses = {"steps": "a dependency does not show whether it is called, read, consumed, published or written"}
    flow = f"{ref.id[:90]}-dependencies" + ("" if ref.kind == "model" else f"-of-{ref.kind[:20]}")
    origin = _describe_origin(catalog, entity)
    return build_draft(CardDraft("flow", flow, f"Dependencies of {entity.title}", origin, values, guesses))


def _list_reasons_without_card(catalog: Catalog, entity: CatalogEntity) -> Iterator[str]:
    if entity.ref.kind == "api":
        provider = catalog.providers.get(entity.ref)
        if provider is None:
            yield "no component in the file provides this API, so it is not the contract of a model"
        elif not provider.is_model:
            yield f"{provider.ref} provides it and is not a model: only models have contracts"
    elif entity.ref.kind == "system":
        yield f"it became the tag {entity.ref.name!r} of its components; its text and owner were omitted"
    else:
        yield f"there are no cards for the kind {entity.ref.kind}"


def _list_omissions(catalog: Catalog, entity: CatalogEntity) -> Iterator[str]:
    for key in sorted(set(entity.spec) - _IMPORTED.get(entity.ref.kind, set())):
        yield f"a card has no place for `spec.{to_one_line(key, 60)}`"
    for key, kind in (("owner", "group"), ("dependsOn", "component")):
        for ref in entity.list_references(key, kind):
            card = catalog.resolve(ref)
            if card is None:
                yield f"`{key}` refers to {ref}, which is not in the file"
            elif ref not in catalog.cards:
                yield f"`{key}` refers to {card}, which is not in the file: write its card, or remove the reference"
    for api in entity.list_references("consumesApis", "api"):
        if api not in catalog.providers:
            yield f"it consumes {api}, which no entity in the file provides"
    lifecycle = to_one_line(entity.spec.get("lifecycle") or UNKNOWN, 60)
    if entity.ref.kind == "component" and not entity.is_model and lifecycle != UNKNOWN:
        yield f"a system has no lifecycle: {lifecycle!r} was omitted"
    for group in catalog.list_groups(entity)[1:] if entity.ref.kind == "user" else ():
        yield f"a person has one team: {group} was omitted"
