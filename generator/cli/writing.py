"""Writing what a user asked for: a place that cannot be written is wrong use, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import UserError


@contextmanager
def writing(to: Path) -> Iterator[None]:
    """Write inside; raises UserError with the file at fault where the disk refuses."""
    try:
        yield
    except OSError as error:
        message = f"{error.filename or to} cannot be written: {error.strerror or error}"
        raise UserError(message) from None
