"""Error responses of the server as exceptions."""

from generator.confluence.rest.call import ApiRequest, ApiResponse
from generator.confluence.rest.redaction import redact_text
from generator.confluence.wiki import (
    AlreadyExists,
    BadStorage,
    NoPermission,
    NotFound,
    RateLimited,
    Refused,
    TitleTaken,
    TooLarge,
    Unauthorized,
    VersionConflict,
    WikiProblem,
)

SAID_LIMIT = 600
"""Characters of an error message that are shown."""
_READ_LIMIT = 20_000
"""Characters of a response that are read. A secret that the cut divides is recognized by its parts."""

_BY_STATUS: dict[int, type[WikiProblem]] = {
    401: Unauthorized,
    403: NoPermission,
    404: NotFound,
    413: TooLarge,
    429: RateLimited,
}


def to_problem(call: ApiRequest, answer: ApiResponse, secrets: tuple[str, ...]) -> WikiProblem:
    """Return the exception for a response outside of 2xx; its message is redacted."""
    words = _get_text(answer)
    said = redact_text(words, secrets)[:SAID_LIMIT]
    kind = _BY_STATUS.get(answer.status, Refused)
    if answer.status == 409:
        kind = AlreadyExists if "already exist" in words.lower() else VersionConflict
    elif answer.status == 400:
        kind = _classify_bad_request(words.lower())
    return kind(str(call), said, answer.status, call.content_id)


def _classify_bad_request(words: str) -> type[WikiProblem]:
    if "error parsing xhtml" in words:
        return BadStorage
    if "page" in words and "title" in words and "already exists" in words:
        return TitleTaken
    # Data Center answers 400 to the key of a property that exists, Cloud 409 or 400.
    if "same file name" in words or "already exists" in words or "already has a value" in words:
        return AlreadyExists
    if "too large" in words or "too long" in words:
        return TooLarge
    return Refused


def _get_text(answer: ApiResponse) -> str:
    """Return the error message of the server; the status if it has none."""
    # Cloud's v2 lists errors with title and detail; v1 has one message.
    data = answer.data if isinstance(answer.data, dict) else {}
    words = str(data.get("message") or data.get("reason") or "")
    if isinstance(data.get("errors"), list):
        errors = [error for error in data["errors"] if isinstance(error, dict)]
        texts = ([str(error[key]) for key in ("title", "detail", "message") if error.get(key)] for error in errors)
        words = "; ".join(text for several in texts for text in dict.fromkeys(several))
    if not words and "html" not in answer.headers.get("Content-Type", ""):
        words = answer.text
    return " ".join((words[:_READ_LIMIT] or f"HTTP {answer.status}").split())
