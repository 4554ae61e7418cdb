"""Documents with the files that they refer to: each reference leads to the same data as before."""

from pathlib import PurePosixPath
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.load.reference_bundles import HOME, bundle_files, list_local_files, list_references

NAMES = ["a.yml", "b.yml", "in/c.yml", "in/d~1.yml", "gone.yml"]
KEYS = ["x", "y/z", "w"]


def follow(files: dict[str, Any], name: str, reference: str) -> Any:
    """Return the data that a reference means; None if its file is missing."""
    file, _, pointer = reference.partition("#")
    target: Any = files.get(str(PurePosixPath(name).parent / file).replace("in/../", "") if file else name)
    for step in pointer.split("/")[1:] if target is not None else ():
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return target


def relative(name: str, target: str) -> str:
    start = "../" if name.startswith("in/") else ""
    return f"{start}{target}"


REFERENCE = st.tuples(st.sampled_from(NAMES), st.sampled_from(["", *KEYS]), st.booleans())


@given(st.lists(st.lists(REFERENCE, min_size=3, max_size=3), min_size=4, max_size=4))
def test_a_reference_leads_to_the_same_part(drawn: list[list[tuple[str, str, bool]]]):
    files: dict[str, Any] = {}
    for name, references in zip(NAMES, drawn, strict=False):
        files[name] = {}
        for key, (target, step, is_own) in zip(KEYS, references, strict=True):
            pointer = f"#/{step.replace('/', '~1')}" if step else "#"
            reference = pointer if is_own else f"{relative(name, target)}{pointer if step else ''}"
            files[name][key] = {"title": f"{name} {key}", "$ref": reference}
    bundle: Any = bundle_files(files["a.yml"], "a.yml", files.get)
    documents = {"a.yml": bundle, **bundle.get(HOME, {})}
    for name, document in documents.items():
        for key in KEYS:
            before, after = files[name][key]["$ref"], document[key]["$ref"]
            expected = follow(files, name, before)
            if expected is None:
                assert after == before
                continue
            found = follow({"": bundle}, "", after)
            titles = [part.get("title", "") for part in (expected, found)]
            assert titles[0] == titles[1]
            assert set(expected) == set(found) - {HOME}


def test_a_part_of_a_file_keeps_its_own_references_if_it_is_complete():
    files: dict[str, Any] = {"a.yml": {"p": {}}, "b.yml": {"back": {"$ref": "a.yml#/p"}}}
    part = {"own": {"$ref": "#/p"}, "other": {"$ref": "b.yml#/back"}}
    bundle: Any = bundle_files(part, "a.yml", files.get, is_part=True)
    assert bundle["own"] == {"$ref": "#/p"}
    assert bundle[HOME]["b.yml"] == {"back": {"$ref": f"#/{HOME}/a.yml/p"}}
    changed: Any = bundle_files(part, "a.yml", files.get, is_part=True, is_complete=False)
    assert changed["own"] == {"$ref": f"#/{HOME}/a.yml/p"}


def test_references_in_values_are_ordinary_data():
    data = {"const": {"$ref": "a"}, "examples": [{"$ref": "b"}], "x": {"examples": {"one": {"$ref": "c.yml"}}}}
    assert [text for _, text in list_references(data)] == ["c.yml"]
    assert list_local_files({"a": {"$ref": "in/../b.yml#/x"}, "b": {"$ref": "https://a/b"}}, "in/a.yml") == ["in/b.yml"]
