"""Runs of the command line in processes that are forked from one that has imported everything.

Starting Python and importing the command costs a second each time, and the tests run hundreds of commands. A forked
process has its own working folder, environment and streams, like one that a user starts. MkDocs, which `build` and
`serve` start in a process of its own, is forked too.

All processes of a run share one server. It reads one JSON object a message, with the streams of the command as file
descriptors, and answers with one. It ends with the last of its clients.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import jinja2

from generator.diagrams.graphviz import open_graphviz

ROOT = Path(__file__).parents[1]
PATIENCE = 600
"""Seconds after which a command is ended; it only guards against hangs."""
ADDRESS = f"\0modelbook-tests-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
"""The name of the server's socket, which all processes of a run know, and which is no file."""
LARGEST = 1 << 18
"""Bytes of an order, most of which is the environment."""
PACKAGES = sysconfig.get_path("purelib")
list_files = jinja2.FileSystemLoader.list_templates


class ForkedCommand:
    """A command that runs, with those methods of `subprocess.Popen` that tests use."""

    def __init__(self, server: "CommandServer", pid: int) -> None:
        self._server = server
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, or None if the command runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit status."""
        if self.returncode is None:
            if not select.select([self._descriptor], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("the command", timeout or 0)
            self.returncode = int(self._server.order({"wait": self.pid})["returncode"])
            os.close(self._descriptor)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class CommandServer:
    """A connection to the process that forks commands."""

    def __init__(self) -> None:
        self._socket = open_socket()
        self._process: subprocess.Popen[bytes] | None = None
        while self._socket.connect_ex(ADDRESS):
            self._process = start_server()
        self._lock = threading.Lock()

    def order(self, order: Mapping[str, Any], streams: Sequence[int] = ()) -> dict[str, Any]:
        """Send an order and return the answer."""
        with self._lock:
            sent = socket.send_fds(self._socket, [json.dumps(order).encode()], streams)
            assert sent < LARGEST
            answer = self._socket.recv(LARGEST)
        assert answer, "the server has ended"
        return dict(json.loads(answer))

    def start(
        self,
        program: str,
        arguments: Sequence[str],
        cwd: Path,
        environ: Mapping[str, str],
        *,
        streams: Sequence[int] | None = None,
        new_session: bool = False,
    ) -> ForkedCommand:
        """Start `modelbook` or `mkdocs`. The streams are file descriptors; by default nothing is read or written."""
        order = {"program": program, "arguments": [*arguments], "cwd": str(cwd), "environ": dict(environ)}
        with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
            answer = self.order({**order, "new_session": new_session}, streams or [nothing.fileno()] * 3)
        return ForkedCommand(self, answer["pid"])

    def run(
        self, program: str, arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], *, stdout: str, stderr: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `modelbook` or `mkdocs` and wait for it. Text that is written to a given file is not returned."""
        with open_stream(os.devnull) as stdin, open_stream(stdout) as output, open_stream(stderr) as errors:
            streams = [stdin.fileno(), output.fileno(), errors.fileno()]
            returncode = self.start(program, arguments, cwd, environ, streams=streams).wait()
            texts = ["" if name else read_text(file) for name, file in ((stdout, output), (stderr, errors))]
        return subprocess.CompletedProcess([*arguments], returncode, *texts)


get_command_server = functools.cache(CommandServer)
"""Returns the connection of this process."""


def open_socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def start_server() -> subprocess.Popen[bytes] | None:
    """Start the server, unless another process of the run is starting it."""
    with open_socket() as listener:
        try:
            listener.bind(ADDRESS)
        except OSError:
            time.sleep(0.01)  # until it listens
            return None
        listener.listen()
        command = [sys.executable, "-m", __name__, str(listener.fileno())]
        return subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL)


def open_stream(name: str) -> BinaryIO:
    return open(name, "r+b" if name == os.devnull else "wb") if name else tempfile.TemporaryFile()  # noqa: PTH123


def read_text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode("utf-8")


def serve(listener: socket.socket) -> None:
    """Fork a command or wait for one at each order, until the last client ends. Templates are compiled once."""
    import generator  # noqa: PLC0415 - the tests only need the client

    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    jinja2.FileSystemLoader.list_templates = list_templates  # type: ignore[method-assign,assignment] # hundreds of builds list 14,000 icons
    build_small_book()
    for name in ("modelbook", "mkdocs"):
        load_program(name)
    gc.freeze()
    gc.unfreeze = lambda: None  # a search for garbage among the objects of the server would copy them
    templates = tempfile.mkdtemp()
    cache = jinja2.FileSystemBytecodeCache(templates)
    initialise = jinja2.Environment.__init__
    jinja2.Environment.__init__ = (  # type: ignore[method-assign]
        lambda *arguments, **options: initialise(*arguments, **{**options, "bytecode_cache": cache})
    )
    clients = [listener.accept()[0]]
    while clients:
        for ready in select.select([listener, *clients], [], [])[0]:
            if ready is listener:
                clients.append(listener.accept()[0])
                continue
            message, streams, _, _ = socket.recv_fds(ready, LARGEST, 3)
            if message:
                ready.send(json.dumps(follow(json.loads(message), streams)).encode())
            else:
                clients.remove(ready)
                ready.close()
    shutil.rmtree(templates, ignore_errors=True)  # the end of the run removes it too


