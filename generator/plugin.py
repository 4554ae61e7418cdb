"""The MkDocs plugin: adds the pages of the book as generated files. Only it and generated_pages import mkdocs."""

import errno
import functools
import logging
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from msgspec.structs import replace

from generator.book_findings import has_all_pages
from generator.build_inputs import KNOWN_PLUGINS, list_inputs, list_own_places
from generator.checks.redaction import read_redacted_files
from generator.engines.modelbook_hooks import shorten_contents
from generator.errors import UserError
from generator.events import BASELINE, ERRORS_IN_CARDS, STAGING, VARIABLE, EventLog
from generator.findings import Finding, Severity
from generator.garbage_collection import release_book
from generator.generated_pages import (
    UNFINISHED_CATALOG,
    SiteSearch,
    add_files,
    add_theme,
    adopt_pages,
    check_site_dir,
    complete_page,
    find_tag_lists,
    list_navigation_files,
    list_tags,
    release_texts,
    write_assets,
    write_files,
    write_markdown_file,
)
from generator.incremental.served_site import ServedSite, read_inputs
from generator.incremental.site_state import SiteState, SiteUpdates, index_pages, keep_book, keep_site
from generator.input_state import BuildInputs, InputState
from generator.load.configuration import Configuration, bind_settings, build_edit_pattern
from generator.outputs import AssetGroup, Outputs, SiteOptions, build_assets, build_outputs
from generator.page_shells import PageShells, finish_html, start_shells
from generator.pages.assets import OwnPage
from generator.pages.convert import MarkdownConverter
from generator.pages.convert_support import build_converter
from generator.pages.own_pages import build_navigation, get_own_section
from generator.pages.page_stream import PageStream
from generator.pages.paths import NAVIGATION, list_sidebar_features, replace_old_rule_links
from generator.pages.render import cache_theme
from generator.pages.site_page import SitePage
from generator.pages.tags_page import TAGS_PATH, render_tags_page
from generator.pages.template_folders import find_shipped_templates
from generator.preview import (
    ALLOWED_HOSTS,
    BuildingServer,
    PreviewState,
    guard_application,
    is_loopback,
    log_findings,
    reload_browsers,
    replace_shown_site,
)
from generator.printable import escape_line
from generator.processes import PARENT, end_with_parent, exit_on_sigterm, require_parent
from generator.project import BookPieces, Project, open_project
from generator.reads import omit_reads
from generator.settings import Settings

log = logging.getLogger("mkdocs.plugins.modelbook")

