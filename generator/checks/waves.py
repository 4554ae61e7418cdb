"""MB61x: the waves of a migration, small first and never shrinking."""

from collections.abc import Iterator
from itertools import pairwise

from generator.checks.moves import ahead
from generator.checks.rule import Facts, rule
from generator.checks.scopes import overlap, within
from generator.findings import Finding, Severity
from generator.graph.consumers import list_model_uses, normalize_surface
from generator.names import Ref
from generator.schema import Migration
from generator.schema.migration import MigrationStatus, Wave


def _moves(migration: Migration, wave: Wave) -> tuple[str, ...]:
    return wave.moves or migration.moves


@rule("MB611", "first-wave-too-large")
def first_wave_too_large(facts: Facts) -> Iterator[Finding]:
    """The first wave of everything that moves takes at most `limits.first_wave_percent` of the traffic.

    Why: a rollout that hits everybody at once turns a mistake into an outage.
    Fix: put a smaller wave before it. A wave that is done is history and is left alone.
    """
    limit = facts.settings.limits.first_wave_percent
    for loaded, migration in ahead(facts):
        seen = set[str]()
        for index, wave in enumerate(migration.waves):
            first = [text for text in _moves(migration, wave) if text not in seen]
            seen.update(first)
            if first and wave.traffic > limit and wave.done_on is None:
                message = f"{', '.join(first)}: the first wave takes {wave.traffic:g} % of the traffic at once"
                hint = f"start with at most {limit:g} %"
                yield first_wave_too_large.at(loaded.at("waves", index, "traffic"), message, hint, migration.ref)


@rule("MB612", "wave-shrinks")
def wave_shrinks(facts: Facts) -> Iterator[Finding]:
    """A wave takes no less traffic than an earlier one of the same things in the same places.

    Why: users would be moved there and back, and the numbers of the two waves cannot be compared.
    Fix: order the waves by traffic. Another place, such as the next city, may start small again.
    """
    for loaded, migration in ahead(facts):
        for index, wave in _planned(migration):
            larger = [
                number
                for number, earlier in enumerate(migration.waves[:index], 1)
                if earlier.traffic > wave.traffic
                and overlap(earlier.scope, wave.scope)
                and not set(_moves(migration, earlier)).isdisjoint(_moves(migration, wave))
            ]
            if larger:
                before = migration.waves[larger[-1] - 1].traffic
                message = f"wave {index + 1} takes {wave.traffic:g} %, less than the {before:g} % of wave {larger[-1]}"
                position = loaded.at("waves", index, "traffic")
                yield wave_shrinks.at(position, message, "order the waves by traffic", migration.ref)


@rule("MB613", "wave-skips-back")
def wave_skips_back(facts: Facts) -> Iterator[Finding]:
    """A wave reaches somebody whom the waves before it have not, and is planned after them.

    Why: a step that brings nothing new hides that a step is missing.
    Fix: widen its scope, raise its traffic, or remove it; order the waves by their days.
    """
    for loaded, migration in ahead(facts):
        for index, wave in _planned(migration):
            for number, earlier in enumerate(migration.waves[:index], 1):
                if earlier.traffic == wave.traffic and _covers(migration, earlier, wave):
                    message = f"wave {index + 1} reaches nobody whom wave {number} has not reached"
                    hint = "widen its scope, raise its traffic, or remove it"
                    yield wave_skips_back.at(loaded.at("waves", index), message, hint, migration.ref)
                    break
            before = migration.waves[index - 1].planned_on if index else None
            if wave.planned_on is not None and before is not None and wave.planned_on < before:
                message = f"wave {index + 1} is planned on {wave.planned_on}, before wave {index} on {before}"
                position = loaded.at("waves", index, "planned_on")
                yield wave_skips_back.at(position, message, "order the waves by their days", migration.ref)


def _covers(migration: Migration, earlier: Wave, wave: Wave) -> bool:
    return within(wave.scope, earlier.scope) and set(_moves(migration, wave)) <= set(_moves(migration, earlier))


def _planned(migration: Migration) -> Iterator[tuple[int, Wave]]:
    """The waves that can still be changed, with their places."""
    return ((index, wave) for index, wave in enumerate(migration.waves) if wave.done_on is None)


@rule("MB614", "wave-done-out-of-turn")
def wave_done_out_of_turn(facts: Facts) -> Iterator[Finding]:
    """No wave is done before the one before it.

    Why: a wave that was skipped did not show what it was there to show.
    Fix: set `done_on:` of the earlier wave, remove it, or put the waves into the order in which they were done.
    """
    for loaded, migration in facts.of(Migration):
        if migration.status is MigrationStatus.ROLLED_BACK:
            continue
        for index, (before, wave) in enumerate(pairwise(migration.waves), 1):
            if wave.done_on is not None and (before.done_on is None or before.done_on > wave.done_on):
                then = f"was done only on {before.done_on}" if before.done_on else "is not done"
                message = f"wave {index + 1} was done on {wave.done_on}, and wave {index} {then}"
                hint = "put the waves into the order in which they were done"
                position = loaded.at("waves", index, "done_on")
                yield wave_done_out_of_turn.at(position, message, hint, migration.ref)


