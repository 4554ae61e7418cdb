"""The mkdocs.yml of a book for another engine: that of the author, without Modelbook."""

import json
from collections.abc import Mapping
from typing import Any

from generator.errors import UserError
from generator.load.configuration import EngineSettings
from generator.load.nodes import as_list, as_mapping
from generator.pages.paths import list_sidebar_features

HOOKS = "modelbook_hooks.py"
_MATERIALX = """\
# For MaterialX: its theme, and its search with a place for the book's own index.
INHERIT: mkdocs.yml
theme: {name: materialx}
plugins: {search: {provider: lunr}}
"""
_DROPPED = ("docs_dir", "site_dir", "exclude_docs", "draft_docs", "watch")
"""Settings about files and folders that this folder does not have."""
EXTENSIONS = ("attr_list", "md_in_html", "tables", "pymdownx.highlight", "pymdownx.superfences")
"""The extensions that the pages of the book need."""


def render_configuration(settings: EngineSettings, nav: object, *, directory_urls: bool) -> dict[str, str]:
    """Render the configurations by file. In mkdocs.yml, values are JSON; those with YAML tags stay as they are."""
    rewritten = {"plugins", "theme", "nav", "hooks", "extra_css", "extra_javascript"}
    rewritten |= {"extra"} if has_plugin(settings.values, "offline") else set()
    for key in sorted(rewritten & settings.tagged.keys()):
        raise UserError(f"unexpected YAML tag under `{key}` in mkdocs.yml: expected a value that needs no engine")
    values = {key: value for key, value in settings.values.items() if key not in _DROPPED}
    theme = values.get("theme")
    options = dict(as_mapping(theme) or {"name": theme or "material"})
    if not values.get("nav") and isinstance(options.get("features"), list):
        options["features"] = list_sidebar_features(options["features"])
    # The look of Material in Zensical: the stylesheet is made for it.
    values["theme"] = {"variant": "classic", **options, "custom_dir": "theme"}
    values["plugins"] = {name: options or {} for name, options in _list_plugins(settings.values).items()}
    extensions = _merge_entries(values.get("markdown_extensions"))
    extensions |= {name: None for name in EXTENSIONS if name not in extensions}
    highlight = as_mapping(extensions["pymdownx.highlight"])
    extensions["pymdownx.highlight"] = {"pygments_lang_class": True, **highlight}  # for Confluence
    listed = [{name: options} if options else name for name, options in extensions.items()]
    values["markdown_extensions"] = listed
    styles = ["assets/modelbook/modelbook.css", *as_list(values.get("extra_css")), "assets/modelbook/diagrams.css"]
    values["extra_css"] = list(dict.fromkeys(styles))
    values["extra_javascript"] = ["assets/modelbook/modelbook.js", *as_list(values.get("extra_javascript"))]
    if has_plugin(settings.values, "offline"):  # engines would load a polyfill from another host
        extra = as_mapping(values.get("extra"))
        polyfills = ["assets/modelbook/iframe-worker.js", *as_list(extra.get("polyfills"))]
        values["extra"] = {**extra, "polyfills": polyfills}
    values["hooks"] = [HOOKS, *as_list(values.get("hooks"))]
    validation = as_mapping(values.get("validation"))
    # Pages of cards are not in the navigation.
    values["validation"] = {**validation, "nav": {"omitted_files": "ignore", **as_mapping(validation.get("nav"))}}
    values |= {"nav": nav, "use_directory_urls": directory_urls}
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False, indent=2)}\n" for key, value in values.items())
    texts = {"mkdocs.yml": "".join(settings.tagged.get(line.partition(":")[0]) or line for line in lines)}
    return texts | {"materialx.yml": _MATERIALX} if has_plugin(settings.values, "search") else texts


def has_plugin(values: Mapping[str, Any], name: str) -> bool:
    """Return whether a plugin of Material is in mkdocs.yml and is not disabled."""
    found = [
        as_mapping(options) for key, options in _list_plugins(values).items() if key.removeprefix("material/") == name
    ]
    return bool(found) and found[0].get("enabled") is not False


def _list_plugins(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plugins in mkdocs.yml with their options, without Modelbook."""
    plugins = _merge_entries(values.get("plugins", ["search"]))
    plugins.pop("modelbook", None)
    return plugins


def _merge_entries(entries: object) -> dict[str, Any]:
    """Return the options of plugins or extensions by name, from a mapping, or from a list of names and mappings."""
    merged: dict[str, Any] = {}
    for entry in [entries] if isinstance(entries, Mapping) else as_list(entries):
        merged |= entry if isinstance(entry, Mapping) else {str(entry): None}
    return merged
