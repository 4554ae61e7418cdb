"""The inventory: its part on a model's page, and the page that lists all models with their validation."""

from collections import Counter
from datetime import date

from msgspec.structs import replace

from generator.graph.consumers import list_model_uses
from generator.graph.duties import Duty, DutyKind, find_validation_day
from generator.graph.people import resolve_owner
from generator.names import Ref, build_sort_key
from generator.pages.book import Book
from generator.pages.contexts.indexes import Filter, list_filters
from generator.pages.contexts.page_parts import (
    Division,
    PagePart,
    divide_rows,
    has_too_many,
    list_team_groups,
)
from generator.pages.contexts.parts import (
    Badge,
    FactRow,
    LabelledLink,
    Value,
    build_badge,
    build_optional_fact,
    resolve_owners,
)
from generator.pages.markup import is_linkable
from generator.schema import Model
from generator.schema.card import Lifecycle
from generator.schema.inventory import Validation
from generator.values import FrozenValue

INVENTORY_COLUMNS = (
    "Owner", "Tier", "Risk", "Lifecycle", "Validated", "Next validation", "Approved consumers", "Exceptions",
)  # fmt: skip
_MOST_OTHERS = 20
"""The most models without a field of the inventory that the page names."""


class ApprovedUseRow(FrozenValue):
    """An approved use of a model."""

    use: str
    systems: tuple[Ref, ...]
    by: Ref | None
    on: date | None
    until: date | None
    has_ended: bool


class ExceptionRow(FrozenValue):
    """An accepted departure from the policy."""

    what: str
    why: str
    by: Ref | None
    on: date | None
    until: date | None
    has_ended: bool


class ModelInventory(FrozenValue):
    """The values of the inventory on the card of a model."""

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
        return resolve_owner(book.graph, text) if text else None

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
    rated = (risk.on, resolve_owner(book.graph, risk.by) if risk.by else None) if risk else ()
    return (
        build_optional_fact("Tier", model.tier),
        FactRow("Risk", (build_badge(risk.rating),) if risk else (), (risk.why or "") if risk else ""),
        FactRow("Rated", tuple(value for value in rated if value)),
    )


def _list_validation_facts(book: Book, model: Model, overdue: list[Duty]) -> tuple[FactRow, ...]:
    validation = model.validation or Validation()
    by = resolve_owner(book.graph, validation.by) if validation.by else None
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


class TierRow(FrozenValue):
    """The models of a tier."""

    tier: str
    """Empty for models without one."""
    days: int | None
    """The days from one validation to the next; None if its models need none."""
    count: int
    overdue: int


class InventoryPageRow(FrozenValue):
    """A model in the table."""

    ref: Ref
    cells: tuple[tuple[Value, ...], ...]
    """The values of each column."""
    filters: tuple[Filter, ...]
    aliases: tuple[str, ...]
    is_unapproved: bool = False
    """Whether a use is neither approved nor accepted."""


class InventoryView(FrozenValue):
    """The content of the page *Inventory*."""

    columns: tuple[str, ...]
    rows: tuple[InventoryPageRow, ...]
    """By tier and name."""
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    """Each filter with its words."""
    tiers: tuple[TierRow, ...]
    overdue: int
    """The models whose validation is overdue or missing."""
    unapproved: int
    """The models with a use that is neither approved nor accepted under `x-allow`."""
    others: tuple[Ref, ...]
    """The first models in use whose cards have none of the fields, by name."""
    other_count: int
    divisions: tuple[Division[InventoryPageRow], ...] = ()
    """The models of each team, on pages of their own; empty if this page has all models."""
    part: PagePart[InventoryPageRow] | None = None
    """The part of a divided table that this page has; None on the page of all models."""


