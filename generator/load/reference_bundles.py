"""Documents whose references lead to other files, with these files embedded, so that every reference is within."""

import posixpath
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from generator.schema.base import Data

HOME = "x-files"
"""The key of a document with the files that it refers to, by name; both OpenAPI and JSON Schema permit the key."""
_FILES_LIMIT = 200
_VALUE_KEYWORDS = frozenset({"const", "default", "enum", "example", "value"})
"""The keywords with values, in which `$ref` is an ordinary key."""


def list_references(data: Data, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every `$ref` within a schema or an OpenAPI document with its path."""
    match data:
        case dict():
            for key, item in data.items():
                if key == "$ref" and isinstance(item, str):
                    yield (*path, key), item
                elif not _is_value(key, item):
                    yield from list_references(item, (*path, key))
        case list():
            for index, item in enumerate(data):
                yield from list_references(item, (*path, index))


def _is_value(key: str, item: Data) -> bool:
    """Return whether a key has values: the `examples` of a schema are a list, those of OpenAPI have references."""
    return (key in _VALUE_KEYWORDS and not (key == "value" and isinstance(item, dict) and "$ref" in item)) or (
        key == "examples" and isinstance(item, list)
    )


def list_local_files(data: Data, name: str) -> list[str]:
    """Return the names of the files that a document refers to, relative to the same folder as its own name."""
    names = (_split_reference(reference, name)[0] for _, reference in list_references(data))
    return list(dict.fromkeys(file for file in names if file and file != name))


def bundle_files(
    document: Data, name: str, read: Callable[[str], Data], *, is_part: bool = False, is_complete: bool = True
) -> Data:
    """Return a document with the files that it refers to under `x-files`, and its references changed to lead there.

    `read` returns the contents of a file by its name, or None; a reference to such a file stays as it is. If the
    document is a part of its file, other files that refer to it lead to the whole file, which is embedded, too. If the
    part is not complete, so do its own references.
    """
    embedded: dict[str, Data] = {}

    def embed(file: str) -> bool:
        if file not in embedded:
            data = read(file) if len(embedded) < _FILES_LIMIT else None
            if data is None:
                return False
            embedded[file] = None  # its references may lead to itself
            embedded[file] = rewrite(data, file, is_root=False)
        return True

    def rewrite(data: Data, file: str, *, is_root: bool) -> Data:
        if isinstance(data, list):
            return [rewrite(item, file, is_root=is_root) for item in data]
        if not isinstance(data, dict):
            return data
        return {
            key: change(item, file, is_root=is_root)
            if key == "$ref" and isinstance(item, str)
            else item
            if _is_value(key, item)
            else rewrite(item, file, is_root=is_root)
            for key, item in data.items()
        }

    def change(reference: str, file: str, *, is_root: bool) -> str:
        target, pointer = _split_reference(reference, file)
        is_own = is_root and target in {"", file}
        if "://" in reference or (pointer and not pointer.startswith("/")) or (is_own and is_complete and not target):
            return reference
        target = target or file
        if target == name and not is_part:
            return f"#{pointer}"
        step = target.replace("~", "~0").replace("/", "~1")
        return f"#/{HOME}/{step}{pointer}" if embed(target) else reference

    changed = rewrite(document, name, is_root=True)
    return {**changed, HOME: embedded} if embedded and isinstance(changed, dict) else changed


def _split_reference(reference: str, name: str) -> tuple[str, str]:
    """Return the file of a reference, relative to the same folder as `name`, and its pointer; no file within `name`."""
    if "://" in reference:
        return "", ""
    file, _, pointer = reference.partition("#")
    if not file:
        return "", unquote(pointer)
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(file))), unquote(pointer)
