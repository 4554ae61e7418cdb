"""Limits for hostile schemas and patterns: time, stack depth and connections.

Each hostile case runs in a process with limits of its CPU time and of its stack (1 MB, as on Windows).
"""

import json
import multiprocessing
import resource
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.data import Data, Schema
from generator.contracts.validation import find_example_mismatches, find_schema_mismatches
from generator.contracts.work_limits import PatternError, measure_pattern


def matches(pattern: str, text: str) -> bool:
    assert find_schema_mismatches({"pattern": pattern}) == ()
    return find_example_mismatches({"pattern": pattern}, text) == ()


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("^[a-z][a-z0-9_-]{0,3}$", ["a", "a-_9"], ["", "A", "abcde", "a\n"]),
        ("b", ["abc"], ["ac"]),
        ("^(foo|ba[rz])+$", ["foobarbaz"], ["", "ba"]),
        (r"^\d{4}-\d\d$", ["2026-10"], ["٢٠٢٦-10", "2026-1"]),
        (r"^\w+\s\S$", ["a_1 x"], ["é x"]),
        (r"^(?!.*--)[a-z-]+(?<!-)$", ["a-b"], ["a--b", "a-"]),
        (r"^(?=.*\d)(?=.*[a-z]).{4,}$", ["ab1c"], ["abcd", "a1"]),
        (r"(?<=€)\d+", ["€5"], ["$5"]),
        (r"(?<!x)y", ["y", "ay"], ["xy"]),
        (r"\bcat\b", ["a cat."], ["concat"]),
        (r"\Bcat", ["concat"], ["cat"]),
        (r"^\p{Lu}\p{L}*$", ["Éa"], ["éa"]),
        (r"^\P{L}$", ["1"], ["a"]),
        (r"^\p{Script=Greek}+$", ["αβ"], ["ab"]),
        (r"^[\p{L} ]{1,64}$", ["Asha Rao"], ["a1"]),
        (r"^[^\d\s]$", ["a"], ["1", " "]),
        (r"^[\]\-a\\]+$", ["]-a\\"], ["b"]),
        (r"^[\u0041-\x43]\u{1F600}\t$", ["B😀\t"], ["D😀\t"]),
        (r"^.$", ["a", "é"], ["\n", "", "ab"]),
        (r"^a{2}b{1,}c{0,2}d?$", ["aab", "aabbbccd"], ["ab", "aabccc"]),
        (r"^(?<year>\d+)-(?<month>\d+)$", ["1-2"], ["1"]),
        (r"^x*?y+?$", ["xxyy", "y"], ["x"]),
        (r"^(a|b)\1$", ["aa"], ["ab"]),
        ("", ["", "x"], []),
        ("a||b", ["zzz"], []),
        (r"^(a*)*$", ["", "aaa"], ["b"]),
    ],
)
def test_a_pattern_has_the_meaning_of_ecma_262(pattern, accepted, refused):
    assert [text for text in accepted if not matches(pattern, text)] == []
    assert [text for text in refused if matches(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "group opened at character 1 is not closed"), ("a(b(c)", "group opened at character 2 is not closed"),
        ("a)", "unmatched ) at character 2"), ("x[a", "set opened at character 2 is not closed"),
        ("a{2,1}", "{2,1} counts backwards"), ("((a{1000}){1000}){1000}", "pattern is too large to be checked"),
        ("((((a{999999999}){999999999}){999999999}){999999999})", "pattern is too large to be checked"),
        ("*", "expected the syntax of ECMA-262"), ("[z-a]", "expected the syntax of ECMA-262"),
        (r"\k<x>", "expected the syntax of ECMA-262"), ("(?>a)", "expected the syntax of ECMA-262"),
        ("\\", "expected the syntax of ECMA-262"), (r"\q", "expected the syntax of ECMA-262"),
    ],
)  # fmt: skip
def test_an_invalid_pattern_is_reported_with_the_reason(pattern, reason):
    (mismatch,) = find_schema_mismatches({"pattern": pattern})
    assert mismatch.pointer == "/pattern"
    assert mismatch.message == f"invalid regular expression {json.dumps(pattern)}: {reason}"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab()[]{}*+?|^$\\.-,0123dwsbpPxu<>=!:é", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_pattern_or_invalid(pattern):
    try:
        assert measure_pattern(pattern).states > 0
    except PatternError:
        assert find_schema_mismatches({"pattern": pattern})
    find_example_mismatches({"pattern": pattern}, "abc")


