"""Books with duties: a model, its user, an experiment and a migration, drawn at random."""

from collections.abc import Iterable
from datetime import date

from hypothesis import strategies as st

from generator.answers.debt import Ledger, assemble_ledger, build_items, find_beginnings
from generator.answers.evidence_duties import list_evidence_duties
from generator.answers.observations import SightingIndex
from generator.checks.suppressions import Suppressed
from generator.findings import Finding
from generator.graph.duties import Duty, drop_accepted, find_accepted, list_card_duties
from generator.graph.edges import Graph
from generator.history.events import History
from generator.settings import Settings

EXPERIMENT = "kind: experiment\nid: ab\nname: AB\nowners: [one]\n"
MIGRATION = "kind: migration\nid: x\nname: X\nowners: [one]\nmoves: [topic:t]\n"


def model(name: str, lines: str, lifecycle: str = "production") -> str:
    return f"kind: model\nid: {name}\nname: {name}\nsummary: s\nlifecycle: {lifecycle}\nserving: online\n{lines}"


def with_functions(*functions: str) -> Settings:
    return Settings(functions={function: function for function in functions})


def list_book_duties(graph: Graph, settings: Settings, today: date) -> tuple[Duty, ...]:
    """List the duties of all cards with their owners, in the order of the cards."""
    return tuple(duty for loaded in graph.cards.values() for duty in list_card_duties(graph, loaded, settings, today))


def build_ledger(
    graph: Graph,
    settings: Settings,
    today: date,
    findings: Iterable[Finding] = (),
    suppressed: Iterable[Suppressed] = (),
    history: History | None = None,
    sightings: SightingIndex | None = None,
) -> Ledger:
    """Build the ledger of a day from the duties of all cards at once; a book has a table of the duties of each card."""
    every = (*list_book_duties(graph, settings, today), *(list_evidence_duties(sightings) if sightings else ()))
    duties = tuple(drop_accepted(every, find_accepted(graph, graph.cards), settings))
    began = find_beginnings(history, settings, today)
    items = (item for duty in duties for item in build_items(graph, duty, began, today))
    severities = ((finding.subject, finding.severity) for finding in findings)
    return assemble_ledger(graph, today, duties, items, severities, suppressed)


DAYS = st.sampled_from(["2026-10-20", "2026-11-19", "2026-11-20", "2026-12-15", "2027-10-20", ""])


def to_line(key: str, value: str) -> str:
    return f"{key}: {value}\n" if value else ""


@st.composite
def inventories(draw: st.DrawFn) -> str:
    """Draw the lines of a model for the inventory."""
    validation = [f"{key}: {day}" for key, day in zip(("on", "next"), draw(st.tuples(DAYS, DAYS)), strict=True) if day]
    untils = [f", until: {day}" if day else "" for day in draw(st.tuples(DAYS, DAYS))]
    systems = draw(st.sampled_from(["", ", systems: [s]"]))
    lines = [
        to_line("tier", draw(st.sampled_from(["1", "2", ""]))),
        f"validation: {{{', '.join(validation)}}}\n",
        f"approved_uses: [{{use: u{systems}{untils[0]}}}]\n",
        f"exceptions: [{{what: e, why: w{untils[1]}}}]\n",
    ]
    return "".join(line for line in lines if draw(st.booleans()))


@st.composite
def cards(draw: st.DrawFn) -> dict[str, str]:
    """Draw the cards of a model, its user, an experiment and a migration."""
    lifecycle = draw(st.sampled_from(["experimental", "production", "deprecated", "retired"]))
    status = draw(st.sampled_from(["draft", "running", "concluded", "cleaned"]))
    moving = draw(st.sampled_from(["planned", "running", "done", "rolled_back"]))
    accepted = "x-allow: {MB406: until June, MB504: until May}\n" if draw(st.booleans()) else ""
    items = [
        f"{{remove: topic:{name}{f', done_on: {done}' if done else ''}}}"
        for name, done in zip("ab", draw(st.tuples(DAYS, DAYS)), strict=True)
    ]
    cleanup = "cleanup:\n" + to_line("  due", draw(DAYS)) + f"  items: [{', '.join(items)}]\n"
    waves = [
        "{traffic: 5" + (f", planned_on: {planned}" if planned else "") + (f", done_on: {done}}}" if done else "}")
        for planned, done in draw(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=3))
    ]
    accepted_by_model = "x-allow: {MB406: until July, MB203: until August}\n" if draw(st.booleans()) else ""
    uses = "uses: [{model: m, why: w}]\n" if draw(st.booleans()) else ""
    consumers = "consumers: [{system: s, why: w}]\n" if draw(st.booleans()) else ""
    contacts = "contacts: {ds: p}\n" if draw(st.booleans()) else ""
    return {
        "m.yml": model("m", to_line("review_by", draw(DAYS)) + contacts + consumers + accepted_by_model
                      + draw(inventories()), lifecycle),
        "s.yml": f"kind: system\nid: s\nname: S\ntype: app\n{uses}{accepted}",
        "ab.yml": EXPERIMENT + to_line("status", status)
        + to_line("started_on", draw(st.sampled_from(["2026-10-01", ""])))
        + to_line("ended_on", draw(DAYS)) + (cleanup if draw(st.booleans()) else "") + accepted,
        "x.yml": MIGRATION + to_line("status", moving) + f"waves: [{', '.join(waves)}]\n",
    }  # fmt: skip
