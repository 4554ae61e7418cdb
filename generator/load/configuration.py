"""mkdocs.yml as far as it concerns the book: the site's name and address, and the plugin's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from generator.errors import UserError
from generator.findings import Finding
from generator.load import rules
from generator.load.nodes import Document, Plain
from generator.load.yaml_reader import read_documents
from generator.names import suggest_name
from generator.schema.base import to_plain_data
from generator.settings import ConfluenceSettings, Limits, Settings

FILE = "mkdocs.yml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What mkdocs.yml says that the book needs."""

    site_name: str
    site_url: str | None
    site_dir: str
    directory_urls: bool
    settings: Settings


def read_configuration(root: Path) -> tuple[Configuration, list[Finding]]:
    """Read mkdocs.yml in the project's folder; UserError where there is none that can be read."""
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = "run the command in a book's folder, or make one with `modelbook init DIR`"
        message = f"no {FILE} in {root.name or root}: {hint}"
        raise UserError(message) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"{FILE} cannot be read: {error}"
        raise UserError(message) from None
    documents, findings = read_documents(text, FILE)
    if findings or not documents or not isinstance(documents[0].root.content, dict):
        where = f"{findings[0].position}: {findings[0].message}" if findings else f"{FILE} is not a mapping"
        raise UserError(where)
    return _configuration(documents[0])


def read_site_dir(root: Path) -> str:
    """Return the folder for the site that mkdocs.yml names; the default if mkdocs.yml cannot be read."""
    try:
        return read_configuration(root)[0].site_dir
    except UserError:
        return "site"


def _configuration(document: Document) -> tuple[Configuration, list[Finding]]:
    plain = document.root.to_plain()
    values = to_plain_data(plain)
    assert isinstance(values, dict)  # read_configuration refuses anything else
    place, options = find_plugin_options(plain)
    settings, problems = bind_settings(options)
    findings = [rules.BAD_SETTING.at(document.at_key(*place, *path), message, hint) for path, message, hint in problems]
    for key in ("site_url", "repo_url"):
        try:
            urlsplit(str(values.get(key) or ""))
        except ValueError:
            # MkDocs ends in a traceback for these.
            findings.append(rules.BAD_SETTING.at(document.at(key), f"invalid address in `{key}`: {values[key]!r}"))
            values = {**values, key: None}
    if settings.edit_url is None:
        settings = settings.model_copy(update={"edit_url": build_edit_pattern(values)})
    offline = any(_named(entry, "offline") for entry in _plugins(plain))
    return (
        Configuration(
            site_name=str(values.get("site_name") or "Modelbook"),
            site_url=values.get("site_url") or None,
            site_dir=str(values.get("site_dir") or "site"),
            directory_urls=bool(values.get("use_directory_urls", True)) and not offline,
            settings=settings,
        ),
        findings,
    )


def _plugins(plain: Plain) -> list[Plain]:
    plugins = plain.get("plugins") if isinstance(plain, dict) else None
    if isinstance(plugins, dict):
        return [{name: options} for name, options in plugins.items()]
    return plugins if isinstance(plugins, list) else []


def _named(entry: Plain, name: str) -> bool:
    names = {entry} if isinstance(entry, str) else set(entry) if isinstance(entry, dict) else set()
    return any(str(one).removeprefix("material/") == name for one in names)


def find_plugin_options(plain: Plain) -> tuple[tuple[str | int, ...], dict[str, Plain]]:
    """Where the plugin's options stand in mkdocs.yml, and the options."""
    for index, entry in enumerate(_plugins(plain)):
        if _named(entry, "modelbook"):
            options = entry.get("modelbook") if isinstance(entry, dict) else None
            in_list = isinstance(plain, dict) and isinstance(plain.get("plugins"), list)
            place: tuple[str | int, ...] = ("plugins", index, "modelbook") if in_list else ("plugins", "modelbook")
            return place, options if isinstance(options, dict) else {}
    return (), {}


_NESTED: Mapping[tuple[str | int, ...], type[BaseModel]] = MappingProxyType(
    {("limits",): Limits, ("confluence",): ConfluenceSettings}
)
"""The options that hold options."""

Problem = tuple[tuple[str | int, ...], str, str]
"""A path in the options, what is wrong there, and a hint."""


def bind_settings(options: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """The settings, and what is wrong with the options; the defaults stand in for all of them then."""
    try:
        return Settings.model_validate(options), []
    except ValidationError as error:
        return Settings(), [_problem(details["loc"], details["type"], details["msg"]) for details in error.errors()]


def _problem(path: tuple[str | int, ...], kind: str, message: str) -> Problem:
    name = ".".join(str(step) for step in path if step != "[key]")
    if kind == "extra_forbidden":
        known = list(_NESTED.get(path[:-1], Settings).model_fields)
        return path, f"`{name}` is not an option of modelbook", suggest_name(str(path[-1]), known)
    return tuple(step for step in path if step != "[key]"), f"`{name}`: {message.removeprefix('Value error, ')}", ""


def build_edit_pattern(values: dict[str, Any]) -> str | None:
    """Where a card is edited, from the repository's address: `…/edit/HEAD/{path}`."""
    repository = str(values.get("repo_url") or "").rstrip("/")
    if not repository:
        return None
    given = values.get("edit_uri")
    if given:
        docs = str(values.get("docs_dir") or "docs").strip("/")
        base = str(given).rstrip("/").removesuffix(docs).strip("/")
        return f"{repository}/{base}/{{path}}" if base else f"{repository}/{{path}}"
    try:
        host = urlsplit(repository).hostname or ""
    except ValueError:  # brackets that do not pair
        host = ""
    if "gitlab" in host:
        return f"{repository}/-/edit/HEAD/{{path}}"
    if "bitbucket" in host:
        return f"{repository}/src/HEAD/{{path}}?mode=edit"
    return f"{repository}/edit/HEAD/{{path}}"
