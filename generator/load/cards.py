"""The whole cards folder to cards, with everything that is wrong with it."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.anchors import add_anchor_places, index_anchors
from generator.load.bind import LoadedCard, bind
from generator.load.contract_files import complete, contract_format, unused_contract
from generator.load.files import Folder, card_files, read_text
from generator.load.front_matter import front_matter
from generator.load.identity import file_stem, stated_ref
from generator.load.meant import Suggestions
from generator.load.nodes import Document
from generator.load.syntax import find_conflict
from generator.load.unread import UnreadCard, UnreadCards, scan_unread
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema.base import Scalar


@dataclass(frozen=True)
class Cards:
    """Every card of the book, in the order of files and lines."""

    items: tuple[LoadedCard, ...]
    unread: UnreadCards = field(default_factory=UnreadCards)
    """The cards that could not be read or bound; a reference to one is not called wrong."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file that was read, by its name: to show the line of a finding."""
    anchors: Mapping[Position, Position] = field(default_factory=dict)
    """The place of the anchor for the place of each alias."""

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
class _Source:
    """A file as YAML documents that are not bound yet."""

    file: str
    text: str
    """The whole text, for excerpts; empty if it is not text."""
    yaml: str | None = ""
    """Its YAML; None if the file could not be read at all."""
    first_line: int = 1
    """The line at which the YAML begins."""
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    body: str = ""
    """The prose of a Markdown card."""

    @property
    def has_kind(self) -> bool:
        """Whether any of it has a `kind`: then it is meant as a card, whatever refers to it."""
        return any(_scalar_at(document, "kind") is not None for document in self.documents)


@dataclass(frozen=True, slots=True)
class _Bound:
    """The cards of a file, and what is wrong with it."""

    source: _Source
    cards: tuple[LoadedCard, ...]
    findings: tuple[Finding, ...]
    unread: tuple[UnreadCard, ...]
    contracts: tuple[Document, ...] = ()
    """The OpenAPI documents and JSON Schemas in it."""


def load(root: Path, project: Path) -> tuple[Cards, list[Finding]]:
    """Read every card under `root`; file names in findings are relative to `project`.

    The files that contracts refer to need not be cards, even where they end in .yml.
    """
    folder = Folder(root, project)
    sources = [_read(path, folder) for path in card_files(folder)]
    stated = _index_ids(sources)
    bound = [_bind(source, stated) for source in sources]
    completed = [complete(card, folder) for part in bound for card in part.cards]
    used = frozenset(name for part in completed for name in part.used)
    waiting = UnreadCards(tuple(item for part in bound for item in part.unread if part.source.file not in used))
    counted = [part for part in bound if part.source.has_kind or not _is_contract_file(part.source.file, used, waiting)]
    cards, duplicates, hidden = _without_duplicates(part.loaded for part in completed)
    findings = [
        *(finding for part in counted for finding in part.findings),
        *(finding for part in completed for finding in part.findings),
        *duplicates,
    ]
    if not any(part.findings for part in counted):  # a card that cannot be read may refer to a contract
        findings += [unused_contract(document) for part in counted for document in part.contracts]
    unread = UnreadCards((*(item for part in counted for item in part.unread), *hidden))
    if not cards and not findings:
        findings.append(_no_cards(folder))
    anchors = index_anchors(document for source in sources for document in source.documents)
    texts = {source.file: source.text for source in sources}
    return Cards(tuple(cards), unread, texts, anchors), add_anchor_places(findings, anchors)


def _is_contract_file(file: str, used: Collection[str], waiting: UnreadCards) -> bool:
    """Whether a card takes the file in with its contract, or may do so once it can be read."""
    return file in used or (bool(waiting) and waiting.mention_file(file))


def _no_cards(folder: Folder) -> Finding:
    name = folder.root.relative_to(folder.project).as_posix()
    message = f"no cards in {name}/: expected .yml, .yaml or .md files with a `kind`"
    return rules.NO_CARD.at(Position(name), message, "run `modelbook new model ID`, or set `cards:` in mkdocs.yml")


def _scalar_at(document: Document, key: str) -> Scalar | None:
    content = document.root.content
    value = content[key].content if isinstance(content, dict) and key in content else None
    return value if isinstance(value, Scalar) else None


