"""The list of repositories in collect.yml, with a finding for each mistake."""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from generator.collect.file_names import find_name_problem, fold_name, is_hidden
from generator.errors import UserError
from generator.evidence.repositories import find_repositories
from generator.evidence.source_links import get_repository_name
from generator.findings import Finding, Position, sort_findings
from generator.load.nodes import Document, Plain
from generator.load.rules import BAD_SETTING
from generator.load.syntax import find_conflict
from generator.load.yaml_reader import read_documents
from generator.names import suggest_name
from generator.schema.base import Scalar
from generator.values import FrozenValue

USUAL_PATHS = ("modelbook.yml", "modelbook.yaml", "modelbook")
"""The places of the cards in a repository: two files and a folder."""
_KEYS = ("repository", "ref", "name", "path")
_FOLDER_KEYS = ("folder", "ref", "path")
_SCP = re.compile(r"(?:(?P<user>[^@/:\s]+)@)?(?P<host>[^/@:\s]{2,}):(?P<path>(?!//)[^:\s][^\s]*)")
"""https://git-scm.com/docs/git-clone#_git_urls; a host of one letter is a drive of Windows."""
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
"""A transport helper, such as `ext::`, which can run any command: https://git-scm.com/docs/gitremote-helpers."""
_BAD_REF = re.compile(r"^[-/.]|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|[/.]$|\.lock(?:/|$)|/\.|^@$")
"""https://git-scm.com/docs/git-check-ref-format"""
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\]")

Step = str | int
Place = tuple[Step, ...]


class RepositorySource(FrozenValue):
    """An entry of the list: a repository that has cards."""

    position: Position
    name: str
    """Its name in the book, which is also its folder in cards/collected/."""
    repository: str
    """The address, or the path relative to mkdocs.yml."""
    ref: str = ""
    """The branch or tag; empty for the default branch."""
    paths: tuple[str, ...] = ()
    """The places of its cards; empty for the usual ones."""

    @property
    def is_remote(self) -> bool:
        """Whether it is fetched."""
        return is_address(self.repository)


def is_address(text: str) -> bool:
    """Return whether a text is an address of a server, and not a path."""
    return "://" in text or _SCP.fullmatch(text) is not None


