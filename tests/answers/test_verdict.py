"""Whether a model can be switched off: each verdict and reason in a small book, and laws over random books."""

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.impact import compute_impact
from generator.answers.observations import RECENT_DAYS, EvidenceSource, Observation, SeenConsumer
from generator.answers.removal import ReasonKind, ReasonTopic
from generator.answers.verdict import Verdict, VerdictKind, judge_kind, judge_removal
from generator.errors import UserError
from generator.graph.duties import DutyKind
from generator.names import Ref
from generator.settings import Settings
from tests.answers.books import FUNCTIONS, TODAY, book, own_book
from tests.answers.duty_books import list_book_duties

RYL = Ref("model", "ryl")
FEED = "---\n{kind: system, id: feed, name: Home feed, type: service, owners: [core]}\n"
LOOKED = tuple(Observation(source, date(2026, 11, 19)) for source in EvidenceSource)


def model(lines: str = "", lifecycle: str = "production", name: str = "ryl") -> str:
    return (
        f"kind: model\nid: {name}\nname: {name.upper()}\nsummary: s\nlifecycle: {lifecycle}\nserving: online\n{lines}"
    )


def used(criticality: str = "", surface: str = "") -> str:
    more = f", criticality: {criticality}" if criticality else ""
    where = f", surface: {surface}" if surface else ""
    return f"consumers: [{{system: feed, why: Fills the carousel{more}{where}}}]\n"


def judge(root: Path, text: str, *observations: Observation) -> Verdict:
    return judge_removal(book(root, {"a.yml": text}), RYL, FUNCTIONS, TODAY, observations)


def test_a_retired_fallback_answers_nothing(tmp_path: Path):
    for lifecycle, texts in (("production", ["If it fails, NEW answers."]), ("retired", [])):
        found = judge(tmp_path / lifecycle, model("fallback: new\n") + "---\n" + model("", lifecycle, "new"), *LOOKED)
        assert [one.text for one in found.reasons if one.topic is ReasonTopic.FALLBACK] == texts


