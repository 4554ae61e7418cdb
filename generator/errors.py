"""Usage errors. Errors in cards are findings; bugs in Modelbook are tracebacks."""


class UserError(Exception):
    """A usage error as one line: the problem and the fix. The command line prints it and exits with status 2."""
