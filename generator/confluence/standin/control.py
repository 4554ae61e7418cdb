"""The levers below `/_standin`, for tests in any language: faults, the log, people, remarks by others.

Every write needs a JSON body, so that no web page that happens to be open can pull them.
"""

from dataclasses import dataclass

from generator.confluence.standin import comments, pages, people
from generator.confluence.standin.faults import Faults, fault_from
from generator.confluence.standin.log import Log
from generator.confluence.standin.messages import Reply, Route, json_reply
from generator.confluence.standin.records import DemoPerson
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import Status
from generator.errors import UserError

PATH = "/_standin"


@dataclass(frozen=True, slots=True)
class Levers:
    """What can be looked at and changed from outside."""

    log: Log
    faults: Faults
    at: Visit


def requests(levers: Levers) -> Reply:
    """Return everything that was asked."""
    entries = levers.log.entries
    listed = [{"method": one.method, "path": one.path, "status": one.status, "mishap": one.mishap} for one in entries]
    return json_reply({"count": len(entries), "requests": listed})


def forget(levers: Levers) -> Reply:
    """Return an empty log."""
    levers.log.clear()
    return json_reply({"count": 0})


def set_faults(levers: Levers) -> Reply:
    """Other faults, in the place of those before; the body is a list of them."""
    listed = levers.at.request.any_json()
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Refusal(Reason.BAD_REQUEST, "the body must be a list of faults")
    try:
        faults = [fault_from(one) for one in listed]
    except UserError as error:
        raise Refusal(Reason.BAD_REQUEST, str(error)) from None
    levers.faults.replace(faults)
    return json_reply({"faults": len(faults)})


def notifications(levers: Levers) -> Reply:
    """Whom Confluence would have sent mail about what."""
    rows = levers.at.tables.rows("SELECT page_id, what FROM notification ORDER BY id")
    listed = [{"page": str(page_id), "what": str(what)} for page_id, what in rows]
    return json_reply({"count": len(listed), "notifications": listed})


def add_person(levers: Levers) -> Reply:
    """Somebody else, with `may` as a list of pairs of a space key and a verb."""
    data = levers.at.request.json()
    texts = [data.get(name) for name in ("id", "name", "email", "token")]
    may = data.get("may")
    if not all(isinstance(text, str) and text for text in texts) or not _pairs(may):
        raise Refusal(Reason.BAD_REQUEST, "a person has id, name, email, token, and may as pairs of space and verb")
    identifier, name, email, token = (str(text) for text in texts)
    people.add(
        levers.at.tables, [DemoPerson(identifier, name, email, token, tuple((pair[0], pair[1]) for pair in may or ()))]
    )
    return json_reply({"id": identifier})


def add_comment(levers: Levers) -> Reply:
    """Return a remark on a stretch of a page's text, as a reader makes it in the browser."""
    data = levers.at.request.json()
    page = pages.find(levers.at, str(data.get("page", "")), (Status.CURRENT,))
    made = comments.create(
        levers.at, page, str(data.get("selection", "")), 0, str(data.get("body", "<p>Is that so?</p>"))
    )
    return json_reply({"id": str(made.id), "marker": made.marker}, 201)


def resolve_comment(levers: Levers, comment_id: str) -> Reply:
    """Settles a remark."""
    comments.resolve(levers.at, int(comment_id) if comment_id.isdigit() else 0)
    return json_reply({"id": comment_id})


def _pairs(may: object) -> bool:
    return isinstance(may, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) for word in pair) for pair in may
    )


ROUTES = (
    Route("GET", f"{PATH}/requests", requests),
    Route("DELETE", f"{PATH}/requests", forget),
    Route("PUT", f"{PATH}/faults", set_faults),
    Route("GET", f"{PATH}/notifications", notifications),
    Route("POST", f"{PATH}/people", add_person),
    Route("POST", f"{PATH}/inline-comments", add_comment),
    Route("POST", f"{PATH}/inline-comments/{{comment_id}}/resolve", resolve_comment),
)
