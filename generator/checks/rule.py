"""Rules: a check with the docstring that explains it, and the context that it reads."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from generator.checks.curl_reviews import CurlReview, review_curls
from generator.checks.field_paths import ContractSchema, index_schemas
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.findings import Finding, Position, Rule, Severity, sort_findings
from generator.graph.duties import Duty, list_book_duties
from generator.graph.edges import Graph
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref
from generator.schema import Card, Model
from generator.secrets.scanner import Finders, select_finders
from generator.settings import Settings

Kind = TypeVar("Kind", bound=Card)


@dataclass(frozen=True)
class RuleContext:
    """The book, the day and the settings that rules read."""

    cards: Cards
    graph: Graph
    today: date
    """The day for which the book is checked; rules never read the clock."""
    settings: Settings
    versions: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)
    """The earlier versions of each model's card in git, oldest first; empty without git."""
    evidence: Evidence = NO_EVIDENCE
    """The uses that were found in code, seen in traffic or verified."""

    def list_cards(self, kind: type[Kind]) -> Iterator[tuple[LoadedCard, Kind]]:
        """List the cards of one kind in the order of files and lines."""
        for loaded in self._by_kind.get(kind, ()):
            if isinstance(loaded.card, kind):
                yield loaded, loaded.card

    def list_current_models(self) -> Iterator[tuple[LoadedCard, Model]]:
        """List the models that are not retired, in the order of files and lines."""
        return ((loaded, model) for loaded, model in self.list_cards(Model) if not model.is_retired)

    def find(self, ref: Ref, kind: type[Kind]) -> Kind | None:
        """Find the card of a reference; None if there is no card of that kind."""
        loaded = self.cards.by_ref.get(ref)
        return loaded.card if loaded is not None and isinstance(loaded.card, kind) else None

    def find_model(self, model_id: str | None) -> Model | None:
        """Find the model with an id."""
        return self.find(Ref("model", model_id), Model) if model_id else None

    def list_duties(self, *codes: str) -> Iterator[tuple[LoadedCard, Duty]]:
        """List the duties that findings of the codes report, each with its card."""
        for duty in self._duties:
            if duty.code in codes:
                yield self.graph.cards[duty.subject], duty

    @cached_property
    def _duties(self) -> tuple[Duty, ...]:
        return list_book_duties(self.graph, self.settings, self.today)

    @cached_property
    def schemas(self) -> Mapping[Ref, Mapping[str, ContractSchema]]:
        """The schemas of each model's contract with their mistakes, checked once for all rules."""
        return index_schemas(self._by_kind.get(Model, ()))

    @cached_property
    def curl_reviews(self) -> Mapping[Ref, CurlReview]:
        """The hand-written curls compared with their models, once for all rules."""
        return review_curls(self._by_kind.get(Model, ()), self.schemas)

    @cached_property
    def finders(self) -> Mapping[str, Finders]:
        """The finders of secrets that can find anything in each file and its values."""
        return {file: select_finders(text) for file, text in self.cards.texts.items()}

    @cached_property
    def _by_kind(self) -> Mapping[type[Card], tuple[LoadedCard, ...]]:
        return group_pairs((type(loaded.card), loaded) for loaded in self.cards.items)


@dataclass(frozen=True, slots=True)
class Violation:
    """A place that does not meet a rule: its finding without the code and the name of the rule."""

    position: Position
    message: str
    hint: str = ""
    subject: Ref | None = None
    severity: Severity | None = None
    """Another severity than that of the rule."""
    parts: tuple[str, ...] = ()
    """The problems that it names together; empty if it is a single one."""


def report(
    loaded: LoadedCard, message: str, hint: str, *path: str | int, severity: Severity | None = None
) -> Violation:
    """Build a violation in a card, at the value of a path in it."""
    return Violation(loaded.at(*path), message, hint, loaded.ref, severity)


def report_at_key(
    loaded: LoadedCard, message: str, hint: str, *path: str | int, severity: Severity | None = None
) -> Violation:
    """Build a violation in a card, at the key of a path in it."""
    return Violation(loaded.at_key(*path), message, hint, loaded.ref, severity)


def report_duty(loaded: LoadedCard, duty: Duty, hint: str, at: Position | None = None) -> Violation:
    """Build the violation of a duty: at its place in the card unless another one is given."""
    return Violation(at or loaded.at(*duty.path), f"{duty.subject}: {duty.text}", hint, duty.subject)


Check = Callable[[RuleContext], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule together with its check."""

    rule: Rule
    check: Check

    def __call__(self, context: RuleContext) -> Iterator[Finding]:
        """Yield all findings of the rule, in no particular order."""
        for each in self.check(context):
            finding = self.rule.at(each.position, each.message, each.hint, each.subject)
            if each.severity is not None or each.parts:
                finding = replace(finding, severity=each.severity or finding.severity, parts=each.parts)
            yield finding


def rule(code: str, name: str, severity: Severity = Severity.ERROR) -> Callable[[Check], CheckedRule]:
    """Turn a check into a rule that its docstring explains; `checks.RULES` lists them all.

    An error is a mistake that its author can fix in the same change. If it arises only because time passes, it is a
    warning: otherwise builds fail overnight. The exception is a person who has left, because the contact does not
    answer.
    """

    def decorate(check: Check) -> CheckedRule:
        return CheckedRule(Rule(code, name, severity, inspect.getdoc(check) or ""), check)

    return decorate


def check(context: RuleContext, rules: Iterable[CheckedRule]) -> list[Finding]:
    """Return all findings of the rules, sorted by place, without duplicates."""
    return sort_findings(finding for each in rules for finding in each(context))
