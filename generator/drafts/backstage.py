"""A Backstage catalog-info.yaml to cards: components, APIs, groups, users and resources with who depends on whom.

A component or a resource whose type says that it is a model becomes a model, any other component a system. An API is
no card of its own: it becomes the contract of the model that provides it, and its consumers use that model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.drafts.cards import Draft, drafted
from generator.drafts.catalog import Catalog
from generator.drafts.document import Document, operations
from generator.drafts.entities import OWN_LEFT_ON, OWN_OWNERS, UNKNOWN, Entity, EntityRef, entities, mapping, texts
from generator.drafts.reading import Plain, part, parts
from generator.drafts.servers import endpoints
from generator.drafts.values import DraftFile, Drafts, Note, gathered
from generator.drafts.words import beyond, identifier, one_line, summary
from generator.errors import UserError
from generator.names import Ref
from generator.schema.base import to_plain_data

_SYSTEM_TYPES = {
    "service": "service", "website": "app", "app": "app", "mobile-app": "app", "webapp": "app", "frontend": "app",
    "job": "job", "batch": "job", "cronjob": "job", "pipeline": "job", "data-pipeline": "job", "workflow": "job",
    "dashboard": "dashboard", "external": "external", "saas": "external", "model-server": "service",
}  # fmt: skip
_LIFECYCLES = {
    "experimental": "experimental", "development": "experimental", "production": "production", "live": "production",
    "deprecated": "deprecated", "retired": "retired", "decommissioned": "retired",
}  # fmt: skip
_TAKEN = {
    "component": {"type", "lifecycle", "owner", "system", "dependsOn", "consumesApis", "providesApis"},
    "resource": {"type", "lifecycle", "owner", "system", "dependsOn"},
    "group": {"type", "profile", "children", "members"},
    "user": {"profile", "memberOf"},
    "api": {"type", "lifecycle", "owner", "system", "definition"},
}


def backstage(text: str, file: str) -> Drafts:
    """Drafts of everything in a catalog file; `file` is its name."""
    found, others = entities(parts(text, file))
    if not found:
        message = f"{file} holds no entity: a document with `kind` and `metadata.name`"
        raise UserError(message)
    catalog = Catalog(file, found)
    notes = [Note(f"{file}:{line}", "this document is no entity") for line in others]
    notes += [
        Note(catalog.place(entity), "another document further down is of the same name and stands in its place")
        for entity in found
        if catalog.by_ref[entity.ref] is not entity
    ]
    return gathered([*(_drafted(catalog, entity) for entity in catalog.by_ref.values()), Drafts(notes=tuple(notes))])


def _drafted(catalog: Catalog, entity: Entity) -> Drafts:
    ref = catalog.cards.get(entity.ref)
    if ref is None:
        return Drafts(notes=tuple(_without_card(catalog, entity)))
    notes = Drafts(notes=tuple(_notes(catalog, entity)))
    match ref.kind:
        case "model":
            return gathered([_model(catalog, entity, ref), notes])
        case "system":
            return gathered([_system(catalog, entity, ref), notes])
        case "team" | "person":
            return gathered([_party(catalog, entity, ref), notes])
        case _:
            return gathered([_resource(catalog, entity, ref), notes])


def _origin(catalog: Catalog, entity: Entity) -> str:
    return f"the Backstage entity {entity.ref} in {catalog.file}"


def _common(entity: Entity) -> dict[str, object]:
    metadata = entity.metadata
    tags = [*texts(metadata.get("tags")), *(ref.name for ref in entity.references("system", "system"))]
    links = {
        one_line(link.get("title") or link.get("type") or f"link {number}", 60): one_line(link["url"])
        for number, link in enumerate(_objects(metadata.get("links")), 1)
        if link.get("url")
    }
    told = metadata.get("description") or ""
    return {"summary": summary(told), "tags": tags, "links": links, "notes": beyond(told)}


def _objects(value: object) -> list[Mapping[str, Plain]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _owners(catalog: Catalog, entity: Entity) -> list[str]:
    """The owners as a card names them; several only where our own export wrote them down."""
    own = entity.annotation(OWN_OWNERS).split(",") if entity.annotation(OWN_OWNERS) else []
    if own:
        return [one_line(owner) for owner in own]
    return [target.id for ref in entity.references("owner", "group") if (target := catalog.target(ref)[0])]


def _model(catalog: Catalog, entity: Entity, ref: Ref) -> Drafts:
    called, problems = _called(catalog, entity)
    lifecycle = _LIFECYCLES.get(one_line(entity.spec.get("lifecycle") or "").lower())
    values = {
        **_common(entity),
        "lifecycle": lifecycle,
        "owners": _owners(catalog, entity),
        **(called.values if called else {}),
    }
    guesses = {"endpoints": called.guessed} if called and called.guessed else {}
    needs = (called.file.path,) if called else ()
    draft = Draft("model", ref.id, entity.title, _origin(catalog, entity), values, guesses, needs=needs)
    notes = tuple(Note(catalog.place(entity), problem) for problem in problems)
    return gathered([drafted(draft), Drafts((called.file,) if called else (), notes), _flow(catalog, entity, ref)])


@dataclass(frozen=True, slots=True)
class _Called:
    """How a model is called, from the API that it provides."""

    file: DraftFile
    values: Mapping[str, object]
    guessed: str


def _called(catalog: Catalog, entity: Entity) -> tuple[_Called | None, list[str]]:
    """The first OpenAPI definition that a model provides, and what could not be used."""
    problems: list[str] = []
    for api in entity.references("providesApis", "api"):
        described = catalog.by_ref.get(api)
        definition = described.spec.get("definition") if described else None
        if described is None or described.type != "openapi" or not isinstance(definition, str):
            problems.append(f"{api} has no OpenAPI definition in the file, so the contract is unknown")
            continue
        data = to_plain_data(part(definition, str(api)))
        found = operations(Document(str(api), data)) if isinstance(data, dict) else ()
        calls = [operation for operation in found if operation.looks_like_prediction] or list(found)
        if not calls:
            problems.append(f"the definition of {api} has no operation")
            continue
        if len(calls) > 1:
            problems.append(f"{api} has {len(calls)} operations; the contract is that of {calls[0].key}")
        path = f"contracts/{identifier(described.name)}.openapi.{'json' if definition.lstrip()[:1] == '{' else 'yml'}"
        where = endpoints(calls[0])
        contract = {"openapi": f"../{path}", "operation": calls[0].key}
        values = {"endpoints": where.addresses, "contract": contract}
        return _Called(DraftFile(path, str(definition)), values, where.guessed), [*problems, *where.problems]
    return None, problems


def _flow(catalog: Catalog, entity: Entity, ref: Ref) -> Drafts:
    """What a model or a resource depends on, as a flow: the one place where a book says so."""
    steps = [_step(ref, needed) for needed, _ in _dependencies(catalog, entity)]
    if not steps:
        return Drafts()
    values = {"owners": _owners(catalog, entity), "steps": steps}
    guesses = {"steps": "a dependency does not say whether it is called, read, consumed, published or written"}
    identity = f"{ref.id[:90]}-dependencies" + ("" if ref.kind == "model" else f"-of-{ref.kind[:20]}")
    return drafted(
        Draft("flow", identity, f"What {entity.title} depends on", _origin(catalog, entity), values, guesses)
    )


def _step(ref: Ref, needed: Ref) -> dict[str, str]:
    """A step by which one node depends on another: a model acts itself, a resource is acted on by what it needs."""
    if ref.kind == "model":
        verb = {"system": "calls", "model": "calls", "topic": "consumes"}.get(needed.kind, "reads")
        return {"from": str(ref), verb: str(needed)}
    return {"from": str(needed), "publishes" if ref.kind == "topic" else "writes": str(ref)}


def _dependencies(catalog: Catalog, entity: Entity) -> Iterator[tuple[Ref, bool]]:
    for needed in entity.references("dependsOn", "component"):
        target, known = catalog.target(needed)
        if target is not None and target != catalog.cards[entity.ref]:
            yield target, known


def _system(catalog: Catalog, entity: Entity, ref: Ref) -> Drafts:
    uses: list[dict[str, str]] = []
    depends = [str(target) for target, _ in _dependencies(catalog, entity)]
    for api in entity.references("consumesApis", "api"):
        provider = catalog.providers.get(api)
        target = catalog.cards.get(provider.ref) if provider else None
        if target is not None and target.kind == "model":
            uses.append({"model": target.id, "why": f"To be written: it consumes the API {api.name}"})
        elif target is not None and target != ref:
            depends.append(str(target))
    kind = _SYSTEM_TYPES.get(entity.type)
    values = {
        **_common(entity), "owners": _owners(catalog, entity), "type": kind or "service", "repo": _repo(entity),
        "uses": uses, "depends_on": list(dict.fromkeys(depends)),
    }  # fmt: skip
    guesses = {} if kind else {"type": f"Backstage says {entity.type!r}"}
    return drafted(Draft("system", ref.id, entity.title, _origin(catalog, entity), values, guesses))


def _repo(entity: Entity) -> str:
    slug = entity.annotation("github.com/project-slug")
    location = entity.annotation("backstage.io/source-location") or entity.annotation(
        "backstage.io/managed-by-location"
    )
    return (
        location.removeprefix("url:") if location.startswith("url:") else f"https://github.com/{slug}" if slug else ""
    )


def _party(catalog: Catalog, entity: Entity, ref: Ref) -> Drafts:
    common = _common(entity)
    email = one_line(mapping(entity.spec.get("profile")).get("email") or "")
    values = {key: common[key] for key in ("summary", "tags", "links")} | {"email": email}
    if ref.kind == "person":
        teams = [target.id for group in _groups(catalog, entity) if (target := catalog.target(group)[0])]
        values |= {"team": teams[0] if teams else None, "left_on": entity.annotation(OWN_LEFT_ON)}
    return drafted(Draft(ref.kind, ref.id, entity.title, _origin(catalog, entity), values))


def _groups(catalog: Catalog, entity: Entity) -> tuple[EntityRef, ...]:
    """The groups of a user, as either side says."""
    others = (group for group in catalog.entities if entity.ref in group.references("members", "user"))
    return tuple(dict.fromkeys([*entity.references("memberOf", "group"), *(group.ref for group in others)]))


def _resource(catalog: Catalog, entity: Entity, ref: Ref) -> Drafts:
    values = {**_common(entity), "owners": _owners(catalog, entity), "type": ref.kind}
    draft = Draft("resource", ref.id, entity.title, _origin(catalog, entity), values)
    return gathered([drafted(draft), _flow(catalog, entity, ref)])


def _without_card(catalog: Catalog, entity: Entity) -> Iterator[Note]:
    place = catalog.place(entity)
    if entity.ref.kind == "api":
        provider = catalog.providers.get(entity.ref)
        if provider is None:
            yield Note(place, "no component in the file provides this API, so it became the contract of no model")
        elif not provider.is_model:
            yield Note(place, f"it is provided by {provider.ref}, which is no model; a system has no contract")
    elif entity.ref.kind == "system":
        yield Note(place, f"it became the tag {entity.ref.name!r} of its components; its own text and owner did not")
    else:
        yield Note(place, f"a book has no place for a {entity.ref.kind}")


def _notes(catalog: Catalog, entity: Entity) -> Iterator[Note]:
    place = catalog.place(entity)
    for key in sorted(set(entity.spec) - _TAKEN.get(entity.ref.kind, set())):
        yield Note(place, f"a card has no place for `spec.{one_line(key, 60)}`")
    for message in (*_missing(catalog, entity), *_nameless(catalog, entity)):
        yield Note(place, message)
    lifecycle = one_line(entity.spec.get("lifecycle") or UNKNOWN, 60)
    if entity.ref.kind == "component" and not entity.is_model and lifecycle != UNKNOWN:
        yield Note(place, f"a system has no lifecycle; here it is {lifecycle!r}")
    for group in _groups(catalog, entity)[1:] if entity.ref.kind == "user" else ():
        yield Note(place, f"a person has one team; {group} is another")


def _missing(catalog: Catalog, entity: Entity) -> Iterator[str]:
    """References that have a meaning, but lead out of the file."""
    for key, kind in (("owner", "group"), ("dependsOn", "component")):
        for ref in entity.references(key, kind):
            target, known = catalog.target(ref)
            if target is not None and not known:
                yield f"`{key}` names {target}, which is not in the file; write its card, or remove it"


def _nameless(catalog: Catalog, entity: Entity) -> Iterator[str]:
    """References that no card could carry."""
    for key, kind in (("owner", "group"), ("dependsOn", "component")):
        for ref in entity.references(key, kind):
            if catalog.target(ref)[0] is None:
                yield f"`{key}` names {ref}, which is not in the file"
    for api in entity.references("consumesApis", "api"):
        if api not in catalog.providers:
            yield f"nothing in the file provides {api}, which it consumes"
