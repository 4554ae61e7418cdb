"""A Backstage catalog to cards: components, groups, users and resources with their dependencies.

A component or a resource with a type such as `ml-model` becomes a model, any other component a system. An API has no
card: it becomes the contract of the model that provides it, and its consumers use that model. What cards have no field
for is kept under `x-backstage`: on the entity's own card, or for an API, a system or a domain on that of its owner.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from generator.drafts.backstage_catalog import (
    NO_ENTITY,
    OWN_FIELDS,
    OWN_LEFT_ON,
    OWN_OWNERS,
    OWN_PROSE,
    OWN_REFERENCE,
    UNKNOWN,
    Catalog,
    CatalogEntity,
    EntityRef,
    as_text_list,
)
from generator.drafts.backstage_contract import build_contract
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.columns import list_labels
from generator.drafts.reading import read_vocabulary
from generator.drafts.records import CHOICES, parse_choice
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.text_cleaning import extract_remainder, extract_summary, to_one_line
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.names import Ref
from generator.schema.base import to_plain_data
from generator.schema.card import TO_BE_WRITTEN

_SYSTEM_TYPES = read_vocabulary("system_types")
_GROUPS = {"api": "apis", "system": "systems", "domain": "domains"}
"""The kinds that are kept on the card of their provider or owner."""
_GENERATED_BY_EXPORT = frozenset({"title", "type", "lifecycle", "owner"})
"""The values of an API that our export makes from its model."""
_LOCATIONS = ("backstage.io/source-location", "backstage.io/managed-by-location")
_USED_ANNOTATIONS = frozenset(
    {OWN_FIELDS, OWN_LEFT_ON, OWN_OWNERS, OWN_PROSE, OWN_REFERENCE, "backstage.io/managed-by-origin-location"}
)
_USED_METADATA = frozenset(
    {"name", "title", "description", "tags", "links", "annotations", "namespace", "uid", "etag", "generation"}
)
_OWNED = {"type", "lifecycle", "owner", "owners", "dependsOn", "dependencyOf"}
_USED = {
    "component": {*_OWNED, "consumesApis", "providesApis"},
    "resource": _OWNED,
    "group": {"profile", "children", "members", "parent"},
    "user": {"profile", "memberOf"},
    "api": {"definition"},
}
"""The keys of `spec` that a card takes, or that are told."""


def import_backstage(files: Iterable[CatalogFile], book: Iterable[Ref] = ()) -> ImportResult:
    """Return drafts of all entities in some catalog files; `book` are the cards that the book has."""
    several = list(files)
    catalog, notes = Catalog.parse(several, book)
    if not catalog.entities and all(note.message == NO_ENTITY for note in notes):
        message = f"{several[0].name if several else 'the catalog'} has no entity: expected `kind` and `metadata.name`"
        raise UserError(message)
    notes += [
        Note(f"{entity.place}, {entity.ref}", "duplicate name: the last document with this name is used")
        for entity in catalog.entities
        if catalog.by_ref[entity.ref] is not entity
    ]
    attached, unattached = _attach_entities(catalog)
    drafts = [_build_card(catalog, one, attached) for one in catalog.by_ref.values() if one.ref in catalog.cards]
    return merge_results([*drafts, ImportResult(notes=(*notes, *unattached))])


def _attach_entities(catalog: Catalog) -> tuple[dict[EntityRef, dict[str, dict[str, object]]], list[Note]]:
    """Return the entities that have no card by the entity that keeps them, and notes on all of them.

    An API is kept by its provider, a system and a domain by their owner.
    """
    attached: dict[EntityRef, dict[str, dict[str, object]]] = {}
    notes: list[Note] = []
    for entity in catalog.by_ref.values():
        group = _GROUPS.get(entity.ref.kind)
        place = f"{entity.place}, {entity.ref}"
        notes += [Note(place, reason) for reason in _list_reasons_without_card(catalog, entity)]
        if group is None or entity.ref in catalog.cards:
            continue
        provider = catalog.providers.get(entity.ref)
        holders = [provider.ref] if provider else entity.list_references("owner", "group")
        holder = next((one for one in holders if one in catalog.cards), None)
        stated = {key: entity.metadata.get(key) for key in ("title", "description", "tags", "links")} | _list_unused(
            entity
        )
        generated = _GENERATED_BY_EXPORT if group == "apis" and entity.get_annotation(OWN_REFERENCE) else ()
        kept = {key: value for key, value in stated.items() if value and key not in generated}
        if generated and not kept:
            continue
        if holder is not None:
            attached.setdefault(holder, {}).setdefault(group, {})[str(entity.ref).partition(":")[2]] = kept
        else:
            text = json.dumps(to_plain_data(kept), ensure_ascii=False, default=str)
            notes.append(Note(place, f"no card of the files keeps {text if kept else 'it'}"))
    return attached, notes


def _list_reasons_without_card(catalog: Catalog, entity: CatalogEntity) -> Iterator[str]:
    if entity.ref in catalog.cards or entity.ref.kind in {"location", "system", "domain"}:
        return
    if entity.ref.kind != "api":
        yield f"there are no cards for the kind {entity.ref.kind}"
        return
    provider = catalog.providers.get(entity.ref)
    definition = entity.spec.get("definition")
    size = f" ({len(definition):,} characters)" if isinstance(definition, str) else ""
    if provider is None:
        yield f"no component provides this API, so its definition{size} is not the contract of a model"
    elif not provider.is_model:
        yield f"{provider.ref} provides it and is no model: its definition{size} has no place and was omitted"


def _build_card(
    catalog: Catalog, entity: CatalogEntity, attached: Mapping[EntityRef, Mapping[str, object]]
) -> ImportResult:
    ref = catalog.cards[entity.ref]
    kind = ref.kind if ref.kind in {"model", "system", "team", "person"} else "resource"
    guesses: dict[str, str] = {}
    messages = list(_list_unknown_references(catalog, entity))
    results: list[ImportResult] = []
    needs: tuple[str, ...] = ()
    values = _build_common_values(entity)
    extra: dict[str, object] = {**_list_unused(entity), **attached.get(entity.ref, {})}
    if kind in {"team", "person"}:
        values |= _build_party_values(catalog, entity, extra)
    else:
        owners = catalog.list_owners(entity)
        values |= {"notes": extract_remainder(entity.metadata.get("description") or ""), "owners": owners}
        values |= _read_lifecycle(entity, kind, guesses, extra)
        extra |= _list_unused_references(catalog, entity, kind)
    if kind == "model":
        file, contract = build_contract(catalog, entity, guesses, messages)
        if "contract" in entity.exported_fields and "openapi" not in as_mapping(entity.exported_fields["contract"]):
            file, contract = None, {}
        values |= {**contract, "repo": find_repository(entity)[1], "consumers": _list_consumers(catalog, entity)}
        needs = (file.path,) if file is not None else ()
        results.append(ImportResult((file,) if file is not None else ()))
    elif kind == "system":
        values |= _build_system_values(catalog, entity, ref)
        unknown = [ref for ref in catalog.dependencies.get(entity.ref, ()) if not catalog.is_known(ref)]
        if resources := [str(ref) for ref in unknown if ref.kind == "resource"]:
            guesses["depends_on"] = f"the source does not show the type of {', '.join(resources)}"
        if entity.type not in _SYSTEM_TYPES:
            guesses["type"] = f"its type in Backstage is {entity.type!r}"
            extra |= {"type": entity.type}
    elif kind == "resource":
        values["type"] = ref.kind
    if kind in {"model", "resource"}:
        results.append(_build_dependency_flow(catalog, entity, ref))
    values["x-backstage"] = {key: value for key, value in extra.items() if value not in ("", None, [], {})}
    if fields := entity.exported_fields:
        values |= _restore_fields(values, fields, needs)
        guesses = {key: reason for key, reason in guesses.items() if key not in fields}
    body = str(as_mapping(entity.metadata.get("annotations")).get(OWN_PROSE) or "") if entity.exported_ref else ""
    draft = CardDraft(kind, ref.id, entity.title, _describe_origin(entity), values, guesses, body, needs)
    return merge_results([build_draft(draft, messages, f"{entity.place}, {entity.ref}"), *results])


def _restore_fields(
    values: Mapping[str, object], fields: Mapping[str, object], needs: tuple[str, ...]
) -> dict[str, object]:
    """Return the fields that our export kept, with what the entity adds to them."""
    restored: dict[str, object] = dict(fields)
    for key in ("uses", "depends_on", "consumers"):
        others = values.get(key)
        restored[key] = [*as_list(fields.get(key)), *(others if isinstance(others, list) else [])]
    if "summary" in fields:
        restored.setdefault("notes", None)
    if needs and "contract" in fields:
        restored["contract"] = {**as_mapping(fields["contract"]), "openapi": f"../{needs[0]}"}
    if values["x-backstage"]:
        restored["x-backstage"] = {**as_mapping(fields.get("x-backstage")), **as_mapping(values["x-backstage"])}
    return restored


def _describe_origin(entity: CatalogEntity) -> str:
    return f"the Backstage entity {entity.ref} in {entity.place.rpartition(':')[0]}"


def find_repository(entity: CatalogEntity) -> tuple[str, str]:
    """Return the annotation that names the repository of an entity, and its address; empty texts without one."""
    for key in _LOCATIONS:
        if (location := entity.get_annotation(key)).startswith("url:"):
            return key, location.removeprefix("url:")
    slug = entity.get_annotation("github.com/project-slug")
    return ("github.com/project-slug", f"https://github.com/{slug}") if slug else ("", "")


def _list_unused(entity: CatalogEntity) -> dict[str, object]:
    """Return what an entity says that no field of a card takes, by its keys in Backstage."""
    repository, _ = find_repository(entity) if entity.ref.kind == "component" or entity.is_model else ("", "")
    annotations = as_mapping(entity.metadata.get("annotations"))
    known = {*_USED_ANNOTATIONS, repository, *_LOCATIONS}
    profile = as_mapping(entity.spec.get("profile"))
    is_party = entity.ref.kind in {"group", "user"}
    known_profile = {
        "email",
        *(["displayName"] if to_one_line(profile.get("displayName") or "", 120) == entity.title else []),
    }
    unused: dict[str, object] = {
        **{key: value for key, value in entity.metadata.items() if key not in _USED_METADATA},
        **{key: value for key, value in entity.spec.items() if key not in _USED.get(entity.ref.kind, set())},
        "annotations": {key: value for key, value in annotations.items() if key not in known},
        "namespace": entity.ref.namespace if entity.ref.namespace != "default" else "",
        "profile": {key: value for key, value in profile.items() if not (is_party and key in known_profile)},
    }
    if entity.ref.kind == "group" and entity.type == "team":
        del unused["type"]
    return {key: value for key, value in unused.items() if value not in ("", None, [], {})}


def _build_common_values(entity: CatalogEntity) -> dict[str, object]:
    metadata = entity.metadata
    links = [link for link in as_mappings(metadata.get("links")) if link.get("url")]
    titles = list_labels(to_one_line(link.get("title") or link.get("type") or "link", 60) for link in links)
    systems = (system.name for system in entity.list_references("system", "system"))
    return {
        "summary": extract_summary(metadata.get("description") or ""),
        "tags": [*as_text_list(metadata.get("tags")), *systems],
        "links": {title: to_one_line(link["url"], 2000) for title, link in zip(titles, links, strict=True)},
    }


def _build_party_values(catalog: Catalog, entity: CatalogEntity, extra: dict[str, object]) -> dict[str, object]:
    """Return the values of a team or a person, and add to `extra` the groups that the card cannot name."""
    description = entity.metadata.get("description") or ""
    values: dict[str, object] = {
        "email": to_one_line(as_mapping(entity.spec.get("profile")).get("email") or ""),
        "notes": extract_remainder(description),
    }
    is_person = entity.ref.kind == "user"
    groups = catalog.list_groups(entity) if is_person else entity.list_references("parent", "group")
    by_preference = sorted(groups, key=lambda group: not catalog.is_known(group))
    chosen, others = by_preference[:1], by_preference[1:]
    if not is_person and chosen and not catalog.is_known(chosen[0]):
        chosen, others = [], by_preference
    teams = [team.id for group in chosen if (team := catalog.resolve(group))]
    extra["memberOf" if is_person else "parent"] = [str(group) for group in others]
    values |= {"left_on": entity.get_annotation(OWN_LEFT_ON)} if is_person else {}
    return {**values, "team" if is_person else "parent": teams[0] if teams else None}


def _read_lifecycle(
    entity: CatalogEntity, kind: str, guesses: dict[str, str], extra: dict[str, object]
) -> dict[str, object]:
    """Return the lifecycle, and add to `extra` a word that is different; a resource has none."""
    stated = to_one_line(entity.spec.get("lifecycle") or "")
    if stated.lower() in {"", UNKNOWN}:
        return {}
    value = parse_choice("lifecycle", stated) if kind in {"model", "system"} else ""
    extra |= {"lifecycle": stated} if stated.lower() != value else {}
    if kind == "model" and not value:
        guesses["lifecycle"] = (
            f"the source says {stated!r}; one of {', '.join(dict.fromkeys(CHOICES['lifecycle'].values()))}"
        )
    return {"lifecycle": value}


def _list_consumers(catalog: Catalog, entity: CatalogEntity) -> list[dict[str, str]]:
    """Return the systems that a model names as its dependents."""
    cards = (catalog.resolve(ref) for ref in entity.list_references("dependencyOf", "component"))
    systems = dict.fromkeys(card.id for card in cards if card is not None and card.kind == "system")
    return [{"system": system, "why": f"{TO_BE_WRITTEN}: it depends on the model"} for system in systems]


def _build_system_values(catalog: Catalog, entity: CatalogEntity, ref: Ref) -> dict[str, object]:
    uses: dict[str, str] = {}
    known = {*catalog.exported_uses.get(ref, ()), *as_text_list(entity.exported_fields.get("depends_on"))}
    dependencies = [str(card) for card in _list_dependencies(catalog, entity) if str(card) not in known]
    for api in entity.list_references("consumesApis", "api"):
        card = catalog.resolve(api)
        if card is not None and str(card) in known:
            continue
        if card is not None and card.kind == "model":
            uses.setdefault(card.id, f"{TO_BE_WRITTEN}: it consumes the API {api.name}")
        elif card is not None and card != ref:
            dependencies.append(str(card))
    return {
        "type": _SYSTEM_TYPES.get(entity.type, "service"),
        "repo": find_repository(entity)[1],
        "uses": [{"model": model, "why": why} for model, why in uses.items()],
        "depends_on": [card for card in dict.fromkeys(dependencies) if card.removeprefix("model:") not in uses],
    }


def _list_dependencies(catalog: Catalog, entity: CatalogEntity) -> list[Ref]:
    cards = (catalog.resolve(ref) for ref in catalog.dependencies.get(entity.ref, ()))
    return [card for card in dict.fromkeys(cards) if card is not None and card != catalog.cards[entity.ref]]


def _build_dependency_flow(catalog: Catalog, entity: CatalogEntity, ref: Ref) -> ImportResult:
    """Return a flow of the dependencies of a model or a resource, whose own cards have no place for them.

    A model acts itself. A resource is filled by its dependencies.
    """
    steps: list[dict[str, str]] = []
    features = [
        one.get("feature") if isinstance(one, dict) else one for one in as_list(entity.exported_fields.get("features"))
    ]
    views = {f"feature_view:{str(feature).partition(':')[0]}" for feature in features}
    for card in _list_dependencies(catalog, entity):
        if str(card) in views:
            continue
        if ref.kind == "model":
            verb = {"system": "calls", "model": "calls", "topic": "consumes"}.get(card.kind, "reads")
            steps.append({"from": str(ref), verb: str(card)})
        else:
            steps.append({"from": str(card), "publishes" if ref.kind == "topic" else "writes": str(ref)})
    if not steps:
        return ImportResult()
    values = {"owners": catalog.list_owners(entity), "steps": steps}
    guesses = {"steps": "a dependency does not show whether it is called, read, consumed, published or written"}
    flow = f"{ref.id[:90]}-dependencies" + ("" if ref.kind == "model" else f"-of-{ref.kind[:20]}")
    origin = _describe_origin(entity)
    return build_draft(CardDraft("flow", flow, f"Dependencies of {entity.title}", origin, values, guesses))


def _list_unused_references(catalog: Catalog, entity: CatalogEntity, kind: str) -> dict[str, list[str]]:
    """Return the references that no field of a card takes, by their keys: those that lead to no card."""
    unused: dict[str, list[str]] = {}
    for key, default in (("owner", "group"), ("owners", "group"), ("dependsOn", "component"), ("consumesApis", "api")):
        texts = [text for text in as_text_list(entity.spec.get(key)) if text.lower() != UNKNOWN]
        refs = ((text, EntityRef.parse(text, default, entity.ref.namespace)) for text in texts)
        unused[key] = [text for text, ref in refs if ref is None or catalog.resolve(ref) is None]
    if kind != "system":
        unused["consumesApis"] = as_text_list(entity.spec.get("consumesApis"))
    provided = entity.list_references("providesApis", "api")
    unused["providesApis"] = [str(api) for api in provided if api not in catalog.by_ref]
    for ref in entity.list_references("dependencyOf", "component"):
        card = catalog.resolve(ref)
        is_consumer = kind == "model" and card is not None and card.kind == "system"
        if not is_consumer and (kind == "model" or ref not in catalog.cards):
            unused.setdefault("dependencyOf", []).append(str(ref))
    return unused


def _list_unknown_references(catalog: Catalog, entity: CatalogEntity) -> Iterator[str]:
    """Yield a message for each reference to an entity that is neither in the files nor in the book."""
    kinds = {"owner": "group", "owners": "group", "dependsOn": "component", "dependencyOf": "component",
             "memberOf": "group", "parent": "group", "consumesApis": "api"}  # fmt: skip
    for key, kind in kinds.items():
        for ref in entity.list_references(key, kind):
            card = catalog.resolve(ref)
            if ref.kind == "api" and ref in catalog.by_ref and card is None:
                yield f"`{key}` refers to {ref}, which no component provides, so no card takes its place"
            elif ref.kind == "api" and card is None:
                yield f"`{key}` refers to {ref}, which is not in the files"
            elif not catalog.is_known(ref) and card is not None:
                yield f"`{key}` refers to {ref}, which is neither in the files nor in the book: write the card {card}"
            elif card is None:
                yield f"`{key}` refers to {ref}, which has no card"
            elif key == "dependencyOf" and ref not in catalog.cards and entity.card_kind != "model":
                yield f"{card} of the book depends on it: add it there"
