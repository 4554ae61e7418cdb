"""The files of a repository that are collected: its cards, and the contract files that they refer to."""

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from generator.collect.file_names import find_collisions, find_name_problem, is_hidden
from generator.collect.sources import USUAL_PATHS
from generator.collect.working_tree import WorkingTree
from generator.evidence.records import SkipReason
from generator.evidence.repository_reader import OpenRepository, TreeFile
from generator.git import GitError
from generator.load.bind import parse_stated_ref
from generator.load.collected import is_blob
from generator.load.files import ENDINGS, SIZE_LIMIT, parse_front_matter
from generator.load.nodes import as_mapping, as_mappings
from generator.load.reference_bundles import list_local_files, list_references
from generator.load.yaml_reader import read_documents
from generator.names import format_count
from generator.schema.base import to_plain_data

MOST_FILES = 5000
LARGEST_REPOSITORY = 50_000_000
"""In bytes of collected files."""
_CONTRACT_ENDINGS = (".json", ".yaml", ".yml")
_OTHER_FILES = frozenset({"mkdocs.yml", "mkdocs.yaml", "collect.yml", "collect.yaml"})
"""The settings of a book that a repository may have next to its cards."""
_MOST_SKIPPED = 100
"""The number of skipped files that are named."""
_LFS = b"version https://git-lfs.github.com/spec/"
_REASONS = {
    SkipReason.SYMBOLIC_LINK: "a symbolic link",
    SkipReason.SUBMODULE: "a submodule",
    SkipReason.TOO_LARGE: "larger than 1 MB",
    SkipReason.MISSING: "missing in the repository, or larger than 1 MB",
    SkipReason.DAMAGED: "damaged",
}


FetchFunction = Callable[[Sequence[TreeFile]], None]
"""A function that fetches the contents of files."""


@dataclass(slots=True)
class CardFiles:
    """The collected files of a commit."""

    contents: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, str] = field(default_factory=dict)
    """The id of each file."""
    cards: dict[str, str] = field(default_factory=dict)
    """The path of the file of each card, by its reference."""
    skipped: dict[str, str] = field(default_factory=dict)
    """The reason for each file that is not collected."""


def read_card_files(
    repository: OpenRepository | WorkingTree, commit: str, paths: Sequence[str], fetch: FetchFunction = lambda _: None
) -> CardFiles:
    """Read the cards of a commit, and the contract files that they refer to.

    `paths` are the places of the cards. `fetch` is called with files before they are read.

    Raises:
        GitError: They cannot be read, or are too many.

    """
    found = CardFiles()
    wanted: list[tuple[str, TreeFile]] = []
    for file in repository.list_files(commit, () if "." in paths else paths or USUAL_PATHS):
        path = _name_file(file, found.skipped)
        name = PurePosixPath(path).name
        if path.endswith(ENDINGS) and name not in _OTHER_FILES:
            wanted.append((path, file))
        if len(wanted) > MOST_FILES:
            raise GitError(_TOO_MANY)
    _read(repository, wanted, found, fetch)
    pending = set[str]()
    for path, content in list(found.contents.items()):
        for ref, contracts in _parse_cards(content, path):
            if ref:
                found.cards.setdefault(ref, path)
            pending |= contracts
    met = {*found.contents, *found.skipped}
    while pending := {path for path in pending - met if _is_contract_file(path)}:
        met |= pending
        if len(met) > MOST_FILES:
            raise GitError(_TOO_MANY)
        listed = repository.list_files(commit, sorted(pending))
        files = [(path, file) for file in listed if (path := _name_file(file, found.skipped)) in pending]
        _read(repository, files, found, fetch)
        read = [path for path, _ in files if path in found.contents]
        pending = {name for path in read for name in _list_contract_references(found.contents[path], path)}
    for path, other in list(find_collisions(sorted(found.contents))):
        del found.contents[path], found.blobs[path]
        found.skipped[path] = f"its name differs from that of {other} only in case"
        found.cards = {ref: file for ref, file in found.cards.items() if file != path}
    named = dict(sorted(found.skipped.items())[:_MOST_SKIPPED])
    left = len(found.skipped) - len(named)
    found.skipped = named | ({"…": format_count(left, "more file")} if left else {})
    return found


