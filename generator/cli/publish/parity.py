"""`modelbook publish parity`: page by page, whether the wiki's page holds what the site's page holds."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.options import json_option
from generator.cli.printing import print_answer, title
from generator.cli.publish.options import site_options
from generator.cli.publish.source import source_in
from generator.cli.waiting import waiting
from generator.confluence.built import Built, Entry, dangling
from generator.confluence.parity import Parity, Surroundings
from generator.confluence.parity import parity as parity_of
from generator.confluence.plan.draft import places_of
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.plan.titles import titled
from generator.confluence.storage.write import WikiLocation
from generator.errors import UserError
from generator.findings import Finding
from generator.names import suggest_name
from generator.settings import ConfluenceSettings

_ANY_SPACE = "BOOK"
"""Parity compares content; the name of the space is no part of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What parity says about one page of the book."""

    entry: Entry
    parity: Parity


@click.command(cls=Command)
@site_options
@json_option
@click.option("--page", "ref", metavar="REF", help="Only this page, with all that was counted.")
def parity(root: Path, site_dir: Path | None, ref: str | None, *, as_json: bool) -> None:
    r"""Prove that every heading, cell, code block, link, image, fact and word of the site's pages is on the wiki's.

    Both sides are read anew, the built page and what would be sent; no wiki is asked.

    \b
      modelbook publish parity
      modelbook publish parity --page model:ryl

    Exit status: 0 it holds for every page, 1 something is missing, 2 wrong use.
    """
    source = source_in(root, site_dir)
    chosen = _chosen(source.built, ref)
    with waiting("comparing"):
        places = offline_places(source.built, source.configuration.settings.confluence)
        verdicts = tuple(verdicts_on(source.built, chosen, places))
        broken = _broken(source.built, chosen)
    lines = _detail(verdicts[0]) if ref else _report(verdicts)
    print_answer((*lines, *_links(broken)), _data(verdicts, broken), as_json=as_json)
    sys.exit(0 if all(one.parity.holds for one in verdicts) and not broken else 1)


def offline_places(built: Built, configured: ConfluenceSettings) -> dict[str, WikiLocation]:
    """Where each page would stand in an empty space."""
    settings = PublishSettings.model_validate({**configured.model_dump(), "space": configured.space or _ANY_SPACE})
    return places_of(titled(built.entries, {}, {}, settings).by_ref, settings.space)


def _chosen(built: Built, ref: str | None) -> tuple[Entry, ...]:
    if ref is None:
        return built.entries
    found = tuple(entry for entry in built.entries if ref in (entry.ref, entry.path))
    if not found:
        message = f"there is no page {ref!r}; {suggest_name(ref, (entry.ref for entry in built.entries))}"
        raise UserError(message.rstrip("; "))
    return found


def verdicts_on(built: Built, chosen: Iterable[Entry], places: Mapping[str, WikiLocation]) -> Iterator[Verdict]:
    """What parity says about each of the pages, with one page in memory at a time."""
    names = {entry.path: places[entry.ref].title for entry in built.entries}
    for entry in chosen:
        around = Surroundings(entry.path, places[entry.ref].title, names, built.site_url)
        storage = built.wanted(entry).converted.storage.resolve(places)
        yield Verdict(entry, parity_of((built.site.read_file(entry.path) or b"").decode(), storage, around))


def _broken(built: Built, chosen: Sequence[Entry]) -> tuple[Finding, ...]:
    """The links to an anchor that another page does not have, on the chosen pages."""
    shown = {entry.position for entry in chosen}
    return tuple(finding for finding in dangling(built.all_wanted()) if finding.position in shown)


def _report(verdicts: Sequence[Verdict]) -> Iterator[str | Line]:
    wrong = [one for one in verdicts if not one.parity.holds]
    for one in wrong:
        yield title(one.entry.title, one.entry.ref)
        yield from (f"  missing: {words}" for words in one.parity.missing)
    yield _sum(verdicts)


def _sum(verdicts: Sequence[Verdict]) -> Line:
    holding = sum(one.parity.holds for one in verdicts)
    counted = sum(tally.on_site for one in verdicts for tally in one.parity.tallies)
    good = holding == len(verdicts)
    return Line(
        f"{holding} of {len(verdicts)} pages hold, {counted} things compared", colour="green" if good else "red"
    )


def _detail(one: Verdict) -> Iterator[str | Line]:
    yield title(one.entry.title, one.entry.ref)
    for tally in one.parity.tallies:
        yield f"  {tally.kind:14}{tally.on_site:6}" + (f", {len(tally.missing)} missing" if tally.missing else "")
        yield from (f"    missing: {words}" for words in tally.missing)
    yield from (f"  dangling: {words}" for words in one.parity.dangling)
    for name, number in one.parity.dropped:
        yield f"  for the site alone: {name} ({number})"


def _links(broken: Sequence[Finding]) -> Iterator[str]:
    return (f"{finding.position.file}: {finding.message}" for finding in broken)


def _data(verdicts: Sequence[Verdict], broken: Sequence[Finding]) -> dict[str, Any]:
    pages = [
        {
            "ref": one.entry.ref, "path": one.entry.path, "holds": one.parity.holds, "missing": one.parity.missing,
            "counted": {tally.kind: tally.on_site for tally in one.parity.tallies}, "dropped": dict(one.parity.dropped),
        }
        for one in verdicts
    ]  # fmt: skip
    return {"pages": pages, "links": [{"page": finding.position.file, "words": finding.message} for finding in broken]}
