"""Books with cards that were collected from other repositories."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.load.collected import CollectedRepository, CollectLock, FormerCard, render_lock
from tests.books import write_book

COMMIT = "3f2a91c07b5de8463f2a91c07b5de8463f2a91c0"
TEAMS = "kind: team\nid: ranking\nname: Ranking\n---\nkind: team\nid: kitchen\nname: Kitchen\n"


def build_model(identifier: str, owner: str = "ranking", name: str = "", more: str = "") -> str:
    """The card of an experimental model."""
    name = name or f"The {identifier}"
    head = f"kind: model\nid: {identifier}\nname: {name}\nsummary: Ranks restaurants.\nlifecycle: experimental\n"
    return f"{head}serving: offline\nowners: [{owner}]\n{more}"


def write_collected_book(
    root: Path,
    collected: Mapping[str, Mapping[str, str]],
    cards: Mapping[str, str] | None = None,
    former: Sequence[FormerCard] = (),
    url: str = "https://github.com/{name}",
    ref: str = "",
) -> Path:
    """Write a book with the files of repositories (`shop/web` to path to text), and its lock file."""
    files = {f"collected/{name}/{path}": text for name, texts in collected.items() for path, text in texts.items()}
    write_book(root, {"teams.yml": TEAMS, **(cards or {})})
    for name, text in files.items():
        path = root / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    repositories = tuple(
        CollectedRepository(
            name=name,
            repository=url.format(name=name) or f"../{name}",
            commit=COMMIT,
            committed_on="2026-11-02",
            url=url.format(name=name),
            files={path: hash_blob(text.encode()) for path, text in texts.items()},
            ref=ref,
        )
        for name, texts in collected.items()
    )
    (root / "collect.lock").write_bytes(render_lock(CollectLock(repositories, tuple(former))))
    return root


def hash_blob(content: bytes) -> str:
    """Return the SHA-1 of a blob."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
