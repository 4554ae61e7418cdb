"""The manifest in page properties, also with a mix of old and new chunks."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.confluence.sync.manifest import (
    Claim,
    HeldFile,
    Manifest,
    ManifestEntry,
    MarkVersion,
    PendingVersion,
    Run,
    entry_of,
    file_comment,
    file_digest,
    manifest_key,
    ownership,
    pack,
    page_key,
    parse_claim,
    read_manifest,
    row_of,
    short_digest,
)
from generator.confluence.wiki import PROPERTY_LIMIT, Json, Property

BOOK = "modelbook"
HOST = "98304"
RUN = Run("ci 7", 100, 400, "machine", 12)


def entry(number: int, version: int = 2, **more: Any) -> ManifestEntry:
    digest = f"{number:020x}"
    return ManifestEntry(
        f"model:m{number}", f"9{number:06}", version, f"Model {number}", "page:home", digest, digest, **more
    )


def write_properties(values: Mapping[str, Json], before: Mapping[str, Property]) -> list[dict[str, Property]]:
    """List the properties of the parent page after each write; the head is written last."""
    assert [*values][-1] == manifest_key(BOOK)
    states = [dict(before)]
    for key, value in values.items():
        states.append(_put(states[-1], key, value))
    return states


def _put(state: Mapping[str, Property], key: str, value: Json) -> dict[str, Property]:
    version = state[key].version + 1 if key in state else 1
    return {**state, key: Property(f"id of {key}", key, value, version)}


def read(state: Mapping[str, Property]) -> Manifest:
    return read_manifest(list(state.values()), BOOK, HOST)


def store_changes(
    changes: Mapping[str, ManifestEntry | None], state: Mapping[str, Property]
) -> list[dict[str, Property]]:
    return write_properties(pack(read(state), changes)[1], state)


def test_a_few_changes_need_one_write() -> None:
    [_, state] = store_changes({"model:m1": entry(1)}, {})
    assert read(state).entries == {"model:m1": entry(1)}
    assert len(store_changes({"model:m2": entry(2), "model:m1": None}, state)) == 2


def test_thousands_of_pages_fit_properties_of_32_kilobytes() -> None:
    entries = {each.ref: each for each in map(entry, range(2_000))}
    states = store_changes(dict(entries), {})
    assert read(states[-1]).entries == entries
    assert all(size(each.value) <= PROPERTY_LIMIT for each in states[-1].values())
    assert len(states[-1]) <= 16


def size(value: Json) -> int:
    return len(json.dumps(value).encode())


def test_a_manifest_with_a_missing_or_changed_chunk_is_rejected() -> None:
    state = store_changes({each.ref: each for each in map(entry, range(500))}, {})[-1]
    assert read(state).intact
    for key, each in state.items():
        assert not read({name: one for name, one in state.items() if name != key}).intact
        assert isinstance(each.value, dict)
        [some] = [name for name in ("entries", "recent") if name in each.value]
        changed = Property(each.id, key, {**each.value, some: []}, each.version)
        assert not read({**state, key: changed}).intact or not each.value[some]


def test_a_manifest_on_a_copied_page_is_rejected() -> None:
    state = store_changes({each.ref: each for each in map(entry, range(500))}, {})[-1]
    copied = read_manifest(list(state.values()), BOOK, "98999")
    assert (copied.intact, copied.entries, copied.run) == (False, {}, None)
    again = write_properties(pack(copied, {"model:m1": entry(1)})[1], state)[-1]
    assert read_manifest(list(again.values()), BOOK, "98999").entries == {"model:m1": entry(1)}
    assert not read(again).intact


def test_all_chunks_of_a_damaged_manifest_are_rewritten() -> None:
    state = store_changes({each.ref: each for each in map(entry, range(500))}, {})[-1]
    state[manifest_key(BOOK, 2)] = Property("x", manifest_key(BOOK, 2), "nonsense", 9)
    missing = {key: each for key, each in state.items() if key != manifest_key(BOOK, 1)}
    for damaged in (state, missing):
        again = store_changes({"model:m1": entry(1)}, damaged)[-1]
        assert read(again).intact
        assert read(again).entries == {"model:m1": entry(1)}
        assert all(again[key].version == each.version + 1 for key, each in damaged.items())


@settings(max_examples=60, deadline=None)
@given(
    history=st.lists(
        st.dictionaries(st.integers(0, 400), st.integers(0, 5), min_size=1, max_size=150), min_size=1, max_size=4
    )
)
def test_a_kill_between_two_writes_keeps_each_entry_old_or_new(history: list[dict[int, int]]) -> None:
    state: dict[str, Property] = {}
    for version, step in enumerate(history, 1):
        changes = {
            f"model:m{number}": entry(number, version, labels=("x" * 90,)) if kind else None
            for number, kind in step.items()
        }
        before = read(state).entries
        states = store_changes(changes, state)
        after = read(states[-1]).entries
        assert after == {ref: each for ref, each in {**before, **changes}.items() if each is not None}
        for between in states[1:]:
            found = read(between)
            assert found.intact or not before
            for ref in before.keys() & after.keys():
                assert found.entries.get(ref, before[ref]) in (before[ref], after[ref])
        state = states[-1]


def test_the_lock_is_kept_in_the_head() -> None:
    [value] = pack(Manifest(BOOK, HOST, run=RUN, intact=True), {})[1].values()
    assert read({manifest_key(BOOK): Property("1", manifest_key(BOOK), value, 1)}).run == RUN


def test_a_manifest_of_an_earlier_release_is_read() -> None:
    """Check format 1, whose lock has a token and whose rows have nine values."""
    run: Json = {"owner": "ci 7", "token": "0f", "since": 100, "until": 400}
    row: Json = ["model:m1", "9000001", 2, "Model 1", None, "d", "b", ["a"], {"a.png": ["d", "att1"]}]
    content: dict[str, Json] = {
        "format": 1,
        "host": HOST,
        "run": run,
        "chunks": 0,
        "recent": [row],
        "gone": ["model:m2"],
    }
    value: Json = {**content, "digest": short_digest(content)}
    manifest = read({manifest_key(BOOK): Property("1", manifest_key(BOOK), value, 1)})
    assert manifest.intact
    assert manifest.run == Run("ci 7", 100, 400)
    known = ManifestEntry("model:m1", "9000001", 2, "Model 1", None, "d", "b", ("a",), {"a.png": HeldFile("d", "att1")})
    assert manifest.entries == {"model:m1": known}
    assert known.owned


def test_a_page_that_is_about_to_be_created_is_no_entry() -> None:
    begun = ManifestEntry("model:m1", "", 0, "Model 1", None, pending=PendingVersion(1, "t", "b"))
    [state] = store_changes({"model:m1": begun}, {})[-1:]
    assert read(state).entries == {}
    assert read(state).begun == {"model:m1": begun}


def test_an_entry_is_restored_from_its_row() -> None:
    full = entry(7, labels=("a", "ü"), files={"a.png": HeldFile("d", "att1"), "b.png": HeldFile("e", "")})
    assert entry_of(row_of(full)) == full
    assert entry_of(row_of(entry(8))) == entry(8)
    written = entry(9, pending=PendingVersion(3, "t", "b"), mark=MarkVersion("77", 2), state="Retired")
    assert entry_of(row_of(written)) == written
    for broken in (None, "text", [1, 2], {"a": 1}):
        with pytest.raises((TypeError, ValueError)):
            entry_of(broken)


def test_an_entry_with_too_many_files_leaves_them_to_the_wiki() -> None:
    files = {f"picture-{number}.png": HeldFile("d" * 20, "att1234567") for number in range(400)}
    [_, state] = store_changes({"model:m1": entry(1, files=files)}, {})
    assert read(state).entries["model:m1"].files is None


# Marks


def claim(value: Json, book: str = BOOK, page: str = "2") -> Claim | None:
    return parse_claim([Property("7", "other", 1, 1), Property("1", page_key(BOOK), value, 1)], book, page)


def test_a_property_is_valid_only_on_its_page() -> None:
    value = ownership(BOOK, "1", "2", "model:ryl", 3, "0f" * 10)
    found = claim(value)
    assert found is not None
    assert (found.ref, found.host, found.version, found.digest) == ("model:ryl", "1", 3, "0f" * 10)
    for another in (claim(value, "other"), claim(value, page="9"), claim({"book": BOOK}), claim({})):
        assert another is not None
        assert (another.ref, another.host, another.version) == ("", "", 0)
    values: list[Json] = [None, 7, "modelbook", []]
    for nonsense in values:
        assert claim(nonsense) is None
    assert parse_claim([], BOOK, "2") is None


def test_a_property_of_an_earlier_release_names_the_page_without_a_version() -> None:
    found = claim({"book": BOOK, "host": "1", "page": "2", "ref": "model:ryl"})
    assert found is not None
    assert (found.ref, found.version, found.digest) == ("model:ryl", 0, "")


def test_a_file_comment_contains_the_owner() -> None:
    assert file_digest(file_comment(BOOK, "0f" * 10), BOOK) == "0f" * 10
    assert file_digest("modelbook is great", BOOK) is None


def test_a_page_that_two_chunks_have_is_that_of_the_later_entry():
    """Check a kill between the writes of the two, of which one has the former reference of a renamed card."""
    former, present = entry(1), replace(entry(1, version=3), ref="model:renamed")
    for chunks in ([former], [present]), ([present], [former]):
        manifest = Manifest(BOOK, HOST, chunks=tuple({each.ref: each for each in chunk} for chunk in chunks))
        assert manifest.entries == {"model:renamed": present}


def test_a_renamed_card_replaces_the_former_one_in_a_single_write() -> None:
    state = store_changes({each.ref: each for each in map(entry, range(500))}, {})[-1]
    before = read(state).entries
    names = {number: f"model:x{1_000 - number}" for number in range(0, 500, 3)}  # in another order
    renamed = {name: replace(entry(number), ref=name) for number, name in names.items()}
    states = store_changes({**dict.fromkeys(f"model:m{number}" for number in names), **renamed}, state)
    assert len(states) > 3
    for between in states:
        ids = sorted(each.page_id for each in read(between).entries.values())
        assert ids == sorted(each.page_id for each in before.values())
    assert renamed.items() <= read(states[-1]).entries.items()
