"""What people did to our pages, and what the policy makes of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import line_diff
from generator.confluence.sync.states import Case, PageDetails, Snapshot, card_of, edited, left_to_people
from generator.confluence.sync.values import Action, Change, Conflict, Trouble, deed
from generator.confluence.wiki import Child, Flavour, Page, Status


def conflicts_of(
    cases: Iterable[Case], snapshot: Snapshot, details: PageDetails, settings: PublishSettings
) -> dict[str, Conflict]:
    """Return one conflict at most for each page, by reference; none of what the policy writes over."""
    return {
        case.ref: _conflict(case, hindrance, snapshot, details, settings)
        for case, hindrance in _hindered(cases, details, settings)
        if not _written_over(hindrance, settings)
    }


def with_notes(
    changes: Mapping[str, Change],
    cases: Iterable[Case],
    snapshot: Snapshot,
    details: PageDetails,
    settings: PublishSettings,
) -> dict[str, Change]:
    """Return the changes, by reference, with what people did to the pages that the policy writes over or takes away.

    A page that goes shows what somebody wrote on it; everywhere else the diff of the change itself does.
    """
    noted = dict(changes)
    for case, hindrance in _hindered(cases, details, settings):
        if case.ref in noted and _written_over(hindrance, settings):
            told, change = _conflict(case, hindrance, snapshot, details, settings), noted[case.ref]
            note = f"{deed(hindrance, told.who, told.when)}, which {_fate(change, hindrance)}"
            noted[case.ref] = replace(change, notes=(note,), diff=change.diff or told.diff)
    return noted


def _fate(change: Change, hindrance: Trouble) -> str:
    if change.removes:
        return "goes with the page"
    return "is undone" if hindrance in (Trouble.MOVED, Trouble.TRASHED) else "is written over"


def _hindered(cases: Iterable[Case], details: PageDetails, settings: PublishSettings) -> Iterator[tuple[Case, Trouble]]:
    for case in cases:
        hindrance = None if left_to_people(case, settings) else _hindrance(case, details)
        if hindrance is not None:
            yield case, hindrance


def _hindrance(case: Case, details: PageDetails) -> Trouble | None:
    if case.held is None:
        return None
    if case.present is None:
        return _absence(case)
    if edited(case, details):
        return Trouble.EDITED
    return Trouble.MOVED if case.misplaced else None


def _absence(case: Case) -> Trouble | None:
    """A page that is wanted and not there; where the card is gone too, that is as it should be."""
    if case.draft is None:
        return None
    archived = case.page is not None and case.page.status is Status.ARCHIVED
    return Trouble.ARCHIVED if archived else Trouble.TRASHED


def _written_over(hindrance: Trouble, settings: PublishSettings) -> bool:
    """An archived page cannot be: it keeps its title, and no call brings it back."""
    return settings.manual_edits == "overwrite" and hindrance is not Trouble.ARCHIVED


def _conflict(
    case: Case, hindrance: Trouble, snapshot: Snapshot, details: PageDetails, settings: PublishSettings
) -> Conflict:
    page, entry = case.page, case.entry
    assert entry is not None, "what was never published cannot have been changed"
    version = page.version if page is not None and hindrance is Trouble.EDITED else None
    return Conflict(
        ref=case.ref,
        card=card_of(case),
        title=entry.title,
        url="" if page is None else page.url,
        hindrance=hindrance,
        stops=settings.manual_edits != "hold",
        who="" if version is None else version.author.name or details.names.get(version.author.id, version.author.id),
        when="" if version is None else version.created_at,
        words=_words(case, hindrance, snapshot),
        diff=tuple(_changed(case, details)) if page is not None and hindrance is Trouble.EDITED else (),
    )


def _words(case: Case, hindrance: Trouble, snapshot: Snapshot) -> str:
    card = case.draft.source.file if case.draft is not None else ""
    match hindrance:
        case Trouble.EDITED if not card:
            return "its card is gone: remove the page by hand once nobody needs the text"
        case Trouble.EDITED:
            return f"carry the change over to {card} and restore our version, or let the policy overwrite it"
        case Trouble.MOVED:
            return f"move it back below {_above(case, snapshot)!r}, or let the policy do that"
        case Trouble.ARCHIVED:
            return f"restore it in the wiki, or remove {card}"
        case _:
            return f"restore it in the wiki, or remove {card}, or let the policy create it anew"


def _above(case: Case, snapshot: Snapshot) -> str:
    entry = case.entry
    parent = snapshot.published.get(entry.parent) if entry is not None and entry.parent is not None else None
    return "the page that the book hangs under" if parent is None else parent.entry.title


def _changed(case: Case, details: PageDetails) -> Iterator[str]:
    """Yield our version against the present one, both as the wiki stored them, so that its rewriting cancels out."""
    page, entry = case.page, case.entry
    assert page is not None, "an edit is told of a page that is there"
    assert entry is not None, "and that we published"
    ours, theirs = details.versions.get(page.id), details.bodies.get(page.id)
    yield from _retitled(entry.title, page)
    if ours is not None and theirs is not None:
        yield from line_diff(ours, theirs)
    else:
        yield "@@ our own version is not known any more"


def _retitled(ours: str, page: Page) -> Iterator[str]:
    if page.title != ours:
        yield f"- title: {ours}"
        yield f"+ title: {page.title}"


def removal(flavour: Flavour, settings: PublishSettings) -> Action:
    """What removing is here."""
    return Action.ARCHIVE if settings.orphans == "archive" and flavour.archives else Action.TRASH


def removable(
    orphans: Iterable[Case], leaving: Collection[str], details: PageDetails
) -> tuple[frozenset[str], Mapping[str, Child]]:
    """Return the ids of the pages that can go, and of the others why not: a child that would be left.

    `leaving` are the ids of the pages that move elsewhere before. A page that stays keeps its parents.
    """
    going = {case.page.id for case in orphans if case.page is not None}
    kept: dict[str, Child] = {}
    while True:
        held = {page_id: _left(page_id, going, leaving, details) for page_id in going}
        staying = {page_id: child for page_id, child in held.items() if child is not None}
        if not staying:
            return frozenset(going), kept
        kept |= staying
        going -= staying.keys()


def _left(page_id: str, going: Collection[str], leaving: Collection[str], details: PageDetails) -> Child | None:
    children = details.children.get(page_id, ())
    return next((child for child in children if child.id not in going and child.id not in leaving), None)


def removal_of(case: Case, snapshot: Snapshot, settings: PublishSettings) -> Change:
    """Return the page leaves the tree; one that has left already is only forgotten."""
    entry, page = case.entry, case.present
    assert entry is not None, "an orphan was published"
    action = Action.RECORD if page is None else removal(snapshot.flavour, settings)
    return Change(
        ref=case.ref,
        card="",
        path="",
        actions=(action,),
        title=entry.title if page is None else page.title,
        parent=entry.parent,
        depth=_depth(case.ref, snapshot),
        page_id=entry.page_id,
        version=0 if page is None else page.version.number,
        owned=case.held is not None and case.held.owned,
    )


def keeps_children(case: Case, child: Child, snapshot: Snapshot) -> Conflict:
    """An orphan that stays because of a page below it: one that is not ours, as moving that would change it, or one
    of ours that somebody else keeps where it is.
    """
    assert case.page is not None, "only a page that is there has children"
    if child.id in snapshot.refs:
        words = f"our own {child.title!r} stays below it: settle that page first, and this one can go"
    else:
        words = f"{child.title!r} stands below it and is not ours: move that elsewhere, and this page can go"
    return Conflict(case.ref, "", case.page.title, case.page.url, Trouble.CHILDREN, stops=False, words=words)


def _depth(ref: str, snapshot: Snapshot) -> int:
    """Return how deep it stood in the book when it was published; pages are removed from the leaves up."""
    depth, seen = 0, {ref}
    held = snapshot.published.get(ref)
    while held is not None and held.entry.parent is not None and held.entry.parent not in seen:
        seen.add(held.entry.parent)
        depth, held = depth + 1, snapshot.published.get(held.entry.parent)
    return depth
