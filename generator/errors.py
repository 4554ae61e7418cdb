"""Usage errors. Errors in cards are findings; bugs in Modelbook are tracebacks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """A usage error as one line: the problem and the fix. The command line prints it and exits with status 2."""


@contextmanager
def report_write_errors(path: Path) -> Iterator[None]:
    """Raise UserError with the file's name if the work inside cannot write."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{error.filename or path} cannot be written: {error.strerror or error}") from None


def build_missing_book_error(root: Path) -> UserError:
    """Build the error about a folder that is not a book."""
    what = f"no mkdocs.yml in {root}" if root.is_dir() else f"no folder {root}"
    return UserError(f"{what}: run the command in a book's folder, or make one with `modelbook init DIR`")
