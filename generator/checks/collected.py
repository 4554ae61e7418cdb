"""MB026: links to the former places of collected cards; and the place of a finding in its own repository."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.checks.locations import LineIndex
from generator.checks.rule import RuleContext, Violation, rule
from generator.evidence.records import CodePlace
from generator.evidence.source_links import build_source_link, get_repository_name
from generator.findings import Finding, Position, Severity, SourcePlace
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.collected import FormerCard
from generator.names import Ref


@rule("MB026", "link-to-former-place", Severity.INFO)
def link_to_former_place(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card has a link to the file in which another card was before it was moved.

    Why: a card can move from one repository or file to another. References name its id, and its page keeps its
    address, so both still work, and a move alone is no finding. An address of the old file shows a deleted file or an
    old version. The finding is at the line with the address of the former repository and the path of the file.
    Fix: write the address of the new file, or a reference to the card.
    """
    cards, locator = context.cards, context.facts.locator
    for file, text in context.list_files() if cards.lock.former else ():
        for former in cards.lock.former:
            moved = _find_moved(context, former) if former.path in text else None
            if moved is None:
                continue
            repository = cards.lock.by_name.get(former.name)
            name = get_repository_name(repository.url) if repository is not None and repository.url else former.name
            lines = LineIndex(text, file)
            start = 0
            for line in text.split("\n"):
                at = line.find(former.path)
                holder = locator.find_card(lines.locate(start + at)) if at >= 0 and f"/{name}/" in line else None
                if holder is not None:
                    message = (
                        f"{former.card} was moved from {former.path} in {former.name} (until commit "
                        f"{former.commit[:10]}) to {moved.describe_place()}"
                    )
                    hint = "write the address of the new file, or a reference to the card"
                    yield Violation(lines.locate(start + at), message, hint, holder.ref)
                start += len(line) + 1


def _find_moved(context: RuleContext, former: FormerCard) -> LoadedCard | None:
    """Find the card that was at a former place; None if the book has no such card, or if it is still there."""
    try:
        moved = context.graph.cards.get(Ref.parse(former.card))
    except ValueError:  # a lock file that was edited
        return None
    origin = moved.origin if moved is not None else None
    is_there = moved is not None and moved.repository == former.name and origin and origin.path == former.path
    return None if is_there else moved


def add_sources(findings: Iterable[Finding], cards: Cards, pattern: str | None = None) -> list[Finding]:
    """Add to each finding in a collected file its place in the repository of the file.

    `pattern` is the address of a line at hosts that Modelbook does not know.
    """
    found: list[Finding] = []
    for finding in findings:
        origin = cards.origins.get(finding.position.file) if cards.origins else None
        if origin is not None:
            line, column, repository = finding.position.line, finding.position.column, origin.repository
            place = CodePlace(origin.path, line, column)
            url = build_source_link(repository.url, repository.commit, place, pattern)
            source = SourcePlace(repository.name, Position(origin.path, line, column), url)
            found.append(replace(finding, source=source))
        else:
            found.append(finding)
    return found
