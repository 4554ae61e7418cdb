"""The recorder of reads, and values that are derived."""

import subprocess
import sys
from array import array

from generator.names import Ref
from generator.reads import (
    DerivedValues,
    Reads,
    RecordedTable,
    has_read,
    hash_read,
    omit_reads,
    record_into,
    record_read,
    record_reads,
    suspend_recording,
    unpack_reads,
)
from generator.schema import Resource

RYL, FEED = Ref("model", "ryl"), Ref("system", "feed")


def hashes(*reads: tuple[str, object]) -> list[int]:
    return sorted(hash_read(*read) for read in reads)


def hash_bytes(*reads: tuple[str, object]) -> bytes:
    return array("Q", hashes(*reads)).tobytes()


def test_reads_are_packed_sorted_and_once() -> None:
    with record_reads() as reads:
        record_read("card", RYL)
        record_read("name", RYL)
        record_read("card", Ref("model", "ryl"))
        record_read("card", FEED)
    expected = hashes(("card", RYL), ("name", RYL), ("card", FEED))
    assert list(unpack_reads(reads.pack())) == expected
    assert len(reads.pack()) == 24


def test_a_search_in_a_table_and_a_walk_over_it_are_reads() -> None:
    table = RecordedTable("nodes", {RYL: Resource(type="topic", id="ryl")})
    with record_reads() as searches:
        assert (table.get(FEED), FEED in table, Ref("model", "x") in table, table.get(FEED, 1)) == (
            None,
            False,
            False,
            1,
        )
    with record_reads() as taken:
        assert table[RYL].id == "ryl"
    assert list(unpack_reads(searches.pack())) == hashes(("nodes", FEED), ("nodes", Ref("model", "x")))
    assert taken.pack() == b""
    for walk in (list, len, RecordedTable.keys, RecordedTable.values, RecordedTable.items):
        with record_reads() as walked:
            walk(table)
        assert list(unpack_reads(walked.pack())) == hashes(("nodes", "*"))


def test_nothing_is_recorded_outside_of_a_block() -> None:
    with record_reads() as reads:
        pass
    record_read("card", RYL)
    assert reads.pack() == b""


def test_a_block_has_the_reads_of_the_blocks_in_it() -> None:
    with record_reads() as outer:
        record_read("card", RYL)
        with record_reads() as inner:
            record_read("card", FEED)
        record_read("name", FEED)
    assert list(unpack_reads(inner.pack())) == hashes(("card", FEED))
    assert list(unpack_reads(outer.pack())) == hashes(("card", RYL), ("card", FEED), ("name", FEED))


def test_nothing_is_recorded_where_reads_are_omitted_and_values_are_derived_all_the_same() -> None:
    derived, turn = DerivedValues(), Reads()
    with record_reads() as outer, omit_reads():
        with record_reads() as inner:
            record_read("card", RYL)
            assert derived.get("duties", RYL, lambda: "due") == "due"
        with suspend_recording():
            record_into(turn)
            record_read("card", FEED)
    assert (outer.pack(), inner.pack(), turn.pack(), derived.pack().reads) == (b"", b"", b"", {})
    with record_reads() as later:
        record_read("card", RYL)
    assert list(unpack_reads(later.pack())) == hashes(("card", RYL))


def test_recording_goes_on_after_a_suspension_and_after_an_error() -> None:
    with record_reads() as reads:
        with suspend_recording():
            record_read("card", RYL)
        try:
            with suspend_recording():
                raise KeyError
        except KeyError:
            record_read("card", FEED)
    assert list(unpack_reads(reads.pack())) == hashes(("card", FEED))


def test_whether_reads_contain_a_changed_one() -> None:
    with record_reads() as reads:
        record_read("card", RYL)
    assert has_read(reads.pack(), [hash_read("card", RYL), hash_read("card", FEED)])
    assert not has_read(reads.pack(), [hash_read("card", FEED)])
    assert not has_read(b"", [hash_read("card", FEED)])


def test_hashes_are_the_same_in_another_process() -> None:
    code = "from generator.reads import hash_read; from generator.names import Ref; "
    code += "print(hash_read('card', Ref('model', 'ryl')))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(answer.stdout) == hash_read("card", RYL)


def test_a_derived_value_is_computed_once_and_keeps_its_own_reads() -> None:
    values, computed = DerivedValues(), list[str]()

    def compute() -> str:
        record_read("card", RYL)
        computed.append("once")
        return "value"

    for _ in range(2):
        with record_reads() as reads:
            assert values.get("duties", RYL, compute) == "value"
        assert list(unpack_reads(reads.pack())) == hashes(("duties", RYL))
    assert computed == ["once"]
    assert values.pack().reads == {hash_read("duties", RYL): hash_bytes(("card", RYL))}


def test_a_value_that_is_computed_while_nothing_records_has_reads() -> None:
    values = DerivedValues()
    values.get("duties", RYL, lambda: record_read("card", RYL))
    assert values.pack().reads == {hash_read("duties", RYL): hash_bytes(("card", RYL))}


def test_values_of_kept_tables_are_known_in_a_later_build() -> None:
    values, later = DerivedValues({"duties"}), DerivedValues({"duties"})
    values.get("duties", RYL, lambda: "due")
    values.get("duties", FEED, lambda: None)
    values.get("overdue", RYL, lambda: "not kept")
    kept = values.pack().kept
    assert kept == {hash_read("duties", RYL): "due", hash_read("duties", FEED): None}
    later.use_kept(kept)
    with record_reads() as reads:
        assert later.get("duties", RYL, lambda: "computed") == "due"
        assert later.get("duties", FEED, lambda: "computed") is None
    assert list(unpack_reads(reads.pack())) == hashes(("duties", RYL), ("duties", FEED))
    assert later.get("overdue", RYL, lambda: "computed") == "computed"
    assert later.pack().kept == {}


def test_reads_of_other_processes_are_added_to_derived_values() -> None:
    values, other = DerivedValues(), DerivedValues()
    values.get("duties", RYL, lambda: record_read("card", RYL))
    other.get("duties", FEED, lambda: record_read("card", FEED))
    values.add(other.pack())
    assert values.pack().reads == {
        hash_read("duties", RYL): hash_bytes(("card", RYL)),
        hash_read("duties", FEED): hash_bytes(("card", FEED)),
    }


def test_the_reference_of_a_resource_is_the_key_of_its_reads_and_none_itself():
    resource = Resource.model_validate({"kind": "resource", "type": "topic", "id": "orders", "name": "Orders"})
    with record_reads() as reads:
        assert resource.ref == Ref("topic", "orders")
    assert not reads.pack()
    with record_reads() as reads:
        assert resource.type == "topic"
    assert reads.pack()
