"""Fuzzing with mutated cards, imported documents and sample calls. A seed repeats a run."""
