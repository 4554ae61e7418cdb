"""What came of applying a plan."""

from dataclasses import dataclass
from enum import StrEnum

from generator.confluence.plan.values import Action, Change, Remark
from generator.confluence.wiki import WikiProblem


class Outcome(StrEnum):
    """How it ended."""

    NOTHING = "nothing to do"
    DONE = "done"
    REFUSED = "refused"
    """Nothing was written."""
    INCOMPLETE = "incomplete"
    """Some pages were not written; the next run goes on from here."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that could not be written, or "" for `ref` where it is about the run."""

    ref: str
    title: str
    card: str
    said: str
    """The wiki's own words, or ours."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was done, and what was not."""

    outcome: Outcome
    done: tuple[Change, ...] = ()
    failures: tuple[Failure, ...] = ()
    refusals: tuple[str, ...] = ()
    left: int = 0
    """Pages that were not reached."""
    dangling: tuple[tuple[str, Remark], ...] = ()
    """Comments that lost their place although they got their marker back, with the titles of their pages."""

    @property
    def exit_status(self) -> int:
        """0 where everything is as the site says, 1 where something is left to do."""
        good = self.outcome in (Outcome.NOTHING, Outcome.DONE)
        return 0 if good and not self.dangling else 1

    def count(self, action: Action) -> int:
        """Return how many pages had this done to them."""
        return sum(action in change.actions for change in self.done)


def failure_of(change: Change, problem: WikiProblem) -> Failure:
    """Return the server's words with the page and the card that they are about."""
    return Failure(change.ref, change.title, change.card, str(problem))
