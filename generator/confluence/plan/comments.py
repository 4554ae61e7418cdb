"""The comments that a plan would cost their place, told so that somebody can say yes to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from generator.confluence.plan.values import Change, Remark
from generator.confluence.storage.readable import to_readable_lines
from generator.confluence.wiki import InlineComment

_MOST = 120
SETTLED = frozenset({"resolved", "dangling"})
"""States in which a comment waits for nobody."""


def named(
    changes: Iterable[Change], comments: Mapping[str, tuple[InlineComment, ...]], names: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return the changes with who wrote what; a settled comment, or a marker that no comment has, is no loss.

    `names` are those of accounts, by id, as far as the comments do not tell them.
    """
    return tuple(
        replace(change, remarks=tuple(_told(change.remarks, comments.get(change.page_id, ()), names)))
        for change in changes
    )


def nameless(comments: Iterable[InlineComment]) -> tuple[str, ...]:
    """Return the accounts whose names have to be asked for."""
    return tuple(dict.fromkeys(each.author.id for each in comments if each.author.id and not each.author.name))


def _told(remarks: Iterable[Remark], comments: Iterable[InlineComment], names: Mapping[str, str]) -> Iterator[Remark]:
    by_marker = {comment.marker: comment for comment in comments if comment.state not in SETTLED}
    for remark in remarks:
        comment = by_marker.get(remark.marker)
        if comment is not None:
            words = " ".join(to_readable_lines(comment.body))
            author = comment.author.name or names.get(comment.author.id, comment.author.id)
            yield replace(remark, author=author, body=words if len(words) <= _MOST else f"{words[: _MOST - 1]}…")
