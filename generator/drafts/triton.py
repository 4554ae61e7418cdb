"""The configurations of a Triton model repository to cards: a model for each, and the models that an ensemble calls.

Format: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html,
in the text format of Protocol Buffers: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from generator.drafts.reading import Plain
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.served_models import ServedModel, build_served_models
from generator.drafts.text_cleaning import to_one_line, to_printable
from generator.errors import UserError
from generator.load.nodes import as_list, as_mapping, as_mappings

_CONFIGURATION = "config.pbtxt"
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<sign>[{}\[\]<>:,;])"""
    r"""|(?P<word>(?:\$\{[^{}\n]{0,200}\}|[^\s{}\[\]<>:,;"'\#])+)"""
)
_ENDS = {"{": "}", "<": ">"}
_SIGNS = frozenset("{}[]<>:,;")
_DEPTH_LIMIT = 50


def is_configuration(path: Path) -> bool:
    """Return whether a file is the configuration of a model by its name."""
    return path.name == _CONFIGURATION


def import_triton(files: Sequence[tuple[str, str]], notes: Sequence[Note] = ()) -> ImportResult:
    """Return drafts of the models in configurations, given by name and text."""
    served: list[ServedModel] = []
    left_out = list(notes)
    for file, text in files:
        try:
            data = parse_text_format(text, file)
        except UserError as error:
            left_out.append(Note(file, str(error)))
            continue
        folders = (one.name for one in PurePosixPath(file).parents if not one.name.isdecimal())  # `1` is a version
        name = to_one_line(data.get("name") or next(folders, ""), 120)
        if not name:
            left_out.append(Note(file, "a model without a name: import its folder, which names it"))
            continue
        steps = as_list(as_mapping(data.get("ensemble_scheduling")).get("step"))
        calls = dict.fromkeys(to_one_line(step.get("model_name") or "") for step in as_mappings(steps))
        tags = [to_one_line(data[key]) for key in ("platform", "backend") if data.get(key)]
        details = {key: value for key, value in data.items() if key != "name"}
        served.append(ServedModel(name, file, 1, details, tags=tuple(tags), calls=tuple(filter(None, calls))))
    if not served and not left_out:
        raise UserError(f"the folders have no {_CONFIGURATION}: import the model repository of Triton")
    return merge_results([build_served_models(served, "triton"), ImportResult(notes=tuple(left_out))])


def parse_text_format(text: str, file: str) -> dict[str, Plain]:
    """Return a message in the text format of Protocol Buffers as data: repeated fields as lists, maps as mappings."""
    tokens: deque[str] = deque()
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise UserError(f"cannot read {file}:{line}: expected the text format of Protocol Buffers")
        if match.lastgroup:
            tokens.append(match[0])
        place = match.end()
    tokens.append("")
    return _read_message(tokens, "", file, 1)


def _read_message(tokens: deque[str], end: str, file: str, depth: int) -> dict[str, Plain]:
    fields: dict[str, list[Plain]] = {}
    repeated: set[str] = set()
    while tokens[0] != end:
        name = tokens.popleft()
        if name in {",", ";"}:
            continue
        if not name or name in _SIGNS:
            raise UserError(f"cannot read {file}: expected a field instead of {name or 'its end'!r}")
        if tokens[0] == ":":
            tokens.popleft()
        value = _read_value(tokens, file, depth)
        if name in fields or isinstance(value, list):
            repeated.add(name)
        fields.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    tokens.popleft()
    return {name: _read_map(items) or (items if name in repeated else items[0]) for name, items in fields.items()}


def _read_value(tokens: deque[str], file: str, depth: int) -> Plain:
    first = tokens.popleft()
    if depth > _DEPTH_LIMIT:
        raise UserError(f"{file} is nested deeper than {_DEPTH_LIMIT} levels")
    if first in _ENDS:
        return _read_message(tokens, _ENDS[first], file, depth + 1)
    if first == "[":
        items: list[Plain] = []
        while tokens[0] != "]":
            items.append(_read_value(tokens, file, depth + 1))
            if tokens[0] == ",":
                tokens.popleft()
        tokens.popleft()
        return items
    if not first or first in _SIGNS:
        raise UserError(f"cannot read {file}: expected a value instead of {first or 'its end'!r}")
    if first[0] not in "\"'":
        return int(first) if re.fullmatch(r"-?\d{1,18}", first) else first
    texts = [first]
    while tokens[0][:1] in {'"', "'"}:  # adjacent texts are one
        texts.append(tokens.popleft())
    return to_printable("".join(re.sub(r"\\(.)", r"\1", one[1:-1]) for one in texts))


def _read_map(items: list[Plain]) -> dict[str, Plain]:
    """Return the entries of a map by their keys; nothing if the items are no entries."""
    entries = as_mappings(items)
    if len(entries) < len(items) or any(one.keys() != {"key", "value"} for one in entries):
        return {}
    return {str(one["key"]): as_mapping(one["value"]).get("string_value", one["value"]) for one in entries}
