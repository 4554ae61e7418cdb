"""Real git repositories with fixed days, made for a test."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MODEL = """kind: model
id: {id}
name: Restaurants
summary: Ranks.
lifecycle: {lifecycle}
serving: online
version: {version}
owners: [ranking]
contacts: {{ds: {ds}}}
"""


def model(identity: str = "ryl", *, ds: str = "asha", version: str = "1.0", lifecycle: str = "production") -> str:
    return MODEL.format(id=identity, ds=ds, version=version, lifecycle=lifecycle)


@dataclass(frozen=True)
class Repository:
    """A repository in a folder; commits have a given day."""

    root: Path

    def git(self, *words: str, day: str = "2026-01-01", author: str = "Asha Rao <asha@example.com>") -> str:
        name, _, email = author.rstrip(">").rpartition(" <")
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00",
            "GIT_COMMITTER_NAME": "Merger", "GIT_COMMITTER_EMAIL": "merger@example.com",
            "GIT_COMMITTER_DATE": f"{day}T12:00:00+00:00", "GIT_CONFIG_GLOBAL": "/dev/null",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.root), *words], env=environment, capture_output=True, check=True, encoding="utf-8"
        )
        return done.stdout

    def write(self, name: str, text: str | bytes | None) -> None:
        path = self.root / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, message: str, day: str, files: Mapping[str, str | bytes | None], author: str = "") -> str:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "-A", day=day)
        self.git("commit", "-q", "-m", message, day=day, author=author or "Asha Rao <asha@example.com>")
        return self.git("rev-parse", "HEAD").strip()


def new_repository(root: Path) -> Repository:
    repository = Repository(root)
    root.mkdir(parents=True, exist_ok=True)
    repository.git("init", "-q", "-b", "main")
    return repository
