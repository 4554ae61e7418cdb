"""Any text instead of a reference, in the checks and on the pages."""

import copy
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.graph.edge_text import RESPONSIBILITY_LABELS
from generator.graph.edges import Relation
from generator.graph.people import PARTIES
from generator.graph.reference_lookup import list_reference_fields, list_references
from generator.load.bind import bind_card
from generator.load.yaml_reader import read_documents
from generator.pages.site import PageBuilder
from generator.pages.site_page import SitePage
from generator.pages.template_folders import build_template_folders
from generator.project import Project
from generator.schema import KINDS
from generator.schema.base import REFERENCE_PATTERN, Strict
from generator.schema.fields import get_keys, list_nested_mappings
from generator.schema.topology import VERBS
from tests.books import open_book
from tests.load.writing import as_yaml
from tests.schema.strategies import get_at

TOKEN = "ghp_" + "a1B2c3D4" * 4 + "e5F6"
MODEL = {"kind": "model", "name": "M", "summary": "s", "lifecycle": "deprecated", "serving": "online"}
CARDS: tuple[dict[str, Any], ...] = (
    {**MODEL, "id": "b", "owners": ["t"]},
    {**MODEL, "id": "a", "owners": ["t", "person:p"], "contacts": {"ds": "p"}, "stakeholders": ["team:t", "person:p"],
     "fallback": "b", "successor": "b", "consumers": [{"system": "s", "why": "w"}],
     "confirmed_unused": {"by": "p", "on": "2026-01-01"},
     "risk": {"rating": "high", "by": "p"}, "validation": {"by": "t", "on": "2026-01-01"},
     "approved_uses": [{"use": "u", "systems": ["s"], "by": "p"}], "exceptions": [{"what": "e", "why": "w", "by": "p"}],
     "operations": {"monitoring": {"by": "p"}, "alerts": {"by": "p"}, "drift_check": {"by": "t"},
                    "rollout": {"by": "t", "traffic": 5}, "capacity": {"by": "p"}}},
    {"kind": "system", "id": "s", "name": "S", "type": "service", "owners": ["t"],
     "uses": [{"model": "a", "why": "w"}], "depends_on": ["topic:r"]},
    {"kind": "flow", "id": "f", "name": "F", "owners": ["t"],
     "steps": [{"from": "system:s", verb: "topic:r"} for verb in VERBS]},
    {"kind": "experiment", "id": "e", "name": "E", "owners": ["t"], "status": "concluded", "where": "system:s",
     "variants": {"x": {"model": "a", "traffic": 50}, "y": {"model": "b", "traffic": 50}},
     "decision": {"winner": "x", "by": "p", "decided_on": "2026-01-01"},
     "cleanup": {"due": "2026-02-01", "items": [{"remove": "topic:r", "owner": "t"}]}},
    {"kind": "migration", "id": "g", "name": "G", "owners": ["t"], "status": "running", "moves": ["model:a", "model:b"],
     "fallback": "b", "retires": [{"text": "old-host", "owner": "t"}],
     "waves": [{"traffic": 1, "moves": ["model:a"]}, {"traffic": 100}]},
    {"kind": "team", "id": "t", "name": "T", "lead": "p", "parent": "u"},
    {"kind": "team", "id": "u", "name": "U"},
    {"kind": "person", "id": "p", "name": "P", "team": "t", "left_on": "2026-01-01", "successor": "q", "deputy": "q"},
    {"kind": "person", "id": "q", "name": "Q", "team": "t"},
    {"kind": "resource", "id": "r", "name": "R", "type": "topic", "owners": ["t"], "created_for": "experiment:e"},
)  # fmt: skip


def reference_paths() -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Every reference of the book: the number of its card and the path."""
    for number, card in enumerate(CARDS):
        loaded, findings = bind_card(read_documents(as_yaml(card), "a.yml")[0][0])
        assert loaded is not None, findings
        yield from ((number, reference.path) for reference in list_references(loaded))


PATHS = tuple(reference_paths())


def declared(model: type[Strict], prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every field of a kind that holds references, without the steps that the author chooses."""
    for name, info in model.model_fields.items():
        if name in list_reference_fields(model):
            yield (*prefix, info.alias or name)
    for key in get_keys(model).values():
        for _, inner in list_nested_mappings(key.annotation):
            yield from declared(inner, (*prefix, key.name))


