"""Secrets that only show once YAML is read: folded over lines, escaped, or far from the key that names them."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.load.nodes import Node
from generator.secrets.scanner import Finders, find_secrets


@dataclass(frozen=True, slots=True)
class Hidden:
    """A secret in a value of a document."""

    node: Node
    """The value that holds it."""
    words: str
    """What it is, as the value has it; the source may write it otherwise."""
    kind: str


def hidden_secrets(root: Node, finders: Finders) -> Iterator[Hidden]:
    """The secrets in the texts of a document, each judged with its key beside it; those in plain sight among them."""
    for key, node in _scalars(root):
        said = f"{key}: {node.content}"
        for secret in find_secrets(said, finders):
            yield Hidden(node, said[secret.start : secret.end], secret.kind)


def _scalars(root: Node) -> Iterator[tuple[str, Node]]:
    """Every text of a document with its key, the nearest one for the items of a list.

    What several aliases share comes once for each key that they stand at: one of them may call it a password.
    """
    waiting: list[tuple[str, Node]] = [("", root)]
    met = set[tuple[str, int]]()
    while waiting:
        key, node = waiting.pop()
        if (key, id(node)) in met:
            continue
        met.add((key, id(node)))
        match node.content:
            case dict() as mapping:
                waiting.extend(reversed(mapping.items()))
            case list() as sequence:
                waiting.extend((key, item) for item in reversed(sequence))
            case str():
                yield key, node
