"""The colours of diagrams and their stylesheets: with CSS variables for the site, with light colours for PNG."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.diagrams.text import FONTS

_FONT_FAMILY = '"Liberation Sans", Arial, Helvetica, sans-serif'
"""Fonts with equal widths; the first is shipped for PNG."""
_ALARMING = ("missing", "overdue", "rolled-back", "retired")
_TENTATIVE = ("missing", "retired", "deprecated", "planned", "draft")


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of a kind: its background, its outline, and its small text on the background."""

    fill: str
    line: str
    ink: str


@dataclass(frozen=True, slots=True)
class ColourScheme:
    """Light or dark colours. `paper` is the background of the page, which surrounds text on the page as a halo."""

    paper: str
    ink: str
    muted: str
    line: str
    tints: Mapping[str, Tint]

    def to_variables(self) -> Mapping[str, str]:
        """Return each colour by the name of its CSS variable, without the prefix."""
        variables = {"paper": self.paper, "ink": self.ink, "muted": self.muted, "line": self.line}
        for family, tint in self.tints.items():
            variables |= {f"{family}-fill": tint.fill, f"{family}-line": tint.line, f"{family}-ink": tint.ink}
        return variables


LIGHT = ColourScheme(
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

DARK = ColourScheme(
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


def _list_site_rules() -> Iterator[str]:
    for selector, scheme in ((".mb-diagram", LIGHT), ("[data-md-color-scheme=slate] .mb-diagram", DARK)):
        declarations = ";".join(f"--mb-{name}:{value}" for name, value in scheme.to_variables().items())
        yield f"{selector}{{{declarations}}}"
    yield ".mb-diagram{overflow-x:auto;margin:1em 0}"
    yield ".mb-picture{display:block;margin:0 auto;max-width:100%;height:auto}"
    yield ".mb-picture text{unicode-bidi:plaintext}"
    yield ".mb-picture a{text-decoration:none;cursor:pointer}"
    yield ".mb-picture a:hover text,.mb-picture a:focus-visible text{text-decoration:underline}"
    yield ".mb-picture a:hover .mb-shape,.mb-picture a:focus-visible .mb-shape{stroke-width:3}"
    yield from _list_rules({name: f"var(--mb-{name})" for name in LIGHT.to_variables()})


def _list_rules(colours: Mapping[str, str]) -> Iterator[str]:
    """Yield the rules for browsers and for the PNG renderer, which supports only classes and plain properties."""
    yield f".mb-picture text{{font-family:{_FONT_FAMILY};text-anchor:middle;fill:{colours['ink']}}}"
    for font in FONTS:
        weight = 700 if font.bold else 400
        yield f".mb-picture .mb-{font.name}{{font-size:{font.size}px;font-weight:{weight}}}"
    yield f".mb-picture .mb-note{{fill:{colours['muted']}}}"
    yield from _list_graph_rules(colours)
    yield from _list_chart_rules(colours)


def _list_graph_rules(colours: Mapping[str, str]) -> Iterator[str]:
    yield ".mb-shape{stroke-width:1.25;stroke-linejoin:round}"
    for family in LIGHT.tints:
        fill, line, ink = (colours[f"{family}-{part}"] for part in ("fill", "line", "ink"))
        yield f".mb-{family} .mb-shape{{fill:{fill};stroke:{line}}}"
        yield f".mb-picture .mb-{family} .mb-caption{{fill:{ink}}}"
        yield f".mb-state-focus.mb-{family} .mb-shape{{fill:{ink};stroke-width:2}}"
    for font in FONTS:
        yield f".mb-picture .mb-state-focus .mb-{font.name}{{fill:{colours['paper']}}}"
    for state in _ALARMING:
        yield f".mb-state-{state} .mb-shape{{stroke:{colours['alarm-line']}}}"
    for state in _TENTATIVE:
        yield f".mb-state-{state} .mb-shape{{stroke-dasharray:5 3}}"
    halo = "paint-order:stroke;stroke:{};stroke-width:4px;stroke-linejoin:round"
    yield f".mb-route{{fill:none;stroke:{colours['line']};stroke-width:1.4}}"
    yield f".mb-head{{fill:{colours['line']}}}"
    yield f".mb-picture .mb-edge text{{{halo.format(colours['paper'])}}}"
    yield ".mb-rel-publishes .mb-route,.mb-rel-consumes .mb-route{stroke-dasharray:6 4}"
    yield ".mb-rel-fallback .mb-route{stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:2}"
    fill, line, ink = (colours[f"group-{part}"] for part in ("fill", "line", "ink"))
    yield f".mb-frame{{fill:{fill};stroke:{line};stroke-width:1}}"
    yield f".mb-picture .mb-heading{{fill:{ink};text-anchor:start;{halo.format(fill)}}}"


def _list_chart_rules(colours: Mapping[str, str]) -> Iterator[str]:
    yield f".mb-grid{{stroke:{colours['group-line']};stroke-width:1}}"
    yield f".mb-today{{stroke:{colours['alarm-line']};stroke-width:1.5;stroke-dasharray:4 3}}"
    yield ".mb-picture .mb-row text{text-anchor:start}"
    yield f".mb-row .mb-shape{{fill:{colours['model-line']};stroke:{colours['model-line']}}}"
    for state in (*_TENTATIVE, *_ALARMING):
        yield f".mb-row.mb-state-{state} .mb-shape{{fill:{colours['paper']}}}"
    for state in _ALARMING:
        yield f".mb-row.mb-state-{state} .mb-shape{{stroke:{colours['alarm-line']}}}"
    yield f".mb-area{{fill:{colours['model-fill']}}}"
    yield f".mb-course{{fill:none;stroke:{colours['model-line']};stroke-width:2;stroke-linejoin:round}}"
    yield ".mb-picture .mb-scale text{text-anchor:end}"
    yield ".mb-picture .mb-value text{text-anchor:start}"


STYLESHEET = "\n".join(_list_site_rules()) + "\n"
"""For the site: follows Material's palette toggle through CSS variables, and loads no font and no file."""

PNG_STYLESHEET = "\n".join(_list_rules(LIGHT.to_variables()))
"""For PNG: the renderer does not support variables, so the rules have the light colours."""
PNG_BACKGROUND = LIGHT.paper
