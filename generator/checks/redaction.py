"""MB312: secrets in cards; redaction of cards and of the text of their files, for pages, reports and exports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from msgspec import structs
from pydantic import BaseModel

from generator.checks.locations import LineIndex
from generator.checks.rule import RuleContext, Violation, rule
from generator.findings import Position
from generator.graph.reference_lookup import list_reference_fields
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.files import Folder, extract_yaml, read_text
from generator.load.nodes import Document, Node, WrittenText
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema import Model
from generator.schema.base import Data, Scalar
from generator.secrets.credentials import MARK
from generator.secrets.redaction import redact, redact_data
from generator.secrets.scanner import FINDERS, Finders, find_secrets, list_texts_with_hints, select_finders
from generator.values import FrozenValue

_MOST_COMPARED = 100


class EncodedSecret(FrozenValue):
    """A secret in a value of a document, which YAML may fold, escape or separate from the key that names it."""

    value: WrittenText
    """The value that contains it."""
    text: str
    """The secret as the value has it; the file may write it in another way."""
    kind: str


def find_encoded_secrets(document: Document, finders: Finders) -> Iterator[EncodedSecret]:
    """Find the secrets in the texts of a document, each judged together with the nearest key above it.

    A value that several aliases share is judged once for each key, since one of the keys may name a password.
    """
    values = [*document.list_texts()]
    texts = [f"{value.key}: {value.text}" for value in values]
    for number in list_texts_with_hints(texts, finders):
        text = texts[number]
        for secret in find_secrets(text, finders):
            yield EncodedSecret(values[number], text[secret.start : secret.end], secret.kind)


@rule("MB312", "secret-in-plain-sight")
def secret_in_plain_sight(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card contains a token, a key or a password.

    Why: cards are copied to the site, to Confluence and to terminals, and git keeps them.
    Fix: write a placeholder such as `$TOKEN` instead, and revoke the secret, because it was published. Write a
    placeholder also if the value is not a secret: this finding cannot be accepted under `x-allow:`.
    """
    locator = context.facts.locator
    for file, text in context.list_files():
        finders = context.facts.get_finders(file)
        words: dict[str, None] = {}
        lines = set[int]()
        secrets = find_secrets(text, finders)
        index = LineIndex(text if secrets else "", file)
        for secret in secrets:
            position = index.locate(secret.start)
            words[text[secret.start : secret.end]] = None
            lines.add(position.line)
            loaded = locator.find_card(position)
            yield _report(position, secret.kind, loaded.ref if loaded else None)
        for loaded in locator.by_file.get(file, ()) if finders else ():
            for hidden in find_encoded_secrets(loaded.document, finders):
                position, found = loaded.document.position(hidden.value.mark), hidden.text
                if position.line in lines or found in words:
                    continue
                if not any(found in word or word in found for word in islice(words, _MOST_COMPARED)):
                    words[found] = None
                    yield _report(position, hidden.kind, loaded.ref)
    for loaded in context.items:
        for path, data in _list_included_files(loaded):
            if context.facts.has_secret(data):
                yield _report(loaded.at(*path), "in the file that is named here", loaded.ref)


def _report(position: Position, kind: str, subject: Ref | None) -> Violation:
    fix = "write $TOKEN or <token> instead, and revoke the secret, since git keeps it"
    return Violation(position, f"card contains a secret: {kind}", fix, subject)


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
        node = loaded.document.find(*place)
        if node is not None and isinstance(node.content, str):
            yield place, data


AnyModel = TypeVar("AnyModel", bound=BaseModel)

_Span = tuple[int, int]

_NAMES = frozenset({"kind", "id"})
"""The fields by which the graph knows a card; their form allows no secret."""
_ROUNDS = 8
_SHORTEST_PIECE = 4
_MOST_IN_A_VALUE = 100
"""A value with more secrets is redacted as a whole: each of them is searched for in all of it."""


def redact_cards(cards: Cards, get_finders: Callable[[str], Finders] = lambda _: FINDERS) -> Cards:
    """Return the cards with every secret in them replaced; the same object if there is no secret.

    `get_finders` returns the finders that can find a secret in a file.
    """
    # A contract includes other files, and with them any kind of secret.
    alone = {file for file, text in cards.texts.items() if "$ref" not in text and "openapi" not in text}
    documents = {id(loaded.openapi): loaded.openapi for loaded in cards.items if loaded.openapi is not None}
    redacted = {key: redact_data(document) for key, document in documents.items()}  # several cards may share one
    items = tuple(
        _redact_card(
            loaded,
            get_finders(file) if (file := loaded.document.file) in alone else FINDERS,
            redacted.get(id(loaded.openapi)),
        )
        for loaded in cards.items
    )
    return cards if items == cards.items else replace(cards, items=items, texts=redact_files(cards.texts))


def redact_files(texts: Mapping[str, str]) -> dict[str, str]:
    """Redact the texts of files for excerpts; each line keeps its number."""
    return {name: redact_excerpt(text, name) for name, text in texts.items()}


