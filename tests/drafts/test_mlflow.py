"""The import from a real MLflow: its server, its database and its folder of files give the same drafts."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generator.drafts.mlflow import import_mlflow, open_registry
from generator.drafts.mlflow_registry import parse_version_number
from generator.drafts.mlflow_stores import FileRegistry, read_stored_file
from generator.drafts.results import ImportResult
from generator.errors import UserError
from generator.names import Ref
from tests.conftest import Golden
from tests.drafts.draft_loading import load_drafts, render_result

HERE = Path(__file__).parent
FUNCTIONS = {"ds": "Data Science"}


@dataclass(frozen=True)
class World:
    folder: Path
    server: str

    def address(self, kind: str) -> str:
        return {
            "server": self.server,
            "database": f"sqlite:///{self.folder / 'mlflow.db'}",
            "folder with a database": str(self.folder),
            "files": (self.folder / "files" / "mlruns").as_uri(),
            "folder with files": str(self.folder / "files"),
        }[kind]

    def drafts(self, kind: str) -> ImportResult:
        with open_registry(self.address(kind)) as registry:
            return import_mlflow(registry, FUNCTIONS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("mlflow")
    command = [sys.executable, "-W", "ignore", str(HERE / "mlflow_world.py"), str(folder)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            assert line.startswith("serving "), (folder / "log").read_text()
            yield World(folder, f"http://127.0.0.1:{line.split()[1]}")
        finally:
            process.kill()


def normalize_outcome(text: str) -> str:
    """Replace days and locations, and remove the prompts that only the file store lists."""
    text = re.sub(r"registered on \d{4}-\d\d-\d\d", "registered on DAY", text)
    text = re.sub(r"registered_on: \d{4}-\d\d-\d\d", "registered_on: DAY", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+|mlflow\.db|mlruns", "REGISTRY", text)
    return text.replace("- REGISTRY, greeting: prompts have no cards\n", "")


def test_drafts_of_a_server(world: World, tmp_path: Path, golden: Golden):
    drafts = world.drafts("server")
    load_drafts(drafts, tmp_path)
    golden(HERE / "golden" / "mlflow.txt", normalize_outcome(render_result(drafts)))


@pytest.mark.parametrize("kind", ["database", "folder with a database", "files", "folder with files"])
def test_stores_give_the_same_drafts_as_the_server(world: World, kind: str):
    found, expected = (normalize_outcome(render_result(world.drafts(each))) for each in (kind, "server"))
    assert found == expected


@pytest.mark.parametrize("kind", ["database", "files"])
def test_prompts_are_noted_and_omitted(world: World, kind: str):
    assert any("prompts have no cards" in note.message for note in world.drafts(kind).notes)


def test_the_input_example_of_mlflow_matches_the_contract(world: World, tmp_path: Path):
    cards = load_drafts(world.drafts("database"), tmp_path)
    for name in ("ryl", "dish-quality"):
        card: Any = cards.by_ref[Ref("model", name)].card
        Draft202012Validator.check_schema(card.contract.response)
        validator = Draft202012Validator(card.contract.request)
        assert list(validator.iter_errors(card.contract.examples[0].request)) == []
        assert list(validator.iter_errors({})) != []


def test_a_contract_refuses_the_requests_that_the_signature_refuses(world: World, tmp_path: Path):
    card: Any = load_drafts(world.drafts("database"), tmp_path).by_ref[Ref("model", "ryl")].card
    row = card.contract.examples[0].request["dataframe_records"][0]
    validator = Draft202012Validator(card.contract.request)

    def holds(**changes: Any) -> bool:
        changed = {key: value for key, value in {**row, **changes}.items() if value is not ...}
        return bool(validator.is_valid({"dataframe_records": [changed]}))

    assert holds()
    assert holds(city=None)
    assert holds(city=...)
    assert not holds(customer_id=...)
    assert not holds(orders="three")
    assert not holds(place={"lat": 1.0})
    assert not holds(cuisines=[1])


def test_a_moved_store_gives_the_same_drafts(world: World, tmp_path: Path):
    moved = tmp_path / "elsewhere"
    world.folder.joinpath("files").rename(moved)
    try:
        with open_registry(str(moved)) as registry:
            found = import_mlflow(registry, FUNCTIONS)
    finally:
        moved.rename(world.folder / "files")
    assert normalize_outcome(render_result(found)) == normalize_outcome(render_result(world.drafts("files")))


@pytest.mark.parametrize("kind", ["database", "files"])
def test_stores_are_not_changed(world: World, kind: str):
    def read_files() -> dict[Path, bytes | None]:
        found = [path for path in world.folder.rglob("*") if path.name != "log"]
        return {path: path.read_bytes() if path.is_file() else None for path in found}

    before = read_files()
    world.drafts(kind)
    assert read_files() == before


@pytest.mark.parametrize("name", ["nothing", "empty", "text.db", "sqlite:///nothing.db"])
def test_an_address_without_a_store_is_refused(name: str, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.db").write_text("this is no database, though it is long enough to look like one\n" * 20)
    address = name if "://" in name else str(tmp_path / name)
    with (
        pytest.raises(UserError, match=r"not an MLflow store|as a database of MLflow"),
        open_registry(address) as registry,
    ):
        import_mlflow(registry, FUNCTIONS)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("12", 12),
        ("0", 0),
        ("9" * 5000, 0),
        pytest.param(10**5000, 0, id="endless"),
        (-1, 0),
        ("1.5", 0),
        ("", 0),
        (None, 0),
        ("²", 0),
    ],
)
def test_a_version_number_is_bounded(value: object, number: int):
    assert parse_version_number(value) == number


def test_a_file_store_with_very_long_numbers_is_read(tmp_path: Path):
    model = tmp_path / "models/ryl"
    for folder, text in {"": "name: ryl\n", "version-1": f"version: {'7' * 5000}\n", "aliases": ""}.items():
        (model / folder).mkdir(parents=True, exist_ok=True)
        (model / folder / "meta.yaml").write_text(text, encoding="utf-8")
    (model / "aliases/champion").write_text("7" * 5000, encoding="utf-8")
    (found,) = FileRegistry(tmp_path).list_models()
    assert (found.aliases, [version.number for version in found.versions]) == ({}, [0])


@pytest.mark.parametrize("location", ["http://[", "file://[a", "mlflow-artifacts://]", "s3://a/b", "\0", "../.."])
def test_files_at_other_locations_are_not_read(location: str, tmp_path: Path):
    assert read_stored_file(tmp_path, location, "MLmodel") is None


def test_an_invalid_server_address_is_refused():
    with pytest.raises(UserError, match="invalid address 'http://\\['"), open_registry("http://["):
        pass
