"""The site of a running preview server: after changes of cards and commits, only what they touch is made again."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generator.garbage_collection import suspend_collection
from generator.incremental.patch import Files, finish_journal, stage_files
from generator.incremental.project_update import can_be_updated, update_history_files
from generator.incremental.site_state import SiteState, SiteUpdates
from generator.incremental.update import PlannedUpdate, plan_update, render_update
from generator.input_state import BuildInputs, InputState, read_input_state
from generator.project import Project

_LONGEST_TICK = 50_000_000
"""The nanoseconds between two times of a file system, at most. Those with whole seconds are seen in the states."""


@dataclass
class ServedSite:
    """The last build of the whole book, and what was updated since."""

    project: Project
    state: SiteState
    updates: SiteUpdates
    inputs: BuildInputs
    before: InputState
    """The state of the inputs at the start of that build, or of the last update."""
    read_at: int
    """The time when it was read."""
    is_partial: bool = False
    """Whether an update ended after some of its files."""

    @suspend_collection()
    def update(self, site: Path, reload: Callable[[], None]) -> PlannedUpdate | None:
        """Update the site in place; None if the whole book has to be built.

        The pages of the changed cards come first. `reload` has browsers load them, and later the other pages.
        """
        # A file could have been edited again without another time.
        may_differ = self.is_partial or self.before.changed > self.read_at - _LONGEST_TICK
        if may_differ or not can_be_updated(self.project):
            return None
        read_at = time.time_ns()
        now = read_input_state(self.inputs)
        changed = now.find_changed_cards(self.before.cards) if now.rest == self.before.rest else None
        if changed is None:
            return None

        is_shown = False

        def show(files: Files) -> None:
            nonlocal is_shown
            is_shown = self.is_partial = True
            _patch_site(site, files)
            reload()

        inputs, has_new_history = self.inputs, now.history != self.before.history
        if has_new_history:
            inputs, now = update_history_files(self.project.root, inputs, now)
        update = plan_update(self.project, self.state, self.updates, changed, show, has_new_history=has_new_history)
        rendered = render_update(update, site) if update is not None else None
        if rendered is None:
            return None
        self.is_partial = True
        _patch_site(site, rendered.files)
        self.is_partial = False
        if is_shown:
            reload()
        self.updates, self.inputs = rendered.updates, inputs
        if now.changed <= read_at - _LONGEST_TICK:  # else a file could be edited again without another time
            self.before, self.read_at = now, read_at
        return update


def _patch_site(site: Path, files: Files) -> None:
    workspace = site.with_name(f"{site.name}.patch")
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir()
    try:
        stage_files(site, workspace, files)
        finish_journal(site, workspace)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def read_inputs(inputs: BuildInputs) -> tuple[BuildInputs, InputState, int]:
    """Return the inputs of a build with their state and the time when it was read, as `ServedSite` has them."""
    read_at = time.time_ns()
    return inputs, read_input_state(inputs), read_at
