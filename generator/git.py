"""Git as a child process. It does not fetch, write, prompt, or run a hook, a monitor or a filter of a repository."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO

_SAFE_CONFIG = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # older versions of git do not know GIT_NO_LAZY_FETCH
}
_NOT_INSTALLED = "git is not installed"


class GitError(Exception):
    """A failure of git; the message is a sentence for a page, without a path of this machine."""


def run_git(
    root: Path, *words: str, environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder to its end.

    Raises:
        GitError: Git is not installed.

    """
    try:
        command, variables = _build_command(root, words), _build_environment(environment)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=variables, check=False)
    except FileNotFoundError as error:
        raise GitError(_NOT_INSTALLED) from error


def start_git(
    root: Path, *words: str, stdin: int | IO[bytes], environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[bytes]:
    """Start git in a folder; its messages are dropped.

    Raises:
        GitError: Git is not installed.

    """
    try:
        return subprocess.Popen(
            _build_command(root, words),
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_build_environment(environment),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise GitError(_NOT_INSTALLED) from error


def _build_command(root: Path, words: tuple[str, ...]) -> list[str]:
    return ["git", "--literal-pathspecs", "--no-pager", "-C", str(root), *_SAFE_CONFIG, *words]


def _build_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that a hook sets for its own repository."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**inherited, **_ENVIRONMENT, **additions}
