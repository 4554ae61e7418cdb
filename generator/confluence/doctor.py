"""Whether publishing would work: address, credentials, space, page, permissions and flavour, one after the other."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from generator.confluence.rest import Wiki
from generator.confluence.sync.manifest import read_manifest
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import (
    NoPermission,
    NotFound,
    Space,
    Status,
    Unauthorized,
    WikiProblem,
)
from generator.names import format_count
from generator.values import FrozenValue

_CREATE, _REMOVE = "create pages", "remove pages"


class CheckOutcome(StrEnum):
    """How a check ended."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Check(FrozenValue):
    """One thing that was looked at."""

    name: str
    verdict: CheckOutcome
    said: str
    fix: str = ""


def run_checks(connect: Callable[[], Wiki], settings: PublishSettings) -> tuple[Check, ...]:
    """Connect and run the checks in order, without writing; end after one that makes the rest meaningless."""
    try:
        wiki = connect()
        account = wiki.account()
    except (Unauthorized, NoPermission) as problem:
        fix = "let this account use Confluence, or make a new token"
        return (Check("credentials", CheckOutcome.BAD, str(problem), problem.fix or fix),)
    except NotFound as problem:
        fix = "correct CONFLUENCE_URL: on Cloud it ends in /wiki, on Data Center in the context path, if there is one"
        return (Check("address", CheckOutcome.BAD, str(problem), fix),)
    except WikiProblem as problem:
        fix = problem.fix or "open CONFLUENCE_URL in a browser on this machine"
        return (Check("address", CheckOutcome.BAD, str(problem), fix),)
    access = Check("credentials", CheckOutcome.GOOD, f"signed in as {account.name or account.id}")
    return (access, *_check_settings(wiki, settings))


def _check_settings(wiki: Wiki, settings: PublishSettings) -> Iterator[Check]:
    verdict, message, fix = CheckOutcome.GOOD, str(wiki.flavour), ""
    if settings.orphans == "archive" and not wiki.flavour.archives:
        verdict, fix = CheckOutcome.WARNING, "set `orphans: trash` to accept this, or `orphans: keep`"
        message += ", which cannot archive pages: those of removed cards move to the trash"
    yield Check("flavour", verdict, message, fix)
    try:
        space = wiki.space(settings.space)
    except WikiProblem as problem:
        fix = "correct `space` (the key is in the address of the space), or let this account view it"
        yield Check("space", CheckOutcome.BAD, str(problem), fix)
        return
    yield Check("space", CheckOutcome.GOOD, f"{space.key}: {space.name}")
    yield from _check_parent(wiki, settings, space)
    yield _check_permissions(wiki, space, settings)


def _check_parent(wiki: Wiki, settings: PublishSettings, space: Space) -> Iterator[Check]:
    """Yield the checks of the parent page or folder, and of the manifest in its properties."""
    host = settings.parent or space.homepage_id
    if host is None:
        fix = "set `parent` to the id of the page to publish under"
        yield Check("parent page", CheckOutcome.BAD, "the space has no home page", fix)
        return
    try:
        page = wiki.parent(host)
        manifest = read_manifest(wiki.properties(host, kind=page.kind), settings.book, host)
    except WikiProblem as problem:
        fix = "correct `parent` (the number in the address of the page), or let this account view it"
        yield Check("parent page", CheckOutcome.BAD, str(problem), fix)
        return
    if page.status is not Status.CURRENT or page.space_id != space.id:
        message = f"{page.title!r} is {page.status if page.space_id == space.id else 'in another space'}"
        yield Check("parent page", CheckOutcome.BAD, message, "choose a current page or folder of the space")
        return
    yield Check("parent page", CheckOutcome.GOOD, f"{page.title} ({page.kind} {page.id})")
    if manifest.head is not None and not manifest.intact:
        message = "the list of published pages is damaged"
        yield Check("manifest", CheckOutcome.WARNING, message, "nothing: the next publish rebuilds it from the pages")
    else:
        yield Check("manifest", CheckOutcome.GOOD, f"{format_count(len(manifest.entries), 'page')} published so far")


def _check_permissions(wiki: Wiki, space: Space, settings: PublishSettings) -> Check:
    fix = "ask an administrator of the space what you may do"
    try:
        granted = wiki.operations(space)
    except WikiProblem as problem:
        return Check("permissions", CheckOutcome.WARNING, str(problem), fix)
    if not granted:
        message = "the wiki does not report the permissions of this account"
        return Check("permissions", CheckOutcome.WARNING, message, fix)
    # Cloud lists what the account may do in the space, Data Center what it may do to the home page.
    needed = {_CREATE: {"create page", "update page"}}
    if settings.orphans != "keep":
        needed[_REMOVE] = {"delete page", "archive page"}
    missing = [verb for verb, operations in needed.items() if not granted & operations]
    if missing:
        fix = f"ask an administrator of {space.key} to grant it under space permissions"
        return Check("permissions", CheckOutcome.BAD, f"this account may not {' or '.join(missing)}", fix)
    return Check("permissions", CheckOutcome.GOOD, f"may {_CREATE} and {_REMOVE}")