def build_inventory_view(book: Book) -> InventoryView:
    """Build the page of all models with a field of the inventory."""
    by_ref = {model.ref: model for model in book.list_cards(Model)}
    models = [by_ref[ref] for ref in book.sort_by_name(by_ref)]
    listed = sorted(
        (one for one in models if one.is_inventoried),
        key=lambda one: (one.tier is None, build_sort_key(one.tier or "")),
    )
    others = [one.ref for one in models if not one.is_inventoried and one.lifecycle is not Lifecycle.RETIRED]
    overdue = {
        model.ref: frozenset(duty.kind for duty in book.duties.get(model.ref, ()) if duty.is_overdue)
        for model in listed
    }
    known = book.settings.inventory.tiers
    counts = Counter(one.tier or "" for one in listed)
    late = Counter(one.tier or "" for one in listed if DutyKind.VALIDATION in overdue[one.ref])
    rows = tuple(_build_row(book, model, overdue[model.ref]) for model in listed)
    view = InventoryView(
        columns=INVENTORY_COLUMNS,
        rows=rows,
        filters=list_filters(row.filters for row in rows),
        tiers=tuple(
            TierRow(tier=tier, days=known.get(tier), count=counts[tier], overdue=late[tier])
            for tier in dict.fromkeys((*sorted(known, key=build_sort_key), *counts))
        ),
        overdue=sum(DutyKind.VALIDATION in kinds for kinds in overdue.values()),
        unapproved=sum(DutyKind.APPROVAL in kinds for kinds in overdue.values()),
        others=tuple(others[:_MOST_OTHERS]),
        other_count=len(others),
    )
    if not has_too_many(len(rows)):
        return view
    title = "Inventory"
    divisions = divide_rows(rows, "model-inventory", title, lambda row: list_team_groups(book, row.ref, title))
    return replace(view, divisions=divisions)


def build_inventory_part(_book: Book, view: InventoryView, part: PagePart[InventoryPageRow]) -> InventoryView:
    """Build the page with the models of one team."""
    filters = list_filters(row.filters for row in part.rows)
    states = [word for row in part.rows for name, word in row.filters if name == "validation"]
    return replace(
        view, rows=part.rows, filters=filters, tiers=(), others=(), other_count=0, divisions=(), part=part,
        overdue=states.count("overdue"), unapproved=sum(row.is_unapproved for row in part.rows),
    )  # fmt: skip


def _build_row(book: Book, model: Model, overdue: frozenset[DutyKind]) -> InventoryPageRow:
    owners, validation = resolve_owners(book, model), model.validation or Validation()
    due = find_validation_day(model, book.settings)
    late = [build_badge("overdue")] if DutyKind.VALIDATION in overdue else []
    result = Badge(validation.result, "red") if validation.result and validation.is_rejected else validation.result
    cells: tuple[tuple[Value | None, ...], ...] = (
        owners,
        (model.tier,),
        (build_badge(model.risk.rating) if model.risk else None,),
        (build_badge(model.lifecycle),),
        (validation.on, result),
        (due, *late),
        (_count_approved(book, model),),
        (str(len(model.exceptions)) if model.exceptions else None,
         build_badge("overdue") if DutyKind.EXCEPTION in overdue else None),
    )  # fmt: skip
    filters: list[Filter] = [("owner", book.graph.get_name(owner)) for owner in owners]
    filters += [("tier", model.tier)] if model.tier else []
    filters += [("risk", model.risk.rating)] if model.risk else []
    filters.append(("lifecycle", model.lifecycle.value))
    state = "overdue" if late else "validated" if validation.on else "not validated"
    filters.append(("validation", state))
    stated = tuple(tuple(value for value in cell if value) for cell in cells)
    return InventoryPageRow(model.ref, stated, tuple(filters), model.aliases, DutyKind.APPROVAL in overdue)


def _count_approved(book: Book, model: Model) -> str | None:
    """Return how many consumers an approval in force covers; None if the card has no approved uses."""
    if not model.approved_uses:
        return None
    uses = list_model_uses(book.graph, model.ref)
    covered = {
        name for one in model.approved_uses if one.until is None or one.until >= book.today for name in one.systems
    }
    return f"{sum(use.system.id in covered for use in uses)} of {len(uses)}"
