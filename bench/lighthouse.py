"""The accessibility scores of Lighthouse for a page of each kind in the demo site."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.books import REPOSITORY
from tests.browser import find_chromium
from tests.sites import PAGES_OF_EACH_KIND, build, serve_folder

LOWEST = 0.97
SCREENS = {"phone": "--form-factor=mobile", "desktop": "--preset=desktop"}
OUT = Path(__file__).with_name("out")
"""For the installed program and the site; git ignores it."""
PINS = REPOSITORY / "requirements/lighthouse"
_FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"


def install() -> Path:
    """Install the pinned Lighthouse with npm, unless it is installed; return its program.

    To pin another version, change package.json, and run
    `npm install --package-lock-only --omit-lockfile-registry-resolved` in its folder.
    """
    folder = OUT / "lighthouse"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (PINS / "package-lock.json").read_bytes()
    installed, program = folder / "package-lock.json", folder / "node_modules/.bin/lighthouse"
    if not (program.is_file() and installed.is_file() and installed.read_bytes() == lock):
        shutil.copy(PINS / "package.json", folder)
        installed.write_bytes(lock)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return program


def audit(program: Path, address: str, screen: str) -> dict[str, Any]:
    """Return the report on the accessibility of a page."""
    options = [
        SCREENS[screen],
        "--only-categories=accessibility",
        "--disable-full-page-screenshot",
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        f"--chrome-flags={_FLAGS}",
    ]
    environment = {**os.environ, "CHROME_PATH": find_chromium()}
    done = subprocess.run([program, address, *options], env=environment, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    if "runtimeError" in report:
        raise RuntimeError(report["runtimeError"]["message"])
    return report


def list_failures(report: dict[str, Any]) -> Iterator[str]:
    """List the audits that lower the score of a report, each with its first elements."""
    for reference in report["categories"]["accessibility"]["auditRefs"]:
        failed = report["audits"][reference["id"]]
        if reference["weight"] and failed["score"] is not None and failed["score"] < 1:
            elements = [item.get("node", {}).get("snippet", "") for item in failed.get("details", {}).get("items", [])]
            yield f"{failed['id']}: {' '.join(elements[:3])}"


def main() -> None:
    """Print the score of each page; fail if one is too low."""
    program = install()
    site = OUT / "site"
    build(REPOSITORY, site)
    print(f"| page | {' | '.join(SCREENS)} |")
    print(f"|---|{'---|' * len(SCREENS)}")
    failures: dict[str, str] = {}
    lowest = 1.0
    with serve_folder(site) as address:
        for path in PAGES_OF_EACH_KIND:
            reports = {screen: audit(program, address + path, screen) for screen in SCREENS}
            scores = [report["categories"]["accessibility"]["score"] for report in reports.values()]
            lowest = min([lowest, *scores])
            print(f"| {path} | {' | '.join(f'{score:.2f}' for score in scores)} |", flush=True)
            for screen, report in reports.items():
                for failure in list_failures(report):
                    failures.setdefault(failure, f"{path} ({screen})")
    for failure, where in failures.items():
        print(f"\n{where}: {failure}")
    if lowest < LOWEST:
        sys.exit(f"\nlowest score {lowest:.2f}: expected at least {LOWEST}")
