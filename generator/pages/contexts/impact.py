"""The section *Impact*: what depends on a thing, where users would notice, who must be told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from generator.answers.impact import COUNTING, Affected, Impact, Noticed, Rescue, Told, impact
from generator.diagrams import TieredDiagram
from generator.graph.edges import DEPENDING, Relation
from generator.graph.people import PARTIES
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.dependants import impact_picture, prominence
from generator.pages.contexts.wording import reasons, standing

NEAREST = 24
"""How many dependents a page looks for beyond the direct ones; the command line lists them all."""
_ROWS = 20
_TOLD = 20
_REASONS = 2
_SURFACES = 12
"""How many entries a table, the list of people, a cell and the table of surfaces show."""


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """Something that depends on the thing."""

    ref: Ref
    distance: int
    reasons: tuple[str, ...]
    only_weakened: bool


@dataclass(frozen=True, slots=True)
class ImpactView:
    """All that the section shows."""

    ref: Ref
    direct: int
    further: int
    is_whole: bool
    """False where there are more than were looked for."""
    rows: tuple[ImpactRow, ...]
    surfaces: tuple[Noticed, ...]
    rescues: tuple[Rescue, ...]
    """What takes over for others that fail with it; its own fallback stands elsewhere on a model's page."""
    told: tuple[Told, ...]
    more_rows: int
    more_told: int
    picture: TieredDiagram | None
    """None where the neighbourhood shows it all: nothing depends on it through others."""


def impact_view(book: Book, ref: Ref) -> ImpactView | None:
    """The section; None where nothing depends on the thing, or counts on the person or the team."""
    if not book.graph.list_incoming_edges(ref, *(COUNTING if ref.kind in PARTIES else DEPENDING)):
        return None
    found = impact(book.graph, ref, book.today, NEAREST)
    direct = len(found.direct)
    return ImpactView(
        ref=ref,
        direct=direct,
        further=len(found.affected) - direct,
        is_whole=found.is_whole,
        rows=_rows(book, found.affected),
        surfaces=found.surfaces[:_SURFACES],
        rescues=tuple(rescue for rescue in found.rescues if rescue.model != ref)[:_SURFACES],
        told=_told(book, found),
        more_rows=max(0, len(found.affected) - _ROWS),
        more_told=max(0, len(found.told) - _TOLD),
        picture=_picture(book, found),
    )


def _rows(book: Book, affected: Iterable[Affected]) -> tuple[ImpactRow, ...]:
    nearest = sorted(affected, key=lambda one: (one.distance, prominence(one.ref)))[:_ROWS]
    return tuple(
        ImpactRow(one.ref, one.distance, reasons(book, one.edges)[:_REASONS], one.only_weakened) for one in nearest
    )


def _told(book: Book, found: Impact) -> tuple[Told, ...]:
    """Whom to tell, with what each is to the thing and to what depends on it."""
    whys: dict[Ref, dict[str, None]] = {one.party: {} for one in found.told[:_TOLD]}
    for ref in (found.ref, *(one.ref for one in found.affected)):
        for edge in book.graph.list_outgoing_edges(ref, *COUNTING, Relation.STAKEHOLDER):
            if edge.target in whys:
                whys[edge.target][standing(book, edge)] = None
    return tuple(replace(one, whys=tuple(whys[one.party])) for one in found.told[:_TOLD])


def _picture(book: Book, found: Impact) -> TieredDiagram | None:
    """A person's or a team's page has no neighbourhood that would show what is nearest."""
    is_needed = found.ref.kind in PARTIES or len(found.affected) > len(found.direct)
    return impact_picture(book, found) if is_needed else None
