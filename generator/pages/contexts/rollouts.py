"""The pages of experiments and migrations: roll-outs in steps, and the clean-up after them."""

from collections.abc import Collection, Iterator
from datetime import date

from generator.answers.rollout import NextWave, Rollout, build_rollout
from generator.diagrams import Timeline
from generator.evidence.sightings import list_left_over
from generator.graph.dependencies import DependencyOrder, compute_order
from generator.graph.duties import DutyKind
from generator.graph.people import resolve_owner
from generator.graph.waves import describe_scope
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.diagrams import build_wave_timeline
from generator.pages.contexts.evidence import link_place
from generator.pages.contexts.parts import (
    Badge,
    CardView,
    FactRow,
    GapMarker,
    LabelledLink,
    Value,
    build_badge,
    build_card_view,
    build_optional_fact,
    build_owners_fact,
)
from generator.pages.contexts.retirements import RetirementView, build_retirement_view
from generator.schema import Experiment, Migration
from generator.schema.rollouts import Cleanup
from generator.values import FrozenValue

_MOST_PLACES = 3
"""The places in code of an item that a page shows."""


class VariantRow(FrozenValue):
    """A variant of an experiment."""

    name: str
    model: Ref | None
    traffic: float
    note: str
    is_winner: bool


class CleanupRow(FrozenValue):
    """An item to remove after an experiment."""

    remove: Ref
    owner: Ref | None
    done_on: date | None
    badge: Badge
    note: str
    due: date | None
    """Its own day, else that of the clean-up."""
    places: tuple[LabelledLink, ...]
    """The first places in code and configuration that name it."""
    more: int
    """The number of further places."""


class ExperimentView(FrozenValue):
    """The content of an experiment's page."""

    card: CardView
    variants: tuple[VariantRow, ...]
    cleanup: tuple[CleanupRow, ...]
    due: date | None
    open_count: int
    winner: str
    decided_by: Ref | None
    decided_on: date | None
    reason: str
    hypothesis: str


def build_experiment_view(book: Book, experiment: Experiment) -> ExperimentView:
    """Build the content of an experiment's page."""
    decision, cleanup = experiment.decision, experiment.cleanup
    status = build_badge(experiment.status)
    facts = (
        build_owners_fact(book, experiment),
        FactRow("Status", (status,)),
        build_optional_fact("Started on", experiment.started_on),
        build_optional_fact("Ended on", experiment.ended_on),
        build_optional_fact("Runs in", Ref.parse(experiment.where) if experiment.where else None),
        build_optional_fact("Metric", experiment.metric),
        build_optional_fact("Clean-up due", cleanup.due if cleanup else None),
    )
    duties = book.duties.get(experiment.ref, ())
    overdue = {duty.path[2] for duty in duties if duty.kind is DutyKind.CLEANUP and duty.is_overdue}
    fallback = resolve_owner(book.graph, experiment.owners[0]) if experiment.owners else None
    return ExperimentView(
        card=build_card_view(book, experiment, (status,), facts),
        variants=tuple(
            VariantRow(
                name=name,
                model=Ref("model", variant.model) if variant.model else None,
                traffic=variant.traffic,
                note=variant.note or "",
                is_winner=decision is not None and decision.winner == name,
            )
            for name, variant in experiment.variants.items()
        ),
        cleanup=tuple(_list_cleanup(book, cleanup, overdue, fallback)) if cleanup else (),
        due=cleanup.due if cleanup else None,
        open_count=len(cleanup.open_items) if cleanup else 0,
        winner=decision.winner if decision else "",
        decided_by=Ref("person", decision.by) if decision else None,
        decided_on=decision.decided_on if decision else None,
        reason=(decision.reason or "") if decision else "",
        hypothesis=experiment.hypothesis or "",
    )


