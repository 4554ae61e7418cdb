"""The input of publishing: the built site, the configuration, and the options that override it."""

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import click
from pydantic import ValidationError

from generator.cli.console import print_line, print_lines
from generator.cli.finding_text import render_findings
from generator.cli.options import FOLDER, CommandFunction, get_cache_folder, project_option
from generator.cli.staging import recover_site
from generator.confluence.built import Built, read_site
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import Flavour
from generator.diagrams import RENDERER_VERSION
from generator.diagrams.png import extract_svg_links
from generator.errors import UserError
from generator.load.configuration import Configuration, read_configuration
from generator.load.configuration_file import FILE
from generator.load.files import list_visible_files
from generator.settings import Settings
from generator.values import FrozenValue


def site_options(command: CommandFunction) -> CommandFunction:
    """Add the options for the book and its built site."""
    text = "Folder of the built site.  [default: `site_dir` in mkdocs.yml]"
    return project_option(click.option("--site-dir", type=FOLDER, help=text)(command))


def wiki_options(command: CommandFunction) -> CommandFunction:
    """Add the options for the space, the parent page and the kind of Confluence."""
    text = "Space to publish to.  [default: CONFLUENCE_SPACE, else `confluence.space` in mkdocs.yml]"
    space = click.option("--space", metavar="KEY", help=text)
    parent = click.option("--parent", metavar="ID", help="Id of the parent page or folder.")
    flavour = click.option(
        "--flavour",
        type=click.Choice([str(flavour) for flavour in Flavour]),
        callback=lambda _context, _parameter, value: Flavour(value) if value else None,
        help="Kind of Confluence.  [default: CONFLUENCE_FLAVOUR, else the wiki's answer]",
    )
    return space(parent(flavour(command)))


class Source(FrozenValue):
    """A book with its built site."""

    root: Path
    configuration: Configuration
    built: Built


def read_source(root: Path, site_dir: Path | None) -> Source:
    """Read a book's configuration and built site, and warn if the site is older than its sources."""
    configuration = require_configuration(root)
    site = site_dir if site_dir is not None else root / configuration.site_dir
    recover_site(site)
    diagram_version = f"{RENDERER_VERSION} {metadata.version('resvg-py')}"
    sections = configuration.settings.confluence.pages
    built = read_site(site, extract_svg_links, diagram_version, sections, get_cache_folder())
    newer = _find_newest_change(site / "pages.json", root, configuration.settings)
    if newer is not None:
        name = os.path.relpath(newer, root)
        print_line(f"warning: the site is older than {name}: run `modelbook build` first", err=True)
    return Source(root, configuration, built)


def _find_newest_change(listing: Path, root: Path, settings: Settings) -> Path | None:
    """Return the source file with the newest change after the build, if any.

    Only the times of files are compared: a checkout makes all sources new, and a build always follows it.
    """
    sources = [root / FILE, *([root / settings.baseline] if settings.baseline else [])]
    for folder in (settings.cards, settings.templates, settings.evidence):
        sources += list_visible_files(root / folder)
    built = listing.stat().st_mtime_ns
    changed: list[tuple[int, Path]] = []
    for path in sources:
        with suppress(OSError):
            status = path.stat()
            if stat.S_ISREG(status.st_mode) and status.st_mtime_ns > built:
                changed.append((status.st_mtime_ns, path))
    return max(changed, default=(0, None))[1]


def require_configuration(root: Path) -> Configuration:
    """Return the configuration of a book; print its findings and exit if there are any."""
    configuration, findings = read_configuration(root)
    if findings:
        print_lines(render_findings(findings, {FILE: (root / FILE).read_text(encoding="utf-8-sig")}), err=True)
        sys.exit(1)
    return configuration


def read_publish_settings(
    configuration: Configuration, environ: Mapping[str, str], space: str | None = None, parent: str | None = None
) -> PublishSettings:
    """Return the settings: the command line wins over the environment, and the environment over mkdocs.yml."""
    given = configuration.settings.confluence.model_dump()
    chosen = space or environ.get("CONFLUENCE_SPACE", "").strip() or given["space"]
    if not chosen:
        message = f"no Confluence space configured: set `confluence.space` in {FILE}, CONFLUENCE_SPACE, or --space"
        raise UserError(message)
    try:
        return PublishSettings.model_validate({**given, "space": chosen, "parent": parent or given["parent"]})
    except ValidationError as error:
        [name, *_], value = error.errors()[0]["loc"], error.errors()[0]["input"]
        expected = "the number in the address of the page" if name == "parent" else "a key such as BOOK"
        raise UserError(f"invalid --{name} {value!r}: expected {expected}") from None
