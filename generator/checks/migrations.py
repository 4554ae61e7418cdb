"""MB60x and MB62x: the items that a migration moves, their order, the fallback, and the state of a book after it."""

import re
from collections.abc import Collection, Iterator, Mapping

from generator.checks.field_paths import find_missing_step, list_field_types, list_required_fields
from generator.checks.lifecycle import report_retired_fallbacks
from generator.checks.rule import RuleContext, Violation, report, report_at_key, report_duty, rule
from generator.contracts.data import Data
from generator.evidence.file_classes import classify_path
from generator.evidence.records import CodeUse, FileClass, NameKind
from generator.findings import Severity
from generator.graph.consumers import list_model_uses
from generator.graph.dependencies import compute_order, find_order_violations
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Migration, Model

_HARD_CODED = re.compile(r"\bhard[- ]?coded\b", re.IGNORECASE)


def list_open_migrations(context: RuleContext) -> Iterator[tuple[LoadedCard, Migration]]:
    """List the migrations whose plan can still change; the others are history."""
    return ((loaded, card) for loaded, card in context.list_cards(Migration) if card.is_open)


def list_migrated_refs(migration: Migration) -> tuple[Ref, ...]:
    """List the items that move, in the order of the card, without duplicates."""
    return tuple(dict.fromkeys(Ref.parse(text) for text in migration.moves))


_Place = tuple[int, tuple[str | int, ...]]
"""The time at which an item moves, and the path of the item in the card."""


@rule("MB601", "moves-against-the-flows", kinds=(Migration,))
def moves_against_the_flows(context: RuleContext) -> Iterator[Violation]:
    """Checks that `moves` and the waves follow the order of the dependencies.

    Why: a model that moves before its feature view still reads from the old place, which shows only when the old place
    is switched off.
    Fix: move the dependency first. `modelbook order MIGRATION` prints the whole order with its reasons. Items that
    depend on each other can have any order.
    """
    for loaded, migration in list_open_migrations(context):
        order = compute_order(context.graph, list_migrated_refs(migration))
        in_moves: dict[Ref, _Place] = {}
        for index, text in enumerate(migration.moves):
            in_moves.setdefault(Ref.parse(text), (index, ("moves", index)))
        for places in (in_moves, _list_wave_places(migration)):
            numbers = {ref: number for ref, (number, _) in places.items()}
            for one in find_order_violations(context.graph, order, numbers):
                path = places[one.moved][1]
                yield report(loaded, str(one), f"move {one.needs} first", *path)


def _list_wave_places(migration: Migration) -> Mapping[Ref, _Place]:
    """Return the first wave of each item, unless it is done; the items of one wave have no order."""
    found: dict[Ref, _Place] = {}
    for number, wave in enumerate(migration.waves):
        for index, text in enumerate(wave.moves):
            found.setdefault(Ref.parse(text), (number, ("waves", number, "moves", index)))
        for text in () if wave.moves else migration.moves:
            found.setdefault(Ref.parse(text), (number, ("waves", number)))
    return {ref: place for ref, place in found.items() if not migration.waves[place[0]].is_done}


@rule("MB602", "migration-without-fallback", Severity.WARNING, kinds=(Migration,))
def migration_without_fallback(context: RuleContext) -> Iterator[Violation]:
    """Checks that every online model that moves has a fallback: that of the migration, or its own.

    Why: if the new place fails, users must still see something. A model's own fallback does not count if it moves too
    or is retired.
    Fix: add `fallback:` with a model that does not move.
    """
    for loaded, migration in list_open_migrations(context):
        moves = dict.fromkeys(list_migrated_refs(migration))
        models = [model for ref in moves if (model := context.find(ref, Model)) is not None]
        bare = [name for model in models if (name := _describe_without_fallback(context, model, moves))]
        if migration.fallback is None and bare:
            message = f"{migration.ref} moves {', '.join(bare)} without a fallback"
            yield report_at_key(loaded, message, "add `fallback:`", "moves")


def _describe_without_fallback(context: RuleContext, model: Model, moves: Collection[Ref]) -> str:
    """Describe an online model without a fallback that stays; empty if it has one."""
    if not model.serving.is_online:
        return ""
    if model.fallback is None:
        return model.id
    if Ref("model", model.fallback) in moves:
        return f"{model.id} (its fallback {model.fallback} moves too)"
    fallback = context.find_model(model.fallback)
    is_retired = fallback is not None and fallback.is_retired
    return f"{model.id} (its fallback {model.fallback} is retired)" if is_retired else ""


@rule("MB603", "migration-fallback-retired", kinds=(Migration,))
def migration_fallback_retired(context: RuleContext) -> Iterator[Violation]:
    """Checks that the fallback of a migration is not retired.

    Why: the fallback is needed if the migration fails, and it is not there.
    Fix: name a model that is not retired.
    """
    return report_retired_fallbacks(context, list_open_migrations(context))


@rule("MB604", "migration-fallback-moves", kinds=(Migration,))
def migration_fallback_moves(context: RuleContext) -> Iterator[Violation]:
    """Checks that the fallback of a migration does not move with it.

    Why: if the new place fails, the fallback fails too.
    Fix: name a model that does not move, or move the fallback in a separate migration.
    """
    for loaded, migration in list_open_migrations(context):
        if migration.fallback is not None and Ref("model", migration.fallback) in list_migrated_refs(migration):
            message = f"the fallback of {migration.ref}, model:{migration.fallback}, moves too"
            yield report(loaded, message, "name a model that does not move", "fallback")