def build_chain(levels: int, link, last: Schema = True, **top: Data) -> Schema:
    """Return a schema with one definition for each level, each of which `link` makes of the reference to the next."""
    definitions: dict[str, Data] = {f"a{n}": link({"$ref": f"#/$defs/a{n + 1}"}) for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{levels}": last}, **top}


def nest_value(levels: int, wrap, inner: Data = "x") -> Data:
    for _ in range(levels):
        inner = wrap(inner)
    return inner


LINKS = {
    "plain": lambda next_one: next_one,
    "properties": lambda next_one: {"properties": {"a": next_one}},
    "not": lambda next_one: {"not": {"not": next_one}},
    "twice": lambda next_one: {"allOf": [next_one, next_one]},
    "condition": lambda next_one: {"if": next_one, "then": next_one, "else": next_one},
    "names": lambda next_one: {"propertyNames": next_one},
    "dependent": lambda next_one: {"dependentSchemas": {"a": next_one}},
    "unevaluated": lambda next_one: {"unevaluatedProperties": False, "anyOf": [next_one]},
    "items": lambda next_one: {"unevaluatedItems": next_one, "contains": next_one, "items": next_one},
}
BACKWARDS: dict[str, Data] = dict(reversed([(f"a{n}", {"$ref": f"#/$defs/a{n + 1}"}) for n in range(3_000)]))
LONG = "a" * 20_000 + "!"
HOSTILE: dict[str, tuple[Schema, Data]] = {
    **{f"chain of {name}": (build_chain(3_000, link), {"a": [1]}) for name, link in LINKS.items()},
    **{
        f"short chain of {name}": (build_chain(55, link, unevaluatedProperties=False), {"a": {"a": 1}})
        for name, link in LINKS.items()
    },
    "unevaluated chain": (build_chain(3_000, LINKS["plain"], unevaluatedProperties=False), {"a": 1}),
    "unevaluated chain, last first": (
        {"unevaluatedProperties": False, "$ref": "#/$defs/a0", "$defs": {**BACKWARDS, "a3000": True}}, {"a": 1}
    ),
    "cycle": ({"$ref": "#"}, {}),
    "dynamic cycle": ({"$dynamicAnchor": "x", "allOf": [{"$dynamicRef": "#x"}]}, {}),
    "cycle through an id": ({"$id": "https://e.com/a", "anyOf": [{"$ref": "https://e.com/a"}]}, {}),
    "doubling items": ({"items": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}, nest_value(60, lambda inner: [inner])),
    "doubling alternatives": (
        {"additionalProperties": {"oneOf": [{"$ref": "#"}, {"$ref": "#"}]}}, nest_value(60, lambda inner: {"a": inner})
    ),
    "another host": ({"$ref": "http://10.255.255.1/schema.json"}, {}),
    "another host by its id": ({"$id": "http://10.255.255.1/a/b", "$ref": "c"}, {}),
    "metadata of another host": ({"$schema": "http://10.255.255.1/draft", "$ref": "x.json"}, {}),
    "a file": ({"$ref": "file:///etc/passwd"}, {}),
    "many anchors": ({"$defs": {f"a{n}": {"$anchor": f"x{n}", "$ref": f"#x{n}"} for n in range(20_000)}}, 1),
    "long patterns": ({"allOf": [{"pattern": "a{9}" * 2_000}] * 500}, "a"),
    "a long pattern in an example": ({"items": {"format": "regex"}}, ["(?:" * 50_000] * 100),
    "many patterns": ({"allOf": [{"pattern": f"^(a{{1000}}b{{{n}}})$"} for n in range(1_000)]}, "a"),
    "patterns of names": (
        {"patternProperties": {f"(a|b)*a(a|b){{{n}}}c": True for n in range(100)}},
        {f"{n}{'ab' * 50}": 1 for n in range(1_000)},
    ),
    "wide": ({"allOf": [{"properties": {"a": {"enum": list(range(100))}}}] * 3_000}, [{"a": 1}] * 3_000),
    **{
        f"pattern {number} {pattern[:40]}": ({"items": {"not": {"pattern": pattern}}}, [LONG, *[LONG[-500:]] * 2_000])
        for number, pattern in enumerate((
            r"^(a+)+$", r"^(a|aa)+$", r"^(a|a?)+$", r"(a*)*b", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(.*)*$x",
            r"a*a*a*a*a*a*b", r"^(\w+\s?)*$", r"(?=(a+)+$)b", r"(?<=(a|aa)+)c", r"(a+)+\1c", r"(?:(?=a)a)+c",
            r"^(?:(?=(?:(?=.*).)*).)*$", r"^(?:(?=(?:(?=(?:(?=.*).)*).)*).)*$", r"^(?:a|a)*?(?=(?:(?=.*).)*)!",
            r"[ab]*a[ab]{5000}c", r"(?:.*a){3000}", r"(?=[ab]*a[ab]{3000}c)", r"(\p{L}|\p{N}){150}",
            "((a{100}){100}){10}", "(" * 5_000 + ")" * 5_000, "(?:" * 50_000, "(?=" * 300 + "a" + ")" * 300,
            "[" * 50_000, "a{9}" * 20_000, "a" + "{9}" * 20_000, "(?i)" + "\u017f" * 1_000,
        ))
    },
}  # fmt: skip


def check_with_limits(schema: Schema, example: Data) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
    socket.socket = None  # type: ignore[assignment,misc]
    for found in (find_schema_mismatches(schema), find_example_mismatches(schema, example)):
        assert all(len(mismatch.message) > 15 for mismatch in found)


@pytest.mark.sample(25)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_is_checked_or_reported_within_seconds(name):
    process = multiprocessing.get_context("fork").Process(target=check_with_limits, args=HOSTILE[name])
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.parametrize(
    ("schema", "example", "message"),
    [
        (build_chain(300, LINKS["plain"]), 1, "too costly to check: the schema branches or repeats too often"),
        (build_chain(40, LINKS["twice"]), 1, "too costly to check: the schema branches or repeats too often"),
        ({"$ref": "#"}, 1, "circular $ref: the schema refers to itself without end"),
        ({"pattern": "(?=(a+)+$)b"}, "a" * 2_000, "too costly to check: a pattern takes too long on this text"),
        ({"pattern": "(?=(a+)+$)b"}, LONG, "too costly to check: the schema branches or repeats too often"),
    ],
)
def test_a_costly_check_is_one_mismatch(schema, example, message):
    assert [(each.pointer, each.message, each.keyword) for each in find_example_mismatches(schema, example)] == [
        ("", message, "$ref" if "circular" in message else "")
    ]


@pytest.mark.parametrize(("levels", "link"), [(60, "plain"), (60, "properties"), (40, "not"), (50, "names")])
def test_reasonable_nesting_is_checked(levels, link):
    assert (
        find_example_mismatches(build_chain(levels, LINKS[link], {"type": ["object", "string"]}), {"a": {"a": "x"}})
        == ()
    )


def test_a_recursive_schema_is_checked_as_deep_as_an_example_may_be():
    tree: Schema = {
        "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "unevaluatedProperties": False,
    }
    example = nest_value(60, lambda inner: {"value": 1, "next": inner}, None)
    assert find_example_mismatches(tree, example) == ()
    assert find_example_mismatches(tree, nest_value(60, lambda inner: {"value": 1, "next": inner}, {"value": "x"}))


DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"


def build_branch(reference: str, others: dict[str, Any] | None = None, keyword: str = "$ref") -> dict[str, Data]:
    """Return a list schema whose items follow a reference four times."""
    return {**(others or {}), "items": {"allOf": [{keyword: reference}] * 4}}


def wrap_schema(part: Data, **others: Data) -> Schema:
    return {"properties": {**others, "p": part}}


def repeat_dependency() -> Schema:
    return {"dependencies": {"a": {"allOf": [{"properties": {"b": {"$ref": "#"}}}] * 4}}}


@pytest.mark.parametrize(
    "schema",
    [
        wrap_schema(build_branch("#", {"$id": "http://x/y"})),
        wrap_schema(build_branch("y", {"$id": "http://z/y"}), other={"$id": "http://x/y"}),
        wrap_schema(build_branch("../b/", {"$id": "http://x/b/"})),
        wrap_schema(
            build_branch("#n", {"$id": "y", "$dynamicAnchor": "n"}, "$dynamicRef"), other={"$dynamicAnchor": "n"}
        ),
        wrap_schema(
            build_branch(
                "http://x/y#/$defs/z", {"$id": "http://x/y", "$defs": {"z": build_branch("http://x/y#/$defs/z")}}
            )
        ),
    ],
    ids=["own base", "two of one name", "relative", "two of one anchor", "pointer into a part"],
)
def test_the_work_of_parts_with_an_own_id_is_limited(schema):
    (mismatch,) = find_example_mismatches(schema, {"p": nest_value(20, lambda inner: [inner], 1)})
    assert mismatch.message == "too costly to check: the schema branches or repeats too often"


def test_the_work_of_the_older_dependencies_is_limited():
    example = nest_value(20, lambda inner: {"a": 1, "b": inner}, {})
    (mismatch,) = find_example_mismatches(repeat_dependency(), example)
    assert mismatch.message == "too costly to check: the schema branches or repeats too often"


@pytest.mark.parametrize(
    "part",
    [
        build_branch("#", {"$schema": DRAFT_2019, "$id": "http://x/y"}, "$recursiveRef"),
        {"$schema": DRAFT_7, "$id": "http://x/y", "items": [True], "additionalItems": {"allOf": [{"$ref": "#"}] * 4}},
    ],
    ids=["2019-09", "7"],
)
def test_a_subschema_uses_the_draft_of_the_root(part):
    assert len(find_example_mismatches(wrap_schema(part), {"p": nest_value(20, lambda inner: [1, inner], 1)})) <= 1


def test_a_reference_outside_is_unresolved_even_to_the_metaschema():
    schema: Schema = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    (mismatch,) = find_example_mismatches(schema, 1)
    assert (mismatch.keyword, mismatch.message[:17]) == ("$ref", "unresolved $ref '")


def test_many_patterns_for_many_fields_are_too_costly_at_once():
    schema: Schema = {"patternProperties": {f"^(a|b{number})*$": {} for number in range(2_000)}}
    started = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    (mismatch,) = find_example_mismatches(schema, {"a" * 20 + str(number): 1 for number in range(2_000)})
    assert mismatch.message == "too costly to check: the schema branches or repeats too often"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - started < 2


@pytest.mark.parametrize("schema", [{"const": "\ud83d"}, {"required": ["\ud83d"]}, {"pattern": "\ud83d"}])
def test_a_lone_surrogate_in_a_schema_is_accepted(schema):
    find_schema_mismatches(schema)
    find_example_mismatches(schema, "\ud83d")