@rule("MB615", "wave-overdue", Severity.WARNING)
def wave_overdue(facts: Facts) -> Iterator[Finding]:
    """Checks that every wave is done by its `planned_on:`, and that a started migration has a date for its next wave.

    Why: a migration that stops half-way keeps both places running, and other projects wait for it.
    Fix: set `done_on:`, or a new `planned_on:`. A next wave without a date is reported 28 days after the last wave.
    """
    for loaded, duty in facts.duties("MB615"):
        if duty.is_overdue:
            yield wave_overdue.report(loaded, duty, "set `done_on:`, or a new `planned_on:`")


@rule("MB616", "wave-done-in-the-future", Severity.WARNING)
def wave_done_in_the_future(facts: Facts) -> Iterator[Finding]:
    """The day on which a wave was done has come.

    Why: a plan that is written down as done is missed by nobody.
    Fix: write the plan as `planned_on:`, and `done_on:` when it is done.
    """
    for loaded, migration in facts.of(Migration):
        for index, wave in enumerate(migration.waves):
            if wave.done_on is not None and wave.done_on > facts.today:
                message = f"wave {index + 1} of {migration.ref} is called done on {wave.done_on}, which has not come"
                position = loaded.at("waves", index, "done_on")
                yield wave_done_in_the_future.at(position, message, "plans go under `planned_on:`", migration.ref)


@rule("MB617", "shared-surface", Severity.WARNING)
def shared_surface(facts: Facts) -> Iterator[Finding]:
    """Models that users see in the same place do not move in the same wave.

    Why: when that place gets worse, nobody can tell which of them it was.
    Fix: give each model waves of its own, by `moves:` in the wave.
    """
    for loaded, migration in ahead(facts):
        surfaces = {text: _surfaces(facts, text) for text in migration.moves}
        seen = set[tuple[str, str]]()
        for index, wave in _planned(migration):
            at_once = dict.fromkeys(text for text in _moves(migration, wave) if text in surfaces)
            for one, other in ((one, other) for one in at_once for other in at_once if one < other):
                common = sorted(surfaces[one].keys() & surfaces[other].keys())
                if common and (one, other) not in seen:
                    seen.add((one, other))
                    message = f"{one} and {other} move in one wave and share {surfaces[one][common[0]]!r}"
                    hint = "give each model a wave of its own"
                    yield shared_surface.at(loaded.at("waves", index, "moves"), message, hint, migration.ref)


def _surfaces(facts: Facts, text: str) -> dict[str, str]:
    """Where users see a model, as it is written, by the same without regard to case and spaces."""
    ref = Ref.parse(text)
    uses = list_model_uses(facts.graph, ref) if ref.kind == "model" else ()
    return {normalize_surface(surface): surface for use in uses for surface in use.surfaces}


@rule("MB618", "migration-without-waves", Severity.WARNING)
def migration_without_waves(facts: Facts) -> Iterator[Finding]:
    """A migration that runs goes in waves.

    Why: without them it hits everybody at once, or nobody can tell how far it is.
    Fix: add `waves:`, small first. While it is only planned, it is a note.
    """
    for loaded, migration in ahead(facts):
        if not migration.waves:
            severity = Severity.WARNING if migration.status is MigrationStatus.RUNNING else Severity.INFO
            message = f"{migration.ref} is {migration.status} without waves"
            position = loaded.at("status")
            yield migration_without_waves.at(position, message, "add `waves:`", migration.ref, severity)


@rule("MB619", "waves-and-moves-differ")
def waves_and_moves_differ(facts: Facts) -> Iterator[Finding]:
    """The waves move what `moves` lists: all of it and nothing else.

    Why: what is in no wave never moves, and what only a wave names is checked by nobody.
    Fix: add it to a wave, or to `moves`.
    """
    for loaded, migration in facts.of(Migration):
        for index, wave in enumerate(migration.waves):
            for place, text in enumerate(wave.moves):
                if text not in migration.moves:
                    message = f"{text} moves in wave {index + 1}, and `moves` does not list it"
                    position = loaded.at("waves", index, "moves", place)
                    yield waves_and_moves_differ.at(position, message, "add it to `moves`", migration.ref)
        reached = {text for wave in migration.waves for text in _moves(migration, wave)}
        for place, text in enumerate(migration.moves if migration.waves else ()):
            if text not in reached:
                message = f"{text} is in none of the waves of {migration.ref}"
                yield waves_and_moves_differ.at(loaded.at("moves", place), message, "add it to a wave", migration.ref)


RULES = (
    first_wave_too_large, wave_shrinks, wave_skips_back, wave_done_out_of_turn, wave_overdue, wave_done_in_the_future,
    shared_surface, migration_without_waves, waves_and_moves_differ,
)  # fmt: skip
