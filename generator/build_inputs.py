"""What a build depends on: files, folders and environment variables, listed while the configuration is at hand."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.git import list_state_files
from generator.load.collected import LOCK_FILE
from generator.settings import Settings

KNOWN_PLUGINS = frozenset(
    {"search", "modelbook", "material/search", "material/offline", "material/tags", "material/meta"}
)
"""The plugins whose inputs are known."""
_EXTENSIONS = re.compile(
    r"(markdown\.extensions\.)?(abbr|admonition|attr_list|codehilite|def_list|extra|fenced_code|footnotes|legacy_attrs"
    r"|legacy_em|md_in_html|meta|nl2br|sane_lists|smarty|tables|toc|wikilinks)"
    r"|pymdownx\.(?!snippets$|b64$)[\w.]+|material\.extensions\.\w+"
)
"""The Markdown extensions that read no other files."""
_PYTHON_NAME = re.compile(r"!!?python/[\w/]+:(?!(?:material|markdown|pymdownx|mkdocs)\b)")
"""A reference to code of the author."""
_INHERIT = re.compile(r"""^["']?INHERIT["']?[ \t]*:[ \t]*["']?([^"'#\n]+?)["']?[ \t]*(?:#.*)?$""", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def list_inputs(settings: Settings, config: Mapping[str, Any], baseline: Path | None) -> dict[str, Any] | None:
    """Return what a build depends on; None if a plugin, a hook or a Markdown extension can read other files.

    `baseline` is a file of known findings that replaces the configured one.
    """
    path = Path(config["config_file_path"]).absolute()
    files = dict(_read_configuration_files(path))
    is_known = KNOWN_PLUGINS.issuperset(config["plugins"]) and not config["hooks"]
    is_known = is_known and all(map(_EXTENSIONS.fullmatch, config["markdown_extensions"]))
    is_known = is_known and all(len(_INHERIT.findall(text)) == text.count("INHERIT") for text in files.values())
    if not is_known or any(map(_PYTHON_NAME.search, files.values())):
        return None
    emoji = config["mdx_configs"].get("pymdownx.emoji", {}).get("options", {})
    theme = config["theme"]
    paths = [
        *files,
        *list_own_places(path.parent, settings),
        *([baseline] if baseline else []),
    ]
    # MkDocs and Jinja follow links to folders.
    linked_paths = [
        Path(config["docs_dir"]),
        path.parent / settings.templates,
        *([Path(theme.custom_dir)] if theme.custom_dir else []),
        *(path.parent / folder for folder in emoji.get("custom_icons", ())),
    ]
    # Every word can be the name in `!ENV`: which of them are variables is seen in the environment.
    words = sorted({word for text in files.values() for word in _WORD.findall(text)})
    has_utc_day = bool(config["site_url"]) or theme.name != "material"
    return {
        "cards": str((path.parent / settings.cards).absolute()),
        "paths": [str(each.absolute()) for each in paths],
        "history": [str(each.absolute()) for each in list_state_files(path.parent)],
        "linked_paths": [str(each.absolute()) for each in linked_paths],
        "variables": words,
        "has_local_day": settings.as_of is None,
        "has_utc_day": has_utc_day,
    }


def list_own_places(root: Path, settings: Settings) -> Iterator[Path]:
    """Yield the files and folders beside mkdocs.yml that a book is made of, without the cards."""
    own = (settings.evidence, settings.templates, *settings.linked_folders, LOCK_FILE)
    yield from (root / name for name in (*own, *filter(None, [settings.baseline])))


def _read_configuration_files(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield mkdocs.yml and the files that it inherits, with their texts."""
    seen: set[Path] = set()
    while path not in seen and path.is_file():
        seen.add(path)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        yield path, text
        for name in _INHERIT.findall(text):
            path = path.parent / name