@rule("MB605", "migration-fallback-differs", kinds=(Migration,))
def migration_fallback_differs(context: RuleContext) -> Iterator[Violation]:
    """Checks that the fallback of a migration returns the fields that consumers use, and requires no other input.

    Why: a fallback with another contract fails when it is needed.
    Fix: name a model with the same contract, or put a converter before it and accept the finding under `x-allow:`.
    Compared are the fields that consumers use and the required fields of the request. If no consumer names a field,
    the required fields of the response are compared. If the response requires none either, the two must have a field
    in common, with the same type.
    """
    for loaded, migration in list_open_migrations(context):
        fallback = context.find_model(migration.fallback)
        if fallback is None:
            continue
        for ref in list_migrated_refs(migration):
            difference = _find_difference(context, ref, fallback.ref) if ref.kind == "model" else ""
            if difference and ref != fallback.ref:
                message = f"{fallback.ref} cannot replace {ref}: {difference}"
                yield report(loaded, message, "name a model with the same contract", "fallback")


def _find_difference(context: RuleContext, moves: Ref, fallback: Ref) -> str:
    """Describe the first difference between the contracts of a model and its fallback; empty if they do not differ."""
    ours, theirs = context.facts.get_schemas(moves), context.facts.get_schemas(fallback)
    if "response" in ours and "response" in theirs:
        response = ours["response"].schema
        used = [field for use in list_model_uses(context.graph, moves) for field in use.fields]
        expected = used or list_required_fields(response)
        for field in expected:
            if find_missing_step(theirs["response"].schema, field) and not find_missing_step(response, field):
                return f"its response has no {field!r}"
        if not expected and (difference := _compare_types(response, theirs["response"].schema)):
            return difference
    if "request" in ours and "request" in theirs:
        for field in list_required_fields(theirs["request"].schema):
            if find_missing_step(ours["request"].schema, field):
                return f"its request requires {field!r}, which callers do not send"
    return ""


def _compare_types(response: Data, other: Data) -> str:
    """Describe the difference between two responses without required fields: no common field, or another type."""
    ours, theirs = list_field_types(response), list_field_types(other)
    if ours and all(find_missing_step(other, field) for field in ours):
        return f"its response has no {' and no '.join(map(repr, list(ours)[:3]))}"
    for field, types in ours.items():
        others = theirs.get(field, frozenset())
        if types and others and not types & others:
            return f"{field!r} in its response is {' or '.join(sorted(others))}, not {' or '.join(sorted(types))}"
    return ""


@rule("MB606", "hard-coded-consumer", Severity.WARNING, kinds=(Migration,))
def hard_coded_consumer(context: RuleContext) -> Iterator[Violation]:
    """Checks that the consumers of a model that moves can be switched by a setting, or move with it.

    Why: a consumer with the model in its code stays on the old place until its next release, and on phones until users
    install it.
    Fix: add the consumer to `moves` so that its release is planned, or move the name to configuration and write the
    file in `configured_in`. `modelbook scan` finds addresses in code that no card mentions.
    """
    for loaded, migration in list_open_migrations(context):
        moves = list_migrated_refs(migration)
        for index, ref in enumerate(map(Ref.parse, migration.moves)):
            found: dict[Ref, str] = {}
            for use in list_model_uses(context.graph, ref):
                for place in use.configured_in:
                    if _HARD_CODED.search(place) or classify_path(place) is FileClass.CODE:
                        found.setdefault(use.system, place)
            for one in context.evidence.list_records(CodeUse, ref):
                if one.cls is FileClass.CODE and one.kind in {NameKind.HOST, NameKind.URL} and one.system:
                    found[Ref.parse(one.system)] = f"{one.repo}:{one.places[0].file}" if one.places else one.repo
            for system, place in sorted(found.items()):
                if system not in moves and system != ref and not context.graph.is_retired(system):
                    message = f"{system} has {ref} in its code ({place}): it changes by a release, not by a setting"
                    fix = f"add {system} to `moves`, or move the name to its configuration"
                    yield report(loaded, message, fix, "moves", index)


@rule("MB621", "done-yet-still-named")
def done_yet_still_named(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card contains a string that a finished migration retires.

    Why: an old host or topic in a card is copied into new code.
    Fix: write the replacement. Only cards are searched, so search the repositories too. Cards of migrations can contain
    the string, as history.
    """
    retired, facts = context.facts.retired_texts, context.facts
    for file, content in context.list_files() if retired else ():
        for mention in facts.retired_search.find(file, content, facts.locator):
            inside = mention.inside
            if inside is None or not isinstance(inside.card, Migration):
                migration = retired[mention.text]
                message = f"{mention.text!r} is still named, but {migration.ref} is done and retires it"
                subject = inside.ref if inside else migration.ref
                yield Violation(mention.position, message, "write the replacement", subject)


@rule("MB622", "done-yet-wave-open", kinds=(Migration,))
def done_yet_wave_open(context: RuleContext) -> Iterator[Violation]:
    """Checks that all waves of a finished migration are done.

    Why: some users are still on the old place, which is switched off soon.
    Fix: set `done_on:`, remove the wave, or set `status: running`.
    """
    for loaded, duty in context.list_duties("MB622"):
        yield report_duty(loaded, duty, "set `done_on:`, or set `status: running`")
