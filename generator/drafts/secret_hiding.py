"""Data of configurations without the texts of secrets, which belong into no card."""

import re

from generator.drafts.reading import Plain
from generator.drafts.text_cleaning import to_one_line

_SECRET = re.compile(r"key|secret|token|passw(or)?d|credential", re.IGNORECASE)
_NO_SECRET = re.compile(
    r"tokenizer|tiktoken|keyspace|per_token|topologyKey|^max[\w-]*tokens$|^.*secret[_-]?name$|^.*(?-i:Ref|_ref|_REF)$",
    re.IGNORECASE,
)
"""What is left out of a name before it is compared with `_SECRET`: too much is hidden rather than too little."""
_ARGUMENT = re.compile(r"--?([\w.-]+)(?:=(.*))?", re.DOTALL)
_HARMLESS = re.compile(r"os\.environ/\w+|\$\{?\w+\}?|\d+|none|true|false|", re.IGNORECASE)
"""Values of a key with a telling name that are no secret: the name of a variable, a limit of tokens."""


def hide_secrets(value: Plain, problems: list[str], path: str = "") -> Plain:
    """Return data without the texts under telling names, and add a problem for each.

    A name is telling as a key, as in `api_key: …`, beside a value, as in `{name: API_KEY, value: …}`, and as an option,
    as in `[--api-key=…]` and `[--api-key, …]`.
    """
    if isinstance(value, list):
        return [
            _hide_in_item(item, before, problems, path) for before, item in zip((None, *value), value, strict=False)
        ]
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


def _hide_in_item(item: Plain, before: Plain, problems: list[str], path: str) -> Plain:
    """Return an item of a list, which may be an option with its value, or the value of the option before it."""
    given = _ARGUMENT.fullmatch(item) if isinstance(item, str) else None
    option = _ARGUMENT.fullmatch(before) if isinstance(before, str) else None
    if given is not None and given[2] is not None:
        shown = hide_secrets(given[2], problems, f"{path}.{given[1]}".lstrip("."))
        return item if shown is not None else given[0][: given.start(2)]
    if option is not None and option[2] is None and given is None and isinstance(item, str):
        path = f"{path}.{option[1]}".lstrip(".")
    return hide_secrets(item, problems, path)