def _index_ids(sources: Iterable[_Source]) -> dict[str, list[Ref]]:
    """Return the references of all documents by their ids, also of those that cannot be bound."""
    found: defaultdict[str, list[Ref]] = defaultdict(list)
    for source in sources:
        for document in source.documents:
            ref = stated_ref({key: _scalar_at(document, key) for key in ("kind", "type", "id")}, source.file)
            if ref is not None:
                found[ref.id].append(ref)
    return found


def _read(path: Path, folder: Folder) -> _Source:
    name = folder.name(path)
    text, finding = read_text(path, folder)
    if finding is not None:
        is_text = finding.code == rules.NOT_TEXT.code
        return _Source(name, "", text if is_text else None, findings=(finding,))
    if path.suffix == ".md":
        return _read_markdown(name, text)
    documents, findings = read_documents(text, name)
    documents = [document for document in documents if document.root.content is not None or len(documents) == 1]
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "the file is empty", "fill it in or remove it")]
    return _Source(name, text, text, 1, tuple(documents), tuple(findings))


def _read_markdown(name: str, text: str) -> _Source:
    matter = front_matter(text)
    if matter is None:
        if Path(name).name.lower() == "readme.md":
            return _Source(name, text)
        finding = rules.NO_CARD.at(Position(name), "no front matter", "start with a line `---`, the card, and `---`")
        return _Source(name, text, text, findings=(find_conflict(text, name, 1) or finding,))
    if not matter.is_closed:
        finding = rules.NO_CARD.at(Position(name), "the front matter has no end", "close it with a line `---`")
        return _Source(name, text, text, findings=(find_conflict(text, name, 1) or finding,))
    documents, findings = read_documents(matter.yaml, name, first_line=2)
    is_conflict = all(f"\n{marker} " in f"\n{matter.body}" for marker in ("<<<<<<<", ">>>>>>>"))
    if is_conflict and not findings:  # in prose, unlike in YAML, one of these lines alone may be meant
        first_line = 3 + matter.yaml.count("\n")
        conflict = find_conflict(matter.body, name, first_line)
        findings = [conflict] if conflict else []
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "the front matter is empty", "fill it in")]
    return _Source(name, text, matter.yaml, 2, tuple(documents), tuple(findings), matter.body.strip("\n"))


def _bind(source: _Source, stated: Mapping[str, list[Ref]]) -> _Bound:
    cards: list[LoadedCard] = []
    findings = list(source.findings)
    suggestions = Suggestions(stated)
    contracts: list[Document] = []
    for document in source.documents:
        if contract_format(document) is not None:
            contracts.append(document)
            continue
        card, found = bind(document, source.body, suggestions)
        findings += found
        if card is not None:
            cards.append(card)
    unread: list[UnreadCard] = []
    if findings:
        first = min(finding.position for finding in findings)
        lines = [card.at().line for card in cards]
        if source.yaml is None:
            unread = [UnreadCard(first)]
        else:
            unread = list(scan_unread(source.yaml, source.first_line, lines, first))
        if not cards and not unread:  # an empty file
            unread = [UnreadCard(first, frozenset({file_stem(source.file)}))]
    return _Bound(source, tuple(cards), tuple(findings), tuple(unread), tuple(contracts))


def _without_duplicates(cards: Iterable[LoadedCard]) -> tuple[list[LoadedCard], list[Finding], list[UnreadCard]]:
    """Return the first card of each id, what is wrong with the others, and those that another case tells apart."""
    first: dict[tuple[str, str], LoadedCard] = {}
    findings: list[Finding] = []
    hidden: list[UnreadCard] = []
    for loaded in cards:
        ref = loaded.ref
        earlier = first.setdefault((ref.kind, ref.id.lower()), loaded)
        if earlier is not loaded:
            message = f"{ref} is already the id of another card"
            if earlier.ref != ref:
                message = f"{ref} differs from {earlier.ref} only in case; both want the same page"
                hidden.append(UnreadCard(loaded.at("id"), frozenset({ref.id}), frozenset({ref.kind})))
            findings.append(
                rules.DUPLICATE_ID.at(loaded.at("id"), message, f"the first one is at {earlier.at('id')}", ref)
            )
    return list(first.values()), findings, hidden
