"""The published book with the cards of one repository as they are on this disk, checked before they are collected."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

from msgspec import structs

from generator.checks import RULES
from generator.checks.baseline import compare_revisions
from generator.checks.suppressions import Suppressed
from generator.collect.file_names import find_name_problem, is_hidden
from generator.errors import UserError
from generator.evidence.published_book import CatalogNode, PublishedBook
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.findings import Finding, Position, Severity, SourcePlace, sort_findings
from generator.grouping import group_pairs
from generator.history.events import History
from generator.load.collected import (
    COLLECTED_FOLDER,
    LOCK_FILE,
    CollectedRepository,
    CollectLock,
    FormerCard,
    hash_blob,
    render_lock,
)
from generator.load.configuration import Configuration, bind_settings
from generator.load.files import SIZE_LIMIT
from generator.load.rules import CLAIMED_ID
from generator.names import Ref
from generator.project import Project, open_project
from generator.settings import RULE_SETTINGS, Settings
from generator.values import FrozenValue

_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LAST_LINE = 100_000
_KNOWN_RULES = tuple(
    checked for checked in RULES if not checked.rule.code.startswith("MB7") or checked.rule.code == "MB703"
)
"""The catalog has the uses in code, but not what the other rules about evidence need."""


class RepositoryCards(FrozenValue):
    """The cards of a repository on this disk."""

    name: str
    """The name of the repository in the book."""
    url: str
    """The address for browsers; empty if it has no remote."""
    commit: str
    """The commit of HEAD; empty before the first one."""
    paths: tuple[str, ...]
    """The files and folders whose published cards are replaced; empty for all."""
    contents: Mapping[str, bytes]
    """The cards and the contract files that they refer to, by path."""
    cards: Mapping[str, str]
    """The path of each card by its reference."""


class RepositoryCheck(FrozenValue):
    """The findings about the cards of a repository."""

    findings: tuple[Finding, ...]
    """Those in its files, and those that its change causes on other cards."""
    texts: Mapping[str, str]
    """The text of each of its files, secrets redacted."""
    suppressed: tuple[Suppressed, ...]
    replaced: int
    """The number of cards of the book that come from this repository."""


def check_repository(own: RepositoryCards, book: PublishedBook, today: date | None = None) -> RepositoryCheck:
    """Check the cards of a repository together with the other cards of the book.

    The book is checked twice: as it is published, and with the cards on this disk. The findings on other cards that
    only the second check has are caused by the change.
    """
    published = [
        node
        for node in list_published(book, own.name, own.url)
        if node.source is not None
        and (not own.paths or any(PurePosixPath(node.source.path).is_relative_to(path) for path in own.paths))
    ]
    replaced = {node.ref for node in published}
    # A card that moves from the book into the repository is in both until the book collects it.
    moving = [node for node in book.nodes if node.source is None and node.ref in own.cards]
    replaced |= {node.ref for node in moving}
    others = [node for node in book.nodes if node.ref not in replaced]
    # The name in the book; one that cannot be a folder would lead out of the temporary one.
    names = [*(node.source.name for node in published if node.source is not None), own.name, "repository"]
    name = next(name for name in names if not find_name_problem(name) and not is_hidden(name))
    merged = _MergedBook(_bind_settings(book.settings), name, book.name, today, book.evidence)
    with merged.open(others, own, published) as after, merged.open([*others, *published, *moving]) as before:
        prefix = merged.get_prefix(name)
        is_own = [finding.position.file.startswith(prefix) for finding in after.findings]
        found = [_localize(one, prefix) for one, inside in zip(after.findings, is_own, strict=True) if inside]
        foreign = [one for one, inside in zip(after.findings, is_own, strict=True) if not inside]
        known = [one for one in before.findings if not one.position.file.startswith(prefix)]
        found += [_localize(one, prefix) for one in _report_moving(after, moving)]
        causes = _CauseFinder(after, before, published, prefix)
        found += [causes.move(one) for one in compare_revisions(foreign, known).new]
        texts = {file.removeprefix(prefix): after.texts[file] for file in after.cards.texts if file.startswith(prefix)}
        suppressed = tuple(
            structs.replace(one, finding=_localize(one.finding, prefix))
            for one in after.suppressed
            if one.finding.position.file.startswith(prefix)
        )
    return RepositoryCheck(tuple(sort_findings(found)), texts, suppressed, len(published))


@contextmanager
def open_published(book: PublishedBook) -> Iterator[Project]:
    """Open the book as it is published, with its evidence; its files are in a temporary folder until the end."""
    cards = {card.ref: card for card in book.cards}
    with _MergedBook(_bind_settings(book.settings), "", book.name, None).open(book.nodes) as project:
        # The temporary files name no OpenAPI document; the published cards do.
        loaded = {ref: replace(one, card=cards.get(ref, one.card)) for ref, one in project.graph.cards.items()}
        yield replace(project, graph=replace(project.graph, cards=loaded), evidence=book.evidence)


def _report_moving(after: Project, moving: Iterable[CatalogNode]) -> Iterator[Finding]:
    """Yield a warning for each card that the book itself has too."""
    if after.configuration.settings.get_severities().get(CLAIMED_ID.code, Severity.ERROR) is None:
        return
    for node in moving:
        loaded = after.graph.cards.get(Ref.parse(node.ref))
        if loaded is not None:
            message = f"{node.ref} is a card of the book itself, too: {node.file}:{node.line}"
            hint = f"remove {node.file} from the book in the change that collects this card, or rename this card"
            yield structs.replace(CLAIMED_ID.at(loaded.at("id"), message, hint, loaded.ref), severity=Severity.WARNING)


def list_published(book: PublishedBook, name: str, url: str) -> list[CatalogNode]:
    """List the published cards of a repository, by its name in the book or its address for browsers."""
    found = ((node, node.source) for node in book.nodes if node.source is not None)
    return [
        node
        for node, source in found
        if source.name.casefold() == name.casefold() or (bool(url) and source.url.casefold() == url.casefold())
    ]


def _bind_settings(stated: Mapping[str, object]) -> Settings:
    """Return the settings of the book; one that this version does not know has its default."""
    settings = {
        key: value for key, value in stated.items() if key in RULE_SETTINGS and not bind_settings({key: value})[1]
    }
    found = bind_settings(settings)[0]
    return found.model_copy(update={"cards": "cards"}) if find_name_problem(found.cards) else found


class _MergedBook(FrozenValue):
    """The way to write a book into a temporary folder, as `modelbook collect` would write it."""

    settings: Settings
    repository: str
    """The name of the repository whose cards are checked."""
    name: str
    today: date | None
    evidence: Evidence = NO_EVIDENCE

    def get_prefix(self, repository: str) -> str:
        """Return the folder of a repository's files, with a slash at the end."""
        return f"{self.settings.cards}/{COLLECTED_FOLDER}/{repository}/"

    @contextmanager
    def open(
        self, nodes: Iterable[CatalogNode], own: RepositoryCards | None = None, former: Sequence[CatalogNode] = ()
    ) -> Iterator[Project]:
        """Open the book with some published cards, and with those of a repository on this disk."""
        files = {path: render_cards(cards) for path, cards in group_pairs(self._place(nodes)).items()}
        repositories = {
            node.source.name: CollectedRepository(
                name=node.source.name, repository=node.source.repository, commit=node.source.commit, committed_on="",
                url=node.source.url,
            )
            for node in nodes if node.source is not None and not find_name_problem(node.source.name)
        }  # fmt: skip
        removed: tuple[FormerCard, ...] = ()
        if own is not None:
            prefix = self.get_prefix(self.repository)
            files |= {f"{prefix}{path}": content for path, content in own.contents.items()}
            repositories[self.repository] = CollectedRepository(self.repository, "", own.commit, "", url=own.url)
            removed = tuple(
                FormerCard(node.ref, node.source.name, node.source.path, node.source.commit)
                for node in former if node.source is not None and node.ref not in own.cards
            )  # fmt: skip
        listed: list[CollectedRepository] = []
        for one in repositories.values():
            start = self.get_prefix(one.name)
            blobs = {
                path.removeprefix(start): hash_blob(content)
                for path, content in files.items()
                if path.startswith(start)
            }
            listed.append(structs.replace(one, files=blobs))
        lock = CollectLock(tuple(listed), removed)
        with tempfile.TemporaryDirectory(prefix="modelbook-") as name:
            folder = Path(name).resolve()
            (folder / self.settings.cards).mkdir(parents=True)
            try:
                for file, content in {**files, LOCK_FILE: render_lock(lock)}.items():
                    path = folder / file
                    if not path.resolve().is_relative_to(folder):
                        raise UserError(f"the book names the file {file!r}: expected a path in the book")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            except OSError as error:
                message = f"the cards of the book cannot be written to a temporary folder: {error.strerror}"
                raise UserError(message) from None
            configuration = Configuration(self.name, None, "site", directory_urls=True, settings=self.settings)
            yield open_project(folder, self.today, configuration, History(), evidence=self.evidence, rules=_KNOWN_RULES)

    def _place(self, nodes: Iterable[CatalogNode]) -> Iterator[tuple[str, CatalogNode]]:
        """Yield the file of each card in the book."""
        for node in nodes:
            source, file = node.source, node.file
            collected = f"{self.get_prefix(source.name)}{source.path}" if source is not None else ""
            if collected and not find_name_problem(collected):
                yield collected, node
            elif not find_name_problem(file) and file.startswith(f"{self.settings.cards}/"):
                yield file, node
            else:
                yield f"{self.settings.cards}/{node.ref.replace(':', '/')}.yml", node


