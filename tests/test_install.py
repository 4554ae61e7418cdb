"""The scripts that `make` calls where something is missing: quiet, or helpful, and never a riddle."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent
TOOLS = ("bash", "chmod", "dirname", "env", "mktemp", "rm", "tail", "true")
HAS_VENV = 'case "$*" in *version_info*) echo python3.12-venv;; *) test -e "$(dirname "$0")/venv-is-there";; esac'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with nothing on it but the shell's own tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def put(machine: Path, name: str, script: str) -> None:
    path = machine / name
    path.write_text(f"#!{machine}/bash\n{script}\n", "utf-8")
    path.chmod(0o755)


def run(machine: Path, script: str) -> tuple[int, str]:
    bash = str(machine / "bash")
    done = subprocess.run(
        [bash, str(SCRIPTS / script)], env={"PATH": str(machine)}, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def apt(machine: Path, installs: dict[str, str]) -> None:
    """An apt-get that knows some packages: what it was asked is in `asked`, what a package brings is made."""
    cases = ["update) ;;", *(f"*' {package}') {brings};;" for package, brings in installs.items())]
    cases.append('*) echo "E: no such package"; exit 100;;')
    put(machine, "apt-get", "\n".join([f'echo "$*" >> {machine}/asked', 'case "$*" in', *cases, "esac"]))


def asked(machine: Path) -> list[str]:
    return [line.split()[-1] for line in (machine / "asked").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_on_path_is_enough(machine, name):
    put(machine, name, "exit 1")
    assert run(machine, "install-chromium.sh") == (0, "")


def test_a_python_with_venv_is_enough(machine):
    put(machine, "python3", HAS_VENV)
    (machine / "venv-is-there").touch()
    assert run(machine, "install-venv.sh") == (0, "")


@pytest.mark.parametrize("name", ["chromium", "chromium-browser"])
def test_the_browser_is_installed_under_either_name(machine, name):
    put(machine, "id", "echo 0")
    apt(machine, {name: f"echo > {machine}/{name}; chmod +x {machine}/{name}"})
    assert run(machine, "install-chromium.sh")[0] == 0
    assert asked(machine) == ["update", *["chromium", "chromium-browser"][: 1 + (name != "chromium")]]


@pytest.mark.parametrize("name", ["python3.12-venv", "python3-venv"])
def test_venv_is_installed_for_this_python_or_the_systems(machine, name):
    put(machine, "id", "echo 0")
    put(machine, "python3", HAS_VENV)
    apt(machine, {name: f"echo > {machine}/venv-is-there"})
    assert run(machine, "install-venv.sh")[0] == 0
    assert asked(machine)[-1] == name


@pytest.mark.parametrize(
    ("script", "wanted"), [("install-chromium.sh", "chromium"), ("install-venv.sh", "python3-venv")]
)
def test_without_the_right_to_install_it_says_what_to_do(machine, script, wanted):
    put(machine, "id", "echo 1000")
    put(machine, "python3", HAS_VENV)
    apt(machine, {})
    put(machine, "sudo", "exit 1")
    status, said = run(machine, script)
    assert status == 1
    assert "needs root or a sudo that asks for no password" in said
    assert wanted in said
    assert not (machine / "asked").exists()


@pytest.mark.parametrize("script", ["install-chromium.sh", "install-venv.sh"])
def test_it_installs_by_a_sudo_that_asks_nothing(machine, script):
    put(machine, "id", "echo 1000")
    put(machine, "python3", HAS_VENV)
    put(machine, "sudo", 'test "$1" = -n && shift && exec "$@"')
    browser = f"echo > {machine}/chromium; chmod +x {machine}/chromium"
    apt(machine, {"chromium": browser, "python3.12-venv": f"echo > {machine}/venv-is-there"})
    assert run(machine, script)[0] == 0


@pytest.mark.parametrize("script", ["install-chromium.sh", "install-venv.sh"])
def test_what_apt_get_says_is_shown_when_it_fails(machine, script):
    put(machine, "id", "echo 0")
    put(machine, "python3", HAS_VENV)
    apt(machine, {})
    status, said = run(machine, script)
    assert status == 1
    assert "E: no such package" in said
