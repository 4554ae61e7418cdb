from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks import check
from generator.checks.waves import shared_surface
from generator.graph.waves import Scope, has_overlap, is_within
from tests.checks.books import build_context

CITIES, APPS = ("mysuru", "pune"), ("android", "web")
SCOPES = st.fixed_dictionaries(
    {},
    optional={
        "city": st.lists(st.sampled_from([*CITIES, "all"]), min_size=1, max_size=2).map(tuple),
        "app": st.lists(st.sampled_from([*APPS, "all"]), min_size=1, max_size=2).map(tuple),
    },
)


def people(scope: Scope) -> set[tuple[str, str]]:
    """Everybody in a scope, counted one by one in a world of four; a fifth in each stands for the rest of it."""

    def has(name: str, value: str) -> bool:
        return name not in scope or "all" in scope[name] or value in scope[name]

    return {
        (city, app) for city in (*CITIES, "else") for app in (*APPS, "else") if has("city", city) and has("app", app)
    }


@settings(deadline=None, max_examples=300)
@given(SCOPES, SCOPES)
def test_scopes_are_sets_of_users(one: Scope, other: Scope):
    assert has_overlap(one, other) == bool(people(one) & people(other))
    assert is_within(one, other) == (people(one) <= people(other))


@pytest.mark.parametrize("empty", [{}, {"city": ("all",)}])
def test_an_empty_scope_is_everyone(empty: Scope):
    assert is_within({"city": ("pune",)}, empty)
    assert not is_within(empty, {"city": ("pune",)})


def test_models_on_one_surface_have_one_finding_for_each_wave_that_adds_some(tmp_path: Path):
    names = [f"m{number:02}" for number in range(40)]
    models = "".join(
        f"kind: model\nid: {name}\nname: {name}\nsummary: Ranks.\nlifecycle: production\nserving: online\n"
        "consumers:\n  - {system: home, why: Fills it, surface: Home}\n"
        "  - {system: home, why: Fills it, surface: Map}\n---\n"
        for name in names
    )
    moves = [f"model:{name}" for name in names]
    waves = [{"traffic": 5, "moves": moves[:2]}, {"traffic": 10, "moves": moves}, {"traffic": 100, "moves": moves[2:]}]
    text = (
        f"{models}{{kind: system, id: home, name: Home, type: service}}\n---\nkind: migration\nid: to-kserve\n"
        f"name: Move\nstatus: planned\nmoves: {moves}\nwaves: {waves}\n".replace("'", '"')
    )
    context, unread = build_context({"all.yml": text}, tmp_path)
    assert unread == []
    first, second = [finding.message for finding in check(context, [shared_surface])]
    assert first == "model:m00 and model:m01 move in one wave and share the surface 'Home'"
    assert second.startswith("model:m00, model:m01, model:m02, model:m03, model:m04 and 35 more move in one wave")
