"""Whether an address of the site and a name of the wiki mean the same page, file or host."""

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes, urldefrag, urljoin, urlsplit

from tests.confluence.parity.items import Item, letters

_ROOT = "https://site.invalid/"
"""Stands for the site while addresses are joined; the name is reserved, so no real link has it."""
_LONGEST = 160
"""So much of a long file name's end stays in the wiki's, whatever else it cuts off."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The page's place in the book."""

    path: str
    title: str
    names: Mapping[str, str]
    """How each published page is named in links, by its path: its title, or its content id."""
    site_url: str | None = None
    unpublished: frozenset[str] = frozenset()
    """The paths of the site's pages that are not published."""


def is_plain_text_in_wiki(href: str, around: Surroundings) -> bool:
    """Return whether only the text of a link remains: it points to an unpublished page of a site without an address."""
    full = urldefrag(_joined(href, around))[0]
    path = _path(full)
    is_unpublished = not around.unpublished.isdisjoint((path, f"{path}index.html"))
    return around.site_url is None and full.startswith(_ROOT) and is_unpublished


def leads_alike(href: str, other: Item, around: Surroundings) -> bool:
    """Return whether a link of the wiki leads where an address of the site does."""
    full, fragment = urldefrag(_joined(href, around))
    if not full.startswith(_ROOT):
        return other.target in {href, f"https:{href}"}
    path = _path(full)
    published = next((choice for choice in (path, f"{path}index.html") if choice in around.names), None)
    if published is None:
        return _is_file(path, other.target) or _is_on_site(path, other.target, around)
    anchor = "" if fragment == "top" else unquote(fragment)
    own = {""} if published == around.path and anchor else set[str]()
    return _is_anchor(anchor, other.anchor) and other.target in {f"page:{around.names[published]}", *own}


def shows_alike(source: str, target: str, around: Surroundings) -> bool:
    """Return whether an image of the wiki is the file, the drawing or the address that the site shows."""
    address = source.strip()
    if address.startswith("diagram:"):
        return target == f"file:diagram-{address.removeprefix('diagram:')}.png"
    if address.lower().startswith("data:"):
        return _digest(address)[:12] in target.removeprefix("file:").split(".")[0].split("-")
    full = _joined(address, around)
    return _is_file(_path(full), target) if full.startswith(_ROOT) else target in {address, f"https:{address}"}


def _is_anchor(identifier: str, name: str) -> bool:
    """Whether a name is that of the id: the id itself, or one with a mark behind it where a name cannot hold a sign."""
    plain = all(letter.isalnum() or letter in "._-" for letter in identifier)
    marked = letters(name).startswith(letters(identifier)) and letters(name) != letters(identifier)
    return name == identifier if plain else marked


def _joined(address: str, around: Surroundings) -> str:
    """Return the address in full; with the site's own host and folder taken off, where it names them."""
    own = (around.site_url or _ROOT).rstrip("/") + "/"
    folder = urlsplit(own).path
    within = next((prefix for prefix in (own, folder) if address.startswith(prefix)), None)
    return urljoin(urljoin(_ROOT, around.path), address if within is None else _ROOT + address[len(within) :])


def _path(full: str) -> str:
    return unquote(urlsplit(full).path).lstrip("/")


def _is_file(path: str, target: str) -> bool:
    """Return whether an attachment has the name of the whole path, but for the signs that a name cannot hold."""
    if not target.startswith("file:"):
        return False
    name, wanted = letters(target.removeprefix("file:")), letters(path)
    return name == wanted or (len(path) > _LONGEST and name.endswith(wanted[-_LONGEST // 2 :]))


def _is_on_site(path: str, target: str, around: Surroundings) -> bool:
    return around.site_url is not None and unquote(target).startswith(f"{around.site_url.rstrip('/')}/{path}")


def _digest(address: str) -> str:
    """Return the digest of the bytes that an address holds itself; of none if it is malformed."""
    head, _, body = address.partition(",")
    raw = unquote_to_bytes(body)
    try:
        content = b64decode(raw, validate=True) if head.endswith(";base64") else raw
    except (Base64Error, ValueError):
        content = b""
    return hashlib.sha256(content).hexdigest()
