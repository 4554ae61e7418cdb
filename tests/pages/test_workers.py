import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import pytest

from generator.pages.workers import WORTH_IT, Crew, processes_for

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="nothing can be forked")

HERE = os.getpid()


def crew_of(work: Callable[[Iterable[int]], Any], items: Sequence[int], processes: int) -> list[Any]:
    with Crew(work, items, processes) as crew:
        return list(crew.results())


def squares(drawn: Iterable[int]) -> tuple[int, list[int]]:
    return os.getpid(), [number * number for number in drawn]


@pytest.mark.parametrize("count", [0, 1, 5, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_item_is_worked_on_once(count, processes):
    done = crew_of(squares, range(count), processes)
    assert sorted(chain.from_iterable(results for _, results in done)) == [number * number for number in range(count)]
    assert len({process for process, _ in done}) == processes


def test_who_is_done_draws_more():
    def slow_here(drawn: Iterable[int]) -> list[int]:
        found = []
        for number in drawn:
            time.sleep(0.05 if os.getpid() == HERE else 0)
            found.append(number)
        return found

    here, there = crew_of(slow_here, range(1000), 2)
    assert len(here) < len(there)
    assert sorted([*here, *there]) == list(range(1000))


def test_they_work_while_this_process_does_something_else():
    with Crew(squares, range(100), 2) as crew:
        [process] = multiprocessing.active_children()
        deadline = time.monotonic() + 30
        while process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        (here, own), (there, theirs) = crew.results()
    assert (here, own) == (HERE, [])
    assert (there, len(theirs)) == (process.pid, 100)


def test_results_larger_than_a_pipe_arrive_whole():
    def long(drawn: Iterable[int]) -> str:
        assert list(drawn) is not None
        return "x" * 3_000_000

    assert [len(text) for text in crew_of(long, [1, 2], 2)] == [3_000_000, 3_000_000]


@pytest.mark.parametrize("end", [lambda: os._exit(9), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 // 0])
def test_what_a_process_made_that_dies_or_fails_is_missing_and_told_by_nobody(end, capfd):
    def fragile(drawn: Iterable[int]) -> list[int]:
        if os.getpid() != HERE:
            next(iter(drawn), None)
            end()
        return list(drawn)

    [here] = crew_of(fragile, range(1000), 2)
    assert len(set(here)) == len(here) >= 999
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_sent_is_missing():
    def unsendable(drawn: Iterable[int]) -> Callable[[], list[int]]:
        found = list(drawn)
        return lambda: found

    assert len(crew_of(unsendable, [1, 2], 2)) == 1


def test_an_error_here_stops_the_others():
    def wrong(drawn: Iterable[int]) -> int:
        if os.getpid() == HERE:
            return 1 // 0
        time.sleep(600)
        return 0

    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        crew_of(wrong, [1, 2], 2)
    assert time.monotonic() - started < 60
    assert not multiprocessing.active_children()


def test_little_work_is_done_here():
    assert processes_for(WORTH_IT - 1) == 1


def test_nothing_is_forked_beside_another_thread():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert processes_for(100_000) == 1
    finally:
        stop.set()
        thread.join()


def test_a_large_book_takes_what_processors_there_are(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert processes_for(WORTH_IT) == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert processes_for(WORTH_IT) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is dead")
def test_a_worker_ends_with_a_parent_that_is_killed():
    script = """
import os, time
from generator.pages.workers import Crew

def wait(drawn):
    for _ in drawn:
        os.write(1, f'{os.getpid()}\\n'.encode())  # in one piece
        time.sleep(600)

with Crew(wait, range(2), 2) as crew:
    list(crew.results())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            working = {int(process.stdout.readline()) for _ in range(2)}
            assert len(working - {process.pid}) == 1
        finally:
            process.kill()
        assert process.stdout.read() == ""  # ends when the worker does, which has the other end open
