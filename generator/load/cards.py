"""The whole cards folder to cards, with findings about them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from msgspec import structs

from generator.findings import Finding, Position
from generator.grouping import Selection, group_pairs, overlay
from generator.load import rules
from generator.load.bind import LoadedCard, bind_card, get_file_stem, parse_stated_ref
from generator.load.collected import CardOrigin, CollectLock
from generator.load.collected_files import check_collected_files
from generator.load.contract_files import (
    SharedFiles,
    check_unused_contract,
    find_contract_format,
    resolve_contract_files,
)
from generator.load.files import ENDINGS, Folder, list_card_files, parse_front_matter, read_text
from generator.load.nodes import Document
from generator.load.suggestions import Suggestions
from generator.load.syntax import find_commented_values, find_conflict
from generator.load.unread import UnreadCard, UnreadCards, scan_unread
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema import Model
from generator.schema.base import Scalar
from generator.values import FrozenValue
from generator.workers import count_processes, share_work


@dataclass(frozen=True)
class Cards:
    """The cards of a book, in the order of files and lines."""

    items: tuple[LoadedCard, ...]
    unread: UnreadCards = field(default_factory=UnreadCards)
    """The cards that could not be read or bound; a reference to one is not reported as unresolved."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file that was read, by its name, for excerpts."""
    anchors: Mapping[Position, Position] = field(default_factory=dict)
    """The position of the anchor by the position of each alias."""
    lock: CollectLock = field(default_factory=CollectLock)
    """The repositories from which cards were collected."""
    origins: Mapping[str, CardOrigin] = field(default_factory=dict)
    """The origin of each collected file by its name, also of contracts."""
    contract_files: Mapping[Ref, frozenset[str]] = field(default_factory=dict)
    """The names of the files that the contract of a card includes, of each card that has such files."""
    removed: frozenset[str] = frozenset()
    """The files that are there no longer; only cards that `update` adds to others have any."""

    @cached_property
    def by_ref(self) -> dict[Ref, LoadedCard]:
        """The cards by their references."""
        return {loaded.ref: loaded for loaded in self.items}

    @cached_property
    def drafts(self) -> frozenset[Ref]:
        """The cards that are drafts."""
        return frozenset(loaded.ref for loaded in self.items if loaded.card.is_draft)

    @cached_property
    def accepting(self) -> frozenset[Ref]:
        """The cards that accept findings."""
        return frozenset(loaded.ref for loaded in self.items if loaded.card.allow)

    @cached_property
    def inventoried(self) -> frozenset[Ref]:
        """The models with a field of the inventory."""
        cards = (loaded.card for loaded in self.items)
        return frozenset(card.ref for card in cards if isinstance(card, Model) and card.is_inventoried)

    def update(self, changed: "Cards") -> "Cards":
        """Return these cards with others in some files, which are all cards of these files."""
        kept = (loaded for loaded in self.items if not changed.has_file(loaded.file))
        items = sorted((*kept, *changed.items), key=lambda loaded: loaded.file.split("/"))
        anchors = {alias: anchor for alias, anchor in self.anchors.items() if not changed.has_file(alias.file)}
        texts = overlay(self.texts, changed.texts)
        if changed.removed or not changed.texts.keys() <= self.texts.keys():
            names = texts.keys() - changed.removed
            texts = Selection(texts, sorted(names, key=lambda name: name.split("/")))
        known = self.list_touched(changed)
        files = {ref: names for ref, names in self.contract_files.items() if ref not in known}
        updated = replace(
            self,
            items=tuple(items),
            texts=texts,
            anchors=anchors | {**changed.anchors},
            contract_files=files | {**changed.contract_files},
        )
        updated.__dict__.update(
            drafts=(self.drafts - known) | changed.drafts,
            accepting=(self.accepting - known) | changed.accepting,
            inventoried=(self.inventoried - known) | changed.inventoried,
        )
        return updated

    def add_files(self, others: "Cards") -> "Cards":
        """Return the cards of some files with those of other files; a file in both is that of the others."""
        kept = (loaded for loaded in self.items if not others.has_file(loaded.file))
        anchors = {alias: anchor for alias, anchor in self.anchors.items() if not others.has_file(alias.file)}
        texts = {name: text for name, text in self.texts.items() if name not in others.removed} | {**others.texts}
        removed = (self.removed - others.texts.keys()) | others.removed
        items = (*kept, *others.items)
        known = {loaded.ref for loaded in items}
        files = {ref: one for ref, one in {**self.contract_files, **others.contract_files}.items() if ref in known}
        return Cards(items, texts=texts, anchors=anchors | {**others.anchors}, contract_files=files, removed=removed)

    def has_file(self, name: str) -> bool:
        """Return whether a file has these cards, or had some of them."""
        return name in self.texts or name in self.removed

    def list_touched(self, changed: "Cards") -> frozenset[Ref]:
        """List the cards that other cards in some files change, add or remove."""
        return frozenset(loaded.ref for loaded in self.items if changed.has_file(loaded.file)).union(changed.by_ref)

    def can_become(self, others: "Cards") -> bool:
        """Return whether others are these with some added or removed: each page is there once, and the order stays.

        The files that contracts include stay the same, but for those that can have no cards.
        """
        used, using = (frozenset().union(*one.contract_files.values()) for one in (self, others))
        has_other_files = any(name.endswith(ENDINGS) for name in used ^ using)
        pages = {(ref.kind, ref.id.lower()) for ref in others.by_ref}
        kept, same = ([ref for ref in one.by_ref if ref in two.by_ref] for one, two in ((self, others), (others, self)))
        return not has_other_files and 0 < len(pages) == len(others.items) and kept == same

    @cached_property
    def digest(self) -> str:
        """A hash of all texts, and of the lock file of collected cards."""
        text = "\0".join((self.lock.digest, *(f"{name}\0{self.texts[name]}" for name in sorted(self.texts))))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class _CardFile(FrozenValue):
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
    stated: tuple[Ref, ...] = ()
    """The references to its documents by their ids, also to those that cannot be bound."""
    has_kind: bool = False
    """Whether any document has a `kind`, so that it is meant as a card even if a contract refers to the file."""


