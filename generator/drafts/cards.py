"""What an import found out about one thing, as the text of a card that binds.

The schema decides: a value that it refuses is taken out and noted, a key that it asks for and nobody gave gets a
stand-in that says so. So whatever the source holds, a draft is a card that the book can load.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from pydantic import ValidationError

from generator.drafts.values import DRAFT_TAG, DraftFile, Drafts, Note
from generator.drafts.words import clean, one_line, printable
from generator.drafts.yaml_writing import WIDTH, Data, lines
from generator.names import Ref
from generator.schema import KINDS
from generator.schema.fields import get_keys

FOLDERS = {
    "model": "models", "system": "systems", "flow": "flows", "team": "teams", "person": "people",
    "resource": "resources",
}  # fmt: skip
"""Where the drafts of each kind go."""

_STAND_INS: dict[str, dict[str, tuple[str, str]]] = {
    "model": {
        "summary": ("To be written: what it does, in one line", "the source has no description"),
        "lifecycle": ("experimental", "the source does not say; one of experimental, production, deprecated, retired"),
        "serving": ("online", "the source does not say; one of online, offline, both"),
    },
    "system": {"type": ("service", "the source does not say; one of service, job, app, dashboard, external")},
    "resource": {"type": ("table", "the source does not say; topic, feature_view, collection, bucket, …")},
}
_ASKED_FOR = {
    "model": ("owners", "contacts", "version", "deployed_on", "endpoints", "contract", "consumers", "fallback"),
    "system": ("owners", "repo", "uses"),
    "flow": ("owners",),
    "team": ("function", "lead", "channel"),
    "person": ("email", "team"),
    "resource": ("owners",),
}
_DEPTH, _VALUES, _TEXT, _KEY = 40, 20_000, 100_000, 200
"""How much of one value a card takes: nested so deep, so many values, texts and keys so long."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing that an import found."""

    kind: str
    id: str
    name: str
    origin: str
    """Where it was found, in words: the first line of the draft."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What is known, by the keys of the card; empty values are left out."""
    guesses: Mapping[str, str] = field(default_factory=dict)
    """Keys whose value is a guess, with the reason."""
    body: str = ""
    """Prose in Markdown: the card becomes a Markdown file then."""
    needs: tuple[str, ...] = ()
    """The paths of files that the card refers to."""

    @property
    def ref(self) -> Ref:
        """How the graph will know the card."""
        return Ref(str(self.values.get("type", "")) if self.kind == "resource" else self.kind, self.id)


def drafted(draft: Draft) -> Drafts:
    """The draft as a file, and notes on what the schema refuses."""
    given = {key: tidy for key, value in draft.values.items() if not _is_empty(tidy := _tidy(_stripped(value)))}
    tags = given.get("tags", [])
    told = [one_line(tag) for tag in (tags if isinstance(tags, list) else [tags]) if isinstance(tag, str)]
    given["tags"] = list(dict.fromkeys([DRAFT_TAG, *filter(None, told)]))
    stood_in = {key: value for key, value in _STAND_INS.get(draft.kind, {}).items() if key not in given}
    fitting, notes = _fitting(draft, {**given, **{key: value for key, (value, _) in stood_in.items()}})
    guesses = {**draft.guesses, **{key: reason for key, (_, reason) in stood_in.items()}}
    for key, (value, reason) in _STAND_INS.get(draft.kind, {}).items():
        if key not in fitting:
            fitting[key], guesses[key] = value, reason
    text = _text(draft, fitting, {key: reason for key, reason in guesses.items() if key in fitting})
    ending = "md" if draft.body else "yml"
    ref = Ref(str(fitting["type"]), draft.id) if draft.kind == "resource" else draft.ref
    file = DraftFile(f"{FOLDERS[draft.kind]}/{draft.id}.{ending}", text, ref, _needs(draft, fitting))
    return Drafts((file,), notes)


def _needs(draft: Draft, fitting: Mapping[str, Any]) -> tuple[str, ...]:
    return draft.needs if "contract" in fitting or "contract" not in draft.values else ()


def _fitting(draft: Draft, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """The values that the schema takes together, and a note on each of the others."""
    base = {"kind": draft.kind, "id": draft.id, "name": one_line(draft.name) or draft.id}
    notes: list[Note] = []
    kept = dict(values)
    for key in [key for key, value in values.items() if _is_too_much(value)]:
        notes.append(Note(draft.origin, f"`{key}` is too large or too deeply nested for a card"))
        del kept[key]
    while refused := _refused(draft.kind, {**base, **kept}, kept):
        for key, message in refused.items():
            value = kept.pop(key)
            notes.append(Note(draft.origin, f"`{key}` {_shown(value)} was left out: {message}"))
    return {**base, **kept}, tuple(notes)


def _refused(kind: str, values: Mapping[str, Any], removable: Mapping[str, Any]) -> dict[str, str]:
    try:
        KINDS[kind].model_validate(values)
    except ValidationError as error:
        found = [(str(details["loc"][0]), details["msg"]) for details in error.errors() if details["loc"]]
        return {key: one_line(message.removeprefix("Value error, "), 200) for key, message in found if key in removable}
    return {}


def _shown(value: object) -> str:
    return one_line(json.dumps(value, ensure_ascii=False, default=str), 80)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _tidy(value: object) -> object:
    """Plain data as a card holds it: text without control characters, keys as text."""
    match value:
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return {printable(key): _tidy(item) for key, item in value.items()}
        case list() | tuple():
            return [_tidy(item) for item in value]
        case _:
            return printable(value)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _is_too_much(value: object) -> bool:
    waiting: list[tuple[int, object]] = [(1, value)]
    seen = 0
    while waiting:
        depth, current = waiting.pop()
        seen += 1
        if depth > _DEPTH or seen > _VALUES or (isinstance(current, str) and len(current) > _TEXT):
            return True
        if isinstance(current, dict):
            if any(len(key) > _KEY for key in current):
                return True
            waiting.extend((depth + 1, item) for item in current.values())
        elif isinstance(current, list):
            waiting.extend((depth + 1, item) for item in current)
        elif isinstance(current, int) and not isinstance(current, bool) and abs(current) >= 10**300:
            return True
    return False


def _text(draft: Draft, values: Mapping[str, Any], guesses: Mapping[str, str]) -> str:
    card = "\n".join([*_head(draft, values, guesses), *_keys(draft.kind, values, guesses)]) + "\n"
    if not draft.body:
        return card
    return f"---\n{card}---\n{clean(draft.body)}\n"


def _head(draft: Draft, values: Mapping[str, Any], guesses: Mapping[str, str]) -> Iterator[str]:
    yield from _comment(f"Draft made from {one_line(draft.origin, 300)}.")
    yield from _comment("Read it, complete it, then remove the tag `draft` and these lines.")
    if guesses:
        yield from _comment(f"Guessed, please check: {', '.join(sorted(guesses))}.")
    missing = [key for key in _ASKED_FOR.get(draft.kind, ()) if key not in values]
    if missing:
        yield from _comment(f"Left to fill in: {', '.join(missing)}.")


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]


def _keys(kind: str, values: Mapping[str, Any], guesses: Mapping[str, str]) -> Iterator[str]:
    declared = {key: number for number, key in enumerate(get_keys(KINDS[kind]))}
    for key in sorted(values, key=lambda key: (declared.get(key, len(declared)), key)):
        if key in guesses:
            yield from _comment(f"Guessed: {guesses[key]}.")
        value: Data = values[key]
        yield from lines(key, value)
