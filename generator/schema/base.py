"""The words that every card is made of: text, days, addresses, references, free data."""

import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from generator.names import ID_PATTERN, Ref
from generator.schema.days import day_of

UNBOUNDED_NUMBER = "unbounded_number"
"""The type of the error for free data with numbers out of range; its context has their `paths`."""


class Scalar(str):
    """A scalar as it was typed in YAML, with whether it stood there without quotes.

    What it means depends on the field: `2.10` is text in `version`, a number in free data.
    """

    __slots__ = ("plain",)
    plain: bool

    def __new__(cls, text: str, *, plain: bool) -> Self:
        """Build from the text between the quotes and whether there were none."""
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar


_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 400
"""More digits than any number in range has, in any base: Python takes seconds to read a million decimal digits."""
_WORDS: dict[str, bool] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def core_value(scalar: Scalar) -> str | int | float | bool:
    """What a scalar means by the YAML 1.2 core schema: only `true` and `false` are truth, `on` is a word.

    A number that is out of range stays text; `find_unbounded_numbers` names it.
    """
    text = str(scalar)
    if not scalar.plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = parse_number(text) if text[:1] in _NUMBER_STARTS else None
    return text if number is None else number


_NUMBER_STARTS = frozenset("+-.0123456789")


def parse_number(text: str) -> int | float | None:
    """Return the number that a text writes; None if it writes none, or one that a 64-bit float cannot hold."""
    if _INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        digits = text.lstrip("+-")[2 if base != 10 else 0 :].lstrip("0") or "0"
        number = int(digits, base) if len(digits) <= _LONGEST_INTEGER else math.inf
        number = -number if text.startswith("-") else number
        return number if abs(number) <= sys.float_info.max else None
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return None


def find_unbounded_numbers(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of the numbers in free data that are out of range: `1e999`, a thousand digits."""
    match value:
        case Scalar():
            is_number = (
                value.plain and value[:1] in _NUMBER_STARTS and (_INTEGER.fullmatch(value) or _FLOAT.fullmatch(value))
            )
            if is_number and parse_number(value) is None:
                yield path
        case Mapping():
            for key, item in value.items():
                yield from find_unbounded_numbers(item, (*path, str(key)))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from find_unbounded_numbers(item, (*path, index))


def plain_data(value: object) -> object:
    """Free data with every scalar read by the YAML 1.2 core schema; keys stay text."""
    match value:
        case Scalar():
            return core_value(value)
        case Mapping():
            return {str(key): plain_data(item) for key, item in value.items()}
        case list() | tuple():
            return [plain_data(item) for item in value]
        case _:
            return value


def _free_data(value: object) -> object:
    unbounded = tuple(find_unbounded_numbers(value))
    if unbounded:
        raise PydanticCustomError(UNBOUNDED_NUMBER, "a number is out of range", {"paths": unbounded})
    return plain_data(value)


def _day(value: object) -> object:
    if isinstance(value, int | float):  # Pydantic would count seconds from 1970
        return day_of(str(value))
    return day_of(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    number = core_value(value) if isinstance(value, Scalar) else value
    return value if isinstance(number, bool) else number


def _truth(value: object) -> object:
    if isinstance(value, Scalar) and value.plain and value in _WORDS:
        return _WORDS[value]
    if isinstance(value, str):
        message = f"{str(value)!r} is neither true nor false"
        raise ValueError(message)
    return value


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https", "grpc", "grpcs"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f<>\"]", value):
        message = f"{str(value)!r} is not an address; write a whole one, as in https://ml.example.com/v1/predict"
        raise ValueError(message)
    return value


def _email(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(EMAIL_PATTERN, value):
        message = f"{str(value)!r} is not an e-mail address; write a whole one, as in asha@example.com"
        raise ValueError(message)
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class InWords:
    """What a type is called in the reference page and in hints."""

    one: str
    many: str


ADDRESS_PATTERN = r'^[A-Za-z]+://[^\s<>"]+$'
EMAIL_PATTERN = r"^[^@\s<>,;]+@[^@\s<>,;]+$"
REFERENCE_PATTERN = rf"^[a-z][a-z0-9_]*:{ID_PATTERN}$"
OWNER_PATTERN = rf"^([^:]*|[a-z][a-z0-9_]*:{ID_PATTERN})$"
RESERVED_IDS = frozenset({"index"})
"""The names of pages that are no card's."""
_PARTIES = ("team", "person")

_AddressText = Annotated[str, Field(pattern=ADDRESS_PATTERN)]
_EmailText = Annotated[str, Field(pattern=EMAIL_PATTERN)]
_ReferenceText = Annotated[str, Field(pattern=REFERENCE_PATTERN)]
_OwnerText = Annotated[str, Field(pattern=OWNER_PATTERN, min_length=1)]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=rf"^{ID_PATTERN}$"), InWords("identifier", "identifiers")]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Truth = Annotated[bool, BeforeValidator(_truth, json_schema_input_type=bool)]
Address = Annotated[
    str, BeforeValidator(_address, json_schema_input_type=_AddressText), InWords("address", "addresses")
]
Email = Annotated[
    str, BeforeValidator(_email, json_schema_input_type=_EmailText), InWords("e-mail address", "e-mail addresses")
]
Percent = Annotated[
    float,
    Field(ge=0, le=100, strict=True),
    BeforeValidator(_number, json_schema_input_type=Annotated[float, Field(ge=0, le=100)]),
    InWords("number from 0 to 100", "numbers from 0 to 100"),
]
Data = Annotated[Any, BeforeValidator(_free_data)]
"""Free data: a JSON Schema, an example, an extra."""
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_many, json_schema_input_type=Text | list[Text])]


