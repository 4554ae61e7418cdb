"""MB312: secrets that stand in a card, wherever in it: addresses, curls, examples, prose, comments."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from generator.checks.hidden import hidden_secrets
from generator.checks.places import CardPlaces, LineIndex
from generator.checks.rule import Facts, rule
from generator.findings import Finding, Position
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Model
from generator.schema.base import Data
from generator.secrets.redaction import redact_data
from generator.secrets.scanner import FINDERS, Finders, find_secrets

_MOST_COMPARED = 100
_HINT = "write $TOKEN or <token> in its place, and revoke it: git remembers"


@rule("MB312", "secret-in-plain-sight")
def secret_in_plain_sight(facts: Facts) -> Iterator[Finding]:
    """No card holds a token, a key or a password; where one would stand there is a placeholder such as `$TOKEN`.

    Why: a card is read by everybody and copied to the site, to Confluence and into terminals; git keeps it for good.
    Fix: write a placeholder in its place, and revoke the secret: taking it out does not undo that it was published.
    What is no secret after all is made clear by writing a placeholder too; a reason under `x-allow:` is no help.
    """
    places = CardPlaces(facts.cards)
    seen: dict[str, _Seen] = {}
    for file, text in facts.cards.texts.items():
        found = find_secrets(text, facts.finders[file])
        lines = LineIndex(text if found else "", file)
        for secret in found:
            position = lines.locate(secret.start)
            here = seen.setdefault(file, _Seen({}, set()))
            here.words[text[secret.start : secret.end]] = None
            here.lines.add(position.line)
            loaded = places.card_at(position)
            yield _finding(position, secret.kind, loaded.ref if loaded else None)
    for loaded in facts.cards.items:
        file = loaded.document.file
        own = facts.finders.get(file, FINDERS)
        if own:
            yield from _hidden(loaded, seen.setdefault(file, _Seen({}, set())), own)
        yield from _in_files(loaded)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found in the text of a file, so that nothing is reported twice."""

    words: dict[str, None]
    """The words, in the order in which they were found."""
    lines: set[int]


def _finding(position: Position, kind: str, subject: Ref | None) -> Finding:
    return secret_in_plain_sight.at(position, f"a secret in plain sight: {kind}", _HINT, subject)


def _hidden(loaded: LoadedCard, seen: _Seen, finders: Finders) -> Iterator[Finding]:
    """Those that only show once YAML is read."""
    for secret in hidden_secrets(loaded.document.root, finders):
        position = loaded.document.position(secret.node.mark)
        found = secret.words
        if position.line in seen.lines or found in seen.words:
            continue
        if not any(found in word or word in found for word in islice(seen.words, _MOST_COMPARED)):
            seen.words[found] = None
            yield _finding(position, secret.kind, loaded.ref)


def _in_files(loaded: LoadedCard) -> Iterator[Finding]:
    """Secrets in the files that a contract takes in, which are shown with it; reported where the file is named."""
    for path, data in _taken_in(loaded):
        if data is not None and redact_data(data) != data:
            yield _finding(loaded.at(*path), "it stands in the file that is named here", loaded.ref)


def _taken_in(loaded: LoadedCard) -> Iterator[tuple[tuple[str | int, ...], Data]]:
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
