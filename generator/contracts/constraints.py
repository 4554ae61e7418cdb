"""What limits a value, in words for a table."""

from collections.abc import Callable

from generator.contracts.data import Data
from generator.contracts.validator import shortened

_MOST_CHOICES = 8

_TELLERS: tuple[tuple[str, Callable[[Data], str]], ...] = (
    ("minimum", lambda value: f"at least {shortened(value)}"),
    ("exclusiveMinimum", lambda value: f"more than {shortened(value)}"),
    ("maximum", lambda value: f"at most {shortened(value)}"),
    ("exclusiveMaximum", lambda value: f"less than {shortened(value)}"),
    ("multipleOf", lambda value: f"a multiple of {shortened(value)}"),
)
_CONDITIONS = ("if", "not", "dependentRequired", "dependentSchemas", "contains", "propertyNames")


def constraints(keywords: dict[str, Data]) -> tuple[str, ...]:
    """The limits that a schema's own keywords set, in a fixed order; senseless values are shown as they are."""
    told = [f"always {shortened(keywords['const'])}"] if "const" in keywords else []
    choices = keywords.get("enum")
    if isinstance(choices, list):
        told.append(_choices(choices))
    told += [tell(keywords[keyword]) for keyword, tell in _TELLERS if keyword in keywords]
    told += _between(keywords, "minLength", "maxLength", "character")
    told += _between(keywords, "minItems", "maxItems", "item")
    told += _between(keywords, "minProperties", "maxProperties", "field")
    if isinstance(keywords.get("pattern"), str):
        told.append(f"matches {keywords['pattern']}")
    flags = (
        ("uniqueItems", "no item twice"),
        ("deprecated", "deprecated"),
        ("readOnly", "only in answers"),
        ("writeOnly", "only in requests"),
    )
    told += [words for keyword, words in flags if keywords.get(keyword) is True]
    if keywords.get("additionalProperties") is False and "properties" in keywords:
        told.append("no other fields")
    if any(keyword in keywords for keyword in _CONDITIONS):
        told.append("further conditions apply")
    return (*told, *_values(keywords))


def _choices(choices: list[Data]) -> str:
    shown = ", ".join(shortened(choice) for choice in choices[:_MOST_CHOICES])
    return f"one of {shown}" + (f" and {len(choices) - _MOST_CHOICES} more" if len(choices) > _MOST_CHOICES else "")


def _between(keywords: dict[str, Data], least: str, most: str, what: str) -> list[str]:
    low, high = keywords.get(least), keywords.get(most)
    if low is None and high is None:
        return []
    if low == high or high is None or low is None:
        number = high if low is None else low
        lead = "" if low == high else "at most " if low is None else "at least "
        return [f"{lead}{shortened(number)} {what}{'' if number == 1 else 's'}"]
    return [f"{shortened(low)} to {shortened(high)} {what}s"]


def _values(keywords: dict[str, Data]) -> list[str]:
    """The default and the first example."""
    told = [f"default {shortened(keywords['default'])}"] if "default" in keywords else []
    examples = keywords.get("examples")
    if isinstance(examples, list) and examples:
        told.append(f"for example {shortened(examples[0])}")
    elif "example" in keywords:  # OpenAPI 3.0 has one example under this name
        told.append(f"for example {shortened(keywords['example'])}")
    return told
