"""Seeded mutations of texts and of the data in them."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

LONG_DIGITS = "7" * 5000

TOKENS = (
    *("0o" + LONG_DIGITS, "0x" + LONG_DIGITS, LONG_DIGITS, "-" + LONG_DIGITS, "1e999999", ".inf", "-.NaN", "0b101"),
    *("0000-00-00", "9999-12-31", "2026-02-30", "2026-02-29T25:61:61Z", "12:30:45", "1_000"),
    *("a:b:c", "Team: Growth", "#ml-alerts", "mailto:a@example.com", "https://[", "//a", "model:ryl", "team:", ":"),
    *("&a ", "*a", "<<: ", "!!str ", "!!python/object:os.system ", "!x ", "? ", "- ", ": ", "|\n", ">-\n"),
    *("---\n", "...\n", "%YAML 1.1\n", "topic:*"),
    *("{", "}", "[", "]", ",", '"', "'", "`", "@", "%", "# ", "\\", "\t", "\n", "\r", "\r\n", "  ", ""),
    *("\x00", "\x07", "\x1b[31m", "\x85", "\u2028", "\u202e", "\ufeff", "\U0001f355"),
    *('"\\ud83c\\udf55"', '"\\ud83c"', '"\\x1b"', '"\\0"', "é", "\u0130", "ß"),
    *("::error::a", "##[error]a", "##vso[task.complete]", "{{ 7 * 7 }}", "{% raw %}", "<script>", "<!--", "]]>"),
    *("<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n", "../../a", "/dev/zero", "~", "null", "yes", "$(id)", "`id`"),
    *("curl -X POST ", " | sh", " && ", " > ~/.profile", " -o x", " --next ", "${TOKEN}", "%00", "%2e%2e/"),
    *("a" * 10_000, "[" * 200, "{a: " * 200, "- " * 200, "*" * 100, "_" * 300 + "a"),
)
"""Texts with a meaning in YAML, a shell, a template or a terminal."""

VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 1e308, float("inf"), "", " ", [], {}, [[]], {"": ""}, [None], {"a": {"a": {}}}),
    *("a:b:c", "Team: Growth", "https://[", "model:ryl", "team:growth", "2026-02-30", "9999-12-31", "0001-01-01"),
    *("\x1b[31m", "\u202e", "::error::a\n::warning::b", "{{ 7 * 7 }}", "<script>", "a\nb", "a" * 10_000, "%s%n"),
    *({"$ref": f"#/allOf/{LONG_DIGITS}"}, {"$ref": "#"}, {"$ref": "eta.request.json#/a/-1"}, {"$ref": ["a"]}),
    *({"$anchor": []}, {"$dynamicAnchor": {}}, {"$id": 7}, {"$id": "https://["}, {"$defs": []}, {"$ref": "%"}),
    *({"multipleOf": 1e-320}, {"multipleOf": 0}, {"minimum": "a"}, {"maxLength": -1}, {"maxItems": 1e400}),
    *({"pattern": "(a+)+$"}, {"pattern": "("}, {"patternProperties": {"(": {}}}, {"format": "regex"}, {"enum": {}}),
    *({"type": ["x"]}, {"type": {}}, {"properties": []}, {"properties": {"a": 1}}, {"required": "a"}, {"items": [1]}),
    *({"allOf": {}}, {"anyOf": [{"$ref": "#"}]}, {"not": True}, {"if": False, "then": []}, {"prefixItems": {}}),
    *({"kind": "model"}, {"model": "ryl"}, {"system": "crm", "why": "a"}, {"to": "team:x"}, ["team:x", "person:y"]),
)
"""Values of every type, and invalid pieces of JSON Schema."""

_WORDS = ("kind", "id", "owners", "contract", "$ref", "x-allow", "steps", "curl", "model", "", "a\nb", "<<", "1")


def mutate_text(text: str, chance: random.Random, others: Sequence[str]) -> str:
    """Return the text after one to four random edits."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(_TEXT_EDITS)(text, chance, others)
    return text


def mutate_bytes(text: str, chance: random.Random) -> bytes:
    """Return the text as bytes of which up to three are replaced by any others."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(chance.randint(1, 3)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def mutate_data(document: Any, chance: random.Random) -> Any:  # noqa: ANN401 - any JSON or YAML value
    """Return a copy of the document in which up to three values or keys are replaced, moved, wrapped or removed."""
    copied = json.loads(json.dumps(document, default=str))
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = list(_places(copied))
        if not places:
            return chance.choice(VALUES)
        holder, key = chance.choice(places)
        match chance.randrange(7):
            case 0 | 1 | 2:
                holder[key] = json.loads(json.dumps(chance.choice(VALUES)))
            case 3:
                del holder[key]
            case 4:
                other, place = chance.choice(places)
                holder[key] = json.loads(json.dumps(other[place]))
            case 5:
                holder[key] = chance.choice(([holder[key]] * 2, {"a": holder[key]}, str(holder[key])))
            case _ if isinstance(holder, dict):
                holder[chance.choice((*_WORDS, *map(str, holder)))] = holder.pop(key)
    return copied


def mutate_card(text: str, chance: random.Random, others: Sequence[str]) -> str | bytes:
    """Return a YAML or Markdown card with its text, its bytes or the data in it mutated."""
    way = chance.randrange(10)
    if way == 0:
        return mutate_bytes(text, chance)
    if way < 4:
        return mutate_text(text, chance, others)
    front, body = [*text[4:].split("\n---\n", 1), ""][:2] if text.startswith("---\n") else (text, "")
    documents = [mutate_data(one, chance) for one in yaml.safe_load_all(front)]
    changed = "---\n".join(_as_yaml(one, chance) for one in documents)
    return f"---\n{changed}\n---\n{body}" if body else changed


def _as_yaml(document: Any, chance: random.Random) -> str:  # noqa: ANN401 - any JSON or YAML value
    """Return a document in block style or as JSON, which YAML contains."""
    if chance.randrange(2):
        return json.dumps(document, indent=1) + "\n"
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON value
    """Yield each mapping or list in a value with each of its keys or indexes."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _delete_span(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + text[start + chance.choice((1, 5, 50, 500)) :]


def _insert_token(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    place = chance.randint(0, len(text))
    return text[:place] + chance.choice(TOKENS) + text[place:]


def _replace_value(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    """Replace the text after a colon, or a whole line, by a token."""
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    before, colon, _ = lines[number].partition(": ")
    lines[number] = f"{before}{colon}{chance.choice(TOKENS)}" if colon else chance.choice(TOKENS)
    return "\n".join(lines)


def _repeat_line(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    lines[number:number] = [lines[number]] * chance.choice((1, 1, 2, 300))
    return "\n".join(lines)


def _swap_lines(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    lines = text.split("\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def _indent_line(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    line = lines[number]
    lines[number] = chance.choice((" " + line, "    " + line, "\t" + line, line.strip()))
    return "\n".join(lines)


def _truncate(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    return text[: chance.randint(0, len(text))]


def _splice(text: str, chance: random.Random, others: Sequence[str]) -> str:
    """Replace the end of the text by a part of another one."""
    other = chance.choice(others)
    return text[: chance.randint(0, len(text))] + other[chance.randint(0, len(other)) :]


_TEXT_EDITS: tuple[Callable[[str, random.Random, Sequence[str]], str], ...] = (
    _delete_span, _insert_token, _insert_token, _replace_value, _replace_value, _repeat_line, _swap_lines, _indent_line,
    _truncate, _splice,
)  # fmt: skip
