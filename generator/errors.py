"""Wrong use of the tool, as opposed to a mistake in a card (a Finding) or a bug of ours (a traceback)."""


class UserError(Exception):
    """One line that says what is wrong and what to do next; the command line prints it and exits with 2."""
