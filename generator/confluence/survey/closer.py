"""A closer look at the pages that change: their text, their labels, their comments."""

from collections.abc import Iterable

from generator.confluence.plan.seen import Evidence, Questions
from generator.confluence.survey.gather import gathered
from generator.confluence.wiki import NoPermission, NotFound, Wiki


def evidence_for(wiki: Wiki, questions: Questions, known: Evidence) -> Evidence:
    """Return the answers to all questions; nothing is asked that no question needs, or that is known already."""
    return known.joined(_answers(wiki, questions.beyond(known)))


def _answers(wiki: Wiki, questions: Questions) -> Evidence:
    return Evidence(
        bodies=_bodies(wiki, questions.bodies),
        versions={page_id: body for (page_id, _), body in _versions(wiki, questions.versions).items()},
        labels=gathered(wiki.labels, questions.details),
        files=gathered(wiki.attachments, questions.details),
        children=gathered(wiki.children, questions.children),
        names=names_of(wiki, questions.accounts),
    )


def _bodies(wiki: Wiki, page_ids: tuple[str, ...]) -> dict[str, str]:
    if len(page_ids) == 1:
        return {page_ids[0]: wiki.page(page_ids[0], body=True).body or ""}
    found = wiki.pages(page_ids, body=True) if page_ids else {}
    return {page_id: page.body or "" for page_id, page in found.items()}


def names_of(wiki: Wiki, accounts: Iterable[str]) -> dict[str, str]:
    """What people call the accounts; one that is gone keeps its id."""

    def name(account_id: str) -> str:
        try:
            return wiki.account_name(account_id)
        except (NotFound, NoPermission):
            return account_id

    return gathered(name, accounts)


def _versions(wiki: Wiki, asked: tuple[tuple[str, int], ...]) -> dict[tuple[str, int], str | None]:
    def stored(version: tuple[str, int]) -> str | None:
        try:
            return wiki.page(version[0], body=True, version=version[1]).body
        except NotFound:
            return None

    return gathered(stored, asked)
