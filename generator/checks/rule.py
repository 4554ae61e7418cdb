"""Rules: a check with the docstring that explains it, and the context that it reads."""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, TypeVar, cast

from msgspec.structs import replace

from generator.checks.book_facts import BookFacts
from generator.checks.book_indexes import CODE_OWNERS
from generator.checks.curl_reviews import CurlReview, review_curl
from generator.evidence.ownership import CodeOwners
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.findings import Finding, Position, Rule, Severity, sort_findings
from generator.graph.duties import Duty, list_card_duties
from generator.graph.edges import Graph
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref
from generator.reads import ALL, record_read, suspend_recording
from generator.schema import KINDS, Card, Model, Resource
from generator.settings import Settings
from generator.values import FrozenValue

Kind = TypeVar("Kind", bound=Card)
Result = TypeVar("Result")


@dataclass(frozen=True)
class RuleContext:
    """The book, the day and the settings that rules read, and the cards that they check.

    `narrow` returns the context of some of its cards. The lists then contain these cards only; `find`, the graph and
    the facts still know the whole book.
    """

    cards: Cards
    graph: Graph
    today: date
    """The day for which the book is checked; rules never read the clock."""
    settings: Settings
    versions: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)
    """The earlier versions of each model's card in git, oldest first; empty without git."""
    evidence: Evidence = NO_EVIDENCE
    """The uses that were found in code, seen in traffic or verified."""
    selected: tuple[LoadedCard, ...] | None = None
    """The cards to check; None for the whole book."""
    has_rest: bool = True
    """Whether what belongs to no card is checked: files without cards, and resources without one."""
    given_facts: BookFacts | None = field(default=None, repr=False)
    """The facts of the book, if they are known."""
    _listed: dict[type[Card], Sequence[tuple[LoadedCard, Card]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def facts(self) -> BookFacts:
        """The facts of the whole book, which all narrow contexts share."""
        return self.given_facts or BookFacts(self.cards, self.graph, self.today)

    def narrow(self, loaded: Collection[LoadedCard], *, has_rest: bool = False) -> "RuleContext":
        """Return the context of some cards of the book."""
        return RuleContext(
            self.cards, self.graph, self.today, self.settings, self.versions, self.evidence,
            tuple(loaded), has_rest, self.facts,
        )  # fmt: skip

    @property
    def items(self) -> tuple[LoadedCard, ...]:
        """The cards to check, in the order of files and lines."""
        return self.cards.items if self.selected is None else self.selected

    def select(self, refs: Collection[Ref]) -> list[Ref]:
        """Select those of some nodes that are checked, sorted: cards, and along with the rest nodes without a card."""
        if self.selected is None:
            return sorted(refs)
        found = [loaded.ref for loaded in self.selected if loaded.ref in refs]
        rest = [ref for ref in refs if ref not in self.cards.by_ref] if self.has_rest else []
        return sorted((*found, *rest))

    def cache_result(self, function: "Callable[[RuleContext], Result]") -> Result:
        """Return the result of a function that reads the evidence only, computed once for all narrow contexts."""
        results = self.facts.results
        if function not in results:
            with suspend_recording():
                results[function] = function(self)
        return cast(Result, results[function])

    @property
    def code_owners(self) -> CodeOwners:
        """The owners of code by the cards of the book."""
        record_read(CODE_OWNERS, ALL)
        return self.facts.code_owners

    def list_files(self) -> Iterator[tuple[str, str]]:
        """List the files with their texts: those whose first card is checked, and with the rest those without cards."""
        by_file = self.facts.locator.by_file
        if self.selected is None:
            yield from self.cards.texts.items()
            return
        for loaded in self.selected:
            file = loaded.file
            if by_file[file][0] is loaded:
                yield file, self.cards.texts.get(file, "")
        for file in self.cards.texts if self.has_rest else ():
            if file not in by_file:
                yield file, self.cards.texts[file]

    def list_cards(self, kind: type[Kind]) -> Sequence[tuple[LoadedCard, Kind]]:
        """List the cards of one kind in the order of files and lines."""
        if kind not in self._listed:
            self._listed[kind] = [(loaded, loaded.card) for loaded in self._by_kind.get(kind, ())]
        return cast(Sequence[tuple[LoadedCard, Kind]], self._listed[kind])

    def list_current_models(self) -> Iterator[tuple[LoadedCard, Model]]:
        """List the models that are not retired, in the order of files and lines."""
        return ((loaded, model) for loaded, model in self.list_cards(Model) if not model.is_retired)

    def find(self, ref: Ref, kind: type[Kind]) -> Kind | None:
        """Find the card of a reference; None if there is no card of that kind."""
        loaded = self.graph.cards.get(ref)
        return loaded.card if loaded is not None and isinstance(loaded.card, kind) else None

    def find_model(self, model_id: str | None) -> Model | None:
        """Find the model with an id."""
        return self.find(Ref("model", model_id), Model) if model_id else None

    def list_duties(self, *codes: str) -> Iterator[tuple[LoadedCard, Duty]]:
        """List the duties that findings of the codes report, each with its card."""
        for loaded, duty in self._duties:
            if duty.code in codes:
                yield loaded, duty

    @cached_property
    def _duties(self) -> tuple[tuple[LoadedCard, Duty], ...]:
        return tuple(
            (loaded, duty)
            for loaded in self.items
            for duty in list_card_duties(self.graph, loaded, self.settings, self.today)
        )

    @cached_property
    def curl_reviews(self) -> Sequence[tuple[LoadedCard, CurlReview]]:
        """The hand-written curls of models that are not retired, compared with their cards once for all rules."""
        return [
            (loaded, review_curl(loaded, model, self.facts.get_schemas(loaded.ref).get("request")))
            for loaded, model in self.list_current_models()
            if model.curl is not None
        ]

    @cached_property
    def _by_kind(self) -> Mapping[type[Card], Sequence[LoadedCard]]:
        # By their references: a stored card is read when its values are asked for.
        return group_pairs((KINDS.get(loaded.ref.kind, Resource), loaded) for loaded in self.items)


class Violation(FrozenValue):
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


def report_overdue(context: RuleContext, code: str, hint: str) -> Iterator[Violation]:
    """Build the violations of the overdue duties that findings of a code report."""
    return (report_duty(loaded, duty, hint) for loaded, duty in context.list_duties(code) if duty.is_overdue)


Check = Callable[[RuleContext], Iterator[Violation]]
Scope = Literal["card", "book"]


class CheckedRule(FrozenValue):
    """A rule together with its check."""

    rule: Rule
    check: Check
    kinds: tuple[type[Card], ...] = ()
    """The kinds of cards that it checks; empty for all."""
    scope: Scope = "card"
    """Whether it checks each card alone, with what it looks up about others, or the book as a whole."""

    def __call__(self, context: RuleContext) -> Iterator[Finding]:
        """Return all findings of the rule, in no particular order."""
        return map(self.build_finding, self.check(context))

    def build_finding(self, violation: Violation) -> Finding:
        """Return the finding of a violation."""
        finding = self.rule.at(violation.position, violation.message, violation.hint, violation.subject)
        if violation.severity is not None or violation.parts:
            finding = replace(finding, severity=violation.severity or finding.severity, parts=violation.parts)
        return finding


def rule(
    code: str,
    name: str,
    severity: Severity = Severity.ERROR,
    *,
    kinds: tuple[type[Card], ...] = (),
    scope: Scope = "card",
) -> Callable[[Check], CheckedRule]:
    """Turn a check into a rule that its docstring explains; `checks.RULES` lists them all.

    A rule checks each card alone: it walks over the lists of its context, and looks up other cards by a key, in the
    graph or in the facts of the book. A rule that must walk over the book has the scope `book`; it runs again after
    each change, so it has to be quick.

    An error is a mistake that its author can fix in the same change. If it arises only because time passes, it is a
    warning: otherwise builds fail overnight. The exception is a person who has left, because the contact does not
    answer.

    Args:
        code: The code of its findings.
        name: The name, as in `no-owner`.
        severity: The severity of its findings.
        kinds: The kinds of cards that it checks; empty for all.
        scope: Whether it checks each card alone or the book as a whole.

    """

    def decorate(check: Check) -> CheckedRule:
        return CheckedRule(Rule(code, name, severity, inspect.getdoc(check) or ""), check, kinds, scope)

    return decorate


def check(context: RuleContext, rules: Iterable[CheckedRule]) -> list[Finding]:
    """Return all findings of the rules, sorted by place, without duplicates."""
    return sort_findings(finding for each in rules for finding in each(context))
