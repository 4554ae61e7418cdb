"""The MkDocs plugin: hands the book's pages over as generated files; the only importer of mkdocs."""

import dataclasses
import gc
import html
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as SitePage

from generator.errors import UserError
from generator.events import IN_THE_CARDS, VARIABLE, Events
from generator.findings import Finding, Severity
from generator.load.configuration import Configuration, bind_settings, edit_pattern
from generator.pages.assets import assets
from generator.pages.manifest import OwnPage, manifest
from generator.pages.search import Entry
from generator.pages.site import Page, edit_url
from generator.pages.tree import SECTIONS, Here, index_path
from generator.project import Project, open_project, shipped_templates
from generator.settings import Settings

TAGS_PATH = "tags.md"
"""The page that lists the pages by their tags, where the tags plugin is on."""

log = logging.getLogger("mkdocs.plugins.modelbook")

Problems = list[tuple[str, Exception]]
Warnings = list[tuple[str, str]]
_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}
_ABORTING: frozenset[str] = frozenset({"build", "gh-deploy"})


class ModelbookPlugin(BasePlugin):  # type: ignore[no-untyped-call, type-arg] # its options are Settings, not a MkDocs config
    """Delegates to the project; keeps between MkDocs' events what one build needs."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._command = "build"
        self._pages: dict[str, Page] = {}
        self._events = Events(os.environ.get(VARIABLE))
        self._own: list[OwnPage] = []
        self._done = 0
        self._catalog = ""

    def load_config(
        self,
        options: dict[str, Any],
        config_file_path: str | None = None,  # noqa: ARG002 - MkDocs' own signature
    ) -> tuple[Problems, Warnings]:
        """Take the options as Settings; each mistake is an error of MkDocs' configuration."""
        self._settings, problems = bind_settings(dict(options))
        return [(str(path[0]), ValueError(f"{message} {hint}")) for path, message, hint in problems], []

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG002
        """Remember whether a mistake ends the run: a server goes on, so that it can be mended."""
        self._command = command

    @event_priority(50)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Put our theme's files before Material's, keep its offline search from asking another host, name languages."""
        theme = str(shipped_templates() / "theme")
        own = 1 if config.theme.custom_dir else 0
        config.theme.dirs.insert(own, theme)
        config.extra_css.insert(0, "assets/modelbook/modelbook.css")
        config.extra_javascript.insert(0, "assets/modelbook/modelbook.js")
        if "material/offline" in config.plugins:
            config.extra["polyfills"] = ["assets/modelbook/iframe-worker.js", *config.extra.get("polyfills", [])]
        _name_languages(config)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Make the pages and add them; where the author wrote a page of the same name, that one stays."""
        project = self._open(config)
        pages, mistakes = project.pages()
        taken = [page for page in pages if page.file and files.get_file_from_path(page.path)]
        self._report([*project.findings, *mistakes, *(project.collision(page.key, page.path) for page in taken)])
        self._pages = {page.path: page for page in pages if not files.get_file_from_path(page.path)}
        self._catalog = project.catalog(pages)
        tagged = "material/tags" in config.plugins and files.get_file_from_path(TAGS_PATH) is None
        if config.nav is None:
            config.nav = _navigation(files, self._settings.guide, tagged=tagged)
        if tagged:
            files.append(File.generated(config, TAGS_PATH, content="# Tags\n\n<!-- material/tags -->\n"))
        listed = _listed(config.nav)
        for page in self._pages.values():
            inclusion = InclusionLevel.UNDEFINED if page.path in listed else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, page.path, content=page.markdown, inclusion=inclusion))
        for path, content in assets(project.book, directory_urls=config.use_directory_urls):
            files.append(File.generated(config, path, content=content))
        self._events.tell(pages=len(files.documentation_pages()))
        if self._command in _ABORTING:
            gc.freeze()  # the book stays until the process ends: the collector need not look at it again and again
        return files

    @event_priority(100)  # before the tags plugin reads them
    def on_page_markdown(self, markdown: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Give the page what would stand in its front matter."""
        made = self._pages.get(page.file.src_uri)
        if made is not None:
            page.meta.update(
                {
                    "title": _escaped(made.title),
                    "tags": [_escaped(label) for label in made.labels],
                    "search": {"exclude": True},
                }
            )
            if made.is_wide:
                page.meta["hide"] = ["toc"]
            if made.description:
                page.meta["description"] = _escaped(made.description)
            pattern = self._settings.edit_url or edit_pattern(dict(config))
            page.edit_url = edit_url(pattern, made.file) or None
        return markdown

    def on_post_page(self, output: str, *, page: SitePage, config: MkDocsConfig) -> str:  # noqa: ARG002
        """Tell how far the build is."""
        if page.file.src_uri not in self._pages:
            self._own.append(OwnPage(page.file.src_uri, str(page.title), page.file.dest_uri))
        self._done += 1
        if self._done % 20 == 0:
            self._events.tell(done=self._done)
        return output

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:  # noqa: ARG002
        """Start counting pages."""
        self._done, self._own = 0, []
        return nav

    @event_priority(100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Feed the search, and write what others read: pages.json to publish from, catalog.json for scripts."""
        _feed_search(config, self._pages)
        site = Path(config.site_dir)
        text = manifest(
            config.site_name,
            config.site_url or None,
            self._pages,
            self._own,
            directory_urls=config.use_directory_urls,
        )
        (site / "pages.json").write_text(text, encoding="utf-8")
        (site / "catalog.json").write_text(self._catalog, encoding="utf-8")

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: object) -> LiveReloadServer:  # noqa: ARG002
        """Rebuild when a card or a template changes."""
        root = Path(config.config_file_path).parent
        for folder in (root / self._settings.cards, root / self._settings.templates, shipped_templates()):
            if folder.is_dir():
                server.watch(str(folder))
        return server

    def _open(self, config: MkDocsConfig) -> Project:
        settings = self._settings
        if settings.edit_url is None:
            settings = settings.model_copy(update={"edit_url": edit_pattern(dict(config))})
        configuration = Configuration(
            config.site_name, config.site_url or None, config.site_dir, config.use_directory_urls, settings
        )
        try:
            return open_project(Path(config.config_file_path).parent, configuration=configuration)
        except UserError as error:
            raise PluginError(str(error)) from None

    def _report(self, findings: list[Finding]) -> None:
        """Tell the findings, or log them when MkDocs was started by hand; errors end a build."""
        if self._events.is_heard:
            self._events.tell(findings=[_as_event(finding) for finding in findings])
        else:
            for finding in findings:
                hint = f" ({finding.hint})" if finding.hint else ""
                log.log(_LEVELS[finding.severity], f"{finding.position} {finding.code} {finding.message}{hint}")
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if errors and self._command in _ABORTING:
            message = f"{errors} error{'s' if errors > 1 else ''} {IN_THE_CARDS}"
            raise PluginError(message)


