"""Where chains of references end: fallback of fallback, successor of successor."""

from collections.abc import Mapping


def ends(following: Mapping[str, str]) -> dict[str, str | None]:
    """For each start the last of its chain; itself where it stands on a circle, None where it leads into one.

    Every link is followed once, however long the chains are.
    """
    found: dict[str, str | None] = {}
    for start in following:
        way: dict[str, None] = {}
        here = start
        while here in following and here not in found and here not in way:
            way[here] = None
            here = following[here]
        if here in way:
            circle = list(way)[list(way).index(here) :]
            found |= {each: each for each in circle}
        on_circle = found.get(here) == here
        end = None if on_circle else found.get(here, here)
        found |= dict.fromkeys((each for each in way if each not in found), end)
    return found
