"""What the stand-in says no to; each flavour has its own words and status for a reason."""

from enum import Enum


class Reason(Enum):
    """Why something was not done."""

    UNAUTHORIZED = "unauthorized"
    NO_PERMISSION = "no permission"
    NOT_FOUND = "not found"
    NO_SUCH_PATH = "no such path"
    METHOD = "method"
    MEDIA_TYPE = "media type"
    BAD_REQUEST = "bad request"
    REMOVED = "removed"
    TITLE_TAKEN = "title taken"
    STALE_VERSION = "stale version"
    STALE_PROPERTY = "stale property"
    KEY_TAKEN = "key taken"
    UNSETTLED = "unsettled"
    FILE_TAKEN = "file taken"
    BAD_STORAGE = "bad storage"
    TOO_LARGE = "too large"
    CROSS_SITE = "cross site"


class Refusal(Exception):  # noqa: N818 - it is an answer on its way out, no error of the stand-in
    """Ends a request: nothing that it did stays."""

    def __init__(self, reason: Reason, words: str, **facts: str | int) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words
        self.facts = facts
