"""Data of configurations without the texts of secrets, which belong into no card."""

import re

from generator.drafts.reading import Plain
from generator.drafts.text_cleaning import to_one_line

_SECRET = re.compile(r"key|secret|token|passw(or)?d|credential", re.IGNORECASE)
_NO_SECRET = re.compile(
    r"tokenizer|tiktoken|keyspace|^max[\w-]*tokens$|^.*secret[_-]?name$|^.*(?-i:Ref|_ref|_REF)$", re.IGNORECASE
)
"""What is left out of a name before it is compared with `_SECRET`: too much is hidden rather than too little."""
_HARMLESS = re.compile(r"os\.environ/\w+|\$\{?\w+\}?|\d+|none|true|false|", re.IGNORECASE)
"""Values of a key with a telling name that are no secret: the name of a variable, a limit of tokens."""


def hide_secrets(value: Plain, problems: list[str], path: str = "") -> Plain:
    """Return data without the texts under telling names, and add a problem for each.

    A name is telling as a key, as in `api_key: …`, and beside a value, as in `{name: API_KEY, value: …}`.
    """
    if isinstance(value, list):
        return [hide_secrets(item, problems, path) for item in value]
    if not isinstance(value, dict):
        name = path.rpartition(".")[2]
        if not _SECRET.search(_NO_SECRET.sub("", name)) or _HARMLESS.fullmatch(str(value if value is not None else "")):
            return value
        problems.append(f"`{to_one_line(path, 80)}` may be a secret, so it was omitted: name a variable instead")
        return None
    is_pair = isinstance(value.get("name"), str) and "value" in value
    # The `key` of a toleration or of a selector is a label, and that of a `secretKeyRef` is the name of a secret.
    is_label = path.endswith(("tolerations", "Ref")) or not value.keys().isdisjoint({"operator", "effect"})
    return {
        key: item
        if key == "key" and is_label and isinstance(item, str)
        else hide_secrets(item, problems, f"{path}.{value['name'] if is_pair and key == 'value' else key}".lstrip("."))
        for key, item in value.items()
    }
