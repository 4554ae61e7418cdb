"""Every colour, once: the site's light and dark scheme, and the PNG's, come from this table."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tint:
    """The three colours of a kind: its ground, its outline, and its small text on that ground."""

    fill: str
    line: str
    ink: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """Light or dark. `paper` is the page's own background: text on it is haloed, never boxed."""

    paper: str
    ink: str
    muted: str
    line: str
    tints: Mapping[str, Tint]

    def variables(self) -> Mapping[str, str]:
        """Each colour by the name of its CSS variable, without the prefix."""
        single = {"paper": self.paper, "ink": self.ink, "muted": self.muted, "line": self.line}
        parts = ("fill", "line", "ink")
        return single | {
            f"{family}-{part}": getattr(tint, part) for family, tint in self.tints.items() for part in parts
        }


LIGHT = Scheme(
    paper="#ffffff",
    ink="#1d2430",
    muted="#545d6b",
    line="#7b8594",
    tints={
        "model": Tint("#eceefb", "#5361c9", "#3a47a5"),
        "system": Tint("#f1f3f6", "#6b7787", "#48535f"),
        "team": Tint("#fcf3e0", "#a8711a", "#7d520e"),
        "person": Tint("#fdeef3", "#b84e76", "#94305a"),
        "flow": Tint("#e3f5f2", "#27877c", "#15605a"),
        "experiment": Tint("#f4ecfa", "#8a4db2", "#6d3594"),
        "migration": Tint("#fdefe5", "#bb5c25", "#8f420d"),
        "data": Tint("#e7f2fa", "#377fb2", "#1f5c87"),
        "group": Tint("#f8f9fb", "#c3c9d2", "#545d6b"),
        "alarm": Tint("#fdebea", "#c93a35", "#a3221e"),
    },
)

DARK = Scheme(
    paper="#1e2129",
    ink="#eceff4",
    muted="#abb3c0",
    line="#828c9c",
    tints={
        "model": Tint("#2c3264", "#8c98ee", "#c3caff"),
        "system": Tint("#313742", "#8793a4", "#c3ccd8"),
        "team": Tint("#413317", "#c9963f", "#efcb8b"),
        "person": Tint("#46263a", "#d67a9e", "#f5b7cd"),
        "flow": Tint("#173d3b", "#4aaea2", "#98dfd5"),
        "experiment": Tint("#3a2850", "#b07fd6", "#dcbdf5"),
        "migration": Tint("#472b1a", "#d9834c", "#f7bd98"),
        "data": Tint("#1d3a52", "#5ba3d6", "#a9d5f5"),
        "group": Tint("#252933", "#474e5c", "#abb3c0"),
        "alarm": Tint("#4b2325", "#e9726c", "#ffb4af"),
    },
)
