"""The file mkdocs.yml, for commands that start before its settings can be read."""

import re
from pathlib import Path

FILE = "mkdocs.yml"
_SITE_DIR = re.compile(
    r"^site_dir: *(?!(?i:null|true|false|yes|no|on|off)\b)([\w./-]*[A-Za-z][\w./-]*)(?: +#.*)?$", re.MULTILINE
)


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
