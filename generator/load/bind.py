"""Documents to cards: every mistake becomes a finding at the key or value that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePosixPath

from pydantic import ValidationError

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.collected import CardOrigin
from generator.load.explain import describe_value, explain_errors
from generator.load.nodes import Document, Plain
from generator.load.suggestions import Suggestions
from generator.names import Ref, format_choices
from generator.reads import record_read
from generator.schema import KINDS, Card
from generator.schema.base import Data
from generator.schema.card import OwnedCard
from generator.schema.fields import get_keys

POSITIONS = "positions"
"""The table of the reads of positions in the file of a card."""


@dataclass(frozen=True, slots=True)
class LoadedCard:
    """A card with the document that it was read from."""

    card: Card
    document: Document
    body: str = ""
    """The prose of a Markdown card."""
    openapi: Data = None
    """The OpenAPI document that the contract names, as plain data."""
    origin: CardOrigin | None = None
    """The place in the repository that it was collected from; None for a card of the book itself."""

    @property
    def ref(self) -> Ref:
        """The reference to the card in the graph."""
        return self.card.ref

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.document.file

    @property
    def repository(self) -> str:
        """The name of the repository that it was collected from; empty for a card of the book itself."""
        return self.origin.repository.name if self.origin is not None else ""

    def describe_place(self, *path: str | int) -> str:
        """Describe the place of a value for people of several repositories, with the owners of the card.

        For example: `modelbook/ryl.yml:3 in shop/web (owner: ranking)`.
        """
        position, card = self.at(*path), self.card
        file, where = (self.origin.path, self.repository) if self.origin else (position.file, "this book")
        owners = card.owners if isinstance(card, OwnedCard) else ()
        people = f" (owner{'s' if len(owners) > 1 else ''}: {', '.join(owners)})" if owners else ""
        return f"{file}:{position.line} in {where}{people}"

    def at(self, *path: str | int) -> Position:
        """Return the position of the value at a path, or of the last value on the way that exists."""
        record_read(POSITIONS, self.card)
        return self.document.at(*path)

    def at_key(self, *path: str | int) -> Position:
        """Return the position of the key at a path."""
        record_read(POSITIONS, self.card)
        return self.document.at_key(*path)


@lru_cache(maxsize=1)
def get_file_stem(file: str) -> str:
    """Return the stem of a file's name, which is the id of a card without one; cached, for files of many cards."""
    return PurePosixPath(file).stem


def parse_stated_ref(plain: Plain, file: str) -> Ref | None:
    """Return the reference to a document by its id, or else by the stem of its file; None if it is not a card.

    It needs plain data only, so it works for a card that the schema refuses and for one of an older schema.
    """
    if not isinstance(plain, dict):
        return None
    kind = plain.get("type") if plain.get("kind") == "resource" else plain.get("kind")
    identifier = plain.get("id")
    try:
        return Ref.parse(f"{kind}:{get_file_stem(file) if identifier is None or identifier == '' else identifier}")
    except ValueError:
        return None


def bind_card(
    document: Document, body: str = "", suggestions: Suggestions | None = None
) -> tuple[LoadedCard | None, list[Finding]]:
    """Return the card of a document, if there are no errors in it, and all findings about it."""
    suggestions = suggestions or Suggestions()
    hint = "write the plain value; a contract includes a file with `$ref`"
    findings = [
        rules.YAML_SYNTAX.at(document.position(mark), f"unknown YAML tag {describe_value(tag)}", hint)
        for tag, mark in document.tags
    ]
    plain = document.to_plain()
    if not isinstance(plain, dict):
        message = f"invalid card: {'nothing' if plain is None else describe_value(plain)}, expected a mapping"
        return None, [*findings, rules.NO_CARD.at(document.at(), message, "start with `kind: model`")]
    kind = plain.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return None, [*findings, _explain_kind(document, plain, suggestions)]
    values = {"id": get_file_stem(document.file), **plain}
    try:
        card = KINDS[kind].model_validate(values)
    except ValidationError as error:
        return None, [*findings, *explain_errors(document, KINDS[kind], values, error, suggestions)]
    if card.id == "README" or card.id.lower() == "index":
        message = f"reserved id {card.id!r}: it names the page that lists the kind"
        hint = "choose another id" if "id" in plain else "rename the file, or add `id`"
        return None, [*findings, rules.BAD_ID.at(document.at("id"), message, hint, card.ref)]
    return LoadedCard(card, document, body), findings


def _explain_kind(document: Document, plain: Mapping[str, Plain], suggestions: Suggestions) -> Finding:
    """Build the finding for a missing or unknown kind."""
    if "kind" not in plain:
        near = [key for key in plain if key not in _get_known_keys() and suggestions.find_nearest(key, ["kind"])]
        place = document.at_key(near[0]) if near else document.at()
        hint = f"rename {near[0]!r} to 'kind'" if near else f"add one of: {', '.join(KINDS)}"
        return rules.UNKNOWN_KIND.at(place, "missing key `kind`", hint)
    kind = plain["kind"]
    near_kind = suggestions.find_nearest(kind, KINDS) if isinstance(kind, str) else None
    message = f"{'unknown kind' if isinstance(kind, str) else 'invalid kind:'} {describe_value(kind)}"
    message = "empty `kind`" if kind is None else message
    hint = f"did you mean {near_kind!r}?" if near_kind else format_choices(KINDS)
    return rules.UNKNOWN_KIND.at(document.at("kind"), message, hint)


@cache
def _get_known_keys() -> frozenset[str]:
    return frozenset(key for model in KINDS.values() for key in get_keys(model))
