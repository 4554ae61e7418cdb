import multiprocessing
import os
import threading
from collections.abc import Sequence

import pytest

from generator.pages.workers import WORTH_IT, processes_for, spread

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="nothing can be forked")

HERE = os.getpid()


def squares(share: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), [number * number for number in share]


@pytest.mark.parametrize("count", [0, 1, 5, 1000])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_item_is_worked_on_once_by_the_share_that_it_belongs_to(count, processes):
    done = spread(squares, range(count), processes)
    assert [results for _, results in done] == [
        [number * number for number in range(count)[start::processes]] for start in range(processes)
    ]
    assert len({process for process, _ in done}) == processes


def test_results_larger_than_a_pipe_arrive_whole():
    _, second = spread(lambda share: "x" * 3_000_000 * len(share), [1, 2], 2)
    assert len(second) == 3_000_000


def test_the_share_of_a_process_that_dies_is_done_here():
    def fragile(share: Sequence[int]) -> list[int]:
        if os.getpid() != HERE:
            os._exit(9)
        return list(share)

    assert spread(fragile, [1, 2, 3], 2) == [[1, 3], [2]]


def test_an_error_in_a_process_is_raised_here_and_told_once(capfd):
    def wrong(share: Sequence[int]) -> int:
        return 1 // (share[0] - 2)

    with pytest.raises(ZeroDivisionError):
        spread(wrong, [1, 2], 2)
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_sent_is_made_here():
    first, second = spread(lambda share: lambda: share[0], [1, 2], 2)
    assert (first(), second()) == (1, 2)


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