MIGRATION = (
    "---\nkind: migration\nid: shift\nname: Shift\nstatus: {status}\nmoves: [{moves}]\n{more}"
    "waves: [{{traffic: 100, planned_on: 2027-01-11}}]\n"
)
NEW = "---\n" + model(name="new")
EXPERIMENT = (
    "---\nkind: experiment\nid: ab\nname: AB\nstatus: {status}\n"
    "variants: {{a: {{model: ryl, traffic: 50}}, b: {{traffic: 50}}}}\n{more}"
)
CASES: dict[str, tuple[str, tuple[Observation, ...], VerdictKind, str]] = {
    "high criticality": (model(used("high", "Home")) + FEED, LOOKED, VerdictKind.NO, "No. Customers would notice."),
    "medium criticality": (model(used("medium")) + FEED, LOOKED, VerdictKind.NO, "No. Home feed needs it."),
    "criticality not stated": (model(used()) + FEED, LOOKED, VerdictKind.NO, "No. Home feed needs it."),
    "low criticality": (
        model(used("low")) + FEED, LOOKED, VerdictKind.NOT_YET, "Not yet. Home feed has to move first.",
    ),
    "consumer with a dated wave": (
        model(used("high") + "successor: new\n", "deprecated") + FEED + NEW
        + MIGRATION.format(status="planned", moves="system:feed, model:new", more=""),
        LOOKED, VerdictKind.NOT_YET, "Not yet. Home feed has to move first.",
    ),
    "consumer moves with the model": (
        model(used("high")) + FEED + MIGRATION.format(status="planned", moves="system:feed, model:ryl", more=""),
        LOOKED, VerdictKind.NO, "No. Home feed needs it.",
    ),
    "consumer moves away from another model": (
        model(used("high")) + FEED + MIGRATION.format(status="planned", moves="system:feed", more=""),
        LOOKED, VerdictKind.NO, "No. Home feed needs it.",
    ),
    "the migration is done, but the use is declared": (
        model(used("high")) + FEED + MIGRATION.format(status="done", moves="system:feed", more="retires: [ryl]\n"),
        LOOKED, VerdictKind.NO, "No. Home feed needs it.",
    ),
    "reader of its topic": (
        model() + FEED + "---\n{kind: flow, id: f, name: F, steps: [{from: model:ryl, publishes: topic:scores}, "
        "{from: system:feed, consumes: topic:scores}]}\n",
        LOOKED, VerdictKind.NO, "No. Home feed needs it.",
    ),
    "caller that was only seen in traffic": (
        model(),
        (LOOKED[0], Observation(EvidenceSource.TRAFFIC, TODAY, (SeenConsumer(None, "batch-job", "2 a day"),))),
        VerdictKind.NO, "No. batch-job needs it.",
    ),
    "retired, but seen in traffic": (
        model(lifecycle="retired"),
        (LOOKED[0], Observation(EvidenceSource.TRAFFIC, TODAY, (SeenConsumer(None, "batch-job", "2 a day"),))),
        VerdictKind.NO, "No. batch-job needs it.",
    ),
    "fallback of another": (
        model() + "---\n" + model("fallback: ryl\n", name="new"), LOOKED, VerdictKind.NOT_YET,
        "Not yet. It is the fallback of NEW.",
    ),
    "fallback of a retired model": (
        model() + "---\n" + model("fallback: ryl\n", "retired", "new"),
        LOOKED, VerdictKind.YES, "Yes. Nothing uses it.",
    ),
    "running experiment": (
        model() + EXPERIMENT.format(status="running", more=""), LOOKED, VerdictKind.NOT_YET,
        "Not yet. AB tests it; the experiment is running.",
    ),
    "open clean-up": (
        model() + EXPERIMENT.format(status="concluded", more="cleanup: {due: 2026-12-05, items: [{remove: topic:t}]}"),
        LOOKED, VerdictKind.NOT_YET, "Not yet. Clean-up open after AB: 1 item, due 5 Dec 2026.",
    ),
    "clean-up that removes the model": (
        model() + EXPERIMENT.format(status="concluded", more="cleanup: {items: [{remove: model:ryl}]}"),
        LOOKED, VerdictKind.YES, "Yes. Nothing uses it.",
    ),
    "moving": (
        model() + MIGRATION.format(status="running", moves="model:ryl", more=""), LOOKED, VerdictKind.NOT_YET,
        "Not yet. Shift moves it, wave 1 of 1 on 11 Jan 2027.",
    ),
    "fallback of a migration": (
        model() + MIGRATION.format(status="planned", moves="topic:t", more="fallback: ryl\n"), LOOKED,
        VerdictKind.NOT_YET, "Not yet. Shift falls back to it, wave 1 of 1 on 11 Jan 2027.",
    ),
    "named in a flow": (
        model() + "---\n{kind: flow, id: f, name: F, steps: [{from: model:ryl, reads: table:t}, "
        "{from: topic:u, calls: table:t}]}\n", LOOKED,
        VerdictKind.NOT_YET, "Not yet. The flow F names it.",
    ),
    "the writer in a flow": (
        model() + "---\n{kind: flow, id: f, name: F, steps: [{from: model:ryl, writes: table:t}]}\n", LOOKED,
        VerdictKind.NOT_YET, "Not yet. The flow F names it.",
    ),
    "a flow with its own steps": (
        model() + "---\n{kind: flow, id: f, name: F, steps: [{from: model:ryl, reads: table:t}]}\n", LOOKED,
        VerdictKind.YES, "Yes. Nothing uses it.",
    ),
    "announced end ahead": (
        model("sunset_on: 2027-01-31\n"), LOOKED, VerdictKind.NOT_YET, "Not yet. Its announced end is on 31 Jan 2027.",
    ),
    "announced end passed": (model("sunset_on: 2026-10-31\n"), LOOKED, VerdictKind.YES, "Yes. Nothing uses it."),
    "nothing looked at": (model(), (), VerdictKind.UNKNOWN, "Unknown. The book cannot tell."),
    "only code looked at": (model(), LOOKED[:1], VerdictKind.UNKNOWN, "Unknown. The book cannot tell."),
    "confirmed lately": (
        model("confirmed_unused: {by: core, on: 2026-11-02}\n"), (), VerdictKind.YES, "Yes. Nothing uses it.",
    ),
    "confirmed long ago": (
        model("confirmed_unused: {by: core, on: 2026-01-02}\n"), (), VerdictKind.UNKNOWN,
        "Unknown. The book cannot tell.",
    ),
    "looked at and empty": (model(), LOOKED, VerdictKind.YES, "Yes. Nothing uses it."),
    "retired": (model(lifecycle="retired"), (), VerdictKind.ALREADY_OFF, "Already off."),
    "retired, yet consumed": (
        model(used("high"), "retired") + FEED, LOOKED, VerdictKind.NO, "No. Home feed needs it.",
    ),
    "retired before its announced end": (
        model("sunset_on: 2027-01-31\n", "retired"), (), VerdictKind.NOT_YET,
        "Not yet. Its announced end is on 31 Jan 2027.",
    ),
    "retired with open clean-up": (
        model(lifecycle="retired")
        + EXPERIMENT.format(status="concluded", more="cleanup: {due: 2026-12-05, items: [{remove: topic:t}]}"),
        (), VerdictKind.ALREADY_OFF, "Already off.",
    ),
    "used by a retired system": (
        model(used("high")) + FEED.replace("type: service", "type: service, lifecycle: retired"), LOOKED,
        VerdictKind.YES, "Yes. Nothing uses it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_first_verdict_that_fits_is_given(tmp_path: Path, case: str) -> None:
    text, observations, kind, sentence = CASES[case]
    verdict = judge(tmp_path, text, *observations)
    assert (verdict.kind, verdict.sentence) == (kind, sentence)


def test_a_reason_links_to_what_it_names(tmp_path: Path) -> None:
    verdict = judge(tmp_path, model("features: [profile:cuisine]\n" + used("high", "Home")) + FEED, *LOOKED)
    assert [(one.kind, one.topic, one.refs) for one in verdict.reasons] == [
        (ReasonKind.BLOCKS, ReasonTopic.CONSUMER, (Ref("system", "feed"),)),
        (ReasonKind.FINE, ReasonTopic.ONLY_USER, (Ref("feature_view", "profile"),)),
    ]


def test_a_retired_consumer_is_not_denied(tmp_path: Path) -> None:
    retired = FEED.replace("type: service", "type: service, lifecycle: retired")
    reason = judge(tmp_path, model(used("high")) + retired).reasons[0]
    assert (reason.text, reason.refs) == ("No consumer is in use: Home feed is retired.", (Ref("system", "feed"),))


def test_the_verdict_states_what_it_is_based_on(tmp_path: Path) -> None:
    text = model("confirmed_unused: {by: core, on: 2026-11-02}\n")
    assert judge(tmp_path, text).basis == (
        "Based on the cards of 20 Nov 2026, the owner's statement of 2 Nov 2026. Code and traffic not looked at."
    )
    assert judge(tmp_path, text, LOOKED[0]).basis.endswith("Traffic not looked at.")


def test_evidence_ages(tmp_path: Path) -> None:
    old = date.fromordinal(TODAY.toordinal() - RECENT_DAYS - 1)
    stale = [Observation(source, old) for source in EvidenceSource]
    assert judge(tmp_path, model(), *stale).kind is VerdictKind.UNKNOWN


@pytest.mark.parametrize(
    ("serving", "trouble"),
    [("online", "Model server is down"), ("offline", "Predictions are late or missing"), ("embedded", "")],
)
def test_a_model_in_the_process_of_its_consumers_has_no_server_to_call(
    tmp_path: Path, serving: str, trouble: str
) -> None:
    verdict = judge(tmp_path, model().replace("online", serving))
    assert [one.trouble for one in verdict.call_now] == [*filter(None, [trouble]), "Answers look wrong"]


def test_the_own_book_asks_tells_and_calls_as_the_page_does() -> None:
    verdict = judge_removal(own_book()[1], RYL, FUNCTIONS, TODAY)
    assert [(one.name, one.why) for one in verdict.ask] == [
        ("Rohan Kulkarni", "Product"),
        ("Joël D'Souza", "Home feed"),
    ]
    assert [one.name for one in verdict.tell] == ["Growth", "Merchandising"]
    assert [(one.trouble, one.name, bool(one.on_call)) for one in verdict.call_now] == [
        ("Home feed is wrong or slow", "Core engineering", True),
        ("Model server is down", "Data science platform", True),
        ("Answers look wrong", "Data science", False),
    ]


def test_only_a_model_has_a_verdict(tmp_path: Path) -> None:
    graph = book(tmp_path, {"a.yml": model() + FEED})
    with pytest.raises(UserError, match="system:feed is not a model"):
        judge_removal(graph, Ref("system", "feed"), {}, TODAY)


STRICTNESS = list(VerdictKind)


@st.composite
def books(draw: st.DrawFn) -> dict[str, str]:
    lifecycle = draw(st.sampled_from(["experimental", "production", "deprecated", "retired"]))
    lines = draw(st.sampled_from(["", "sunset_on: 2027-01-31\n", "confirmed_unused: {by: core, on: 2026-11-02}\n"]))
    lines += draw(st.sampled_from(["", used("high"), used("low"), used()]))
    files = {
        "ryl.yml": model(lines + "successor: new\n", lifecycle),
        "feed.yml": FEED.removeprefix("---\n"),
        "new.yml": model(draw(st.sampled_from(["", "fallback: ryl\n"])), name="new"),
    }
    if draw(st.booleans()):
        status = draw(st.sampled_from(["planned", "running", "done"]))
        moves = draw(st.sampled_from(["system:feed", "model:ryl", "system:feed, model:new"]))
        files["shift.yml"] = MIGRATION.format(status=status, moves=moves, more="").removeprefix("---\n")
    if draw(st.booleans()):
        status = draw(st.sampled_from(["running", "concluded"]))
        files["ab.yml"] = EXPERIMENT.format(status=status, more="").removeprefix("---\n")
    return files


observations = st.sampled_from([(), LOOKED, LOOKED[:1]])


def judge_files(files: Mapping[str, str], looked: tuple[Observation, ...]) -> tuple[Verdict, bool, set[Ref]]:
    """Judge a book; return also whether it has a duty for a consumer, and the models and systems that fail with it."""
    with tempfile.TemporaryDirectory() as folder:
        graph = book(Path(folder), files)
    verdict = judge_removal(graph, RYL, {}, TODAY, looked)
    assert judge_kind(graph, RYL, TODAY, looked) is verdict.kind
    duties = list_book_duties(graph, Settings(), TODAY)
    has_duty = any(duty.subject == RYL and duty.kind is DutyKind.CONSUMED for duty in duties)
    affected = compute_impact(graph, RYL, TODAY).affected
    return verdict, has_duty, {one.ref for one in affected if not one.only_weakened}


@settings(max_examples=60, deadline=None)
@given(books(), observations, st.sampled_from(["high", "medium", "low"]))
def test_another_consumer_never_makes_the_verdict_milder(
    files: dict[str, str], looked: tuple[Observation, ...], criticality: str
) -> None:
    before, _, _ = judge_files(files, looked)
    more = {
        "cart.yml": "kind: system\nid: cart\nname: Cart\ntype: app\nuses: [{model: ryl, why: w, criticality: %s}]\n"
    }
    after, _, _ = judge_files({**files, "cart.yml": more["cart.yml"] % criticality}, looked)
    assert STRICTNESS.index(after.kind) >= STRICTNESS.index(before.kind)
    assert after.kind in {VerdictKind.NOT_YET, VerdictKind.NO}


@settings(max_examples=60, deadline=None)
@given(books(), observations)
def test_the_verdict_agrees_with_the_impact_and_the_duties(
    files: dict[str, str], looked: tuple[Observation, ...]
) -> None:
    verdict, has_duty, failing = judge_files(files, looked)
    assert {one.ref for one in verdict.consumers} == failing
    if verdict.kind in {VerdictKind.YES, VerdictKind.ALREADY_OFF}:
        assert not has_duty
        assert not failing
