"""`modelbook build`: build what has changed since the last build."""

import gc
import json
import os
from pathlib import Path

import click

from generator.cli.build_stamp import delete_stamp, find_stamp, read_stamp
from generator.cli.command import Command
from generator.cli.console import Line, print_line, print_lines
from generator.cli.options import FOLDER, baseline_option, project_option, quiet_option, require_book
from generator.input_state import read_input_state, start_list_site


@click.command(cls=Command)
@project_option
@click.option("--site-dir", type=FOLDER, help="Folder for the site.  [default: `site_dir` in mkdocs.yml]")
@baseline_option
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("--force", is_flag=True, help="Build the whole book, even if nothing has changed.")
@quiet_option
def build(
    root: Path, site_dir: Path | None, baseline: Path | None, *, strict: bool, force: bool, is_quiet: bool
) -> None:
    r"""Build the site.

    The new site replaces the old one when it is complete. If the build fails or is stopped, the old site stays as it
    is. All findings are shown; errors stop the build, unless the baseline lists them. If only cards have changed since
    the last build, only the pages that show the change are made. If nothing has, only the findings are shown.

    \b
      modelbook build --strict

    Exit status: 0 built or up to date, 1 findings or a failed build, 2 usage error.
    """
    require_book(root)
    path = find_stamp(root, site_dir)
    options = ("strict" if strict else "", str(baseline.absolute()) if baseline is not None else "")
    stamp = None if force or path is None else read_stamp(path)
    if stamp is not None and path is not None and stamp.options == options:
        # Meanwhile, this process reads the inputs and imports modules.
        list_states = start_list_site(Path(stamp.site))
        now = read_input_state(stamp.inputs)
        is_same = stamp.describes(now)
        if is_same and stamp.has_site(list_states()):
            shown = site_dir or root / os.path.relpath(stamp.site, root.resolve())
            print_lines(tuple(Line(*piece) for piece in json.loads(line)) for line in stamp.output)
            print_lines(stamp.problems, err=True)
            print_line(f"{shown}{os.sep} is up to date: {stamp.pages} pages")
            return
        if not is_same:
            gc.disable()  # the command ends before a search for garbage would pay
            from generator.cli.site_update import update_site  # noqa: PLC0415 - its imports take a second

            if update_site(root, site_dir, path, stamp, now, list_states):
                return
            gc.enable()
            list_states()  # so that the other process ends
    if force and path is not None:
        delete_stamp(path)
    from generator.cli.site_build import build_site  # noqa: PLC0415 - its imports take a second

    build_site(root, site_dir, baseline, path, options, strict=strict, is_quiet=is_quiet)
