"""Recognition of managed pages that the manifest does not have: after a killed run, or if the manifest is lost."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress

from msgspec.structs import replace

from generator.confluence.built import PageEntry
from generator.confluence.rest import Wiki
from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.draft import TitleHolder, fold_title, list_candidates, list_new_titles
from generator.confluence.sync.manifest import UNFINISHED, Claim, ManifestEntry, MarkVersion, parse_claim
from generator.confluence.sync.parallel import fetch_each
from generator.confluence.sync.states import Snapshot
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import NoPermission, NotFound, Page, ParentKind, Status
from generator.errors import UserError
from generator.grouping import group_pairs

_VERSIONS_OF_A_CREATION = 2
"""A page is created, and then its content state makes a version."""
_A_LISTING_IS_CHEAPER = 4
"""Titles from which on the whole space is listed instead of asking for each."""
_FEW_TOPS = 20
"""Pages directly below the parent that are asked whether they are ours, whatever their titles are."""

TextOf = Callable[[str], str | None]
"""Returns the digest of the text that would be published now for a reference; None if the book does not have it."""
ReadClaim = Callable[[str], Claim | None]


def settle_titles(
    wiki: Wiki, snapshot: Snapshot, entries: Collection[PageEntry], settings: PublishSettings, text_of: TextOf
) -> tuple[Snapshot, dict[str, TitleHolder]]:
    """Find the managed pages that the manifest does not have, and the holders of titles that pages would newly take.

    A page that was restored, or that a killed run created, is taken up again with its history and its comments. It
    costs one request for each page that is not in the manifest and has one of the titles.
    """
    host, begun = snapshot.host, snapshot.manifest.begun
    refs = {
        fold_title(title): entry.ref
        for entry in entries
        for title in reversed(list_candidates(entry.ref, entry.title, settings))
    }
    claims: dict[str, Claim | None] = {}

    def read(page_id: str) -> Claim | None:
        try:
            return parse_claim(wiki.properties(page_id), settings.book, page_id)
        except (NotFound, NoPermission):
            return None

    if not snapshot.manifest.intact:
        claims, below = _search_parent(wiki, snapshot, refs, read)
        snapshot = snapshot.with_found(recognize_pages(wiki, below, begun, text_of))
    wanted = {entry.ref: entry.title for entry in entries}
    titles = [*list_new_titles(wanted, snapshot.holding, settings), *(entry.title for entry in begun.values())]
    known = {each.page_id for each in snapshot.published.values()}
    titled = [page for page in _list_titled(wiki, snapshot, titles) if page.id not in known]
    claims |= fetch_each(read, [page.id for page in titled if page.id not in claims])
    hosts = [claim.host for claim in claims.values() if claim is not None and claim.ref]
    if hosts and host not in hosts and not snapshot.published:
        # A book of the same name elsewhere is not taken over, and not published a second time either.
        raise UserError(
            f"the space {snapshot.space.key} has a book named {settings.book!r} below page {hosts[0]} already: "
            f"set `parent: {hosts[0]}`, or give this one another name with `book:`"
        )
    refs |= {fold_title(entry.title): ref for ref, entry in begun.items()}
    ours = {page.id: each.ref for page in titled if (each := claims[page.id]) is not None and each.host == host}
    former = {old for old, several in snapshot.former_refs.items() if snapshot.published.keys().isdisjoint(several)}
    wanted_refs, holding = former.union(refs.values()), snapshot.holding
    found: dict[str, tuple[Page, Claim | None]] = {}
    for page in sorted(titled, key=lambda each: (claims[each.id] is None, len(each.id), each.id)):
        ref = refs.get(fold_title(page.title)) if claims[page.id] is None else ours.get(page.id)
        if page.status is Status.CURRENT and ref is not None and ref in wanted_refs and ref not in holding:
            found.setdefault(ref, (page, claims[page.id]))
    snapshot = snapshot.with_found(recognize_pages(wiki, found, begun, text_of))
    known = {each.page_id for each in snapshot.published.values()}
    return snapshot, {
        fold_title(page.title): TitleHolder(page, ours.get(page.id)) for page in titled if page.id not in known
    }


def _search_parent(
    wiki: Wiki, snapshot: Snapshot, titles: Collection[str], read: ReadClaim
) -> tuple[dict[str, Claim | None], dict[str, tuple[Page, Claim | None]]]:
    """Return the claims that were read below the parent of the book, and the current pages of the book by reference.

    Only pages with a title of the book, those directly below the parent if they are few, and those around managed pages
    are asked for their property.
    """
    host = snapshot.host
    listed = snapshot.listing
    if listed is None:
        below = wiki.descendants(host, kind=snapshot.manifest.kind)
        tree = {each.id: (each.title, each.parent_id or None) for each in below if each.kind == ParentKind.PAGE}
    else:
        tree = {page.id: (page.title, page.parent_id) for page in listed}
    tops = {page_id for page_id, (_, parent) in tree.items() if parent == host}
    tops = tops if len(tops) <= _FEW_TOPS else set()  # the home page of a space can have thousands
    asked = [
        page_id
        for page_id, (title, _) in tree.items()
        if page_id != host and (page_id in tops or fold_title(title) in titles)
    ]
    claims = find_claims({page_id: parent for page_id, (_, parent) in tree.items()}, asked, read, host)
    ours = {page_id: each for page_id, each in claims.items() if each is not None and each.host == host}
    pages = wiki.pages(ours).values() if listed is None and ours else listed or ()
    found: dict[str, tuple[Page, Claim | None]] = {}
    for page in sorted(pages, key=lambda each: (len(each.id), each.id)):
        if page.id in ours and page.status is Status.CURRENT:
            found.setdefault(ours[page.id].ref, (page, ours[page.id]))
    return claims, found


def find_claims(
    parents: Mapping[str, str | None], asked: Iterable[str], read: ReadClaim, host: str
) -> dict[str, Claim | None]:
    """Read the claims of pages, then of the pages around those that belong to the host, until there are no more.

    `parents` are all pages that may be managed, by id. Each costs one request, so pages that are apart from every
    managed page are not read.
    """
    children = group_pairs((parent, page_id) for page_id, parent in parents.items())
    claims: dict[str, Claim | None] = {}
    wave = [page_id for page_id in asked if page_id in parents]
    while wave:
        found = fetch_each(read, wave)
        claims |= found
        around: dict[str, None] = {}
        for page_id, claim in found.items():
            if claim is not None and claim.host == host:
                around |= dict.fromkeys([*children.get(page_id, ()), parents[page_id] or ""])
        wave = [page_id for page_id in around if page_id in parents and page_id not in claims and page_id != host]
    return claims


def _list_titled(wiki: Wiki, snapshot: Snapshot, titles: Collection[str]) -> list[Page]:
    """Return the pages of the space that have one of the titles, in whatever way needs fewer requests."""
    if snapshot.listing is None and len(titles) <= _A_LISTING_IS_CHEAPER:
        answers = fetch_each(lambda title: wiki.page_titled(snapshot.space, title), titles)
        return [page for page in answers.values() if page is not None]
    asked = {fold_title(title) for title in titles}
    listing = snapshot.listing if snapshot.listing is not None else wiki.pages_in_space(snapshot.space)
    return [page for page in listing if fold_title(page.title) in asked]


def recognize_pages(
    wiki: Wiki,
    found: Mapping[str, tuple[Page, Claim | None]],
    begun: Mapping[str, ManifestEntry],
    text_of: TextOf,
) -> dict[str, tuple[ManifestEntry, Page]]:
    """Return the pages of the book by reference, with the version that was published last.

    A later version than that of the mark counts as published if it is by this account and has the text that a killed
    run was going to write, or that would be published now. A page without a mark belongs to the book if it is also
    new.
    """
    unknown = [
        page
        for page, claim in found.values()
        if page.version.number != (0 if claim is None else claim.version)
        and (claim is not None or page.version.number <= _VERSIONS_OF_A_CREATION)
    ]
    texts = _digest_own_texts(wiki, unknown)
    recognized: dict[str, tuple[ManifestEntry, Page]] = {}
    for ref, (page, claim) in found.items():
        text, known = texts.get(page.id), begun.get(ref)
        pending = None if known is None else known.pending
        is_pending = pending is not None and text == pending.text
        is_published = text is not None and (is_pending or text == text_of(ref))
        entry = ManifestEntry(ref, page.id, page.version.number, page.title, None, UNFINISHED, recorded=False)
        if claim is not None:
            mark = MarkVersion(claim.stored.id, claim.stored.version)
            if page.version.number == claim.version:
                entry = replace(entry, digest=claim.digest)
            elif not is_published:
                entry = replace(entry, version=claim.version)
                with suppress(NotFound, NoPermission):  # the wiki may no longer have that version
                    title = wiki.page(page.id, version=claim.version).title if claim.version else page.title
                    entry = replace(entry, title=title)
            entry = replace(entry, mark=mark)
        elif is_published:
            body = pending.body if pending is not None and is_pending else ""
            entry = replace(entry, body=body, labels=() if known is None else known.labels)
        else:
            continue
        recognized[ref] = (entry, page)
    return recognized


def _digest_own_texts(wiki: Wiki, pages: Collection[Page]) -> dict[str, str]:
    """Return the digests of the texts of those pages whose present version is by this account, by page id."""
    account = wiki.account().id if pages else ""
    own = [page.id for page in pages if page.version.author.id == account]
    return {page_id: text_digest(page.body or "") for page_id, page in wiki.pages(own, body=True).items()}


def accept_pending(
    wiki: Wiki, entries: Mapping[str, ManifestEntry], pages: Mapping[str, Page]
) -> dict[str, ManifestEntry]:
    """Return the pages that a killed run was writing, by reference, in the state that it reached."""
    pending = [
        (entry, entry.pending, pages[entry.page_id])
        for entry in entries.values()
        if entry.pending is not None and entry.page_id in pages and pages[entry.page_id].status is Status.CURRENT
    ]
    texts = _digest_own_texts(wiki, [page for entry, _, page in pending if page.version.number > entry.version])
    accepted: dict[str, ManifestEntry] = {}
    for before, written, page in pending:
        number = page.version.number
        # Its files and labels may be written or not.
        entry = replace(before, version=number, digest=UNFINISHED, files=None, pending=None, recorded=False)
        if number != before.version and page.id not in texts:
            continue
        if number != before.version:
            entry = replace(entry, title=page.title)
            if number >= written.version and texts[page.id] == written.text:
                entry = replace(entry, body=written.body)
            elif number != written.version - 1 or not page.title.endswith(f" ({before.ref} {page.id})"):
                continue  # it did not step aside either
        accepted[before.ref] = entry
    return accepted
