"""What people did to our pages, and what the policy makes of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from generator.confluence.plan.cases import Case, card_of, edited, left_to_people
from generator.confluence.plan.difference import line_diff
from generator.confluence.plan.seen import Evidence, Ground
from generator.confluence.plan.values import Change, Conflict, Hindrance
from generator.confluence.plan.wording import deed
from generator.confluence.settings import PublishSettings
from generator.confluence.wiki import Page, Status


def conflicts_of(
    cases: Iterable[Case], ground: Ground, evidence: Evidence, settings: PublishSettings
) -> dict[str, Conflict]:
    """Return one conflict at most for each page, by reference; none of what the policy writes over."""
    return {
        case.ref: _conflict(case, hindrance, ground, evidence, settings)
        for case, hindrance in _hindered(cases, evidence, settings)
        if not _written_over(hindrance, settings)
    }


def with_notes(
    changes: Mapping[str, Change], cases: Iterable[Case], ground: Ground, evidence: Evidence, settings: PublishSettings
) -> dict[str, Change]:
    """Return the changes, by reference, with what people did to the pages that the policy writes over or takes away.

    A page that goes shows what somebody wrote on it; everywhere else the diff of the change itself does.
    """
    noted = dict(changes)
    for case, hindrance in _hindered(cases, evidence, settings):
        if case.ref in noted and _written_over(hindrance, settings):
            told, change = _conflict(case, hindrance, ground, evidence, settings), noted[case.ref]
            note = f"{deed(hindrance, told.who, told.when)}, which {_fate(change, hindrance)}"
            noted[case.ref] = replace(change, notes=(note,), diff=change.diff or told.diff)
    return noted


def _fate(change: Change, hindrance: Hindrance) -> str:
    if change.removes:
        return "goes with the page"
    return "is undone" if hindrance in (Hindrance.MOVED, Hindrance.TRASHED) else "is written over"


def _hindered(cases: Iterable[Case], evidence: Evidence, settings: PublishSettings) -> Iterator[tuple[Case, Hindrance]]:
    for case in cases:
        hindrance = None if left_to_people(case, settings) else _hindrance(case, evidence)
        if hindrance is not None:
            yield case, hindrance


def _hindrance(case: Case, evidence: Evidence) -> Hindrance | None:
    if case.held is None:
        return None
    if case.present is None:
        return _absence(case)
    if edited(case, evidence):
        return Hindrance.EDITED
    return Hindrance.MOVED if case.misplaced else None


def _absence(case: Case) -> Hindrance | None:
    """A page that is wanted and not there; where the card is gone too, that is as it should be."""
    if case.draft is None:
        return None
    archived = case.page is not None and case.page.status is Status.ARCHIVED
    return Hindrance.ARCHIVED if archived else Hindrance.TRASHED


def _written_over(hindrance: Hindrance, settings: PublishSettings) -> bool:
    """An archived page cannot be: it keeps its title, and no call brings it back."""
    return settings.manual_edits == "overwrite" and hindrance is not Hindrance.ARCHIVED


def _conflict(
    case: Case, hindrance: Hindrance, ground: Ground, evidence: Evidence, settings: PublishSettings
) -> Conflict:
    page, entry = case.page, case.entry
    assert entry is not None, "what was never published cannot have been changed"
    version = page.version if page is not None and hindrance is Hindrance.EDITED else None
    return Conflict(
        ref=case.ref,
        card=card_of(case),
        title=entry.title,
        url="" if page is None else page.url,
        hindrance=hindrance,
        stops=settings.manual_edits != "hold",
        who="" if version is None else version.author.name or evidence.names.get(version.author.id, version.author.id),
        when="" if version is None else version.created_at,
        words=_words(case, hindrance, ground),
        diff=tuple(_changed(case, evidence)) if page is not None and hindrance is Hindrance.EDITED else (),
    )


def _words(case: Case, hindrance: Hindrance, ground: Ground) -> str:
    card = case.draft.source.file if case.draft is not None else ""
    match hindrance:
        case Hindrance.EDITED if not card:
            return "its card is gone: remove the page by hand once nobody needs the text"
        case Hindrance.EDITED:
            return f"carry the change over to {card} and restore our version, or let the policy overwrite it"
        case Hindrance.MOVED:
            return f"move it back below {_above(case, ground)!r}, or let the policy do that"
        case Hindrance.ARCHIVED:
            return f"restore it in the wiki, or remove {card}"
        case _:
            return f"restore it in the wiki, or remove {card}, or let the policy create it anew"


def _above(case: Case, ground: Ground) -> str:
    entry = case.entry
    parent = ground.published.get(entry.parent) if entry is not None and entry.parent is not None else None
    return "the page that the book hangs under" if parent is None else parent.entry.title


def _changed(case: Case, evidence: Evidence) -> Iterator[str]:
    """Yield our version against the present one, both as the wiki stored them, so that its rewriting cancels out."""
    page, entry = case.page, case.entry
    assert page is not None, "an edit is told of a page that is there"
    assert entry is not None, "and that we published"
    ours, theirs = evidence.versions.get(page.id), evidence.bodies.get(page.id)
    yield from _retitled(entry.title, page)
    if ours is not None and theirs is not None:
        yield from line_diff(ours, theirs)
    else:
        yield "@@ our own version is not known any more"


def _retitled(ours: str, page: Page) -> Iterator[str]:
    if page.title != ours:
        yield f"- title: {ours}"
        yield f"+ title: {page.title}"
