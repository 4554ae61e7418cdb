"""The evidence of code and traffic in the answers: verdicts, impact, and deletions."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.diff import BookState, compare_books
from generator.answers.impact import compute_impact
from generator.answers.observations import SightingIndex, describe_calls, describe_places, format_share
from generator.answers.removal import ReasonKind
from generator.answers.verdict import Verdict, VerdictKind, judge_kind, judge_removal, observe_model
from generator.evidence.records import Evidence, NameKind, WeakName
from generator.names import Ref
from tests.answers.books import TODAY, book, cards_and_graph
from tests.answers.test_verdict import STRICTNESS, books
from tests.evidence.records import SCANNED, code_use, scanned, seen_call, traffic_source

RYL, FEED, CART = Ref("model", "ryl"), Ref("system", "feed"), Ref("system", "cart")
MODEL = "kind: model\nid: ryl\nname: RYL\nsummary: s\nlifecycle: {}\nserving: online\nowners: [core]\n"
SYSTEMS = (
    "{kind: system, id: feed, name: Home feed, type: service, owners: [core]}\n---\n"
    "{kind: system, id: cart, name: Cart, type: app, owners: [core], depends_on: [system:feed]}\n"
)
CORE = "{kind: team, id: core, name: Core}\n"
BOOK = {"ryl.yml": MODEL.format("production"), "systems.yml": SYSTEMS, "core.yml": CORE}
LOOKED = Evidence((scanned(),), (traffic_source(),))


def observe(evidence: Evidence, root: Path, files: dict[str, str] | None = None, days: int = 90) -> Verdict:
    graph = book(root, files or BOOK)
    observed = observe_model(SightingIndex(graph, evidence, days), RYL)
    verdict = judge_removal(graph, RYL, {}, TODAY, observed, days)
    assert judge_kind(graph, RYL, TODAY, observed, days) is verdict.kind
    return verdict


def with_records(*records) -> Evidence:
    code = tuple(one for one in records if "repo" in one.__struct_fields__)
    return Evidence((*LOOKED.code, *code), (*LOOKED.traffic, *(one for one in records if one not in code)))


OLD = SCANNED - timedelta(days=100)
CASES: dict[str, tuple[Evidence, str, VerdictKind, str]] = {
    "no evidence": (Evidence(), "production", VerdictKind.UNKNOWN, "Unknown. The book cannot tell."),
    "only code": (Evidence((scanned(),)), "production", VerdictKind.UNKNOWN, "Unknown. The book cannot tell."),
    "nothing found": (LOOKED, "production", VerdictKind.YES, "Yes. Nothing uses it."),
    "an old scan": (
        Evidence((scanned(on=OLD),), (traffic_source(),)), "production", VerdictKind.UNKNOWN,
        "Unknown. The book cannot tell.",
    ),
    "traffic without a day": (
        Evidence((scanned(),), (traffic_source(None),)), "production", VerdictKind.UNKNOWN,
        "Unknown. The book cannot tell.",
    ),
    "a use in code of a system": (
        with_records(code_use(system="system:feed")), "production", VerdictKind.NO, "No. Home feed needs it.",
    ),
    "a use in code of no card": (
        with_records(code_use(repo="food/old")), "production", VerdictKind.NO, "No. food/old needs it.",
    ),
    "a name in an old scan": (
        Evidence((scanned(on=OLD), code_use(system="system:feed", on=OLD))), "production", VerdictKind.NO,
        "No. Home feed needs it.",
    ),
    "a retired model that is still called": (
        with_records(seen_call()), "retired", VerdictKind.NO, "No. growth-batch needs it.",
    ),
    "a retired model and an unknown caller": (
        with_records(seen_call(caller="")), "retired", VerdictKind.NO, "No. Something still calls it.",
    ),
    "a caller that has stopped": (
        with_records(seen_call(on=OLD)), "production", VerdictKind.YES, "Yes. Nothing uses it.",
    ),
    "the model's own code": (
        with_records(code_use(system="model:ryl")), "production", VerdictKind.YES, "Yes. Nothing uses it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_evidence_decides_the_verdict(tmp_path: Path, case: str) -> None:
    evidence, lifecycle, kind, sentence = CASES[case]
    verdict = observe(evidence, tmp_path, {**BOOK, "ryl.yml": MODEL.format(lifecycle)})
    assert (verdict.kind, verdict.sentence) == (kind, sentence)


def test_the_setting_limits_the_age_of_evidence(tmp_path: Path) -> None:
    assert observe(LOOKED, tmp_path, days=1).kind is VerdictKind.YES
    verdict = observe(Evidence((scanned(on=OLD),), (traffic_source(),)), tmp_path, days=120)
    assert verdict.kind is VerdictKind.YES


def test_a_system_without_a_scan_leaves_the_answer_open(tmp_path: Path) -> None:
    files = {**BOOK, "shop.yml": "{kind: system, id: shop, name: Shop, type: app, repo: 'git@git.example.com:a/shop'}"}
    verdict = observe(LOOKED, tmp_path, files)
    assert verdict.kind is VerdictKind.UNKNOWN
    assert verdict.basis.endswith("traffic of 19 Nov 2026. Not scanned: a/shop.")
    retired = {**files, "shop.yml": files["shop.yml"].replace("type: app", "type: app, lifecycle: retired")}
    assert observe(LOOKED, tmp_path, retired).kind is VerdictKind.YES


def test_a_reason_names_the_evidence(tmp_path: Path) -> None:
    verdict = observe(with_records(code_use(system="system:feed"), seen_call(system="system:feed")), tmp_path)
    assert verdict.reasons[0].text == (
        "Used by Home feed, found in code and seen in traffic, which no card declares; criticality not stated."
    )
    assert (verdict.reasons[0].kind, verdict.reasons[0].refs) == (ReasonKind.BLOCKS, (FEED,))
    unnamed = observe(with_records(seen_call(caller="")), tmp_path)
    assert unnamed.reasons[0].text.startswith("Used by an unknown caller, seen in traffic, which no card declares;")
    assert observe(LOOKED, tmp_path).reasons[0].text == (
        "No card names a consumer, and none was seen in code or traffic."
    )


def test_old_evidence_has_its_age(tmp_path: Path) -> None:
    verdict = observe(Evidence((scanned(on=OLD),)), tmp_path)
    assert verdict.basis == (
        "Based on the cards of 20 Nov 2026, code of 11 Aug 2026, 101 days old. Traffic not looked at."
    )


def test_a_model_with_only_common_names_is_never_unused_by_the_evidence(tmp_path: Path) -> None:
    weak = WeakName(ref="model:ryl", kind=NameKind.ID, name="ryl", reason="fewer than 5 characters")
    searched = Evidence((*LOOKED.code, weak), LOOKED.traffic)
    verdict = observe(searched, tmp_path / "common")
    assert verdict.kind is VerdictKind.UNKNOWN
    assert verdict.basis.endswith("Too common to search for in code: ryl.")
    aliased = {**BOOK, "ryl.yml": MODEL.format("production") + "aliases: [ryl-ranker]\n"}
    assert observe(searched, tmp_path / "aliased", aliased).kind is VerdictKind.YES


def test_evidence_of_a_declared_use_adds_no_consumer(tmp_path: Path) -> None:
    files = {**BOOK, "ryl.yml": MODEL.format("production") + "consumers: [{system: feed, why: w, criticality: low}]\n"}
    verdict = observe(with_records(code_use(system="system:feed")), tmp_path, files)
    assert [(one.ref, one.is_declared, one.criticality_text) for one in verdict.consumers] == [(FEED, True, "low")]
    assert verdict.kind is VerdictKind.NOT_YET


def test_a_reader_of_the_data_of_a_model_is_found_through_it(tmp_path: Path) -> None:
    flow = "{kind: flow, id: f, name: F, steps: [{from: model:ryl, publishes: topic:scores}]}"
    verdict = observe(with_records(code_use("topic:scores", "system:cart")), tmp_path, {**BOOK, "f.yml": flow})
    (consumer,) = verdict.consumers
    assert (consumer.ref, consumer.through, consumer.is_declared) == (CART, (Ref("topic", "scores"),), False)


def test_a_system_that_the_model_needs_is_no_consumer(tmp_path: Path) -> None:
    flow = "{kind: flow, id: f, name: F, steps: [{from: model:ryl, calls: system:feed}]}"
    verdict = observe(with_records(code_use(system="system:feed")), tmp_path, {**BOOK, "f.yml": flow})
    assert verdict.consumers == ()


@pytest.mark.parametrize(
    ("record", "is_used"), [(code_use(system="system:feed"), False), (seen_call(system="system:feed"), True)]
)
def test_a_retired_system_uses_a_model_only_if_it_calls(tmp_path: Path, record, is_used: bool) -> None:
    retired = SYSTEMS.replace("type: service", "type: service, lifecycle: retired")
    verdict = observe(with_records(record), tmp_path, {**BOOK, "systems.yml": retired})
    assert bool(verdict.consumers) is is_used


def test_the_impact_includes_uses_that_are_only_found(tmp_path: Path) -> None:
    graph = book(tmp_path, BOOK)
    sightings = SightingIndex(graph, with_records(code_use(system="system:feed"), seen_call()))
    found = compute_impact(graph, RYL, TODAY, sightings=sightings)
    assert [(one.ref, one.distance, one.only_weakened) for one in found.affected] == [
        (FEED, 1, False),
        (CART, 2, False),
    ]
    assert found.affected[0].reasons == ("feed uses ryl: found in code (config/app.yaml, line 3, of food/feed)",)
    assert [one.name for one in found.found] == ["feed", "growth-batch"]
    assert [one.party for one in found.told] == [Ref("team", "core")]
    assert compute_impact(graph, RYL, TODAY).affected == ()


@pytest.mark.parametrize("in_base", [True, False])
def test_a_deletion_is_refused_while_code_uses_the_card(tmp_path: Path, in_base: bool) -> None:
    found = with_records(code_use(system="system:feed"), seen_call())
    before = BookState(*cards_and_graph(tmp_path / "a", BOOK), found if in_base else LOOKED)
    rest = {name: text for name, text in BOOK.items() if name != "ryl.yml"}
    after = BookState(*cards_and_graph(tmp_path / "b", rest), LOOKED if in_base else found)
    (deletion,) = compare_books(before, after, {}, TODAY).refused
    assert [(one.ref, one.name, one.text) for one in deletion.consumers] == [
        (FEED, "Home feed", "found in code (config/app.yaml, line 3, of food/feed)"),
        (None, "growth-batch", "seen in traffic (1,200 requests in 30 days)"),
    ]
    assert compare_books(before, after, {}, TODAY, [RYL]).refused == ()


def test_a_deleted_system_does_not_hold_its_model(tmp_path: Path) -> None:
    found = with_records(code_use(system="system:feed"))
    before = BookState(*cards_and_graph(tmp_path / "a", BOOK), found)
    after = BookState(*cards_and_graph(tmp_path / "b", {"core.yml": CORE}), found)
    assert compare_books(before, after, {}, TODAY).refused == ()


def test_other_evidence_is_a_change_of_the_verdict(tmp_path: Path) -> None:
    cards, graph = cards_and_graph(tmp_path, BOOK)
    before = BookState(cards, graph, LOOKED)
    after = BookState(cards, graph, with_records(code_use(system="system:feed")))
    (change,) = compare_books(before, after, {}, TODAY).verdicts
    assert (change.before, change.after) == ("Yes. Nothing uses it.", "No. Home feed needs it.")


def test_places_and_calls_in_words() -> None:
    uses = [code_use(places=(("a.py", 1), ("b.py", 2)), count=7), code_use(repo="food/other")]
    assert describe_places(uses) == "a.py, line 1, of food/feed, and 7 more"
    assert describe_places([code_use(places=(), count=4)]) == "4 places of food/feed"
    calls = [seen_call(requests=1_000, errors=5), seen_call(requests=1)]
    assert describe_calls(calls) == "1,001 requests in 30 days, 0.5 % errors"
    assert describe_calls([seen_call(requests=1)]) == "1 request in 30 days"


@pytest.mark.parametrize(
    ("share", "text"), [(0.00001, "under 0.01 %"), (0.0042, "0.42 %"), (0.5, "50 %"), (1.0, "100 %"), (0.0999, "10 %")]
)
def test_a_share_is_never_rounded_to_nothing(share: float, text: str) -> None:
    assert format_share(share) == text


def test_a_day_ahead_of_today_is_not_trusted(tmp_path: Path) -> None:
    ahead = Evidence((scanned(on=date(2099, 1, 1)),), (traffic_source(),))
    assert observe(ahead, tmp_path).kind is VerdictKind.UNKNOWN


def test_features_that_others_use_in_code_are_not_removed_with_the_model(tmp_path: Path) -> None:
    files = {**BOOK, "ryl.yml": BOOK["ryl.yml"] + "features: [profile:city, dishes:price]\n"}
    found = with_records(code_use("feature_view:profile", "system:cart"), code_use("feature_view:dishes", "model:ryl"))
    only = "Only it reads {}, which can be removed too."
    for number, (evidence, names) in enumerate(((LOOKED, ("profile", "dishes")), (found, ("dishes",)))):
        reasons = [reason.text for reason in observe(evidence, tmp_path / str(number), files).reasons]
        assert [text for text in reasons if text.startswith("Only it")] == [only.format(name) for name in names]


@settings(max_examples=60, deadline=None)
@given(books(), st.sampled_from(["system:feed", "system:new", "", "model:new"]), st.booleans())
def test_another_found_use_never_makes_the_verdict_milder(files: dict[str, str], user: str, in_code: bool) -> None:
    record = code_use(system=user) if in_code else seen_call(system=user)
    with tempfile.TemporaryDirectory() as folder:
        graph = book(Path(folder), files)
    before, after = (
        judge_removal(graph, RYL, {}, TODAY, observe_model(SightingIndex(graph, evidence), RYL)).kind
        for evidence in (LOOKED, with_records(record))
    )
    assert STRICTNESS.index(after) >= STRICTNESS.index(before)
    if user == "":
        assert after is VerdictKind.NO