class _BoundFile(FrozenValue):
    """The cards of a file, and findings about it."""

    source: _CardFile
    cards: tuple[LoadedCard, ...]
    findings: tuple[Finding, ...]
    unread: tuple[UnreadCard, ...]
    contracts: tuple[Document, ...] = ()
    """The OpenAPI documents and JSON Schemas in it."""


def load_cards(
    root: Path, project: Path, lock: CollectLock | None = None, linked_folders: Iterable[str] = ()
) -> tuple[Cards, list[Finding]]:
    """Read every card under `root`; file names in findings are relative to `project`.

    The files that contracts refer to need not be cards, even if they end in .yml. The files that were collected from
    other repositories are compared with the lock file. Links may lead to the `linked_folders`, which are relative to
    `project`.
    """
    folder, lock = Folder(root, project, tuple(project / name for name in linked_folders)), lock or CollectLock()
    origins = {folder.name(root / path): origin for path, origin in lock.origins.items()}
    files = _read_files(list(list_card_files(folder)), folder)
    # Also of documents that cannot be bound.
    stated = group_pairs((ref.id, ref) for source in files for ref in source.stated)
    bound = [_bind_file(source, stated, origins.get(source.file)) for source in files]
    shared = SharedFiles()
    resolved = [resolve_contract_files(card, folder, shared) for part in bound for card in part.cards]
    used = {name for _, _, names in resolved for name in names}
    waiting = UnreadCards(tuple(item for part in bound for item in part.unread if part.source.file not in used))
    counted = [
        part
        for part in bound
        if part.source.has_kind or not (part.source.file in used or waiting.has_file(part.source.file))
    ]
    cards, duplicates, hidden = _remove_duplicates(card for card, _, _ in resolved)
    findings = [
        *(finding for part in counted for finding in part.findings),
        *(finding for _, found, _ in resolved for finding in found),
        *duplicates,
    ]
    changed, missing = check_collected_files(folder, lock)
    findings += changed
    if not any(part.findings for part in counted):  # a card that cannot be read may refer to a contract
        findings += [check_unused_contract(document) for part in counted for document in part.contracts]
    if not cards and not findings:
        name = root.relative_to(project).as_posix()
        message = f"no cards in {name}/: expected .yml, .yaml or .md files with a `kind`"
        hint = "run `modelbook new model ID`, or set `cards:` in mkdocs.yml"
        findings.append(rules.NO_CARD.at(Position(name), message, hint))
    unread = UnreadCards((*(item for part in counted for item in part.unread), *hidden, *missing))
    for part in counted:  # these findings do not keep a card from being read
        findings += find_commented_values(part.source.yaml or "", part.source.documents)
    anchors = {alias: anchor for source in files for alias, anchor in _list_anchors(source).items()}
    texts = {source.file: source.text for source in files}
    contract_files = {card.ref: frozenset(names) for card, _, names in resolved if names}
    loaded = Cards(tuple(cards), unread, texts, anchors, lock, origins, contract_files)
    return loaded, add_anchor_places(findings, anchors)


