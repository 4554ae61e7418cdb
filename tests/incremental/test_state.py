"""A project that is updated after a change equals one that is read anew, or is refused; states are read as written."""

import io
import os
import pickle
import re
import shutil
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.cache_files import write_mapped_file
from generator.graph.edges import Graph
from generator.incremental.project_update import can_be_updated
from generator.incremental.slices import DamagedStateError, SliceWriter, read_slices, write_slices
from generator.incremental.state import read_project, write_project
from generator.load.bind import LoadedCard
from generator.project import Project, open_project
from tests.books import REPOSITORY
from tests.incremental.rich_book import build_model, update_project, write_card_file, write_rich_book

EXTRA = {
    "models/two.yml": [
        build_model("one", "One", "experimental", contract={"request": {"type": "object"}}),
        build_model("two", "Two", "production", consumers=[{"system": "home", "why": "Shows it"}]),
    ],
}
OTHER_FILES = {
    "flows/anchors.yml": """\
kind: flow
id: anchors
name: &name Anchors
summary: *name
owners: [riders]
trigger: A customer
steps:
  - {from: topic:orders.v1, consumes: queue:later}
  - {from: system:home, writes: topic:orders.v1}
""",
    "systems/markdown.md": "---\nkind: system\ntype: app\nname: Markdown\nowners: [cooks]\n---\n\nA *body*.\n",
    "contracts/unused.yml": "type: object\nproperties: {}\n",
    "contracts/api.yml": """\
openapi: 3.0.0
info: {title: API, version: '1'}
paths:
  /rank:
    post:
      operationId: rank
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {content: {application/json: {schema: {type: array}}}}}
""",
}
COMMON = (
    "name: Another name", "name: old", "aliases: [RNK2, other]", "summary: Another text", "notes: A note", "notes: ''",
    "tags: [draft]", "tags: [home]", "links: {repo: https://git.example.com/core/one}", "x-allow: {MB203: until June}",
    "x-allow: {}", "id: another", "kind: nothing", "x-more: [1, 2]",
)  # fmt: skip
OWNED = (*COMMON, "owners: [riders]", "owners: [cooks, riders]", "owners: []", "owners: [nobody]", "owners: li")
LINES = {
    "team": (*COMMON, "lead: asha", "lead: li", "channel: '#chefs'", "members: [li]"),
    "person": (*COMMON, "team: cooks", "team: riders", "left_on: 2026-10-01", "successor: asha", "email: a@b.org"),
    "model": (
        *OWNED, "lifecycle: deprecated", "lifecycle: production", "lifecycle: retired", "successor: ranker",
        "successor: popular", "fallback: one", "fallback: ''", "review_by: 2026-01-05", "deployed_on: 2026-01-05",
        "version: 2.0.0", "contacts: {ds: li, engineering: asha}", "contacts: {}", "depends_on: [topic:orders.v1]",
        "depends_on: [system:home]", "depends_on: [queue:new]", "features: [profile:taste, profile:more]",
        "features: [unknown:taste]", "consumers: [{system: home, why: Another}]", "consumers: []",
        "consumers: [{system: markdown, why: More, fields: [items]}]", "contract: {request: {type: object}}",
        "contract: {openapi: ../contracts/api.yml, operation: rank}", "timeout_ms: 200",
        "contract: {response: {$ref: ../contracts/items.json}}",
    ),
    "system": (*OWNED, "uses: [{model: ranker, why: Row}, {model: one, why: Another}]", "uses: []", "repo: ''"),
    "flow": (*OWNED, "trigger: Another", "steps: [{from: system:home, calls: model:one}]"),
    "experiment": (*OWNED, "status: stopped", "metric: Clicks", "where: system:markdown"),
    "migration": (*OWNED, "status: done", "rollback: None", "moves: [model:one]", "fallback: old"),
    "resource": (*OWNED, "stakeholders: [team:riders]"),
}  # fmt: skip
"""Lines for the cards of each kind, most of them valid."""
EDITS = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))


@contextmanager
def make_rich_book() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "book"
        write_rich_book(root)
        for file, cards in EXTRA.items():
            write_card_file(root, file, cards)
        for name, text in OTHER_FILES.items():
            (root / "cards" / name).write_text(text, "utf-8")
        yield root


