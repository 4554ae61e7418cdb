"""What an import found about one thing, as the text of a card that the schema accepts.

A value that the schema refuses is omitted and noted. A missing required key gets a default that is marked as a guess.
So a draft always loads.
"""

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from msgspec import field
from msgspec.structs import replace
from pydantic import ValidationError

from generator.drafts.address_credentials import hide_address_credentials, hide_in_text
from generator.drafts.missing_keys import list_missing_keys
from generator.drafts.reading import iterate_values
from generator.drafts.results import DraftFile, ImportResult, Note, build_notes, merge_results
from generator.drafts.text_cleaning import clean_text, to_one_line, to_printable
from generator.drafts.yaml_writing import WIDTH, render_yaml
from generator.findings import DRAFT_TAG
from generator.names import Ref
from generator.schema import KINDS
from generator.schema.card import TO_BE_WRITTEN
from generator.schema.fields import get_keys
from generator.secrets.redaction import redact, redact_data
from generator.values import FrozenValue

FOLDERS = {
    "model": "models", "system": "systems", "flow": "flows", "team": "teams", "person": "people",
    "resource": "resources", "experiment": "experiments",
}  # fmt: skip
"""The folder of the drafts of each kind."""

_DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "model": {
        "summary": (f"{TO_BE_WRITTEN}: what it does, in one line", "the source has no description"),
        "lifecycle": ("experimental", "not in the source; one of experimental, production, deprecated, retired"),
        "serving": ("online", "not in the source; one of online, offline, both, embedded"),
    },
    "system": {"type": ("service", "not in the source; one of service, job, app, dashboard, external, deployment")},
    "resource": {"type": ("table", "not in the source; one of topic, feature_view, collection, bucket, …")},
}
"""The values of required keys that the source does not have, each with the reason that the card shows."""
_DEPTH_LIMIT, _SIZE_LIMIT, _TEXT_LIMIT, _KEY_LIMIT, _NUMBER_LIMIT = 40, 20_000, 100_000, 200, 10**300
"""The limits of one value of a card: levels, values, characters of a text and of a key."""


class CardDraft(FrozenValue):
    """A thing that an import found."""

    kind: str
    id: str
    name: str
    origin: str
    """Its place in the source, as text for the first line of the draft."""
    values: Mapping[str, object] = field(default_factory=dict)
    """The known values by the keys of the card; empty values are omitted."""
    guesses: Mapping[str, str] = field(default_factory=dict)
    """The reasons of guessed values, by key."""
    body: str = ""
    """Markdown that follows the card; the draft is a Markdown file then."""
    needs: tuple[str, ...] = ()
    """The paths of files that the card refers to."""


def build_draft(draft: CardDraft, notes: tuple[str, ...] | list[str] = (), place: str = "") -> ImportResult:
    """Return the file of a draft, with notes on values that the schema refuses and further notes about its place.

    Every secret that the scanner recognizes is replaced, whatever the source is.
    """
    given = {key: _to_plain_data(value) for key, value in draft.values.items()}
    given = {key: value for key, value in given.items() if value is not None and value not in ("", [], {})}
    given_body = clean_text(draft.body)
    values = {
        key: value if _is_too_large(value) else redact_data(hide_address_credentials(value), key)
        for key, value in given.items()
    }
    body = _redact_text(given_body)
    hidden = [f"`{key}`" for key in given if values[key] != given[key]] + ["the text"] * (body != given_body)
    guesses = {key: _redact_text(reason) for key, reason in draft.guesses.items()}
    draft = replace(draft, name=_redact_text(draft.name), origin=_redact_text(draft.origin), guesses=guesses)
    notes = [*map(_redact_text, notes), *(f"{name} had a secret, which was hidden" for name in hidden)]
    tags = values.get("tags", [])
    lines = [to_one_line(tag) for tag in (tags if isinstance(tags, list) else [tags]) if isinstance(tag, str)]
    values["tags"] = list(dict.fromkeys([DRAFT_TAG, *filter(None, lines)]))
    accepted, omitted = _select_accepted(draft, values)
    guesses = {key: reason for key, reason in draft.guesses.items() if key in accepted}
    for key, (_, reason) in _DEFAULTS.get(draft.kind, {}).items():
        refused = to_one_line(json.dumps(values.get(key), ensure_ascii=False, default=str), 80)
        if accepted[key] is not values.get(key):
            guesses[key] = f"the source says {refused}" if values.get(key) else draft.guesses.get(key, reason)
    if guesses:
        accepted["x-guessed"] = {
            key: to_one_line(reason.partition("; one of ")[0], 300) for key, reason in sorted(guesses.items())
        }
    text = "\n".join(_render_card(draft, accepted, guesses)) + "\n"
    if draft.body:
        text = f"---\n{text}---\n{body}\n"
    ref = Ref(str(accepted["type"]) if draft.kind == "resource" else draft.kind, draft.id)
    needs = draft.needs if "contract" in accepted or "contract" not in draft.values else ()
    path = f"{FOLDERS[draft.kind]}/{draft.id}.{'md' if draft.body else 'yml'}"
    file = DraftFile(path, text, ref, needs)
    return merge_results([ImportResult((file,), omitted), build_notes(_redact_text(place) or draft.origin, notes)])


