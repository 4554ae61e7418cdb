import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from generator.diagrams import STYLESHEET, Picture, Timeline, digest, svg
from generator.diagrams.fingerprint import RENDERER
from generator.diagrams.stylesheet import PRINTED
from tests.diagrams.pictures import FLOW, WAVES, star

NUMBERS = Path(__file__).parent / "golden" / "renderer.json"


def test_what_is_drawn_changes_only_with_the_renderer_number(golden):
    drawn = [svg(FLOW), svg(WAVES), svg(star(3)), STYLESHEET, PRINTED]
    shown = hashlib.sha256("".join(drawn).encode()).hexdigest()
    # A failure here means: raise RENDERER, so that kept drawings are made anew, then `make golden`.
    golden(NUMBERS, json.dumps({"renderer": RENDERER, "drawn": shown}, indent=1) + "\n")


def test_equal_pictures_have_equal_digests():
    assert digest(FLOW) == digest(replace(FLOW, nodes=tuple(FLOW.nodes)))
    assert len(digest(FLOW)) == 64


def test_every_part_counts():
    node, edge, group = FLOW.nodes[0], FLOW.edges[0], FLOW.groups[0]
    changed: list[Picture | Timeline] = [
        replace(FLOW, title="x"),
        replace(FLOW, description="x"),
        replace(FLOW, nodes=FLOW.nodes[::-1]),
        replace(FLOW, edges=FLOW.edges[1:]),
        replace(FLOW, groups=(*FLOW.groups, replace(group, id="x"))),
        *(
            replace(FLOW, nodes=(replace(node, **{part: "x"}), *FLOW.nodes[1:]))
            for part in ("label", "kind", "href", "note", "state")
        ),
        *(
            replace(FLOW, edges=(replace(edge, **{part: "x"}), *FLOW.edges[1:]))
            for part in ("label", "relation", "href")
        ),
        WAVES,
        replace(WAVES, today=None),
        replace(WAVES, rows=(replace(WAVES.rows[0], end=date(2026, 10, 6)), *WAVES.rows[1:])),
    ]
    assert len({digest(picture) for picture in (FLOW, *changed)}) == len(changed) + 1


def test_any_text_has_a_digest():
    assert digest(replace(FLOW, title="\ud800\x00")) != digest(FLOW)
