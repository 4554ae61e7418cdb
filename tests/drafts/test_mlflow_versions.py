"""Versions, metrics, users and Markdown of a small MLflow store of files and of a database."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from generator.drafts.mlflow import import_mlflow, open_registry
from generator.drafts.mlflow_registry import TrainingRun
from generator.drafts.results import ImportResult
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

MARKDOWN = (
    "## queue-guess\n\nGuesses the *queue*, cf. [the wiki](https://wiki.example.com). Weekly.\n\n| a |\n|---|\n| b |"
)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def make_store(folder: Path, description: str = "Guesses the queue.", versions: int = 3, **aliases: int) -> Path:
    files = {"models/queue-guess/meta.yaml": f"name: queue-guess\ndescription: {json.dumps(description)}\n"}
    for number in range(1, versions + 1):
        files[f"models/queue-guess/version-{number}/meta.yaml"] = (
            f"version: {number}\nrun_id: r{number}\ncurrent_stage: None\ncreation_timestamp: 176000000000{number}\n"
        )
        files[f"0/r{number}/meta.yaml"] = "user_id: ola\n"
        files[f"0/r{number}/metrics/recall_at_5"] = f"1 0.1 0\n2 0.6{number} 1\n"
        files[f"0/r{number}/metrics/loss"] = "1 nan 0\n"
        files[f"0/r{number}/tags/mlflow.user"] = "mira"
    files |= {f"models/queue-guess/aliases/{name}": str(number) for name, number in aliases.items()}
    write(folder / "mlruns", files)
    return folder


def draft(folder: Path) -> ImportResult:
    with open_registry(str(folder)) as registry:
        return import_mlflow(registry, {"ds": "Data Science"})


def load(result: ImportResult, tmp_path: Path) -> Any:
    return load_drafts(result, tmp_path / "book").by_ref[Ref("model", "queue-guess")]


def test_versions_are_kept_with_their_aliases(tmp_path: Path):
    result = draft(make_store(tmp_path, champion=2, shadow=3, rollback=1))
    assert load(result, tmp_path).card.extras["x-mlflow"]["versions"] == [
        {"version": "1", "aliases": ["rollback"], "registered_on": "2025-10-09"},
        {"version": "2", "aliases": ["champion"], "registered_on": "2025-10-09"},
        {"version": "3", "aliases": ["shadow"], "registered_on": "2025-10-09"},
    ]


def test_versions_that_nothing_marks_are_told(tmp_path: Path):
    result = draft(make_store(tmp_path, champion=1))
    versions = load(result, tmp_path).card.extras["x-mlflow"]["versions"]
    assert [one["version"] for one in versions] == ["1", "3"]
    assert any("its other versions, which have neither an alias nor a stage" in note.message for note in result.notes)


def test_metrics_and_user_of_the_run_are_kept(tmp_path: Path):
    result = draft(make_store(tmp_path, champion=2))
    card = load(result, tmp_path).card
    assert card.card.metrics == [{"name": "recall_at_5", "value": 0.62}]
    assert card.extras["x-mlflow"]["user"] == "mira"
    assert any("its run is by the user 'mira': is that an owner?" in note.message for note in result.notes)


def test_metrics_of_a_tag_take_precedence(tmp_path: Path):
    make_store(tmp_path, champion=1)
    write(tmp_path / "mlruns/models/queue-guess/tags", {"metrics": "recall 0.9", "owner": "DS team"})
    result = draft(tmp_path)
    card = load(result, tmp_path).card
    assert card.card.metrics == "recall 0.9"
    assert card.extras["x-mlflow"]["metrics"] == [{"name": "recall_at_5", "value": 0.61}]
    assert not any("is that an owner" in note.message for note in result.notes)


def test_a_run_of_a_database_is_read(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("CREATE TABLE runs (run_uuid, user_id)")
        database.execute("INSERT INTO runs VALUES ('r1', 'ola'), ('r2', 'kim')")
        database.execute("CREATE TABLE latest_metrics (key, value, is_nan, run_uuid)")
        database.execute(
            "INSERT INTO latest_metrics VALUES ('a', 0.5, 0, 'r1'), ('b', 0, 1, 'r1'), ('c', 2.0, 0, 'r1')"
        )
        database.execute("CREATE TABLE tags (key, value, run_uuid)")
        database.execute("INSERT INTO tags VALUES ('mlflow.user', 'mira', 'r1')")
    with open_registry(str(tmp_path)) as registry:
        assert registry.read_run("r1") == TrainingRun({"a": 0.5, "c": 2}, "mira")
        assert registry.read_run("r2") == TrainingRun({}, "kim")
        assert registry.read_run("r3") is None


def test_a_description_in_markdown_is_the_prose_of_the_page(tmp_path: Path):
    item = load(draft(make_store(tmp_path, MARKDOWN, champion=1)), tmp_path)
    assert item.card.summary == "Guesses the queue, cf. the wiki."
    assert item.card.notes is None
    assert item.body.startswith("### queue-guess\n\nGuesses the *queue*, cf. [the wiki](https://wiki.example.com).")


@pytest.mark.parametrize(
    ("description", "notes"),
    [("Guesses the queue. Weekly.", "Guesses the queue. Weekly."), ("Guesses the queue.", None)],
)
def test_a_plain_description_is_in_the_notes(description: str, notes: str | None, tmp_path: Path):
    item = load(draft(make_store(tmp_path, description)), tmp_path)
    assert (item.card.summary, item.card.notes, item.body) == ("Guesses the queue.", notes, "")


def test_a_summary_of_a_tag_does_not_lose_the_description(tmp_path: Path):
    make_store(tmp_path, "Guesses the queue.")
    write(tmp_path / "mlruns/models/queue-guess/tags", {"summary": "A guess. Or two."})
    card = load(draft(tmp_path), tmp_path).card
    assert (card.summary, card.notes) == ("A guess.", "A guess. Or two.\n\nGuesses the queue.")