def edit_file(root: Path, edit: tuple[int, int, int]) -> str:
    """Replace a line of a random card, or add one; return the path of the file below cards/."""
    file, card, line = edit
    files = sorted(path for path in (root / "cards").rglob("*") if path.suffix in {".yml", ".md"})
    path = files[file % len(files)]
    if card % 8 == 0:
        return add_or_remove_file(path, line, root)
    cards = path.read_text("utf-8").split("---\n")
    kinds = [(number, text) for number, text in enumerate(cards) if text.startswith("kind:")]
    if not kinds:
        path.write_text(f"{path.read_text('utf-8')}# {line}\n", "utf-8")
    else:
        number, text = kinds[card % len(kinds)]
        kind = text.split("\n")[0].removeprefix("kind:").strip(' "')
        lines = LINES.get(kind, COMMON)
        new = lines[line % len(lines)]
        key, _, value = new.partition(":")
        kept = [each for each in text.splitlines(keepends=True) if not each.startswith(f"{key}:")]
        cards[number] = "".join([*kept[:1], *([] if value == " ''" else [f"{new}\n"]), *kept[1:]])
        path.write_text("---\n".join(cards), "utf-8")
    return path.relative_to(root / "cards").as_posix()


def add_or_remove_file(path: Path, number: int, root: Path) -> str:
    """Remove a file, or copy it with other ids, before or after the others in its folder."""
    copy = path.with_name(f"{'az'[number % 2]}-{path.name}")
    if number % 3 == 0:
        path.unlink()
    else:
        text = path.read_text("utf-8").replace('"Ranker"', '"Copied"')
        copy.write_text(re.sub(r'^id: "?(\w+)"?$', rf'id: "\1-{number}"', text, flags=re.MULTILINE), "utf-8")
        path = copy
    return path.relative_to(root / "cards").as_posix()


