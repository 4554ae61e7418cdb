"""The CPU time of a scan beside that of ripgrep on the same tree, and the growth with the number of repositories."""

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from bench.measure import Measured, measure
from bench.repositories import call_git, import_commit, make_mirrors, make_names
from generator.evidence.names import SearchName

RIPGREP = Path(".venv/md2conf/bin/rg")
NAMES = 50_000
_FILES = 60
"""The number of files of a repository in the table of growth: about 1.2 MB."""
_LARGER = 10_000
SCAN = """
import sys
from pathlib import Path
import msgspec
from generator.evidence.executors import open_process_executor
from generator.evidence.names import SearchName
from generator.evidence.scan import RepositoryScan, scan_repositories
names = msgspec.json.decode(Path("names.json").read_bytes(), type=list[SearchName])
with open_process_executor(int(sys.argv[3])) as executor:
    scans = list(scan_repositories(
        [Path(sys.argv[1])], names, executor=executor, cache_folder=Path(sys.argv[2]) if sys.argv[2] else None))
assert scans and all(isinstance(scan, RepositoryScan) for scan in scans)
print(len(scans), sum(scan.files for scan in scans), sum(len(scan.hits) for scan in scans))
"""


def scan(root: Path, tree: str, cache: str = "", processes: int = 1) -> Measured:
    """Scan a tree; `root` has the names and takes the log."""
    return measure("-c", SCAN, tree, cache, str(processes), cwd=root)


def search(root: Path, tree: str, ripgrep: str) -> Measured:
    """Search a tree for the same names with ripgrep, in one thread and without the data of git."""
    options = (
        "-j1",
        "--hidden",
        "--no-ignore",
        "--glob=!.git",
        "--no-messages",
        "-o",
        "-n",
        "--column",
        "--no-heading",
    )
    return measure(*options, "-F", "-f", "names.txt", tree, cwd=root, program=ripgrep)


def write_names(root: Path, names: tuple[SearchName, ...]) -> None:
    """Write the names for both programs."""
    (root / "names.json").write_bytes(msgspec.json.encode(names))
    (root / "names.txt").write_text("".join(f"{name.text}\n" for name in names), encoding="utf-8")


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as folder:
        root = Path(folder)
        names = make_names(NAMES)
        write_names(root, names)
        _compare(root, names, rounds)
        _grow(root, names, counts)


def _compare(root: Path, names: tuple[SearchName, ...], rounds: int) -> None:
    """Print the CPU time of both programs in one process: the least of the rounds, in which they alternate."""
    tree = _make_checkouts(root, names)
    ripgrep = str(RIPGREP.resolve()) if RIPGREP.exists() else shutil.which("rg")
    best: dict[str, Measured] = {}
    for number in range(rounds):
        taken = {"ripgrep": search(root, tree, ripgrep)} if ripgrep else {}
        taken["cold"] = scan(root, tree)
        taken["cold, with a cache"] = scan(root, tree, f"cache{number}")
        taken["warm"] = scan(root, tree, f"cache{number}")
        for run, one in taken.items():
            best[run] = min(best.get(run, one), one, key=lambda measured: measured.cpu_seconds)
    repositories, files, hits = (root / "bench.log").read_text("utf-8").split()
    print(f"{NAMES} names, {repositories} repositories, {files} files, {hits} places. {_describe_load()}\n")
    print("| run | CPU s | x ripgrep | x cold |")
    print("|---|---|---|---|")
    for run, one in best.items():
        times = one.cpu_seconds / best["ripgrep"].cpu_seconds if ripgrep else 0
        share = one.cpu_seconds / best["cold"].cpu_seconds
        print(f"| {run} | {one.cpu_seconds:.2f} | {times:.2f} | {share:.2f} |")
    if not ripgrep:
        print(f"\nripgrep is not measured: {RIPGREP} is missing; run `make bench` to install it")


def _make_checkouts(root: Path, names: tuple[SearchName, ...]) -> str:
    make_mirrors(root / "sources", 16, 1000, names)
    (root / "tree").mkdir()
    for mirror in sorted((root / "sources").rglob("*.git")):
        call_git(root, "clone", "-q", str(mirror), f"tree/{mirror.stem}")
    return str(root / "tree")


def _grow(root: Path, names: tuple[SearchName, ...], counts: tuple[int, ...]) -> None:
    """Print the cost of more and more bare mirrors, with all processors; the last row is calculated."""
    print(f"\n{_FILES} files a repository. Next day: one repository in 10 has a commit with 3 new files.\n")
    print("| repositories | cold s | CPU s | next day s | CPU s | nothing new CPU s |")
    print("|---|---|---|---|---|---|")
    measured: dict[int, tuple[Measured, ...]] = {}
    for count in counts:
        mirrors = root / f"mirrors{count}"
        make_mirrors(mirrors, count, _FILES, names)
        processes = os.cpu_count() or 1
        cold = scan(root, str(mirrors), f"cache-{count}", processes)
        for path in sorted(mirrors.rglob("*.git"))[::10]:
            import_commit(path, ((f"new{number}.py", f"x = {number}\n".encode() * 500) for number in range(3)), day=1)
        nightly = scan(root, str(mirrors), f"cache-{count}", processes)
        warm = scan(root, str(mirrors), f"cache-{count}", processes)
        shutil.rmtree(mirrors)
        measured[count] = (cold, nightly, warm)
        print(
            f"| {count} | {cold.seconds:.1f} | {cold.cpu_seconds:.1f} | {nightly.seconds:.1f} "
            f"| {nightly.cpu_seconds:.1f} | {warm.cpu_seconds:.1f} |", flush=True,
        )  # fmt: skip
    smaller, larger = list(measured)[-2:]  # the difference does not have the start of the program
    times = (_LARGER - larger) / (larger - smaller)
    pairs = zip(measured[smaller], measured[larger], strict=True)
    scaled = [high.cpu_seconds + times * (high.cpu_seconds - low.cpu_seconds) for low, high in pairs]
    print("| {} (calculated) | | {:.0f} | | {:.0f} | {:.0f} |".format(_LARGER, *scaled))
    print(f"\n{_describe_load()}")


def _describe_load() -> str:
    return f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
