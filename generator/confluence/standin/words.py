"""How each flavour says no: status, body and headers, as quoted in reports about the real ones."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from generator.confluence.standin.messages import Reply, json_reply
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.wiki import Flavour

_STATUS = {
    Reason.UNAUTHORIZED: 401,
    Reason.NO_PERMISSION: 403,
    Reason.NOT_FOUND: 404,
    Reason.NO_SUCH_PATH: 404,
    Reason.METHOD: 405,
    Reason.MEDIA_TYPE: 415,
    Reason.BAD_REQUEST: 400,
    Reason.REMOVED: 410,
    Reason.TITLE_TAKEN: 400,
    Reason.STALE_VERSION: 409,
    Reason.STALE_PROPERTY: 409,
    Reason.KEY_TAKEN: 409,
    Reason.UNSETTLED: 409,
    Reason.FILE_TAKEN: 400,
    Reason.BAD_STORAGE: 400,
    Reason.TOO_LARGE: 413,
    Reason.CROSS_SITE: 403,
}
_LIMIT = 100


def v2(refusal: Refusal) -> Reply:
    """Cloud's newer API: a list of errors; without permission there is nothing, so 403 becomes 404."""
    status = _STATUS[refusal.reason]
    if refusal.reason in (Reason.NO_PERMISSION, Reason.NOT_FOUND):
        return _v2_error(404, "NOT_FOUND", "Not Found")
    if refusal.reason in (Reason.STALE_VERSION, Reason.STALE_PROPERTY):
        what = "a page" if refusal.reason is Reason.STALE_VERSION else "a content property"
        title = (
            f"Version must be incremented when updating {what}. Current Version: [{refusal.facts['current']}]."
            f" Provided version: [{refusal.facts['provided']}]"
        )
        return json_reply({"errors": [{"code": "CONFLICT", "title": title}]}, 409)
    if refusal.reason is Reason.TITLE_TAKEN:
        words = "A page with this title already exists: A page already exists with the same TITLE in this space"
        return _v2_error(status, "BAD_REQUEST", words)
    return _v2_error(status, HTTPStatus(status).name, refusal.words)


def _v2_error(status: int, code: str, title: str) -> Reply:
    return json_reply({"errors": [{"status": status, "code": code, "title": title, "detail": None}]}, status)


def v1(refusal: Refusal) -> Reply:
    """Data Center, and Cloud's older API: one message."""
    status = _STATUS[refusal.reason]
    words = refusal.words
    if refusal.reason is Reason.STALE_VERSION:
        words = (
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Version must be incremented on"
            f" update. Current version is: {refusal.facts['current']}"
        )
    elif refusal.reason is Reason.STALE_PROPERTY:
        words = (
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Can't update property, version"
            f" {refusal.facts['provided']} must be one more than {refusal.facts['current']}"
        )
    elif refusal.reason is Reason.TITLE_TAKEN:
        words = (
            f"A page already exists with the title {refusal.facts['title']} in the space"
            f" with key {refusal.facts['space']}"
        )
    elif refusal.reason is Reason.KEY_TAKEN:
        status = 400
        words = (
            "com.atlassian.confluence.api.service.exceptions.BadRequestException:"
            " the content already has a value with the given key"
        )
    data = {"authorized": status not in (401, 403), "valid": status != 400, "errors": [], "successful": False}
    body = {"statusCode": status, "data": data, "message": words, "reason": HTTPStatus(status).phrase}
    return json_reply(body, status)


def unauthorized(flavour: Flavour) -> Reply:
    """Wrong credentials; Data Center answers with a web page."""
    if flavour is Flavour.CLOUD:
        return json_reply({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
    page = b"<html><head><title>Unauthorized (401)</title></head><body>Client must be authenticated</body></html>"
    headers = {"Content-Type": "text/html;charset=UTF-8", "WWW-Authenticate": 'Basic realm="Confluence"'}
    return Reply(401, page, headers)


def removed(path: str) -> Reply:
    """Return a call of the older API that Cloud has taken away."""
    words = f"GoneException: This deprecated endpoint has been removed. ({path})"
    return json_reply({"statusCode": 410, "message": words, "reason": "Gone"}, 410)


def rate_limited(flavour: Flavour, seconds: float, now: datetime) -> Reply:
    """429 with the headers of the flavour."""
    wait = str(max(0, round(seconds)))
    if flavour is Flavour.DATACENTER:
        headers = {
            "X-RateLimit-Limit": str(_LIMIT),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Interval-Seconds": wait,
            "X-RateLimit-FillRate": "10",
            "Retry-After": wait,
        }
        return json_reply({"statusCode": 429, "message": "Rate limit exceeded"}, 429, headers)
    headers = {
        "Retry-After": wait,
        "X-RateLimit-Limit": str(_LIMIT),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": (now.astimezone(UTC) + timedelta(seconds=round(seconds))).isoformat(),
        "X-RateLimit-NearLimit": "true",
        "RateLimit-Reason": "confluence-burst-based",
    }
    return json_reply({"code": 429, "message": "Rate limit exceeded"}, 429, headers)


def failed(status: int) -> Reply:
    """Return a server error as a gateway writes it."""
    body: dict[str, Any] = {"statusCode": status, "message": HTTPStatus(status).phrase}
    return json_reply(body, status)
