"""The findings in a change of a consumer's repository, at the lines of code that it adds."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.checks.code import NAMES, address_in_code, retired_yet_alive, use_not_documented
from generator.evidence.matching import Hit
from generator.evidence.ownership import CodeOwners
from generator.evidence.published_book import PublishedBook
from generator.evidence.records import FileClass, NameKind
from generator.evidence.retirements import is_allowed
from generator.evidence.sightings import NOT_USED
from generator.findings import Finding, Position, Severity, sort_findings
from generator.names import Ref
from generator.schema import Migration, System
from generator.schema.rollouts import MigrationStatus


class ChangeCheck:
    """Judges the names in a repository by the published book."""

    def __init__(self, book: PublishedBook, repo: str) -> None:
        self._book, self._repo = book, repo
        self._owners = CodeOwners(book.cards)
        self._migrations = {str(card.ref): card for card in book.cards if isinstance(card, Migration)}
        self._retired = book.find_retired()
        self._deployments = {card.ref for card in book.cards if isinstance(card, System) and card.is_deployment}

    def is_counted(self, file: str, hit: Hit) -> bool:
        """Return whether a name is a use, or a retired string without an exception for its place."""
        if not hit.cls.is_live or (hit.name.weakness and not hit.is_strong):
            return False
        if hit.name.kind is not NameKind.RETIRED:
            return hit.name.kind in NAMES
        migration = self._migrations[hit.name.ref]
        exceptions = (
            exception
            for retired in migration.retires
            if retired.text == hit.name.text
            for exception in retired.exceptions
        )
        is_kept = any(is_allowed(exception, self._repo, file) for exception in exceptions)
        return migration.status is not MigrationStatus.ROLLED_BACK and not is_kept

    def check(self, added: Iterable[tuple[str, Hit]]) -> list[Finding]:
        """Return the findings at the places that a change adds; only new retired strings are errors."""
        return sort_findings(finding for file, hit in added for finding in self._judge(file, hit))

    def _judge(self, file: str, hit: Hit) -> Iterator[Finding]:
        position, target = Position(file, hit.line, hit.column), Ref.parse(hit.name.ref)
        if hit.name.kind is NameKind.RETIRED:
            message = f"{hit.name.text!r} is retired by {target}: expected no new use of it"
            source = self._book.sources[hit.name.ref]
            asked = f", or ask {' or '.join(source.owners)}" if source.owners else ""
            hint = f"use its replacement{asked}{f': {source.page}' if source.page else ''}"
            finding = retired_yet_alive.rule.at(position, message, hint)
            yield replace(finding, severity=Severity.ERROR)
            return
        owners = self._owners.list_owners(self._repo, file)
        systems = [owner for owner in owners if owner.kind == "system"]
        if target in owners:
            return
        if target in self._retired:
            message = f"{target} is retired: expected no new use of it"
            yield retired_yet_alive.rule.at(position, message, "use its successor")
        elif target.kind in NOT_USED or any(self._book.is_documented(owner, target) for owner in owners):
            pass
        elif self._deployments.intersection(owners):
            return
        elif systems:
            key = "uses" if target.kind == "model" else "depends_on"
            message = f"{systems[0]} uses {target}, but no card declares it"
            entry = f"- {{model: {target.id}, why: …}}" if target.kind == "model" else str(target)
            file = self._book.sources[str(systems[0])].file
            yield use_not_documented.rule.at(position, message, f"add `{entry}` under `{key}:` in {file} of the book")
        elif not owners:
            message = f"this code uses {target}, but no card has the code of {self._repo}"
            hint = f"add a card of the system to the book, with `repo: {self._repo}`"
            yield use_not_documented.rule.at(position, message, hint)
        if hit.name.kind in {NameKind.HOST, NameKind.URL} and hit.cls is FileClass.CODE:
            message = f"the address of {target} is in code"
            yield address_in_code.rule.at(position, message, "read the address from the configuration")
