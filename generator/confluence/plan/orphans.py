"""Pages whose cards are gone: which of them can go, with nobody else's page below them."""

from collections.abc import Collection, Iterable, Mapping

from generator.confluence.plan.cases import Case
from generator.confluence.plan.seen import Evidence, Ground
from generator.confluence.plan.values import Action, Change, Conflict, Hindrance
from generator.confluence.settings import PublishSettings
from generator.confluence.wiki import Child, Flavour


def removal(flavour: Flavour, settings: PublishSettings) -> Action:
    """What removing is here."""
    return Action.ARCHIVE if settings.orphans == "archive" and flavour.archives else Action.TRASH


def removable(
    orphans: Iterable[Case], leaving: Collection[str], evidence: Evidence
) -> tuple[frozenset[str], Mapping[str, Child]]:
    """Return the ids of the pages that can go, and of the others why not: a child that would be left.

    `leaving` are the ids of the pages that move elsewhere before. A page that stays keeps its parents.
    """
    going = {case.page.id for case in orphans if case.page is not None}
    kept: dict[str, Child] = {}
    while True:
        held = {page_id: _left(page_id, going, leaving, evidence) for page_id in going}
        staying = {page_id: child for page_id, child in held.items() if child is not None}
        if not staying:
            return frozenset(going), kept
        kept |= staying
        going -= staying.keys()


def _left(page_id: str, going: Collection[str], leaving: Collection[str], evidence: Evidence) -> Child | None:
    children = evidence.children.get(page_id, ())
    return next((child for child in children if child.id not in going and child.id not in leaving), None)


def removal_of(case: Case, ground: Ground, settings: PublishSettings) -> Change:
    """Return the page leaves the tree; one that has left already is only forgotten."""
    entry, page = case.entry, case.present
    assert entry is not None, "an orphan was published"
    action = Action.RECORD if page is None else removal(ground.flavour, settings)
    return Change(
        ref=case.ref,
        card="",
        path="",
        actions=(action,),
        title=entry.title if page is None else page.title,
        parent=entry.parent,
        depth=_depth(case.ref, ground),
        page_id=entry.page_id,
        version=0 if page is None else page.version.number,
    )


def keeps_children(case: Case, child: Child, ground: Ground) -> Conflict:
    """An orphan that stays because of a page below it: one that is not ours, as moving that would change it, or one
    of ours that somebody else keeps where it is.
    """
    assert case.page is not None, "only a page that is there has children"
    if child.id in ground.refs:
        words = f"our own {child.title!r} stays below it: settle that page first, and this one can go"
    else:
        words = f"{child.title!r} stands below it and is not ours: move that elsewhere, and this page can go"
    return Conflict(case.ref, "", case.page.title, case.page.url, Hindrance.CHILDREN, stops=False, words=words)


def _depth(ref: str, ground: Ground) -> int:
    """Return how deep it stood in the book when it was published; pages are removed from the leaves up."""
    depth, seen = 0, {ref}
    held = ground.published.get(ref)
    while held is not None and held.entry.parent is not None and held.entry.parent not in seen:
        seen.add(held.entry.parent)
        depth, held = depth + 1, ground.published.get(held.entry.parent)
    return depth
