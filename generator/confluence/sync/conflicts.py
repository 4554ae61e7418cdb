"""The troubles of pages, and the policy for each: hold the page, stop everything, or overwrite."""

from collections.abc import Iterable, Iterator, Mapping

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import line_diff
from generator.confluence.sync.states import Gone, Live, Missing, New, Orphan, PageDetails, PageState, Snapshot
from generator.confluence.sync.values import Change, Conflict, Consent, Trouble, describe_deed
from generator.confluence.wiki import Page
from generator.findings import Finding

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


def list_troubles(state: PageState) -> Iterator[Trouble]:
    """Yield what users did to a page."""
    match state:
        case Missing(is_archived=archived):
            yield Trouble.ARCHIVED if archived else Trouble.TRASHED
        case Live(edited=edited, misplaced=misplaced) | Orphan(edited=edited, misplaced=misplaced):
            if edited:
                yield Trouble.EDITED
            if misplaced:
                yield Trouble.MOVED
        case New() | Gone():
            return


def describe_trouble(
    state: PageState, trouble: Trouble, snapshot: Snapshot, details: PageDetails, *, stops: bool = False
) -> Conflict:
    """Return the conflict of a page that a user changed."""
    is_edit = trouble is Trouble.EDITED
    page = None if isinstance(state, New) else state.page
    author = page.version.author if is_edit and page is not None else None
    return Conflict(
        ref=state.ref,
        card=get_card(state),
        title=state.draft.title if isinstance(state, New) else state.published.entry.title,
        url="" if page is None else page.url,
        hindrance=trouble,
        stops=stops,
        who="" if author is None else author.name or details.names.get(author.id, author.id),
        when=page.version.created_at if is_edit and page is not None else "",
        words=_advise(state, trouble, snapshot),
        diff=tuple(_diff_edit(state, details)) if is_edit and isinstance(state, Live | Orphan) else (),
    )


def get_card(state: PageState) -> str:
    """Return the place of the card of a page; "" if it is gone."""
    return "" if isinstance(state, Orphan | Gone) else state.draft.card


def _advise(state: PageState, trouble: Trouble, snapshot: Snapshot) -> str:
    card = "" if isinstance(state, Orphan | Gone) else state.draft.source.file
    match trouble:
        case Trouble.EDITED if not card:
            return "its card is gone: remove the page by hand once nobody needs the text"
        case Trouble.EDITED:
            return f"copy the edit to {card} and restore the published version, or set `manual_edits: overwrite`"
        case Trouble.MOVED:
            parent = None if isinstance(state, New) else snapshot.published.get(state.published.entry.parent or "")
            above = "the parent page of the book" if parent is None else repr(parent.entry.title)
            return f"move it back below {above}, or set `manual_moves: overwrite`"
        case Trouble.ARCHIVED:
            return f"restore it in the wiki, or remove {card}"
        case _:
            return f"restore it in the wiki, or remove {card}, or set `trashed_pages: overwrite`"


def _diff_edit(state: Live | Orphan, details: PageDetails) -> Iterator[str]:
    """Yield our version against the present one, both as the wiki stored them, so that its rewriting cancels out."""
    title, page = state.published.entry.title, state.page
    if page.title != title:
        yield f"- title: {title}"
        yield f"+ title: {page.title}"
    ours, theirs = details.versions.get(page.id), details.bodies.get(page.id)
    if ours is not None and theirs is not None:
        yield from line_diff(ours, theirs)
    else:
        yield "@@ our own version is not known any more"


def describe_overwrite(conflict: Conflict, change: Change) -> str:
    """Return the note of a change about what a user did, which is lost."""
    if change.removes:
        fate = "goes with the page"
    else:
        fate = "is undone" if conflict.hindrance in (Trouble.MOVED, Trouble.TRASHED) else "is written over"
    return f"{describe_deed(conflict.hindrance, conflict.who, conflict.when)}, which {fate}"


def hold_page(state: PageState, trouble: Trouble, words: str, *, stops: bool = False) -> Conflict:
    """Return the conflict of a page that is held for a reason other than an edit."""
    page: Page | None = None if isinstance(state, New) else state.page
    if isinstance(state, Live | Orphan):
        title = state.page.title
    else:
        title = state.published.entry.title if isinstance(state, Gone) else state.draft.title
    return Conflict(state.ref, get_card(state), title, "" if page is None else page.url, trouble, stops, words=words)


def hold_for_comments(state: Live, change: Change, *, stops: bool) -> Conflict:
    """Return the conflict of a page on whose changed words users have commented."""
    remarks = (f"{each.author or 'a user'} on {each.selection!r}: {each.body}" for each in change.remarks)
    words = f"resolve the comment of {'; '.join(remarks)}, or confirm with `--yes comments`"
    return hold_page(state, Trouble.COMMENTS, words, stops=stops)


def hold_for_errors(state: PageState, errors: Iterable[Finding]) -> Conflict:
    """Return the conflict of a page with errors."""
    return hold_page(state, Trouble.ERRORS, "; ".join(f"{each.code} {each.message}" for each in errors))


def group_by_position(findings: Iterable[Finding]) -> Mapping[tuple[str, int], list[Finding]]:
    """Return the findings of each position: the file and the line."""
    found: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.position.file, finding.position.line), []).append(finding)
    return found
