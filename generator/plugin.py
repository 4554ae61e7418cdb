"""The MkDocs plugin: hands the book's pages over as generated files; the only importer of mkdocs."""

import dataclasses
import errno
import gc
import html
import logging
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as SitePage

from generator.errors import UserError
from generator.events import ERRORS_IN_CARDS, STAGING, VARIABLE, EventLog
from generator.findings import Finding, Severity
from generator.load.configuration import Configuration, bind_settings, edit_pattern
from generator.load.rules import RULES
from generator.pages.assets import assets
from generator.pages.manifest import OwnPage, manifest
from generator.pages.search import Entry
from generator.pages.site import Page, edit_url
from generator.pages.tree import SECTIONS, Here, index_path
from generator.preview import ALLOWED_HOSTS, PreviewState, guard, is_loopback
from generator.printable import escape_line
from generator.processes import PARENT, end_with_parent, exit_on_sigterm, require_parent
from generator.project import Project, find_shipped_templates, open_project
from generator.settings import Settings

TAGS_PATH = "tags.md"
"""The page that lists the pages by their tags, where the tags plugin is on."""

log = logging.getLogger("mkdocs.plugins.modelbook")

Problems = list[tuple[str, Exception]]
Warnings = list[tuple[str, str]]
_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}
_ABORTING: frozenset[str] = frozenset({"build", "gh-deploy"})
_READING = frozenset(rule.code for rule in RULES)
"""Codes of cards that could not be read: their pages are missing."""
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class ModelbookPlugin(BasePlugin):  # type: ignore[no-untyped-call, type-arg] # its options are Settings, not a MkDocs config
    """Delegates to the project; keeps between MkDocs' events what one build needs."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._command = "build"
        self._pages: dict[str, Page] = {}
        self._events = EventLog(os.environ.get(VARIABLE))
        self._own: list[OwnPage] = []
        self._done = 0
        self._project: Project | None = None
        self._made: list[Page] = []
        self._parent: int | None = None
        self._staging: str | None = None
        """The folder to build in, in place of the site's own."""
        self._is_rebuild = False
        self._preview = PreviewState()
        self._is_readable = True

    def load_config(
        self,
        options: dict[str, Any],
        config_file_path: str | None = None,  # noqa: ARG002 - MkDocs' own signature
    ) -> tuple[Problems, Warnings]:
        """Take the options as Settings; each mistake is an error of MkDocs' configuration."""
        self._settings, problems = bind_settings(dict(options))
        return [(str(path[0]), ValueError(f"{message} {hint}")) for path, message, hint in problems], []

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG002
        """Read what the command that started MkDocs asks for, and end when that command ends."""
        self._command = command
        parent = os.environ.pop(PARENT, None)  # not for the children of hooks, which may run MkDocs themselves
        self._staging = os.environ.pop(STAGING, None)
        exit_on_sigterm()
        if parent is not None:
            self._parent = int(parent)
            end_with_parent(self._parent, signal.SIGTERM)

    @event_priority(50)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Put our theme's files before Material's, keep its offline search from asking another host, name languages."""
        theme = str(find_shipped_templates() / "theme")
        own = 1 if config.theme.custom_dir else 0
        config.theme.dirs.insert(own, theme)
        config.extra_css.insert(0, "assets/modelbook/modelbook.css")
        config.extra_javascript.insert(0, "assets/modelbook/modelbook.js")
        if "material/offline" in config.plugins:
            config.extra["polyfills"] = ["assets/modelbook/iframe-worker.js", *config.extra.get("polyfills", [])]
        _name_languages(config)
        self._refuse_to_replace_cards(config)
        if self._staging:
            self._events.emit(site_dir=config.site_dir)
            config.site_dir = self._staging
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Read and check the book and make its pages before MkDocs deletes the old site: errors leave it as it is."""
        project = self._open(config)
        self._project = project
        self._made, mistakes = project.render_pages()
        taken = [page for page in self._made if page.file and Path(config.docs_dir, page.path).is_file()]
        findings = [*project.findings, *mistakes, *(project.report_collision(page.key, page.path) for page in taken)]
        self._preview.show_findings(findings)
        self._report(findings)
        unread = any(finding.code in _READING and finding.severity is Severity.ERROR for finding in project.findings)
        self._is_readable = not (unread or project.cards.unread or mistakes)
        if self._is_rebuild and not self._is_readable:
            message = "the server shows the last good site until the errors are fixed"
            raise PluginError(message)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the pages; where the author wrote a page of the same name, that one stays."""
        project = self._project
        assert project is not None, "MkDocs calls on_pre_build first"
        pages = self._made
        made_by_plugins = [
            page
            for page in pages
            if page.file and files.get_file_from_path(page.path) and not Path(config.docs_dir, page.path).is_file()
        ]
        self._report([project.report_collision(page.key, page.path) for page in made_by_plugins])
        self._pages = {page.path: page for page in pages if not files.get_file_from_path(page.path)}
        self._catalog = project.render_catalog(pages)
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
        self._events.emit(pages=len(files.documentation_pages()))
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
        """Tell how far the build is; stop if the command that wanted it has ended."""
        if self._parent is not None:
            require_parent(self._parent)
        if page.file.src_uri not in self._pages:
            self._own.append(OwnPage(page.file.src_uri, str(page.title), page.file.dest_uri))
        self._done += 1
        if self._done % 20 == 0:
            self._events.emit(done=self._done)
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
        self._preview.has_site = self._preview.has_site or self._is_readable

    def on_build_error(self, *, error: Exception) -> None:
        """Report a full disk in one line, and keep the reason for the preview."""
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            log.error(f"the site cannot be written: {error.strerror}")
            raise Abort("the build has stopped")
        if not self._preview.errors:
            self._preview.errors = [str(error) or type(error).__name__]

    @event_priority(-100)  # after plugins that compare the server's builder with the one that MkDocs gave them
    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[[], None]
    ) -> LiveReloadServer:
        """Rebuild when a card or a template changes; show errors on top of the last good site."""
        root = Path(config.config_file_path).parent
        for folder in (root / self._settings.cards, root / self._settings.templates, find_shipped_templates()):
            if folder.is_dir():
                server.watch(str(folder))
        host = config.dev_addr.host
        if not is_loopback(host):
            log.warning(f"serving on {host}: other machines can read this book")
        names = [host, *os.environ.get(ALLOWED_HOSTS, "").split(",")]
        self._command = "serve"
        self._is_rebuild = True
        self._staging = f"{config.site_dir}.new"
        server.set_app(guard(server.serve_request, self._preview, names))
        server.builder = lambda: self._rebuild(builder, config.site_dir)
        return server

    def on_shutdown(self) -> None:
        """Delete what an unfinished rebuild has left."""
        if self._is_rebuild and self._staging:
            shutil.rmtree(self._staging, ignore_errors=True)

    def _rebuild(self, builder: Callable[[], None], site_dir: str) -> None:
        """Build beside the site that is shown, and swap the two; a build that fails leaves it as it is.

        An error must not leave this method: MkDocs would answer no request until a build succeeds.
        """
        assert self._staging is not None
        self._preview.errors = []
        shutil.rmtree(self._staging, ignore_errors=True)
        try:
            builder()
        except Exception as error:  # whatever goes wrong in a build, the server goes on
            if not isinstance(error, MkDocsException):
                log.exception("the build failed")
            if not self._preview.errors:
                self._preview.errors = [str(error) or type(error).__name__]
            return
        old = Path(site_dir).replace(f"{site_dir}.old")
        Path(self._staging).replace(site_dir)
        shutil.rmtree(old, ignore_errors=True)

    def _refuse_to_replace_cards(self, config: MkDocsConfig) -> None:
        root, site = Path(config.config_file_path).parent, Path(config.site_dir).resolve()
        for name in (self._settings.cards, self._settings.templates):
            folder = (root / name).resolve()
            if site.is_relative_to(folder) or folder.is_relative_to(site):
                message = f"the site would replace the folder {name!r}: choose another site_dir"
                raise PluginError(message)

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
            raise PluginError(escape_line(str(error))) from None

    def _report(self, findings: list[Finding]) -> None:
        """Tell the findings, or log them when MkDocs was started by hand; errors end a build."""
        if self._events.is_read:
            self._events.emit(findings=[_as_event(finding) for finding in findings])
        else:
            for finding in findings:
                hint = f" ({finding.hint})" if finding.hint else ""
                log.log(
                    _LEVELS[finding.severity], escape_line(f"{finding.position} {finding.code} {finding.message}{hint}")
                )
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if errors and self._command in _ABORTING:
            message = f"{errors} error{'s' if errors > 1 else ''} {ERRORS_IN_CARDS}"
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