def _list_cleanup(book: Book, cleanup: Cleanup, overdue: Collection[object], owner: Ref | None) -> Iterator[CleanupRow]:
    """Yield the items of a clean-up, with the places in code that still name them; `owner` is the default one."""
    for index, item in enumerate(cleanup.items):
        remove = Ref.parse(item.remove)
        uses = list_left_over(book.graph, book.evidence, remove)
        places = [link_place(book, use, place) for use in uses for place in use.places][:_MOST_PLACES]
        yield CleanupRow(
            remove=remove,
            owner=resolve_owner(book.graph, item.owner) if item.owner else owner,
            done_on=item.done_on,
            badge=build_badge("done" if item.done_on else "overdue" if index in overdue else "open"),
            note=item.note or "",
            due=item.due or cleanup.due,
            places=tuple(places),
            more=sum(use.count for use in uses) - len(places),
        )


class WaveRow(FrozenValue):
    """A wave of a migration."""

    number: int
    scope: str
    traffic: float
    moves: tuple[Ref, ...]
    planned_on: date | None
    done_on: date | None
    badge: Badge
    note: str
    percent_of_all: float | None
    """The share of all traffic, in percent; None if the card does not give the share of the scope."""


class MigrationView(FrozenValue):
    """The content of a migration's page."""

    card: CardView
    moves: tuple[Ref, ...]
    order: DependencyOrder
    waves: tuple[WaveRow, ...]
    fallback: Ref | None
    retires: tuple[str, ...]
    retirement: RetirementView
    picture: Timeline | None
    rollout: Rollout
    rollback: str


def _list_waves(book: Book, migration: Migration, coming: NextWave | None) -> Iterator[WaveRow]:
    """Yield the rows of the waves, each with its place in the schedule."""
    overdue = {duty.key for duty in book.duties.get(migration.ref, ()) if duty.is_overdue}
    for number, wave in enumerate(migration.waves, 1):
        scope = describe_scope(wave.scope)
        if wave.outcome and wave.is_reverted:
            state: str = wave.outcome
        elif wave.is_done:
            state = "done"
        elif str(number) in overdue:
            state = "overdue"
        else:
            state = "next" if coming and number == coming.number else "planned"
        after = f"reverted after {wave.reverted_after}" if wave.reverted_after else ""
        yield WaveRow(
            number=number,
            scope=scope if wave.share is None else f"{scope} ({wave.share * 100:g} % of all traffic)",
            traffic=wave.traffic,
            moves=tuple(Ref.parse(text) for text in wave.moves),
            planned_on=wave.planned_on,
            done_on=wave.done_on,
            badge=build_badge(state),
            note="; ".join(filter(None, (after, wave.note))),
            percent_of_all=None if wave.share is None else wave.percent_of_all,
        )


def build_migration_view(book: Book, migration: Migration) -> MigrationView:
    """Build the content of a migration's page."""
    moves = tuple(Ref.parse(text) for text in migration.moves)
    fallback = Ref("model", migration.fallback) if migration.fallback else None
    done = sum(wave.is_done for wave in migration.waves)
    rollout = build_rollout(book.graph, migration, book.today, book.edge_text)
    coming = rollout.next_wave
    retirement = build_retirement_view(book, migration)
    status = build_badge(migration.status)
    next_wave: tuple[Value, ...] = ()
    if coming:
        moved = ", ".join(book.graph.get_name(ref) for ref in coming.moves)
        next_wave = (f"{moved}; {coming.scope}, {coming.traffic:g} %", *filter(None, [coming.planned_on]))
    left: tuple[Value, ...] = ()
    if retirement.strings and retirement.searched_on is not None:
        at_start = max(retirement.count, retirement.at_start)
        left = (f"{retirement.count} of {at_start}" if at_start else "none",)
    facts = (
        build_owners_fact(book, migration),
        FactRow("Status", (status,)),
        FactRow("Progress", (f"{done} of {len(migration.waves)} waves done",) if migration.waves else ()),
        FactRow("Next wave", next_wave),
        FactRow("Fallback", (fallback or GapMarker("none"),)),
        FactRow("Hard-coded places left", left),
    )
    timeline = build_wave_timeline(migration)
    return MigrationView(
        card=build_card_view(book, migration, (status,), facts),
        moves=moves,
        order=compute_order(book.graph, moves),
        waves=tuple(_list_waves(book, migration, coming)),
        fallback=fallback,
        retires=tuple(one.text for one in migration.retires),
        retirement=retirement,
        picture=timeline if timeline.rows else None,
        rollout=rollout,
        rollback=migration.rollback or "",
    )
