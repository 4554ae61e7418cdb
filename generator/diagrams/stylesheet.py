"""The look of every picture as CSS: with variables for the site, with the light colours put in for PNG."""

from collections.abc import Callable, Iterator, Mapping

from generator.diagrams.metrics import FONTS
from generator.diagrams.palette import DARK, LIGHT, Scheme

FONT_FAMILY = '"Liberation Sans", Arial, Helvetica, sans-serif'
"""Fonts with the widths that the layout counted on; the first is the one shipped for PNG."""

_ALARMING = ("missing", "overdue", "rolled-back", "retired")
_TENTATIVE = ("missing", "retired", "deprecated", "planned", "draft")


def _rules(colour: Callable[[str], str]) -> Iterator[str]:
    """What both the browser and the rasteriser understand: classes and plain properties."""
    yield f".mb-picture text{{font-family:{FONT_FAMILY};text-anchor:middle;fill:{colour('ink')}}}"
    for font in FONTS:
        weight = 700 if font.bold else 400
        yield f".mb-picture .mb-{font.name}{{font-size:{font.size}px;font-weight:{weight}}}"
    yield f".mb-picture .mb-note{{fill:{colour('muted')}}}"
    yield from _node_rules(colour)
    yield from _edge_rules(colour)
    yield from _group_rules(colour)
    yield from _timeline_rules(colour)
    yield from _burndown_rules(colour)


def _node_rules(colour: Callable[[str], str]) -> Iterator[str]:
    yield ".mb-shape{stroke-width:1.25;stroke-linejoin:round}"
    for family in LIGHT.tints:
        yield f".mb-{family} .mb-shape{{fill:{colour(f'{family}-fill')};stroke:{colour(f'{family}-line')}}}"
        yield f".mb-picture .mb-{family} .mb-caption{{fill:{colour(f'{family}-ink')}}}"
        yield f".mb-state-focus.mb-{family} .mb-shape{{fill:{colour(f'{family}-ink')};stroke-width:2}}"
    for font in FONTS:
        yield f".mb-picture .mb-state-focus .mb-{font.name}{{fill:{colour('paper')}}}"
    for state in _ALARMING:
        yield f".mb-state-{state} .mb-shape{{stroke:{colour('alarm-line')}}}"
    for state in _TENTATIVE:
        yield f".mb-state-{state} .mb-shape{{stroke-dasharray:5 3}}"


def _edge_rules(colour: Callable[[str], str]) -> Iterator[str]:
    yield f".mb-route{{fill:none;stroke:{colour('line')};stroke-width:1.4}}"
    yield f".mb-head{{fill:{colour('line')}}}"
    halo = f"paint-order:stroke;stroke:{colour('paper')};stroke-width:4px;stroke-linejoin:round"
    yield f".mb-picture .mb-edge text{{{halo}}}"
    yield ".mb-rel-publishes .mb-route,.mb-rel-consumes .mb-route{stroke-dasharray:6 4}"
    yield ".mb-rel-fallback .mb-route{stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:2}"


def _group_rules(colour: Callable[[str], str]) -> Iterator[str]:
    fill, line, ink = (colour(f"group-{part}") for part in ("fill", "line", "ink"))
    yield f".mb-frame{{fill:{fill};stroke:{line};stroke-width:1}}"
    halo = f"paint-order:stroke;stroke:{fill};stroke-width:4px;stroke-linejoin:round"
    yield f".mb-picture .mb-heading{{fill:{ink};text-anchor:start;{halo}}}"


def _timeline_rules(colour: Callable[[str], str]) -> Iterator[str]:
    yield f".mb-grid{{stroke:{colour('group-line')};stroke-width:1}}"
    yield f".mb-today{{stroke:{colour('alarm-line')};stroke-width:1.5;stroke-dasharray:4 3}}"
    yield ".mb-picture .mb-row text{text-anchor:start}"
    yield f".mb-row .mb-shape{{fill:{colour('model-line')};stroke:{colour('model-line')}}}"
    for state in (*_TENTATIVE, *_ALARMING):
        yield f".mb-row.mb-state-{state} .mb-shape{{fill:{colour('paper')}}}"
    for state in _ALARMING:
        yield f".mb-row.mb-state-{state} .mb-shape{{stroke:{colour('alarm-line')}}}"


def _burndown_rules(colour: Callable[[str], str]) -> Iterator[str]:
    yield f".mb-area{{fill:{colour('model-fill')}}}"
    yield f".mb-course{{fill:none;stroke:{colour('model-line')};stroke-width:2;stroke-linejoin:round}}"
    yield ".mb-picture .mb-scale text{text-anchor:end}"
    yield ".mb-picture .mb-value text{text-anchor:start}"


def _declarations(scheme: Scheme) -> str:
    return ";".join(f"--mb-{name}:{value}" for name, value in scheme.variables().items())


def _site() -> Iterator[str]:
    yield f".mb-diagram{{{_declarations(LIGHT)}}}"
    yield f"[data-md-color-scheme=slate] .mb-diagram{{{_declarations(DARK)}}}"
    yield ".mb-diagram{overflow-x:auto;margin:1em 0}"
    yield ".mb-picture{display:block;margin:0 auto;max-width:100%;height:auto}"
    yield ".mb-picture text{unicode-bidi:plaintext}"
    yield ".mb-picture a{text-decoration:none;cursor:pointer}"
    yield ".mb-picture a:hover text,.mb-picture a:focus-visible text{text-decoration:underline}"
    yield ".mb-picture a:hover .mb-shape,.mb-picture a:focus-visible .mb-shape{stroke-width:3}"
    yield from _rules(lambda name: f"var(--mb-{name})")


def _baked(colours: Mapping[str, str]) -> Iterator[str]:
    yield from _rules(lambda name: colours[name])


STYLESHEET = "\n".join(_site()) + "\n"
"""For the site: follows Material's palette toggle through CSS variables; asks for no font and no file."""

PRINTED = "\n".join(_baked(LIGHT.variables()))
"""For PNG: the rasteriser knows no variables, so the light colours stand in their places."""
PNG_BACKGROUND = LIGHT.paper
