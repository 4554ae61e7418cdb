"""Findings about values that come through an alias: at the alias, with the place of the anchor."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from generator.findings import Finding, Position
from generator.load.nodes import Document


def index_anchors(documents: Iterable[Document]) -> dict[Position, Position]:
    """Return the place of the anchor for the place of each alias."""
    return {
        document.position(alias): document.position(anchor)
        for document in documents
        for alias, anchor in document.anchors.items()
    }


def add_anchor_places(findings: Iterable[Finding], anchors: Mapping[Position, Position]) -> list[Finding]:
    """Name the anchor in the hint of each finding whose place is an alias."""
    if not anchors:
        return list(findings)
    return [_add_place(finding, anchors.get(finding.position)) for finding in findings]


def _add_place(finding: Finding, anchor: Position | None) -> Finding:
    if anchor is None:
        return finding
    place = f"the anchor is at {anchor}"
    return replace(finding, hint=f"{finding.hint.removesuffix('.')}; {place}" if finding.hint else place)
