"""The files of the folder that `modelbook render` writes."""

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from generator.engines.configuration import HOOKS, has_plugin, render_configuration
from generator.errors import UserError
from generator.exports.site_markdown import get_markdown_path, render_markdown_page
from generator.load.configuration import EngineSettings, read_engine_settings
from generator.load.nodes import as_list, as_mapping
from generator.names import Ref
from generator.outputs import SiteOptions, build_outputs
from generator.pages.article import ArticleConverter
from generator.pages.assets import list_assets
from generator.pages.own_pages import (
    OwnText,
    build_navigation,
    build_tags_page,
    list_nav_pages,
    list_own_files,
    list_search_records,
    read_own_page,
)
from generator.pages.paths import get_html_file
from generator.pages.site_page import SitePage
from generator.pages.tags_page import TAGS_PATH
from generator.pages.template_folders import find_shipped_templates
from generator.project import Project
from generator.values import FrozenValue

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")


class EngineFolder(FrozenValue):
    """The files to write, by their paths in the folder."""

    texts: Iterator[tuple[str, str]]
    """Made one by one: a large book has a gigabyte of them."""
    copies: Mapping[str, Path]
    """The files that are copied as they are, with the originals. A text with the same path replaces a copy."""
    docs: Path
    """The folder with the author's own pages."""


def build_engine_folder(project: Project, pages: Sequence[SitePage]) -> EngineFolder:
    """Build the files for another engine; raise UserError if mkdocs.yml or a page of the author cannot be used."""
    settings = read_engine_settings(project.root)
    values, configuration = settings.values, project.configuration
    urls = configuration.directory_urls
    docs = project.root / str(values.get("docs_dir") or "docs")
    excluded = [line for key in ("exclude_docs", "draft_docs") for line in str(values.get(key) or "").splitlines()]
    own_files = list_own_files(docs, excluded)
    own_paths = [path for path in own_files if path.endswith(_MARKDOWN)]
    built, pages = pages, [page for page in pages if page.path not in own_paths]
    has_tags = has_plugin(values, "tags") and TAGS_PATH not in own_paths
    guide = configuration.settings.guide
    nav = values.get("nav") or build_navigation(own_paths, guide, built, has_tags=has_tags)
    converter = ArticleConverter()
    titles = {path: title for path, title in list_nav_pages(nav) if title}
    own = [read_own_page(docs, path, titles, converter, directory_urls=urls) for path in own_paths]
    if has_tags:
        own.append(build_tags_page(pages, own, directory_urls=urls))
    texts = render_configuration(settings, nav, directory_urls=urls)
    texts[HOOKS] = Path(__file__).with_name(HOOKS).read_text("utf-8")
    copies = dict(_list_copies(project.root, docs, settings, own_files))
    texts |= {f"docs/{text.page.source}": text.markdown for text in own}
    has_search = has_plugin(values, "search")
    searched = own if has_search else ()
    records = (record for text in searched for record in list_search_records(text, directory_urls=urls))
    navigation = tuple(path for path, _ in list_nav_pages(nav))
    options = SiteOptions(configuration.site_name, configuration.site_url, urls, navigation, has_search)
    refs = frozenset(Ref.parse(page.ref) for page in pages if page.ref)
    texts["docs/catalog.json"] = project.render_catalog(refs).join().decode()
    files, outputs = build_outputs(options, pages, [text.page for text in own], records, b"", ())
    texts |= {f"{'markdown' if name.startswith('llms') else 'docs'}/{name}": one.decode() for name, one in files}
    if has_search:
        texts["search.json"] = outputs.search_record + "\n"
    texts |= {f"docs/{path}": text for path, text in list_assets(project.book, directory_urls=urls)}
    edit_pattern = configuration.settings.edit_url
    rendered = ((f"docs/{page.path}", _render_page(page, page.build_edit_url(edit_pattern))) for page in pages)
    every = chain(texts.items(), rendered, _render_agent_files(pages, own, converter, directory_urls=urls))
    return EngineFolder(every, copies, docs)


def _render_page(page: SitePage, edit_url: str) -> str:
    """Render the Markdown file of a page, with its metadata as front matter."""
    # Also an empty address: without it, the engine would make one from the Markdown file.
    meta = {**page.meta, "edit_url": edit_url}
    lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in meta.items())
    return f"---\n{lines}---\n\n{page.markdown}"


def _render_agent_files(
    pages: Iterable[SitePage], own: Iterable[OwnText], converter: ArticleConverter, *, directory_urls: bool
) -> Iterator[tuple[str, str]]:
    """Render the Markdown of each page for agents."""
    sources = {page.path: get_html_file(page.path, directory_urls=directory_urls) for page in pages}
    sources |= {text.page.source: text.page.path for text in own}
    outputs = frozenset(sources.values())
    for page in pages:
        article, output = converter.convert(page.markdown), sources[page.path]
        markdown = render_markdown_page(article, output, outputs, page.facts, page.path, sources)
        yield f"markdown/{get_markdown_path(output)}", markdown
    for text in own:
        facts = {"type": "page", "title": text.page.title}
        output, source = text.page.path, text.page.source
        markdown = render_markdown_page(text.article, output, outputs, facts, source, sources)
        yield f"markdown/{get_markdown_path(output)}", markdown


def _list_copies(
    root: Path, docs: Path, settings: EngineSettings, own_files: Iterable[str]
) -> Iterator[tuple[str, Path]]:
    """List the files of the theme and of the author that are copied as they are; the author's come last."""
    yield "theme/partials/actions.html", Path(__file__).with_name("actions.html")
    shipped = find_shipped_templates() / "theme"
    for path in _list_files(shipped):
        folder = "theme" if path.suffix == ".html" else "docs"  # templates, and assets
        yield f"{folder}/{path.relative_to(shipped).as_posix()}", path
    yield from ((f"docs/{path}", docs / path) for path in own_files)
    custom_dir = as_mapping(settings.values.get("theme")).get("custom_dir")
    if custom_dir:
        own = root / str(custom_dir)
        yield from ((f"theme/{path.relative_to(own).as_posix()}", path) for path in _list_files(own))
    for hook in as_list(settings.values.get("hooks")):
        path = root / str(hook)
        if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
            raise UserError(f"unexpected hook {str(hook)!r} in mkdocs.yml: expected a file of the book")
        yield posixpath.normpath(str(hook)), path


def _list_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
