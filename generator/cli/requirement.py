"""The requirement of a new book: the running version of Modelbook, or the source that the user names."""

import hashlib
import json
import re
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from generator.errors import UserError
from generator.values import FrozenValue

NAME = "modelbook"
PINS = "generator/requirements.txt"
"""The file in a wheel of Modelbook with all its dependencies, pinned with hashes."""
WHEELS = "wheels"
"""The folder of a book for a wheel that no index has."""
_VERSION = re.compile(rf"{NAME}==[\w.+!-]+")


class Requirement(FrozenValue):
    """A line of requirements.txt, and the wheel that must be in the book for it."""

    line: str
    wheel: Path | None = None
    is_of_this_machine: bool = False
    """Whether the running Modelbook was installed from a folder or a file, so that an index may not have it."""


def find_requirement() -> Requirement:
    """Return the requirement that installs the running Modelbook again.

    A local folder or file does not exist on other machines, so the version is used instead.
    """
    distribution = metadata.distribution(NAME)
    direct_url = json.loads(distribution.read_text("direct_url.json") or "{}")
    line = _direct_line(direct_url) or f"{NAME}=={distribution.version}"
    return Requirement(line, is_of_this_machine=str(direct_url.get("url", "")).startswith("file:"))


def _direct_line(direct_url: Mapping[str, object]) -> str | None:
    """Return the line for an installation from a URL (PEP 610); None if it came from an index or from this machine."""
    match direct_url:
        case {"url": str(url)} if urlsplit(url).scheme == "file" or _has_credentials(url):
            return None
        case {"url": str(url), "vcs_info": {"vcs": str(system), "commit_id": str(commit)}}:
            return f"{NAME} @ {system}+{url}@{commit}"
        case {"url": str(url), "archive_info": {"hashes": {"sha256": str(digest)}}}:
            return f"{NAME} @ {url}#sha256={digest}"
        case {"url": str(url), "archive_info": _}:
            return f"{NAME} @ {url}"
        case _:
            return None


def parse_requirement(source: str) -> Requirement:
    """Return the requirement for the value of `--from`.

    Raises:
        UserError: the source is invalid, pins no version, or would put a password into git.

    """
    if _VERSION.fullmatch(source):
        return Requirement(source)
    if "://" in source:
        return _parse_url(source)
    wheel = Path(source)
    if re.fullmatch(rf"{NAME}-[\w.+-]+\.whl", wheel.name) and zipfile.is_zipfile(wheel):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return Requirement(f"./{WHEELS}/{wheel.name} --hash=sha256:{digest}", wheel)
    if wheel.suffix == ".whl" and not wheel.exists():
        raise UserError(f"cannot read --from {source!r}: no such file")
    raise _invalid(source)


def _parse_url(source: str) -> Requirement:
    try:
        parts, has_credentials = urlsplit(source), _has_credentials(source)
    except ValueError:  # an unclosed bracket, a port that is no number
        raise _invalid(source) from None
    if has_credentials:
        raise UserError("credentials in the URL of --from: expected a URL without them, because the book goes into git")
    is_git, is_wheel = parts.scheme in {"git+https", "git+ssh"}, parts.scheme == "https" and parts.path.endswith(".whl")
    if re.search(r"\s", source) or not parts.hostname or not (is_git or is_wheel):
        raise _invalid(source)
    if is_git and not re.search(r"@[^@/]+\Z", parts.path):
        raise UserError(f"no version in --from {source!r}: expected a tag or a commit at its end, as in @v1.0.0")
    return Requirement(f"{NAME} @ {source}")


def _invalid(source: str) -> UserError:
    message = f"invalid --from {source!r}: expected {NAME}==VERSION, a wheel of Modelbook, or git+https://HOST/PATH@TAG"
    return UserError(message)


def _has_credentials(url: str) -> bool:
    """Return whether a URL has a password, or a user name that can be a token; not `ssh://git@host`."""
    parts = urlsplit(url)
    return bool(parts.password) or (parts.username is not None and not parts.scheme.endswith("ssh"))


def render_requirements(requirement: Requirement) -> str:
    """Return requirements.txt: with all hashes if the wheel has its pins, else the one line.

    pip checks hashes only if every requirement has one. A git repository has no hash; those of an index are known only
    after a request, so `make lock` writes them.
    """
    if requirement.wheel is not None:
        with zipfile.ZipFile(requirement.wheel) as wheel:
            if PINS in wheel.namelist():
                pins = [line for line in wheel.read(PINS).decode().splitlines() if not line.startswith("#")]
                return "\n".join(["# Modelbook and its dependencies, with hashes.", requirement.line, *pins, ""])
        return f"{requirement.line.partition(' ')[0]}\n"
    if "git+" in requirement.line:
        return f"# The commit or tag pins Modelbook; `make lock` pins its dependencies.\n{requirement.line}\n"
    return f"# `make lock` pins the dependencies too, with hashes.\n{requirement.line}\n"
