"""The declared keys of a card, paths to them, their types as text, and the reference documentation of all kinds."""

import ast
import re
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache, cached_property
from inspect import cleandoc, getdoc, getsource
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from generator.schema import KINDS, Card
from generator.schema.base import RefersTo, Strict, TypeLabel
from generator.values import FrozenValue

Step = str | int
"""One step of a path into a card: a key, or an index of a list."""

_UNIONS = frozenset({Union, types.UnionType})


@dataclass(frozen=True)
class Key:
    """One key of a mapping, as its author writes it."""

    name: str
    field: str
    """The attribute of the mapping."""
    info: FieldInfo
    required: bool
    model: type[Strict]
    """The mapping that has the key."""

    @cached_property
    def description(self) -> str:
        """The text below its declaration, or below that of a key that it overrides."""
        parents = (parent for parent in self.model.__mro__ if issubclass(parent, Strict))
        texts = (_read_descriptions(parent.__module__).get((parent.__name__, self.field)) for parent in parents)
        return next(filter(None, texts), "")

    @property
    def annotation(self) -> Any:  # noqa: ANN401 - annotations have no type
        """The declared type with its metadata."""
        return Annotated[self.info.annotation, *self.info.metadata] if self.info.metadata else self.info.annotation

    @cached_property
    def words(self) -> str:
        """The type as text: `list of model ids`."""
        return _label_type(self.annotation).one


@cache
def get_keys(model: type[Strict]) -> Mapping[str, Key]:
    """Return the keys of a mapping in the order of their declaration, without the extras of its author."""
    keys: dict[str, Key] = {}
    for name, info in model.model_fields.items():
        if name == "extras":
            continue
        written, required = info.alias or name, info.is_required()
        if issubclass(model, Card) and written in {"kind", "id"}:
            required = written == "kind"  # the class has a default for `kind`; the file name replaces a missing id
        keys[written] = Key(written, name, info, required, model)
    return keys


@cache
def _read_descriptions(module: str) -> Mapping[tuple[str, str], str]:
    """Return the texts below the attributes of the classes in a module, by the names of the class and the attribute.

    Pydantic would read them whenever it makes a class, which takes a tenth of the time of a short command.
    """
    found: dict[tuple[str, str], str] = {}
    for statement in ast.parse(getsource(sys.modules[module])).body:
        if isinstance(statement, ast.ClassDef):
            for field, text in pairwise(statement.body):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(value))):
                        found[statement.name, name] = cleandoc(value)
    return found


def find_key(model: type[Strict], path: tuple[Step, ...]) -> Key | None:
    """Return the key at a path into a card; None if no key is declared there."""
    owner = find_mapping(model, path[:-1])
    return get_keys(owner).get(str(path[-1])) if owner and path else None


def find_mapping(model: type[Strict], path: tuple[Step, ...]) -> type[Strict] | None:
    """Return the mapping at a path into a card; None if another type is declared there."""
    annotation: Any = model
    for step in path:
        owner = get_mapping_type(annotation)
        if owner is not None and isinstance(step, str):
            key = get_keys(owner).get(step)
            annotation = key.info.annotation if key else None
        else:
            annotation = _get_item_type(annotation)[1]
    return get_mapping_type(annotation)


def find_reference_mark(model: type[Strict], path: tuple[Step, ...]) -> RefersTo | None:
    """Return the mark of the text at a path, itself or as an item of a list; None if it is no reference."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    key = find_key(model, path)
    return get_reference_mark(key.annotation) if key else None


def get_reference_mark(annotation: Any) -> RefersTo | None:  # noqa: ANN401 - annotations have no type
    """Return the mark of a type, of its items or of its values; None if they are no references."""
    if isinstance(annotation, RefersTo):
        return annotation
    return next((mark for part in get_args(annotation) if (mark := get_reference_mark(part))), None)


def get_mapping_type(annotation: Any) -> type[Strict] | None:  # noqa: ANN401 - annotations have no type
    """Return the mapping that a type is or may be."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    if get_origin(annotation) in {*_UNIONS, Annotated}:
        return next((model for part in get_args(annotation) if (model := get_mapping_type(part))), None)
    return None


def list_nested_mappings(annotation: Any) -> Iterator[tuple[str, type[Strict]]]:  # noqa: ANN401 - annotations have no type
    """List the mappings in a type, each with its path: "", `[]` for the items of a list, `.*` for values."""
    model = get_mapping_type(annotation)
    step, item = _get_item_type(annotation)
    if model is not None:
        yield "", model
    elif item is not None:
        yield from ((f"{step}{rest}", inner) for rest, inner in list_nested_mappings(item))


