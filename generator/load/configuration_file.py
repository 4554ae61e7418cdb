"""The file mkdocs.yml, for commands that start before its settings can be read."""

import re
from pathlib import Path

from generator.errors import UserError

FILE = "mkdocs.yml"
_SITE_DIR = re.compile(
    r"^site_dir: *(?!(?i:null|true|false|yes|no|on|off)\b)([\w./-]*[A-Za-z][\w./-]*)(?: +#.*)?$", re.MULTILINE
)


def require_book(root: Path) -> None:
    """Raise UserError if the folder is not a book."""
    try:
        text = (root / FILE).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        raise build_missing_book_error(root) from None
    # MkDocs would replace the site with one that has no cards.
    if "modelbook" not in text and "INHERIT" not in text:
        raise UserError(f"{FILE} does not use the plugin: add `modelbook` under `plugins`")


def build_missing_book_error(root: Path) -> UserError:
    """Build the error about a folder that is not a book."""
    what = f"no {FILE} in {root}" if root.is_dir() else f"no folder {root}"
    return UserError(f"{what}: run the command in a book's folder, or make one with `modelbook init DIR`")


def find_site_dir(root: Path) -> str | None:
    """Find the folder for the site if mkdocs.yml names it in the usual way, or not at all; else return None."""
    try:
        text = (root / FILE).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    found = _SITE_DIR.findall(text)
    if len(found) > 1 or len(found) != text.count("site_dir"):
        return None
    return found[0] if found else "site"
