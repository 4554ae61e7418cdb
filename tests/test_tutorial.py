"""The tutorial does what it says: its files are written and its commands are run, in order."""

import re
import shlex
from pathlib import Path

import pytest

from tests.books import REPOSITORY
from tests.sites import run_modelbook

TUTORIAL = REPOSITORY / "docs/tutorial.md"
BLOCK = re.compile(r"^```(?:yaml title=\"([^\"]+)\"|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VERDICTS = ["No. Customers would notice.", "Not yet. Mailer has to move first.", "Already off."]
"""The verdicts about the model that the text promises, in order."""


def test_each_step_of_the_tutorial_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, verdicts, misspelled = tmp_path, [], ""
    for file, content in BLOCK.findall(TUTORIAL.read_text("utf-8")):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(content, "utf-8")
            continue
        for line in content.splitlines():
            command, _, comment = line.removeprefix("$ ").partition("    # exit status ")
            name, *arguments = shlex.split(command)
            if name == "cd":
                folder /= arguments[0]
                settings = folder / "mkdocs.yml"
                settings.write_text(
                    settings.read_text("utf-8").replace("functions:", "as_of: 2026-11-20\n      functions:")
                )
            elif name == "modelbook":
                done = run_modelbook(*arguments, cwd=folder)
                assert done.returncode == int(comment or 0), f"{command}\n{done.stdout}{done.stderr}"
                if arguments[0] == "show":
                    verdicts += re.findall(rf"{'|'.join(map(re.escape, VERDICTS))}", done.stdout)
                misspelled += done.stderr if comment == "2" else ""
                if comment == "1":
                    assert "churn-v2" in done.stdout
                    assert "fall" in done.stdout
    assert verdicts == VERDICTS
    assert "did you mean 'churn'?" in misspelled
    assert (folder / "site/models/churn.html").is_file()
