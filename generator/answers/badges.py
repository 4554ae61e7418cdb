"""The badges of a book: what it owes as a whole, and what each of its teams owes."""

from collections.abc import Iterator

from generator.answers.badge import badge
from generator.answers.debt import Ledger


def badges(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """`debt.svg` for the book, then `badges/TEAM.svg` for each team, by its id."""
    yield "debt.svg", badge("model debt", len(ledger.entries))
    teams = (one for one in ledger.teams if one.team is not None and one.team.kind == "team")
    for one in sorted(teams, key=lambda one: str(one.team)):
        assert one.team is not None
        yield f"badges/{one.team.id}.svg", badge(f"{one.name} debt", len(one.entries))
