"""The waves of a migration: the users in their scopes, and the waves that must be repeated."""

from collections.abc import Mapping

from generator.graph.edges import Graph
from generator.names import Ref
from generator.reads import keep_derived
from generator.schema import Migration
from generator.schema.rollouts import Wave, WaveOutcome

Scope = Mapping[str, tuple[str, ...]]
"""Values by dimension (`{city: [mysuru, pune]}`); a missing dimension and the value `all` include everyone."""

ALL = "all"
"""The value of a scope that includes everyone."""


def has_overlap(one: Scope, other: Scope) -> bool:
    """Return whether a user can be in both scopes."""
    return all(
        ALL in {*one[name], *other[name]} or not set(one[name]).isdisjoint(other[name])
        for name in one.keys() & other.keys()
    )


def is_within(small: Scope, large: Scope) -> bool:
    """Return whether every user of the first scope is in the second."""
    return all(ALL in values or (name in small and set(small[name]) <= set(values)) for name, values in large.items())


def get_wave_moves(migration: Migration, wave: Wave) -> tuple[str, ...]:
    """Return the items that move in a wave."""
    return wave.moves or migration.moves


@keep_derived("moves")
def get_moves(graph: Graph, migration: Ref) -> frozenset[str]:
    """Return the items that a migration moves."""
    card = graph.cards[migration].card
    return frozenset(card.moves if isinstance(card, Migration) else ())


def find_next_wave(migration: Migration) -> tuple[int, Wave] | None:
    """Find the first open wave, with its number from 1; None if there is no such wave."""
    return next(((number, wave) for number, wave in enumerate(migration.waves, 1) if wave.is_open), None)


def describe_scope(scope: Scope) -> str:
    """Return `city: mysuru, pune`; `everything` if the scope is not limited."""
    return "; ".join(f"{key}: {', '.join(words)}" for key, words in scope.items()) or "everything"


def describe_reversal(wave: Wave) -> str:
    """Return `was reverted after 10 minutes` or `failed`."""
    verb = "failed" if wave.outcome is WaveOutcome.FAILED else "was reverted"
    return f"{verb} after {wave.reverted_after}" if wave.reverted_after else verb


def find_unrepeated_waves(migration: Migration) -> tuple[int, ...]:
    """Find the reverted waves that no later wave repeats: with the same items, for the same users, at their traffic."""
    return tuple(
        index
        for index, wave in enumerate(migration.waves)
        if wave.is_reverted
        and not any(
            is_within(wave.scope, later.scope)
            and later.traffic >= wave.traffic
            and set(get_wave_moves(migration, wave)) <= set(get_wave_moves(migration, later))
            and (is_within(later.scope, wave.scope) or later.is_done)
            for later in migration.waves[index + 1 :]
        )
    )
