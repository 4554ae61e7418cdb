import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain
from types import SimpleNamespace
from typing import Any

import pytest

from generator.workers import MINIMUM_ITEMS, _collect_results, count_processes, share_work

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="cannot fork")

HERE = os.getpid()


def run_all(work: Callable[[Sequence[int]], Any], items: Sequence[int], processes: int) -> list[Any]:
    with share_work(work, items, processes) as results:
        return list(results)


def square(numbers: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), [number * number for number in numbers]


@pytest.mark.parametrize("count", [0, 1, 16, 17, 5000])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_each_item_is_processed_once(count, processes):
    results = run_all(square, range(count), processes)
    assert sorted(chain.from_iterable(squares for _, squares in results)) == [number**2 for number in range(count)]


def test_new_processes_replace_those_that_have_read_a_large_part_of_the_book(monkeypatch):
    monkeypatch.setattr("generator.workers._ROUND_SIZE", 320)
    results = run_all(square, range(1000), 2)
    assert sorted(chain.from_iterable(squares for _, squares in results)) == [number**2 for number in range(1000)]
    assert len({process for process, _ in results} - {HERE}) == 4


def test_other_processes_work_before_results_are_requested():
    started, start = os.pipe()

    def report_start(numbers: Sequence[int]) -> int:
        os.write(start, b".")
        return len(numbers)

    with share_work(report_start, range(10), 2) as results:
        assert os.read(started, 1) == b"."
        assert list(results) == [10]
    os.close(started)
    os.close(start)


def test_this_process_works_on_the_next_chunk_that_has_not_started():
    release, end = os.pipe()

    def block_elsewhere(numbers: Sequence[int]) -> tuple[int, int]:
        if os.getpid() != HERE:
            os.read(release, 1)
        return os.getpid(), numbers[0]

    with share_work(block_elsewhere, range(1000), 2) as results:
        first = [next(results), next(results)]
        os.close(end)
        os.close(release)
        assert first == [(HERE, 512), (HERE, 528)]  # the other process has the first half
        os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
        assert {process for process, _ in results} == {HERE}


def test_other_processes_get_new_chunks_before_this_one_uses_their_results():
    submitted: list[Sequence[int]] = []

    def submit(_: object, chunk: Sequence[int]) -> Future[int]:
        submitted.append(chunk)
        return Future()

    pool: Any = SimpleNamespace(submit=submit)
    done = Future[int]()
    done.set_result(0)
    assert next(_collect_results(pool, len, [(done, [0])], [[1], [2], [3], [4]], 3)) == 0
    assert submitted == [[1], [2], [3]]


@pytest.mark.parametrize(("ahead", "chunks"), [(0.3, 3), (0.5, 5), (1, 10)])
def test_other_processes_work_ahead_on_a_share_of_the_items(ahead, chunks):
    with share_work(square, range(160), 2, ahead=ahead) as results:
        found = list(results)
    assert sorted(chain.from_iterable(squares for _, squares in found)) == [number**2 for number in range(160)]
    assert sum(process != HERE for process, _ in found) >= chunks


def test_the_first_processes_make_all_early_items(monkeypatch):
    monkeypatch.setattr("generator.workers._ROUND_SIZE", 320)
    with share_work(square, range(1000), 2, early=640) as results:
        found = list(results)
    assert sorted(chain.from_iterable(squares for _, squares in found)) == [number**2 for number in range(1000)]
    first = next(process for process, _ in found)
    assert first != HERE
    assert {process for process, _ in found[:40]} == {first}


def test_results_larger_than_a_pipe_arrive_whole():
    results = run_all(lambda _: "x" * 3_000_000, range(32), 2)
    assert [len(text) for text in results] == [3_000_000, 3_000_000]


@pytest.mark.parametrize("fail", [lambda: os._exit(9), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 // 0])
def test_the_work_of_a_process_that_dies_or_fails_is_repeated_here_without_output(fail, capfd):
    def fail_elsewhere(numbers: Sequence[int]) -> Sequence[int]:
        if os.getpid() != HERE:
            fail()
        return numbers

    assert sorted(chain.from_iterable(run_all(fail_elsewhere, range(1000), 2))) == list(range(1000))
    assert capfd.readouterr() == ("", "")


def test_results_that_cannot_be_pickled_are_computed_here():
    results = run_all(lambda numbers: lambda: numbers, range(32), 2)
    assert sorted(list(result()) for result in results) == [list(range(16)), list(range(16, 32))]


def test_an_error_in_this_process_ends_the_others():
    def fail_here(numbers: Sequence[int]) -> int:
        return 1 // (os.getpid() - HERE)

    with pytest.raises(ZeroDivisionError):
        run_all(fail_here, range(10_000), 2)
    assert not multiprocessing.active_children()


def test_without_semaphores_all_work_is_done_in_this_process(monkeypatch):
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("generator.workers.ProcessPoolExecutor", fail)
    assert run_all(lambda _: os.getpid(), range(100), 2) == [HERE] * 7


def test_little_work_is_done_in_this_process():
    assert count_processes(MINIMUM_ITEMS - 1) == 1


def test_no_process_is_forked_beside_another_thread():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert count_processes(100_000) == 1
    finally:
        stop.set()
        thread.join()


def test_a_large_book_uses_the_available_processors(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert count_processes(MINIMUM_ITEMS) == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert count_processes(MINIMUM_ITEMS) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_a_process_ends_when_its_parent_is_killed():
    script = """
import os, time
from generator.workers import share_work

def wait(numbers):
    os.write(1, f'{os.getpid()}\\n'.encode())  # in one piece
    time.sleep(600)

with share_work(wait, range(1000), 2) as results:
    list(results)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            working = {int(process.stdout.readline()) for _ in range(2)}
            assert len(working - {process.pid}) == 1
        finally:
            process.kill()
        assert process.stdout.read() == ""  # the worker has ended too: it has the other end open
