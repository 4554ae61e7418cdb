"""The rules about references."""

from generator.findings import Rule, Severity

DANGLING = Rule(
    "MB101",
    "dangling-reference",
    Severity.ERROR,
    """Checks that every reference points to a card.

    Why: an owner or a consumer without a card cannot be contacted, and is not informed of changes.
    Fix: correct the id as the hint proposes, or write the missing card (`modelbook new KIND ID`). A reference contains
    the id of a card; aliases are only for the search. Resources such as topics and feature views need no card.
    """,
)
WRONG_KIND = Rule(
    "MB102",
    "wrong-kind",
    Severity.ERROR,
    """Checks that every reference points to a kind of card that its key allows.

    Why: a model cannot own a model, and a system cannot be a fallback.
    Fix: refer to a card of the expected kind, as the hint proposes.
    """,
)
NEAR_TYPE = Rule(
    "MB103",
    "unusual-resource-type",
    Severity.WARNING,
    """Checks that the type of a resource without a card is a known one.

    Why: `topc:orders.v1` is another node than `topic:orders.v1`, and breaks the chain between systems.
    Fix: correct the type as the hint proposes, or write a card for the resource if the type is correct.
    """,
)
UNCHECKED = Rule(
    "MB105",
    "unchecked-reference",
    Severity.INFO,
    """Checks that the cards to which references may point can be read.

    Why: a reference cannot be resolved as long as its card cannot be read. It is counted here instead of being reported
    as an error.
    Fix: fix the errors of the file first, then run the check again.
    """,
)

RULES = (DANGLING, WRONG_KIND, NEAR_TYPE, UNCHECKED)
