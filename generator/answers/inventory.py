"""The inventory of models: one row a model with the facts that supervisors ask for, and the lines that state them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from generator.findings import Finding, Position
from generator.graph.consumers import list_model_uses
from generator.graph.duties import find_validation_day
from generator.graph.edges import DEPENDING, FLOWING, Graph, Relation
from generator.graph.people import find_team
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.files import extract_yaml
from generator.load.nodes import Path
from generator.names import Ref, build_ref_key
from generator.schema import Model, System
from generator.schema.base import Data
from generator.settings import Settings
from generator.values import FrozenValue

COLUMNS: Mapping[str, str] = {
    "id": "Id",
    "name": "Name",
    "aliases": "Also called",
    "summary": "Description",
    "owners": "Owners",
    "teams": "Teams",
    "contacts": "Contacts",
    "developer": "Developer",
    "vendor": "Vendor or origin",
    "intended_use": "Intended use",
    "out_of_scope": "Out of scope",
    "tier": "Tier",
    "risk": "Risk rating",
    "risk_reason": "Reason for the rating",
    "risk_by": "Rated by",
    "risk_on": "Rated on",
    "lifecycle": "Lifecycle",
    "version": "Version",
    "deployed_on": "Deployed on",
    "validated_by": "Validated by",
    "validated_on": "Validated on",
    "validation_result": "Result of the validation",
    "next_validation": "Next validation",
    "validation_report": "Validation report",
    "approved_uses": "Approved uses",
    "consumers": "Consumers",
    "features": "Input features",
    "training_data": "Training data",
    "evaluation_data": "Evaluation data",
    "metrics": "Performance",
    "limitations": "Limitations",
    "ethical_considerations": "Ethical considerations",
    "exceptions": "Exceptions",
    "depends_on": "Depends on",
    "fallback": "Fallback",
    "monitoring": "Monitoring",
    "review_by": "Review by",
    "repository": "Repository",
    "findings": "Findings",
    "last_change": "Last change",
}
"""The keys of the columns with their titles, in the order of the table."""
_DEVELOPER_KEYS = ("developer", "developers", "developed_by", "authors")
_VENDOR_KEYS = ("vendor", "provider", "origin", "third_party")
_CODES = "MB42"
"""The beginning of the codes of findings about the inventory."""


class LineRange(FrozenValue, order=True):
    """Lines of a file in the book that state a value."""

    file: str
    first: int
    last: int


class InventoryCell(FrozenValue):
    """A value of the inventory."""

    text: str
    lines: tuple[LineRange, ...]
    """The lines that state it; empty if there is no value."""


class InventoryRow(FrozenValue):
    """A model in the inventory."""

    ref: Ref
    card: LineRange
    """All lines of its card."""
    cells: Mapping[str, InventoryCell]
    """The cells by the keys of the columns, without that of the last change, which only git knows."""


class Inventory(FrozenValue):
    """The inventory of a book on a day."""

    title: str
    today: date
    rows: tuple[InventoryRow, ...]
    """Sorted by id."""


def build_inventory(
    title: str, cards: Cards, graph: Graph, settings: Settings, today: date, findings: Iterable[Finding] = ()
) -> Inventory:
    """Build the inventory of all models, retired ones too."""
    relevant = (one for one in findings if one.code.startswith(_CODES))
    by_subject = group_pairs((one.subject, one) for one in relevant)
    lines = _CardLines(cards)
    rows = []
    for loaded in cards.items:
        if isinstance(loaded.card, Model):
            reader = _ModelReader(graph, settings, lines, loaded, loaded.card, by_subject.get(loaded.ref, ()))
            found: dict[str, list[_Part]] = {}
            for key, part in reader.list_parts():
                found.setdefault(key, []).append(part)
            cells = {key: _join_parts(found.get(key, ())) for key in COLUMNS if key != "last_change"}
            rows.append(InventoryRow(loaded.ref, lines.find(loaded)[0], cells))
    return Inventory(title, today, tuple(sorted(rows, key=lambda row: build_ref_key(row.ref))))


_Part = tuple[str, tuple[LineRange, ...]]
"""One of the values in a cell, with its lines."""


def _join_parts(parts: Sequence[_Part]) -> InventoryCell:
    """Join the values of a cell; neighbouring lines become one range."""
    lines: list[LineRange] = []
    for one in dict.fromkeys(one for _, several in parts for one in several):
        before = lines[-1] if lines else None
        if before is not None and before.file == one.file and before.first <= one.first <= before.last + 1:
            lines[-1] = LineRange(one.file, before.first, max(before.last, one.last))
        else:
            lines.append(one)
    return InventoryCell("; ".join(dict.fromkeys(text for text, _ in parts if text)), tuple(lines))


class _CardLines:
    """The lines of values in the files of cards."""

    def __init__(self, cards: Cards) -> None:
        self._texts = cards.texts
        self._breaks: dict[str, list[int]] = {}

    def find(self, loaded: LoadedCard, *path: str | int) -> tuple[LineRange, ...]:
        """Find the lines of a key and its value; none if the card does not have it."""
        document, node = loaded.document, loaded.document.find(*path)
        if node is None:
            return ()
        first = document.at_key(*path).line
        if document.at(*path).line != document.position(node.mark).line:  # an alias: the value is elsewhere
            return (LineRange(document.file, first, first),)
        file, end = document.file, max(node.end - 1, node.mark.offset)
        if file not in self._breaks:
            text = extract_yaml(self._texts.get(file, ""), file)[1]
            self._breaks[file] = [index for index, character in enumerate(text) if character == "\n"]
        last = document.first_line + bisect_right(self._breaks[file], end - 1)
        return (LineRange(file, first, max(first, last)),)


class _ModelReader(FrozenValue):
    """The card of a model with the sources of the values in its row."""

    graph: Graph
    settings: Settings
    lines: _CardLines
    loaded: LoadedCard
    model: Model
    findings: tuple[Finding, ...]

    def list_parts(self) -> Iterator[tuple[str, _Part]]:
        """List the values of the row, each with the key of its column."""
        model = self.model
        plain = ("name", "summary", "tier", "lifecycle", "version", "deployed_on", "review_by")
        stated: dict[str, tuple[object, Path]] = {column: (getattr(model, column), (column,)) for column in plain}
        if model.risk is not None:
            key: Path = ("risk", "rating") if self._find("risk", "rating") else ("risk",)
            stated |= {"risk": (model.risk.rating, key), "risk_reason": (model.risk.why, ("risk", "why"))}
            stated |= {"risk_on": (model.risk.on, ("risk", "on"))}
        if model.validation is not None:
            validation = model.validation
            stated["validated_on"] = (validation.on, ("validation", "on"))
            stated["validation_result"] = (validation.result, ("validation", "result"))
            stated["validation_report"] = (validation.report, ("validation", "report"))
        for column, (value, path) in stated.items():
            if value is not None:
                yield column, self._read(str(value), *path)
        yield "id", (model.id, self._find("id") or (_to_line(self.loaded.at()),))
        yield from (("aliases", self._read(alias, "aliases", index)) for index, alias in enumerate(model.aliases))
        copies = enumerate(model.instances)
        yield from (("aliases", self._read(copy.id, "instances", index, "id")) for index, copy in copies)
        yield from self._list_people()
        yield from self._list_inventory_parts()
        yield from self._list_model_card()
        yield from self._list_surroundings()
        for finding in self.findings:
            yield "findings", (f"{finding.code} {finding.message}", (_to_line(finding.position),))

    def _find(self, *path: str | int) -> tuple[LineRange, ...]:
        return self.lines.find(self.loaded, *path) or (self._find(*path[:-1]) if isinstance(path[-1], int) else ())

    def _read(self, text: str, *path: str | int) -> _Part:
        return text, self._find(*path)

    def _name_party(self, ref: Ref, *path: str | int) -> _Part:
        """Return the name of a card with the lines that refer to it and that name it."""
        other = self.graph.cards.get(ref)
        return self.graph.get_name(ref), (*self._find(*path), *(self.lines.find(other, "name") if other else ()))

    def _list_people(self) -> Iterator[tuple[str, _Part]]:
        edges = group_pairs((edge.relation, edge) for edge in self.graph.list_outgoing_edges(self.model.ref))
        for edge in edges.get(Relation.OWNED_BY, ()):
            place = (_to_line(edge.position),)
            owner, team = self.graph.cards[edge.target], find_team(self.graph, edge.target)
            yield "owners", (owner.card.name, (*place, *self.lines.find(owner, "name")))
            if team.kind == "team":
                own = (*self.lines.find(owner, "team"), *self.lines.find(self.graph.cards[team], "name"))
                yield "teams", (self.graph.get_name(team), (*place, *own))
        for edge in edges.get(Relation.CONTACT, ()):
            title = self.settings.functions.get(edge.role, edge.role)
            text, lines = self._name_party(edge.target, "contacts", edge.role)
            yield "contacts", (f"{title}: {text}", lines)
        for relation, column, path in (
            (Relation.RATED_BY, "risk_by", ("risk", "by")),
            (Relation.VALIDATED_BY, "validated_by", ("validation", "by")),
        ):
            for edge in edges.get(relation, ()):
                yield column, self._name_party(edge.target, *path)

    def _list_inventory_parts(self) -> Iterator[tuple[str, _Part]]:
        model, due = self.model, find_validation_day(self.model, self.settings)
        if due is not None:
            paths: tuple[Path, ...] = (("validation", "next"),)
            if not self._find(*paths[0]):  # computed from the last one and the tier
                paths = (("validation", "on"), ("tier",))
            yield "next_validation", (str(due), tuple(one for path in paths for one in self._find(*path)))
        for index, use in enumerate(model.approved_uses):
            systems = ", ".join(self.graph.get_name(Ref("system", name)) for name in use.systems)
            approval = _describe_approval(use.by, use.on, use.until)
            details = [f"for {systems}"] if systems else []
            yield "approved_uses", self._read(_append_details(use.use, [*details, *approval]), "approved_uses", index)
        for index, exception in enumerate(model.exceptions):
            approval = _describe_approval(exception.by, exception.on, exception.until)
            text = _append_details(f"{exception.what}: {exception.why}", approval)
            yield "exceptions", self._read(text, "exceptions", index)

    def _list_model_card(self) -> Iterator[tuple[str, _Part]]:
        card, model = self.model.card, self.model
        for column in (
            "intended_use", "out_of_scope", "training_data", "evaluation_data", "metrics", "limitations",
            "ethical_considerations",
        ):  # fmt: skip
            value = getattr(card, column, None)
            if value is not None:
                yield column, self._read(_format_data(value), "card", column)
        details = card.model_details if card is not None else None
        for column, keys in (("developer", _DEVELOPER_KEYS), ("vendor", _VENDOR_KEYS)):
            for key in keys:
                if isinstance(details, dict) and key in details:
                    yield column, self._read(_format_data(details[key]), "card", "model_details", key)
                if f"x-{key}" in model.extras:
                    yield column, self._read(_format_data(model.extras[f"x-{key}"]), f"x-{key}")
        for index, feature in enumerate(model.features):
            yield "features", self._read(feature.feature, "features", index)

    def _list_surroundings(self) -> Iterator[tuple[str, _Part]]:
        """List the consumers, the dependencies, the operations and the repository."""
        model, ref = self.model, self.model.ref
        lines = self._index_use_lines()
        for use in list_model_uses(self.graph, ref):
            name, whys = self.graph.get_name(use.system), "; ".join(use.whys)
            yield "consumers", (f"{name}: {whys}" if whys else name, lines.get(use.system, ()))
        for edge in self.graph.list_outgoing_edges(ref, *DEPENDING):
            column = "fallback" if edge.relation is Relation.FALLS_BACK_TO else "depends_on"
            yield column, (self.graph.get_name(edge.target), (_to_line(edge.position),))
        for name in ("monitoring", "alerts", "drift_check"):
            entry = getattr(model.operations, name, None)
            if entry is not None:
                values = (entry.link, entry.result, entry.on and str(entry.on))
                text = f"{name.replace('_', ' ')}: {', '.join(value for value in values if value) or 'yes'}"
                yield "monitoring", self._read(text, "operations", name)
        if model.repo is not None:
            yield "repository", self._read(model.repo, "repo")
        elif "repo" in model.links:
            yield "repository", self._read(model.links["repo"], "links", "repo")

    def _index_use_lines(self) -> Mapping[Ref, tuple[LineRange, ...]]:
        """Return the lines that declare the use by each system: in the cards of both sides, then in flows."""
        model, found = self.model, list[tuple[Ref, LineRange]]()
        for index, consumer in enumerate(model.consumers):
            found += [(Ref("system", consumer.system), one) for one in self._find("consumers", index)]
        edges = self.graph.list_incoming_edges(model.ref, *FLOWING)
        for system in dict.fromkeys(edge.source for edge in edges):
            other = self.graph.cards.get(system)
            if other is not None and isinstance(other.card, System):
                uses = (index for index, use in enumerate(other.card.uses) if use.model == model.id)
                found += [(system, one) for index in uses for one in self.lines.find(other, "uses", index)]
        found += [(edge.source, _to_line(edge.position)) for edge in edges if edge.step]
        return group_pairs(found)


def _to_line(position: Position) -> LineRange:
    return LineRange(position.file, position.line, position.line)


def _describe_approval(by: str | None, on: date | None, until: date | None) -> list[str]:
    named = (("by", by), ("on", on), ("until", until))
    return [f"{word} {value}" for word, value in named if value is not None]


def _append_details(text: str, details: Iterable[str]) -> str:
    joined = ", ".join(details)
    return f"{text} ({joined})" if joined else text


def _format_data(value: Data) -> str:
    """Return free data on one line: the items of a list separated by semicolons, a mapping as `name: F1, value: 1`."""
    match value:
        case dict():
            return ", ".join(f"{key}: {_format_data(item)}" for key, item in value.items())
        case list():
            return "; ".join(map(_format_data, value))
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            return " ".join(str(value).split())
