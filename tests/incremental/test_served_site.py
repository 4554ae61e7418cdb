"""The state of a served site after an update that has ended early."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator.incremental import served_site
from generator.incremental.served_site import ServedSite
from generator.input_state import BuildInputs, read_input_state


def test_no_update_follows_one_that_has_shown_its_first_pages_only(tmp_path, monkeypatch):
    (tmp_path / "site").mkdir()
    inputs, plans = BuildInputs(str(tmp_path / "cards"), (), (), (), (), has_local_day=False, has_utc_day=False), []

    def plan(*arguments: Any, **_: object) -> None:
        plans.append(arguments)
        arguments[4]({"index.html": b"changed"})

    monkeypatch.setattr(served_site, "can_be_updated", lambda _: True)
    monkeypatch.setattr(served_site, "plan_update", plan)
    state: Any = None
    served = ServedSite(state, state, state, inputs, read_input_state(inputs), 2**62)
    for _ in range(2):
        assert served.update(Path(tmp_path / "site"), lambda: None) is None
    assert len(plans) == 1


def test_no_update_follows_one_that_could_not_write_all_files(tmp_path, monkeypatch):
    inputs, plans = BuildInputs(str(tmp_path / "cards"), (), (), (), (), has_local_day=False, has_utc_day=False), []

    def plan(*arguments: Any, **_: object) -> str:
        plans.append(arguments)
        return "planned"

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(served_site, "can_be_updated", lambda _: True)
    monkeypatch.setattr(served_site, "plan_update", plan)
    monkeypatch.setattr(served_site, "render_update", lambda *_: SimpleNamespace(files={}))
    monkeypatch.setattr(served_site, "_patch_site", fail)
    state: Any = None
    served = ServedSite(state, state, state, inputs, read_input_state(inputs), 2**62)
    with pytest.raises(OSError):  # noqa: PT011 - an error of the system without a text
        served.update(tmp_path / "site", lambda: None)
    assert served.update(tmp_path / "site", lambda: None) is None
    assert len(plans) == 1
