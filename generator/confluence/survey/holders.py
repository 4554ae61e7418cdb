"""Who has the titles that our pages want: somebody else, or a page of ours that nothing lists any more."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from generator.confluence.manifest.claims import claim_of
from generator.confluence.plan.seen import Ground
from generator.confluence.plan.titles import TitleHolder, same
from generator.confluence.survey.gather import gathered
from generator.confluence.survey.recovery import published_as
from generator.confluence.wiki import NoPermission, NotFound, Page, Status, Wiki

_A_LISTING_IS_CHEAPER = 4
"""Titles from which on the whole space is listed instead of asking for each."""


def disputed(
    wiki: Wiki, ground: Ground, titles: Collection[str], refs: Collection[str]
) -> tuple[Ground, dict[str, TitleHolder]]:
    """Return the ground with the pages of ours that have one of the titles and are not listed, and who has the others.

    A page that was removed and brought back, or that this account did not see for a while, carries our property
    still: where its card is there (`refs`) it is taken back, with its history and its comments. One request more
    for each page that is not listed and has one of the titles.
    """
    found = _found(wiki, ground, titles)
    claims = gathered(lambda page_id: _claim(wiki, page_id, ground), [page.id for page in found])
    holders = {same(page.title): TitleHolder(page, claims[page.id]) for page in found}
    back = dict(_returned(found, claims, refs, ground))
    if not back:
        return ground, holders
    pages = [page for page in found if page.id in back]
    taken = ground.with_found(published_as(pages, back, wiki, ground.manifest.book))
    ours = {each.entry.page_id for each in taken.published.values()}
    return taken, {title: each for title, each in holders.items() if each.page.id not in ours}


def _found(wiki: Wiki, ground: Ground, titles: Collection[str]) -> list[Page]:
    ours = {each.entry.page_id for each in ground.published.values()}
    return [page for page in _having(wiki, ground, titles) if page.id not in ours]


def _having(wiki: Wiki, ground: Ground, titles: Collection[str]) -> Iterable[Page]:
    if ground.listing is None and len(titles) <= _A_LISTING_IS_CHEAPER:
        answers = gathered(lambda title: wiki.page_titled(ground.space, title), titles)
        return [page for page in answers.values() if page is not None]
    listing = ground.listing if ground.listing is not None else wiki.pages_in_space(ground.space)
    asked = {same(title) for title in titles}
    return [page for page in listing if same(page.title) in asked]


def _claim(wiki: Wiki, page_id: str, ground: Ground) -> str | None:
    """Return the reference that the page carries for this book; what this account must not look into claims nothing."""
    try:
        return claim_of(wiki, page_id, ground.manifest.book, ground.host)
    except (NotFound, NoPermission):
        return None


def _returned(
    found: Iterable[Page], claims: Mapping[str, str | None], refs: Collection[str], ground: Ground
) -> Iterator[tuple[str, str]]:
    """Yield the pages that stand there while the ones that are listed for their references do not."""
    holding = ground.holding
    for page in found:
        ref = claims[page.id]
        if ref is not None and ref in refs and ref not in holding and page.status is Status.CURRENT:
            yield page.id, ref
