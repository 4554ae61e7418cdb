"""MB312: secrets in a card: in addresses, curls, examples, prose and comments."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from generator.checks.locations import CardLocator, LineIndex
from generator.checks.rule import RuleContext, rule
from generator.findings import Finding, Position
from generator.load.bind import LoadedCard
from generator.load.nodes import Node
from generator.names import Ref
from generator.schema import Model
from generator.schema.base import Data
from generator.secrets.redaction import redact_data
from generator.secrets.scanner import FINDERS, Finders, find_secrets

_MOST_COMPARED = 100


@dataclass(frozen=True, slots=True)
class EncodedSecret:
    """A secret in a value of a document, which YAML may fold, escape or separate from the key that names it."""

    node: Node
    """The value that contains it."""
    text: str
    """The secret as the value has it; the file may write it in another way."""
    kind: str


def find_encoded_secrets(root: Node, finders: Finders) -> Iterator[EncodedSecret]:
    """Find the secrets in the texts of a document, each judged together with the nearest key above it.

    A value that several aliases share is judged once for each key, since one of the keys may name a password.
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
                text = f"{key}: {node.content}"
                for secret in find_secrets(text, finders):
                    yield EncodedSecret(node, text[secret.start : secret.end], secret.kind)


@rule("MB312", "secret-in-plain-sight")
def secret_in_plain_sight(context: RuleContext) -> Iterator[Finding]:
    """Checks that no card contains a token, a key or a password.

    Why: cards are copied to the site, to Confluence and to terminals, and git keeps them.
    Fix: write a placeholder such as `$TOKEN` instead, and revoke the secret, because it was published. Write a
    placeholder also if the value is not a secret: this finding cannot be accepted under `x-allow:`.
    """
    locator = CardLocator(context.cards)
    words: dict[str, dict[str, None]] = {}
    lines: dict[str, set[int]] = {}
    for file, text in context.cards.texts.items():
        secrets = find_secrets(text, context.finders[file])
        index = LineIndex(text if secrets else "", file)
        for secret in secrets:
            position = index.locate(secret.start)
            words.setdefault(file, {})[text[secret.start : secret.end]] = None
            lines.setdefault(file, set()).add(position.line)
            loaded = locator.find_card(position)
            yield _report(position, secret.kind, loaded.ref if loaded else None)
    for loaded in context.cards.items:
        file = loaded.document.file
        finders = context.finders.get(file, FINDERS)
        seen = words.setdefault(file, {})
        for hidden in find_encoded_secrets(loaded.document.root, finders) if finders else ():
            position, found = loaded.document.position(hidden.node.mark), hidden.text
            if position.line in lines.get(file, ()) or found in seen:
                continue
            if not any(found in word or word in found for word in islice(seen, _MOST_COMPARED)):
                seen[found] = None
                yield _report(position, hidden.kind, loaded.ref)
        for path, data in _list_included_files(loaded):
            if data is not None and redact_data(data) != data:
                yield _report(loaded.at(*path), "in the file that is named here", loaded.ref)


def _report(position: Position, kind: str, subject: Ref | None) -> Finding:
    fix = "write $TOKEN or <token> instead, and revoke the secret, since git keeps it"
    return secret_in_plain_sight.at(position, f"card contains a secret: {kind}", fix, subject)


def _list_included_files(loaded: LoadedCard) -> Iterator[tuple[tuple[str | int, ...], Data]]:
    """List the files that a contract includes and pages show, with the paths where the card names them."""
    contract = loaded.card.contract if isinstance(loaded.card, Model) else None
    if contract is None:
        return
    values: list[tuple[tuple[str | int, ...], Data]] = [(("contract", "openapi"), loaded.openapi)]
    values += [(("contract", key, "$ref"), getattr(contract, key)) for key in ("request", "response")]
    for index, example in enumerate(contract.examples):
        path = ("contract", "examples", index)
        values += [((*path, key, "$ref"), getattr(example, key)) for key in ("request", "response")]
    for place, data in values:
        node = loaded.document.root.find(place)
        parent = loaded.document.root.find(place[:-1])
        if isinstance(node.content, str) and node is not parent:
            yield place, data


RULES = (secret_in_plain_sight,)