def store(project: Project) -> Project:
    """Write the state of a project and read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "state")
        write_project(path, project)
        stored = read_project(path)
    assert stored is not None
    return stored


def read_card(loaded: LoadedCard) -> tuple[object, ...]:
    return loaded.ref, loaded.file, loaded.card, loaded.document, loaded.body, loaded.openapi, loaded.origin


def read_edges(graph: Graph) -> tuple[object, ...]:
    nodes = [(graph.list_outgoing_edges(ref), graph.list_incoming_edges(ref)) for ref in graph.refs]
    return graph.edges, nodes


def expect_same(found: Project, expected: Project) -> None:
    assert list(map(read_card, found.cards.items)) == list(map(read_card, expected.cards.items))
    assert {**found.cards.by_ref} == dict(zip(expected.cards.by_ref, found.cards.items, strict=True))
    assert list(found.cards.texts.items()) == list(expected.cards.texts.items())
    for name in (
        "unread",
        "anchors",
        "lock",
        "origins",
        "contract_files",
        "drafts",
        "accepting",
        "inventoried",
        "digest",
    ):
        assert getattr(found.cards, name) == getattr(expected.cards, name)
    assert (found.graph.edges, found.graph.named) == (expected.graph.edges, expected.graph.named)
    assert (found.graph.cards, found.graph.refs) == (found.cards.by_ref, expected.graph.refs)
    assert list(found.graph.declared.items()) == list(expected.graph.declared.items())
    for ref in expected.graph.refs:
        assert found.graph.list_outgoing_edges(ref) == expected.graph.list_outgoing_edges(ref)
        assert found.graph.list_incoming_edges(ref) == expected.graph.list_incoming_edges(ref)
    assert (found.findings, found.suppressed) == (expected.findings, expected.suppressed)
    assert set(found.raw.checked) == set(expected.raw.checked)
    assert set(found.raw.contracts) == set(expected.raw.contracts)
    assert (found.raw.inputs, found.raw.reading) == (expected.raw.inputs, expected.raw.reading)
    nodes = set(expected.graph.refs)
    assert found.render_catalog(nodes).join() == expected.render_catalog(nodes).join()
    for field in ("root", "configuration", "today", "history", "evidence", "baseline", "has_secrets"):
        assert getattr(found, field) == getattr(expected, field)


def is_unusual(former: Project, new: Project, files: list[str]) -> bool:
    """Return whether a change is one after which the whole book is read."""
    names = {f"cards/{file}" for file in files}
    contracts = {file for one in (former, new) for read in one.cards.contract_files.values() for file in read}
    return (
        not can_be_updated(new)
        or any(Path(contract).name == Path(file).name for contract in contracts for file in files)
        or [*new.cards.by_ref] != [*former.cards.by_ref]
        or new.cards.contract_files != former.cards.contract_files
        or any(finding.position.file in names for finding in (*former.raw.reading, *new.raw.reading))
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(EDITS, min_size=1, max_size=2), min_size=1, max_size=4))
def test_an_updated_project_equals_one_that_is_read_anew(changes: list[list[tuple[int, int, int]]]):
    with make_rich_book() as root:
        former = store(open_project(root))
        assert can_be_updated(former)
        for edits in changes:
            files = [edit_file(root, edit) for edit in edits]
            updated, new = update_project(former, files), open_project(root)
            if updated is None:
                assert is_unusual(former, new, files)
                break
            expect_same(updated, new)
            assert can_be_updated(updated)
            former = updated


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_the_demo_book_is_updated_after_edits(edits: list[tuple[int, int, int]]):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in ("cards", "evidence"):
            shutil.copytree(REPOSITORY / name, root / name)
        shutil.copy(REPOSITORY / "mkdocs.yml", root)
        former = open_project(root)
        for edit in edits:
            file = edit_file(root, edit)
            updated, new = update_project(former, [file]), open_project(root)
            if updated is None:
                assert is_unusual(former, new, [file])
                break
            expect_same(updated, new)
            former = updated


def edit_text(root: Path, file: str, old: str, new: str) -> str:
    path = root / "cards" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return file


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("models/ranker.yml", '"Ranker"', '"Another name"'),
        ("models/ranker.yml", '["RNK"]', '["RNK", "Other"]'),
        ("models/two.yml", '"production"', '"deprecated"'),
        ("models/old.yml", "ranker", "popular"),
        ("teams/cooks.yml", "#cooks", "#chefs"),
        ("flows/anchors.yml", "&name Anchors", "&name   Anchors two"),
        ("systems/markdown.md", "A *body*.", "Another\n\nbody."),
        ("systems/home.yml", "First row", "Second row"),
        ("models/old.yml", '"old"', '"older"'),
        ("models/ranker.yml", "profile", "another"),
        ("flows/anchors.yml", "queue:later", "queue:soon"),
    ],
)
def test_a_usual_change_is_an_update(file: str, old: str, new: str):
    with make_rich_book() as root:
        former = open_project(root)
        updated = update_project(former, [edit_text(root, file, old, new)])
        assert updated is not None
        expect_same(updated, open_project(root))
        assert updated.cards != former.cards


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("models/ranker.yml", '"ranker"', '"ranker2"'),
        ("models/ranker.yml", 'kind: "model"', 'kind: "modle"'),
        ("models/ranker.yml", 'fallback: "popular"', 'fallback: "nobody"'),
        ("models/ranker.yml", '"Ranker"', '"ghp_abcdefghijklmnopqrstuvwxyz0123456789"'),
        ("models/ranker.yml", "../contracts/items.json", "../contracts/unused.yml"),
        ("models/ranker.yml", 'name: "Ranker"', 'name: "Ranker"\nname: "Ranker"'),
        ("contracts/api.yml", "rank", "sort"),
        ("models/old.yml", '"old"', '"popular"'),
        ("models/old.yml", '"old"', '"Popular"'),
        ("teams/riders.yml", '"li"', '"cooks"'),
        ("flows/anchors.yml", "queue:later", "qeue:soon"),
        ("contracts/unused.yml", "object", "array"),
    ],
)
def test_an_unusual_change_is_no_update(file: str, old: str, new: str):
    with make_rich_book() as root:
        former = open_project(root)
        assert update_project(former, [edit_text(root, file, old, new)]) is None


@pytest.mark.parametrize("is_stored", [True, False])
def test_cards_that_are_added_and_removed_are_an_update(is_stored: bool):
    with make_rich_book() as root:
        former, files = open_project(root), ["models/new.yml", "models/old.yml", "resources/later.yml"]
        former = store(former) if is_stored else former
        write_card_file(root, files[0], [build_model("new", "New", "production", features=["new_view:a"])])
        (root / "cards/models/old.yml").unlink()
        (root / "cards" / files[2]).write_text("kind: resource\ntype: queue\nname: Later\nowners: [cooks]\n", "utf-8")
        updated = update_project(former, files)
        assert updated is not None
        expect_same(updated, open_project(root))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models/copy.yml", "kind: model\nid: ranker\nname: Copy\nlifecycle: experimental\n"),
        ("models/Ranker.yml", "kind: model\nname: Copy\nlifecycle: experimental\n"),
        ("teams/asha.yml", "kind: team\nname: Team Asha\n"),
        ("resources/cue.yml", "kind: resource\ntype: cue\nname: Cue\n"),
        ("contracts/more.yml", "type: object\nproperties: {}\n"),
        ("contracts/more.json", "{}"),
        (
            "models/api.yml",
            "kind: model\nlifecycle: experimental\ncontract: {response: {$ref: ../contracts/unused.yml}}\n",
        ),
        (".hidden.yml", "kind: team\nname: Hidden\n"),
        ("collected/team.yml", "kind: team\nname: Collected\n"),
        ("models/ranker.yml", None),
        ("contracts/unused.yml", None),
        ("contracts/items.json", None),
    ],
)
def test_an_unusual_file_added_or_removed_is_no_update(file: str, text: str | None):
    with make_rich_book() as root:
        former, path = open_project(root), root / "cards" / file
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert update_project(former, [file]) is None


def test_cards_in_another_order_are_no_update():
    with make_rich_book() as root:
        former = open_project(root)
        (root / "cards/models/two.yml").rename(root / "cards/models/a-two.yml")
        assert update_project(former, ["models/a-two.yml", "models/two.yml"]) is None


def test_a_book_with_secrets_or_unresolved_references_has_no_state():
    with make_rich_book() as root:
        edit_text(root, "models/ranker.yml", "orders lists", "orders ghp_abcdefghijklmnopqrstuvwxyz0123456789")
        assert not can_be_updated(open_project(root))
    with make_rich_book() as root:
        edit_text(root, "models/ranker.yml", 'fallback: "popular"', 'fallback: "nobody"')
        assert not can_be_updated(open_project(root))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    with make_rich_book() as root:
        write_project(tmp_path / "state", open_project(root))
    return tmp_path / "state"


def test_a_stored_book_is_private(written: Path):
    assert read_project(written) is not None
    assert written.stat().st_mode & 0o077 == 0


def test_a_missing_book_and_another_file_of_the_cache_are_ignored(written: Path):
    assert read_project(written.with_name("missing")) is None
    write_mapped_file(written, io.BytesIO(b"another file"), io.BytesIO())
    assert read_project(written) is None


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000_000), st.integers(1, 255), st.booleans())
def test_a_damaged_state_is_ignored(written: Path, place: int, change: int, is_cut: bool):
    content = written.read_bytes()
    at = place % len(content)
    damaged = written.with_name("damaged")
    rest = b"" if is_cut else bytes([content[at] ^ change]) + content[at + 1 :]
    damaged.write_bytes(content[:at] + rest)
    stored = read_project(damaged)
    if stored is not None:  # only a card, a document or an edge is damaged
        with pytest.raises(DamagedStateError):
            pickle.dumps((stored.cards.items, read_edges(stored.graph)))


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_book_that_others_can_write_is_ignored(written: Path):
    written.chmod(0o666)
    assert read_project(written) is None


def test_a_state_is_written_in_parts(tmp_path: Path):
    stored = bytes(1 << 25)

    def store(writer: SliceWriter) -> bytes:
        writer.add(bytes(1 << 20) for _ in range(32))
        return stored

    tracemalloc.start()
    try:
        write_slices(tmp_path / "state", store)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()
    assert (tmp_path / "state").stat().st_size > 1 << 26
    read = read_slices(tmp_path / "state")
    assert read is not None
    assert read[0] == stored
