"""The import of a real MLflow: its server over REST, its database, and its folder of files say the same."""

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
from tests.drafts.binding import bound, told

HERE = Path(__file__).parent
FUNCTIONS = {"ds": "Data Science"}


@dataclass(frozen=True)
class World:
    folder: Path
    server: str

    def address(self, door: str) -> str:
        return {
            "server": self.server,
            "database": f"sqlite:///{self.folder / 'mlflow.db'}",
            "folder with a database": str(self.folder),
            "files": (self.folder / "files" / "mlruns").as_uri(),
            "folder with files": str(self.folder / "files"),
        }[door]

    def drafts(self, door: str) -> ImportResult:
        with open_registry(self.address(door)) as registry:
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


def without_place(text: str) -> str:
    """The outcome without where and when it was made, and without the prompts that only the files tell of."""
    text = re.sub(r"registered on \d{4}-\d\d-\d\d", "registered on DAY", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+|mlflow\.db|mlruns", "REGISTRY", text)
    return text.replace("- REGISTRY, greeting: prompts have no cards\n", "")


def test_the_outcome(world: World, tmp_path: Path, golden: Golden):
    drafts = world.drafts("server")
    bound(drafts, tmp_path)
    golden(HERE / "golden" / "mlflow.txt", without_place(told(drafts)))


@pytest.mark.parametrize("door", ["database", "folder with a database", "files", "folder with files"])
def test_every_door_leads_to_the_same_drafts(world: World, door: str):
    assert without_place(told(world.drafts(door))) == without_place(told(world.drafts("server")))


@pytest.mark.parametrize("door", ["database", "files"])
def test_a_prompt_is_told_and_left_out(world: World, door: str):
    assert any("prompts have no cards" in note.message for note in world.drafts(door).notes)


def test_what_mlflow_itself_would_send_keeps_the_contract(world: World, tmp_path: Path):
    cards = bound(world.drafts("database"), tmp_path)
    for name in ("ryl", "dish-quality"):
        card: Any = cards.by_ref[Ref("model", name)].card
        Draft202012Validator.check_schema(card.contract.response)
        validator = Draft202012Validator(card.contract.request)
        assert list(validator.iter_errors(card.contract.examples[0].request)) == []
        assert list(validator.iter_errors({})) != []


def test_a_contract_refuses_what_the_signature_refuses(world: World, tmp_path: Path):
    card: Any = bound(world.drafts("database"), tmp_path).by_ref[Ref("model", "ryl")].card
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


def test_a_store_that_was_moved_keeps_its_contracts(world: World, tmp_path: Path):
    moved = tmp_path / "elsewhere"
    world.folder.joinpath("files").rename(moved)
    try:
        with open_registry(str(moved)) as registry:
            found = import_mlflow(registry, FUNCTIONS)
    finally:
        moved.rename(world.folder / "files")
    assert without_place(told(found)) == without_place(told(world.drafts("files")))


def test_the_database_is_left_as_it_was(world: World):
    before = (world.folder / "mlflow.db").read_bytes()
    world.drafts("database")
    assert (world.folder / "mlflow.db").read_bytes() == before


@pytest.mark.parametrize("name", ["nothing", "empty", "text.db", "sqlite:///nothing.db"])
def test_no_store_is_refused(name: str, tmp_path: Path):
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


def test_a_registry_with_endless_digits_is_read(tmp_path: Path):
    model = tmp_path / "models/ryl"
    for folder, text in {"": "name: ryl\n", "version-1": f"version: {'7' * 5000}\n", "aliases": ""}.items():
        (model / folder).mkdir(parents=True, exist_ok=True)
        (model / folder / "meta.yaml").write_text(text, encoding="utf-8")
    (model / "aliases/champion").write_text("7" * 5000, encoding="utf-8")
    (found,) = FileRegistry(tmp_path).list_models()
    assert (found.aliases, [version.number for version in found.versions]) == ({}, [0])


@pytest.mark.parametrize("location", ["http://[", "file://[a", "mlflow-artifacts://]", "s3://a/b", "\0", "../.."])
def test_a_location_that_is_not_on_this_machine_has_no_files(location: str, tmp_path: Path):
    assert read_stored_file(tmp_path, location, "MLmodel") is None


def test_an_invalid_server_address_is_refused():
    with pytest.raises(UserError, match="invalid address 'http://\\['"), open_registry("http://["):
        pass
