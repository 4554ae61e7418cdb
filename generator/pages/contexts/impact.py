"""The section *Impact*: what depends on a thing, where users would notice, who must be told."""

from dataclasses import dataclass, replace

from generator.answers.impact import (
    RESPONSIBLE,
    Affected,
    AffectedSurface,
    FallbackChain,
    NotifiedParty,
    compute_impact,
)
from generator.diagrams import TieredDiagram
from generator.graph.edges import DEPENDING
from generator.graph.people import PARTIES
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.dependants import impact_picture, prominence

NEAREST = 24
"""How many dependents a page looks for beyond the direct ones; the command line lists them all."""
_ROWS = 20
_TOLD = 20
_REASONS = 2
_SURFACES = 12
"""How many entries a table, the list of people, a cell and the table of surfaces show."""


@dataclass(frozen=True, slots=True)
class ImpactView:
    """The content of the section."""

    ref: Ref
    direct: int
    further: int
    is_whole: bool
    """False if there are more dependents than were looked for."""
    rows: tuple[Affected, ...]
    surfaces: tuple[AffectedSurface, ...]
    rescues: tuple[FallbackChain, ...]
    """The fallbacks of other models that fail with it; its own fallback is elsewhere on a model's page."""
    told: tuple[NotifiedParty, ...]
    more_rows: int
    more_told: int
    picture: TieredDiagram | None
    """None if the neighbourhood shows it all, since every dependent is direct."""


def impact_view(book: Book, ref: Ref) -> ImpactView | None:
    """Return the section; None if nothing depends on the card, the person or the team."""
    is_party = ref.kind in PARTIES
    if not book.graph.list_incoming_edges(ref, *(RESPONSIBLE if is_party else DEPENDING)):
        return None
    found = compute_impact(book.graph, ref, book.today, NEAREST, book.edge_text)
    nearest = sorted(found.affected, key=lambda one: (one.distance, prominence(one.ref)))[:_ROWS]
    direct, count = len(found.direct), len(found.affected)
    return ImpactView(
        ref=ref,
        direct=direct,
        further=count - direct,
        is_whole=found.is_whole,
        rows=tuple(replace(one, reasons=one.reasons[:_REASONS]) for one in nearest),
        surfaces=found.surfaces[:_SURFACES],
        rescues=tuple(rescue for rescue in found.rescues if rescue.model != ref)[:_SURFACES],
        told=found.told[:_TOLD],
        more_rows=max(0, count - _ROWS),
        more_told=max(0, len(found.told) - _TOLD),
        # The page of a person or a team has no neighbourhood that shows the nearest dependents.
        picture=impact_picture(book, found) if is_party or count > direct else None,
    )
