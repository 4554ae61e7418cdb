"""Headless Chromium without network traffic of its own."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip


def find_chromium() -> str:
    """Return the path of Chromium; fail the test if it is not installed."""
    names = [os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("there is no Chromium on PATH: run `bash tests/install-chromium.sh`, or set CHROMIUM")
    return found


def launch_chromium(playwright: Playwright) -> Browser:
    """Start a headless Chromium."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=_FLAGS)


def open_page(tab: Page, file: Path, width: int = 1280, scheme: str = "light") -> Page:
    """Open a file of a site on a screen of this width."""
    set_screen(tab, width, scheme).goto(file.as_uri())
    return tab


def set_screen(tab: Page, width: int, scheme: str = "light") -> Page:
    """Show the pages of a tab on a screen of this width."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(media="screen", color_scheme="dark" if scheme == "dark" else "light")
    return tab
