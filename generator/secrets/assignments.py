"""Finds credentials that are assigned to a name: in YAML, JSON, code, headers, forms, queries, the environment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.secrets.names import Position, position
from generator.secrets.shapes import Secret
from generator.secrets.values import (
    is_basic_credential,
    is_mixed_password,
    is_opaque,
    is_password,
    is_short_number,
    words,
)

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
"""A value in quotes ends at the same quote, written `''` or `\\"` within; a plain one at a space, and at a comma where
a name follows it."""
_LINE_ENDS = re.compile(r"[ \t]{0,80}(?:[\]},#\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class _Assignment:
    """`name: value`, `name=value`, `"name": "value"`: what stands where."""

    name: str
    place: Position
    value: str
    start: int
    """Where the value begins in the text."""
    quoted: bool
    alone: bool
    """Whether the value is quoted or the last on its line, rather than the first word of a sentence."""

    @property
    def end(self) -> int:
        """Where the value ends in the text."""
        return self.start + len(self.value)


def assigned(text: str) -> Iterator[Secret]:
    """`password: …`, `"clientSecret": "…"`, `X-Api-Key: …`, `?token=…&`, `export DB_PASSWORD=…`."""
    passed = 0
    for separator in _SEPARATOR.finditer(text):
        if separator.start() < passed:
            continue
        found = _assignment(text, separator)
        if found is None:
            continue
        if _is_credential(found):
            yield Secret(found.start, found.end, kind_of(found.name), f"is the value of {found.name}")
        if " " not in found.value and not found.value.startswith(("{", "[")):
            # names within one word were judged with it; this keeps the time linear
            passed = found.end


def _assignment(text: str, separator: re.Match[str]) -> _Assignment | None:
    """The assignment around a separator, if its name is that of a credential.

    The name is read backwards from the separator, so that no long word is ever tried as a name at each of its letters.
    """
    before = text[max(0, separator.start() - _LONGEST_NAME) : separator.start()]
    backwards = _NAME_BACKWARDS.match(before[::-1])
    if backwards is None:
        return None
    name = backwards["name"][::-1]
    place = position(name)
    if place is None or "authorization" in name.lower():
        return None
    value = _VALUE.match(text, separator.end())
    if value is None:
        return None
    if value["bare"] is None:
        quoted = value.lastindex or 0
        return _Assignment(name, place, value[quoted], value.start(quoted), quoted=True, alone=True)
    if backwards["before"] == separator.group() == ":":  # a:secret:b is a path of names, as in an ARN
        return None
    in_query = backwards["before"] is not None or separator.group() == "="
    content, start = _bare(value["bare"], in_query), value.start("bare")
    if "," in content and backwards["before"] is None and _is_in_brackets(text, separator.start()):
        content = content.partition(",")[0]
    alone = in_query or _LINE_ENDS.match(text, start + len(content)) is not None
    return _Assignment(name, place, content, start, quoted=False, alone=alone)


def _is_in_brackets(text: str, place: int) -> bool:
    """Whether a bracket is open before a place on its line, as in YAML's flow style."""
    before = text[max(0, place - _LONGEST_LINE, text.rfind("\n", 0, place) + 1) : place]
    return before.count("{") + before.count("[") > before.count("}") + before.count("]")


def _bare(content: str, in_query: bool) -> str:
    """An unquoted value without what follows it: the next parameter of a query, a bracket, a full stop."""
    if in_query:
        content = re.split(r"[&;]", content, maxsplit=1)[0]
    closed = content.rstrip(".,;:!?)]}")
    return content if re.search(r"[(\[{]", content) else closed


def _is_credential(found: _Assignment) -> bool:
    if "-----BEGIN" in found.value:  # judged as a PEM block
        return False
    if found.place is Position.LIKELY:
        return found.alone and is_mixed_password(found.value)
    if found.place is Position.PASSWORD:
        is_phrase = found.quoted and "passphrase" in words(found.name)
        value = found.value.replace(" ", "-") if is_phrase else found.value
        return is_password(value, found.alone) and not is_short_number(value)
    return is_opaque(found.value) or (found.name.lower() == "auth" and is_basic_credential(found.value))


def fits(value: str, place: Position | None) -> bool:
    """Whether a value that stands alone is the credential that its place promises."""
    if place is Position.PASSWORD:
        return is_password(value, alone=True)
    if place is Position.LIKELY:
        return is_mixed_password(value)
    return place is Position.TOKEN and is_opaque(value, 8)


def kind_of(name: str) -> str:
    """What the name says is kept there, in one word for a message."""
    lowered = name.lower()
    for stem, kind in (("pass", "password"), ("token", "token"), ("sig", "signature"), ("key", "key")):
        if stem in lowered:
            return kind
    return "secret"
