"""File names that every system allows, and that no other name hides."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\]')
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")
"""https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file"""
_LONGEST_STEP = 200
"""In bytes of UTF-8; Linux allows 255."""
_LONGEST_PATH = 1000
"""In bytes of UTF-8; Linux allows 4,096, with the path of the book."""


def find_name_problem(path: str) -> str:
    """Return the problem of a relative path with forward slashes; empty if every system allows it.

    >>> find_name_problem("modelbook/con.yml")
    "'con.yml' is a device on Windows"
    """
    if len(path.encode(errors="surrogatepass")) > _LONGEST_PATH:
        return f"it has over {_LONGEST_PATH:,} bytes"
    for step in path.split("/"):
        if step in {"", ".", ".."}:
            return f"{step!r} is not a name"
        if _FORBIDDEN.search(step) or any(unicodedata.category(character) in {"Cf", "Cs"} for character in step):
            return f"{step!r} has a character that some systems do not allow"
        if step[-1] in ". ":
            return f"{step!r} ends with a dot or a space, which Windows removes"
        if _DEVICE.fullmatch(step):
            return f"{step!r} is a device on Windows"
        if len(step.encode()) > _LONGEST_STEP:
            return f"{step[:20]!r}… has over {_LONGEST_STEP} bytes"
    return ""


def is_hidden(path: str) -> bool:
    """Return whether a file or one of its folders is hidden; such files have no cards."""
    return any(step.startswith(".") and step not in {".", ".."} for step in path.split("/"))


def fold_name(path: str) -> str:
    """Return a path in the form in which Windows and macOS compare it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def find_collisions(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each path that differs from an earlier one only in case, or in one of its folders, with the earlier one."""
    spellings: dict[str, str] = {}
    for path in paths:
        steps = path.split("/")
        prefixes = ["/".join(steps[: count + 1]) for count in range(len(steps))]
        other = next((known for one in prefixes if (known := spellings.get(fold_name(one), one)) != one), None)
        if other is not None:
            yield path, other
            continue
        spellings.update((fold_name(one), one) for one in prefixes)
