"""The codes of templates: what is wrong with a page's own text."""

from generator.findings import Rule, Severity

TEMPLATE_SYNTAX = Rule(
    "MB081",
    "template-syntax",
    Severity.ERROR,
    """A template is well-formed Jinja.

    Why: a page cannot be made from it.
    Fix: mend the line that is named; a tag is not closed, or a filter does not exist.
    """,
)
TEMPLATE_MISTAKE = Rule(
    "MB082",
    "template-mistake",
    Severity.ERROR,
    """A template uses only what its page offers; what is undefined is an error, never an empty place.

    Why: an empty place in a page looks like a gap in the card.
    Fix: use the name that the hint offers; the page about templates lists what each page has.
    """,
)

RULES = (TEMPLATE_SYNTAX, TEMPLATE_MISTAKE)
