"""`modelbook publish parity`: a comparison of each page in the wiki's format with the built page."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.options import json_option
from generator.cli.printing import format_title, print_answer
from generator.cli.progress import show_spinner
from generator.cli.publish.source import Source, read_source, site_options
from generator.confluence.built import PageEntry, dangling
from generator.confluence.parity import Parity, Surroundings
from generator.confluence.parity import parity as compare_page
from generator.confluence.settings import PublishSettings
from generator.confluence.sync.draft import places_of
from generator.confluence.sync.titles import titled
from generator.errors import UserError
from generator.names import suggest_name


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """A page of the book, and the result of its comparison."""

    entry: PageEntry
    parity: Parity


@click.command(cls=Command)
@site_options
@json_option
@click.option("--page", "ref", metavar="REF", help="Only this page, with all counts.")
def parity(root: Path, site_dir: Path | None, ref: str | None, *, as_json: bool) -> None:
    r"""Compare the converted pages with the site.

    It compares headings, cells, code blocks, links, images, facts and words of each built page with those of the page
    that would be sent. No wiki is contacted.

    \b
      modelbook publish parity
      modelbook publish parity --page model:ryl

    Exit status: 0 all pages are complete, 1 something is missing, 2 usage error.
    """
    source = read_source(root, site_dir)
    built = source.built
    chosen = built.entries if ref is None else tuple(one for one in built.entries if ref in (one.ref, one.path))
    if not chosen and ref is not None:
        message = f"no page matches {ref!r}: {suggest_name(ref, (one.ref for one in built.entries)) or 'check the id'}"
        raise UserError(message)
    with show_spinner("Comparing pages"):
        pages = tuple(_compare_pages(source, chosen))
        shown = {entry.position for entry in chosen}
        broken = [finding for finding in dangling(built.all_wanted()) if finding.position in shown]
    lines = _render_counts(pages[0]) if ref else _render_summary(pages)
    links = (f"{finding.position.file}: {finding.message}" for finding in broken)
    data: dict[str, Any] = {
        "pages": [_to_data(page) for page in pages],
        "links": [{"page": finding.position.file, "words": finding.message} for finding in broken],
    }
    print_answer((*lines, *links), data, as_json=as_json)
    sys.exit(0 if all(page.parity.holds for page in pages) and not broken else 1)


def _compare_pages(source: Source, chosen: Sequence[PageEntry]) -> Iterator[ComparedPage]:
    """Yield the comparisons, for the titles of an empty space; only one page is in memory at a time."""
    built, configured = source.built, source.configuration.settings.confluence
    # The content of a page does not depend on the name of its space.
    settings = PublishSettings.model_validate({**configured.model_dump(), "space": configured.space or "BOOK"})
    places = places_of(titled(built.entries, {}, {}, settings).by_ref, settings.space)
    titles = {entry.path: places[entry.ref].title for entry in built.entries}
    for entry in chosen:
        title, unpublished = entry.heading or places[entry.ref].title, built.site.unpublished
        around = Surroundings(entry.path, title, titles, built.site_url, unpublished)
        storage = built.wanted(entry).converted.storage.resolve(places)
        html = (built.site.read_file(entry.path) or b"").decode()
        yield ComparedPage(entry, compare_page(html, storage, around))


def _render_summary(pages: Sequence[ComparedPage]) -> Iterator[PrintedLine]:
    incomplete = [page for page in pages if not page.parity.holds]
    for page in incomplete:
        yield format_title(page.entry.title, page.entry.ref)
        yield from (f"  missing: {text}" for text in page.parity.missing)
    compared = sum(count.on_site for page in pages for count in page.parity.tallies)
    yield Line(
        f"{len(pages) - len(incomplete)} of {len(pages)} pages complete, {compared} elements compared",
        colour="red" if incomplete else "green",
    )


def _render_counts(page: ComparedPage) -> Iterator[PrintedLine]:
    yield format_title(page.entry.title, page.entry.ref)
    for count in page.parity.tallies:
        yield f"  {count.kind:14}{count.on_site:6}" + (f", {len(count.missing)} missing" if count.missing else "")
        yield from (f"    missing: {text}" for text in count.missing)
    yield from (f"  broken link: {text}" for text in page.parity.dangling)
    yield from (f"  only on the site: {name} ({number})" for name, number in page.parity.dropped)


def _to_data(page: ComparedPage) -> dict[str, Any]:
    entry, found = page.entry, page.parity
    return {
        "ref": entry.ref, "path": entry.path, "holds": found.holds, "missing": found.missing,
        "counted": {count.kind: count.on_site for count in found.tallies}, "dropped": dict(found.dropped),
    }  # fmt: skip
