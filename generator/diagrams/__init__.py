"""Diagrams as SVG and PNG.

`render_svg(diagram)` is for pages of the site, whose stylesheet includes STYLESHEET. `render_png(svg)` in `png`, which
pages do not need, converts the SVG of a page for Confluence.
"""

from generator.diagrams.diagram import (
    BurnDownChart,
    DatedCount,
    Diagram,
    DiagramEdge,
    DiagramGroup,
    DiagramNode,
    GraphDiagram,
    TieredDiagram,
    Timeline,
    TimelineRow,
    UseLine,
    UseMap,
)
from generator.diagrams.graphviz import Graphviz, open_graphviz
from generator.diagrams.render import RENDERER_VERSION, render_svg, render_svg_file
from generator.diagrams.stylesheet import STYLESHEET

__all__ = [
    "RENDERER_VERSION",
    "STYLESHEET",
    "BurnDownChart",
    "DatedCount",
    "Diagram",
    "DiagramEdge",
    "DiagramGroup",
    "DiagramNode",
    "GraphDiagram",
    "Graphviz",
    "TieredDiagram",
    "Timeline",
    "TimelineRow",
    "UseLine",
    "UseMap",
    "open_graphviz",
    "render_svg",
    "render_svg_file",
]