def render_cards(nodes: Sequence[CatalogNode]) -> bytes:
    """Render the cards of a file as YAML, each in one line, which is the line where it begins in its own file."""
    if nodes[0].file.endswith(".md"):
        return f"---\n{_render_card(nodes[0])}\n---\n{nodes[0].prose}\n".encode()
    lines: list[str] = []
    for node in sorted(nodes, key=lambda node: node.line):
        lines += ["---"] if lines else []
        lines += [""] * (min(node.line, _LAST_LINE) - 1 - len(lines))
        lines.append(_render_card(node))
    return ("\n".join(lines) + "\n").encode()


def _render_card(node: CatalogNode) -> str:
    """Render a card as JSON, which is YAML. The files of its contract are in it, so it names none."""
    values = dict(node.card or {})
    contract = values.get("contract")
    if isinstance(contract, dict) and "openapi" in contract:
        values["contract"] = {key: value for key, value in contract.items() if key not in {"openapi", "operation"}}
    text = _to_json(values)
    if len(text) > SIZE_LIMIT // 2:  # only a contract can be so large
        text = _to_json({key: value for key, value in values.items() if key != "contract"})
    return text


def _to_json(values: Mapping[str, object]) -> str:
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _localize(finding: Finding, prefix: str) -> Finding:
    """Return a finding in a file of the repository with its place there."""
    place = finding.position
    return structs.replace(
        finding,
        position=structs.replace(place, file=place.file.removeprefix(prefix)),
        message=finding.message.replace(prefix, ""),
        hint=finding.hint.replace(prefix, ""),
        source=None,
    )