def reload_files(
    cards: Cards, files: Iterable[str], root: Path, project: Path, linked_folders: Iterable[str] = ()
) -> Cards | None:
    """Read some files of cards again, and return their cards alone.

    None if more than these cards can have changed: if a file cannot be read without findings, or is part of a contract.

    The paths are relative to `root`, the folder of the cards. The names of files and `linked_folders`, to which links
    may lead, are relative to `project`.
    """
    folder, shared = Folder(root, project, tuple(project / name for name in linked_folders)), SharedFiles()
    paths = {folder.name(root / file): root / file for file in files}
    included = {name for names in cards.contract_files.values() for name in names}
    if not paths.keys().isdisjoint(included | cards.origins.keys()) or not all(
        map(folder.can_have_cards, paths.values())
    ):
        return None
    removed = frozenset(name for name, path in paths.items() if not path.exists())
    items: list[LoadedCard] = []
    texts: dict[str, str] = {}
    anchors: dict[Position, Position] = {}
    contract_files: dict[Ref, frozenset[str]] = {}
    for name, path in paths.items():
        if name in removed:
            continue
        bound = _bind_file(_read_file(path, folder), {}, None)
        source = bound.source
        if bound.findings or bound.contracts or any(find_commented_values(source.yaml or "", source.documents)):
            return None
        for loaded in bound.cards:
            resolved, findings, names = resolve_contract_files(loaded, folder, shared)
            if findings:
                return None
            items.append(resolved)
            contract_files |= {loaded.ref: frozenset(names)} if names else {}
        texts[name] = source.text
        anchors |= _list_anchors(source)
    return Cards(tuple(items), texts=texts, anchors=anchors, contract_files=contract_files, removed=removed)


def add_anchor_places(findings: Iterable[Finding], anchors: Mapping[Position, Position]) -> list[Finding]:
    """Add the position of the anchor to the hint of each finding at an alias."""
    found: list[Finding] = []
    for finding in findings:
        anchor = anchors.get(finding.position) if anchors else None
        if anchor is not None:
            hint = f"{finding.hint.removesuffix('.')}; " if finding.hint else ""
            found.append(structs.replace(finding, hint=f"{hint}the anchor is at {anchor}"))
        else:
            found.append(finding)
    return found


def _list_anchors(source: _CardFile) -> dict[Position, Position]:
    """Return the position of the anchor by the position of each alias in a file."""
    return {
        document.position(alias): document.position(anchor)
        for document in source.documents
        for alias, anchor in document.anchors.items()
    }


def _read_files(paths: Sequence[Path], folder: Folder) -> list[_CardFile]:
    """Read files with several processes: reading YAML takes more time than sending its values, which are packed."""
    files: dict[Path, _CardFile] = {}
    with share_work(
        lambda chunk: {path: _read_file(path, folder) for path in chunk}, paths, count_processes(len(paths)), ahead=0.3
    ) as results:
        for read in results:
            files |= read
    return [files[path] for path in paths]


def _read_file(path: Path, folder: Folder) -> _CardFile:
    name = folder.name(path)
    text, finding = read_text(path, folder)
    if finding is not None:
        is_text = finding.code == rules.NOT_TEXT.code
        return _CardFile(name, "", text if is_text else None, findings=(finding,))
    if path.suffix == ".md":
        return _read_markdown(name, text)
    documents, findings = read_documents(text, name)
    documents = [document for document in documents if document.root.content is not None or len(documents) == 1]
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "empty file", "fill it in or remove it")]
    return _build_file(name, text, text, 1, documents, findings)


