"""The whole cards folder to cards, with everything that is wrong with it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.bind import LoadedCard, bind
from generator.load.contract_files import complete, contract_format, unused_contract
from generator.load.files import Folder, card_files, read_text
from generator.load.front_matter import front_matter
from generator.load.identity import stated_ref
from generator.load.nodes import Document
from generator.load.positions import read_documents
from generator.names import Ref


@dataclass(frozen=True)
class Cards:
    """Every card of the book, in the order of files and lines."""

    items: tuple[LoadedCard, ...]
    broken: frozenset[Ref] = frozenset()
    """Cards that exist but cannot be used; a reference to one is not called wrong."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file that was read, by its name: to show the line of a finding."""

    @cached_property
    def by_ref(self) -> dict[Ref, LoadedCard]:
        """The cards by their references."""
        return {loaded.ref: loaded for loaded in self.items}

    @cached_property
    def digest(self) -> str:
        """Changes when any card does."""
        text = "\0".join(f"{name}\0{self.texts[name]}" for name in sorted(self.texts))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file gave."""

    file: str
    text: str
    cards: tuple[LoadedCard, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: tuple[Ref, ...] = ()
    contracts: tuple[Document, ...] = ()
    """The OpenAPI documents and JSON Schemas in it."""
    names_a_kind: bool = False
    """Whether any of it says `kind`: then it is meant as a card, whoever else refers to it."""


def load(root: Path, project: Path) -> tuple[Cards, list[Finding]]:
    """Read every card under `root`; file names in findings are relative to `project`.

    The files that contracts refer to need not be cards, even where they end in .yml.
    """
    folder = Folder(root, project)
    read = [_read(path, folder) for path in card_files(folder)]
    completed = [complete(card, folder) for part in read for card in part.cards]
    used = frozenset(name for part in completed for name in part.used)
    counted = [part for part in read if part.file not in used or part.names_a_kind]
    cards, duplicates = _without_duplicates(part.loaded for part in completed)
    findings = [
        *(finding for part in counted for finding in part.findings),
        *(finding for part in completed for finding in part.findings),
        *duplicates,
    ]
    if not any(part.findings for part in counted):  # a card that cannot be read may refer to a contract
        findings += [unused_contract(document) for part in counted for document in part.contracts]
    broken = frozenset(ref for part in counted for ref in part.broken)
    return Cards(tuple(cards), broken, {part.file: part.text for part in read}), findings


def _read(path: Path, folder: Folder) -> _Read:
    name = folder.name(path)
    text, finding = read_text(path, folder)
    if finding is not None:
        return _Read(name, "", findings=(finding,))
    if path.suffix == ".md":
        return _read_markdown(name, text)
    documents, findings = read_documents(text, name)
    documents = [document for document in documents if document.root.content is not None or len(documents) == 1]
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "the file is empty", "fill it in or remove it")]
    return _bound(name, text, documents, findings)


def _read_markdown(name: str, text: str) -> _Read:
    matter = front_matter(text)
    if matter is None:
        if Path(name).name.lower() == "readme.md":
            return _Read(name, text)
        finding = rules.NO_CARD.at(Position(name), "no front matter", "start with a line `---`, the card, and `---`")
        return _Read(name, text, findings=(finding,))
    if not matter.is_closed:
        finding = rules.NO_CARD.at(Position(name), "the front matter has no end", "close it with a line `---`")
        return _Read(name, text, findings=(finding,))
    documents, findings = read_documents(matter.yaml, name, first_line=2)
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "the front matter is empty", "fill it in")]
    return _bound(name, text, documents, findings, matter.body.strip("\n"))


def _bound(name: str, text: str, documents: list[Document], findings: list[Finding], body: str = "") -> _Read:
    cards: list[LoadedCard] = []
    broken: list[Ref] = []
    contracts: list[Document] = []
    for document in documents:
        if contract_format(document) is not None:
            contracts.append(document)
            continue
        card, found = bind(document, body)
        findings = findings + found
        if card is not None:
            cards.append(card)
        elif (ref := stated_ref(document.root.plain(), name)) is not None:
            broken.append(ref)
    kinds = any(isinstance(document.root.content, dict) and "kind" in document.root.content for document in documents)
    return _Read(name, text, tuple(cards), tuple(findings), tuple(broken), tuple(contracts), kinds)


def _without_duplicates(cards: Iterable[LoadedCard]) -> tuple[list[LoadedCard], list[Finding]]:
    first: dict[tuple[str, str], LoadedCard] = {}
    findings: list[Finding] = []
    for loaded in cards:
        ref = loaded.ref
        earlier = first.setdefault((ref.kind, ref.id.lower()), loaded)
        if earlier is not loaded:
            message = f"{ref} is already the id of another card"
            if earlier.ref != ref:
                message = f"{ref} differs from {earlier.ref} only in case; both want the same page"
            findings.append(
                rules.DUPLICATE_ID.at(loaded.at("id"), message, f"the first one is at {earlier.at('id')}", ref)
            )
    return list(first.values()), findings
