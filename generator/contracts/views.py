"""One level of a JSON Schema as a reader sees it: references followed, `allOf` merged, null apart from the types."""

from dataclasses import dataclass

from generator.contracts.data import Data, Schema, resolve_reference

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


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A schema with everything that applies at its own level gathered in one place."""

    keywords: dict[str, Data]
    types: tuple[str, ...]
    """Its JSON types without null, as written or as the other keywords imply; () for any."""
    nullable: bool
    alternatives: tuple[Schema, ...]
    """What `oneOf` and `anyOf` offer, null left out; () where there is no choice."""
    entered: frozenset[str]
    """The references followed on the way here, this level's included."""
    repeats: str | None = None
    """The reference that leads back to a level above: following it would never end."""
    outside: str | None = None
    """A reference that leads out of the document, or nowhere."""
    never: bool = False
    """Whether the schema is False: nothing is valid."""

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the fields that must be there."""
        names = self.keywords.get("required")
        return tuple(map(str, names)) if isinstance(names, list) else ()

    @property
    def properties(self) -> dict[str, Data]:
        """The schemas of the fields that it describes."""
        fields = self.keywords.get("properties")
        return fields if isinstance(fields, dict) else {}


@dataclass(slots=True)
class _Gathering:
    """What has been merged so far."""

    keywords: dict[str, Data]
    alternatives: list[Schema]
    entered: set[str]
    repeats: str | None = None
    outside: str | None = None
    never: bool = False
    nullable: bool = False


def build_view(document: Data, schema: Data, entered: frozenset[str] = frozenset()) -> SchemaView:
    """The schema at one level; `entered` holds the references that were followed to get here. Never recurses."""
    gathering = _Gathering({}, [], set(entered))
    waiting: list[Data] = [schema]
    for _ in range(_MOST_PARTS):
        if not waiting:
            alone = _only_alternative(gathering)
            if alone is None:
                break
            waiting.append(alone)
        _gather(document, waiting.pop(0), gathering, waiting, entered)
    types, nullable = _types(gathering.keywords)
    return SchemaView(
        gathering.keywords,
        types,
        nullable or gathering.nullable,
        tuple(gathering.alternatives),
        frozenset(gathering.entered),
        gathering.repeats,
        gathering.outside,
        gathering.never,
    )


def _gather(document: Data, schema: Data, gathering: _Gathering, waiting: list[Data], above: frozenset[str]) -> None:
    """Merge one part; what it refers to joins the parts that wait."""
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
    _merge(gathering.keywords, schema)


def _only_alternative(gathering: _Gathering) -> Schema | None:
    """The one thing that is left of a choice between it and null, taken out of the choice."""
    return gathering.alternatives.pop() if gathering.nullable and len(gathering.alternatives) == 1 else None


def _merge(keywords: dict[str, Data], part: dict[str, Data]) -> None:
    """Add a part's keywords: fields and required names are joined, for the rest the outermost counts."""
    for keyword, value in part.items():
        known = keywords.get(keyword)
        if keyword not in keywords:
            keywords[keyword] = value
        elif keyword in {"properties", "patternProperties"} and isinstance(known, dict) and isinstance(value, dict):
            both: dict[str, Data] = {name: {"allOf": [known[name], value[name]]} for name in known if name in value}
            keywords[keyword] = {**known, **value, **both}
        elif keyword == "required" and isinstance(known, list) and isinstance(value, list):
            keywords[keyword] = known + [name for name in value if name not in known]


def _types(keywords: dict[str, Data]) -> tuple[tuple[str, ...], bool]:
    """The types without null, and whether null is one of them."""
    written = keywords.get("type")
    names = [written] if isinstance(written, str) else written if isinstance(written, list) else None
    if names is None:
        names = _implied_types(keywords)
    types = tuple(dict.fromkeys(str(name) for name in names if name != "null"))
    return types, "null" in names


def _implied_types(keywords: dict[str, Data]) -> list[Data]:
    """The types that the other keywords tell: those of the values that they list, or of what they limit."""
    values = keywords.get("enum")
    if "const" in keywords:
        values = [keywords["const"]]
    if isinstance(values, list):
        return list(dict.fromkeys(get_json_type(value) for value in values[:1_000]))
    for name, signs in _IMPLIED:
        if any(sign in keywords for sign in signs):
            return [name]
    return []


def get_json_type(value: Data) -> str:
    """The name that JSON Schema has for a value's type."""
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "null")