_ABORTING: frozenset[str] = frozenset({"build", "gh-deploy"})
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class ModelbookPlugin(BasePlugin):  # type: ignore[no-untyped-call, type-arg] # its options are Settings, not a MkDocs config
    """The plugin, with the state of one build between the events of MkDocs."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._command = "build"
        self._edit_url: str | None = None
        """The address where a card is edited, with `{path}`."""
        self._pages: dict[str, SitePage] = {}
        """The pages that MkDocs builds, by their Markdown files."""
        self._events = EventLog(os.environ.get(VARIABLE))
        self._own_pages: list[OwnPage] = []
        self._html_files: frozenset[str] = frozenset()
        """The HTML files of all pages, relative to the site."""
        self._navigation: list[str] = []
        """The Markdown files in the navigation of the site, also those that are missing."""
        self._indexes: dict[str, Page] = {}
        """The indexes of the kinds in the navigation, by their keys."""
        self._converter: MarkdownConverter | None = None
        self._project: Project | None = None
        self._built: list[SitePage] = []
        """All pages of the project, also those that the author replaces; empty after `on_nav`."""
        self._stream: PageStream | None = None
        """The pages of cards that are still made while MkDocs works; None if all are made before."""
        self._pieces: BookPieces | None = None
        self._assets: dict[str, AssetGroup] = {}
        """The files that are not about pages."""
        self.outputs: Outputs | None = None
        """The pieces of the files about all pages, after a build."""
        self._parent: int | None = None
        self._staging: str | None = None
        """The folder to build in, instead of the site's own."""
        self._baseline: Path | None = None
        """The file of known findings, instead of the configured one."""
        self._is_rebuild = False
        self._preview = PreviewState()
        self._is_readable = True
        self._search: SiteSearch | None = None
        """The search of this build; None without Material's search."""
        self._can_update = False
        """Whether the site can be updated without MkDocs when only cards change."""
        self._read: tuple[BuildInputs, InputState, int] | None = None
        self._served: ServedSite | None = None
        self._urls: dict[str, str] = {}
        """The addresses of the files that the author wrote, by their sources."""
        self._shells: PageShells | None = None
        """The shells of the theme; None if only the theme can render the pages."""

    def load_config(
        self,
        options: dict[str, Any],
        config_file_path: str | None = None,  # noqa: ARG002 - MkDocs' own signature
    ) -> tuple[list[tuple[str, Exception]], list[tuple[str, str]]]:
        """Bind the options to Settings; each mistake is an error of MkDocs' configuration."""
        self._settings, problems = bind_settings(dict(options))
        return [(str(path[0]), ValueError(f"{message} {hint}")) for path, message, hint in problems], []

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG002
        """Read the options of the command that started MkDocs, and end when that command ends."""
        self._command = command
        parent = os.environ.pop(PARENT, None)  # not for the children of hooks, which may run MkDocs themselves
        self._staging = os.environ.pop(STAGING, None)
        if baseline := os.environ.pop(BASELINE, ""):
            self._baseline = Path(baseline)
        exit_on_sigterm()
        if parent is not None:
            self._parent = int(parent)
            end_with_parent(self._parent, signal.SIGTERM)

    @event_priority(50)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the theme and its files, and build in the staging folder if there is one."""
        add_theme(config)
        settings = self._settings
        check_site_dir(config, (settings.cards, settings.templates, settings.evidence, settings.baseline))
        inputs = list_inputs(self._settings, config, self._baseline)
        self._can_update = inputs is not None
        self._read = read_inputs(msgspec.convert(inputs, BuildInputs)) if inputs and self._command == "serve" else None
        if self._staging:
            self._events.emit(site_dir=config.site_dir, inputs=inputs)
            config.site_dir = self._staging
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Read and check the book and build its pages, before MkDocs deletes the old site: errors leave it as it is."""
        self._converter = build_converter(config.markdown_extensions, config.mdx_configs)
        report = functools.partial(self._events.report, "Making pages")
        # Only a build that keeps its site needs what the pages have read.
        is_kept = self._can_update and (self._staging is not None or self._read is not None)
        with nullcontext() if is_kept else omit_reads():
            self._project = project = self._open_project(config)
            convert, is_staged = self._converter.convert if self._converter else None, is_kept and self._read is None
            # A staged site has no plugins that read texts of pages.
            stream = self._stream = project.stream_pages(report, convert) if convert and is_staged else None
            render = functools.partial(project.render_pages, report, convert, drops_markdown=is_staged)
            self._built, mistakes = (stream.pages, stream.mistakes) if stream else render()
        taken = [page for page in self._built if page.file and Path(config.docs_dir, page.path).is_file()]
        findings = [*project.findings, *mistakes, *(project.report_collision(page.key, page.path) for page in taken)]
        with self._report_usage_errors():
            compared = project.compare_with_baseline(findings)
        self._preview.show_findings(compared.new)
        if known := compared.describe_known():
            self._events.emit(known=known)
            log.info(known)
        self._report(compared.new)
        self._is_readable = has_all_pages(project.cards, compared, mistakes)
        # The update finds no link to a missing heading.
        is_usual = self._is_readable and not mistakes and not taken and config.validation.links.anchors <= logging.INFO
        self._can_update = self._can_update and is_usual
        if self._is_rebuild and not self._is_readable:
            raise PluginError("the server shows the last good site until the errors are fixed")

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the pages, except where the author wrote a page with the same name."""
        project = self._project
        assert project is not None, "MkDocs calls on_pre_build first"
        self._pages = {page.path: page for page in self._built if not files.get_file_from_path(page.path)}
        by_other_plugins = [
            page
            for page in self._built
            if page.file and page.path not in self._pages and not Path(config.docs_dir, page.path).is_file()
        ]
        self._report([project.report_collision(page.key, page.path) for page in by_other_plugins])
        has_tags = "material/tags" in config.plugins and files.get_file_from_path(TAGS_PATH) is None
        if config.nav is None:
            paths = [file.src_uri for file in files.documentation_pages()]
            config.nav = build_navigation(paths, self._settings.guide, self._built, has_tags=has_tags)
            if isinstance(features := config.theme.get("features"), list):
                config.theme["features"] = list_sidebar_features(features)
        if has_tags:
            files.append(File.generated(config, TAGS_PATH, content=render_tags_page(list_tags(files, self._pages))))
        assets = build_assets(project.book, directory_urls=config.use_directory_urls)
        add_files(files, self._pages.values(), (made for _, made in assets.values()), config)
        self._assets = {name: group for name, (group, _) in assets.items()}
        self._events.emit(pages=len(files.documentation_pages()))
        return files

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:  # noqa: ANN401
        """Make the pages name our search worker where the theme names Material's, and prepare shells of the theme."""
        cache_theme(env)
        self._urls = {file.src_uri: file.url for file in files if file.src_uri not in self._pages}
        self._search = SiteSearch.find(config)
        if self._search is not None:
            self._search.name_worker(env)
        self._shells = start_shells(env, config, files, self._pages, self._navigation, self._edit_url, KNOWN_PLUGINS)
        return env

    @event_priority(100)  # before the tags plugin reads them
    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Set the metadata of a page, which has no front matter, and replace old links of the author."""
        self._events.report_next("Converting pages", len(self._html_files))
        made = self._pages.get(page.file.src_uri)
        if made is not None:
            page.meta.update(made.meta | {"search": {"exclude": True}})
            page.edit_url = made.build_edit_url(self._edit_url) or None
            return markdown
        return replace_old_rule_links(markdown)

    @event_priority(-100)  # the others need no text of a page that is made now
    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:  # noqa: ANN401, ARG002
        """Mark the kind of a card in the sidebar, and shorten the table of contents of a generated page."""
        made = self._pages.get(path := page.file.src_uri)
        if made is not None:
            if self._stream is not None and not made.packed:
                self._pages[path] = complete_page(page, self._stream.take(made), config)
            if made.parent in self._indexes:
                self._indexes[made.parent].active = True  # until on_post_page
            shorten_contents(page.toc)
        return context

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Write the Markdown version of a page; stop if the command that started the build has ended."""
        if self._parent is not None:
            require_parent(self._parent)
        made = self._pages.get(path := page.file.src_uri)
        for index in self._indexes.values():
            index.active = False
        if made is None:
            self._own_pages.append(OwnPage(path, str(page.title), page.file.dest_uri, get_own_section(path, page.meta)))
        write_markdown_file(config.site_dir, page, made, self._html_files)
        self._events.report_next("Writing pages", len(self._html_files))
        if made is not None:
            self._pages[path] = release_texts(page, made, has_readers=not self._can_update)
        return finish_html(output, path, page.file.dest_uri, has_feed=bool(config.site_url))

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Keep the order of the pages, and have the pages of the book converted by our own converter."""
        adopt_pages(files, self._pages, self._converter, is_streamed=self._stream is not None)
        write_assets(files)
        self._pages = {path: replace(made, converted=None) for path, made in self._pages.items()}
        assert self._project is not None, "MkDocs calls on_pre_build first"
        self._pieces = self._project.take_pieces(self._built, Path(config.site_dir, UNFINISHED_CATALOG))
        if self._can_update and self._staging is not None and self._read is None:
            keep_book(Path(self._staging).parent, self._project)
        self._built, self._own_pages, self._navigation = [], [], list_navigation_files(nav)
        paths = {section.path: section.key for section in NAVIGATION.catalogue}
        self._indexes = {paths[page.file.src_uri]: page for page in nav.pages if page.file.src_uri in paths}
        self._html_files = frozenset(file.dest_uri for file in files.documentation_pages())
        if self._command in _ABORTING and self._stream is None:
            self._project = None
            release_book(len(self._pages))  # what is left stays until the process ends
        return nav

    @event_priority(100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the files about all pages, and fill Material's index with the record of ours."""
        urls, has_search = config.use_directory_urls, self._search is not None
        options = SiteOptions(config.site_name, config.site_url or None, urls, tuple(self._navigation), has_search)
        records = self._search.list_records() if self._search is not None else ()
        assert self._pieces is not None, "MkDocs calls on_nav first"
        if self._stream is not None and self._project is not None:
            self._report(self._stream.mistakes)
            self._pieces = self._pieces._replace(derived=self._project.book.pack_derived())
            self._stream.close()
            self._stream = self._project = None
            release_book(len(self._pages))  # what the files about all pages need has been taken
        files, outputs = build_outputs(options, self._pages.values(), self._own_pages, records, *self._pieces[:2])
        self.outputs = replace(outputs, tags=find_tag_lists(config), assets=self._assets)
        write_files(config.site_dir, files)
        if self._search is not None:
            self._search.replace_records(self.outputs.search_record)
        self._preview.has_site = self._preview.has_site or self._is_readable
        self._keep_site(config)

    def _keep_site(self, config: MkDocsConfig) -> None:
        """Keep what an update of the site needs, if there is nothing unusual in it."""
        self._served = None
        if self._shells is None or self.outputs is None or self._pieces is None or not self._can_update:
            return
        state = SiteState(
            tuple(config.markdown_extensions), dict(config.mdx_configs), self._shells,
            *index_pages(self._pages.values(), self._pieces.derived), self._urls,
            frozenset(page.path for page in self._own_pages), frozenset(self._navigation), self.outputs.pages,
        )  # fmt: skip
        if self._read is not None and self._project is not None:
            self._served = ServedSite(self._project, state, SiteUpdates.start(self.outputs), *self._read)
        elif self._staging is not None:
            keep_site(Path(self._staging).parent, state, SiteUpdates.start(self.outputs))

    def on_build_error(self, *, error: Exception) -> None:
        """Report a full disk in one line, and keep the error for the preview."""
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            log.error(f"the site cannot be written: {error.strerror}")
            raise Abort("the build has stopped")
        if not self._preview.errors:
            self._preview.errors = [str(error) or type(error).__name__]

    @event_priority(-100)  # after plugins that compare the server's builder with the one that MkDocs gave them
    def on_serve(self, server: Any, *, config: MkDocsConfig, builder: Callable[[], None]) -> Any:  # noqa: ANN401
        """Rebuild the site when a card, evidence or a template changes; show errors on top of the last good site."""
        from generator.file_events import watch_places  # noqa: PLC0415 - only the server watches files

        root = Path(config.config_file_path).parent
        places = (root / self._settings.cards, *list_own_places(root, self._settings), find_shipped_templates())
        watch_places(server, places, os.environ)
        host = config.dev_addr.host
        if not is_loopback(host):
            log.warning(f"serving on {host}: other machines can read this book")
        names = [host, *os.environ.get(ALLOWED_HOSTS, "").split(",")]
        self._command, self._is_rebuild = "serve", True
        self._staging = f"{config.site_dir}.new"
        server.set_app(guard_application(server.serve_request, self._preview, names))
        server.builder = lambda: self._rebuild(server, builder, config.site_dir)
        return server

    def on_shutdown(self) -> None:
        """Delete the folder of an unfinished rebuild, and end the processes of an unfinished build."""
        if self._stream is not None:
            self._stream.close()
        if self._is_rebuild and self._staging:
            shutil.rmtree(self._staging, ignore_errors=True)

    def _rebuild(self, server: BuildingServer, builder: Callable[[], None], site_dir: str) -> None:
        """Update the shown site, or build one in a staging folder, and replace the shown site if the build succeeds."""
        reload, served = functools.partial(reload_browsers, server), self._served
        with suppress(Exception):  # the build reports it
            if served is not None and (update := served.update(Path(site_dir), reload)) is not None:
                self._preview.show_findings(update.findings)
                if update.known:
                    log.info(update.known)
                self._report([*update.findings])
                return
        replace_shown_site(builder, Path(site_dir), Path(f"{site_dir}.new"), self._preview, MkDocsException)

    def _open_project(self, config: MkDocsConfig) -> Project:
        root = Path(config.config_file_path).parent
        folder = os.path.relpath(config.docs_dir, root)
        pattern = build_edit_pattern({**config, "docs_dir": Path(folder).as_posix()}, root)
        settings, urls = self._settings, config.use_directory_urls
        self._edit_url = settings.edit_url or pattern
        if settings.edit_url is None:
            settings = settings.model_copy(update={"edit_url": pattern})
        configuration = Configuration(config.site_name, config.site_url or None, config.site_dir, urls, settings)
        with self._report_usage_errors():
            return open_project(root, configuration=configuration, baseline=self._baseline)

    @contextmanager
    def _report_usage_errors(self) -> Iterator[None]:
        """End the build with a usage error in one line; the command that reads the events shows it."""
        try:
            yield
        except UserError as error:
            self._events.emit(usage_error=str(error))
            raise PluginError(escape_line(str(error))) from None

    def _report(self, findings: list[Finding]) -> None:
        """Emit the findings, or log them if MkDocs was started by hand; errors end a build."""
        if self._events.is_read:
            root = self._project.root if self._project is not None else Path()
            texts = read_redacted_files(root, {finding.position.file for finding in findings})
            self._events.emit(findings=[msgspec.to_builtins(finding) for finding in findings], texts=texts)
        else:
            log_findings(findings)
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if errors and self._command in _ABORTING:
            raise PluginError(f"{errors} error{'s' if errors > 1 else ''} {ERRORS_IN_CARDS}")
