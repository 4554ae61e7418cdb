"""The constraints of a JSON Schema as text."""

from collections.abc import Sequence

from generator.contracts.data import Data, format_value

_MOST_CHOICES = 8
LIMITS: dict[str, tuple[str, str]] = {
    "minimum": ("at least", ""),
    "exclusiveMinimum": ("more than", ""),
    "maximum": ("at most", ""),
    "exclusiveMaximum": ("less than", ""),
    "multipleOf": ("a multiple of", ""),
    "minLength": ("at least", "character"),
    "maxLength": ("at most", "character"),
    "minItems": ("at least", "item"),
    "maxItems": ("at most", "item"),
    "minProperties": ("at least", "field"),
    "maxProperties": ("at most", "field"),
}
"""The keywords that limit a value, each with its comparison and its unit."""
_RANGES = (("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"))
_FLAGS = (
    ("uniqueItems", "no item twice"),
    ("deprecated", "deprecated"),
    ("readOnly", "only in answers"),
    ("writeOnly", "only in requests"),
)
_CONDITIONS = ("if", "not", "dependentRequired", "dependentSchemas", "contains", "propertyNames")


def describe_limit(keyword: str, limit: Data) -> str:
    """Return a limit as text: `at least 0`, `at most 1 character`."""
    comparison, unit = LIMITS[keyword]
    return f"{comparison} {_format_amount(limit, unit)}"


def list_choices(choices: Sequence[object]) -> str:
    """Return the values of `enum`, separated by commas; the first eight if there are more."""
    shown = ", ".join(format_value(choice) for choice in choices[:_MOST_CHOICES])
    return f"{shown} and {len(choices) - _MOST_CHOICES} more" if len(choices) > _MOST_CHOICES else shown


def describe_constraints(keywords: dict[str, Data]) -> tuple[str, ...]:
    """Return the limits that a schema's own keywords set, in a fixed order; invalid values are shown as they are."""
    texts = [f"always {format_value(keywords['const'])}"] if "const" in keywords else []
    choices = keywords.get("enum")
    if isinstance(choices, list):
        texts.append(f"one of {list_choices(choices)}")
    amounts = [name for name, (_, unit) in LIMITS.items() if not unit]
    texts += [describe_limit(name, keywords[name]) for name in amounts if name in keywords]
    for lower, upper in _RANGES:
        unit = LIMITS[lower][1]
        low, high = keywords.get(lower), keywords.get(upper)
        if low is not None and high is not None:
            text = "" if low == high else f"{format_value(low)} to "
            texts.append(f"{text}{_format_amount(high, unit)}")
        else:
            texts += [describe_limit(name, keywords[name]) for name in (lower, upper) if keywords.get(name) is not None]
    if isinstance(keywords.get("pattern"), str):
        texts.append(f"matches {keywords['pattern']}")
    texts += [text for keyword, text in _FLAGS if keywords.get(keyword) is True]
    if keywords.get("additionalProperties") is False and "properties" in keywords:
        texts.append("no other fields")
    if any(keyword in keywords for keyword in _CONDITIONS):
        texts.append("further conditions apply")
    if "default" in keywords:
        texts.append(f"default {format_value(keywords['default'])}")
    examples = keywords.get("examples")
    if isinstance(examples, list) and examples:
        texts.append(f"for example {format_value(examples[0])}")
    elif "example" in keywords:  # OpenAPI 3.0 has one example, under this name
        texts.append(f"for example {format_value(keywords['example'])}")
    return tuple(texts)


def _format_amount(number: Data, unit: str) -> str:
    return f"{format_value(number)} {unit}{'' if number == 1 else 's'}" if unit else format_value(number)
