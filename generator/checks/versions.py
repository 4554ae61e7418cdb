"""Whether a version is lower than another, where the two can be compared at all."""

import re

_VERSION = re.compile(
    r"[vV]?(?P<numbers>[0-9]{1,18}(?:\.[0-9]{1,18})*)"
    r"(?:-?(?P<before>(?:a|b|c|rc|alpha|beta|dev|pre|snapshot)[-.]?[0-9]{0,18})|[-.](?P<other>[0-9A-Za-z.-]+))?"
    r"(?:\+[0-9A-Za-z.-]+)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+")

_Key = tuple[tuple[int, ...], bool, str, int]


def went_backwards(before: str, after: str) -> bool:
    """Whether `after` is the lower one of two versions of the same form.

    `2.10` is above `2.9`, and `3.0-rc2` below `3.0` and `3.0-rc10`. False where they cannot be compared: commits,
    words, or a date against a number with dots.
    """
    old, new = _key(before), _key(after)
    if old is None or new is None or ("." in before) != ("." in after):
        return False
    return new < old


def _key(version: str) -> _Key | None:
    match = _VERSION.fullmatch(version.strip())
    if match is None or match["other"]:
        return None
    numbers = [int(number) for number in match["numbers"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    suffix = (match["before"] or "").lower()
    number = _NUMBER.search(suffix)
    word = _NUMBER.sub("", suffix).strip("-.").replace("dev", "")  # below alpha, as Python packages have it
    return tuple(numbers), not suffix, word, int(number.group()) if number else 0
