"""Git as a child process. It never prompts, and runs no hook, monitor or filter of a repository.

Only `contact_server` uses the network. Every other call neither fetches nor writes.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
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
_SAFE_NETWORK_CONFIG = (
    "transfer.fsckObjects=true", "fetch.unpackLimit=1", "fetch.recurseSubmodules=false", "fetch.writeCommitGraph=false",
    "gc.auto=0", "maintenance.auto=false", "core.askPass=", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60",
)  # fmt: skip
_NETWORK_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    # Redirects obey it, too: https://git-scm.com/docs/git#Documentation/git.txt-GITALLOWPROTOCOL
    "GIT_ALLOW_PROTOCOL": "https:ssh",
}
_KEPT_VARIABLES = ("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ASKPASS", "GIT_CONFIG_", "GIT_TRACE")
"""The beginnings of the variables with which a user or a CI system gives git access to a server."""
LARGEST_DOWNLOAD = 2_000_000_000
"""In bytes; not on Windows."""
LARGEST_MEMORY = 4_000_000_000
"""In bytes, of a process that contacts a server; Linux only."""
LARGEST_OUTPUT = 10_000_000
"""In bytes, of the names and the messages of a server."""
_POLL = 0.2
"""Seconds between two looks at the event that stops git."""


class GitError(Exception):
    """A failure of git; the message is a sentence for a page, without a path of this machine."""


def run_git(
    root: Path,
    *words: str,
    environment: Mapping[str, str] = MappingProxyType({}),
    seconds: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder to its end, for a limited time if `seconds` is given.

    Raises:
        GitError: Git is not installed, or needs more time.

    """
    try:
        command, variables = _build_command(root, words), _build_environment(environment)
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=variables, check=False, timeout=seconds
        )
    except FileNotFoundError as error:
        raise GitError(_NOT_INSTALLED) from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git has not answered within {seconds:g} seconds") from error


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


def contact_server(
    root: Path,
    *words: str,
    seconds: float,
    environment: Mapping[str, str],
    largest: int = LARGEST_DOWNLOAD,
    memory: int = LARGEST_MEMORY,
    stopped: threading.Event | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git with the network: https and ssh only, with the settings and the credential helpers of the user.

    `root` is a trusted folder: the settings of a repository in it are obeyed. Git and its children are killed after
    some seconds, or if `stopped` is set. `largest` is the most bytes of a file that git writes, not on Windows;
    `memory` the most bytes of memory of git and of each of its children, on Linux only. `environment` has more
    variables.

    Raises:
        GitError: Git is not installed, needs more time, or prints too much.

    """
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith(_KEPT_VARIABLES)
    }
    options = [word for setting in _SAFE_NETWORK_CONFIG for word in ("-c", setting)]
    command = ["git", "--no-pager", "-C", str(root), *_SAFE_CONFIG, *options, *words]
    if shutil.which("git") is None:
        raise GitError(_NOT_INSTALLED)
    # Files, since a process that ssh leaves in the background, as with ControlPersist, would keep pipes open.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            _limit_resources(command, largest, memory),
            stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            env={**inherited, **_NETWORK_ENVIRONMENT, **environment},
            start_new_session=True,  # ssh then has no terminal for a prompt
        )  # fmt: skip
        try:
            _wait(process, (output, errors), seconds, stopped)
        finally:
            if process.returncode is None:
                _kill_group(process)
        output.seek(0)
        errors.seek(0)
        found = (file.read(LARGEST_OUTPUT) for file in (output, errors))
        return subprocess.CompletedProcess(command, process.returncode, *found)


def _wait(
    process: subprocess.Popen[bytes], files: Iterable[IO[bytes]], seconds: float, stopped: threading.Event | None
) -> None:
    """Wait until git ends, and raise GitError if it has to be killed."""
    end = time.monotonic() + seconds
    message = ""
    while not message:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_POLL)
            return
        if any(os.fstat(file.fileno()).st_size > LARGEST_OUTPUT for file in files):
            message = "its server sends messages without end"
        elif time.monotonic() > end:
            message = f"no answer within {seconds:g} seconds"
        elif stopped is not None and stopped.is_set():
            message = "stopped"
    raise GitError(message)


def _limit_resources(command: list[str], largest: int, memory: int) -> list[str]:
    """Return a command that limits the size of files and the memory of all its processes, and then runs another.

    A limit that is set from outside comes too late for a process that git has already started.
    """
    shell = shutil.which("sh") if os.name == "posix" else None
    if shell is None:
        return command
    # https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ulimit.html: files in blocks of 512 bytes
    limits = f"ulimit -f {largest // 512} 2>/dev/null; ulimit -d {memory // 1024} 2>/dev/null"
    return [shell, "-c", f'{limits}; exec "$0" "$@"', *command]


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill git with its children."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _build_command(root: Path, words: tuple[str, ...]) -> list[str]:
    return ["git", "--literal-pathspecs", "--no-pager", "-C", str(root), *_SAFE_CONFIG, *words]


def _build_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that a hook sets for its own repository."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**inherited, **_ENVIRONMENT, **additions}


def list_state_files(folder: Path) -> list[Path]:
    """List the files of git that change when HEAD, its history or the settings of git change.

    Also the places around a folder at which a repository can appear.
    """
    home = Path(os.environ.get("HOME", "/"))
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "git/config")
    files = [home / ".gitconfig", settings, Path("/etc/gitconfig")]
    with suppress(GitError, ValueError, OSError):
        answer = run_git(folder, "rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir").stdout
        top, own, common = map(os.fsdecode, answer.splitlines())
        files += [Path(top, ".mailmap"), Path(own, "HEAD"), Path(own, "config.worktree")]
        branch = Path(own, "HEAD").read_text("utf-8").removeprefix("ref:").strip()
        names = ("config", "packed-refs", "shallow", "info/grafts", "refs/replace", "reftable", branch)
        files += [folder / common / name for name in names]
    return [*files, *(each / ".git" for each in (folder, *folder.parents))]
