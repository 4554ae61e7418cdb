"""MB60x: what a migration moves, in which order, and what catches it when it fails."""

from collections.abc import Collection, Iterator, Mapping

from generator.checks.field_paths import missing_step, possible, promised
from generator.checks.rule import Facts, rule
from generator.contracts.data import Data
from generator.findings import Finding, Severity
from generator.graph.consumers import list_model_uses
from generator.graph.dependencies import DependencyOrder, DependencyPath, compute_order
from generator.graph.edges import Edge
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Migration, Model
from generator.schema.migration import MigrationStatus
from generator.schema.model import Lifecycle

AHEAD = frozenset({MigrationStatus.PLANNED, MigrationStatus.RUNNING})
"""While a migration is in one of these, its plan can still be changed."""


def ahead(facts: Facts) -> Iterator[tuple[LoadedCard, Migration]]:
    """The migrations whose plan can still be changed; the others are history."""
    return ((loaded, migration) for loaded, migration in facts.of(Migration) if migration.status in AHEAD)


def moved(migration: Migration) -> tuple[Ref, ...]:
    """What moves, in the order that its author wrote, each once."""
    return tuple(dict.fromkeys(Ref.parse(text) for text in migration.moves))


@rule("MB601", "moves-against-the-flows")
def moves_against_the_flows(facts: Facts) -> Iterator[Finding]:
    """What others need moves first: `moves` and the waves keep to the order that the flows imply.

    Why: a model that is moved before its feature view reads from the old place, and nobody sees it until the old
    place is switched off.
    Fix: move first what the message names; `modelbook order MIGRATION` prints the whole order with its reasons.
    Things that need each other in a circle may stand in any order.
    """
    for loaded, migration in ahead(facts):
        implied = compute_order(facts.graph, moved(migration))
        for place in (_in_moves(migration), _in_waves(migration)):
            for early, late, why in _wrong_way_round(implied, place):
                position = loaded.at(*place[early][1])
                message = f"{early} moves before {late}, which it needs: {why}"
                yield moves_against_the_flows.at(position, message, f"move {late} first", migration.ref)


_Place = tuple[int, tuple[str | int, ...]]
"""When something moves, and where in the card that is written."""


def _in_moves(migration: Migration) -> Mapping[Ref, _Place]:
    found: dict[Ref, _Place] = {}
    for index, text in enumerate(migration.moves):
        found.setdefault(Ref.parse(text), (index, ("moves", index)))
    return found


def _in_waves(migration: Migration) -> Mapping[Ref, _Place]:
    """The first wave of each thing, as far as it is not done; what moves in one wave is in no order."""
    found: dict[Ref, _Place] = {}
    for number, wave in enumerate(migration.waves):
        for text in wave.moves or migration.moves:
            path: tuple[str | int, ...] = ("waves", number)
            if text in wave.moves:
                path = (*path, "moves", wave.moves.index(text))
            found.setdefault(Ref.parse(text), (number, path))
    return {ref: place for ref, place in found.items() if migration.waves[place[0]].done_on is None}


def _wrong_way_round(implied: DependencyOrder, place: Mapping[Ref, _Place]) -> Iterator[tuple[Ref, Ref, str]]:
    """What moves before something that it needs, and why it needs that.

    What needs each other counts as one: the first of it to move must come after the last of what any of it needs.
    """
    together = {ref: cycle for cycle in implied.cycles for ref in cycle}
    for chain in implied.chains:
        sources, targets = together.get(chain.source, (chain.source,)), together.get(chain.target, (chain.target,))
        early = min((ref for ref in sources if ref in place), key=lambda ref: place[ref][0], default=None)
        late = max((ref for ref in targets if ref in place), key=lambda ref: place[ref][0], default=None)
        if early is not None and late is not None and sources != targets and place[early][0] < place[late][0]:
            yield early, late, _because(chain, early, late)


def _because(chain: DependencyPath, early: Ref, late: Ref) -> str:
    parts = [_said(edge) for edge in chain.edges]
    if early != chain.source:
        parts.insert(0, f"{early} and {chain.source} need each other")
    if late != chain.target:
        parts.append(f"{chain.target} and {late} need each other")
    return ", ".join(parts)


def _said(edge: Edge) -> str:
    where = f"in flow {edge.declared_by.id}, step {edge.step}" if edge.step else f"says {edge.declared_by}"
    return f"{edge.source} {edge.relation} {edge.target} ({where})"


@rule("MB602", "migration-without-fallback", Severity.WARNING)
def migration_without_fallback(facts: Facts) -> Iterator[Finding]:
    """Every model that a migration moves has something to fall back to: the migration's fallback, or its own.

    Why: when the new place fails on the first evening, users must see something. A fallback of its own that moves too,
    or that is retired, is none.
    Fix: add `fallback:` with a model that does not move.
    """
    for loaded, migration in ahead(facts):
        moves = moved(migration)
        models = [model for ref in moves if (model := facts.find(ref, Model)) is not None]
        bare = [name for model in models if (name := _bare(facts, model, moves))]
        if migration.fallback is None and bare:
            message = f"{migration.ref} moves {', '.join(bare)} without a fallback"
            position = loaded.at_key("moves")
            yield migration_without_fallback.at(position, message, "add `fallback:`", migration.ref)


