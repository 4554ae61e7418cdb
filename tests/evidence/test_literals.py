"""Searching for many literals at once, compared with a search for one after the other."""

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence import literals
from generator.evidence.literals import LiteralFinder, decode_separators, is_boundary
from tests.books import REPOSITORY

WORDS = st.lists(st.sampled_from(["a", "ab", "model", "home", "v2", "é"]), min_size=1, max_size=5)
NAMES = st.builds(lambda words, glue: glue.join(words).encode(), WORDS, st.sampled_from(["-", ".", "_", "/", ":", ""]))
GAPS = st.sampled_from([b" ", b"\n", b"A-", b'"', b"%2F", b"\\n", b"-"])
TEXTS = st.lists(st.one_of(NAMES, GAPS), max_size=12).map(b"".join)


def find_slowly(names: list[bytes], text: bytes) -> set[tuple[bytes, int]]:
    """Find the literals between two positions that are not within a word."""
    return {
        (name.lower(), found.start())
        for name in names
        for found in re.finditer(rb"(?=%s)" % re.escape(name.lower()), text.lower())
        if is_boundary(text, found.start()) and is_boundary(text, found.start() + len(name))
    }


@pytest.mark.parametrize("has_automaton", [True, False])
@given(names=st.lists(NAMES, min_size=1, max_size=8), text=TEXTS)
def test_every_literal_at_words_is_found_once(has_automaton: bool, names: list[bytes], text: bytes) -> None:
    finder = LiteralFinder(names, has_automaton=has_automaton)
    found = [(finder.literals[number], start) for number, start, _ in finder.find(text)]
    assert len(found) == len(set(found))
    assert set(found) == find_slowly(names, text)


@given(names=st.lists(NAMES, min_size=1, max_size=8), text=TEXTS, size=st.integers(1, 9))
def test_the_size_of_the_chunks_does_not_matter(names: list[bytes], text: bytes, size: int) -> None:
    whole, cut = LiteralFinder(names), LiteralFinder(names)
    expected = set(whole.find(text)), set(whole.find_escaped(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "_CHUNK", size)
        assert (set(cut.find(text)), set(cut.find_escaped(text))) == expected


@given(name=NAMES, data=st.data())
def test_each_separator_can_be_escaped(name: bytes, data: st.DataObject) -> None:
    escapes = {b"/": [b"/", b"\\/", b"%2F", b"%2f"], b":": [b":", b"%3A", b"%3a"]}
    written = b"".join(data.draw(st.sampled_from(escapes.get(bytes([byte]), [bytes([byte])]))) for byte in name)
    text = b'x "' + written + b'" %2F'
    finder = LiteralFinder([name])
    found = [*finder.find(text), *finder.find_escaped(text)]
    assert (0, 3, 3 + len(written)) in found
    assert decode_separators(written) == name


def test_nested_literals_and_texts_made_of_them_end() -> None:
    nested = [b"-".join([b"a"] * count) for count in range(1, 400)]
    finder = LiteralFinder(nested)
    assert len(list(finder.find(nested[-1] * 3000))) <= 200_000


def test_no_literal_finds_nothing() -> None:
    for has_automaton in (True, False):
        assert list(LiteralFinder([], has_automaton=has_automaton).find(b"text")) == []
        assert list(LiteralFinder([b""], has_automaton=has_automaton).find_escaped(b"a%2Fb")) == []


RIPGREP = shutil.which("rg") or shutil.which("rg", path=str(REPOSITORY / ".venv/md2conf/bin"))


@pytest.mark.skipif(RIPGREP is None, reason="ripgrep is not installed; `make bench` installs it")
def test_ripgrep_finds_the_same_literals(tmp_path: Path) -> None:
    chance = random.Random(7)
    names = sorted({f"{chance.choice(['ryl', 'eta', 'feed'])}-{chance.randrange(500):03}" for _ in range(300)})
    words = [*names, "x-", "-y", "é", "ryl", "RYL-007", "\t", "a.b"]
    lines = [" ".join(chance.choices(words, k=chance.randrange(8))) for _ in range(2_000)]
    (tmp_path / "names").write_text("\n".join(names), encoding="utf-8")
    (tmp_path / "text").write_text("\n".join(lines), encoding="utf-8")
    command = [str(RIPGREP), "-F", "-i", "-o", "-b", "--no-line-number", "-f", "names", "text"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    expected = {
        (int(place), name.lower()) for place, _, name in (row.partition(":") for row in done.stdout.splitlines())
    }
    finder = LiteralFinder(name.encode() for name in names)
    found = finder.find((tmp_path / "text").read_bytes())
    assert {(start, finder.literals[number].decode()) for number, start, _ in found} == expected
    assert len(expected) > 1_000