def list_choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - annotations have no type
    """List the words that a type allows; empty if it allows other values."""
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(word.value) for word in annotation)
    if get_origin(annotation) in {*_UNIONS, Annotated}:
        return next((words for part in get_args(annotation) if (words := list_choices(part))), ())
    return ()


def _get_item_type(annotation: Any) -> tuple[str, Any]:  # noqa: ANN401 - annotations have no type
    """Return the type of the items of a list or of the values of a mapping, with their step; None if it has none."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in _UNIONS:
        return next((item for part in parts if (item := _get_item_type(part))[1] is not None), ("", None))
    if origin is Annotated:
        return _get_item_type(parts[0])
    if origin in {tuple, list}:
        return "[]", parts[0]
    return (".*", parts[1]) if origin is dict else ("", None)


def _label_type(annotation: Any) -> TypeLabel:  # noqa: ANN401 - annotations have no type
    origin, parts = get_origin(annotation), get_args(annotation)
    if words := list_choices(annotation):
        choice = ", ".join(words)
        if len(words) == 1:
            return TypeLabel(f"the word {choice}", f"the word {choice}")
        return TypeLabel(f"one of {choice}", f"words of {choice}")
    if origin is Annotated:
        return _label_annotated(parts[0], parts[1:])
    if origin in _UNIONS:
        labels = [_label_type(part) for part in parts if part is not type(None)]
        separator = ", or " if any(" or " in label.one for label in labels) else " or "
        return TypeLabel(separator.join(one.one for one in labels), separator.join(one.many for one in labels))
    if origin in {tuple, list}:
        items = _label_type(parts[0]).many
        return TypeLabel(f"list of {items}", f"lists of {items}")
    if origin is dict:
        ends = f"from {_label_type(parts[0]).one} to {_label_type(parts[1]).one}"
        return TypeLabel(f"mapping {ends}", f"mappings {ends}")
    if get_mapping_type(annotation):
        return TypeLabel("mapping", "mappings")
    labels_by_type = {str: TypeLabel("text", "texts"), date: TypeLabel("day", "days")}
    return labels_by_type.get(annotation, TypeLabel("any data", "any data"))


def _label_annotated(base: Any, metadata: tuple[Any, ...]) -> TypeLabel:  # noqa: ANN401 - annotations have no type
    mark = next((item for item in metadata if isinstance(item, RefersTo)), None)
    if mark is not None and mark.prefixed:
        forms = " or ".join(f"{kind}:id" for kind in mark.kinds or ("kind",))
        return TypeLabel(f"reference {forms}", f"references {forms}")
    if mark is not None:
        kinds = " or ".join(mark.kinds)
        return TypeLabel(f"{kinds} id", f"{kinds} ids")
    for item in metadata:
        if isinstance(item, TypeLabel):
            return item
        if isinstance(item, BeforeValidator) and get_origin(item.json_schema_input_type) in _UNIONS:
            return _label_type(item.json_schema_input_type)
    return _label_type(base)


class FieldDoc(FrozenValue):
    """One field of a card in the reference documentation."""

    path: str
    """From the root of the card: `consumers[].why`; `.*` is a key that the author chooses."""
    type: str
    """Its type as text."""
    required: bool
    """Whether it is required if the mapping around it is there."""
    default: str
    """The value if it is omitted; empty if the field has no default."""
    description: str


class KindDoc(FrozenValue):
    """One kind of card with all its fields, each followed by the fields in it."""

    kind: str
    description: str
    fields: tuple[FieldDoc, ...]


def list_kind_docs() -> tuple[KindDoc, ...]:
    """List the kinds with their fields, in the order of the site."""
    return tuple(KindDoc(kind, getdoc(model) or "", tuple(_list_field_docs(model))) for kind, model in KINDS.items())


def _list_field_docs(model: type[Strict], prefix: str = "") -> Iterator[FieldDoc]:
    for key in get_keys(model).values():
        path = f"{prefix}{key.name}"
        default = None if key.required else key.info.default
        text = default.value if isinstance(default, Enum) else default
        yield FieldDoc(path, key.words, key.required, text if isinstance(text, str) else "", key.description)
        for step, inner in list_nested_mappings(key.annotation):
            yield from _list_field_docs(inner, f"{path}{step}.")


def to_pointer(steps: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer (RFC 6901) of the steps to a value; "" is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def parse_pointer(text: str) -> tuple[str, ...]:
    """Return the steps of a JSON Pointer; text before the first slash is ignored."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def parse_list_index(step: str, length: int) -> int | None:
    """Return a step of a pointer as an index into a list of that length; None if it is not one."""
    is_index = re.fullmatch(r"0|[1-9][0-9]{0,8}", step) is not None
    return int(step) if is_index and int(step) < length else None
