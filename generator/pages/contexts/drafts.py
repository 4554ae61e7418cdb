"""The page *Drafts to finish*: by team, the guessed and missing keys of each draft, and its softened findings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten

from msgspec import field
from msgspec.structs import replace

from generator.drafts.missing_keys import list_missing_keys
from generator.findings import Finding, Severity
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.nodes import as_list, as_mapping
from generator.names import Ref, format_count
from generator.pages.book import Book
from generator.pages.contexts.page_parts import (
    NO_TEAM,
    Division,
    PagePart,
    RowGroup,
    build_team_group,
    divide_rows,
    has_too_many,
)
from generator.reads import record_read
from generator.schema.card import TO_BE_WRITTEN, WHOLE_CARD
from generator.values import FrozenValue

_MOST_ROWS, _LEAST_ROWS, _MOST_ROWS_IN_ALL = 60, 10, 1_000
"""The most rows of a team, those that it has in a book with many teams, and the most of the page."""
_MOST_NAMES = 300
"""The most further drafts of a team, which have only their names."""
_MOST_CODES = 8
"""The most rules that a row names."""


class Guess(FrozenValue):
    """A value that an import guessed."""

    key: str
    value: str
    """The value in the card; empty if it is not a text or a list of texts."""
    reason: str


class DraftRow(FrozenValue):
    """A draft in the table of its team."""

    ref: Ref
    kind: str
    """The word for the kind, as in `feature view`."""
    teams: tuple[Ref, ...]
    """All teams of its owners."""
    guesses: tuple[Guess, ...]
    missing: tuple[str, ...]
    """The keys that a finished card usually has, and those whose text is to be written."""
    waiting: str
    """The errors and warnings without the tag, as text: `2 errors, 1 warning`; empty if there are none."""
    codes: tuple[str, ...]
    """Their rules, the most severe first."""
    more_codes: int

    @property
    def is_ready(self) -> bool:
        """Whether the tag can be removed: nothing is guessed, and no finding waits."""
        return not (self.guesses or self.waiting)


class DraftTeam(FrozenValue):
    """The drafts of a team."""

    team: Ref | None
    """A team, or a person without a team; None for drafts without an owner."""
    count: int
    errors: int
    """The findings that are errors without the tag."""
    warnings: int
    rows: tuple[DraftRow, ...]
    others: tuple[Ref, ...]
    """The further drafts, without details."""
    more: int
    """The number of drafts that neither `rows` nor `others` has."""


class DraftsView(FrozenValue):
    """The content of the page."""

    count: int
    ready: int
    """The number of drafts whose tag can be removed."""
    waiting: int
    """The number of findings that are softened."""
    teams: tuple[DraftTeam, ...]
    """By name; the drafts without an owner come last."""
    divisions: tuple[Division[DraftRow], ...] = ()
    """The drafts of each team, on pages of their own; empty if this page has all drafts."""
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The errors and the warnings of each division, by the id of its group."""
    part: PagePart[DraftRow] | None = None
    """The part of a divided page that this page has; None on the page of all teams."""


def build_drafts_view(book: Book) -> DraftsView:
    """Build the page from the drafts of each team."""
    softened = {ref: _list_softened(book, ref) for refs in book.drafts.values() for ref in refs}
    teams_of = group_pairs((ref, team) for team, refs in book.drafts.items() for ref in refs)
    rows = {ref: _build_row(book.graph.cards[ref], found, teams_of[ref]) for ref, found in softened.items()}
    most = max(_LEAST_ROWS, min(_MOST_ROWS, _MOST_ROWS_IN_ALL // max(1, len(book.drafts))))
    teams: list[DraftTeam] = []
    for team, refs in book.drafts.items():
        counts = Counter(finding.softened_from for ref in refs for finding in softened[ref])
        teams.append(
            DraftTeam(
                team=team,
                count=len(refs),
                errors=counts[Severity.ERROR],
                warnings=counts[Severity.WARNING],
                rows=tuple(rows[ref] for ref in refs[:most]),
                others=refs[most : most + _MOST_NAMES],
                more=max(0, len(refs) - most - _MOST_NAMES),
            )
        )
    view = DraftsView(
        count=len(rows),
        ready=sum(row.is_ready for row in rows.values()),
        waiting=sum(map(len, softened.values())),
        teams=tuple(teams),
    )
    if not has_too_many(len(rows)):
        return view
    ordered = [rows[ref] for ref in book.sort_by_name(rows)]
    severities = {_build_group(book, team.team).id: (team.errors, team.warnings) for team in teams}
    divisions = divide_rows(
        ordered,
        "drafts-to-finish",
        "Drafts",
        lambda row: (_build_group(book, team) for team in teams_of[row.ref]),
    )
    return replace(view, divisions=divisions, counts=severities)


def _build_group(book: Book, team: Ref | None) -> RowGroup:
    group = build_team_group(book, team or NO_TEAM, "Drafts")
    # No team has an id with a hyphen at its start.
    return replace(group, id=f"-{group.id}") if team is not None and team.kind != "team" else group


def build_drafts_part(book: Book, _view: DraftsView, part: PagePart[DraftRow]) -> DraftsView:
    """Build the page with the drafts of one team."""
    softened = [finding for row in part.rows for finding in _list_softened(book, row.ref)]
    counts = Counter(finding.softened_from for finding in softened)
    team = DraftTeam(
        team=part.group.ref,
        count=len(part.rows),
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        rows=part.rows,
        others=(),
        more=0,
    )
    ready = sum(row.is_ready for row in part.rows)
    return DraftsView(count=len(part.rows), ready=ready, waiting=len(softened), teams=(team,), part=part)


def _list_softened(book: Book, ref: Ref) -> list[Finding]:
    """List the findings that are notes only because the card is a draft, the most severe first."""
    found = [finding for finding in book.list_findings(ref) if finding.softened_from]
    return sorted(found, key=lambda finding: (finding.softened_from or finding.severity).rank)


def _build_row(loaded: LoadedCard, softened: Sequence[Finding], teams: Iterable[Ref | None]) -> DraftRow:
    record_read(WHOLE_CARD, loaded.ref)  # its document
    stated = as_mapping(loaded.document.to_plain())
    guesses: list[Guess] = []
    for key, reason in loaded.card.guessed.items():
        if key in stated:  # shown as a text, or as the texts of a list
            items = as_list(stated[key])
            texts = [item for item in items if isinstance(item, str)]
            value = shorten(", ".join(texts), 80, placeholder="…") if len(texts) == len(items) else ""
            guesses.append(Guess(key, value, reason))
    unwritten = [guess.key for guess in guesses if guess.value.startswith(TO_BE_WRITTEN)]
    counts = Counter(finding.softened_from for finding in softened)
    parts = [format_count(counts[one], one.value) for one in (Severity.ERROR, Severity.WARNING) if counts[one]]
    codes = tuple(dict.fromkeys(finding.code for finding in softened))
    return DraftRow(
        ref=loaded.ref,
        kind=loaded.ref.kind.replace("_", " "),
        teams=tuple(team for team in teams if team is not None),
        guesses=tuple(guess for guess in guesses if guess.key not in unwritten),
        missing=(*unwritten, *list_missing_keys(loaded.card.kind, stated)),
        waiting=", ".join(parts),
        codes=codes[:_MOST_CODES],
        more_codes=max(0, len(codes) - _MOST_CODES),
    )
