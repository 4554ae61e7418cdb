"""From a typed picture to SVG and PNG.

`svg(picture)` is for the site, whose stylesheet holds STYLESHEET; `png_of_svg` makes what Confluence shows
out of what the site shows. Coordinates come from Graphviz, everything that is seen from here.
"""

from generator.diagrams.draw import svg
from generator.diagrams.fingerprint import digest
from generator.diagrams.graphviz import Graphviz, open_graphviz
from generator.diagrams.inline import links_of_svg
from generator.diagrams.picture import Burndown, Drawing, Edge, Group, Measure, Node, Picture, Row, Tiers, Timeline
from generator.diagrams.raster import png, png_of_svg
from generator.diagrams.scatter import positions
from generator.diagrams.stylesheet import STYLESHEET

__all__ = [
    "STYLESHEET",
    "Burndown",
    "Drawing",
    "Edge",
    "Graphviz",
    "Group",
    "Measure",
    "Node",
    "Picture",
    "Row",
    "Tiers",
    "Timeline",
    "digest",
    "links_of_svg",
    "open_graphviz",
    "png",
    "png_of_svg",
    "positions",
    "svg",
]