def _name_languages(config: MkDocsConfig) -> None:
    """Let each code block keep the language that its author gave: without it the wiki could not colour the block.

    An author who set the option keeps what was set.
    """
    if "pymdownx.highlight" in config.markdown_extensions:
        config.mdx_configs.setdefault("pymdownx.highlight", {}).setdefault("pygments_lang_class", True)


def _navigation(files: Files, guide: Sequence[str], *, tagged: bool) -> list[Any]:
    """The book's own navigation: overviews and indexes, never single cards, then the author's pages."""
    paths = sorted(file.src_uri for file in files.documentation_pages() if file.src_uri != "index.md")
    own = [*(path for path in guide if path in paths), *(path for path in paths if path not in guide)]
    return [
        {"Home": "index.md"},
        *({section.title: index_path(section)} for section in SECTIONS),
        {
            "Overviews": [
                {"Who to call": "who-to-call.md"},
                {"Map": "map.md"},
                {"What needs attention": "attention.md"},
                {"Debt": "debt.md"},
            ]
        },
        *([{"Guide": own}] if own else []),
        {
            "Reference": [
                {"Fields of a card": "reference/fields.md"},
                {"Codes of findings": "reference/codes/index.md"},
                *([{"Tags": TAGS_PATH}] if tagged else []),
            ]
        },
    ]


def _listed(nav: object) -> set[str]:
    """Every page that a navigation names."""
    match nav:
        case str():
            return {nav}
        case list():
            return {path for entry in nav for path in _listed(entry)}
        case dict():
            return {path for entry in nav.values() for path in _listed(entry)}
        case _:
            return set()


def _escaped(title: str) -> str:
    """Text that the theme puts into HTML as it is."""
    return html.escape(" ".join(title.split()))


def _feed_search(config: MkDocsConfig, pages: dict[str, Page]) -> None:
    """Add what we know of our pages to the search index, in place of all their words."""
    search = config.plugins.get("material/search")
    index = getattr(search, "search_index", None)
    if index is None:
        return
    for page in pages.values():
        entry = page.entry or Entry(page.title, page.description)
        url = Here(page.path, config.use_directory_urls).built(page.path)
        index.entries.append(
            {
                "location": "" if url == "index.html" else url,
                "title": html.escape(entry.title),
                "text": html.escape(entry.text),
                "tags": [_escaped(label) for label in page.labels],
                "boost": entry.boost,
            }
        )


def _as_event(finding: Finding) -> dict[str, object]:
    return dataclasses.asdict(finding) | {"severity": finding.severity.value}
