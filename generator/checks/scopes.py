"""Whom a wave reaches: `{city: [mysuru, pune]}`, compared with whom another one does."""

from collections.abc import Mapping

Scope = Mapping[str, tuple[str, ...]]
"""Values by dimension; a dimension that is left out, and the value `all`, mean everybody."""

_EVERYBODY = "all"


def overlap(one: Scope, other: Scope) -> bool:
    """Whether somebody may be in both."""
    return all(
        _EVERYBODY in {*one[name], *other[name]} or not set(one[name]).isdisjoint(other[name])
        for name in one.keys() & other.keys()
    )


def within(small: Scope, large: Scope) -> bool:
    """Whether everybody in the first is certainly in the second."""
    return all(
        _EVERYBODY in values or (name in small and set(small[name]) <= set(values)) for name, values in large.items()
    )
