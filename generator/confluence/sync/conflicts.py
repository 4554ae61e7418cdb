"""The pages that are held: the reason for each, and the policy that decides about it."""

from collections.abc import Iterator
from dataclasses import replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import line_diff
from generator.confluence.sync.states import Gone, Live, Missing, New, Orphan, PageDetails, PageState, Snapshot
from generator.confluence.sync.values import Conflict, Consent, Trouble
from generator.confluence.wiki import Status

_SETTINGS = {
    Trouble.EDITED: "manual_edits",
    Trouble.MOVED: "manual_moves",
    Trouble.ARCHIVED: "archived_pages",
    Trouble.TRASHED: "trashed_pages",
    Trouble.TITLE: "taken_titles",
    Trouble.COMMENTS: "inline_comments",
}
"""The setting with the policy of each trouble; a page with any other trouble is held."""


def get_policy(trouble: Trouble, settings: PublishSettings, consent: Consent) -> str:
    """Return the policy for a trouble: `stop`, `hold` or `overwrite`."""
    if trouble is Trouble.COMMENTS and consent.comments:
        return "overwrite"
    return str(getattr(settings, _SETTINGS[trouble])) if trouble in _SETTINGS else "hold"


def hold_page(state: PageState, trouble: Trouble, words: str, *, stops: bool = False) -> Conflict:
    """Return the conflict of a page that is left as it is."""
    card = "" if isinstance(state, Orphan | Gone) else state.draft.card
    if isinstance(state, New):
        return Conflict(state.ref, card, state.draft.title, "", trouble, stops, words=words)
    url = "" if state.page is None else state.page.url
    return Conflict(state.ref, card, state.published.entry.title, url, trouble, stops, words=words)


def find_conflicts(
    state: PageState, snapshot: Snapshot, details: PageDetails, settings: PublishSettings, consent: Consent
) -> Iterator[tuple[str, Conflict]]:
    """Yield what users did to a page, each with its policy."""
    if isinstance(state, New | Gone) or (isinstance(state, Orphan) and settings.orphans == "keep"):
        return
    card = state.draft.source.file if not isinstance(state, Orphan) else ""
    advice: dict[Trouble, str] = {}
    if isinstance(state, Missing) and state.page is not None and state.page.status is Status.ARCHIVED:
        advice[Trouble.ARCHIVED] = f"restore it in the wiki, or remove {card}"
    elif isinstance(state, Missing):
        advice[Trouble.TRASHED] = f"restore it in the wiki, or remove {card}, or set `trashed_pages: overwrite`"
    else:
        if state.edited and card:
            advice[Trouble.EDITED] = (
                f"carry the change over to {card} and restore our version, or set `manual_edits: overwrite`"
            )
        elif state.edited:
            advice[Trouble.EDITED] = "its card is gone: remove the page by hand once nobody needs the text"
        if state.misplaced:
            parent = snapshot.published.get(state.published.entry.parent or "")
            above = "the parent page of the book" if parent is None else repr(parent.entry.title)
            advice[Trouble.MOVED] = f"move it back below {above}, or set `manual_moves: overwrite`"
    for trouble, words in advice.items():
        policy = get_policy(trouble, settings, consent)
        conflict = hold_page(state, trouble, words, stops=policy == "stop")
        if trouble is Trouble.EDITED and not isinstance(state, Missing):
            who, when = details.get_name(state.page.version.author), state.page.version.created_at
            conflict = replace(conflict, who=who, when=when, diff=tuple(_diff_edit(state, details)))
        yield policy, conflict


def _diff_edit(state: Live | Orphan, details: PageDetails) -> Iterator[str]:
    """Yield our version against the present one, both as the wiki stored them, so that its rewriting cancels out."""
    entry, page = state.published.entry, state.page
    if page.title != entry.title:
        yield f"- title: {entry.title}"
        yield f"+ title: {page.title}"
    ours, theirs = details.versions.get((page.id, entry.version)), details.bodies.get(page.id)
    if ours is not None and theirs is not None:
        yield from line_diff(ours, theirs)
    else:
        yield "@@ our own version is not known any more"
