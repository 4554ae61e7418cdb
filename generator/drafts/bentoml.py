"""BentoML projects to cards: a model for each service in the Python files, with the labels of `bentofile.yaml`.

Formats: https://docs.bentoml.com/en/latest/reference/bentoml/sdk.html and
https://docs.bentoml.com/en/latest/reference/bentoml/bento-build-options.html. The files are parsed and not run.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from generator.drafts.reading import Plain, parse_first_document
from generator.drafts.results import ImportResult, Note, merge_results
from generator.drafts.served_models import ServedModel, build_served_models
from generator.drafts.text_cleaning import to_one_line
from generator.errors import UserError
from generator.grouping import group_pairs
from generator.load.nodes import as_mapping
from generator.schema.base import to_plain_data

_BUILDS = ("bentofile.yaml", "bentofile.yml")
_SERVICE = re.compile(r"(bentoml\.)?service|(bentoml\.)?(legacy\.)?Service")
"""The decorator of a class, or the former function that returns a service."""
_API = re.compile(r"(\w+\.)?(api|task)")
_DEPENDENCY = re.compile(r"(bentoml\.)?depends")
_STORE = re.compile(r"(bentoml\.)?(models\.)?(BentoModel|HuggingFaceModel)|bentoml\.\w+\.(get|load_model)")
"""The calls that take a model from a store."""
_SETTINGS = ("resources", "traffic", "workers")
"""The arguments of a service that a draft keeps; others, such as `envs`, can contain secrets."""


def is_bento_source(path: Path) -> bool:
    """Return whether a file can be a part of a project of BentoML by its name."""
    return path.suffix == ".py" or path.name in _BUILDS


def import_bentoml(files: Sequence[tuple[str, str]], notes: Sequence[Note] = ()) -> ImportResult:
    """Return drafts of the services in Python files, given by name and text with the files of their builds."""
    left_out = list(notes)
    builds: dict[PurePosixPath, Mapping[str, Plain]] = {}
    services: list[tuple[str, ServedModel]] = []
    for file, text in files:
        path = PurePosixPath(file)
        try:
            if path.name in _BUILDS:
                builds[path.parent] = as_mapping(to_plain_data(parse_first_document(text, file)))
            elif "bentoml" in text:
                services += _read_services(text, file)
        except UserError as error:
            left_out.append(Note(file, str(error)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            left_out.append(Note(file, f"cannot read its Python: {to_one_line(error, 100)}"))
    if not services and not left_out:
        raise UserError("the files have no class with @bentoml.service, and no bentoml.Service")
    names = {(one.file, class_name): one.name for class_name, one in services}
    by_class = group_pairs((class_name, one.name) for class_name, one in services)
    unique = {class_name: several[0] for class_name, several in by_class.items() if len(several) == 1}
    served: list[ServedModel] = []
    for _, one in services:
        build = next((builds[folder] for folder in PurePosixPath(one.file).parents if folder in builds), {})
        details = {**one.details, **{key: build[key] for key in ("labels", "models") if key in build}}
        labels, description = as_mapping(build.get("labels")), str(build.get("description") or "")
        calls = tuple(names.get((one.file, name)) or unique.get(name, name) for name in one.calls if name)
        served.append(replace(one, details=details, labels=labels, description=description, calls=calls))
    return merge_results([build_served_models(served, "bentoml"), ImportResult(notes=tuple(left_out))])


def _read_services(text: str, file: str) -> Iterator[tuple[str, ServedModel]]:
    """Yield the services of a Python file, each with the name of its class."""
    tree = ast.parse(text)
    for node in tree.body:
        name = ""
        scope: ast.AST = tree
        called: ast.AST | None = getattr(node, "value", None)
        if isinstance(node, ast.ClassDef):
            called = next((one for one in node.decorator_list if _SERVICE.fullmatch(_get_name(one))), None)
            name, scope = node.name, node
        arguments = called.args if isinstance(called, ast.Call) else []
        if called is None or not _SERVICE.fullmatch(_get_name(called)) or not (name or arguments):
            continue
        given = {one.arg: one.value for one in called.keywords} if isinstance(called, ast.Call) else {}
        stated = given.get("name") if name else arguments[0]
        details = {key: _read_literal(given[key]) for key in _SETTINGS if key in given}
        apis = (one for one in ast.walk(scope) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        details["apis"] = [one.name for one in apis if any(_API.fullmatch(_get_name(by)) for by in one.decorator_list)]
        details["takes"] = [_read_literal(one) for one in _find_arguments(scope, _STORE)]
        calls = tuple(_get_name(one).rpartition(".")[2] for one in _find_arguments(scope, _DEPENDENCY))
        title = to_one_line(_read_literal(stated) or name, 120)
        if title:
            yield name, ServedModel(title, file, node.lineno, details, calls=calls)


def _get_name(node: ast.AST) -> str:
    """Return the dotted name of an expression, or of the function that it calls; an empty text for any other."""
    node = node.func if isinstance(node, ast.Call) else node
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _find_arguments(scope: ast.AST, function: re.Pattern[str]) -> Iterator[ast.AST]:
    """Yield the first argument of each call of a function."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Call) and node.args and function.fullmatch(_get_name(node)):
            yield node.args[0]


def _read_literal(node: ast.AST | None) -> Plain:
    """Return the data of a literal; nothing for any other expression."""
    with suppress(ValueError, TypeError, RecursionError, MemoryError):
        value: Plain = json.loads(json.dumps(ast.literal_eval(node), allow_nan=False)) if node is not None else None
        return value
    return None
