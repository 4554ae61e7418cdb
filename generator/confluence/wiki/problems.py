"""What a wiki may answer instead: one exception for each case that a publisher handles differently."""


class WikiProblem(Exception):  # noqa: N818 - its kin are named for what the wiki says: NotFound, TitleTaken
    """The wiki did not do it; the text names the request and the server's own words, never a secret."""

    def __init__(self, call: str, said: str, status: int | None = None) -> None:
        super().__init__(f"{call}: {said}" if said else call)
        self.call = call
        self.said = said
        self.status = status


class NotFound(WikiProblem):
    """Nothing there, or nothing that this account may see: Confluence gives one answer for both."""


class NoPermission(WikiProblem):
    """It is there, and this account may not do that."""


class Unauthorized(WikiProblem):
    """The credentials are wrong, or the token has expired."""


class TitleTaken(WikiProblem):
    """Another page of the space has this title; an archived page keeps its title, a trashed one does not."""


class VersionConflict(WikiProblem):
    """Somebody saved in between: the version to write is not one above the version that stands there."""


class AlreadyExists(WikiProblem):
    """The property's key or the attachment's file name is in use on that page."""


class BadStorage(WikiProblem):
    """The body is not storage format; `row` and `column` count from 1 where the server names them."""

    def __init__(
        self, call: str, said: str, status: int | None = None, row: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(call, said, status)
        self.row = row
        self.column = column


class TooLarge(WikiProblem):
    """More than the wiki takes in one piece."""


class Refused(WikiProblem):
    """Any other answer that says no."""


class NotOffered(WikiProblem):
    """Confluence of this flavour has no such call."""


class RateLimited(WikiProblem):
    """Asked too often, and waiting as told did not help; nothing was done."""

    def __init__(self, call: str, said: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(call, said, status)
        self.retry_after = retry_after


class Unavailable(WikiProblem):
    """The wiki cannot be reached or fails, and nothing was written by this request."""


class LostAnswer(WikiProblem):
    """A write was sent and no usable answer came: it may have happened. Look before trying again."""
