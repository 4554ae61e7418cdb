"""The codes of references: what leads nowhere, or to the wrong thing."""

from generator.findings import Rule, Severity

DANGLING = Rule(
    "MB101",
    "dangling-reference",
    Severity.ERROR,
    """A reference leads to a card.

    Why: an owner or a consumer that does not exist cannot be called, and nobody is told of changes.
    Fix: correct the id as the hint says, or write the missing card (`modelbook new KIND ID`). A reference names the id;
    aliases are for the search. Resources such as topics and feature views need no card of their own.
    """,
)
WRONG_KIND = Rule(
    "MB102",
    "wrong-kind",
    Severity.ERROR,
    """A reference leads to the kind of card that its key is for.

    Why: a model cannot own a model, and a system cannot be a fallback.
    Fix: refer to a card of the kind that the message names, as the hint writes it.
    """,
)
NEAR_TYPE = Rule(
    "MB103",
    "unusual-resource-type",
    Severity.WARNING,
    """The type of a resource without a card is a word that the book knows.

    Why: `topc:orders.v1` makes a second node beside `topic:orders.v1`, and the chain between systems breaks there.
    Fix: correct the type as the hint says, or write a card for the resource if the type is meant.
    """,
)

UNCHECKED = Rule(
    "MB105",
    "unchecked-reference",
    Severity.INFO,
    """Every reference can be checked, because every card can be read.

    Why: whether a reference is right is unknown while the card that it may mean cannot be read. It is counted here
    instead of being called wrong.
    Fix: fix the errors of the file first; then run the check again.
    """,
)

RULES = (DANGLING, WRONG_KIND, NEAR_TYPE, UNCHECKED)
