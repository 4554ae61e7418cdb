"""Several questions at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 4
Question = TypeVar("Question")
Answer = TypeVar("Answer")


def gathered(ask: Callable[[Question], Answer], questions: Iterable[Question]) -> dict[Question, Answer]:
    """Return the answer to each question; the first that fails ends them all."""
    listed = list(dict.fromkeys(questions))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(listed, pool.map(ask, listed), strict=True))