def read_sources(root: Path, file: str) -> tuple[tuple[RepositorySource, ...], list[Finding]]:
    """Read the list: its entries without mistakes, and findings about the others.

    Raises:
        UserError: There is no list, or it cannot be read.

    """
    try:
        text = (root / file).read_text("utf-8-sig")
    except FileNotFoundError:
        example = "list the repositories in it, as in `- https://git.example.com/shop/web`"
        raise UserError(f"no {file} next to mkdocs.yml: {example}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None
    documents, findings = read_documents(text, file)
    if findings:
        return (), findings
    content = documents[0].root.to_plain() if documents else None
    if not isinstance(content, list) and (conflict := find_conflict(text, file, 1)):
        return (), [conflict]
    if len(documents) != 1 or not isinstance(content, list):
        place = documents[-1].at() if documents else Position(file)
        hint = "write an item for each repository, as in `- https://git.example.com/shop/web`"
        return (), [BAD_SETTING.at(place, "invalid list of repositories: expected one list", hint)]
    reader = _ListReader(root, documents[0])
    for index, entry in enumerate(content):
        reader.add(index, entry)
    reader.compare_names()
    return tuple(reader.sources), sort_findings(reader.findings)


class _ListReader:
    """Reads the entries of a list, and collects the findings."""

    def __init__(self, root: Path, document: Document) -> None:
        self._root = root
        self._document = document
        self.sources: list[RepositorySource] = []
        self.findings: list[Finding] = []

    def add(self, index: int, entry: Plain) -> None:
        known = len(self.findings)
        place: Place = (index,)
        if isinstance(entry, Scalar):
            entry = {"repository": entry}
        elif not isinstance(entry, dict):
            self._report((index,), "invalid repository: expected an address, a path or a mapping")
            return
        else:
            place = (index, "folder" if "folder" in entry else "repository")
        keys = _FOLDER_KEYS if "folder" in entry else _KEYS
        for key in entry.keys() - set(keys):
            message = f"unknown key `{key}` of a repository"
            self.findings.append(BAD_SETTING.at(self._document.at_key(index, key), message, suggest_name(key, keys)))
        ref, name = self._get_text(index, entry, "ref"), self._get_text(index, entry, "name")
        if _BAD_REF.search(ref):
            self._report((index, "ref"), f"invalid ref {ref!r}: expected the name of a branch or tag")
        paths = self._read_paths(index, entry)
        repository = self._get_text(index, entry, keys[0])
        if keys[0] not in entry:
            self._report((index,), "missing key `repository`", "add the address or the path of the repository")
        elif keys is _KEYS and repository:
            self.findings += (BAD_SETTING.at(self._document.at(*place), *one) for one in _check_address(repository))
        if len(self.findings) > known:
            return
        if keys is _FOLDER_KEYS:
            self._add_folder(place, repository, ref, paths)
        else:
            place = (index, "name") if name else place
            self._append(place, name or self._find_name(repository), repository, ref, paths)

    def _append(self, place: Place, name: str, repository: str, ref: str, paths: tuple[str, ...]) -> None:
        problem = find_name_problem(name)
        if not problem and is_hidden(name):
            problem = "a name that starts with a dot is hidden"
        if problem:
            message = f"invalid name {name!r} of a repository: {problem}"
            self._report(place, message, "set `name`, as in `name: shop/web`")
        else:
            self.sources.append(RepositorySource(self._document.at(*place), name, repository, ref, paths))

    def _add_folder(self, place: Place, folder: str, ref: str, paths: tuple[str, ...]) -> None:
        path = self._root / folder
        if not path.is_dir():
            self._report(place, f"no folder {folder!r}", "write a path relative to mkdocs.yml")
            return
        real = path.resolve()
        inside = [found for found in find_repositories([path]) if found.path.is_relative_to(real)]
        for found in inside:
            below = found.path.relative_to(real).as_posix()
            repository = folder if below == "." else f"{folder.rstrip('/')}/{below}"
            self._append(place, found.label, repository, ref, paths)
        if not inside:  # such as a disk that is not mounted; the cards of all its repositories would be removed
            self._report(place, f"no repository in {folder!r}", "add a checkout or a mirror, or remove the entry")

    def _find_name(self, repository: str) -> str:
        if is_address(repository):
            return unquote(get_repository_name(repository))
        path = os.path.normpath(self._root.resolve() / repository)
        return Path(path).name.removesuffix(".git")

    def _get_text(self, index: int, entry: Mapping[str, Plain], key: str) -> str:
        value = entry.get(key)
        if isinstance(value, Scalar) and value.strip():
            return str(value).strip()
        if key in entry:
            self._report((index, key), f"invalid `{key}`: expected text")
        return ""

    def _read_paths(self, index: int, entry: Mapping[str, Plain]) -> tuple[str, ...]:
        if "path" not in entry:
            return ()
        values = entry["path"]
        paths: list[str] = []
        for number, value in enumerate(values if isinstance(values, list) else [values]):
            place: Place = (index, "path", number) if isinstance(values, list) else (index, "path")
            text = posixpath.normpath(value) if isinstance(value, Scalar) and value else ""
            if text != "." and (not text or PurePosixPath(text).is_absolute() or find_name_problem(text)):
                self._report(
                    place, f"invalid `path`: expected a file or a folder in the repository, as {USUAL_PATHS[2]!r}"
                )
            paths.append(text)
        return (".",) if "." in paths else tuple(sorted(set(paths)))

    def compare_names(self) -> None:
        """Report a name that two repositories have, that differs only in case, or that is a folder of another one."""
        first: dict[str, RepositorySource] = {}
        for source in self.sources:
            other = first.setdefault(fold_name(source.name), source)
            if other is not source:
                difference = "" if other.name == source.name else f": it differs from {other.name!r} only in case"
                message = f"duplicate repository {source.name!r}{difference}"
                hint = f"set another `name`; the first one is at {other.position}"
                self.findings.append(BAD_SETTING.at(source.position, message, hint))
        for source in self.sources:
            for parent in list(PurePosixPath(fold_name(source.name)).parents)[:-1]:
                if (outer := first.get(parent.as_posix())) is not None:
                    message = f"the repository {source.name!r} would be in the folder of {outer.name!r}"
                    hint = f"set another `name`; the other one is at {outer.position}"
                    self.findings.append(BAD_SETTING.at(source.position, message, hint))

    def _report(self, place: Place, message: str, hint: str = "") -> None:
        self.findings.append(BAD_SETTING.at(self._document.at(*place), message, hint))


def _check_address(text: str) -> Iterator[tuple[str, str]]:
    """Yield the problem of an address or a path with its fix. No message has a password."""
    hint = "use https, ssh, or the path of a checkout or a mirror"
    if re.search(r"[\x00-\x1f\x7f]", text) or text.startswith("-"):
        yield "invalid repository: expected an address or a path", hint
    elif _HELPER.match(text):
        yield f"unexpected transport {text.partition('::')[0]!r} of a repository", hint
    elif "://" in text:
        yield from _check_url(text, hint)
    elif re.match(r"[^/@:]+:[^/@]*@", text):
        yield _CREDENTIALS
    elif (short := _SCP.fullmatch(text)) and (not _HOST.fullmatch(short["host"]) or short["path"].startswith("-")):
        yield "invalid address of a repository", "write it as in `git@git.example.com:shop/web`"


_CREDENTIALS = (
    "the address of a repository contains credentials",
    "remove them, and change them if they were committed: use a credential helper of git, or an ssh key",
)


def _check_url(text: str, hint: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(text)
        host, user, password, _ = parts.hostname or "", parts.username, parts.password, parts.port
    except ValueError:
        yield "invalid address of a repository", hint
        return
    scheme = text.partition("://")[0]  # git does not know them in upper case
    if scheme not in {"https", "ssh"}:
        yield f"unexpected protocol {scheme!r} of a repository", hint
    if password is not None or (user is not None and parts.scheme != "ssh") or "@" in parts.path:
        yield _CREDENTIALS
    elif parts.query or parts.fragment or re.search(r"\s", text) or not parts.path.strip("/"):
        yield "invalid address of a repository", "write it as in https://git.example.com/shop/web"
    elif not _HOST.fullmatch(host if ":" not in host else f"[{host}]") or (user or "").startswith("-"):
        yield "invalid host in the address of a repository", "write it as in https://git.example.com/shop/web"


def check_update_names(names: Sequence[str], sources: Sequence[RepositorySource]) -> None:
    """Raise UserError for the name of a repository that is not in the list."""
    known = [source.name for source in sources]
    for name in names:
        if name not in known:
            raise UserError(f"no repository {name!r} in the list: {suggest_name(name, known)}")
