"""A plan and a result as the comment of a pull request."""

import re
from collections.abc import Iterable, Iterator

from generator.confluence.plan.data import checksum
from generator.confluence.plan.result import Result
from generator.confluence.plan.values import NO_CONSENT, Change, Conflict, Consent, Plan
from generator.confluence.show.terminal import result_text
from generator.confluence.show.words import conflict_line, counted, details, headline, where
from generator.printable import escape_line

MARK = "<!-- modelbook publish plan -->"
"""The first line, by which CI finds its own comment again."""
_ROOM = 60_000
"""Letters: GitHub takes 65,536 in a comment."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@&!])")


def plan_markdown(plan: Plan, consent: Consent = NO_CONSENT) -> str:
    """Return the plan with a diff to unfold for each page; what does not fit a comment is counted at the end."""
    parts = [*_head(plan, consent)]
    bodies = [*map(_conflict, plan.conflicts), *map(_change, plan.changes)]
    room = _ROOM - sum(map(len, parts))
    for number, body in enumerate(bodies):
        room -= len(body)
        if room < 0:
            parts.append(f"\n… and {len(bodies) - number} more; `modelbook publish plan` shows all of them.\n")
            break
        parts.append(body)
    return "".join(parts)


def result_markdown(result: Result) -> str:
    """What was done, as a comment."""
    return f"{MARK}\n### Confluence: {result.outcome}\n\n{_fenced(result_text(result).splitlines(), 'text')}"


def _head(plan: Plan, consent: Consent) -> Iterator[str]:
    summary = counted(plan.changes) or "nothing to do"
    yield f"{MARK}\n### Confluence: {summary}\n\n{_plain(where(plan))} · plan `{checksum(plan)[:12]}`\n\n"
    refusals = plan.refusals(consent)
    yield from (f"- :no_entry: {_plain(reason)}\n" for reason in refusals)
    for finding in plan.findings[:50]:
        place, hint = _plain(str(finding.position)), f"; {_plain(finding.hint)}" if finding.hint else ""
        yield f"- {finding.severity} {finding.code} {place}: {_plain(finding.message)}{hint}\n"
    if len(plan.findings) > 50:
        yield f"- … and {len(plan.findings) - 50} more findings\n"
    if refusals or plan.findings:
        yield "\n"


def _change(change: Change) -> str:
    card = f" ({_plain(change.card)})" if change.card else ""
    lines = "".join(f"- {_plain(line)}\n" for line in details(change))
    return _unfolding(f"{_plain(headline(change))}{card}", lines, change.diff)


def _conflict(conflict: Conflict) -> str:
    card = f" ({_plain(conflict.card)})" if conflict.card else ""
    return _unfolding(f"⚠️ {_plain(conflict_line(conflict))}{card}", f"- {_plain(conflict.words)}\n", conflict.diff)


def _unfolding(title: str, lines: str, diff: Iterable[str]) -> str:
    listed = list(diff)
    shown = _fenced(listed, "diff") if listed else ""
    return f"<details><summary>{title}</summary>\n\n{lines}\n{shown}</details>\n\n"


def _fenced(lines: Iterable[str], language: str) -> str:
    """Return a code block whose fence is longer than any run of backticks in it."""
    text = "".join(f"{escape_line(line)}\n" for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}{fence}\n"


def _plain(text: str) -> str:
    """Return the text as it is: nothing in it is Markdown, HTML or a mention of somebody."""
    return _SPECIAL.sub(lambda sign: f"&#{ord(sign[1])};", escape_line(text))
