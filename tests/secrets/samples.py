"""Samples of secrets and of innocent text."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and the stretches of it that are secrets; none in a clean one."""

    name: str
    text: str
    secrets: tuple[tuple[int, int], ...]


def load(file: str) -> list[Sample]:
    """Read the samples of a file; `⟦…⟧` and `¦` are explained at its top."""
    entries = yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return [_sample(entry["name"], entry["text"].replace("¦", "")) for entry in entries]


def _sample(name: str, marked: str) -> Sample:
    text, spans, start = "", [], 0
    for character in marked:
        if character == "⟦":
            start = len(text)
        elif character == "⟧":
            spans.append((start, len(text)))
        else:
            text += character
    return Sample(name, text, tuple(spans))