def test_the_book_has_every_field_with_references():
    chosen = {"ds", "x", "y"}
    held = {
        (CARDS[number]["kind"], *(s for s in path if isinstance(s, str) and s not in chosen)) for number, path in PATHS
    }
    assert held == {(kind, *path) for kind, model in KINDS.items() for path in declared(model)}


def test_every_relation_to_a_person_or_a_team_has_a_role(tmp_path: Path):
    edges = open_changed(tmp_path, [], "").graph.edges
    found = {edge.relation for edge in edges if edge.target.kind in PARTIES}
    structure = {Relation.MEMBER_OF, Relation.PART_OF, Relation.SUCCEEDED_BY, Relation.DEPUTY}
    assert found - structure == set(RESPONSIBILITY_LABELS)


def open_changed(root: Path, places: list[tuple[int, tuple[Any, ...]]], text: str) -> Project:
    """Open the book with a text instead of some of its references."""
    cards = copy.deepcopy(CARDS)
    for number, path in places:
        get_at(cards[number], path[:-1])[path[-1]] = text
    return open_book(root, {f"{number}.yml": as_yaml(card) for number, card in enumerate(cards)})


def build_pages(project: Project) -> list[SitePage]:
    folders = build_template_folders(project.root, "")
    return [*PageBuilder(project.book, folders, directory_urls=False).build_book_pages()]


words = st.sampled_from([
    "Team: Growth", "a:b:c", "https://git.example.com/teams/cart", "mailto:menu@example.com", "slack:#help", "#help",
    "asha@example.com", "team:", ":t", "::", "person:p ", "Person: p", "team:../t", "model:a", "topic:r", "page:index",
    "resource:r", f"team:{TOKEN}", f"topic:{TOKEN}", TOKEN, "a" * 200, f"model:{'a' * 128}", "on", "1", "team:index",
])  # fmt: skip
anything = st.one_of(words, st.text(max_size=12).filter(lambda text: text.isprintable()))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3, unique=True), anything)
@example([PATHS[0]], "Team: Growth")
def test_a_text_without_a_card_is_a_finding(places: list[tuple[int, tuple[Any, ...]]], text: str):
    with tempfile.TemporaryDirectory() as root:
        project = open_changed(Path(root), places, text)
        build_pages(project)
    is_known = any(text.strip() in {str(ref), ref.id} for ref in project.graph.refs)
    is_resource = re.fullmatch(REFERENCE_PATTERN, text) and text.partition(":")[0] not in KINDS
    assert is_known or is_resource or any(finding.severity == "error" for finding in project.findings)


@pytest.mark.parametrize(("number", "path"), PATHS, ids=str)
def test_a_secret_instead_of_a_reference_is_shown_on_no_page(number: int, path: tuple[Any, ...], tmp_path: Path):
    prefixed = ":" in get_at(CARDS[number], path)
    project = open_changed(tmp_path, [(number, path)], f"team:{TOKEN}" if prefixed else TOKEN)
    assert "MB312" in {finding.code for finding in project.findings}
    assert all(TOKEN not in page.markdown for page in build_pages(project))


@pytest.mark.parametrize("owner", ["Team: Growth", "a:b:c", "mailto:menu@example.com", "https://example.com/t"])
def test_an_invalid_owner_is_reported_at_its_position(owner: str, tmp_path: Path):
    owners = [(number, path) for number, path in PATHS if path[:1] == ("owners",) or path[-1:] == ("owner",)]
    assert {CARDS[number]["kind"] for number, _ in owners} == {"model", "system", "flow", "experiment", "migration",
                                                               "resource"}  # fmt: skip
    found = [finding for finding in open_changed(tmp_path, owners, owner).findings if finding.code == "MB013"]
    assert Counter(finding.position.file for finding in found) == Counter(f"cards/{number}.yml" for number, _ in owners)
    assert len({finding.position for finding in found}) == len(owners)
    for finding in found:
        lines = (tmp_path / finding.position.file).read_text().splitlines()
        assert lines[finding.position.line - 1].strip().startswith(("-", '"owner'))
