"""The badges of a book: the number of overdue items, of all and of each team."""

from collections.abc import Iterator

from generator.answers.badge import badge
from generator.answers.debt import Ledger
from generator.names import Ref


def badges(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The path of each badge with its SVG: the book's, then each team's by its id."""
    yield badge_path(None), badge("model debt", len(ledger.entries))
    debts = {one.team: one for one in ledger.teams if one.team is not None and one.team.kind == "team"}
    for team in sorted(debts):
        yield badge_path(team), badge(f"{debts[team].name} debt", len(debts[team].entries))


def badge_path(team: Ref | None) -> str:
    """`debt.svg` for the book, `badges/TEAM.svg` for a team: no team's id can take the place of the book's."""
    return "debt.svg" if team is None else f"badges/{team.id}.svg"
