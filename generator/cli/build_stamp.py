"""The stamp of a build: what the site was built from and what the command printed.

A build of an unchanged book needs only the stamp. It is a file in the cache folder, not in the site, whose bytes depend
on the book only. Only modules that start fast are imported here.
"""

import hashlib
import json
from pathlib import Path

import msgspec

from generator.cache_files import delete_cache_file, read_cache_file, write_cache_file
from generator.cli.options import get_cache_folder
from generator.incremental.kept_files import delete_kept_files
from generator.input_state import BuildInputs, InputState, digest_states
from generator.values import FrozenValue


class BuildStamp(FrozenValue):
    """What a successful build has read, written and printed."""

    options: tuple[str, ...]
    """The options of the command that the result depends on."""
    inputs: BuildInputs
    state: str
    """The digest of the inputs, without the cards and their history."""
    history: str
    """The digest of the states of the files of git."""
    cards: str
    """The digest of the states of the cards."""
    kept: tuple[str, ...]
    """The digests of the files next to the stamp, from which the site can be updated; empty if there are none."""
    site: str
    """The path of the site."""
    listing: str
    """The digest of the list of its files."""
    pages: int
    output: tuple[str, ...]
    """The lines on the standard output, as JSON."""
    problems: tuple[str, ...]
    """The lines on the error stream."""

    def has_site(self, states: bytes) -> bool:
        """Return whether the site is the one of the build, by the states of its files."""
        return digest_states(states) == self.listing

    def describes(self, state: InputState) -> bool:
        """Return whether nothing has changed since the build."""
        return (self.state, self.history, self.cards) == (state.rest, state.history, state.cards_digest)


def find_stamp(root: Path, site_dir: Path | None) -> Path | None:
    """Find the path of the stamp of a book, built to the configured folder or to another one.

    None for a user without a home folder.
    """
    book = f"{root.resolve()}\0{site_dir.resolve() if site_dir else ''}"
    name = hashlib.sha256(book.encode("utf-8", "surrogateescape")).hexdigest()
    try:
        return get_cache_folder() / "builds" / f"{name[:32]}.json"
    except RuntimeError:
        return None


def read_stamp(path: Path) -> BuildStamp | None:
    """Read a stamp; None if it is missing, incomplete or of another version."""
    try:
        return msgspec.convert(json.loads(read_cache_file(path) or b""), BuildStamp)
    except (ValueError, msgspec.ValidationError):
        return None


def write_stamp(path: Path, stamp: BuildStamp) -> None:
    """Write a stamp, readable by its owner only: findings quote cards. Do nothing without a cache."""
    write_cache_file(path, json.dumps(msgspec.to_builtins(stamp)).encode())


def delete_stamp(path: Path) -> None:
    """Delete a stamp and the files next to it."""
    delete_cache_file(path)
    delete_kept_files(path)
