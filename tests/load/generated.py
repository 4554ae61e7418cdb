"""Bad input that a text file in git cannot hold: bytes, sizes, links and special files."""

import os
from collections.abc import Callable
from pathlib import Path

CARD = b"kind: team\nname: First\n"


def _write(name: str, data: bytes) -> Callable[[Path], None]:
    def build(cards: Path) -> None:
        (cards / name).write_bytes(data)

    return build


def _link(name: str, target: str) -> Callable[[Path], None]:
    def build(cards: Path) -> None:
        outside = cards.parent / "outside"
        outside.mkdir()
        (outside / "secret.yml").write_bytes(CARD)
        (cards / "inside").mkdir()
        (cards / name).symlink_to(target)

    return build


def _contract_through_a_link(cards: Path) -> None:
    secret = cards.parent / "secret.json"
    secret.write_text('{"type": "object"}')
    (cards / "request.json").symlink_to(secret)
    contract = "contract: {request: {$ref: request.json}}\n"
    (cards / "ryl.yml").write_text(f"kind: model\nname: A\nsummary: A\nlifecycle: retired\nserving: online\n{contract}")


def _name_that_is_no_text(cards: Path) -> None:
    Path(os.fsdecode(bytes(cards) + b"/caf\xe9.yml")).write_bytes(CARD)


_SMALL_BOMB = "---\nx: [&a [l, l, l, l, l, l, l, l, l], &b [{a}], &c [{b}], &d [{c}]]\n".format(
    **{name: ", ".join([f"*{name}"] * 9) for name in "abc"}
)
_CHAIN = "x-0: &a0 [x]\n" + "".join(f"x-{index + 1}: &a{index + 1} [*a{index}]\n" for index in range(3000))

GENERATED: dict[str, Callable[[Path], None]] = {
    "utf-16": _write("a.yml", CARD.decode().encode("utf-16")),
    "utf-16-without-mark": _write("a.yml", CARD.decode().encode("utf-16-le")),
    "latin-1": _write("a.yml", "kind: team\nname: Größe\n".encode("latin-1")),
    "latin-1-after-umlauts-and-mark": _write("a.yml", b"\xef\xbb\xbf# \xc3\xa4\xc3\xb6\r\nname: \xc3\xbc\xfc\r\n"),
    "binary": _write("a.yml", bytes(range(256)) * 4),
    "control-character": _write("a.yml", "kind: team\nname: äöü \x07 bell\n".encode()),
    "control-character-in-front-matter": _write("a.md", b"---\nkind: team\nname: a\x1bb\n---\n"),
    "line-separator": _write("a.yml", "kind: team\nname: one\u2028two\n".encode()),
    "old-mac-line-ends": _write("a.yml", b"kind: team\rnmae: First\r"),
    "windows-line-ends": _write("a.yml", b"kind: team\r\nnmae: First\r\n"),
    "too-large": _write("a.yml", b"# large\n" * 1_250_000),
    "too-many-values": _write("a.yml", b"kind: team\nname: A\nx-a:\n" + b"- 1\n" * 120_000),
    "many-small-bombs": _write("a.yml", (_SMALL_BOMB * 300).encode()),
    "chain-of-aliases": _write("a.yml", (_CHAIN + "kind: team\n").encode()),
    "nested-in-brackets": _write("a.yml", b"kind: team\nx-a: " + b"[" * 10_000),
    "nested-in-braces": _write("a.yml", b"kind: team\nx-a: " + b"{a: " * 10_000),
    "nested-in-lists": _write("a.yml", b"kind: team\nx-a:\n" + b"- " * 10_000),
    "nested-by-indentation": _write("a.yml", b"".join(b" " * level + b"a:\n" for level in range(1_000))),
    "nested-keys": _write("a.yml", b"? " * 10_000),
    "long-values": _write(
        "a.yml", f"kind: {'k' * 5000}\n---\nkind: team\nname: A\n{'u' * 900}: 1\nlead: {'l' * 5000}\n".encode()
    ),
    "file-name-is-no-id": _write("two words.yml", CARD),
    "link-to-a-file-outside": _link("a.yml", "../outside/secret.yml"),
    "link-to-a-folder-outside": _link("a", "../outside"),
    "link-to-a-folder-inside": _link("a", "inside"),
    "link-to-nothing": _link("a.yml", "nothing.yml"),
    "link-to-itself": _link("a.yml", "a.yml"),
    "link-to-a-device": _link("a.yml", "/dev/zero"),
    "contract-through-a-link": _contract_through_a_link,
    "pipe": lambda cards: os.mkfifo(cards / "a.yml"),
    "file-name-is-no-text": _name_that_is_no_text,
}
