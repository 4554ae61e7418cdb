"""An update of the site after changes of cards and commits, without MkDocs."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from generator.cache_files import read_cache_file, write_cache_file
from generator.cli.build_report import describe_stop, render_report, serialise_line
from generator.cli.build_stamp import BuildStamp, read_stamp, write_stamp
from generator.cli.console import print_line, print_lines
from generator.cli.staging import stage_site
from generator.findings import Severity
from generator.incremental.kept_files import BOOK, CARDS, SITE, UPDATES, find_kept_file, read_digests
from generator.incremental.slices import DamagedStateError
from generator.input_state import (
    InputState,
    digest_states,
    list_site,
    read_cards_state,
    read_days,
    read_history_state,
    update_site_list,
)

if TYPE_CHECKING:
    from generator.incremental.update import PlannedUpdate

_ATTEMPTS = 5
_PAUSE = 0.02


def update_site(
    root: Path, site_dir: Path | None, path: Path, stamp: BuildStamp, now: InputState, list_states: Callable[[], bytes]
) -> bool:
    """Update the site, if only cards and their history have changed since; else return False.

    `path` is that of the stamp, `now` is the state of the inputs, and `list_states` lists those of the files of the
    site.
    """
    started, days, site = time.monotonic(), read_days(), Path(stamp.site)
    changed = _find_changed_cards(path, stamp, now)
    if changed is None:
        return False
    # These imports take longer than the rest.
    from generator.checks.redaction import read_redacted_files  # noqa: PLC0415
    from generator.incremental.project_update import update_history_files  # noqa: PLC0415
    from generator.incremental.site_state import write_site_updates  # noqa: PLC0415
    from generator.incremental.update import render_update  # noqa: PLC0415

    site_states = list_states()
    if not stamp.has_site(site_states):
        return False
    last, has_new_history = stamp, now.history != stamp.history
    if has_new_history:
        inputs, now = update_history_files(root.resolve(), stamp.inputs, now)
        stamp = replace(stamp, inputs=inputs)
    with stage_site(site) as staged:
        is_settled = _are_settled(staged.workspace, stamp, now)
        planned = _plan(path, changed, has_new_history=has_new_history) if is_settled else None
        if planned is None or (planned.has_errors and stamp.problems):
            return False
        texts = read_redacted_files(root, {finding.position.file for finding in planned.findings})
        lines = render_report(planned.findings, texts, planned.known)
        has_warnings = bool(stamp.problems) or any(each.severity is not Severity.INFO for each in planned.findings)
        if planned.has_errors or ("strict" in stamp.options and has_warnings):
            print_lines(lines)
            print_lines([*stamp.problems, describe_stop(has_errors=planned.has_errors)], err=True)
            sys.exit(1)
        rendered = None
        with suppress(DamagedStateError):
            rendered = render_update(planned, site)
        if rendered is None or days != read_days():
            return False
        if not staged.patch_site(rendered.files, lambda: read_stamp(path) == last):
            return False
        replaced = None
        if all(content is not None for content in rendered.files.values()):
            with suppress(OSError):
                replaced = update_site_list(site_states, site, rendered.files)
        listing = digest_states(list_site(site) if replaced is None else replaced)
        # Before another build can start from this site.
        write_site_updates(find_kept_file(path, UPDATES), rendered.updates)
        write_cache_file(find_kept_file(path, CARDS), now.cards)
        output = tuple(map(serialise_line, lines))
        kept = read_digests(path)
        stamp = replace(stamp, pages=stamp.pages + rendered.added)
        done = replace(stamp, history=now.history, cards=now.cards_digest, kept=kept, listing=listing, output=output)
        write_stamp(path, done)
    print_lines(lines)
    print_lines(stamp.problems, err=True)
    seconds = time.monotonic() - started
    shown = (site_dir or root / os.path.relpath(site, root.resolve())) / "index.html"
    print_line(f"updated {rendered.pages:,} of {stamp.pages:,} pages in {seconds:.1f} s; open {shown}")
    return True


def _find_changed_cards(path: Path, stamp: BuildStamp, now: InputState) -> tuple[str, ...] | None:
    """Find the changed files of cards; None if anything else has changed, or if the build has kept no files."""
    if now.rest != stamp.state or not stamp.kept or read_digests(path) != stamp.kept:
        return None
    before = read_cache_file(find_kept_file(path, CARDS))
    return now.find_changed_cards(before) if before is not None else None


def _plan(path: Path, changed: tuple[str, ...], *, has_new_history: bool) -> "PlannedUpdate | None":
    """Plan the update by the kept files; None if they are damaged, or if the whole book has to be built."""
    from generator.incremental.site_state import read_site_state, read_site_updates  # noqa: PLC0415 - as above
    from generator.incremental.state import read_project  # noqa: PLC0415
    from generator.incremental.update import plan_update  # noqa: PLC0415

    project = read_project(find_kept_file(path, BOOK))
    state, updates = read_site_state(find_kept_file(path, SITE)), read_site_updates(find_kept_file(path, UPDATES))
    if project is None or state is None or updates is None:
        return None
    with suppress(DamagedStateError):
        return plan_update(project, state, updates, changed, has_new_history=has_new_history)
    return None


def _are_settled(workspace: Path, stamp: BuildStamp, now: InputState) -> bool:
    """Return whether the states would differ if a file of a card or of git were changed from now on.

    The clock of the file system can be coarse: two changes can have one time.
    """
    for _ in range(_ATTEMPTS):
        clock = workspace / "clock"
        clock.unlink(missing_ok=True)
        clock.touch()
        if now.changed < clock.stat().st_mtime_ns:
            cards, history = read_cards_state(stamp.inputs)[0], read_history_state(stamp.inputs)[0]
            return (cards, history) == (now.cards, now.history)
        time.sleep(_PAUSE)
    return False
