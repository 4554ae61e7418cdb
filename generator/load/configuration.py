"""The parts of mkdocs.yml that the book needs: the name and the address of the site, and the options of the plugin."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.errors import UserError, build_missing_book_error
from generator.findings import Finding
from generator.load import rules
from generator.load.configuration_file import FILE
from generator.load.explain import EXPECTED_TYPES, ID_FORM
from generator.load.nodes import Document, Plain, as_mapping
from generator.load.yaml_reader import read_documents
from generator.names import find_nearest, suggest_name
from generator.schema.base import to_plain_data
from generator.settings import ConfluenceSettings, Limits, Settings, VerifySettings
from generator.values import FrozenValue


class Configuration(FrozenValue):
    """The values of mkdocs.yml that the book needs."""

    site_name: str
    site_url: str | None
    site_dir: str
    directory_urls: bool
    settings: Settings


def read_configuration(root: Path) -> tuple[Configuration, list[Finding]]:
    """Read mkdocs.yml in the folder of the project; raise UserError if it is missing or cannot be read."""
    _, document = _read_file(root)
    plain = document.root.to_plain()
    values = to_plain_data(plain)
    assert isinstance(values, dict)  # _read_file refuses anything else
    plugins = _list_plugins(plain)
    path, options = next(((path, options) for path, name, options in plugins if name == "modelbook"), ((), None))
    settings, problems = bind_settings(options if isinstance(options, dict) else {})
    findings = [rules.BAD_SETTING.at(document.at_key(*path, *inner), text, hint) for inner, text, hint in problems]
    for key in ("site_url", "repo_url"):
        try:
            urlsplit(str(values.get(key) or ""))
        except ValueError:
            # MkDocs ends in a traceback for these.
            findings.append(rules.BAD_SETTING.at(document.at(key), f"invalid address in `{key}`: {values[key]!r}"))
            values = {**values, key: None}
    if settings.edit_url is None:
        settings = settings.model_copy(update={"edit_url": build_edit_pattern(values, root)})
    is_offline = any(name == "offline" for _, name, _ in plugins)
    configuration = Configuration(
        site_name=str(values.get("site_name") or "Modelbook"),
        site_url=values.get("site_url") or None,
        site_dir=str(values.get("site_dir") or "site"),
        directory_urls=bool(values.get("use_directory_urls", True)) and not is_offline,
        settings=settings,
    )
    return configuration, findings


def _read_file(root: Path) -> tuple[str, Document]:
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise build_missing_book_error(root) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{FILE} cannot be read: {error}") from None
    documents, findings = read_documents(text, FILE)
    if findings or not documents or not isinstance(documents[0].root.content, dict):
        raise UserError(f"{findings[0].position}: {findings[0].message}" if findings else f"{FILE} is not a mapping")
    return text, documents[0]


class EngineSettings(FrozenValue):
    """Everything in mkdocs.yml, for another engine."""

    values: Mapping[str, Any]
    """The value of each key; YAML tags in it are ignored."""
    tagged: Mapping[str, str]
    """The text of each key whose value has YAML tags, such as `!ENV`, which only an engine can resolve."""


def read_engine_settings(root: Path) -> EngineSettings:
    """Read all of mkdocs.yml; raise UserError if another file has a part of it."""
    text, document = _read_file(root)
    values = as_mapping(to_plain_data(document.root.to_plain()))
    if "INHERIT" in values:
        raise UserError(f"{FILE} inherits from {values['INHERIT']!r}: expected all settings in {FILE}")
    starts = sorted(mark.offset for mark in document.root.keys.values())
    tagged = {}
    for key, mark in document.root.keys.items():
        end = next((start for start in starts if start > mark.offset), len(text))
        if any(mark.offset < tag.offset < end for _, tag in document.tags):
            tagged[key] = text[mark.offset : end].rstrip() + "\n"
    if tagged and text.lstrip().startswith("{"):
        raise UserError(f"unexpected YAML tag {document.tags[0][0]!r} in {FILE}: expected none between brackets")
    return EngineSettings(values, tagged)


def find_cards_folder(root: Path, name: str) -> Path:
    """Find the folder of the cards, which may be missing; raise UserError if it is outside of the book."""
    folder = root / name
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UserError(f"the cards folder {name!r} is outside of the book: move it next to {FILE}")
    return folder


def _list_plugins(plain: Plain) -> list[tuple[tuple[str | int, ...], str, Plain]]:
    """Return the path, the name and the options of each plugin in mkdocs.yml, which has a list or a mapping of them."""
    plugins = plain.get("plugins") if isinstance(plain, dict) else None
    found: list[tuple[tuple[str | int, ...], str, Plain]] = []
    for index, entry in enumerate(plugins if isinstance(plugins, list) else [plugins]):
        parent = ("plugins", index) if isinstance(plugins, list) else ("plugins",)
        options = entry if isinstance(entry, dict) else {str(entry): None}
        found += [((*parent, name), name.removeprefix("material/"), value) for name, value in options.items()]
    return found


_NESTED: Mapping[tuple[str | int, ...], type[BaseModel]] = MappingProxyType(
    {("limits",): Limits, ("verify",): VerifySettings, ("confluence",): ConfluenceSettings}
)
"""The options that have options."""

Problem = tuple[tuple[str | int, ...], str, str]
"""A path in the options, the message, and a hint."""


def bind_settings(options: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """Return the settings and the problems of the options; with problems, all settings have their defaults."""
    try:
        return Settings.model_validate(options), []
    except ValidationError as error:
        return Settings(), [_explain_option(details) for details in error.errors()]


def _explain_option(details: ErrorDetails) -> Problem:
    path = details["loc"]
    steps = tuple(step for step in path if step != "[key]")
    name = ".".join(map(str, steps))
    if details["type"] == "extra_forbidden":
        known = list(_NESTED.get(path[:-1], Settings).model_fields)
        return path, f"unknown option `{name}`", suggest_name(str(path[-1]), known)
    if details["type"] == "literal_error":
        expected = details["ctx"]["expected"]
        near = find_nearest(str(details["input"]), re.findall("'([^']*)'", expected))
        hint = f"did you mean {near!r}?" if near else ""
        return steps, f"invalid `{name}`{_show_value(path, details['input'])}: expected {expected}", hint
    message = details["msg"].removeprefix("Value error, ")
    forms = _FORMS if details["type"] == "string_pattern_mismatch" else {}
    expected = forms.get(name) or forms.get(str(path[0])) or _EXPECTED.get(details["type"], "")
    if not expected and message.startswith("Input should be "):
        expected = message.removeprefix("Input should be ")
    if expected:
        what = f"key in `{'.'.join(map(str, steps[:-1]))}`" if steps != path else f"`{name}`"
        return steps, f"invalid {what}{_show_value(path, details['input'])}: expected {expected}", ""
    return steps, f"`{name}`: {message}", ""


def _show_value(path: tuple[str | int, ...], value: object) -> str:
    """Return a short value for a message; headers can have secrets."""
    is_short = (isinstance(value, str | int | float) or not value) and len(repr(value)) <= _LONGEST_VALUE
    return f" {value!r}" if is_short and path[0] != "verify" else ""


_LONGEST_VALUE = 60
_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        **EXPECTED_TYPES,
        "date_from_datetime_parsing": EXPECTED_TYPES["date_type"],
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "int_type": "a number",
        "int_parsing": "a number",
        "float_parsing": "a number",
        "too_short": "at least one entry",
        "string_too_short": "a text that is not empty",
    }
)
"""The expected value by the type of the error. Options are read less strictly than cards."""
_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "severities": "the code of a rule, such as MB301",
        "functions": ID_FORM,
        "confluence.parent": "the number in the address of the page",
        "confluence.book": "up to 31 lower-case letters, digits and dashes, a letter first",
        "confluence.label_prefix": "up to 40 lower-case letters, digits, dashes and underscores",
    }
)
"""The form of an option whose value has a pattern."""


_GUESSED_EDIT_URIS = ("edit/master/docs/", "src/default/docs/")
"""What MkDocs sets for the hosts that it knows if mkdocs.yml has no `edit_uri`. The cards are not in that folder."""


def build_edit_pattern(values: dict[str, Any], root: Path) -> str | None:
    """Return the address at which a file is edited in its repository: `…/edit/HEAD/{path}`.

    The book in `root` may be a folder of a larger repository.
    """
    repository = str(values.get("repo_url") or "").rstrip("/").removesuffix(".git")
    if not repository:
        return None
    edit_uri = values.get("edit_uri")
    if edit_uri and edit_uri not in _GUESSED_EDIT_URIS:
        docs = str(values.get("docs_dir") or "docs").strip("/")
        base = str(edit_uri).rstrip("/").removesuffix(docs).strip("/")
        return f"{repository}/{base}/{{path}}" if base else f"{repository}/{{path}}"
    try:
        host = urlsplit(repository).hostname or ""
    except ValueError:  # brackets that do not pair
        host = ""
    root = root.resolve()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    path = f"{quote(root.relative_to(top).as_posix())}/{{path}}".removeprefix("./")
    if "gitlab" in host:
        return f"{repository}/-/edit/HEAD/{path}"
    if host == "bitbucket.org":
        return f"{repository}/src/HEAD/{path}?mode=edit"
    if "bitbucket" in host:  # Bitbucket Data Center
        return f"{repository.removesuffix('/browse')}/browse/{path}"
    if host == "dev.azure.com" or host.endswith(".visualstudio.com"):
        return f"{repository}?path=/{path}"
    return f"{repository}/edit/HEAD/{path}"