def follow(order: Mapping[str, Any], streams: Sequence[int]) -> dict[str, int]:
    """Fork a command or wait for one, and return the answer."""
    if "wait" in order:
        return {"returncode": os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])}
    answer = {"pid": os.fork()}
    if answer["pid"] == 0:
        become_command(order, streams)
    for stream in streams:
        os.close(stream)
    return answer


def list_templates(loader: jinja2.FileSystemLoader) -> list[str]:
    """List templates as Jinja does, but read the folders of installed themes once."""
    folders = [list_shipped if folder.startswith(PACKAGES) else list_own for folder in loader.searchpath]
    return sorted({name for folder, find in zip(loader.searchpath, folders, strict=True) for name in find(folder)})


def list_own(folder: str) -> list[str]:
    return list_files(jinja2.FileSystemLoader(folder))


@functools.cache
def list_shipped(folder: str) -> list[str]:
    return [name for name in list_own(folder) if not name.startswith(".")]  # MkDocs skips the thousands of icons


def become_command(order: Mapping[str, Any], streams: Sequence[int]) -> NoReturn:
    """Run the command in a forked process, and end the process with its exit status."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 100)
    for number, name in enumerate(("stdin", "stdout", "stderr")):  # those of the server may be of another kind of file
        mode, buffering = "w" if number else "r", 1 if number == 2 else -1
        file = open(number, mode, buffering, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, file)
    if order["new_session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["cwd"])
    signal.alarm(PATIENCE)
    subprocess.Popen = ForkingPopen  # type: ignore[misc,assignment]
    run_program(order["program"], order["arguments"])


class ForkingPopen(subprocess.Popen[bytes]):
    """`subprocess.Popen`, but MkDocs is forked from this process instead of started anew."""

    def __init__(self, args: Any, **options: Any) -> None:
        if args[:3] == [sys.executable, "-m", "mkdocs"]:
            options["preexec_fn"] = functools.partial(become_mkdocs, args[3:], options["env"])
        super().__init__(args, **options)


def become_mkdocs(arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Run MkDocs in a process that Popen has forked and given its folder, its streams and its process group."""
    os.closerange(3, 100)  # also the pipe that tells Popen that the program was started
    open_graphviz.cache_clear()  # if an update has loaded it, a file that it needs is now closed
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environ)
    for number, name in ((1, "stdout"), (2, "stderr")):  # without the text that the parent has not written yet
        setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    try:
        run_program("mkdocs", arguments)
    except BaseException:  # noqa: BLE001 - Python prints it too; raising it from here would start another program
        sys.excepthook(*sys.exc_info())
        end_process(1)


def run_program(program: str, arguments: Sequence[str]) -> NoReturn:
    """Run a program that is installed with this Python, and end the process with its status."""
    sys.argv = [program, *arguments]
    try:
        status = load_program(program)()
    except SystemExit as leaving:
        status = leaving.code
    end_process(status if isinstance(status, int) else int(status is not None))


@functools.cache
def load_program(name: str) -> Callable[[], Any]:
    """Import the main function of a program."""
    (script,) = entry_points(group="console_scripts", name=name)
    return script.load()


def end_process(status: int) -> NoReturn:
    """End the process as Python does, except that it frees no memory: that would copy the memory of the server."""
    threading._shutdown()  # type: ignore[attr-defined] # Python calls it at its end, and declares no other way
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:
        sys.excepthook(*sys.exc_info())
        status = 120
    os._exit(status)


def build_small_book() -> None:
    """Build a book: this imports modules, completes models and compiles expressions that nearly all commands need."""
    from mkdocs.commands.build import build  # noqa: PLC0415 - the tests only need the client
    from mkdocs.config import load_config  # noqa: PLC0415
    from mkdocs.config.defaults import MkDocsConfig  # noqa: PLC0415

    from tests.books import MODEL, TEAM, write_book  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        book = write_book(Path(folder), {"team.yaml": TEAM, "model.yaml": MODEL})
        (book / "docs/code.md").write_text("```yaml\nid: x\n```\n")
        build(load_config(str(book / "mkdocs.yml"), site_dir=str(book / "site")))
    # Else the commands get the plugins of this book.
    MkDocsConfig.plugins.plugin_cache.clear()  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
