"""What a document calls itself, also where the rest of it cannot be used."""

from functools import lru_cache
from pathlib import PurePosixPath

from generator.load.nodes import Plain
from generator.names import Ref


@lru_cache(maxsize=1)
def file_stem(file: str) -> str:
    """Return the stem of a file's name, which is the id of a card without one; cached, for files of many cards."""
    return PurePosixPath(file).stem


def stated_ref(plain: Plain, file: str) -> Ref | None:
    """The reference by which others mean a document, its id or else the stem of its file; None where it is no card.

    Read from plain data: a card that the schema refuses, or that an older one took, still has its name.
    """
    if not isinstance(plain, dict):
        return None
    kind = plain.get("type") if plain.get("kind") == "resource" else plain.get("kind")
    written = plain.get("id")
    name = written if written is not None and written != "" else file_stem(file)
    try:
        return Ref.parse(f"{kind}:{name}")
    except ValueError:
        return None