def _bare(facts: Facts, model: Model, moves: Collection[Ref]) -> str:
    """An online model that nothing catches, in words with why; nothing where its fallback stays and serves."""
    if not model.serving.is_online:
        return ""
    if model.fallback is None:
        return model.id
    if Ref("model", model.fallback) in moves:
        return f"{model.id} (its own, {model.fallback}, moves too)"
    fallback = facts.model(model.fallback)
    is_retired = fallback is not None and fallback.lifecycle is Lifecycle.RETIRED
    return f"{model.id} (its own, {model.fallback}, is retired)" if is_retired else ""


@rule("MB603", "migration-fallback-retired")
def migration_fallback_retired(facts: Facts) -> Iterator[Finding]:
    """The fallback of a migration is not retired.

    Why: it is needed on the evening on which the move fails, and it is not there.
    Fix: name a model that serves.
    """
    for loaded, migration in ahead(facts):
        fallback = facts.model(migration.fallback)
        if fallback is not None and fallback.lifecycle is Lifecycle.RETIRED:
            message = f"the fallback of {migration.ref}, {fallback.ref}, is retired"
            hint = f"its successor is {fallback.successor}" if fallback.successor else "name a model that serves"
            yield migration_fallback_retired.at(loaded.at("fallback"), message, hint, migration.ref)


@rule("MB604", "migration-fallback-moves")
def migration_fallback_moves(facts: Facts) -> Iterator[Finding]:
    """The fallback of a migration does not move with it.

    Why: when the new place fails, it takes the fallback down too.
    Fix: name a model that stays where it is, or move the fallback in a migration of its own, before or after.
    """
    for loaded, migration in ahead(facts):
        if migration.fallback is not None and Ref("model", migration.fallback) in moved(migration):
            message = f"the fallback {migration.fallback!r} is itself among what {migration.ref} moves"
            hint = "name a model that stays where it is"
            yield migration_fallback_moves.at(loaded.at("fallback"), message, hint, migration.ref)


@rule("MB605", "migration-fallback-differs")
def migration_fallback_differs(facts: Facts) -> Iterator[Finding]:
    """The fallback of a migration can stand in for what moves: it answers what consumers use, and asks for no more.

    Why: a fallback of another contract fails exactly where it is needed.
    Fix: name a model of the same contract, or put a converter before it and say so under `x-allow:`. Compared are
    the fields that consumers use (the required ones, where none names any) and the required fields of the request; of
    a response that requires nothing either, whether the two have any field in common, and of the same type.
    """
    for loaded, migration in ahead(facts):
        fallback = facts.model(migration.fallback)
        if fallback is None:
            continue
        for ref in moved(migration):
            difference = _difference(facts, ref, fallback.ref) if ref.kind == "model" else ""
            if difference and ref != fallback.ref:
                message = f"{fallback.ref} cannot stand in for {ref}: {difference}"
                hint = "name a model of the same contract"
                yield migration_fallback_differs.at(loaded.at("fallback"), message, hint, migration.ref)


def _difference(facts: Facts, moves: Ref, fallback: Ref) -> str:
    """The first thing by which a contract is not another one's; nothing where either does not say."""
    ours, theirs = facts.schemas.get(moves, {}), facts.schemas.get(fallback, {})
    if "response" in ours and "response" in theirs:
        answered = ours["response"].schema
        used = [field for use in list_model_uses(facts.graph, moves) for field in use.fields]
        wanted = used or promised(answered)
        for field in wanted:
            if missing_step(theirs["response"].schema, field) and not missing_step(answered, field):
                return f"its response has no {field!r}"
        if not wanted and (unlike := _unlike(answered, theirs["response"].schema)):
            return unlike
    if "request" in ours and "request" in theirs:
        for field in promised(theirs["request"].schema):
            if missing_step(ours["request"].schema, field):
                return f"its request requires {field!r}, which callers do not send"
    return ""


def _unlike(answered: Data, instead: Data) -> str:
    """How a response differs from one of which nobody says what counts: no common field, or one of another type."""
    ours, theirs = possible(answered), possible(instead)
    if ours and all(missing_step(instead, field) for field in ours):
        return f"its response has no {' and no '.join(map(repr, list(ours)[:3]))}"
    for field, types in ours.items():
        others = theirs.get(field, frozenset())
        if types and others and not types & others:
            return f"{field!r} in its response is {' or '.join(sorted(others))}, not {' or '.join(sorted(types))}"
    return ""


RULES = (
    moves_against_the_flows, migration_without_fallback, migration_fallback_retired, migration_fallback_moves,
    migration_fallback_differs,
)  # fmt: skip
