"""`modelbook publish`: the built site's pages in Confluence."""

import click

from generator.cli.lazy import Deferred, LazyGroup

EPILOG = """\b
Where:           `confluence: {space: KEY}` in mkdocs.yml, or CONFLUENCE_SPACE, or --space
Which wiki:      CONFLUENCE_URL
Who:             CONFLUENCE_USER and CONFLUENCE_TOKEN; on Data Center a personal access token alone

Try it first:    modelbook confluence demo

Exit status: 0 done or nothing to do, 1 findings or conflicts, 2 wrong use.
"""

COMMANDS = (
    Deferred("plan", "generator.cli.publish.plan", "Show what publishing would change; changes nothing."),
    Deferred("apply", "generator.cli.publish.apply", "Carry a plan out: the one that was saved, or one made now."),
    Deferred("parity", "generator.cli.publish.parity", "Prove that the wiki's pages hold what the site's pages hold."),
    Deferred("doctor", "generator.cli.publish.doctor", "Check address, credentials, permissions and space."),
)


@click.group(cls=LazyGroup, deferred=COMMANDS, epilog=EPILOG)
def publish() -> None:
    """Bring the built site's pages into Confluence, Cloud or Data Center.

    Build the site first: what is published is what `modelbook build` wrote. A page is known by its card, whatever its
    title; what is not ours is never touched.
    """