def read_redacted_files(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Read files of the book for excerpts; links to other folders are not followed."""
    paths = {name: root / name for name in names}
    return redact_files({name: read_text(path, Folder(path.parent, root))[0] for name, path in paths.items()})


def _redact_card(loaded: LoadedCard, finders: Finders, openapi: Data) -> LoadedCard:
    """Redact a card; a file without secrets as a whole may still have one in a single value."""
    if not finders and openapi == loaded.openapi:
        return loaded
    card = _redact_model(loaded.card, finders)
    body = redact(loaded.body, finders)
    if card is loaded.card and body == loaded.body and openapi == loaded.openapi:
        return loaded
    document = structs.replace(loaded.document, tree=_redact_node(loaded.document.root, None, finders)).pack()
    return replace(loaded, card=card, document=document, body=body, openapi=openapi)


def _redact_node(node: Node, name: str | None, finders: Finders) -> Node:
    """Return a value of the document, at the same place, without the secrets in it."""
    match node.content:
        case dict() as mapping:
            redacted = {
                key: child if name is None and key in _NAMES else _redact_node(child, key, finders)
                for key, child in mapping.items()
            }
            return replace(node, content=redacted)
        case list() as items:
            return replace(node, content=[_redact_node(item, name, finders) for item in items])
        case Scalar() as scalar:
            return replace(node, content=Scalar(str(redact_data(str(scalar), name, finders)), plain=scalar.plain))
        case _:
            return node


def _redact_model(model: AnyModel, finders: Finders) -> AnyModel:
    """Return a model without secrets; the same object if it contains no secret."""
    changes: dict[str, object] = {}
    references = list_reference_fields(type(model))
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value and name not in _NAMES:
            redacted = _redact_value(name, value, finders, is_reference=name in references)
            if redacted is not value and redacted != value:
                changes[name] = redacted
    return model.model_copy(update=changes) if changes else model


def _redact_value(name: str, value: object, finders: Finders, *, is_reference: bool = False) -> object:
    match value:
        case str() if type(value) is str:
            shown = redact_data(value, name, finders)
            if is_reference and shown != value and ":" in value:  # still in the form `kind:id`
                kind = value.partition(":")[0]
                return f"{kind if redact(kind) == kind else 'redacted'}:redacted"
            return shown
        case BaseModel():
            return _redact_model(value, finders)
        case tuple():
            return tuple(_redact_value(name, item, finders, is_reference=is_reference) for item in value)
        case dict() if any(isinstance(item, BaseModel | tuple) for item in value.values()):
            return {key: _redact_value(key, item, finders) for key, item in value.items()}
        case dict() | list():
            return redact_data(value, finders=finders)
        case _:
            return value


def redact_excerpt(text: str, file: str) -> str:
    """Redact the text of a file, also secrets that appear only once its YAML is read; each line keeps its number.

    Repeated, because a token may be recognised only once the secret next to it is redacted.
    """
    finders = select_finders(text)
    if not finders:
        return text
    spans = [*_find_spans(text, finders), *_find_encoded_spans(text, file, finders)]
    for _ in range(_ROUNDS):
        if not spans:
            break
        text = _replace_spans(text, spans)
        spans = _find_spans(text, finders)
    return text


def _find_spans(text: str, finders: Finders) -> list[_Span]:
    return [(secret.start, secret.end) for secret in find_secrets(text, finders)]


def _find_encoded_spans(text: str, file: str, finders: Finders) -> Iterator[_Span]:
    """Find the source of the secrets in the values of a file."""
    start, yaml = extract_yaml(text, file)
    documents, _ = read_documents(yaml, file)
    found: dict[int, dict[str, EncodedSecret]] = {}
    for document in documents:
        for secret in find_encoded_secrets(document, finders):
            found.setdefault(secret.value.number, {})[secret.text] = secret
    for of_value in found.values():
        value = next(iter(of_value.values())).value
        begin, end = value.mark.offset, value.end
        if len(of_value) > _MOST_IN_A_VALUE:
            yield start + begin, start + end
            continue
        for text_of_secret in of_value:
            yield from ((start + one, start + other) for one, other in _find_within(yaml, begin, end, text_of_secret))


def _find_within(text: str, start: int, end: int, secret: str) -> Iterator[_Span]:
    """Find a secret in the source of its value; all of the source if it writes the secret in another way."""
    pieces = [piece.strip() for piece in secret.splitlines() if piece.strip()]
    if any(len(piece) < _SHORTEST_PIECE or text.find(piece, start, end) < 0 for piece in pieces):
        yield start, end
        return
    for piece in pieces:
        place = text.find(piece, start, end)
        while place >= 0:
            yield place, place + len(piece)
            place = text.find(piece, place + len(piece), end)


def _replace_spans(text: str, spans: Iterable[_Span]) -> str:
    pieces: list[str] = []
    after = 0
    for start, end in sorted(spans):
        if end > after:
            hidden = text[max(start, after) : end].split("\n")
            pieces += [text[after:start], "\n".join(MARK if line.strip() else line for line in hidden)]
            after = end
    return "".join([*pieces, text[after:]])


class RedactedTexts(Mapping[str, str]):
    """The texts of files by name, each redacted on first use, since a report shows few of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        return redact_excerpt(self._texts[name], name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
