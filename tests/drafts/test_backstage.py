"""The import of Backstage catalogs: every edge and every value is in a card or is told."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.reading import iterate_values
from generator.drafts.results import ImportResult
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

GROUP = {"kind": "Group", "metadata": {"name": "couriers"}, "spec": {"type": "team", "children": []}}
OPERATION = {
    "post": {
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"200": {"description": "ok"}},
    }
}
SERVERS = [{"url": "https://shifts.example.com"}]


def entity(kind: str, name: str, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **(metadata or {})}, "spec": spec}


def model(name: str = "shift-scorer", **spec: Any) -> dict[str, Any]:
    return entity("Component", name, type="ml-model", lifecycle="production", owner="couriers", **spec)


def api(*paths: str, name: str = "shift-plan", **spec: Any) -> dict[str, Any]:
    document = {"openapi": "3.0.3", "servers": SERVERS, "paths": dict.fromkeys(paths, OPERATION)}
    return entity("API", name, type="openapi", owner="couriers", definition=yaml.safe_dump(document), **spec)


def draft(*entities: dict[str, Any], book: tuple[str, ...] = ()) -> ImportResult:
    text = yaml.safe_dump_all(entities, sort_keys=False)
    return import_backstage([CatalogFile.parse(text, "catalog-info.yaml")], map(Ref.parse, book))


def load(result: ImportResult, tmp_path: Path, ref: str) -> Any:
    return load_drafts(result, tmp_path).by_ref[Ref.parse(ref)].card


def list_messages(result: ImportResult) -> list[str]:
    return [note.message for note in result.notes]


def test_dependencies_outside_the_files_are_kept_and_told(tmp_path: Path):
    app = entity("Component", "courier-app", type="service", dependsOn=["resource:shift-db", "component:maps-proxy"])
    result = draft(app)
    assert load(result, tmp_path, "system:courier-app").depends_on == ("table:shift-db", "system:maps-proxy")
    assert [message.partition(",")[0] for message in list_messages(result)] == [
        "`dependsOn` refers to resource:shift-db", "`dependsOn` refers to component:maps-proxy",
    ]  # fmt: skip
    assert "# Guessed: the source does not show the type of resource:shift-db." in result.files[0].text


@pytest.mark.parametrize(
    ("reference", "book", "expected"),
    [
        ("component:maps", ("system:maps",), "system:maps"),
        ("component:maps", ("model:maps",), "model:maps"),
        ("component:default/Maps", ("system:maps",), "system:maps"),
        ("resource:maps", ("topic:maps", "model:maps"), "topic:maps"),
    ],
)
def test_the_cards_of_the_book_are_known(reference: str, book: tuple[str, ...], expected: str):
    result = draft(entity("Component", "courier-app", type="service", dependsOn=[reference]), book=book)
    assert f"depends_on: [{expected}]" in result.files[0].text
    assert list_messages(result) == []


def test_an_owner_in_the_book_is_known():
    result = draft(
        entity("Component", "courier-app", type="service", owner="group:default/fleet"), book=("team:fleet",)
    )
    assert "owners: [fleet]" in result.files[0].text
    assert list_messages(result) == []


def test_an_entity_that_the_book_has_keeps_its_card():
    app = entity("Component", "courier-app", type="service", dependsOn=["component:Maps"])
    result = draft(app, entity("Component", "Maps", type="service"), book=("system:maps",))
    assert [str(file.ref) for file in result.files] == ["system:courier-app", "system:maps"]
    assert "depends_on: [system:maps]" in result.files[0].text


def test_an_api_leads_to_the_model_that_provides_it(tmp_path: Path):
    app = entity("Component", "courier-app", type="service", dependsOn=["api:shift-plan"], consumesApis=["shift-plan"])
    result = draft(GROUP, api("/plan"), model(providesApis=["shift-plan"]), app)
    assert [use.model for use in load(result, tmp_path, "system:courier-app").uses] == ["shift-scorer"]
    assert list_messages(result) == []


def test_an_api_without_a_provider_is_told():
    app = entity("Component", "courier-app", type="service", dependsOn=["api:shift-plan"])
    assert "`dependsOn` refers to api:shift-plan, which no component provides, so no card takes its place" in (
        list_messages(draft(api("/plan"), app))
    )


@pytest.mark.parametrize("paths", [("/tokenize", "/v2/plan"), ("/health/echo", "/load", "/v2/plan")])
def test_with_several_operations_the_contract_is_asked_for(paths: tuple[str, ...]):
    result = draft(GROUP, api(*paths), model(providesApis=["shift-plan"]))
    (text,) = (file.text for file in result.files if "models/" in file.path)
    assert not re.search("^(contract|endpoints):", text, re.MULTILINE)
    assert "contracts/shift-plan.openapi.yml" in [file.path for file in result.files]
    (message,) = list_messages(result)
    assert f"has {len(paths)} operations (POST {paths[0]}, POST {paths[1]}" in message


def test_the_only_operation_is_the_contract(tmp_path: Path):
    card = load(draft(GROUP, api("/v2/plan"), model(providesApis=["shift-plan"])), tmp_path, "model:shift-scorer")
    assert card.contract.operation == "POST /v2/plan"
    assert card.endpoints == {"production": "https://shifts.example.com/v2/plan"}


def test_a_definition_that_is_no_yaml_is_told():
    broken = entity("API", "shift-plan", type="openapi", definition="a: [")
    result = draft(broken, model(providesApis=["shift-plan"]))
    assert any("the definition of api:shift-plan is unreadable" in message for message in list_messages(result))


def test_dependents_of_a_model_are_its_consumers(tmp_path: Path):
    app = entity("Component", "courier-app", type="service")
    card = load(draft(model(dependencyOf=["component:courier-app", "other"]), app), tmp_path, "model:shift-scorer")
    assert [consumer.system for consumer in card.consumers] == ["courier-app", "other"]


def test_dependents_of_a_resource_depend_on_it(tmp_path: Path):
    table = entity("Resource", "shift-db", type="database", dependencyOf=["component:courier-app", "component:other"])
    result = draft(table, entity("Component", "courier-app", type="service"))
    cards = load_drafts(result, tmp_path).by_ref
    app: Any = cards[Ref("system", "courier-app")].card
    shift_db: Any = cards[Ref("database", "shift-db")].card
    assert app.depends_on == ("database:shift-db",)
    assert shift_db.extras["x-backstage"] == {"dependencyOf": ["component:other"]}


def test_all_owners_are_kept(tmp_path: Path):
    app = entity("Component", "courier-app", type="service", owner="couriers", owners=["couriers", "user:default/mira"])
    assert load(draft(GROUP, app), tmp_path, "system:courier-app").owners == ("couriers", "mira")


def test_facts_of_groups_systems_and_domains_are_kept(tmp_path: Path):
    group = entity("Group", "couriers", type="squad", parent="operations", profile={"picture": "https://a.example.com"})
    system = entity("System", "shifts", {"description": "Who rides when"}, owner="couriers", domain="delivery")
    domain = entity("Domain", "delivery", {"title": "Delivery"}, owner="couriers")
    assert load(draft(group, system, domain), tmp_path, "team:couriers").extras["x-backstage"] == {
        "type": "squad",
        "parent": ["group:operations"],
        "profile": {"picture": "https://a.example.com"},
        "systems": {"shifts": {"description": "Who rides when", "owner": "couriers", "domain": "delivery"}},
        "domains": {"delivery": {"title": "Delivery", "owner": "couriers"}},
    }


def test_a_parent_in_the_files_is_a_field(tmp_path: Path):
    group = entity("Group", "couriers", type="team", parent="operations")
    assert (
        load(draft(group, entity("Group", "operations", type="team")), tmp_path, "team:couriers").parent == "operations"
    )


def test_a_system_without_an_owner_in_the_files_is_told_whole():
    (message,) = list_messages(draft(GROUP, entity("System", "shifts", {"description": "Who rides when"}, domain="d")))
    assert message == 'no card of the files keeps {"description": "Who rides when", "domain": "d"}'


@pytest.mark.parametrize(
    ("stated", "lifecycle", "kept"),
    [("production", "production", None), ("GA", "production", "GA"), ("tier-1", "experimental", "tier-1")],
)
def test_a_lifecycle_that_is_not_mapped_is_kept(stated: str, lifecycle: str, kept: str | None, tmp_path: Path):
    result = draft(entity("Component", "shift-scorer", type="ml-model", lifecycle=stated))
    card = load(result, tmp_path, "model:shift-scorer")
    assert (card.lifecycle, card.extras.get("x-backstage", {}).get("lifecycle")) == (lifecycle, kept)
    assert ("the source says 'tier-1'" in result.files[0].text) == (lifecycle == "experimental")


def test_links_with_the_same_title_are_kept(tmp_path: Path):
    links = [{"url": f"https://{name}.example.com", "title": "Docs"} for name in "ab"] + [
        {"url": "https://c.example.com"}
    ]
    card = load(draft(entity("Component", "app", {"links": links}, type="service")), tmp_path, "system:app")
    assert list(card.links.values()) == ["https://a.example.com", "https://b.example.com", "https://c.example.com"]


@pytest.mark.parametrize("name", ["${{ values.component_id }}", "{{cookiecutter.name}}", "${{values.name}}-api", "a b"])
def test_a_template_of_the_scaffolder_is_refused(name: str):
    result = draft(entity("Component", name, type="service", owner="${{ values.owner }}"))
    assert result.files == ()
    assert "is a template of the scaffolder, not an entity" in str(result.notes[0])


def test_an_empty_document_is_skipped():
    text = "---\nkind: Group\nmetadata: {name: couriers}\n---\n---\n# nothing\n"
    result = import_backstage([CatalogFile.parse(text, "catalog-info.yaml")])
    assert ([str(file.ref) for file in result.files], result.notes) == (["team:couriers"], ())


TOKENS = st.from_regex(r"[a-z]{6}", fullmatch=True)
REFERENCES = st.builds(
    lambda kind, name: f"{kind}:{name}", st.sampled_from(["component", "resource", "group", "user", "api"]), TOKENS
)
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "type": TOKENS, "lifecycle": TOKENS, "owner": REFERENCES, "owners": st.lists(REFERENCES, max_size=2),
        "dependsOn": st.lists(REFERENCES, max_size=2), "dependencyOf": st.lists(REFERENCES, max_size=2),
        "consumesApis": st.lists(TOKENS, max_size=2), "providesApis": st.lists(TOKENS, max_size=2), "system": TOKENS,
        "domain": TOKENS, "parent": TOKENS, "subcomponentOf": TOKENS, "memberOf": st.lists(TOKENS, max_size=2),
        "own": st.dictionaries(TOKENS, TOKENS, max_size=2),
        "profile": st.fixed_dictionaries({}, optional={"displayName": TOKENS, "picture": TOKENS}),
    },
)  # fmt: skip
METADATA = st.fixed_dictionaries(
    {"name": TOKENS},
    optional={
        "title": TOKENS, "description": st.lists(TOKENS, max_size=5).map(". A ".join), "tags": st.lists(TOKENS),
        "labels": st.dictionaries(TOKENS, TOKENS, max_size=2),
        "annotations": st.dictionaries(TOKENS, TOKENS, max_size=2),
        "links": st.lists(st.fixed_dictionaries({"url": TOKENS, "title": TOKENS}), max_size=2),
    },
)  # fmt: skip
KINDS = st.sampled_from(["Component", "Resource", "Group", "User", "System", "Domain"])


@given(st.lists(st.tuples(KINDS, METADATA, SPEC), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_no_value_of_an_entity_is_lost(entities: list[tuple[str, dict[str, Any], dict[str, Any]]]):
    documents: list[dict[str, Any]] = [{"kind": kind, "metadata": data, "spec": spec} for kind, data, spec in entities]
    if len({(one["kind"], one["metadata"]["name"]) for one in documents}) < len(documents):
        return  # of several with the same name the last is used, which is told
    result = draft(*documents)
    found = "\n".join([*(file.text for file in result.files), *map(str, result.notes)])
    for document in documents:
        for _, value in iterate_values([document["spec"], document["metadata"]]):
            for word in re.findall(r"[a-z]{6}", value) if isinstance(value, str) else ():
                assert word in found
