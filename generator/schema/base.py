"""The types of the fields of cards: text, days, addresses, references, free data."""

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from generator.names import ID_PATTERN, Ref
from generator.schema.days import parse_day
from generator.values import FrozenValue

UNBOUNDED_NUMBER = "unbounded_number"
"""The type of the error for numbers out of range in free data; its context contains their `paths`."""


class Scalar(str):
    """A scalar as it is written in YAML.

    Its value depends on the field: `2.10` is text in `version`, a number in free data.
    """

    __slots__ = ("plain",)
    plain: bool
    """Whether it has no quotes."""

    def __new__(cls, text: str, *, plain: bool) -> Self:
        """Build from the text without quotes."""
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar


_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 400
"""More digits than a number in range has in any base. Python needs seconds to parse a million decimal digits."""
_TRUTH_VALUES: dict[str, bool] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def resolve_scalar(scalar: Scalar) -> str | int | float | bool:
    """Return the value of a scalar in the core schema of YAML 1.2, in which `on` and `yes` are text.

    A number out of range stays text; `find_unbounded_numbers` reports it.
    """
    # https://yaml.org/spec/1.2.2/#103-core-schema
    text = str(scalar)
    if not scalar.plain:
        return text
    if text in _TRUTH_VALUES:
        return _TRUTH_VALUES[text]
    number = parse_number(text) if text[:1] in _NUMBER_STARTS else None
    return text if number is None else number


_NUMBER_STARTS = frozenset("+-.0123456789")


def parse_number(text: str) -> int | float | None:
    """Return the number in a text; None if the text is no number, or exceeds the range of a 64-bit float."""
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
    """Yield the paths of the numbers in free data that are out of range, such as `1e999`."""
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


def to_plain_data(value: object) -> object:
    """Return free data with all scalars resolved in the core schema of YAML 1.2; keys stay text."""
    match value:
        case Scalar():
            return resolve_scalar(value)
        case Mapping():
            return {str(key): to_plain_data(item) for key, item in value.items()}
        case list() | tuple():
            return [to_plain_data(item) for item in value]
        case _:
            return value


def _parse_free_data(value: object) -> object:
    unbounded = tuple(find_unbounded_numbers(value))
    if unbounded:
        raise PydanticCustomError(UNBOUNDED_NUMBER, "a number is out of range", {"paths": unbounded})
    return to_plain_data(value)


def _parse_day_value(value: object) -> object:
    # Pydantic would read a number as seconds since 1970.
    return parse_day(str(value)) if isinstance(value, str | int | float) else value


def _parse_number_value(value: object) -> object:
    number = _resolve_value(value)
    return value if isinstance(number, bool) else number


def _resolve_value(value: object) -> object:
    return resolve_scalar(value) if isinstance(value, Scalar) else value


def _check_address(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https", "grpc", "grpcs"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f<>\"]", value):
        raise ValueError(f"invalid address {str(value)!r}; write it as in https://ml.example.com/v1/predict")
    return value


def _require_form(pattern: str, name: str, hint: str) -> BeforeValidator:
    """Require that a text has a form; the message has the name of the form and a hint."""

    def check_form(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(f"invalid {name} {str(value)!r}; {hint}")
        return value

    return BeforeValidator(check_form, json_schema_input_type=Annotated[str, Field(pattern=pattern)])


def _parse_share(value: object) -> object:
    """Return a fraction; `9 %` is 0.09."""
    text = value.strip() if isinstance(value, str) else ""
    is_percentage = re.fullmatch(SHARE_PATTERN, text)
    number = round(float(text.removesuffix("%")) / 100, 8) if is_percentage else _parse_number_value(value)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        message = f"invalid share {str(value)!r}: expected a number from 0 to 1 or a percentage; write 0.09 or 9 %"
        raise ValueError(message)
    return float(number)


def _check_contact(value: object) -> object:
    if isinstance(value, str) and value.strip() and not re.fullmatch(CONTACT_PATTERN, value.strip()):
        hint = _suggest_reference(value, _PARTIES, "write the id of a person, as in asha, or a team, as in team:growth")
        raise ValueError(f"invalid contact {str(value)!r}: expected the id of a person or `team:id`; {hint}")
    return value


def _wrap_in_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def accept_text(key: str, accepted: Any) -> BeforeValidator:  # noqa: ANN401 - annotations have no type
    """Accept a text in place of a mapping, as the value of one of its keys; `accepted` is the type of both."""

    def wrap_text(value: object) -> object:
        return {key: value} if isinstance(value, str) else value

    return BeforeValidator(wrap_text, json_schema_input_type=accepted)


class TypeLabel(FrozenValue):
    """The name of a type in the reference page and in hints."""

    one: str
    many: str


ADDRESS_PATTERN = r'^[A-Za-z]+://[^\s<>"]+$'
EMAIL_PATTERN = r"^[^@\s<>,;]+@[^@\s<>,;]+$"
ACCOUNT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9:_-]{0,127}$"
REFERENCE_PATTERN = rf"^[a-z][a-z0-9_]*:{ID_PATTERN}$"
OWNER_PATTERN = rf"^([^:]*|[a-z][a-z0-9_]*:{ID_PATTERN})$"
CONTACT_PATTERN = rf"^((person|team):)?{ID_PATTERN}$"
SHARE_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,6})?\s*%$"
RESERVED_IDS = frozenset({"index", "readme"})
"""The ids that no new card gets: MkDocs makes `README.md`, in exactly this case, the index of the folder too."""
_PARTIES = ("team", "person")

