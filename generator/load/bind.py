"""A document to a card: every mistake in it becomes a finding at the key or value at fault."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.positions import Document, Path, Plain
from generator.names import Ref, did_you_mean
from generator.schema import KINDS, Card
from generator.schema.base import Data

RESERVED_IDS = frozenset({"index"})


@dataclass(frozen=True, slots=True)
class LoadedCard:
    """A card with the text that it came from."""

    card: Card
    document: Document
    body: str = ""
    """The prose of a Markdown card."""
    openapi: Data = None
    """The OpenAPI document that the contract names, as plain data."""

    @property
    def ref(self) -> Ref:
        """How the graph knows it."""
        return self.card.ref

    def at(self, *path: str | int) -> Position:
        """Where the value at a path stands; the nearest there is when it was left out."""
        return self.document.at(*path)

    def at_key(self, *path: str | int) -> Position:
        """Where the key at a path stands."""
        return self.document.at_key(*path)


def bind(document: Document, body: str = "") -> tuple[LoadedCard | None, list[Finding]]:
    """The card that a document holds, or all that keeps it from being one."""
    plain = document.root.plain()
    if not isinstance(plain, dict):
        what = "is empty" if plain is None else f"is {describe(plain)}"
        return None, [rules.NO_CARD.at(document.at(), f"a card is a mapping; this {what}", "start with `kind: model`")]
    kind, finding = _kind(document, plain)
    if finding is not None or kind is None:
        return None, [finding] if finding else []
    values = {"id": PurePosixPath(document.file).stem, **plain}
    try:
        card = kind.model_validate(values)
    except ValidationError as error:
        return None, _findings(document, kind, plain, error)
    if card.id.lower() in RESERVED_IDS:
        message = f"{card.id!r} is the page that lists the kind"
        return None, [rules.BAD_ID.at(document.at("id"), message, "choose another id", card.ref)]
    return LoadedCard(card, document, body), []


def _kind(document: Document, plain: Mapping[str, Plain]) -> tuple[type[Card] | None, Finding | None]:
    if "kind" not in plain:
        near = [key for key in plain if did_you_mean(key, ["kind"]).startswith("did")]
        place = document.at_key(near[0]) if near else document.at()
        hint = f"rename {near[0]!r} to 'kind'" if near else f"add one of: {', '.join(KINDS)}"
        return None, rules.UNKNOWN_KIND.at(place, "there is no `kind`", hint)
    word = plain["kind"]
    if not isinstance(word, str) or word not in KINDS:
        return None, rules.UNKNOWN_KIND.at(
            document.at("kind"), f"{describe(word)} is no kind of card", did_you_mean(str(word), KINDS)
        )
    return KINDS[word], None


def describe(value: object) -> str:
    """A value in a message: its text when it is short, else what it is."""
    match value:
        case None:
            return "nothing"
        case str():
            text = str(value)
            return repr(text if len(text) <= 60 else text[:57] + "…")
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return repr(value)


def _findings(document: Document, kind: type[BaseModel], plain: Plain, error: ValidationError) -> list[Finding]:
    return [
        _finding(document, kind, _value_at(plain, details["loc"]), details)
        for details in error.errors(include_url=False, include_context=True)
    ]


def _finding(document: Document, kind: type[BaseModel], value: object, details: ErrorDetails) -> Finding:
    path: Path = tuple(step for step in details["loc"] if step != "[key]")
    key = str(path[-1]).strip() if path else ""
    match details["type"]:
        case "missing":
            place = document.at_key(*path[:-1]) if len(path) > 1 else document.at()
            owner = "the card" if len(path) == 1 else f"`{_dotted(path[:-1])}`"
            return rules.MISSING_KEY.at(place, f"{owner} has no `{key}`", _description(kind, path))
        case "extra_forbidden":
            known = [name for name in known_keys(kind, path[:-1]) if name != "kind"]
            hint = did_you_mean(key, known) or "own extras start with `x-`"
            real = (*path[:-1], key)
            return rules.UNKNOWN_KEY.at(document.at_key(*real), f"`{key}` is not a key of {_place(kind, path)}", hint)
        case _:
            rule, message, hint = _explain(details, value)
            where = document.at_key(*path) if details["loc"][-1:] == ("[key]",) else document.at(*path)
            if key == "id" and len(path) == 1:
                rule, hint = rules.BAD_ID, "letters, digits, dot, dash and underscore; it becomes a file name"
            shown = f"`{_dotted(path)}`: {message}" if path else message
            return rule.at(where, shown, hint)


def _place(kind: type[BaseModel], path: Path) -> str:
    name = f"a {kind.__name__.lower()}"
    return f"`{_dotted(path[:-1])}` in {name}" if len(path) > 1 else name


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


_EXPECTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a day such as 2025-11-03",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
}


def _explain(details: ErrorDetails, value: object) -> tuple[Rule, str, str]:
    """The rule, the message and the hint for an error of the schema."""
    context = details.get("ctx", {})
    found = describe(value)
    match details["type"]:
        case error if error in _EXPECTED:
            return rules.WRONG_TYPE, f"{found} is not {_EXPECTED[error]}", f"write {_EXPECTED[error]}"
        case "enum" | "literal_error":
            choice = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
            return rules.BAD_VALUE, f"{found} is not a word it knows", did_you_mean(str(value), choice)
        case "value_error" | "assertion_error":
            return rules.BAD_VALUE, str(context["error"]), ""
        case "string_pattern_mismatch":
            return rules.BAD_VALUE, f"{found} has not the form of a name", _pattern_hint(str(context["pattern"]))
        case "string_too_short":
            return rules.BAD_VALUE, "the text is empty", "fill it in, or remove the key"
        case "too_short":
            return rules.BAD_VALUE, "the list is empty", "list at least one"
        case "greater_than_equal" | "less_than_equal":
            return (
                rules.BAD_VALUE,
                f"{found} is out of range",
                details["msg"].replace("Input should be", "it should be"),
            )
        case _:
            return rules.BAD_VALUE, f"{found}: {details['msg']}", ""


def _pattern_hint(pattern: str) -> str:
    if ":" in pattern:
        return "write view:feature, as in customer_profile:cuisine_affinity"
    return "letters, digits, dot, dash and underscore"


def _value_at(plain: Plain, path: tuple[str | int, ...]) -> object:
    value: object = plain
    for step in path:
        match value, step:
            case dict() as mapping, str() if step in mapping:
                value = mapping[step]
            case list() as sequence, int() if step < len(sequence):
                value = sequence[step]
            case _:
                break
    return value


def known_keys(kind: type[BaseModel], path: Path) -> list[str]:
    """The keys that the mapping at a path of a card may have, as their author writes them."""
    model = _model_at(kind, path)
    return [info.alias or name for name, info in model.model_fields.items() if name != "extras"] if model else []


def _description(kind: type[BaseModel], path: Path) -> str:
    model = _model_at(kind, path[:-1])
    fields = model.model_fields.items() if model else ()
    return next((info.description or "" for name, info in fields if (info.alias or name) == path[-1]), "")


def _model_at(kind: type[BaseModel], path: Path) -> type[BaseModel] | None:
    annotation: Any = kind
    for step in path:
        model = _model_in(annotation)
        if isinstance(step, str) and model is not None:
            fields = {info.alias or name: info for name, info in model.model_fields.items()}
            annotation = fields[step].annotation if step in fields else None
        else:
            annotation = _item_type(annotation)
    return _model_in(annotation)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations have no type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {typing.Union, types.UnionType, typing.Annotated}:
        return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
    return None


def _item_type(annotation: Any) -> Any:  # noqa: ANN401 - annotations have no type
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        return next((item for part in parts if (item := _item_type(part)) is not None), None)
    if origin is typing.Annotated:
        return _item_type(parts[0])
    if origin in {tuple, list}:
        return parts[0]
    return parts[1] if origin is dict else None
