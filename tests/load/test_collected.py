"""The lock file of collected cards."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import UserError
from generator.load.collected import CollectedRepository, CollectLock, FormerCard, parse_lock, render_lock

WEB = CollectedRepository(
    name="shop/web",
    repository="https://git.example.com/shop/web",
    commit="3f2a" * 10,
    committed_on="2026-11-02",
    url="https://git.example.com/shop/web",
    files={"modelbook/ryl.yml": "b" * 40},
)

words = st.text("abc-./ é", min_size=1, max_size=8).filter(lambda text: ".." not in text and not text.startswith("/"))
repositories = st.builds(
    CollectedRepository,
    name=words,
    repository=words,
    commit=words,
    committed_on=words,
    ref=words,
    url=words,
    files=st.dictionaries(words, words, max_size=3),
)
locks = st.builds(
    CollectLock,
    repositories=st.lists(repositories, max_size=3, unique_by=lambda one: one.name).map(tuple),
    former=st.lists(st.builds(FormerCard, card=words, name=words, path=words, commit=words), max_size=3).map(tuple),
)


@given(locks)
def test_a_lock_file_is_read_as_it_was_written(lock: CollectLock) -> None:
    read = parse_lock(render_lock(lock))
    assert read.by_name == lock.by_name
    assert set(read.former) == set(lock.former)
    assert render_lock(read) == render_lock(lock)


def test_the_origin_of_a_file_is_found_by_its_path_in_the_cards_folder() -> None:
    origin = CollectLock((WEB,)).origins["collected/shop/web/modelbook/ryl.yml"]
    assert origin.repository is WEB
    assert str(origin) == "modelbook/ryl.yml in shop/web"


@pytest.mark.parametrize("path", ["../other.yml", "/etc/passwd", "a\\b.yml", ""])
def test_a_path_outside_of_its_folder_is_refused(path: str) -> None:
    lock = CollectLock((msgspec.structs.replace(WEB, files={path: "b"}),))
    with pytest.raises(UserError, match="expected one below"):
        parse_lock(render_lock(lock))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"collect": 2}', b"\xff", b"[" * 100_000])
def test_another_file_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(UserError, match=r"^collect\.lock "):
        parse_lock(content)
