"""The site's tags as labels that Confluence takes."""

from collections.abc import Iterable

_LONGEST = 255
_REFUSED = frozenset(" :;,.?&[]()#^*@!\"'<>/\\|")


def wiki_labels(words: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Lower case, sorted, each once; what no label may hold becomes a hyphen."""
    labels = (_label(word) for word in words)
    return tuple(sorted({f"{prefix}{label}"[:_LONGEST] for label in labels if label}))


def _label(word: str) -> str:
    plain = "".join("-" if sign in _REFUSED or sign.isspace() else sign for sign in word.strip().lower())
    return "-".join(part for part in plain.split("-") if part)