_AddressText = Annotated[str, Field(pattern=ADDRESS_PATTERN)]
_ReferenceText = Annotated[str, Field(pattern=REFERENCE_PATTERN)]
_OwnerText = Annotated[str, Field(pattern=OWNER_PATTERN, min_length=1)]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=rf"^{ID_PATTERN}$"), TypeLabel("identifier", "identifiers")]
Day = Annotated[date, BeforeValidator(_parse_day_value, json_schema_input_type=date)]
Address = Annotated[
    str, BeforeValidator(_check_address, json_schema_input_type=_AddressText), TypeLabel("address", "addresses")
]
Email = Annotated[
    str,
    _require_form(EMAIL_PATTERN, "e-mail address", "write it as in asha@example.com"),
    TypeLabel("e-mail address", "e-mail addresses"),
]
AccountId = Annotated[
    str,
    _require_form(ACCOUNT_PATTERN, "account", "write its id, as in 557058:295406f3-a1fc-4733-b906-dd15d021bd79"),
    TypeLabel("account id", "account ids"),
]
Percent = Annotated[
    float,
    Field(ge=0, le=100, strict=True),
    BeforeValidator(_parse_number_value, json_schema_input_type=Annotated[float, Field(ge=0, le=100)]),
    TypeLabel("number from 0 to 100", "numbers from 0 to 100"),
]
Share = Annotated[
    float,
    TypeLabel("share, as 0.09 or 9 %", "shares, as 0.09 or 9 %"),
    BeforeValidator(
        _parse_share,
        json_schema_input_type=Annotated[float, Field(ge=0, le=1)] | Annotated[str, Field(pattern=SHARE_PATTERN)],
    ),
]
"""A part of a whole: a fraction, or a percentage with its sign."""
Milliseconds = Annotated[
    int,
    Field(ge=1, le=86_400_000, strict=True),
    BeforeValidator(_parse_number_value, json_schema_input_type=Annotated[int, Field(ge=1, le=86_400_000)]),
    TypeLabel("number of milliseconds", "numbers of milliseconds"),
]
Truth = Annotated[
    bool,
    Field(strict=True),
    BeforeValidator(_resolve_value, json_schema_input_type=bool),
    TypeLabel("true or false", "true or false"),
]
Data = Annotated[Any, BeforeValidator(_parse_free_data)]
"""Free data: a JSON Schema, an example, an extra."""
Texts = Annotated[tuple[Text, ...], BeforeValidator(_wrap_in_list, json_schema_input_type=Text | list[Text])]


class RefersTo(FrozenValue):
    """A mark of a text field as a reference to cards of some kinds.

    If there are several kinds and `prefixed` is not set, an id alone refers to the first kind that has it.
    """

    kinds: tuple[str, ...] = ()
    """The kinds that it may refer to; empty for any."""
    prefixed: bool = False
    """Whether it is written as `kind:id`."""

    def list_candidates(self, text: str) -> tuple[Ref, ...]:
        """List the cards that a valid text may refer to, the most likely first."""
        if self.prefixed or (":" in text and len(self.kinds) > 1):
            return (Ref.parse(text),)
        return tuple(Ref(kind, text) for kind in self.kinds)


def _suggest_reference(text: str, kinds: tuple[str, ...], otherwise: str) -> str:
    """Return the hint for a malformed reference: the likely one, as `team:growth` for `Team: Growth`, if any."""
    kind, colon, name = (part.strip().lower() for part in text.partition(":"))
    words = re.findall(r"[a-z0-9._-]+", name)
    suggestion = f"{kind}:{'-'.join(words)}"
    is_label = bool(colon) and re.fullmatch(r"[\w .-]+", name, re.ASCII) is not None
    is_likely = is_label and (not kinds or kind in kinds) and re.fullmatch(REFERENCE_PATTERN, suggestion)
    return f"did you mean {suggestion!r}?" if is_likely else otherwise


