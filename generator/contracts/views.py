"""One level of a JSON Schema with references resolved and `allOf` merged."""

from dataclasses import dataclass

from generator.contracts.data import Data, Schema, resolve_reference
from generator.values import FrozenValue

_MOST_PARTS = 200
_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_IMPLIED = (
    ("object", ("properties", "patternProperties", "additionalProperties", "required")),
    ("array", ("items", "prefixItems", "contains", "minItems", "maxItems")),
    ("string", ("pattern", "minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)


class SchemaView(FrozenValue):
    """The keywords that apply at one level of a schema, merged."""

    keywords: dict[str, Data]
    types: tuple[str, ...]
    """Its JSON types without null, as written or as the other keywords imply; () for any."""
    nullable: bool
    alternatives: tuple[Schema, ...]
    """The alternatives of `oneOf` and `anyOf` except null; () without alternatives."""
    entered: frozenset[str]
    """The references followed to this level, including its own."""
    repeats: str | None = None
    """The reference to a level above, which would never end."""
    outside: str | None = None
    """An unresolved reference, or one to another document."""
    never: bool = False
    """Whether the schema is False: nothing is valid."""

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required fields."""
        names = self.keywords.get("required")
        return tuple(map(str, names)) if isinstance(names, list) else ()

    @property
    def properties(self) -> dict[str, Data]:
        """The schemas of the fields."""
        fields = self.keywords.get("properties")
        return fields if isinstance(fields, dict) else {}


@dataclass(slots=True)
class _Gathering:
    """The keywords merged so far."""

    keywords: dict[str, Data]
    alternatives: list[Schema]
    entered: set[str]
    repeats: str | None = None
    outside: str | None = None
    never: bool = False
    nullable: bool = False


def build_view(document: Data, schema: Data, entered: frozenset[str] = frozenset()) -> SchemaView:
    """Return a schema at one level, without recursion; `entered` are the references followed to it."""
    gathering = _Gathering({}, [], set(entered))
    waiting: list[Data] = [schema]
    for _ in range(_MOST_PARTS):
        if not waiting:
            if not gathering.nullable or len(gathering.alternatives) != 1:
                break
            waiting.append(gathering.alternatives.pop())  # null is the only other one
        _add_part(document, waiting.pop(0), gathering, waiting, entered)
    names = _list_types(gathering.keywords)
    return SchemaView(
        gathering.keywords,
        tuple(dict.fromkeys(name for name in names if name != "null")),
        gathering.nullable or "null" in names,
        tuple(gathering.alternatives),
        frozenset(gathering.entered),
        gathering.repeats,
        gathering.outside,
        gathering.never,
    )


def _add_part(document: Data, schema: Data, gathering: _Gathering, waiting: list[Data], above: frozenset[str]) -> None:
    """Merge one part; the targets of its references are appended to `waiting`."""
    if not isinstance(schema, dict):
        gathering.never = gathering.never or schema is False
        return
    reference = schema.get("$ref", schema.get("$dynamicRef"))
    if isinstance(reference, str):
        target = resolve_reference(document, reference)
        if reference in above:
            gathering.repeats = reference
        elif target is None:
            gathering.outside = reference
        elif reference not in gathering.entered:
            gathering.entered.add(reference)
            waiting.append(target)
    parts = schema.get("allOf")
    waiting.extend(parts if isinstance(parts, list) else [])
    for keyword in ("oneOf", "anyOf"):
        options = schema.get(keyword)
        for option in options if isinstance(options, list) else []:
            if isinstance(option, dict) and (option.get("type") == "null" or option.get("const", 0) is None):
                gathering.nullable = True
            elif isinstance(option, dict | bool):
                gathering.alternatives.append(option)
    _merge_keywords(gathering.keywords, schema)


def _merge_keywords(keywords: dict[str, Data], part: dict[str, Data]) -> None:
    """Add the keywords of a part: fields and required names are joined, others keep the outermost value."""
    for keyword, value in part.items():
        known = keywords.get(keyword)
        if keyword not in keywords:
            keywords[keyword] = value
        elif keyword in {"properties", "patternProperties"} and isinstance(known, dict) and isinstance(value, dict):
            both: dict[str, Data] = {name: {"allOf": [known[name], value[name]]} for name in known if name in value}
            keywords[keyword] = {**known, **value, **both}
        elif keyword == "required" and isinstance(known, list) and isinstance(value, list):
            keywords[keyword] = known + [name for name in value if name not in known]


def _list_types(keywords: dict[str, Data]) -> list[str]:
    """List the types as written, else as the other keywords imply them by their values or by their kind."""
    written = keywords.get("type")
    if isinstance(written, str | list):
        return [written] if isinstance(written, str) else list(map(str, written))
    values = [keywords["const"]] if "const" in keywords else keywords.get("enum")
    if isinstance(values, list):
        kinds = ((name for kind, name in _JSON_TYPES if isinstance(value, kind)) for value in values[:1_000])
        return [next(names, "null") for names in kinds]
    return [name for name, signs in _IMPLIED if any(sign in keywords for sign in signs)][:1]
