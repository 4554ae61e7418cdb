"""The lock on a book, and the process that holds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.confluence.demo import DemoServer
from generator.confluence.sync.lock import LEASE, identify_machine, is_abandoned
from generator.confluence.sync.manifest import Run
from generator.confluence.sync.values import Outcome
from tests.confluence.publishing import ENDED, Publisher
from tests.confluence.recovering import Killed, build_small_book, connect_interrupted


def run(pid: int, machine: str | None = None) -> Run:
    return Run("somebody", 100, 400, identify_machine() if machine is None else machine, pid)


def test_a_lock_is_abandoned_once_its_process_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert not is_abandoned(run(process.pid))
        process.communicate(b"\n")
    assert is_abandoned(run(process.pid))
    assert is_abandoned(run(ENDED))
    assert not is_abandoned(run(os.getpid()))
    assert not is_abandoned(run(1)), "a process of another user is running"


def test_a_lock_of_another_machine_is_never_abandoned() -> None:
    """Check the lock of another machine, and that of an earlier release, which names none."""
    assert not is_abandoned(run(ENDED, "another"))
    assert not is_abandoned(Run("somebody", 100, 400))


@pytest.mark.parametrize(("pid", "busy"), [(ENDED, False), (os.getpid(), True)], ids=["ended", "running"])
def test_a_run_takes_over_at_once_from_a_process_that_has_ended(
    demo: DemoServer, tmp_path: Path, pid: int, busy: bool
) -> None:
    publisher = Publisher(demo, tmp_path / "site", pid=pid)
    with pytest.raises(Killed):
        publisher.publish(build_small_book(), wiki=connect_interrupted(publisher, 12))
    assert publisher.publish(build_small_book()).outcome is (Outcome.REFUSED if busy else Outcome.DONE)
    publisher.time.passed += LEASE + 1
    assert publisher.publish(build_small_book()).exit_status == 0
