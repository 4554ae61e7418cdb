"""The pinned requirements: complete, with hashes, and without an index."""

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.books import REPOSITORY

FOLDER = REPOSITORY / "requirements"
ENGINES = ("engine-properdocs", "engine-zensical", "engine-materialx")
FILES = ("run.txt", "demo.txt", "mcp.txt", "cluster.txt", "dev.txt", "bench.txt", *(f"{name}.txt" for name in ENGINES))
SYSTEMS = ("manylinux", "aarch64", "macosx", "win_amd64")


def pins(name: str) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Map each package to its pins, with their hashes."""
    joined = (FOLDER / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for line in lines:
        requirement = Requirement(line.partition(" --hash")[0])
        hashes = re.findall(r"--hash=(\S+)", line)
        found.setdefault(canonicalize_name(requirement.name), []).append((requirement, hashes))
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_hashes(name):
    for requirement, hashes in (pin for several in pins(name).values() for pin in several):
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


@pytest.mark.parametrize("name", FILES)
def test_no_requirement_names_an_index_or_a_machine(name):
    text = (FOLDER / name).read_text("utf-8")
    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host|(?m:^-)| @ ", text)


@pytest.mark.parametrize("name", ["wasmtime", "pydantic-core", "lxml", "resvg-py"])
def test_hashes_include_the_wheels_of_every_system(name):
    # wheels for Linux (x86-64, aarch64), macOS and Windows, so more than one machine's file
    ((_, hashes),) = pins("run.txt")[name]
    assert len(hashes) >= len(SYSTEMS)


def test_dependencies_are_pinned_within_their_range():
    needed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pinned = pins("run.txt")
    for requirement in map(Requirement, needed):
        versions = [str(pin.specifier).removeprefix("==") for pin, _ in pinned[canonicalize_name(requirement.name)]]
        assert all(requirement.specifier.contains(version) for version in versions), requirement


@pytest.mark.parametrize("name", ["demo", "mcp", "cluster", "dev", "bench", *ENGINES])
def test_every_tool_is_pinned(name):
    lines = (FOLDER / f"{name}.in").read_text("utf-8").splitlines()
    tools = {canonicalize_name(Requirement(line).name) for line in lines if line and line[0] not in "#-"}
    assert tools <= pins(f"{name}.txt").keys()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("run.txt", "dev.txt"),
        ("run.txt", "demo.txt"),
        ("demo.txt", "dev.txt"),
        ("run.txt", "mcp.txt"),
        ("mcp.txt", "dev.txt"),
        ("run.txt", "cluster.txt"),
        ("cluster.txt", "dev.txt"),
        ("run.txt", "engine-properdocs.txt"),
    ],
)
def test_two_environments_have_the_same_version_of_a_package(first, second):
    held, other = pins(first), pins(second)
    for name in held.keys() & other.keys():
        assert {str(pin.specifier) for pin, _ in other[name]} <= {str(pin.specifier) for pin, _ in held[name]}


@pytest.mark.parametrize("extra", ["cluster", "demo", "mcp"])
def test_every_extra_is_pinned(extra):
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    lines = (FOLDER / f"{extra}.in").read_text("utf-8").splitlines()
    assert extras[extra] == [line for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize("name", ["cryptography", "cffi", "rpds-py", "pydantic-core"])
def test_hashes_of_the_server_for_agents_include_the_wheels_of_every_system(name):
    pinned = [hashes for _, hashes in pins("mcp.txt")[name]]
    assert min(map(len, pinned)) >= len(SYSTEMS)


def test_make_installs_only_with_hashes():
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    assert "--require-hashes" in re.search(r"^INSTALL := (.+)$", makefile, re.M)[1]  # type: ignore[index]
    installs = [line for line in makefile.splitlines() if "pip install" in line and not line.startswith("INSTALL")]
    assert [line for line in installs if "--no-deps --editable ." not in line] == []


def test_every_package_of_lighthouse_has_a_hash_and_no_address():
    lock = json.loads((FOLDER / "lighthouse/package-lock.json").read_text("utf-8"))
    own, *packages = lock["packages"].values()
    wanted = json.loads((FOLDER / "lighthouse/package.json").read_text("utf-8"))["dependencies"]
    assert own["dependencies"] == wanted
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    assert packages
    for package in packages:
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
