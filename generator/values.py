"""The base of values that a build makes by the thousand."""

import msgspec


class FrozenValue(msgspec.Struct, frozen=True, gc=False):
    """A frozen value without references back to itself.

    It is made in an eighth of the time of a frozen dataclass, and the search for reference cycles ignores it.
    """
