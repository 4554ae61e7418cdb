"""Precision and recall on samples that were written before the rules.

On its first run the held-out half gave 36 of 37 secrets and one false alarm (precision 0.97, recall 0.97): a webhook of
a tenant called "example" looked like a placeholder, and a segment of an ARN like a value. Both are fixed in general, so
the half is no longer unseen. On the curl cases of another scanner's tests, which are not kept here, the rules first
found 22 of 27 secrets with 2 false alarms in 41 clean texts (0.92 and 0.81), and 25 without false alarms after general
fixes.
"""

import sys

import pytest

from generator.secrets.redaction import redact
from generator.secrets.scanner import find_secrets
from tests.secrets.samples import Sample, load

FILES = ("tuned.yml", "held_out.yml")


def found(sample: Sample) -> int:
    """How many of the marked secrets are wholly covered."""
    secrets = find_secrets(sample.text)
    return sum(any(one.start <= start and end <= one.end for one in secrets) for start, end in sample.secrets)


def false_alarms(sample: Sample) -> list[str]:
    """What is called a secret and touches no marked one."""
    return [
        sample.text[one.start : one.end]
        for one in find_secrets(sample.text)
        if not any(one.start < end and start < one.end for start, end in sample.secrets)
    ]


@pytest.mark.parametrize("file", FILES)
def test_precision_and_recall(file, record_property, capsys):
    samples = load(file)
    true = sum(map(found, samples))
    false = sum(len(false_alarms(sample)) for sample in samples)
    marked = sum(len(sample.secrets) for sample in samples)
    precision, recall = true / (true + false), true / marked
    with capsys.disabled():
        sys.stdout.write(f"\n{file}: {len(samples)} samples, {marked} secrets, {precision=:.3f}, {recall=:.3f}\n")
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision >= 0.95, [(sample.name, false_alarms(sample)) for sample in samples if false_alarms(sample)]
    assert recall >= 0.9, [sample.name for sample in samples if found(sample) < len(sample.secrets)]


def test_half_of_the_samples_are_clean():
    samples = [sample for file in FILES for sample in load(file)]
    clean = sum(not sample.secrets for sample in samples)
    assert len(samples) >= 120
    assert 0.4 <= clean / len(samples) <= 0.6
    assert len({sample.name for sample in samples}) == len(samples)


@pytest.mark.parametrize("sample", [sample for file in FILES for sample in load(file)], ids=lambda sample: sample.name)
def test_redaction_removes_the_secret_and_keeps_the_rest(sample):
    redacted = redact(sample.text)
    assert redact(redacted) == redacted
    if found(sample) < len(sample.secrets) or false_alarms(sample):
        return  # counted above
    assert not any(sample.text[start:end] in redacted for start, end in sample.secrets)
    rest: list[str] = []
    position = 0
    for start, end in sample.secrets:
        rest, position = [*rest, sample.text[position:start]], end
    for piece in [*rest, sample.text[position:]]:
        assert piece.strip("'\"") in redacted
