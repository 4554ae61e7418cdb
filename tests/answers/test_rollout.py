"""The course of a migration: its steps with reasons, its next wave, and where users would notice."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.rollout import Rollout, build_rollout
from generator.graph.edges import Graph
from generator.graph.waves import find_next_wave
from generator.names import Ref
from generator.schema import Migration
from generator.schema.rollouts import Wave, WaveOutcome
from tests.answers.books import TODAY, book, own_book

HOME = "kind: system\nid: home\nname: Home\ntype: service\n"
PEOPLE = (
    "kind: person\nid: p\nname: Pat\nteam: t\n---\n"
    "kind: person\nid: old\nname: Old\nteam: t\nleft_on: 2026-01-01\nsuccessor: p\n---\n"
    "kind: team\nid: t\nname: T\nlead: p\n"
)
MODEL = """kind: model
id: {id}
name: {id}
summary: Ranks.
lifecycle: production
serving: online
contacts: {{product: {product}}}
fallback: {fallback}
consumers:
  - {{system: home, why: Orders the list, surface: '{surface}', criticality: {criticality}}}
"""


def write_books(tmp_path: Path, waves: str = "") -> Graph:
    models = "---\n".join(
        (
            MODEL.format(id="one", product="old", fallback="backup", surface="Home, top", criticality="high"),
            MODEL.format(id="two", product="p", fallback="backup", surface="Home, bottom", criticality="low"),
            "kind: model\nid: backup\nname: backup\nsummary: Popular.\nlifecycle: production\nserving: online\n",
        )
    )
    flow = (
        "kind: flow\nid: f\nname: F\nsteps:\n"
        "  - {from: model:one, reads: feature_view:profile}\n  - {from: model:two, reads: feature_view:profile}\n"
    )
    move = (
        "kind: migration\nid: move\nname: Move\nstatus: running\n"
        "moves: [feature_view:profile, model:one, model:two]\n" + waves
    )
    return book(tmp_path, {"m.yml": models, "f.yml": flow, "s.yml": HOME, "p.yml": PEOPLE, "g.yml": move})


def build(graph: Graph) -> Rollout:
    migration = graph.cards[Ref("migration", "move")].card
    assert isinstance(migration, Migration)
    return build_rollout(graph, migration, TODAY)


def test_each_step_has_what_it_needs_and_what_breaks_without_it(tmp_path: Path) -> None:
    profile, one, two = build(write_books(tmp_path)).steps
    assert [(step.number, step.ref.id) for step in (profile, one, two)] == [(1, "profile"), (2, "one"), (2, "two")]
    assert profile.needs == ()
    assert [ref.id for ref, _ in profile.breaks] == ["one", "two"]
    assert profile.breaks[0][1] == "one reads profile in flow f, step 1"
    assert [ref.id for ref, _ in one.needs] == ["profile"]
    assert one.surfaces == ("Home, top",)
    assert one.fallback == Ref("model", "backup")
    assert one.breaks == ()


def test_a_retired_fallback_shows_nothing_in_place_of_a_step(tmp_path: Path) -> None:
    graph = write_books(tmp_path)
    text = (tmp_path / "cards/m.yml").read_text("utf-8")
    files = {name: (tmp_path / f"cards/{name}").read_text("utf-8") for name in ("f.yml", "s.yml", "p.yml", "g.yml")}
    retired = text.replace("Popular.\nlifecycle: production", "Popular.\nlifecycle: retired")
    steps = build(book(tmp_path / "retired", {"m.yml": retired, **files})).steps
    assert [step.fallback for step in build(graph).steps[1:]] == [Ref("model", "backup")] * 2
    assert [step.fallback for step in steps] == [None, None, None]


def test_the_next_wave_names_its_places_and_its_share_of_all_traffic(tmp_path: Path) -> None:
    waves = (
        "waves:\n"
        "  - {traffic: 10, share: 0.1, scope: {city: [mysuru]}, moves: [model:two], done_on: 2026-11-01}\n"
        "  - {traffic: 99, share: 0.1, scope: {city: [mysuru]}, moves: [model:one], done_on: 2026-11-02,"
        " outcome: failed}\n"
        "  - {traffic: 50, share: 0.1, scope: {city: [mysuru]}, moves: [model:one], planned_on: 2026-12-01}\n"
    )
    rollout = build(write_books(tmp_path, waves))
    wave = rollout.next_wave
    assert wave is not None
    assert (wave.number, [ref.id for ref in wave.moves], wave.traffic, wave.percent_of_all) == (3, ["one"], 50, 5)
    assert wave.surface_count == 1
    assert [(row.surface, row.in_next_wave) for row in rollout.surfaces] == [
        ("Home, top", True),
        ("Home, bottom", False),
    ]


def test_a_wave_for_everyone_has_its_traffic_as_its_share_and_an_unknown_scope_has_none(tmp_path: Path) -> None:
    everyone = build(write_books(tmp_path / "a", "waves: [{traffic: 40, scope: {city: [all]}}]\n")).next_wave
    unknown = build(write_books(tmp_path / "b", "waves: [{traffic: 40, scope: {city: [pune]}}]\n")).next_wave
    assert everyone is not None
    assert unknown is not None
    assert (everyone.percent_of_all, unknown.percent_of_all) == (40, None)


def test_the_people_to_ask_are_those_who_replace_leavers(tmp_path: Path) -> None:
    rollout = build(write_books(tmp_path))
    assert rollout.next_wave is None
    assert {row.surface: [str(ref) for ref in row.ask] for row in rollout.surfaces} == {
        "Home, top": ["person:p"],
        "Home, bottom": ["person:p"],
    }


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([None, *WaveOutcome])).map(
            lambda pair: Wave(traffic=1, done_on=TODAY if pair[0] else None, outcome=pair[1])
        ),
        max_size=6,
    )
)
@settings(max_examples=60)
def test_the_next_wave_is_never_done_or_reverted(waves: list[Wave]) -> None:
    migration = Migration(id="m", name="M", status="running", moves=["model:x"], waves=waves)
    found = find_next_wave(migration)
    open_waves = [wave for wave in waves if not wave.is_done and not wave.is_reverted]
    assert (found is None) == (not open_waves)
    if found:
        assert found[1] is migration.waves[found[0] - 1]
        assert found[1] == open_waves[0]


def test_the_demo_moves_its_features_first() -> None:
    _, graph = own_book()
    migration = graph.cards[Ref("migration", "scorer-to-kserve")].card
    assert isinstance(migration, Migration)
    rollout = build_rollout(graph, migration, TODAY)
    assert [(step.number, step.ref.id) for step in rollout.steps] == [(1, "customer_profile"), (2, "ryl"), (2, "tpfy")]
    assert rollout.next_wave is not None
    assert rollout.next_wave.number == 5
