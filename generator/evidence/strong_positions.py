"""The positions in which a short or common name means the card: `/models/eta`, `eta:predict`, `model: eta`."""

import re

from generator.evidence.boundaries import AFTER_ENVIRONMENT, KSERVE_HOST
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

_WINDOW = 300
"""The number of bytes before a name that may contain the key of its list."""
_MOST_ITEMS = 100
"""The number of lines of a list above a name."""
_KEY_WORDS = {
    "model": frozenset({"model", "deployment"}),
    "system": frozenset({"system", "service", "app", "application", "upstream", "host", "hostname", "server"}),
    "experiment": frozenset({"experiment", "test", "flag"}),
    "feature_view": frozenset({"feature", "view", "features"}),
    "person": frozenset(
        {"owner", "author", "maintainer", "assignee", "assigned", "reviewer", "approver", "lead", "contact", "user"}
    ),
}
"""The words of keys whose values are names of a kind; for other kinds, the word of the kind itself."""
_ENDPOINT_NAME = frozenset({"endpoint", "name"})
"""The words of `EndpointName` of SageMaker, and of `endpoint_name`, which names a model."""
_KEY_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_STRING_PREFIX = re.compile(rb"(?<![\w!])(?:[fF]|!Sub)\Z")
"""The prefix of a string with placeholders, in Python and in CloudFormation."""
_QUOTES = b"\"'`"
_SEPARATORS = (b"=>", b"==", b":=", b":", b"=")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MODEL_PATH = re.compile(rb"(?:.*[^\w-])?(?:registered[-_])?models?:?(?:/|%2[Ff]|\\/)\Z", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(rb"(?!\.(?:[\w-]+\.)?svc\b)\.")
"""The rest of another host, unless it is that of a cluster: `api` is no part of `api.github.com`."""
_CALL = re.compile(rb"(?::|%3[Aa])(?:predict|classify|regress|explain|generate|infer|score|rank|embed|invoke)")
_VARIABLE = re.compile(
    rb"name[\"']?[ \t]*:[ \t]*[\"']?([\w.-]+)[\"']?[ \t]*,?[ \t]*(?:\r?\n[ \t]*)?[\"']?value[\"']?[ \t]*:[ \t]*[\"']?\Z"
)
"""A variable of a container: `- name: MODEL_NAME`, then `value: eta`, also as JSON."""
_BLOCK_KEY = re.compile(rb"[ \t]*(?:-[ \t]+)?[\"']?([\w.-]+)[\"']?[ \t]*:[ \t]*[\[{]?[ \t]*(?:#.*)?\r?\Z")
_BRACKETS = frozenset({b"{", b"[", b"}", b"]", b"},", b"],", b"}, {"})
_NAME_KEY = re.compile(rb"([ \t]*)(-[ \t]+)?[\"']?(?:name|id|key|slug)[\"']?[ \t]*:[ \t]*[\"']?\Z", re.IGNORECASE)


def is_strong(name: SearchName, text: bytes, start: int, end: int, path: str) -> bool:
    """Return whether the position of a name shows its meaning."""
    kind = name.ref.partition(":")[0]
    before = text[max(0, start - _WINDOW) : start]
    before = AFTER_ENVIRONMENT.sub(b"", before) if before.endswith((b"}-", b"}_")) else before
    is_host = before.endswith((b"//", b"\\/\\/", b"%2F%2F", b"%2f%2f")) and not _DOMAIN.match(text, end, end + 100)
    has_port = re.match(rb":[0-9]{2}", text[end : end + 3]) is not None
    if name.kind is NameKind.HOST or kind == "system":
        if is_host or has_port:
            return True
    elif kind == "model":
        is_server = is_host and (has_port or text[end : end + 1] == b".")  # in a cluster, or of Docker Compose
        if (
            is_server
            or KSERVE_HOST.match(text, end, end + 100)
            or _MODEL_PATH.match(before[-30:])
            or _CALL.match(text, end)
        ):
            return True
    elif kind == "person" and before.endswith(b"@"):
        return True
    line = before[before.rfind(b"\n") + 1 :]
    key = _find_key(before)
    if key and text[end : end + 1] == b".":  # `host = "api." + domain`: not the whole value
        return False
    if key == b"value" and (variable := _VARIABLE.search(before)):
        key = variable[1]
    named = _NAME_KEY.match(line)
    if key and named is not None:  # `models: [{name: …}]`, over several lines
        indent = len(named[1]) - (0 if named[2] else 1)
        return _is_key_of(kind, key) or _is_key_of(kind, _find_block_key(text, start - len(line), indent))
    if key:
        return _is_key_of(kind, key)
    item = line.strip(b" \t\"'")
    return item in {b"", b"-"} and _is_listed(kind, text, start, end, path)


def _find_key(before: bytes) -> bytes:
    """Find the key of the value that begins after some text; empty if there is none.

    It is `model` for `model: name`, `"models": ["a", "name`, `load_model("name` and `--model name`.
    """
    opened = before.rstrip(_QUOTES)
    head = opened.rstrip(b" \t")
    if prefix := _STRING_PREFIX.search(head, len(head) - len(b"!Sub")):
        head = head[: prefix.start()].rstrip(b" \t")
    if head.endswith((b"[", b"{", b"(", b",", b"\n")):  # perhaps an item of a list, perhaps of several lines
        opener = max(head.rfind(bracket) for bracket in (b"[", b"{", b"("))
        if opener < 0 or any(bracket in head[opener:] for bracket in (b"]", b"}", b")")):
            return b""
        call = head[:opener]
        if head[opener:] == b"(" and opened != before:
            return call[len(call.rstrip(_KEY_CHARACTERS)) :]
        head = call.rstrip()
    separator = next((one for one in _SEPARATORS if head.endswith(one)), b"")
    if not separator:
        option = head[len(head.rstrip(_KEY_CHARACTERS)) :]
        return option if option.startswith(b"--") and head != opened else b""
    head = head.removesuffix(separator).rstrip(b" \t").rstrip(_QUOTES + b"])")
    return head[len(head.rstrip(_KEY_CHARACTERS)) :]


def _is_key_of(kind: str, key: bytes) -> bool:
    """Return whether the values of a key are names of a kind, as `MODEL_NAME` and `defaultModels` for models."""
    words = {word.lower() for word in _WORD.findall(key.decode("utf-8", "replace"))}
    words |= {word.removesuffix("s") for word in words}
    is_endpoint = kind == "model" and words >= _ENDPOINT_NAME
    return is_endpoint or not words.isdisjoint(_KEY_WORDS.get(kind, {kind.rpartition("_")[2]}))


def _is_listed(kind: str, text: bytes, start: int, end: int, path: str) -> bool:
    """Return whether a name is a whole item of a block list with a key, or a whole line of a list of such names."""
    begin = text.rfind(b"\n", max(0, start - _WINDOW), start) + 1
    if not begin and start > _WINDOW:
        return False
    head, tail = text[begin:start], text[end : end + 2]
    if head.strip(b" \t\"'") == b"-":
        return _is_key_of(kind, _find_block_key(text, begin, head.index(b"-")))
    stem = path.rpartition("/")[2].partition(".")[0]
    is_whole_line = not head.strip() and (not tail or tail[:1] == b"\n" or tail == b"\r\n")
    return is_whole_line and _is_key_of(kind, stem.encode())


def _find_block_key(text: bytes, begin: int, indent: int) -> bytes:
    """Find the key of the list in YAML or JSON to which an item belongs; empty if there is none.

    `begin` is the start of the line of the item, and `indent` the number of characters before the item.
    """
    for line in reversed(text[max(0, begin - 100 * _MOST_ITEMS) : begin].split(b"\n")[:-1][-_MOST_ITEMS:]):
        content = line.strip()
        depth = len(line) - len(line.lstrip(b" \t"))
        is_item = content.startswith(b"-")
        if not content or content.startswith(b"#") or depth > indent or (is_item and depth == indent):
            continue
        if (key := _BLOCK_KEY.match(line)) is not None:
            return key[1]
        if not is_item and content not in _BRACKETS:
            return b""
        indent = depth
    return b""
