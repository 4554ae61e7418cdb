"""The badges of a book: what it owes as a whole, and what each of its teams owes."""

from collections.abc import Iterator

from generator.answers.badge import badge
from generator.answers.debt import Ledger
from generator.names import Ref


def badges(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The path of each badge with its SVG: the book's, then each team's by its id."""
    yield badge_path(None), badge("model debt", len(ledger.entries))
    owing = {one.team: one for one in ledger.teams if one.team is not None and one.team.kind == "team"}
    for team in sorted(owing):
        yield badge_path(team), badge(f"{owing[team].name} debt", len(owing[team].entries))


def badge_path(team: Ref | None) -> str:
    """`debt.svg` for the book, `badges/TEAM.svg` for a team: no team's id can take the place of the book's."""
    return "debt.svg" if team is None else f"badges/{team.id}.svg"
