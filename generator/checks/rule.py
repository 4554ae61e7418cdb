"""What a rule is, and what it may look at."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from generator.checks.curl_review import CurlReview, review_curls
from generator.checks.schemas import ContractSchema, schemas_by_model
from generator.findings import Finding, Position, Rule, Severity, sort_findings
from generator.graph.duties import Duty, list_book_duties
from generator.graph.edges import Graph
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref
from generator.schema import Card, Model
from generator.secrets.scanner import Finders, finders_for
from generator.settings import Settings

Kind = TypeVar("Kind", bound=Card)


@dataclass(frozen=True)
class Facts:
    """Everything that a rule may look at; whatever else it needs to know is evidence and stands here too."""

    cards: Cards
    graph: Graph
    today: date
    """The day for which the book is checked; rules never ask the clock."""
    settings: Settings
    versions: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)
    """The earlier versions of each model's card, oldest first, as git remembers them; empty without git."""

    def of(self, kind: type[Kind]) -> Iterator[tuple[LoadedCard, Kind]]:
        """The cards of one kind, in the order of files and lines, each with the text that it came from."""
        for loaded in self._by_kind.get(kind, ()):
            if isinstance(loaded.card, kind):
                yield loaded, loaded.card

    def find(self, ref: Ref, kind: type[Kind]) -> Kind | None:
        """The card that a reference leads to, where there is one of that kind."""
        loaded = self.cards.by_ref.get(ref)
        return loaded.card if loaded is not None and isinstance(loaded.card, kind) else None

    def model(self, model_id: str | None) -> Model | None:
        """The model of an id, where there is one."""
        return self.find(Ref("model", model_id), Model) if model_id else None

    def duties(self, *codes: str) -> Iterator[tuple[LoadedCard, Duty]]:
        """List the duties that findings of the codes report, each with the card it is about."""
        for duty in self._duties:
            if duty.code in codes:
                yield self.graph.cards[duty.subject], duty

    @cached_property
    def _duties(self) -> tuple[Duty, ...]:
        return list_book_duties(self.graph, self.settings, self.today)

    @cached_property
    def schemas(self) -> Mapping[Ref, Mapping[str, ContractSchema]]:
        """The schemas of each model's contract with what is wrong with them, judged once for all rules."""
        return schemas_by_model(self._by_kind.get(Model, ()))

    @cached_property
    def curl_reviews(self) -> Mapping[Ref, CurlReview]:
        """The hand-written curls compared with their models, once for all rules."""
        return review_curls(self._by_kind.get(Model, ()), self.schemas)

    @cached_property
    def finders(self) -> Mapping[str, Finders]:
        """What can find a secret in each file and in the values that stand there."""
        return {file: finders_for(text) for file, text in self.cards.texts.items()}

    @cached_property
    def _by_kind(self) -> Mapping[type[Card], list[LoadedCard]]:
        found: dict[type[Card], list[LoadedCard]] = {}
        for loaded in self.cards.items:
            found.setdefault(type(loaded.card), []).append(loaded)
        return found


Check = Callable[[Facts], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule together with the check that finds what breaks it."""

    rule: Rule
    check: Check

    def __call__(self, facts: Facts) -> Iterator[Finding]:
        """All that breaks the rule, in no particular order."""
        return self.check(facts)

    def at(
        self,
        position: Position,
        message: str,
        hint: str = "",
        subject: Ref | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule; at another severity where the rule's own would be too hard for the case."""
        finding = self.rule.at(position, message, hint, subject)
        return finding if severity is None else replace(finding, severity=severity)

    def report(
        self, loaded: LoadedCard, duty: Duty, hint: str, severity: Severity | None = None, at: Position | None = None
    ) -> Finding:
        """Report a duty: at its place in the card unless another one is given."""
        position = at or loaded.at(*duty.path)
        return self.at(position, f"{duty.subject}: {duty.text}", hint, duty.subject, severity)


def rule(code: str, name: str, severity: Severity = Severity.ERROR) -> Callable[[Check], CheckedRule]:
    """Make a rule of a check whose docstring explains it; nothing is registered, `checks.RULES` lists them all.

    An error is for what an author can mend in the same change. What only time brings about is a warning, lest the
    build of everybody breaks overnight; a person who has left is the exception, since nobody answers the call.
    """

    def made(check: Check) -> CheckedRule:
        return CheckedRule(Rule(code, name, severity, inspect.getdoc(check) or ""), check)

    return made


def check(facts: Facts, rules: Iterable[CheckedRule]) -> list[Finding]:
    """All findings of the rules, sorted by place, each once."""
    return sort_findings(finding for each in rules for finding in each(facts))
