"""MB62x: the state of a book after a migration."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.checks.locations import CardLocator
from generator.checks.rule import RuleContext, rule
from generator.findings import Finding, Position
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.schema import Migration
from generator.schema.migration import MigrationStatus


@rule("MB621", "done-yet-still-named")
def done_yet_still_named(context: RuleContext) -> Iterator[Finding]:
    """Checks that no card contains a string that a finished migration retires.

    Why: an old host or topic in a card is copied into new code.
    Fix: write the replacement. Only cards are searched, so search the repositories too. Cards of migrations can contain
    the string, as history.
    """
    done = [migration for _, migration in context.list_cards(Migration) if migration.status is MigrationStatus.DONE]
    retired = {text: migration for migration in reversed(done) for text in migration.retires}
    for mention in find_mentions(context.cards, retired):
        inside = mention.inside
        if inside is None or not isinstance(inside.card, Migration):
            migration = retired[mention.text]
            message = f"{mention.text!r} is still named, but {migration.ref} is done and retires it"
            subject = inside.ref if inside else migration.ref
            yield done_yet_still_named.at(mention.position, message, "write the replacement", subject)


@rule("MB622", "done-yet-wave-open")
def done_yet_wave_open(context: RuleContext) -> Iterator[Finding]:
    """Checks that all waves of a finished migration are done.

    Why: some users are still on the old place, which is switched off soon.
    Fix: set `done_on:`, remove the wave, or set `status: running`.
    """
    for loaded, duty in context.list_duties("MB622"):
        yield done_yet_wave_open.report_duty(loaded, duty, "set `done_on:`, or set `status: running`")


_WORD = re.compile(r"\w+")
_HOST = re.compile(r"(?:https?://)?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?/?")
"""An address without a path; the last part of a host is a word, unlike that of the topic `orders.v1`."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A string in a text, with its place."""

    text: str
    position: Position
    inside: LoadedCard | None
    """The card that contains it; None in a file without cards, such as that of a contract."""


def find_mentions(cards: Cards, texts: Iterable[str]) -> Iterator[Mention]:
    """Find the lines that contain one of the texts as whole words: `rank_daily` is not in `rank_daily_v2`.

    Hosts are found in upper and lower case. A file is searched for a text only if it contains the rarest word of that
    text, so the time depends on the files and the mentions, not on the number of texts.
    """
    words_of = {text: words for text in sorted(set(texts)) if (words := _WORD.findall(_fold_host(text)))}
    wanted = {word for words in words_of.values() for word in words}
    in_file: dict[str, set[str]] = {}
    for file, text in cards.texts.items():
        in_text = set(_WORD.findall(text))
        found = wanted & (in_text | {word.lower() for word in in_text})
        if found:
            in_file[file] = found
    frequency = Counter(word for found in in_file.values() for word in found)
    patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for text, parts in words_of.items():
        # The text must not continue with a letter, a digit, an underscore or a dash.
        start = r"(?<![\w-])" if re.match(r"\w", text) else ""
        end = r"(?![\w-])" if re.search(r"\w\Z", text) else ""
        pattern = re.compile(start + re.escape(text) + end, re.IGNORECASE if _HOST.fullmatch(text) else 0)
        patterns.setdefault(min(parts, key=lambda word: (frequency[word], word)), []).append((text, pattern))
    locator = CardLocator(cards)
    for file, found in in_file.items():
        for text, pattern in (one for word in sorted(found) for one in patterns.get(word, ())):
            for position in _list_matching_lines(pattern, file, cards.texts[file]):
                yield Mention(text, position, locator.find_card(position))


def _fold_host(text: str) -> str:
    return text.lower() if _HOST.fullmatch(text) else text


def _list_matching_lines(pattern: re.Pattern[str], file: str, content: str) -> Iterator[Position]:
    """Yield the place of the first match on each line."""
    line, counted, last = 1, 0, 0
    for match in pattern.finditer(content):
        line += content.count("\n", counted, match.start())
        counted = match.start()
        if line != last:
            last = line
            yield Position(file, line, match.start() - content.rfind("\n", 0, match.start()))


RULES = (done_yet_still_named, done_yet_wave_open)