def _redact_text(text: str) -> str:
    return redact(hide_in_text(text))


def _to_plain_data(value: object) -> Any:  # noqa: ANN401 - the schema checks it
    """Return data with printable text, without whitespace around a value that is a text."""

    def convert(inner: object) -> object:
        match inner:
            case bool() | int() | float() | None:
                return inner
            case Mapping():
                return {to_printable(key): convert(item) for key, item in inner.items()}
            case list() | tuple():
                return [convert(item) for item in inner]
            case _:
                return to_printable(inner)

    return convert(value.strip() if isinstance(value, str) else value)


def _select_accepted(draft: CardDraft, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Return the values that the schema accepts together, with defaults, and a note on each of the others.

    A refused value is kept under `x-left-out`, unless it is too large for a card.
    """
    base = {"kind": draft.kind, "id": draft.id, "name": to_one_line(draft.name) or draft.id}
    defaults = {key: default for key, (default, _) in _DEFAULTS.get(draft.kind, {}).items()}
    too_large = {key for key, value in values.items() if _is_too_large(value)}
    notes = [Note(draft.origin, f"`{key}` is too large or too deeply nested for a card") for key in sorted(too_large)]
    kept = {key: value for key, value in values.items() if key not in too_large}
    left_out: dict[str, Any] = {}
    while True:
        try:
            KINDS[draft.kind].model_validate({**defaults, **base, **kept})
        except ValidationError as error:
            found = {(error["loc"][:2], error["msg"].removeprefix("Value error, ")) for error in error.errors()}
        else:
            found = set()
        refused = {loc: text for loc, text in sorted(found, key=str) if loc and loc[0] in kept}
        if not refused:
            extra = {"x-left-out": left_out} if left_out else {}
            return {**defaults, **base, **kept, **extra}, tuple(notes)
        for loc, text in refused.items():
            name, value = _remove_value(kept, [str(step) for step in loc])
            if name:
                left_out[name] = value
                shown = to_one_line(json.dumps(value, ensure_ascii=False, default=str), 80)
                notes.append(Note(draft.origin, f"`{name}` {shown} was omitted: {to_one_line(text, 200)}"))


def _remove_value(values: dict[str, Any], steps: list[str]) -> tuple[str, Any]:
    """Remove a value with its name: that of a key within a mapping, else the whole; no name if it is gone already."""
    key, *inner = steps
    holder = values.get(key)
    if inner and isinstance(holder, dict) and inner[0] in holder and len(holder) > 1:
        values[key] = {name: item for name, item in holder.items() if name != inner[0]}
        return f"{key}.{inner[0]}", holder[inner[0]]
    return (key, values.pop(key)) if key in values else ("", None)


def _is_too_large(value: object) -> bool:
    for count, (depth, current) in enumerate(iterate_values(value), 1):
        if depth > _DEPTH_LIMIT or count > _SIZE_LIMIT:
            return True
        match current:
            case dict() if any(len(key) > _KEY_LIMIT for key in current):
                return True
            case str() if len(current) > _TEXT_LIMIT:
                return True
            case int() if abs(current) >= _NUMBER_LIMIT:
                return True
    return False


def _render_card(draft: CardDraft, values: Mapping[str, Any], guesses: Mapping[str, str]) -> Iterator[str]:
    yield from _render_comment(f"Draft made from {to_one_line(draft.origin, 300)}.")
    marks = f"the tag `{DRAFT_TAG}`{', `x-guessed`' if guesses else ''} and these lines"
    yield from _render_comment(f"Review and complete it, then remove {marks}.")
    if guesses:
        yield from _render_comment(f"Guessed, please check: {', '.join(sorted(guesses))}.")
    missing = list_missing_keys(draft.kind, values)
    if missing:
        yield from _render_comment(f"Still missing: {', '.join(missing)}.")
    order = {key: number for number, key in enumerate(get_keys(KINDS[draft.kind]))}
    for key in sorted(values, key=lambda key: (order.get(key, len(order)), key)):
        if key in guesses:
            yield from _render_comment(f"Guessed: {guesses[key]}.")
        yield from render_yaml(key, values[key])


def _render_comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]
