"""From a typed picture to SVG and PNG."""
