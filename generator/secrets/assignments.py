"""Credentials that are assigned to a name: in YAML, JSON, code, headers, forms, queries and the environment."""

import re
from collections.abc import Iterator

from generator.secrets.credentials import (
    NameClass,
    classify_name,
    get_kind,
    is_basic_credential,
    is_mixed_password,
    is_opaque,
    is_password,
    is_short_number,
    split_words,
)
from generator.secrets.token_patterns import Secret
from generator.values import FrozenValue

_SEPARATOR = re.compile(r":=|=>|[:=]")
_LONGEST_NAME = 72
_LONGEST_LINE = 400
_NAME_BACKWARDS = re.compile(r"[ \t]{0,4}\]?[\"'`]?\\{0,4}(?P<name>[\w.-]{2,64})(?P<before>[?&#;:])?")
_VALUE = re.compile(
    r"""[ \t]{0,8}(?:\\\n[ \t]{0,16})?
    (?:\\{1,4}" (?P<escaped>[^"\\\n]{0,4096})
    | " (?P<double>(?:[^"\\\n]{1,4096}+|\\.){0,64}+) "
    | ' (?P<single>(?:[^'\n]{1,4096}+|''){0,64}+) '
    | \\{0,4}["'`] (?P<unclosed>[^"'`\\\n]{0,4096})
    | (?![{\[]) (?P<bare>(?:
        [^\s"'`,\\]{1,4096}+ | ["'](?=\w) | ,(?!\s|[\w.-]{1,64}["']?[ ]?[:=]) | \\(?![nrt\s"'`\\])
      ){1,16}))""",
    re.VERBOSE,
)
"""A value in quotes ends at the same quote, which is `''` or `\\"` within it; a plain value ends at a space, and at a
comma before another name."""
_LINE_ENDS = re.compile(r"[ \t]{0,80}(?:[\]},#\r\n]|\Z)")


class _Assignment(FrozenValue):
    """A name with its value: `name: value`, `name=value`, `"name": "value"`."""

    name: str
    name_class: NameClass
    value: str
    start: int
    """The offset of the value in the text."""
    quoted: bool
    alone: bool
    """Whether the value is in quotes or the last on its line, not the first word of a sentence."""


def find_assigned(text: str) -> Iterator[Secret]:
    """Find the values of `password: …`, `"clientSecret": "…"`, `X-Api-Key: …`, `?token=…&`, `export DB_PASSWORD=…`."""
    passed = 0
    for separator in _SEPARATOR.finditer(text):
        if separator.start() < passed:
            continue
        found = _read_assignment(text, separator)
        if found is None:
            continue
        end = found.start + len(found.value)
        if _is_credential(found):
            yield Secret(found.start, end, get_kind(found.name))
        if " " not in found.value and not found.value.startswith(("{", "[")):
            passed = end  # names within one word were judged with it; this keeps the time linear


def _read_assignment(text: str, separator: re.Match[str]) -> _Assignment | None:
    """Return the assignment at a separator if its name is that of a credential.

    The name is read backwards from the separator, so that a long word is not tried as a name at each of its letters.
    """
    before = text[max(0, separator.start() - _LONGEST_NAME) : separator.start()]
    backwards = _NAME_BACKWARDS.match(before[::-1])
    if backwards is None:
        return None
    name = backwards["name"][::-1]
    name_class = classify_name(name)
    if name_class is None or "authorization" in name.lower():
        return None
    value = _VALUE.match(text, separator.end())
    if value is None:
        return None
    if value["bare"] is None:
        quoted = value.lastindex or 0
        return _Assignment(name, name_class, value[quoted], value.start(quoted), quoted=True, alone=True)
    if backwards["before"] == separator.group() == ":":  # a:secret:b is a path of names, as in an ARN
        return None
    in_query = backwards["before"] is not None or separator.group() == "="
    content, start = value["bare"], value.start("bare")
    if in_query:
        content = re.split(r"[&;]", content, maxsplit=1)[0]
    if not re.search(r"[(\[{]", content):
        content = content.rstrip(".,;:!?)]}")
    if "," in content and backwards["before"] is None:
        end = separator.start()
        line = text[max(0, end - _LONGEST_LINE, text.rfind("\n", 0, end) + 1) : end]
        if line.count("{") + line.count("[") > line.count("}") + line.count("]"):  # the flow style of YAML
            content = content.partition(",")[0]
    alone = in_query or _LINE_ENDS.match(text, start + len(content)) is not None
    return _Assignment(name, name_class, content, start, quoted=False, alone=alone)


def _is_credential(found: _Assignment) -> bool:
    if "-----BEGIN" in found.value:  # judged as a PEM block
        return False
    if found.name_class is NameClass.LIKELY:
        return found.alone and is_mixed_password(found.value)
    if found.name_class is NameClass.PASSWORD:
        is_phrase = found.quoted and "passphrase" in split_words(found.name)
        value = found.value.replace(" ", "-") if is_phrase else found.value
        return is_password(value, found.alone) and not is_short_number(value)
    return is_opaque(found.value) or (found.name.lower() == "auth" and is_basic_credential(found.value))
