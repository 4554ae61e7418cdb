"""MB62x: what must be true once a migration is done."""

from collections.abc import Iterator

from generator.checks.mentions import mentions
from generator.checks.rule import Facts, rule
from generator.findings import Finding
from generator.schema import Migration
from generator.schema.migration import MigrationStatus


def _done(facts: Facts) -> list[Migration]:
    return [migration for _, migration in facts.of(Migration) if migration.status is MigrationStatus.DONE]


@rule("MB621", "done-yet-still-named")
def done_yet_still_named(facts: Facts) -> Iterator[Finding]:
    """What a finished migration retires is named in no card any more.

    Why: the old host or topic that a card still names is what somebody will copy into new code.
    Fix: write what replaces it. Migrations themselves may name it: they are the history. Search the repositories for
    it too: this rule reads cards only.
    """
    retired = {text: migration for migration in reversed(_done(facts)) for text in migration.retires}
    for mention in mentions(facts.cards, retired):
        inside = mention.inside
        if inside is None or not isinstance(inside.card, Migration):
            migration = retired[mention.text]
            message = f"{mention.text!r} is still named, though {migration.ref} is done and retires it"
            subject = inside.ref if inside else migration.ref
            yield done_yet_still_named.at(mention.position, message, "write what replaces it", subject)


@rule("MB622", "done-yet-wave-open")
def done_yet_wave_open(facts: Facts) -> Iterator[Finding]:
    """When a migration is done, so are its waves.

    Why: somebody is still on the old place, and it is about to be switched off.
    Fix: set `done_on:`, remove the wave, or set `status: running`.
    """
    for loaded, duty in facts.duties("MB622"):
        yield done_yet_wave_open.report(loaded, duty, "set `done_on:`, or set `status: running`")


RULES = (done_yet_still_named, done_yet_wave_open)