@dataclass(frozen=True, slots=True)
class RefersTo:
    """Marks a text field as a reference and says what it may lead to.

    Several kinds with `prefixed` unset: the id alone is written and found in the first kind that has it.
    """

    kinds: tuple[str, ...] = ()
    """The kinds that it may lead to; empty: any."""
    prefixed: bool = False
    """Written as `kind:id`."""

    def candidates(self, text: str) -> tuple[Ref, ...]:
        """Return the cards that the text may mean, likeliest first; the text of a field that is bound has the form."""
        if self.prefixed or (":" in text and len(self.kinds) > 1):
            return (Ref.parse(text),)
        return tuple(Ref(kind, text) for kind in self.kinds)


def suggest_reference(text: str, kinds: tuple[str, ...] = ()) -> str | None:
    """Return the reference that a malformed one resembles, if there is one: `team:growth` for `Team: Growth`."""
    kind, colon, name = (part.strip().lower() for part in text.partition(":"))
    words = re.findall(r"[a-z0-9._-]+", name)
    suggestion = f"{kind}:{'-'.join(words)}"
    is_label = bool(colon) and re.fullmatch(r"[\w .-]+", name, re.ASCII) is not None
    fits = not kinds or kind in kinds
    return suggestion if is_label and fits and re.fullmatch(REFERENCE_PATTERN, suggestion) else None


def _check_reference(value: object, *, kinds: tuple[str, ...] = ()) -> object:
    if isinstance(value, str) and not re.fullmatch(REFERENCE_PATTERN, value):
        suggestion = suggest_reference(value, kinds)
        example = "team:growth" if kinds else "model:ryl"
        fix = f"did you mean {suggestion!r}?" if suggestion else f"write kind:id, as in {example}"
        message = f"invalid reference {str(value)!r}: expected kind:id; {fix}"
        raise ValueError(message)
    return value


def _check_owner(value: object) -> object:
    """Refuse a text with a colon that is not `team:id` or `person:id`; the cards decide what another text means."""
    if isinstance(value, str) and not re.fullmatch(OWNER_PATTERN, value.strip()):
        suggestion = suggest_reference(value, _PARTIES)
        fix = (
            f"did you mean {suggestion!r}?"
            if suggestion
            else "write an id, as in growth, or kind:id, as in person:asha"
        )
        message = f"invalid owner {str(value)!r}: expected the id of a team or a person; {fix}"
        raise ValueError(message)
    return value


ModelId = Annotated[Id, RefersTo(("model",))]
SystemId = Annotated[Id, RefersTo(("system",))]
TeamId = Annotated[Id, RefersTo(("team",))]
PersonId = Annotated[Id, RefersTo(("person",))]
OwnerId = Annotated[Text, RefersTo(_PARTIES), BeforeValidator(_check_owner, json_schema_input_type=_OwnerText)]
AnyRef = Annotated[
    str, RefersTo(prefixed=True), BeforeValidator(_check_reference, json_schema_input_type=_ReferenceText)
]
PartyRef = Annotated[
    str,
    RefersTo(_PARTIES, prefixed=True),
    BeforeValidator(partial(_check_reference, kinds=_PARTIES), json_schema_input_type=_ReferenceText),
]
Owners = Annotated[tuple[OwnerId, ...], BeforeValidator(_one_or_many, json_schema_input_type=OwnerId | list[OwnerId])]


def _title(model: type) -> str:
    """The name of a model in words: `Model card sections`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda match: f" {match[0].lower()}", model.__name__)


def allow_extras(schema: dict[str, Any]) -> None:
    """Say in a mapping's JSON Schema that keys which start with `x-` are its author's own."""
    schema["patternProperties"] = {"^x-": {}}
    schema["properties"].pop("extras", None)


class Strict(BaseModel):
    """A mapping in a card: unknown keys are refused, own extras start with `x-`, values never change."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        model_title_generator=_title,
        json_schema_extra=allow_extras,
    )

    extras: Data = Field(default_factory=dict, repr=False)
    """The keys that start with `x-`, kept and left alone."""

    @model_validator(mode="before")
    @classmethod
    def _gather_extras(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        known = {field.alias for field in cls.model_fields.values() if field.alias}
        kept = {key: item for key, item in value.items() if not key.startswith("x-") or key in known}
        extras = {key: item for key, item in value.items() if key not in kept}
        if "extras" in kept:
            kept["extras "] = kept.pop("extras")  # so that the author's own `extras:` is an unknown key
        return {**kept, "extras": extras} if extras else kept