def _read_markdown(name: str, text: str) -> _CardFile:
    matter = parse_front_matter(text)
    if matter is None and Path(name).name.lower() == "readme.md":
        return _CardFile(name, text)
    if matter is None or not matter.is_closed:
        missing = ("missing front matter", "start with a line `---`, the card, and `---`")
        problem = missing if matter is None else ("unclosed front matter", "close it with a line `---`")
        finding = find_conflict(text, name, 1) or rules.NO_CARD.at(Position(name), *problem)
        return _CardFile(name, text, text, findings=(finding,))
    documents, findings = read_documents(matter.yaml, name, first_line=2)
    is_conflict = all(f"\n{marker} " in f"\n{matter.body}" for marker in ("<<<<<<<", ">>>>>>>"))
    if is_conflict and not findings:  # in prose, unlike in YAML, one of these lines alone may be meant
        conflict = find_conflict(matter.body, name, 3 + matter.yaml.count("\n"))
        findings = [conflict] if conflict else []
    if not documents and not findings:
        findings = [rules.NO_CARD.at(Position(name), "empty front matter", "fill it in")]
    return _build_file(name, text, matter.yaml, 2, documents, findings, matter.body.strip("\n"))


def _build_file(
    file: str,
    text: str,
    yaml: str,
    first_line: int,
    documents: Iterable[Document],
    findings: Iterable[Finding],
    body: str = "",
) -> _CardFile:
    stated: list[dict[str, Scalar | None]] = []
    for document in documents:
        root = document.root.content if isinstance(document.root.content, dict) else {}
        contents = {key: root[key].content if key in root else None for key in ("kind", "type", "id")}
        stated.append({key: one if isinstance(one, Scalar) else None for key, one in contents.items()})
    refs = filter(None, (parse_stated_ref(dict(values), file) for values in stated))
    return _CardFile(
        file, text, yaml, first_line, tuple(document.pack() for document in documents), tuple(findings), body,
        tuple(refs), any(values["kind"] is not None for values in stated),
    )  # fmt: skip


def _bind_file(source: _CardFile, stated: Mapping[str, Sequence[Ref]], origin: CardOrigin | None) -> _BoundFile:
    cards: list[LoadedCard] = []
    findings = list(source.findings)
    suggestions = Suggestions(stated)
    contracts: list[Document] = []
    for document in source.documents:
        if document.find("kind") is None and find_contract_format(document.to_plain()) is not None:
            contracts.append(document)
            continue
        card, found = bind_card(document, source.body, suggestions)
        findings += found
        cards += [card if origin is None else replace(card, origin=origin)] if card is not None else []
    unread: list[UnreadCard] = []
    if findings:
        first = min(finding.position for finding in findings)
        if source.yaml is None:
            unread = [UnreadCard(first)]
        else:
            unread = list(scan_unread(source.yaml, source.first_line, [card.at().line for card in cards], first))
        if not cards and not unread:  # an empty file
            unread = [UnreadCard(first, frozenset({get_file_stem(source.file)}))]
    return _BoundFile(source, tuple(cards), tuple(findings), tuple(unread), tuple(contracts))


def _remove_duplicates(cards: Iterable[LoadedCard]) -> tuple[list[LoadedCard], list[Finding], list[UnreadCard]]:
    """Return the first card of each id, findings about the others, and those whose id differs only in case.

    The cards of the book itself come before those that were collected.
    """
    cards = list(cards)
    first: dict[tuple[str, str], LoadedCard] = {}
    findings: list[Finding] = []
    hidden: list[UnreadCard] = []
    for loaded in sorted(cards, key=lambda loaded: loaded.origin is not None):
        ref = loaded.ref
        earlier = first.setdefault((ref.kind, ref.id.lower()), loaded)
        if earlier is loaded:
            continue
        in_case = f": it differs from {earlier.ref} only in case, and both have the same page"
        if earlier.ref != ref:
            hidden.append(UnreadCard(loaded.at("id"), frozenset({ref.id}), frozenset({ref.kind})))
        if loaded.repository == earlier.repository:
            message = f"duplicate id {ref}{in_case if earlier.ref != ref else ''}"
            hint = f"rename one of them; the first one is at {earlier.at('id')}"
            findings.append(rules.DUPLICATE_ID.at(loaded.at("id"), message, hint, ref))
        else:
            twice = "has two cards" if earlier.ref == ref else f"and {earlier.ref} differ only in case"
            message = f"{ref} {twice}: {earlier.describe_place('id')}, and {loaded.describe_place('id')}"
            hint = f"remove or rename one of them; the book shows that of {earlier.repository or 'this book'}"
            findings.append(rules.CLAIMED_ID.at(loaded.at("id"), message, hint, ref))
    shown = set(map(id, first.values()))
    return [loaded for loaded in cards if id(loaded) in shown], findings, hidden
