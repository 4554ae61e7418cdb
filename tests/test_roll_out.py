"""The page about the first week does what it says: its files are written and its commands are run, in order."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from generator.confluence.wiki import Flavour
from tests.books import REPOSITORY
from tests.publishing import run_demo_server
from tests.sites import run_modelbook

ROLL_OUT = REPOSITORY / "docs/roll-out.md"
BLOCK = re.compile(r"^```(?:\w+ title=\"([^\"]+)\"|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IDENTITY = {
    "GIT_AUTHOR_NAME": "Asha", "GIT_AUTHOR_EMAIL": "asha@example.com", "GIT_COMMITTER_NAME": "Asha",
    "GIT_COMMITTER_EMAIL": "asha@example.com", "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


def add_settings(file: Path, snippet: str) -> None:
    """Add the last line of a snippet of mkdocs.yml to the options of Modelbook."""
    line = snippet.rstrip("\n").splitlines()[-1]
    text = file.read_text("utf-8")
    file.write_text(text.replace("  - modelbook:\n", f"  - modelbook:\n{line}\n"), "utf-8")


def test_each_step_of_the_first_week_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, outputs = tmp_path, dict[str, list[str]]()
    with run_demo_server(Flavour.CLOUD) as place:
        for file, content in BLOCK.findall(ROLL_OUT.read_text("utf-8")):
            if file == "mkdocs.yml":
                add_settings(folder / file, content)
            elif file:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(content, "utf-8")
            for line in content.splitlines() if not file else []:
                command, _, status = line.removeprefix("$ ").partition("    # exit status ")
                name, *arguments = shlex.split(command)
                if name == "cd":
                    folder /= arguments[0]
                    settings = folder / "mkdocs.yml"
                    text = settings.read_text("utf-8")
                    settings.write_text(text.replace("functions:", "as_of: 2026-11-20\n      functions:"))
                    continue
                if name == "modelbook":
                    done = run_modelbook(*arguments, cwd=folder, **place.environ)
                else:
                    environ = {**os.environ, **IDENTITY}
                    done = subprocess.run(
                        ["bash", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, check=False
                    )
                assert done.returncode == int(status or 0), f"{command}\n{done.stdout}{done.stderr}"
                outputs.setdefault(command, []).append(done.stdout + done.stderr)
        pages = place.list_pages()
    assert "MB302 online model:ETA has no contract" in outputs["modelbook check"][0]
    assert " error " not in outputs["modelbook check"][1]
    assert {"ETA", "Fraud score", "Demand", "Dispatch"} <= pages.keys()
    moving, collected = outputs["modelbook check -C ../fraud --book site"]
    assert "MB023 model:fraud-score is a card of the book itself, too" in moving
    assert "MB411 production model:fraud-score has no consumers" in collected
    assert "MB023" not in collected
    assert "MB701" in outputs["modelbook scan ../web"][0]
    assert "1 added" in outputs["modelbook collect"][0]
    assert "Demand" in (folder / "site/drafts-to-finish.html").read_text("utf-8")
    assert "fraud-score" in (folder / "site/models/fraud-score.html").read_text("utf-8")
