import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.graph.waves import Scope, has_overlap, is_within

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
