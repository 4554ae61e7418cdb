"""The declaration of the cards, read: which keys a mapping has, and what each of them takes in plain words."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache, cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from generator.schema.base import InWords, RefersTo, Strict
from generator.schema.card import Card

Step = str | int
"""One step of a path into a card: a key, or an index of a list."""


@dataclass(frozen=True)
class Key:
    """One key of a mapping, as its author writes it."""

    name: str
    info: FieldInfo
    required: bool
    description: str

    @property
    def annotation(self) -> Any:  # noqa: ANN401 - annotations have no type
        """The declared type with everything that is said about it."""
        return Annotated[self.info.annotation, *self.info.metadata] if self.info.metadata else self.info.annotation

    @cached_property
    def words(self) -> str:
        """What it takes, in plain words: `list of model names`."""
        return _words(self.annotation).one


@cache
def keys(model: type[Strict]) -> Mapping[str, Key]:
    """The keys that a mapping may have, in the order of their declaration, without the author's own extras."""
    fields = {info.alias or name: (name, info) for name, info in model.model_fields.items() if name != "extras"}
    return {
        written: Key(written, info, _required(model, written, info), info.description or _inherited(model, name))
        for written, (name, info) in fields.items()
    }


def key_at(model: type[Strict], path: tuple[Step, ...]) -> Key | None:
    """The declared key at a path into a card; None where nothing is declared."""
    owner = model_at(model, path[:-1])
    return keys(owner).get(str(path[-1])) if owner and path else None


def model_at(model: type[Strict], path: tuple[Step, ...]) -> type[Strict] | None:
    """The mapping that is declared at a path into a card; None where there is another type."""
    annotation: Any = model
    for step in path:
        owner = model_in(annotation)
        if owner is not None and isinstance(step, str):
            key = keys(owner).get(step)
            annotation = key.info.annotation if key else None
        else:
            annotation = _item(annotation)
    return model_in(annotation)


def refers_to_at(model: type[Strict], path: tuple[Step, ...]) -> RefersTo | None:
    """Return what the text at a path refers to, itself or as an item of a list; None if it is no reference."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    key = key_at(model, path)
    pending = [key.annotation] if key else []
    for annotation in pending:
        marks = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, RefersTo)]
        if marks:
            return marks[0]
        pending += get_args(annotation)
    return None


def model_in(annotation: Any) -> type[Strict] | None:  # noqa: ANN401 - annotations have no type
    """The mapping that a type is, or may be."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    if get_origin(annotation) in {Union, types.UnionType, Annotated}:
        return next((model for part in get_args(annotation) if (model := model_in(part))), None)
    return None


def nested(annotation: Any) -> Iterator[tuple[str, type[Strict]]]:  # noqa: ANN401 - annotations have no type
    """The mappings within a type, each with what leads to it: nothing, `[]` of a list, `.*` of a mapping."""
    model = model_in(annotation)
    item = _item(annotation)
    if model is not None:
        yield "", model
    elif item is not None:
        step = ".*" if _bare(annotation, dict) else "[]"
        yield from ((f"{step}{rest}", inner) for rest, inner in nested(item))


def choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - annotations have no type
    """The words that a type allows, when it allows only these."""
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(word.value) for word in annotation)
    if get_origin(annotation) in {Union, types.UnionType, Annotated}:
        return next((words for part in get_args(annotation) if (words := choices(part))), ())
    return ()


def _required(model: type[Strict], written: str, info: FieldInfo) -> bool:
    if issubclass(model, Card) and written in {"kind", "id"}:
        return written == "kind"  # the text must say it, though the class knows; the file's name can stand for an id
    return info.is_required()


def _inherited(model: type[Strict], name: str) -> str:
    parents = (parent.model_fields.get(name) for parent in model.__mro__ if issubclass(parent, Strict))
    return next((info.description for info in parents if info and info.description), "")


def _bare(annotation: Any, origin: type) -> bool:  # noqa: ANN401 - annotations have no type
    if get_origin(annotation) in {Union, types.UnionType, Annotated}:
        return any(_bare(part, origin) for part in get_args(annotation))
    return get_origin(annotation) is origin


def _item(annotation: Any) -> Any:  # noqa: ANN401 - annotations have no type
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return next((item for part in parts if (item := _item(part)) is not None), None)
    if origin is Annotated:
        return _item(parts[0])
    if origin in {tuple, list}:
        return parts[0]
    return parts[1] if origin is dict else None


def _words(annotation: Any) -> InWords:  # noqa: ANN401 - annotations have no type
    origin, parts = get_origin(annotation), get_args(annotation)
    if words := choices(annotation):
        return _choice(words)
    if origin is Annotated:
        return _annotated(parts[0], parts[1:])
    if origin in {Union, types.UnionType}:
        kinds = [_words(part) for part in parts if part is not type(None)]
        comma = "," if any(" or " in kind.one for kind in kinds) else ""
        return InWords(
            f"{comma} or ".join(kind.one for kind in kinds), f"{comma} or ".join(kind.many for kind in kinds)
        )
    if origin in {tuple, list}:
        return InWords(f"list of {_words(parts[0]).many}", f"lists of {_words(parts[0]).many}")
    if origin is dict:
        rest = f"from {_words(parts[0]).one} to {_words(parts[1]).one}"
        return InWords(f"mapping {rest}", f"mappings {rest}")
    return _simple(annotation)


def _choice(words: tuple[str, ...]) -> InWords:
    if len(words) == 1:
        return InWords(f"the word {words[0]}", f"the word {words[0]}")
    choice = ", ".join(words)
    return InWords(f"one of {choice}", f"words of {choice}")


def _simple(annotation: Any) -> InWords:  # noqa: ANN401 - annotations have no type
    if model_in(annotation):
        return InWords("mapping", "mappings")
    known = {
        str: InWords("text", "texts"),
        date: InWords("day", "days"),
        bool: InWords("true or false", "true or false"),
    }
    return known.get(annotation, InWords("any data", "any data"))


def _annotated(base: Any, metadata: tuple[Any, ...]) -> InWords:  # noqa: ANN401 - annotations have no type
    refers = next((item for item in metadata if isinstance(item, RefersTo)), None)
    if refers is not None:
        return _reference(refers)
    for item in metadata:
        if isinstance(item, InWords):
            return item
        if isinstance(item, BeforeValidator) and get_origin(item.json_schema_input_type) in {Union, types.UnionType}:
            return _words(item.json_schema_input_type)
    return _words(base)


def _reference(refers: RefersTo) -> InWords:
    if refers.prefixed:
        forms = " or ".join(f"{kind}:id" for kind in refers.kinds or ("kind",))
        return InWords(f"reference {forms}", f"references {forms}")
    kinds = " or ".join(refers.kinds)
    return InWords(f"{kinds} id", f"{kinds} ids")
