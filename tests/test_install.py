"""The scripts with which `make` installs what is missing: silent on success, with a fix on failure."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent
TOOLS = ("bash", "chmod", "dirname", "env", "mktemp", "rm", "tail", "true")
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser"]
HAS_VENV = 'case "$*" in *version_info*) echo python3.12-venv;; *) test -e "$(dirname "$0")/venv-is-installed";; esac'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a PATH folder that has only the tools of the shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def add_program(machine: Path, name: str, script: str) -> None:
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


def add_apt_get(machine: Path, installs: dict[str, str]) -> None:
    """Add an apt-get that has some packages, and the script that each one runs; its calls are in `calls`."""
    cases = ["update) ;;", *(f"*' {package}') {brings};;" for package, brings in installs.items())]
    cases.append('*) echo "E: no such package"; exit 100;;')
    add_program(machine, "apt-get", "\n".join([f'echo "$*" >> {machine}/calls', 'case "$*" in', *cases, "esac"]))


def list_apt_calls(machine: Path) -> list[str]:
    return [line.split()[-1] for line in (machine / "calls").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", [*BROWSERS, "google-chrome"])
def test_nothing_is_installed_if_a_browser_is_on_path(machine, name):
    add_program(machine, name, "exit 1")
    assert run(machine, "install-chromium.sh") == (0, "")


def test_nothing_is_installed_if_python_has_venv(machine):
    add_program(machine, "python3", HAS_VENV)
    (machine / "venv-is-installed").touch()
    assert run(machine, "install-venv.sh") == (0, "")


@pytest.mark.parametrize("name", BROWSERS)
def test_the_browser_is_installed_under_any_name(machine, name):
    add_program(machine, "id", "echo 0")
    add_apt_get(machine, {name: f"echo > {machine}/{name}; chmod +x {machine}/{name}"})
    assert run(machine, "install-chromium.sh")[0] == 0
    assert list_apt_calls(machine) == ["update", *BROWSERS[: 1 + BROWSERS.index(name)]]


@pytest.mark.parametrize("name", ["python3.12-venv", "python3-venv"])
def test_venv_is_installed_for_this_python_or_the_default_one(machine, name):
    add_program(machine, "id", "echo 0")
    add_program(machine, "python3", HAS_VENV)
    add_apt_get(machine, {name: f"echo > {machine}/venv-is-installed"})
    assert run(machine, "install-venv.sh")[0] == 0
    assert list_apt_calls(machine)[-1] == name


@pytest.mark.parametrize(
    ("script", "wanted"), [("install-chromium.sh", "chromium"), ("install-venv.sh", "python3-venv")]
)
def test_missing_permissions_are_reported_with_a_fix(machine, script, wanted):
    add_program(machine, "id", "echo 1000")
    add_program(machine, "python3", HAS_VENV)
    add_apt_get(machine, {})
    add_program(machine, "sudo", "exit 1")
    status, stderr = run(machine, script)
    assert status == 1
    assert "needs root or a sudo that asks for no password" in stderr
    assert wanted in stderr
    assert not (machine / "calls").exists()


@pytest.mark.parametrize("script", ["install-chromium.sh", "install-venv.sh"])
def test_sudo_without_a_password_is_used(machine, script):
    add_program(machine, "id", "echo 1000")
    add_program(machine, "python3", HAS_VENV)
    add_program(machine, "sudo", 'test "$1" = -n && shift && exec "$@"')
    browser = f"echo > {machine}/chromium; chmod +x {machine}/chromium"
    add_apt_get(machine, {"chromium": browser, "python3.12-venv": f"echo > {machine}/venv-is-installed"})
    assert run(machine, script)[0] == 0


@pytest.mark.parametrize("script", ["install-chromium.sh", "install-venv.sh"])
def test_an_error_of_apt_get_is_shown(machine, script):
    add_program(machine, "id", "echo 0")
    add_program(machine, "python3", HAS_VENV)
    add_apt_get(machine, {})
    status, stderr = run(machine, script)
    assert status == 1
    assert "E: no such package" in stderr