class _CauseFinder:
    """Finds the card of this repository that causes a finding on another card."""

    def __init__(self, after: Project, before: Project, published: Iterable[CatalogNode], prefix: str) -> None:
        self._graphs = (after.graph, before.graph)
        self._book = after.configuration.site_name
        self._prefix = prefix
        self._places = {
            Ref.parse(node.ref): Position(node.source.path, node.line) for node in published if node.source is not None
        }
        for loaded in after.cards.items:
            place = loaded.at()
            if place.file.startswith(prefix):
                self._places[loaded.ref] = structs.replace(place, file=place.file.removeprefix(prefix))

    def move(self, finding: Finding) -> Finding:
        """Return a finding on another card at the card of this repository that causes it."""
        text = f"{finding.message} {finding.hint}"
        named = [ref for ref in self._places if re.search(rf"(?<![\w.-]){re.escape(ref.id)}(?![\w-])", text)]
        near = [
            ref
            for graph in self._graphs if finding.subject is not None
            for edge in (*graph.list_outgoing_edges(finding.subject), *graph.list_incoming_edges(finding.subject))
            for ref in (edge.source, edge.target) if ref in self._places
        ]  # fmt: skip
        cause = next(iter(sorted(named, key=lambda ref: (str(ref) not in text, ref)) or near or self._places), None)
        place = self._places[cause] if cause is not None else finding.position
        # Only the line where a published card begins is known.
        other = finding.source or SourcePlace(self._book, finding.position)
        other = structs.replace(other, position=structs.replace(other.position, column=1))
        return structs.replace(_localize(finding, self._prefix), position=place, source=other)
