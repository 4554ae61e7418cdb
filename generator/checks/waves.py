"""MB61x: the waves of a migration, from small to large."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from generator.checks.migrations import list_open_migrations
from generator.checks.rule import RuleContext, Violation, report, report_duty, report_overdue, rule
from generator.findings import Severity
from generator.graph.consumers import list_model_uses, normalize_surface
from generator.graph.waves import ALL, describe_scope, get_wave_moves, has_overlap, is_within
from generator.grouping import group_pairs
from generator.names import Ref, format_names
from generator.schema import Migration
from generator.schema.rollouts import MigrationStatus, Wave


def _list_open_waves(migration: Migration) -> Iterator[tuple[int, Wave]]:
    return ((index, wave) for index, wave in enumerate(migration.waves) if wave.is_open)


@rule("MB611", "first-wave-too-large", kinds=(Migration,))
def first_wave_too_large(context: RuleContext) -> Iterator[Violation]:
    """Checks that the first wave of each item has at most `limits.first_wave_percent` of the traffic.

    Why: if all users move at once, a mistake becomes an outage.
    Fix: add a smaller wave before it, or add `share:` with the share of all traffic that the scope has. 100 % of a city
    with `share: 2 %` is a small wave. Without `share:`, a scope with a single value counts as small, and several
    values are a note. A wave that is done is not reported.
    """
    limit = context.settings.limits.first_wave_percent
    for loaded, migration in list_open_migrations(context):
        seen = set[str]()
        for index, wave in enumerate(migration.waves):
            first = [text for text in get_wave_moves(migration, wave) if text not in seen]
            seen.update(first)
            values = [words for words in wave.scope.values() if ALL not in words]
            is_one_part = wave.share is None and any(len(words) == 1 for words in values)
            if first and wave.percent_of_all > limit and not wave.is_done and not is_one_part:
                message = f"the first wave of {', '.join(first)} has {wave.percent_of_all:g} % of the traffic"
                fix, severity = f"add a wave with at most {limit:g} % before it", Severity.ERROR
                if wave.share is None and values:
                    message = f"{message} of {describe_scope(wave.scope)}, whose share is unknown"
                    fix, severity = "add `share:` with the share of all traffic, as in `share: 5 %`", Severity.INFO
                yield report(loaded, message, fix, "waves", index, "traffic", severity=severity)


@rule("MB612", "wave-shrinks", kinds=(Migration,))
def wave_shrinks(context: RuleContext) -> Iterator[Violation]:
    """Checks that a wave has no less traffic than an earlier wave with the same items and a common scope.

    Why: users would move back, and the numbers of the two waves cannot be compared.
    Fix: order the waves by traffic. Another scope, such as the next city, can start small again.
    """
    for loaded, migration in list_open_migrations(context):
        for index, wave in _list_open_waves(migration):
            larger = [
                number
                for number, earlier in enumerate(migration.waves[:index], 1)
                if earlier.traffic > wave.traffic
                and not earlier.is_reverted
                and has_overlap(earlier.scope, wave.scope)
                and not set(get_wave_moves(migration, earlier)).isdisjoint(get_wave_moves(migration, wave))
            ]
            if larger:
                before = migration.waves[larger[-1] - 1].traffic
                message = f"wave {index + 1} has {wave.traffic:g} %, less than the {before:g} % of wave {larger[-1]}"
                yield report(loaded, message, "order the waves by traffic", "waves", index, "traffic")


@rule("MB613", "wave-skips-back", kinds=(Migration,))
def wave_skips_back(context: RuleContext) -> Iterator[Violation]:
    """Checks that a wave reaches more users than the waves before it, and is planned after them.

    Why: a wave that adds no users hides that a wave is missing.
    Fix: widen its scope, raise its traffic, or remove it. Order the waves by their dates.
    """
    for loaded, migration in list_open_migrations(context):
        for index, wave in _list_open_waves(migration):
            for number, earlier in enumerate(migration.waves[:index], 1):
                moves, moved = (set(get_wave_moves(migration, one)) for one in (wave, earlier))
                is_covered = is_within(wave.scope, earlier.scope) and moves <= moved
                if earlier.traffic == wave.traffic and is_covered and not earlier.is_reverted:
                    message = f"wave {index + 1} reaches no users that wave {number} has not reached"
                    fix = "widen its scope, raise its traffic, or remove it"
                    yield report(loaded, message, fix, "waves", index)
                    break
            before = migration.waves[index - 1].planned_on if index else None
            if wave.planned_on is not None and before is not None and wave.planned_on < before:
                message = f"wave {index + 1} is planned for {wave.planned_on}, before wave {index} on {before}"
                yield report(loaded, message, "order the waves by their dates", "waves", index, "planned_on")


@rule("MB614", "wave-done-out-of-turn", kinds=(Migration,))
def wave_done_out_of_turn(context: RuleContext) -> Iterator[Violation]:
    """Checks that no wave is done before the wave before it.

    Why: the earlier wave was meant to test the migration with less traffic.
    Fix: set `done_on:` of the earlier wave, remove it, or order the waves as they were done.
    """
    for loaded, migration in context.list_cards(Migration):
        if migration.status is MigrationStatus.ROLLED_BACK:
            continue
        for index, (before, wave) in enumerate(pairwise(migration.waves), 1):
            if before.is_reverted or not wave.is_done or wave.done_on is None:
                continue  # MB623 reports a wave that was reverted
            if before.done_on is None or before.done_on > wave.done_on:
                state = f"was done on {before.done_on}" if before.done_on else "is not done"
                message = f"wave {index + 1} was done on {wave.done_on}, but wave {index} {state}"
                yield report(loaded, message, "order the waves as they were done", "waves", index, "done_on")


@rule("MB615", "wave-overdue", Severity.WARNING, kinds=(Migration,))
def wave_overdue(context: RuleContext) -> Iterator[Violation]:
    """Checks that every wave is done by its `planned_on:`, and that a started migration has a date for its next wave.

    Why: a migration that stops half-way keeps both places running, and other projects wait for it.
    Fix: set `done_on:`, or a new `planned_on:`. A next wave without a date is reported 28 days after the last wave.
    """
    return report_overdue(context, "MB615", "set `done_on:`, or a new `planned_on:`")


@rule("MB623", "wave-reverted", Severity.WARNING, kinds=(Migration,))
def wave_reverted(context: RuleContext) -> Iterator[Violation]:
    """Checks that a wave that was reverted or failed is repeated by a later wave.

    Why: a reverted wave is not done. The next wave reaches more users with the same mistake.
    Fix: add a wave with the same scope, the same items and at least the same traffic after it, and plan it before the
    larger waves.
    """
    for loaded, duty in context.list_duties("MB623"):
        yield report_duty(loaded, duty, "add a wave with the same `scope:` after it")


@rule("MB616", "wave-done-in-the-future", Severity.WARNING, kinds=(Migration,))
def wave_done_in_the_future(context: RuleContext) -> Iterator[Violation]:
    """Checks that `done_on:` of a wave is not in the future.

    Why: a plan that is recorded as done is forgotten.
    Fix: write the planned day as `planned_on:`, and set `done_on:` once the wave is done.
    """
    for loaded, migration in context.list_cards(Migration):
        for index, wave in enumerate(migration.waves):
            if wave.done_on is not None and wave.done_on > context.today:
                message = f"wave {index + 1} of {migration.ref} is recorded as done in the future: {wave.done_on}"
                yield report(loaded, message, "write the planned day as `planned_on:`", "waves", index, "done_on")


@rule("MB617", "shared-surface", Severity.WARNING, kinds=(Migration,))
def shared_surface(context: RuleContext) -> Iterator[Violation]:
    """Checks that models on the same surface do not move in the same wave.

    Why: if the surface gets worse, the model that caused it cannot be identified.
    Fix: give each model its own waves with `moves:` in the wave.
    """
    for loaded, migration in list_open_migrations(context):
        surfaces: dict[str, dict[str, str]] = {}
        for text in migration.moves:
            ref = Ref.parse(text)
            uses = list_model_uses(context.graph, ref) if ref.kind == "model" else ()
            surfaces[text] = {normalize_surface(surface): surface for use in uses for surface in use.surfaces}
        reported: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
        for index, wave in _list_open_waves(migration):
            at_once = sorted({text for text in get_wave_moves(migration, wave) if text in surfaces})
            models = group_pairs((surface, text) for text in at_once for surface in surfaces[text])
            # The largest groups first, since models that share one surface often share others too.
            for surface, sharing in sorted(models.items(), key=lambda item: (-len(item[1]), item[0])):
                group = frozenset(sharing)
                if len(group) < 2 or any(group <= earlier for earlier in reported[sharing[0]]):
                    continue
                for text in sharing:
                    reported[text].append(group)
                listed = [*sharing] if len(sharing) <= _NAMED else [*sharing[:_NAMED], f"{len(sharing) - _NAMED} more"]
                message = (
                    f"{format_names(listed)} move in one wave and share the surface {surfaces[sharing[0]][surface]!r}"
                )
                yield report(loaded, message, "give each model its own wave", "waves", index, "moves")


_NAMED = 5
"""The models on a surface that a message names."""


@rule("MB618", "migration-without-waves", Severity.WARNING, kinds=(Migration,))
def migration_without_waves(context: RuleContext) -> Iterator[Violation]:
    """Checks that a running migration has waves.

    Why: without waves all users move at once, or the progress is unknown.
    Fix: add `waves:`, the smallest first. For a planned migration it is a note.
    """
    for loaded, migration in list_open_migrations(context):
        if not migration.waves:
            severity = Severity.WARNING if migration.status is MigrationStatus.RUNNING else Severity.INFO
            message = f"{migration.status} {migration.ref} has no waves"
            yield report(loaded, message, "add `waves:`", "status", severity=severity)


@rule("MB619", "waves-and-moves-differ", kinds=(Migration,))
def waves_and_moves_differ(context: RuleContext) -> Iterator[Violation]:
    """Checks that the waves move the items of `moves`: all of them and no others.

    Why: an item without a wave does not move, and an item that only a wave names is not checked.
    Fix: add it to a wave, or to `moves`.
    """
    for loaded, migration in context.list_cards(Migration):
        moves = set(migration.moves)
        for index, wave in enumerate(migration.waves):
            for place, text in enumerate(wave.moves):
                if text not in moves:
                    message = f"wave {index + 1} moves {text}, which `moves` does not list"
                    path = ("waves", index, "moves", place)
                    yield report(loaded, message, "add it to `moves`", *path)
        reached = {text for wave in migration.waves for text in get_wave_moves(migration, wave)}
        for place, text in enumerate(migration.moves if migration.waves else ()):
            if text not in reached:
                yield report(loaded, f"no wave of {migration.ref} moves {text}", "add it to a wave", "moves", place)
