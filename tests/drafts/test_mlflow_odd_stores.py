"""Stores of MLflow with versions and locations that MLflow itself never writes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from generator.drafts.mlflow import import_mlflow, open_registry
from generator.errors import UserError

FUNCTIONS = {"ds": "Data Science"}
NUMBERS = ["9" * 5000, "9" * 4000, "-1", "\u0661", "1.5", "x", ""]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_file_store_with_an_invalid_version_is_read(number: str, tmp_path: Path):
    version = tmp_path / "mlruns" / "models" / "ryl" / "version-1"
    (version.parent / "aliases").mkdir(parents=True)
    version.mkdir()
    (version.parent / "meta.yaml").write_text("name: ryl\n")
    (version.parent / "aliases" / "champion").write_text(number)
    (version / "meta.yaml").write_text(f"version: '{number}'\nsource: 'http://['\ncreation_timestamp: {'9' * 5000}\n")
    with open_registry(str(tmp_path)) as registry:
        assert import_mlflow(registry, FUNCTIONS).files


@pytest.mark.parametrize("number", NUMBERS)
def test_a_database_with_an_invalid_version_is_read(number: str, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("CREATE TABLE registered_models (name, creation_time, last_updated_time, description)")
        database.execute("INSERT INTO registered_models VALUES ('ryl', 1, 1, '')")
        database.execute(
            "CREATE TABLE model_versions (name, version, creation_time, source, current_stage, description)"
        )
        database.execute("INSERT INTO model_versions VALUES ('ryl', ?, ?, 'http://[', '', '')", (number, "9" * 5000))
        database.execute("CREATE TABLE registered_model_aliases (name, alias, version)")
        database.execute("INSERT INTO registered_model_aliases VALUES ('ryl', 'champion', ?)", (number,))
        for table in ("registered_model_tags", "model_version_tags"):
            database.execute(f"CREATE TABLE {table} (name, version, key, value)")
    with open_registry(str(tmp_path / "mlflow.db")) as registry:
        assert import_mlflow(registry, FUNCTIONS).files


@pytest.mark.parametrize("address", ["http://[", "https://[::1", "sqlite://["])
def test_an_invalid_address_is_refused(address: str):
    with pytest.raises(UserError, match=r"^invalid address"), open_registry(address):
        pass