def _check_reference(value: object, *, kinds: tuple[str, ...] = ()) -> object:
    if isinstance(value, str) and not re.fullmatch(REFERENCE_PATTERN, value):
        hint = f"write kind:id, as in {'team:growth' if kinds else 'model:ryl'}"
        if re.fullmatch(r"[a-z][a-z0-9_]*:.+", value, re.DOTALL):
            hint = "use ASCII letters, digits, dots, dashes and underscores in the id, a letter or digit first"
        hint = _suggest_reference(value, kinds, hint)
        raise ValueError(f"invalid reference {str(value)!r}: expected kind:id; {hint}")
    return value


def _check_owner(value: object) -> object:
    """Raise ValueError if a text with a colon is not `team:id` or `person:id`; other texts are resolved later."""
    if isinstance(value, str) and not re.fullmatch(OWNER_PATTERN, value.strip()):
        hint = _suggest_reference(value, _PARTIES, "write an id, as in growth, or kind:id, as in person:asha")
        raise ValueError(f"invalid owner {str(value)!r}: expected the id of a team or a person; {hint}")
    return value


ModelId = Annotated[Id, RefersTo(("model",))]
SystemId = Annotated[Id, RefersTo(("system",))]
TeamId = Annotated[Id, RefersTo(("team",))]
PersonId = Annotated[Id, RefersTo(("person",))]
OwnerId = Annotated[Text, RefersTo(_PARTIES), BeforeValidator(_check_owner, json_schema_input_type=_OwnerText)]
ContactId = Annotated[
    Text,
    RefersTo(("person", "team")),
    BeforeValidator(_check_contact, json_schema_input_type=Annotated[str, Field(pattern=CONTACT_PATTERN)]),
]
"""A person, or a team whose channel, mailing list and rota are the contact."""
AnyRef = Annotated[
    str, RefersTo(prefixed=True), BeforeValidator(_check_reference, json_schema_input_type=_ReferenceText)
]
PartyRef = Annotated[
    str,
    RefersTo(_PARTIES, prefixed=True),
    BeforeValidator(partial(_check_reference, kinds=_PARTIES), json_schema_input_type=_ReferenceText),
]
Owners = Annotated[tuple[OwnerId, ...], BeforeValidator(_wrap_in_list, json_schema_input_type=OwnerId | list[OwnerId])]


def _make_title(model: type) -> str:
    """Return the name of a class as text: `Model card sections`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda match: f" {match[0].lower()}", model.__name__)


EXTRAS_KEY = "\0extras"
"""The key of the gathered extras, which no author can write: an author's `extras:` is an unknown key."""


def allow_extras(schema: dict[str, Any]) -> None:
    """Allow keys that start with `x-` in the JSON Schema of a mapping."""
    schema["patternProperties"] = {"^x-": {}}
    schema["properties"].pop(EXTRAS_KEY, None)


AS_WRITTEN = object()
"""The context in which a mapping is dumped with its extras among the other keys, as its author wrote them."""


_NO_VALUES: dict[Any, Any] = {}


def get_no_values() -> dict[Any, Any]:
    """Return an empty mapping, always the same one: a large book has a hundred thousand."""
    return _NO_VALUES


_share_fields: Callable[[frozenset[str]], set[str]] = lru_cache(maxsize=4_096)(set)


class Strict(BaseModel):
    """An immutable mapping in a card without unknown keys; extra keys start with `x-`."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        model_title_generator=_make_title,
        json_schema_extra=allow_extras,
    )

    extras: Data = Field(default_factory=get_no_values, repr=False, validation_alias=EXTRAS_KEY)
    """The keys that start with `x-`, which are kept but not checked."""

    @model_validator(mode="before")
    @classmethod
    def _gather_extras(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        if not any(key.startswith("x-") for key in value):
            return value
        known = {field.alias for field in cls.model_fields.values() if field.alias}
        kept = {key: item for key, item in value.items() if not key.startswith("x-") or key in known}
        extras = {key: item for key, item in value.items() if key not in kept}
        return {**kept, EXTRAS_KEY: extras} if extras else kept

    def model_post_init(self, _context: object) -> None:
        """Share the set of the stated fields with other mappings: there are few sets, and each takes 200 bytes."""
        object.__setattr__(self, "__pydantic_fields_set__", _share_fields(frozenset(self.model_fields_set)))

    @model_serializer(mode="wrap")
    def _spread_extras(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        stated: dict[str, Any] = handler(self)
        if info.context is AS_WRITTEN:
            stated |= sorted(stated.pop("extras", {}).items())
        return stated