_TOO_MANY = f"it has more than {MOST_FILES:,} files with cards"


def _name_file(file: TreeFile, skipped: dict[str, str]) -> str:
    """Return the path of a file; empty if it is hidden, or skipped with a reason."""
    try:
        path = file.path.decode()
        problem = find_name_problem(path)
    except UnicodeDecodeError:
        path, problem = file.path.decode("utf-8", "backslashreplace"), "its name is not UTF-8"
    if is_hidden(path):
        return ""
    if file.skip_reason is not None:
        problem = _REASONS[file.skip_reason]
    elif not path.endswith((*ENDINGS, *_CONTRACT_ENDINGS)):
        return ""
    if problem:
        skipped[path] = problem
    return "" if problem else path


def _read(
    repository: OpenRepository | WorkingTree,
    files: Sequence[tuple[str, TreeFile]],
    found: CardFiles,
    fetch: FetchFunction,
) -> None:
    """Read some files within the limits of a repository."""
    size = sum(map(len, found.contents.values()))
    names = {file: path for path, file in files}
    fetch(list(names))
    for file, content in repository.read_files(list(names), SIZE_LIMIT):
        path = names[file]
        if isinstance(content, SkipReason):
            found.skipped[path] = _REASONS.get(content, str(content))
        elif content.startswith(_LFS):
            found.skipped[path] = "a Git LFS pointer"
        elif not is_blob(content, file.blob):
            found.skipped[path] = _REASONS[SkipReason.DAMAGED]
        elif PurePosixPath(path).name.lower() != "readme.md" or content.lstrip(b"\xef\xbb\xbf").startswith(b"---"):
            size += len(content)
            found.contents[path], found.blobs[path] = content, file.blob
        if size > LARGEST_REPOSITORY:
            raise GitError(f"its cards have more than {LARGEST_REPOSITORY // 1_000_000} MB")


def _parse_cards(content: bytes, path: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the reference of each card in a file, empty if it has none, and the contract files that it names."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return
    if path.endswith(".md"):
        matter = parse_front_matter(text)
        text = matter.yaml if matter is not None else ""
    for document in read_documents(text, path)[0]:
        plain = document.root.to_plain()
        ref = parse_stated_ref(plain, path)
        contract = as_mapping(as_mapping(plain).get("contract"))
        yield "" if ref is None else str(ref), set(_list_contract_files(contract, path))


def _list_contract_files(values: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the files that a contract names."""
    references = [values["openapi"]] if isinstance(values.get("openapi"), str) else []
    examples = (
        as_mapping(one.get(key)) for one in as_mappings(values.get("examples")) for key in ("request", "response")
    )
    references += [one["$ref"] for one in examples if isinstance(one.get("$ref"), str)]
    schemas = {key: to_plain_data(values.get(key)) for key in ("request", "response")}
    references += [reference for _, reference in list_references(schemas)]
    for reference in references:
        # The loader reads the reference of a card as it is, and decodes those within a schema.
        yield posixpath.normpath(posixpath.join(posixpath.dirname(path), reference.partition("#")[0]))
        yield from list_local_files({"$ref": reference}, path)


def _list_contract_references(content: bytes, path: str) -> Iterator[str]:
    """Yield the files that a contract file refers to."""
    if b"$ref" not in content:
        return
    try:
        documents, _ = read_documents(content.decode("utf-8-sig"), path, is_card=False)
    except UnicodeDecodeError:
        return
    for document in documents[:1]:
        yield from list_local_files(to_plain_data(document.root.to_plain()), path)


def _is_contract_file(path: str) -> bool:
    is_inside = not path.startswith(("/", "../")) and "://" not in path and "\0" not in path
    return is_inside and path.endswith(_CONTRACT_ENDINGS) and PurePosixPath(path).name not in _OTHER_FILES
