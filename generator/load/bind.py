"""A document to a card: every mistake in it becomes a finding at the key or value at fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.explain import describe, explain
from generator.load.identity import file_stem
from generator.load.meant import Suggestions
from generator.load.nodes import Document, Plain
from generator.names import Ref, format_choices
from generator.schema import KINDS, Card
from generator.schema.base import RESERVED_IDS, Data
from generator.schema.fields import get_keys


@dataclass(frozen=True, slots=True)
class LoadedCard:
    """A card with the text that it came from."""

    card: Card
    document: Document
    body: str = ""
    """The prose of a Markdown card."""
    openapi: Data = None
    """The OpenAPI document that the contract names, as plain data."""

    @property
    def ref(self) -> Ref:
        """How the graph knows it."""
        return self.card.ref

    def at(self, *path: str | int) -> Position:
        """Where the value at a path stands; the nearest there is when it was left out."""
        return self.document.at(*path)

    def at_key(self, *path: str | int) -> Position:
        """Where the key at a path stands."""
        return self.document.at_key(*path)


def bind(
    document: Document, body: str = "", suggestions: Suggestions | None = None
) -> tuple[LoadedCard | None, list[Finding]]:
    """The card that a document holds, and all that is wrong with it."""
    loaded, findings = _bound(document, body, suggestions or Suggestions())
    return loaded, [*_foreign_tags(document), *findings]


def _foreign_tags(document: Document) -> list[Finding]:
    hint = "write the plain value; a contract takes a file in with `$ref`"
    return [
        rules.YAML_SYNTAX.at(document.position(mark), f"the tag {describe(tag)} means nothing in a card", hint)
        for tag, mark in document.tags
    ]


def _bound(document: Document, body: str, suggestions: Suggestions) -> tuple[LoadedCard | None, list[Finding]]:
    plain = document.root.plain()
    if not isinstance(plain, dict):
        what = "is empty" if plain is None else f"is {describe(plain)}"
        return None, [rules.NO_CARD.at(document.at(), f"a card is a mapping; this {what}", "start with `kind: model`")]
    kind, finding = _kind(document, plain, suggestions)
    if finding is not None or kind is None:
        return None, [finding] if finding else []
    values = {"id": file_stem(document.file), **plain}
    try:
        card = kind.model_validate(values)
    except ValidationError as error:
        return None, explain(document, kind, values, error, suggestions)
    if card.id.lower() in RESERVED_IDS:
        message = f"{card.id!r} is the page that lists the kind"
        hint = "choose another id" if "id" in plain else "rename the file, or add `id`"
        return None, [rules.BAD_ID.at(document.at("id"), message, hint, card.ref)]
    return LoadedCard(card, document, body), []


def _kind(
    document: Document, plain: Mapping[str, Plain], suggestions: Suggestions
) -> tuple[type[Card] | None, Finding | None]:
    if "kind" not in plain:
        near = [key for key in plain if key not in _known_keys() and suggestions.find_nearest(key, ["kind"])]
        place = document.at_key(near[0]) if near else document.at()
        hint = f"rename {near[0]!r} to 'kind'" if near else f"add one of: {', '.join(KINDS)}"
        return None, rules.UNKNOWN_KIND.at(place, "there is no `kind`", hint)
    word = plain["kind"]
    if not isinstance(word, str) or word not in KINDS:
        message = "`kind` is empty" if word is None else f"{describe(word)} is no kind of card"
        near_kind = suggestions.find_nearest(word, KINDS) if isinstance(word, str) else None
        hint = f"did you mean {near_kind!r}?" if near_kind else format_choices(KINDS)
        return None, rules.UNKNOWN_KIND.at(document.at("kind"), message, hint)
    return KINDS[word], None


@cache
def _known_keys() -> frozenset[str]:
    return frozenset(key for model in KINDS.values() for key in get_keys(model))
