"""The inventory on a model's page: tier, risk, validation, approved uses and exceptions."""

from dataclasses import dataclass
from datetime import date

from generator.graph.duties import Duty, DutyKind, find_validation_day
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import (
    Badge,
    FactRow,
    LabelledLink,
    Value,
    build_badge,
    build_optional_fact,
    resolve_owner,
)
from generator.pages.markup import is_linkable
from generator.schema import Model
from generator.schema.inventory import Validation


@dataclass(frozen=True, slots=True)
class ApprovedUseRow:
    """An approved use of a model."""

    use: str
    systems: tuple[Ref, ...]
    by: Ref | None
    on: date | None
    until: date | None
    has_ended: bool


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An accepted departure from the policy."""

    what: str
    why: str
    by: Ref | None
    on: date | None
    until: date | None
    has_ended: bool


@dataclass(frozen=True, slots=True)
class ModelInventory:
    """What the card of a model says for the inventory."""

    facts: tuple[FactRow, ...]
    uses: tuple[ApprovedUseRow, ...]
    unapproved: tuple[Ref, ...]
    """The consumers without an approval."""
    exceptions: tuple[ExceptionRow, ...]


def build_model_inventory(book: Book, model: Model) -> ModelInventory | None:
    """Build the inventory of a model; None if its card has none of the fields."""
    if not model.is_inventoried:
        return None

    def find_party(text: str | None) -> Ref | None:
        return resolve_owner(book, text) if text else None

    def has_ended(until: date | None) -> bool:
        return until is not None and until < book.today

    duties = [duty for duty in book.duties.get(model.ref, ()) if duty.is_overdue]
    facts = (*_list_risk_facts(book, model), *_list_validation_facts(book, model, duties))
    return ModelInventory(
        facts=tuple(fact for fact in facts if fact.values),
        uses=tuple(
            ApprovedUseRow(
                use=one.use,
                systems=tuple(Ref("system", name) for name in one.systems),
                by=find_party(one.by),
                on=one.on,
                until=one.until,
                has_ended=has_ended(one.until),
            )
            for one in model.approved_uses
        ),
        unapproved=tuple(Ref.parse(duty.key) for duty in duties if duty.kind is DutyKind.APPROVAL),
        exceptions=tuple(
            ExceptionRow(one.what, one.why, find_party(one.by), one.on, one.until, has_ended(one.until))
            for one in model.exceptions
        ),
    )


def _list_risk_facts(book: Book, model: Model) -> tuple[FactRow, ...]:
    risk = model.risk
    rated = (risk.on, resolve_owner(book, risk.by) if risk.by else None) if risk else ()
    return (
        build_optional_fact("Tier", model.tier),
        FactRow("Risk", (build_badge(risk.rating),) if risk else (), (risk.why or "") if risk else ""),
        FactRow("Rated", tuple(value for value in rated if value)),
    )


def _list_validation_facts(book: Book, model: Model, overdue: list[Duty]) -> tuple[FactRow, ...]:
    validation = model.validation or Validation()
    by = resolve_owner(book, validation.by) if validation.by else None
    result = Badge(validation.result, "red") if validation.result and validation.is_rejected else validation.result
    validated: tuple[Value | None, ...] = (validation.on, by, result)
    late = [build_badge("overdue")] if any(duty.kind is DutyKind.VALIDATION for duty in overdue) else []
    report = validation.report
    due = find_validation_day(model, book.settings)
    return (
        FactRow("Validated", tuple(value for value in validated if value)),
        FactRow("Report", (LabelledLink("Open" if is_linkable(report) else report, report),) if report else ()),
        FactRow("Next validation", (*([due] if due else []), *late)),
    )


def list_inventory_facts(book: Book, model: Model) -> tuple[FactRow, ...]:
    """List the facts for the table of all facts, which is the page properties in Confluence."""
    validation = model.validation
    return (
        build_optional_fact("Tier", model.tier),
        build_optional_fact("Risk", model.risk.rating if model.risk else None),
        build_optional_fact("Validated on", validation.on if validation else None),
        build_optional_fact("Result of the validation", validation.result if validation else None),
        build_optional_fact("Next validation", find_validation_day(model, book.settings)),
    )
