"""Recognition of managed pages that the manifest does not have: after a killed run, or if the manifest is lost."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.gather import gathered
from generator.confluence.sync.manifest import UNFINISHED, Claim, ManifestEntry, MarkVersion
from generator.confluence.sync.states import Published
from generator.confluence.wiki import Page, Space, Status, Wiki
from generator.errors import UserError

_VERSIONS_OF_A_CREATION = 2
"""A page is created, and then its content state makes a version."""

TextOf = Callable[[str], str | None]
"""Returns the digest of the text that would be published now for a reference; None if the book does not have it."""


def find_claims(
    parents: Mapping[str, str | None], asked: Iterable[str], read: Callable[[str], Claim | None], host: str
) -> dict[str, Claim | None]:
    """Read the claims of pages, then of the pages around those that belong to the host, until there are no more.

    `parents` are all pages that may be managed, by id. Each costs one request, so pages that stand apart from every
    managed page are not read.
    """
    children: dict[str | None, list[str]] = {}
    for page_id, parent in parents.items():
        children.setdefault(parent, []).append(page_id)
    claims: dict[str, Claim | None] = {}
    wave = [page_id for page_id in asked if page_id in parents]
    while wave:
        found = gathered(read, wave)
        claims |= found
        around: dict[str, None] = {}
        for page_id, claim in found.items():
            if claim is not None and claim.host == host:
                around |= dict.fromkeys([*children.get(page_id, ()), parents[page_id] or ""])
        wave = [page_id for page_id in around if page_id in parents and page_id not in claims and page_id != host]
    return claims


def refuse_other_hosts(claims: Iterable[Claim | None], book: str, host: str, space: Space) -> None:
    """Raise UserError if the space has a book of the same name elsewhere and none here.

    It is not taken over, and not published a second time either.
    """
    hosts = [claim.host for claim in claims if claim is not None and claim.ref]
    if hosts and host not in hosts:
        raise UserError(
            f"the space {space.key} has a book named {book!r} below page {hosts[0]} already: "
            f"set `parent: {hosts[0]}`, or give this one another name with `book:`"
        )


def accept_claims(
    wiki: Wiki, pages: Collection[Page], claims: Mapping[str, Claim], text_of: TextOf
) -> dict[str, tuple[Published, Page]]:
    """Return marked pages by reference, with the version that was published last.

    A later version counts as published if it has the text that would be published now.
    """
    later = [page for page in pages if claims[page.id].version != page.version.number]
    bodies = wiki.pages([page.id for page in later], body=True) if later else {}
    found: dict[str, tuple[Published, Page]] = {}
    for page in sorted(pages, key=lambda each: (len(each.id), each.id)):
        claim = claims[page.id]
        version, digest = claim.version, claim.digest
        if page.id in bodies:
            text = text_digest(bodies[page.id].body or "")
            version, digest = (page.version.number if text == text_of(claim.ref) else claim.version), UNFINISHED
        mark = MarkVersion(claim.stored.id, claim.stored.version)
        entry = ManifestEntry(claim.ref, page.id, version, page.title, None, digest, mark=mark)
        found.setdefault(claim.ref, (Published(entry, recorded=False), page))
    return found


def accept_pending(wiki: Wiki, entries: Mapping[str, ManifestEntry], pages: Mapping[str, Page]) -> dict[str, Published]:
    """Return the pages that a killed run was writing, by reference, as far as it came with them."""
    pending = {
        ref: (entry, page)
        for ref, entry in entries.items()
        if entry.pending is not None
        and (page := pages.get(entry.page_id)) is not None
        and page.status is Status.CURRENT
    }
    ahead = [page.id for entry, page in pending.values() if page.version.number > entry.version]
    bodies = wiki.pages(ahead, body=True) if ahead else {}
    found: dict[str, Published] = {}
    for ref, (before, page) in pending.items():
        number, written = page.version.number, before.pending
        # Its files and labels may be written or not.
        entry = replace(before, digest=UNFINISHED, files=None, pending=None)
        if written is None or (number != entry.version and page.id not in bodies):
            continue
        if number == entry.version:
            found[ref] = Published(entry, owned=before.owned, recorded=False)
        elif number >= written.version and text_digest(bodies[page.id].body or "") == written.text:
            accepted = replace(entry, version=number, title=page.title, body=written.body)
            found[ref] = Published(accepted, owned=before.owned, recorded=False)
        elif number == written.version - 1 and page.title.endswith(f" ({ref} {page.id})"):  # it stepped aside
            accepted = replace(entry, version=number, title=page.title)
            found[ref] = Published(accepted, owned=before.owned, recorded=False)
    return found


def accept_creations(
    wiki: Wiki, candidates: Mapping[str, Page], begun: Mapping[str, ManifestEntry], text_of: TextOf
) -> dict[str, tuple[Published, Page]]:
    """Return the pages that a killed run created and could not mark, by reference.

    They are new, by this account, with the text that the run was going to write or that would be
    published now. `candidates` are unmarked pages with the title of a reference.
    """
    fresh = {ref: page for ref, page in candidates.items() if page.version.number <= _VERSIONS_OF_A_CREATION}
    if not fresh:
        return {}
    account = wiki.account().id
    bodies = wiki.pages([page.id for page in fresh.values() if page.version.author.id == account], body=True)
    found: dict[str, tuple[Published, Page]] = {}
    for ref, page in fresh.items():
        if page.id not in bodies:
            continue
        text, known = text_digest(bodies[page.id].body or ""), begun.get(ref)
        pending = known.pending if known is not None else None
        if pending is not None and text == pending.text:
            body = pending.body
        elif text == text_of(ref):
            body = ""
        else:
            continue
        labels = known.labels if known is not None else ()
        entry = ManifestEntry(ref, page.id, page.version.number, page.title, None, UNFINISHED, body, labels)
        found[ref] = (Published(entry, owned=False, recorded=False), page)
    return found
