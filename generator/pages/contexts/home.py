"""The home page: six questions with the answer of today, what needs action, what changed, and all models."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from textwrap import shorten

from generator.answers.recent_changes import list_recent_changes
from generator.answers.tasks import Task
from generator.answers.verdict import VerdictKind
from generator.findings import Finding, Severity
from generator.graph.consumers import list_model_uses
from generator.graph.duties import DutyKind
from generator.graph.people import get_team, get_team_addresses
from generator.grouping import group_pairs
from generator.names import Ref, format_count
from generator.pages.book import Book
from generator.pages.contexts.answers import compute_prominence
from generator.pages.contexts.call_list import count_gaps
from generator.pages.contexts.maps import list_map_nodes
from generator.pages.contexts.open_work import list_tasks
from generator.pages.contexts.overview import DueItem, list_due_items
from generator.pages.contexts.owned_cards import find_criticality
from generator.pages.feed import FEED_PATH
from generator.pages.paths import DRAFTS_PATH, NAVIGATION, SiteSection, get_card_path
from generator.schema import Experiment, Migration, Model, Person
from generator.schema.card import Criticality, Lifecycle
from generator.schema.days import format_day
from generator.schema.rollouts import ExperimentStatus, MigrationStatus
from generator.values import FrozenValue

_SHOWN = 8
"""The most tasks, changes and findings."""
_MOST_MODELS = 60
"""The most models that the page lists; the index has all."""
_MOST_CARDS = 3
"""The most cards of one commit that have a row each."""
_READ_CHANGES, _READ_ITEMS = 200, 100
"""How many changes and items are read for the rows."""
_LONGEST_TEXT = 160
"""The most characters of a change."""
_WEEK = timedelta(days=6)


class HomeCount(FrozenValue):
    """The number of cards of a kind, with a link to their index."""

    count: int
    label: str
    path: str
    detail: str


class QuestionCard(FrozenValue):
    """A question with the answer of today, and the page that answers it in full."""

    question: str
    answer: str
    path: str


class ChangeRow(FrozenValue):
    """What a commit changed on a card, or on several cards."""

    day: date
    author: str
    refs: tuple[Ref, ...]
    """The first of its cards that the book still has."""
    names: tuple[str, ...]
    """The names of the deleted ones."""
    more: int
    """The number of its other cards."""
    texts: tuple[str, ...]
    """What changed on the card; empty if the commit changed many cards."""
    subject: str
    """The first line of the message; empty for a merge."""


class ModelLink(FrozenValue):
    """A model in the list of all models."""

    ref: Ref
    aliases: tuple[str, ...]


class HomeView(FrozenValue):
    """The content of the home page."""

    title: str
    numbers: tuple[HomeCount, ...]
    coming: tuple[DueItem, ...]
    moving: tuple[Ref, ...]
    running: tuple[Ref, ...]
    findings: tuple[Finding, ...]
    severities: tuple[tuple[Severity, int], ...]
    known: int
    """The number of findings that the baseline lists."""
    today: date
    questions: tuple[QuestionCard, ...]
    tasks: tuple[Task, ...]
    """The overdue tasks, then the next due ones."""
    more_tasks: int
    """The number of items of the ledger that are not among them."""
    is_week_free: bool
    """Whether nothing is overdue or due within seven days."""
    week_end: date
    changes: tuple[ChangeRow, ...]
    notes: tuple[str, ...]
    """Why the history is incomplete, if it is."""
    feed: str
    """The path of the Atom feed; empty if the site has no address."""
    models: tuple[ModelLink, ...]
    """The models in use by name; empty if they are too many."""
    model_count: int
    retired: tuple[Ref, ...]
    draft_count: int
    drafts_path: str
    """The page of drafts."""


def build_home_view(book: Book) -> HomeView:
    """Build the content of the home page."""
    kinds = book.list_finding_kinds()
    severities = Counter(severity for _, _, severity, _ in kinds)
    models = book.list_cards(Model)
    in_use = [model for model in models if not model.is_retired]
    named = {model.ref: model for model in in_use} if len(in_use) <= _MOST_MODELS else {}
    items = (*book.ledger.entries, *book.ledger.open)
    tasks = list_tasks(book, items[:_READ_ITEMS])[:_SHOWN]
    migrations, experiments = book.list_cards(Migration), book.list_cards(Experiment)
    moving = book.sort_by_name(card.ref for card in migrations if card.status is MigrationStatus.RUNNING)
    running = book.sort_by_name(card.ref for card in experiments if card.status is ExperimentStatus.RUNNING)
    is_busy = bool(tasks) and (tasks[0].is_overdue or tasks[0].days_left in range(_WEEK.days + 1))
    return HomeView(
        title=book.title,
        numbers=tuple(_count_cards(book, section) for section in NAVIGATION.catalogue),
        coming=list_due_items(book)[:_SHOWN],
        moving=moving,
        running=running,
        findings=book.list_worst_findings()[:_SHOWN],
        severities=tuple((severity, severities[severity]) for severity in Severity if severities[severity]),
        known=sum(is_known for _, _, _, is_known in kinds),
        today=book.today,
        questions=tuple(_list_questions(book, in_use, moving, running)),
        tasks=tasks,
        more_tasks=len(items) - sum(len(task.items) for task in tasks),
        is_week_free=not is_busy,
        week_end=book.today + min(_WEEK, date.max - book.today),
        changes=tuple(_list_changes(book))[:_SHOWN],
        notes=book.history_notes,
        feed=FEED_PATH if book.site_url else "",
        models=tuple(ModelLink(ref, named[ref].aliases[:2]) for ref in book.sort_by_name(named)),
        model_count=len(in_use),
        retired=book.sort_by_name(model.ref for model in models if model.is_retired)[:_SHOWN],
        draft_count=len({ref for refs in book.drafts.values() for ref in refs}),
        drafts_path=DRAFTS_PATH,
    )


def _count_cards(book: Book, section: SiteSection) -> HomeCount:
    detail = ""
    match section.kind:
        case "model":
            models = book.list_cards(Model)
            total = len(models)
            lifecycles = Counter(model.lifecycle for model in models)
            detail = ", ".join(f"{lifecycles[one]} {one}" for one in Lifecycle if lifecycles[one])
        case "resource":
            total = len(book.list_resources())
        case "person":
            total = sum(not book.has_left(person.ref) for person in book.list_cards(Person))
        case kind:
            total = sum(ref.kind == kind for ref in book.graph.cards)
    return HomeCount(total, section.folder if total != 1 else section.kind, section.path, detail)


_VERDICTS = (VerdictKind.YES, VerdictKind.NOT_YET, VerdictKind.UNKNOWN, VerdictKind.NO)


def _list_questions(
    book: Book, in_use: list[Model], moving: tuple[Ref, ...], running: tuple[Ref, ...]
) -> Iterator[QuestionCard]:
    verdicts = Counter(book.judge_removal_kind(model.ref) for model in in_use)
    counts = ", ".join(f"{kind} for {verdicts[kind]:,}" for kind in _VERDICTS if verdicts[kind])
    answer = f"A verdict for each model, with its reasons: {counts}." if counts else "No model is in use."
    yield QuestionCard("Can it be switched off?", answer, "models/index.md")

    teams = [team for ref in book.graph.cards if ref.kind == "team" and (team := get_team(book.graph, ref.id))]
    on_call = sum(bool(get_team_addresses(team).on_call) for team in teams)
    gaps = count_gaps(book)
    missing = f"{format_count(gaps, 'contact')} missing" if gaps else "No contact is missing"
    having = f"{on_call:,} of {format_count(len(teams), 'team')} have an on-call"
    answer = f"On-call, chat and people by function. {having}. {missing}."
    yield QuestionCard("Who do I call now?", answer, "who-to-call.md")

    critical = [
        model for model in in_use if find_criticality(list_model_uses(book.graph, model.ref)) is Criticality.HIGH
    ]
    alone = sum(model.fallback is None or book.graph.is_retired(Ref("model", model.fallback)) for model in critical)
    answer = f"{format_count(len(critical), 'model')} of high criticality, {alone or 'none'} without a fallback. "
    yield QuestionCard("What breaks if it fails?", f"{answer}Each page says who would notice.", "models/index.md")

    overdue, still_open = len(book.ledger.entries), len(book.ledger.open)
    late = f"{overdue:,}" if overdue else "None"
    answer = f"{late} overdue, {format_count(still_open, 'item')} open. By team, with dates."
    yield QuestionCard("What is open or overdue?", answer, "debt.md")

    answer = f"{format_count(len(moving), 'migration')} and {format_count(len(running), 'experiment')} running."
    waves = (item for item in book.ledger.open if item.duty.kind in {DutyKind.WAVE, DutyKind.STUCK} and item.due)
    following = next(waves, None)
    path = "migrations/index.md"
    if following is not None and following.due is not None:
        answer += f" Next: {following.name}, wave {following.duty.key}, on {format_day(following.due)}."
        path = get_card_path(following.subject)
    yield QuestionCard("What moves next?", answer, path)

    kinds = Counter(ref.kind for ref in list_map_nodes(book))
    things = f"{format_count(kinds['model'], 'model')}, {format_count(kinds['system'], 'system')}"
    yield QuestionCard("How does it fit together?", f"{things} and the data between them on one map.", "map.md")


def _list_changes(book: Book) -> Iterator[ChangeRow]:
    """Yield a row for each card that a commit changed, or one row for a commit that changed many cards."""
    changes = list_recent_changes(book.history, book.graph, book.settings.functions, _READ_CHANGES)
    for unsorted in group_pairs((change.commit.id, change) for change in changes).values():
        several = tuple(sorted(unsorted, key=lambda one: compute_prominence(one.ref)))
        shown = several if len(several) <= _MOST_CARDS else several[:1]
        for change in shown:
            cards = (change,) if len(several) <= _MOST_CARDS else several[:_MOST_CARDS]
            yield ChangeRow(
                day=change.on,
                author=change.author,
                refs=tuple(one.ref for one in cards if one.exists),
                names=tuple(one.name for one in cards if not one.exists),
                more=len(several) - len(cards) if len(several) > _MOST_CARDS else 0,
                texts=tuple(shorten(text, _LONGEST_TEXT, placeholder="…") for text in change.texts[:_MOST_CARDS])
                if len(cards) == 1
                else (),
                subject=change.commit.reason,
            )
