"""JSON Pointers (RFC 6901): where in data a value stands, as text."""


def pointer(steps: tuple[str | int, ...]) -> str:
    """The JSON Pointer of the steps that lead to a value; "" is the whole."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def pointer_steps(text: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer; what stands before its first slash is passed over."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])
