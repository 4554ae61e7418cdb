"""Generated repositories and names of a book, for the benchmark of a scan; the same bytes each time."""

import itertools
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

_SAMPLED = 0.04
"""The share of the names that is in the code."""
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_USES = ('MODEL = "{name}"', "value = '{name}'", "# see {name}", 'CALLS = {{"target": "{name}"}}')


def make_names(count: int) -> tuple[SearchName, ...]:
    """Make the names of a book: ids, hosts, addresses, topics, features and experiments."""
    chance = random.Random(count)
    words = _make_words(3000)
    names: set[SearchName] = set()
    for number in itertools.count():
        model = "-".join(chance.choices(words, k=3)) + f"-v{chance.randint(1, 9)}"
        host = "-".join(chance.choices(words, k=2)) + ".ml.example.com"
        text, kind, type_ = chance.choices(
            (
                (model, NameKind.ID, "model"),
                (host, NameKind.HOST, "model"),
                (f"https://{host}/v1/models/{model}:predict", NameKind.URL, "model"),
                (".".join(chance.choices(words, k=3)) + ".v1", NameKind.ID, "topic"),
                ("_".join(chance.choices(words, k=4)), NameKind.FEATURE, "feature_view"),
                (f"exp-{model}", NameKind.ID, "experiment"),
            ),
            (40, 10, 20, 10, 16, 4),
        )[0]
        names.add(SearchName(text, f"{type_}:n{number}", kind))
        if len(names) == count:
            return tuple(sorted(names))
    raise AssertionError


def make_mirrors(folder: Path, count: int, files: int, names: tuple[SearchName, ...]) -> None:
    """Make bare mirrors with a commit each. The files are those of Python's library; one in 20 uses names too."""
    chance = random.Random(count * files)
    used = chance.sample(names, int(len(names) * _SAMPLED))
    sources = itertools.cycle(_list_sources())
    for number in range(count):
        path = folder / f"team{number % 50}/repository{number}.git"
        path.mkdir(parents=True)
        call_git(path, "init", "-q", "--bare", "-b", "main")
        import_commit(path, _make_files(chance, used, list(itertools.islice(sources, files))))


def _list_sources() -> list[Path]:
    library = Path(os.__file__).parent
    return sorted(path for path in library.rglob("*.py") if "site-packages" not in path.parts)


def _make_files(chance: random.Random, used: list[SearchName], sources: list[Path]) -> Iterator[tuple[str, bytes]]:
    library = Path(os.__file__).parent
    for source in sources:
        text = source.read_bytes() + b"\n"
        if chance.random() < 0.05:
            for _ in range(chance.randint(1, 3)):
                text += chance.choice(_USES).format(name=chance.choice(used).text).encode() + b"\n"
        yield source.relative_to(library).as_posix(), text
    values = "".join(f"  - name: {name.text}\n" for name in chance.sample(used, 3))
    yield "deploy/values.yaml", f"targets:\n{values}".encode()


def import_commit(path: Path, files: Iterator[tuple[str, bytes]], day: int = 0) -> None:
    """Add a commit with some files to a bare mirror, on top of the last one."""
    has_commit = (path / "refs/heads/main").exists()
    committer = f"committer Bench <bench@example.com> {1_780_000_000 + day * 86_400} +0000"
    stream = f"commit refs/heads/main\n{committer}\ndata 0\n".encode() + b"from refs/heads/main^0\n" * has_commit
    for name, content in files:
        stream += b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(content), content)
    call_git(path, "-c", "core.compression=1", "fast-import", "--quiet", given=stream)


def _make_words(count: int) -> list[str]:
    chance = random.Random(count)
    syllables = [consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS]
    return sorted({"".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)})


def call_git(folder: Path, *words: str, given: bytes = b"") -> None:
    """Run git without the settings of the user."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *words], input=given, env=environment, check=True)
