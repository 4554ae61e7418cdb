"""The browser of the tests: Debian's Chromium, headless, with nothing of its own on the network."""

import os
import shutil

import pytest
from playwright.sync_api import Browser, Playwright

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip


def executable() -> str:
    """Where Chromium is; the test fails with the reason where there is none."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("there is no Chromium on PATH: run `bash tests/install-chromium.sh`, or set CHROMIUM")
    return found


def launch(playwright: Playwright) -> Browser:
    """A new headless Chromium."""
    return playwright.chromium.launch(executable_path=executable(), args=_FLAGS)
