"""What is published and where to: the built site, the configuration, the settings that the command line overrides."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from generator.cli.console import print_line, print_lines
from generator.cli.publish.freshness import changed_after
from generator.cli.reports.text import finding_lines
from generator.cli.staging import recover_site
from generator.confluence.built import Built, read_site
from generator.confluence.plan.settings import PublishSettings
from generator.diagrams import RENDERER_VERSION, extract_svg_links
from generator.errors import UserError
from generator.load.configuration import FILE, Configuration, read_configuration

LISTING = "pages.json"
"""What the build writes beside the pages."""
SPACE = "CONFLUENCE_SPACE"
JOURNAL = Path(".modelbook/publish.sqlite")
"""Beside mkdocs.yml; not for git."""


@dataclass(frozen=True, slots=True)
class Source:
    """A book whose site is built."""

    root: Path
    configuration: Configuration
    built: Built

    @property
    def journal(self) -> Path:
        """Where the run notes what it has done."""
        return self.root / JOURNAL


def source_in(root: Path, site_dir: Path | None) -> Source:
    """The book in a folder with its built site; whoever forgot to build it anew is told so, and gets what is there."""
    configuration = configuration_in(root)
    site = site_dir if site_dir is not None else root / configuration.site_dir
    recover_site(site)
    built = read_site(site, extract_svg_links, drawing_key())
    newer = changed_after(site / LISTING, root, configuration.settings)
    if newer is not None:
        print_line(
            f"modelbook: the site is older than {newer.relative_to(root)}: run `modelbook build` first", err=True
        )
    return Source(root, configuration, built)


def configuration_in(root: Path) -> Configuration:
    """The configuration of the book in a folder; a mistake in it is shown and ends the command."""
    configuration, findings = read_configuration(root)
    if findings:
        print_lines(finding_lines(findings, {FILE: (root / FILE).read_text(encoding="utf-8-sig")}), err=True)
        sys.exit(1)
    return configuration


def drawing_key() -> str:
    """Changes with the drawings and with what makes pictures of them."""
    return f"{RENDERER_VERSION} {metadata.version('resvg-py')}"


def settings_for(
    configuration: Configuration, environ: Mapping[str, str], space: str | None = None, parent: str | None = None
) -> PublishSettings:
    """The settings: the command line before the environment before mkdocs.yml; UserError where no space is named."""
    given = configuration.settings.confluence.model_dump()
    chosen = space or environ.get(SPACE, "").strip() or given["space"]
    if not chosen:
        message = f"no space is named: set `confluence: {{space: KEY}}` in {FILE}, or {SPACE}, or give --space KEY"
        raise UserError(message)
    try:
        return PublishSettings.model_validate({**given, "space": chosen, "parent": parent or given["parent"]})
    except ValidationError as error:
        details = error.errors()[0]
        message = f"--{details['loc'][0]} {details['input']!r}: {details['msg']}"
        raise UserError(message) from None
