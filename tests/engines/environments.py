"""Engines other than the MkDocs of the tests, each in a virtual environment without Modelbook."""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.books import REPOSITORY


@dataclass(frozen=True)
class Engine:
    """A program that builds a site from the folder of `modelbook render`."""

    name: str
    environment: str
    """The name of its requirements: `requirements/engine-NAME.txt`."""
    arguments: tuple[str, ...]
    """The program with the arguments of a strict build in the current folder."""

    def build(self, folder: Path) -> Path:
        """Build the site of a rendered folder and return its folder."""
        done = self.run(folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return folder / "site"

    def run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        program, *arguments = self.arguments
        return subprocess.run(
            [install_environment(self.environment) / "bin" / program, *arguments],
            cwd=folder,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


MKDOCS = Engine("MkDocs", "properdocs", ("mkdocs", "build", "--strict", "--quiet"))
PROPERDOCS = Engine("ProperDocs", "properdocs", ("properdocs", "build", "--strict", "--quiet", "-f", "mkdocs.yml"))
ZENSICAL = Engine("Zensical", "zensical", ("zensical", "build", "--clean", "--strict"))
MATERIALX = Engine("MaterialX", "materialx", ("properdocs", "build", "--strict", "--quiet", "-f", "materialx.yml"))


@functools.cache
def install_environment(name: str) -> Path:
    """Return the virtual environment of the pinned requirements, which is made once and kept beside the tests' own.

    A package that cannot be installed fails the test with the reason of pip.
    """
    requirements = REPOSITORY / f"requirements/engine-{name}.txt"
    digest = hashlib.blake2b(requirements.read_bytes() + sys.version.encode(), digest_size=8).hexdigest()
    folder = Path(sys.prefix) / "engines"
    folder.mkdir(exist_ok=True)
    environment = folder / f"{name}-{digest}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes of the tests need it too
        if not (environment / "complete").exists():
            for old in folder.glob(f"{name}-*"):
                shutil.rmtree(old)
            run_installer(["-m", "venv", "--without-pip", str(environment)], name)
            options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
            run_installer(
                ["-m", "pip", "--python", str(environment), "install", *options, "-r", str(requirements)], name
            )
            (environment / "complete").touch()
    return environment


def run_installer(arguments: list[str], name: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        pytest.fail(f"the environment of {name} cannot be made: {done.stderr or done.stdout}", pytrace=False)
