"""An update of the site after changes of cards only, without MkDocs."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from generator.cache_files import read_cache_digest, read_cache_file, write_cache_file
from generator.cli.build_report import render_report, serialise_line
from generator.cli.build_stamp import CARDS, KEPT_FILES, BuildStamp, find_kept_file, write_stamp
from generator.cli.console import print_line, print_lines
from generator.cli.staging import stage_site
from generator.findings import Severity
from generator.input_state import InputState, list_site, read_cards_state, read_days

_ATTEMPTS = 5
_PAUSE = 0.02


def update_site(root: Path, site_dir: Path | None, path: Path, stamp: BuildStamp, now: InputState) -> bool:
    """Update the site, if only the contents of cards have changed since its build; else return False.

    Args:
        root: The folder of the book.
        site_dir: The folder for the site, as the user has given it.
        path: The path of the stamp.
        stamp: The stamp of the site as it is.
        now: The state of the inputs now.

    """
    started, days, site = time.monotonic(), read_days(), Path(stamp.site)
    kept = [find_kept_file(path, name) for name in KEPT_FILES]
    if now.rest != stamp.state or not stamp.kept or tuple(map(read_cache_digest, kept)) != stamp.kept:
        return False
    before = read_cache_file(find_kept_file(path, CARDS))
    changed = now.find_changed_cards(before) if before is not None else None
    if changed is None:
        return False
    # These imports take longer than the rest.
    from generator.incremental.site_state import (  # noqa: PLC0415
        BOOK,
        SITE,
        UPDATES,
        VERSION,
        read_site_state,
        read_site_updates,
        write_site_updates,
    )
    from generator.incremental.slices import DamagedStateError  # noqa: PLC0415
    from generator.incremental.state import read_state  # noqa: PLC0415
    from generator.incremental.update import plan_update, render_update  # noqa: PLC0415

    with stage_site(site) as staged:
        if not _are_settled(staged.workspace, stamp, now):
            return False
        book = read_state(find_kept_file(path, BOOK), VERSION)
        state, updates = read_site_state(find_kept_file(path, SITE)), read_site_updates(find_kept_file(path, UPDATES))
        if book is None or state is None or updates is None:
            return False
        try:
            update = plan_update(book.project, state, updates, changed)
            has_errors = update is not None and update.has_errors
            rendered = render_update(update, site) if update is not None and not has_errors else None
        except DamagedStateError:
            return False
        if update is None or (rendered is None and not has_errors) or (has_errors and stamp.problems):
            return False
        has_warnings = any(finding.severity is not Severity.INFO for finding in update.findings)
        is_strict = "strict" in stamp.options
        lines = render_report(root, update.findings, update.known)
        if has_errors or (is_strict and (has_warnings or stamp.problems)):
            print_lines(lines)
            print_lines(stamp.problems, err=True)
            sys.exit(1)
        assert rendered is not None, "there is no error"
        files, updates, pages = rendered
        replaced = [(name, content) for name, content in files.items() if content is not None]
        removed = [name for name, content in files.items() if content is None]
        if days != read_days() or not staged.patch_site(replaced, removed):
            return False
        listing = list_site(site)
    print_lines(lines)
    print_lines(stamp.problems, err=True)
    write_site_updates(find_kept_file(path, UPDATES), updates)
    write_cache_file(find_kept_file(path, CARDS), now.cards)
    done = replace(
        stamp,
        cards=now.cards_digest,
        kept=tuple(map(read_cache_digest, kept)),
        listing=listing,
        output=tuple(map(serialise_line, lines)),
    )
    write_stamp(path, done)
    seconds = time.monotonic() - started
    shown = (site_dir or root / os.path.relpath(site, root.resolve())) / "index.html"
    print_line(f"updated {pages:,} of {stamp.pages:,} pages in {seconds:.1f} s; open {shown}")
    return True


def _are_settled(workspace: Path, stamp: BuildStamp, now: InputState) -> bool:
    """Return whether the states of the cards would differ if a file were edited from now on.

    The clock of the file system can be coarse: two changes can have one time.
    """
    for _ in range(_ATTEMPTS):
        clock = workspace / "clock"
        clock.unlink(missing_ok=True)
        clock.touch()
        if now.changed < clock.stat().st_mtime_ns:
            return read_cards_state(stamp.inputs)[0] == now.cards
        time.sleep(_PAUSE)
    return False
